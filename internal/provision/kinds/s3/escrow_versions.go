package s3

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/crypto/ssh"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The rotation of a client's key: the object gets a new version with the new key, and the
// versions with the old one stay as long as a host lets it in.

// Fingerprint is that of the public key, as OpenSSH writes it: "SHA256:…".
func (e *Escrow) Fingerprint() string { return e.fingerprint }

// Object is where the private key is: the key of the object in the admin bucket.
func (e *Escrow) Object() string { return e.key }

// Encryption is how S3 encrypts it: "aws:kms" and the ARN of the KMS key.
func (e *Escrow) Encryption() string { return e.encryption }

// Since is when the current version was written.
func (e *Escrow) Since() time.Time { return e.modified }

// Rotate gives a client another key, as long as the escrow has the one that e tells of. The old
// one is kept as an earlier version. The error is awsapi.Exists when somebody else was first.
func (e *Escrow) Rotate(ctx context.Context, s *provision.Scope) (*Escrow, error) {
	next := &Escrow{key: e.key, tags: e.tags, keyARN: e.keyARN, Replaces: e.fingerprint}
	return next, next.put(ctx, s, &s3.PutObjectInput{IfMatch: &e.etag})
}

// OldKey is a key that a client had before, with the versions of the object that hold it.
type OldKey struct {
	Fingerprint string
	Replaced    time.Time // when the next one came
	versions    []string  // the newest first
}

// OldKeys are the keys that the escrow still has beside the current one, the latest first.
func (e *Escrow) OldKeys(ctx context.Context, s *provision.Scope) ([]OldKey, error) {
	bucket := aws.String(rules.AdminBucketName(s.Account, s.Home().Region))
	p := s3.NewListObjectVersionsPaginator(s.Home().S3, &s3.ListObjectVersionsInput{Bucket: bucket, Prefix: &e.key})
	all, err := kit.All(ctx, p, func(o *s3.ListObjectVersionsOutput) []s3types.ObjectVersion { return o.Versions })
	if err != nil {
		return nil, lang.Errorf("list the versions of %s: %w", e.key, err)
	}
	// Others may begin with the same text.
	all = slices.DeleteFunc(all, func(v s3types.ObjectVersion) bool { return aws.ToString(v.Key) != e.key })
	slices.SortStableFunc(all, func(a, b s3types.ObjectVersion) int {
		return aws.ToTime(b.LastModified).Compare(aws.ToTime(a.LastModified))
	})
	var out []OldKey
	next := e.modified
	for _, v := range all {
		was := aws.ToTime(v.LastModified)
		if !aws.ToBool(v.IsLatest) {
			fingerprint, err := fingerprintOf(ctx, s, bucket, &e.key, v.VersionId)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(out, func(k OldKey) bool { return k.Fingerprint == fingerprint })
			switch {
			case fingerprint == e.fingerprint: // of the same key
			case i >= 0:
				out[i].versions = append(out[i].versions, aws.ToString(v.VersionId))
			default:
				out = append(out, OldKey{fingerprint, next, []string{aws.ToString(v.VersionId)}})
			}
		}
		next = was
	}
	return out, nil
}

// fingerprintOf is what a version tells of its key. Where it does not, the key itself is read,
// which stays in memory.
func fingerprintOf(ctx context.Context, s *provision.Scope, bucket, key, version *string) (string, error) {
	head, err := s.Home().S3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key, VersionId: version})
	if err != nil {
		return "", lang.Errorf("read version %s of %s: %w", aws.ToString(version), *key, err)
	}
	if told := head.Metadata[metaFingerprint]; told != "" {
		return told, nil
	}
	data, err := readKey(ctx, s, bucket, key, version)
	if err != nil {
		return "", err
	}
	public, err := publicOf(data)
	if err != nil {
		return "", lang.Errorf("version %s of %s: %w", aws.ToString(version), *key, err)
	}
	of, err := ssh.NewPublicKey(public)
	if err != nil {
		return "", lang.Errorf("version %s of %s: %w", aws.ToString(version), *key, err)
	}
	return ssh.FingerprintSHA256(of), nil
}

// Forget removes old keys for good, with all versions that hold them.
func (e *Escrow) Forget(ctx context.Context, s *provision.Scope, old []OldKey) error {
	var ids []s3types.ObjectIdentifier
	for _, k := range old {
		for _, version := range k.versions {
			ids = append(ids, s3types.ObjectIdentifier{Key: &e.key, VersionId: aws.String(version)})
		}
	}
	return deleteVersions(ctx, s.Home().S3, rules.AdminBucketName(s.Account, s.Home().Region), ids)
}

// Private reads the private key, PKCS#8 in PEM: the current one, or that of an old key. KMS
// lets nobody but the admins do that.
func (e *Escrow) Private(ctx context.Context, s *provision.Scope, old *OldKey) ([]byte, error) {
	var version *string
	if old != nil {
		version = &old.versions[0]
	}
	return readKey(ctx, s, aws.String(rules.AdminBucketName(s.Account, s.Home().Region)), &e.key, version)
}

func readKey(ctx context.Context, s *provision.Scope, bucket, key, version *string) (data []byte, err error) {
	out, err := s.Home().S3.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, VersionId: version})
	if err != nil {
		return nil, lang.Errorf("read %s in the admin bucket: %w", *key, err)
	}
	defer func() { err = errors.Join(err, out.Body.Close()) }()
	return io.ReadAll(out.Body)
}
