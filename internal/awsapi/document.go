package awsapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/pki"
)

// Document is an S3 object that several people change: whoever saves it says which version
// is meant, and S3 decides, atomically, for all machines. It is a [pki.Store]; a version is
// an ETag.
type Document struct {
	s3          S3
	bucket, key string
}

// NewDocument is the document under a key of a bucket. It is encrypted with S3's own key,
// whatever the bucket says: auditors, who have no use of ours, are to read it.
func NewDocument(api S3, bucket, key string) *Document {
	return &Document{s3: api, bucket: bucket, key: key}
}

// Load returns the document and its version; nothing and "" while there is none. A bucket
// that is missing is an error: what was in it is not known to be empty.
func (d *Document) Load(ctx context.Context) (data []byte, version string, err error) {
	out, err := d.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &d.bucket, Key: &d.key})
	if Code(err) == "NoSuchKey" {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", lang.Errorf("read %s: %w", d.key, err)
	}
	defer func() { err = errors.Join(err, out.Body.Close()) }()
	if data, err = io.ReadAll(out.Body); err != nil {
		return nil, "", lang.Errorf("read %s: %w", d.key, err)
	}
	return data, aws.ToString(out.ETag), nil
}

// changedMeanwhile are S3's refusals of a conditional put: the object has another ETag or
// is there already; another put is just coming in; it was deleted (S3 user guide,
// "Conditional writes").
var changedMeanwhile = []string{"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}

// Save replaces a version of the document, or makes it when version is "". It fails with
// [pki.ErrConflict] when another one came first, which may be its own first attempt.
func (d *Document) Save(ctx context.Context, data []byte, version string) error {
	in := &s3.PutObjectInput{
		Bucket: &d.bucket, Key: &d.key, Body: bytes.NewReader(data), ContentType: aws.String("application/json"), ServerSideEncryption: s3types.ServerSideEncryptionAes256,
	}
	if version == "" {
		in.IfNoneMatch = aws.String("*")
	} else {
		in.IfMatch = &version
	}
	_, err := d.s3.PutObject(ctx, in)
	if slices.Contains(changedMeanwhile, Code(err)) {
		return lang.Errorf("write %s: %w: %w", d.key, pki.ErrConflict, err)
	}
	if err != nil {
		return lang.Errorf("write %s: %w", d.key, err)
	}
	return nil
}
