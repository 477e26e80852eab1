package sandbox

import (
	"crypto/md5" //nolint:gosec // what S3 gives as the ETag
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// s3Object is one version of an object, or a delete marker.
type s3Object struct {
	Key, Version string
	Marker       bool `json:",omitempty"`
	ETag         string
	Body         string            `json:",omitempty"` // text: all that is ever put here
	Metadata     map[string]string `json:",omitempty"`
	Tags         []types.Tag       `json:",omitempty"`
	SSE          types.ServerSideEncryption
	KMSKeyID     string `json:",omitempty"`
	BucketKey    bool   `json:",omitempty"`
	ModifiedAt   time.Time
	ReplacedAt   time.Time // when a newer version came
	Thaw         *s3Thaw   `json:",omitempty"` // out of Glacier
	Retained     time.Time `json:",omitzero"`  // by Object Lock, until then
	Hold         bool      `json:",omitempty"` // a legal hold
}

// noVersion is the version of what was put while versioning was off.
const noVersion = "null"

// current returns the newest version of an object, which may be a delete marker.
func (b *s3Bucket) current(key string) *s3Object {
	at, found := b.position(key)
	if !found {
		return nil
	}
	return b.Objects[at]
}

func (b *s3Bucket) position(key string) (int, bool) {
	return slices.BinarySearchFunc(b.Objects, key, func(o *s3Object, key string) int { return strings.Compare(o.Key, key) })
}

// find returns a version of an object, the newest one without a version id.
func (b *s3Bucket) find(key, version *string) (*s3Object, error) {
	o := b.current(aws.ToString(key))
	if version != nil {
		i := slices.IndexFunc(b.Objects, func(o *s3Object) bool { return o.Key == *key && o.Version == *version })
		if i < 0 {
			return nil, s3Error(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.")
		}
		o = b.Objects[i]
	}
	if o == nil || o.Marker && version == nil {
		return nil, s3Error(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	}
	if o.Marker {
		return nil, s3Error(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
	}
	return o, nil
}

// add puts a version on top of what has the same key.
func (b *s3Bucket) add(t *tx, o *s3Object) {
	b.expire(t.now)
	o.ModifiedAt, o.Version = t.now, noVersion
	if b.Versioning == types.BucketVersioningStatusEnabled {
		t.Seq++
		o.Version = fmt.Sprintf("v%019d", t.Seq)
	} else {
		b.Objects.dropAll(func(old *s3Object) bool { return old.Key == o.Key && old.Version == noVersion })
	}
	at, found := b.position(o.Key)
	if found {
		b.Objects[at].ReplacedAt = t.now
	}
	b.Objects = slices.Insert(b.Objects, at, o)
}

// expire carries out the lifecycle rules for noncurrent versions and for delete
// markers that have nothing under them.
func (b *s3Bucket) expire(now time.Time) {
	for _, r := range b.Lifecycle {
		if r.Status != types.ExpirationStatusEnabled || r.Filter == nil || r.Filter.And != nil || r.Filter.Tag != nil {
			continue
		}
		applies := func(o *s3Object) bool { return strings.HasPrefix(o.Key, aws.ToString(r.Filter.Prefix)) }
		if e := r.NoncurrentVersionExpiration; e != nil {
			before := now.AddDate(0, 0, -int(aws.ToInt32(e.NoncurrentDays)))
			b.Objects.dropAll(func(o *s3Object) bool {
				return applies(o) && !o.ReplacedAt.IsZero() && o.ReplacedAt.Before(before)
			})
		}
		if e := r.Expiration; e != nil && aws.ToBool(e.ExpiredObjectDeleteMarker) {
			versions := map[string]int{}
			for _, o := range b.Objects {
				versions[o.Key]++
			}
			b.Objects.dropAll(func(o *s3Object) bool { return applies(o) && o.Marker && versions[o.Key] == 1 })
		}
	}
}

// drop removes one version; what was under the newest one comes to light again.
func (b *s3Bucket) drop(o *s3Object) {
	b.Objects.drop(o)
	if top := b.current(o.Key); top != nil {
		top.ReplacedAt = time.Time{}
	}
}

// encrypt finds out with what an object is encrypted, and that it can be.
func (t *tx) encrypt(b *s3Bucket, o *s3Object, sse types.ServerSideEncryption, key *string, bucketKey *bool) error {
	rule := append(b.Encryption.Rules, ownEncryption().Rules...)[0]
	o.SSE, o.KMSKeyID, o.BucketKey = sse, aws.ToString(key), aws.ToBool(bucketKey)
	if sse == "" {
		if key != nil {
			return s3Error(http.StatusBadRequest, "InvalidArgument", "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms")
		}
		o.SSE = rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm
	}
	if o.SSE != types.ServerSideEncryptionAwsKms {
		return nil
	}
	if o.KMSKeyID == "" {
		o.KMSKeyID, o.BucketKey = aws.ToString(rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID), aws.ToBool(rule.BucketKeyEnabled)
	}
	return t.decrypt(o)
}

// decrypt says why KMS would not let an object be read or written.
func (t *tx) decrypt(o *s3Object) error {
	if o.SSE != types.ServerSideEncryptionAwsKms || o.KMSKeyID == "" { // without a key it is S3's own, aws/s3
		return nil
	}
	r, err := t.usableKey(o.KMSKeyID)
	if err != nil {
		if refusal, ok := errors.AsType[smithy.APIError](err); ok {
			return s3Error(http.StatusBadRequest, "KMS."+refusal.ErrorCode(), "%s", refusal.ErrorMessage())
		}
		return err
	}
	o.KMSKeyID = *r.V.Meta.Arn
	return nil
}

func (o *s3Object) seal() {
	sum := md5.Sum([]byte(o.Body + o.KMSKeyID)) //nolint:gosec // see above
	o.ETag = `"` + hex.EncodeToString(sum[:]) + `"`
}

func sameETag(a, b string) bool { return strings.Trim(a, `"`) == strings.Trim(b, `"`) }

func registerObjects(a *Account) {
	buckets := on(a, s3.ServiceID, (*tx).ownBucket)
	opOn(buckets, func(in *s3.PutObjectInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, putObject)
	opOn(buckets, func(in *s3.CopyObjectInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, copyObject)
	opOn(buckets, func(in *s3.GetObjectInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(t *tx, b *s3Bucket, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
		o, err := b.find(in.Key, in.VersionId)
		if err == nil {
			err = b.frozen(o, t.now)
		}
		if err == nil {
			err = t.decrypt(o)
		}
		if err != nil {
			return nil, err
		}
		return &s3.GetObjectOutput{
			Body: io.NopCloser(strings.NewReader(o.Body)), ContentLength: aws.Int64(int64(len(o.Body))), ETag: aws.String(o.ETag), VersionId: o.version(),
			LastModified: aws.Time(o.ModifiedAt), Metadata: o.Metadata, ServerSideEncryption: o.SSE, SSEKMSKeyId: o.key(), BucketKeyEnabled: aws.Bool(o.BucketKey), TagCount: aws.Int32(int32(len(o.Tags))),
		}, nil
	})
	op(a, s3.ServiceID, func(t *tx, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
		b, err := t.bucket(in.Bucket, in.ExpectedBucketOwner)
		var o *s3Object
		if err == nil {
			o, err = b.find(in.Key, in.VersionId)
		}
		if err != nil {
			return nil, headless(err, statusOf(err))
		}
		return &s3.HeadObjectOutput{
			ContentLength: aws.Int64(int64(len(o.Body))), ETag: aws.String(o.ETag), VersionId: o.version(), LastModified: aws.Time(o.ModifiedAt),
			Metadata: o.Metadata, ServerSideEncryption: o.SSE, SSEKMSKeyId: o.key(), BucketKeyEnabled: aws.Bool(o.BucketKey),
		}, nil
	})
	opOn(buckets, func(in *s3.DeleteObjectInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(t *tx, b *s3Bucket, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
		if o := b.current(aws.ToString(in.Key)); in.IfMatch != nil && (o == nil || !sameETag(o.ETag, *in.IfMatch)) {
			return nil, s3Error(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
		}
		if err := b.lockedVersion(in.Key, in.VersionId, t.now); err != nil {
			return nil, err
		}
		out := t.deleteObject(b, aws.ToString(in.Key), in.VersionId)
		return &s3.DeleteObjectOutput{DeleteMarker: out.DeleteMarker, VersionId: out.DeleteMarkerVersionId}, nil
	})
	opOn(buckets, func(in *s3.DeleteObjectsInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(t *tx, b *s3Bucket, in *s3.DeleteObjectsInput) (*s3.DeleteObjectsOutput, error) {
		if n := len(in.Delete.Objects); n == 0 || n > 1000 {
			return nil, s3Error(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
		}
		out := &s3.DeleteObjectsOutput{}
		for _, each := range in.Delete.Objects {
			if b.lockedVersion(each.Key, each.VersionId, t.now) != nil {
				out.Errors = append(out.Errors, types.Error{Key: each.Key, VersionId: each.VersionId, Code: aws.String("AccessDenied"), Message: aws.String(lockedText)})
				continue
			}
			done := t.deleteObject(b, aws.ToString(each.Key), each.VersionId)
			if !aws.ToBool(in.Delete.Quiet) {
				out.Deleted = append(out.Deleted, done)
			}
		}
		return out, nil
	})
	op(a, s3.ServiceID, func(t *tx, in *s3.GetObjectTaggingInput) (*s3.GetObjectTaggingOutput, error) {
		o, err := t.object(in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId)
		if err != nil {
			return nil, err
		}
		return &s3.GetObjectTaggingOutput{TagSet: o.Tags, VersionId: o.version()}, nil
	})
	op(a, s3.ServiceID, func(t *tx, in *s3.PutObjectTaggingInput) (*s3.PutObjectTaggingOutput, error) {
		o, err := t.object(in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId)
		if err == nil {
			err = objectTags.check(in.Tagging.TagSet)
		}
		if err != nil {
			return nil, err
		}
		o.Tags = in.Tagging.TagSet
		return &s3.PutObjectTaggingOutput{VersionId: o.version()}, nil
	})
}

func (o *s3Object) version() *string {
	if o.Version == noVersion {
		return nil
	}
	return aws.String(o.Version)
}

func (o *s3Object) key() *string {
	if o.KMSKeyID == "" {
		return nil
	}
	return aws.String(o.KMSKeyID)
}

func (t *tx) object(bucket, owner, key, version *string) (*s3Object, error) {
	b, err := t.bucket(bucket, owner)
	if err != nil {
		return nil, err
	}
	return b.find(key, version)
}

func (t *tx) deleteObject(b *s3Bucket, key string, version *string) types.DeletedObject {
	out := types.DeletedObject{Key: aws.String(key), VersionId: version}
	switch {
	case version != nil:
		if i := slices.IndexFunc(b.Objects, func(o *s3Object) bool { return o.Key == key && o.Version == *version }); i >= 0 {
			b.drop(b.Objects[i])
		}
	case b.Versioning == "":
		if o := b.current(key); o != nil {
			b.drop(o)
		}
	default:
		marker := &s3Object{Key: key, Marker: true}
		b.add(t, marker)
		out.DeleteMarker, out.DeleteMarkerVersionId = aws.Bool(true), aws.String(marker.Version)
	}
	return out
}

func putObject(t *tx, b *s3Bucket, in *s3.PutObjectInput) (*s3.PutObjectOutput, error) {
	key, there := aws.ToString(in.Key), b.current(aws.ToString(in.Key))
	if there != nil && there.Marker {
		there = nil
	}
	tags, err := headerTags(in.Tagging)
	if err != nil {
		return nil, err
	}
	o := &s3Object{Key: key, Metadata: lowerKeys(in.Metadata), Tags: tags}
	switch {
	case b.deniesPut(key, aws.ToString(in.SSEKMSKeyId)):
		return nil, s3Error(http.StatusForbidden, "AccessDenied", "User is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::%s/%s\" with an explicit deny in a resource-based policy", b.Name, key)
	case in.IfNoneMatch != nil && *in.IfNoneMatch != "*":
		return nil, s3Error(http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented")
	case in.IfMatch != nil && there == nil:
		return nil, s3Error(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	case in.IfNoneMatch != nil && there != nil, in.IfMatch != nil && !sameETag(*in.IfMatch, there.ETag):
		return nil, s3Error(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	}
	if err := t.encrypt(b, o, in.ServerSideEncryption, in.SSEKMSKeyId, in.BucketKeyEnabled); err != nil {
		return nil, err
	}
	if in.Body != nil {
		// A repeated attempt finds the reader where the last one left it.
		if seeker, ok := in.Body.(io.Seeker); ok {
			if _, err := seeker.Seek(0, io.SeekStart); err != nil {
				return nil, err
			}
		}
		body, err := io.ReadAll(in.Body)
		if err != nil {
			return nil, err
		}
		o.Body = string(body)
	}
	o.seal()
	b.add(t, o)
	return &s3.PutObjectOutput{ETag: aws.String(o.ETag), VersionId: o.version(), ServerSideEncryption: o.SSE, SSEKMSKeyId: o.key(), BucketKeyEnabled: aws.Bool(o.BucketKey)}, nil
}

func copyObject(t *tx, b *s3Bucket, in *s3.CopyObjectInput) (*s3.CopyObjectOutput, error) {
	source, err := url.PathUnescape(strings.TrimPrefix(aws.ToString(in.CopySource), "/"))
	if err != nil {
		return nil, s3Error(http.StatusBadRequest, "InvalidArgument", "Invalid copy source encoding.")
	}
	from, key, _ := strings.Cut(source, "/")
	original, err := t.object(&from, in.ExpectedSourceBucketOwner, &key, nil)
	if err == nil {
		err = t.decrypt(original)
	}
	if err != nil {
		return nil, err
	}
	o := &s3Object{Key: aws.ToString(in.Key), Body: original.Body, Metadata: maps.Clone(original.Metadata), Tags: slices.Clone(original.Tags)}
	same := from == b.Name && key == o.Key && in.MetadataDirective != types.MetadataDirectiveReplace && in.ServerSideEncryption == ""
	if in.MetadataDirective == types.MetadataDirectiveReplace {
		o.Metadata = lowerKeys(in.Metadata)
	}
	if in.TaggingDirective == types.TaggingDirectiveReplace {
		if o.Tags, err = headerTags(in.Tagging); err != nil {
			return nil, err
		}
	}
	switch {
	case same:
		return nil, s3Error(http.StatusBadRequest, "InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	case b.deniesPut(o.Key, aws.ToString(in.SSEKMSKeyId)):
		return nil, s3Error(http.StatusForbidden, "AccessDenied", "Access Denied")
	case in.CopySourceIfMatch != nil && !sameETag(*in.CopySourceIfMatch, original.ETag):
		return nil, s3Error(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	}
	if err := t.encrypt(b, o, in.ServerSideEncryption, in.SSEKMSKeyId, in.BucketKeyEnabled); err != nil {
		return nil, err
	}
	o.seal()
	b.add(t, o)
	return &s3.CopyObjectOutput{CopyObjectResult: &types.CopyObjectResult{ETag: aws.String(o.ETag), LastModified: aws.Time(o.ModifiedAt)}, VersionId: o.version(), ServerSideEncryption: o.SSE, SSEKMSKeyId: o.key()}, nil
}

func lowerKeys(m map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		out[strings.ToLower(k)] = v
	}
	return out
}

// headerTags reads tags as a request's header has them: key1=value1&key2=value2.
func headerTags(text *string) ([]types.Tag, error) {
	values, err := url.ParseQuery(aws.ToString(text))
	if err != nil {
		return nil, s3Error(http.StatusBadRequest, "InvalidArgument", "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
	}
	var tags []types.Tag
	for _, k := range slices.Sorted(maps.Keys(values)) {
		tags = append(tags, types.Tag{Key: aws.String(k), Value: aws.String(values.Get(k))})
	}
	return tags, objectTags.check(tags)
}
