package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// s3State is S3 in all regions, in the order of bucket names.
type s3State struct {
	Buckets []*s3Bucket
	// Cooling are names of buckets deleted a moment ago: S3 refuses to make them
	// again for a while, here for so many tries.
	Cooling map[string]int `json:",omitempty"`
}

type s3Bucket struct {
	Name, Region string
	CreatedAt    time.Time
	Tags         []types.Tag
	PublicBlock  *types.PublicAccessBlockConfiguration
	Encryption   types.ServerSideEncryptionConfiguration
	Versioning   types.BucketVersioningStatus
	Policy       string
	Ownership    types.ObjectOwnership
	Lifecycle    []types.LifecycleRule
	Smallest     types.TransitionDefaultMinimumObjectSize // objects that the lifecycle moves
	Objects      []*s3Object                              // by key, the newest version first
	Settling     map[string]*settling[*s3Bucket]          `json:",omitempty"`
}

// The settings of a bucket that are told by turns after they were written.
const (
	lifecycleSetting = "lifecycle"
	taggingSetting   = "tagging"
)

// changing notes what a bucket is before one of its settings is written.
func (b *s3Bucket) changing(t *tx, name string) {
	was := *b
	was.Objects, was.Settling = nil, nil
	settle(t, &b.Settling, name, clone(&was))
}

// othersBuckets are names that belong to other accounts.
var othersBuckets = []string{"test", "example", "cicdctl"}

var bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// s3Error is a refusal of S3, which answers with telling HTTP statuses.
func s3Error(status int, code, format string, args ...any) error {
	return httpError(status, code, fmt.Sprintf(format, args...))
}

// bucket finds a bucket that the caller's region may serve. owner is the
// account that the caller expects it to belong to.
func (t *tx) bucket(name, owner *string) (*s3Bucket, error) {
	for _, b := range t.S3.use().Buckets {
		switch {
		case b.Name != aws.ToString(name):
			continue
		case b.Region != t.region:
			return nil, s3Error(http.StatusMovedPermanently, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.")
		case owner != nil && *owner != t.opts.ID:
			return nil, s3Error(http.StatusForbidden, "AccessDenied", "Access Denied")
		}
		return b, nil
	}
	if slices.Contains(othersBuckets, aws.ToString(name)) {
		return nil, s3Error(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	return nil, s3Error(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
}

// headless is what is left of an error without the body that HEAD does not have.
func headless(err error, status int) error {
	code := strings.ReplaceAll(http.StatusText(status), " ", "")
	return s3Error(status, code, "%v", err)
}

func registerS3(a *Account) {
	registerBucketSettings(a)
	registerObjects(a)
	registerObjectLists(a)
	op(a, s3.ServiceID, createBucket)
	op(a, s3.ServiceID, func(t *tx, in *s3.ListBucketsInput) (*s3.ListBucketsOutput, error) {
		if r := aws.ToString(in.BucketRegion); r != "" && r != t.region {
			return nil, s3Error(http.StatusBadRequest, "InvalidArgument", "Argument value %s is not a valid AWS Region for this endpoint.", r)
		}
		var all []types.Bucket
		for _, b := range t.S3.use().Buckets {
			if in.BucketRegion != nil && b.Region != *in.BucketRegion || !strings.HasPrefix(b.Name, aws.ToString(in.Prefix)) {
				continue
			}
			one := types.Bucket{Name: aws.String(b.Name), CreationDate: aws.Time(b.CreatedAt)}
			if in.BucketRegion != nil || in.Prefix != nil || in.MaxBuckets != nil {
				one.BucketRegion = aws.String(b.Region)
			}
			all = append(all, one)
		}
		part, next, err := page(t, all, in.ContinuationToken)
		return &s3.ListBucketsOutput{Buckets: part, ContinuationToken: next, Prefix: in.Prefix}, err
	})
	op(a, s3.ServiceID, func(t *tx, in *s3.HeadBucketInput) (*s3.HeadBucketOutput, error) {
		b, err := t.bucket(in.Bucket, in.ExpectedBucketOwner)
		if err != nil {
			return nil, headless(err, statusOf(err))
		}
		return &s3.HeadBucketOutput{BucketRegion: aws.String(b.Region)}, nil
	})
	op(a, s3.ServiceID, func(t *tx, in *s3.DeleteBucketInput) (*s3.DeleteBucketOutput, error) {
		b, err := t.bucket(in.Bucket, in.ExpectedBucketOwner)
		if err != nil {
			return nil, err
		}
		if len(b.Objects) > 0 {
			return nil, s3Error(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty. You must delete all versions in the bucket.")
		}
		t.S3.use().Buckets = slices.DeleteFunc(t.S3.use().Buckets, func(other *s3Bucket) bool { return other == b })
		if t.opts.Looks > 0 {
			if t.S3.use().Cooling == nil {
				t.S3.use().Cooling = map[string]int{}
			}
			t.S3.use().Cooling[b.Name] = t.opts.Looks
		}
		return &s3.DeleteBucketOutput{}, nil
	})
}

func createBucket(t *tx, in *s3.CreateBucketInput) (*s3.CreateBucketOutput, error) {
	name := aws.ToString(in.Bucket)
	if !bucketPattern.MatchString(name) || strings.Contains(name, "..") || strings.HasPrefix(name, "xn--") {
		return nil, s3Error(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.")
	}
	var location types.BucketLocationConstraint
	var tags []types.Tag
	if c := in.CreateBucketConfiguration; c != nil {
		location, tags = c.LocationConstraint, c.Tags
	}
	if string(location) != t.region && (t.region != "us-east-1" || location != "") {
		return nil, s3Error(http.StatusBadRequest, "IllegalLocationConstraintException", "The %s location constraint is incompatible for the region specific endpoint this request was sent to.", location)
	}
	if err := checkS3Tags(tags, 50); err != nil {
		return nil, err
	}
	at, found := slices.BinarySearchFunc(t.S3.use().Buckets, name, func(b *s3Bucket, name string) int { return strings.Compare(b.Name, name) })
	if found {
		return nil, s3Error(http.StatusConflict, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
	}
	if slices.Contains(othersBuckets, name) {
		return nil, s3Error(http.StatusConflict, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system.")
	}
	if t.S3.use().Cooling[name] > 0 {
		t.S3.use().Cooling[name]--
		return nil, s3Error(http.StatusConflict, "OperationAborted", "A conflicting conditional operation is currently in progress against this resource. Please try again.")
	}
	delete(t.S3.use().Cooling, name)
	// What every new bucket has since April 2023, and its encryption.
	b := &s3Bucket{
		Name: name, Region: t.region, CreatedAt: t.now, Tags: tags, Ownership: types.ObjectOwnershipBucketOwnerEnforced,
		PublicBlock: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
		},
		Encryption: ownEncryption(),
	}
	if in.ObjectOwnership != "" {
		b.Ownership = in.ObjectOwnership
	}
	t.S3.use().Buckets = slices.Insert(t.S3.use().Buckets, at, b)
	return &s3.CreateBucketOutput{Location: aws.String("http://" + name + ".s3.amazonaws.com/"), BucketArn: aws.String("arn:aws:s3:::" + name)}, nil
}

// ownEncryption is what S3 does by itself: with keys of its own.
func ownEncryption() types.ServerSideEncryptionConfiguration {
	return types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
		ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256},
		BucketKeyEnabled:                   aws.Bool(false),
	}}}
}

func checkS3Tags(tags []types.Tag, most int) error {
	if len(tags) > most {
		return s3Error(http.StatusBadRequest, "BadRequest", "Tags cannot be greater than %d", most)
	}
	seen := map[string]bool{}
	for _, tag := range tags {
		key := aws.ToString(tag.Key)
		if key == "" || len(key) > 128 || len(aws.ToString(tag.Value)) > 256 || seen[key] || strings.HasPrefix(strings.ToLower(key), "aws:") {
			return s3Error(http.StatusBadRequest, "InvalidTag", "The tag '%s' is not valid, is given twice or is a system tag", key)
		}
		seen[key] = true
	}
	return nil
}
