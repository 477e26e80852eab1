package s3

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/crypto/ssh"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kms"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Escrow is a client's private key in the admin bucket. The object's metadata
// tells the public key, so that nobody has to read the private one for it.
type Escrow struct {
	key         string // of the object
	tags        provision.Tags
	etag        string
	encryption  string
	private     string // readable, or why not
	Public      string // "ssh-rsa AAAA…", without a comment
	fingerprint string
	Replaces    string // the fingerprint of the key before it, after a rotation
	keyARN      string // of KMS
	modified    time.Time
}

// Metadata of an escrowed key.
const (
	metaPublic      = "public-key"
	metaFingerprint = "fingerprint"
	metaReplaces    = "replaces"
)

// EscrowKind is the client's RSA key, escrowed before EC2 hears of it. The key
// is made here and goes nowhere but into the admin bucket, once its policy keeps
// everybody but the admins out.
func EscrowKind() *provision.Type {
	return provision.Define(provision.Kind[string, *Escrow]{
		Name:      "s3/escrow",
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[string, *Escrow]{Free: freeEscrow},
		Impact:    provision.Impact[*Escrow]{Losses: escrowLosses},
		DependsOn: provision.Ready("s3/bucket", "kms/key"),
		Data:      provision.Data[*Escrow]{Policy: provision.Retain},
		Want:      kit.OneOf("ssh", func(s *provision.Scope) string { return rules.EscrowKey(s.Client, s.Region) }),
		List:      listEscrows,
		ID:        func(e *Escrow) string { return e.key },
		Tags:      func(e *Escrow) provision.Tags { return e.tags },
		Naming: provision.Naming[string, *Escrow]{
			Key:   func(e *Escrow) string { return e.key },
			KeyOf: func(_ *provision.Scope, key string) string { return key },
			// An object has ten tags at most (S3 user guide, "Categorizing your objects using
			// tags"), and these tell nothing of costs.
			OwnTags: true,
		},
		Facts:  func(e *Escrow) []provision.Fact { return []provision.Fact{{Name: "fingerprint", Value: e.fingerprint}} },
		Create: createEscrow,
		Delete: deleteEscrow,
		Retag: func(ctx context.Context, s *provision.Step, e *Escrow, tags provision.Tags) error {
			return kit.Do(ctx, s.Home().S3.PutObjectTagging, &s3.PutObjectTaggingInput{
				Bucket: adminBucket(s), Key: &e.key, Tagging: &s3types.Tagging{TagSet: mergeS3Tags(e.tags, tags)},
			})
		},
		Fields: []provision.Field[string, *Escrow]{
			{
				Name: "private key",
				Want: func(*provision.Step, string) string { return readable },
				Have: func(e *Escrow) string { return e.private },
				Fix:  lang.Text("only the KMS key that it was encrypted with opens it: cancel that key's deletion and enable it (aws kms cancel-key-deletion, aws kms enable-key); if that is too late, delete the object and the EC2 key pair, and run again for a new key"),
			},
			{
				Name: "encryption",
				Want: func(s *provision.Step, _ string) string { return sealedWith(s.ID("kms/key", "admin")) },
				Have: func(e *Escrow) string { return e.encryption },
				Set: func(ctx context.Context, s *provision.Step, _ string, e *Escrow) error {
					return rewrite(ctx, s, e, s3types.MetadataDirectiveCopy)
				},
			},
			{
				Name: "public key",
				Want: func(*provision.Step, string) string { return Recorded },
				Have: (*Escrow).Record,
				Set:  recordPublicKey,
			},
		},
	})
}

// sealedWith is the text of an object's encryption with a KMS key.
func sealedWith(keyARN string) string {
	return string(s3types.ServerSideEncryptionAwsKms) + " " + keyARN
}

const readable = "readable"

// Recorded is what is told of the public key of a private key in escrow.
const Recorded = "recorded beside the private key"

// Record says whether the metadata tells the public key.
func (e *Escrow) Record() string {
	public, _, _, _, err := ssh.ParseAuthorizedKey([]byte(e.Public))
	switch {
	case e.Public == "":
		return "not recorded"
	case err != nil || ssh.FingerprintSHA256(public) != e.fingerprint:
		return "recorded, but not as its fingerprint has it"
	}
	return Recorded
}

func adminBucket(s *provision.Step) *string {
	return aws.String(rules.AdminBucketName(s.Account, s.Home().Region))
}

// listEscrows looks at the keys of the clients in question by their names, or at
// all of the region. Without the bucket, or its objects, there is none.
func listEscrows(ctx context.Context, w *provision.Sweep) ([]*Escrow, error) {
	keys := kit.Texts(w.Clients, func(client string) string { return rules.EscrowKey(client, w.Region) })
	if len(w.Clients) == 0 {
		bucket := aws.String(rules.AdminBucketName(w.Account, w.Home.Region))
		p := s3.NewListObjectsV2Paginator(w.Home.S3, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: aws.String("keys/" + w.Region + "/")})
		all, err := kit.All(ctx, p, func(o *s3.ListObjectsV2Output) []s3types.Object { return o.Contents })
		if awsapi.IgnoreNotFound(err) != nil {
			return nil, err
		}
		keys = kit.Texts(all, func(o s3types.Object) string { return aws.ToString(o.Key) })
	}
	return kit.Gather(ctx, keys, func(ctx context.Context, key string) (*Escrow, error) { return readEscrow(ctx, w, key) })
}

// EscrowOf is a client's private key in the admin bucket, without the key. The error is NotFound
// where there is none.
func EscrowOf(ctx context.Context, w *provision.Sweep, client string) (*Escrow, error) {
	return readEscrow(ctx, w, rules.EscrowKey(client, w.Region))
}

// readEscrow asks for everything but the private key, once per sweep.
func readEscrow(ctx context.Context, w *provision.Sweep, key string) (*Escrow, error) {
	return provision.Shared(w, "escrow "+key, func() (*Escrow, error) {
		e := &Escrow{key: key}
		return e, e.read(ctx, w, aws.String(rules.AdminBucketName(w.Account, w.Home.Region)))
	})
}

// read asks for everything but the private key.
func (e *Escrow) read(ctx context.Context, w *provision.Sweep, bucket *string) error {
	head, err := w.Home.S3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: &e.key})
	if err != nil {
		return err
	}
	e.etag, e.encryption, e.private = aws.ToString(head.ETag), string(head.ServerSideEncryption), readable
	e.modified = aws.ToTime(head.LastModified)
	if id := aws.ToString(head.SSEKMSKeyId); id != "" {
		e.encryption, e.keyARN = sealedWith(id), id
	}
	if id := e.keyARN; id != "" && !w.Removing && !w.Looking { // whether it can still be read
		about, err := kms.DescribeKey(ctx, w, w.Home.KMS, id)
		switch {
		case awsapi.Is(err, awsapi.NotFound):
			e.private = "lost: its KMS key " + id + " is gone"
		case err != nil:
			return err
		case about.KeyState == kmstypes.KeyStatePendingDeletion:
			e.private = "about to be lost: its KMS key " + id + " waits for its deletion"
		}
	}
	e.Public, e.fingerprint, e.Replaces = head.Metadata[metaPublic], head.Metadata[metaFingerprint], head.Metadata[metaReplaces]
	tagging, err := w.Home.S3.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: bucket, Key: &e.key})
	if err != nil {
		return err
	}
	e.tags = Tags.Of(tagging.TagSet)
	return nil
}

// createEscrow makes the key and puts it, unless another run was first: an
// escrowed key is overwritten by its rotation alone, which keeps it as a version.
func createEscrow(ctx context.Context, s *provision.Step, key string) (*Escrow, error) {
	e := &Escrow{key: key, tags: s.Tags, keyARN: s.ID("kms/key", "admin")}
	return e, e.put(ctx, s.Scope, &s3.PutObjectInput{IfNoneMatch: aws.String("*")})
}

// rewrite lets S3 write the object over itself, encrypted with the admin key. The
// private key does not leave S3, and what was there stays as an earlier version.
func rewrite(ctx context.Context, s *provision.Step, e *Escrow, metadata s3types.MetadataDirective) error {
	in := &s3.CopyObjectInput{
		Bucket: adminBucket(s), Key: &e.key, CopySource: aws.String(*adminBucket(s) + "/" + e.key), CopySourceIfMatch: &e.etag,
		ServerSideEncryption: s3types.ServerSideEncryptionAwsKms, SSEKMSKeyId: aws.String(s.ID("kms/key", "admin")),
		MetadataDirective: metadata, TaggingDirective: s3types.TaggingDirectiveCopy,
	}
	if metadata == s3types.MetadataDirectiveReplace {
		in.Metadata, in.ContentType = e.metadata(), aws.String("application/x-pem-file")
	}
	out, err := s.Home().S3.CopyObject(ctx, in)
	if err != nil {
		return err
	}
	if out.CopyObjectResult != nil {
		e.etag = aws.ToString(out.CopyObjectResult.ETag)
	}
	return nil
}

// recordPublicKey works the public key out from the private one, which stays in
// memory, and writes it beside it again.
func recordPublicKey(ctx context.Context, s *provision.Step, _ string, e *Escrow) (err error) {
	out, err := s.Home().S3.GetObject(ctx, &s3.GetObjectInput{Bucket: adminBucket(s), Key: &e.key})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Body.Close()) }()
	data, err := io.ReadAll(out.Body)
	if err != nil {
		return err
	}
	public, err := publicOf(data)
	if err != nil {
		return lang.Errorf("%s in the admin bucket: %w; restore an earlier version of the object", e.key, err)
	}
	e.etag = aws.ToString(out.ETag)
	if err := e.describe(public); err != nil {
		return err
	}
	return rewrite(ctx, s, e, s3types.MetadataDirectiveReplace)
}

// deleteEscrow deletes all versions of the object.
func deleteEscrow(ctx context.Context, s *provision.Step, e *Escrow) error {
	return dropObject(ctx, s, e.key)
}

// dropObject deletes all versions of an object in the admin bucket.
func dropObject(ctx context.Context, s *provision.Step, key string) error {
	p := s3.NewListObjectVersionsPaginator(s.Home().S3, &s3.ListObjectVersionsInput{Bucket: adminBucket(s), Prefix: &key})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		var ids []s3types.ObjectIdentifier
		for _, id := range readVersions(page).ids {
			if aws.ToString(id.Key) == key { // others may begin with the same text
				ids = append(ids, id)
			}
		}
		if err := deleteVersions(ctx, s.Home().S3, *adminBucket(s), ids); err != nil {
			return err
		}
	}
	return nil
}

func escrowLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, e *Escrow) ([]provision.Loss, error) {
	return []provision.Loss{provision.Lost("the only copy of the private key %s", e.fingerprint)}, nil
}
