package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// s3State is S3 in all regions, in the order of bucket names.
type s3State struct {
	Buckets table[s3Bucket]
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
	Logging      *types.LoggingEnabled                    `json:",omitempty"`
	Objects      table[s3Object]                          // by key, the newest version first
	Settling     map[string]*settling[*s3Bucket]          `json:",omitempty"`
	Locks        bool                                     `json:",omitempty"` // Object Lock is on
	Late         string                                   `json:",omitempty"` // a file that CloudTrail has still to deliver
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

var (
	bucketPattern = lazyregexp.New(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	// regionalPattern is that of names in an account regional namespace, anybody's.
	regionalPattern = lazyregexp.New(`-[0-9]{12}-[a-z]+(-[a-z]+)+-[0-9]+-an$`)
)

// othersBucket reports whether another account has the name. Everybody can take names
// of the global namespace, and the number of an account is no secret: somebody has
// taken all that have this account's in them.
func (t *tx) othersBucket(name string) bool {
	return slices.Contains(othersBuckets, name) || strings.Contains(name, t.opts.ID) && !regionalPattern.MatchString(name)
}

// checkNamespace is about names of account regional namespaces (S3 user guide,
// "Namespaces for general purpose buckets"). The codes are those that were seen
// (ansible-collections/amazon.aws#2935; moto, s3/exceptions.py).
func (t *tx) checkNamespace(name string, namespace types.BucketNamespace) error {
	switch namespace {
	case types.BucketNamespaceAccountRegional:
		if suffix := "-" + t.opts.ID + "-" + t.region + "-an"; !strings.HasSuffix(name, suffix) || name == suffix[1:] {
			return s3Error(http.StatusBadRequest, "InvalidNamespaceHeader", "The requested bucket name did not include the account-regional namespace suffix, but the provided x-amz-bucket-namespace header value is account-regional. Specify %s as the bucket name suffix to create a bucket in your account-regional namespace, or remove the header.", suffix)
		}
	case "", types.BucketNamespaceGlobal:
		if regionalPattern.MatchString(name) {
			return s3Error(http.StatusBadRequest, "MissingNamespaceHeader", "The requested bucket is an account-regional namespace bucket, but your request is missing the required x-amz-bucket-namespace header.")
		}
	default:
		return s3Error(http.StatusBadRequest, "InvalidArgument", "%s is not a namespace of buckets", namespace)
	}
	return nil
}

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
	if t.othersBucket(aws.ToString(name)) {
		if owner != nil {
			return nil, s3Error(http.StatusForbidden, "AccessDenied", "Access Denied")
		}
		// Whoever took the name lets everybody in, and keeps what they bring.
		return &s3Bucket{Name: *name, Region: t.region, Encryption: ownEncryption()}, nil
	}
	return nil, s3Error(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
}

// owned names a bucket, and the account that the caller expects it to belong to.
type owned struct{ name, owner *string }

func (t *tx) ownBucket(b owned) (*s3Bucket, error) { return t.bucket(b.name, b.owner) }

// headless is what is left of an error without the body that HEAD does not have.
func headless(err error, status int) error {
	code := strings.ReplaceAll(http.StatusText(status), " ", "")
	return s3Error(status, code, "%v", err)
}

func registerS3(a *Account) {
	registerBucketSettings(a)
	registerObjects(a)
	registerObjectLists(a)
	tagged(a, s3.ServiceID, bucketTags, func(t *tx) []*s3Bucket { return t.S3.use().Buckets }, func(t *tx, b *s3Bucket) (string, []types.Tag) {
		if b.Region != t.region {
			return "", nil
		}
		return "arn:aws:s3:::" + b.Name, b.Tags
	})
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
	opChange[s3.DeleteBucketOutput](on(a, s3.ServiceID, (*tx).ownBucket), func(in *s3.DeleteBucketInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(t *tx, b *s3Bucket, _ *s3.DeleteBucketInput) error {
		if len(b.Objects) > 0 {
			return s3Error(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty. You must delete all versions in the bucket.")
		}
		t.S3.use().Buckets.drop(b)
		if t.opts.Looks > 0 {
			put(&t.S3.use().Cooling, b.Name, t.opts.Looks)
		}
		return nil
	})
}

func createBucket(t *tx, in *s3.CreateBucketInput) (*s3.CreateBucketOutput, error) {
	name := aws.ToString(in.Bucket)
	kept := func(prefix string) bool { return strings.HasPrefix(name, prefix) } // "General purpose bucket naming rules"
	if !bucketPattern.MatchString(name) || strings.Contains(name, "..") || slices.ContainsFunc([]string{"xn--", "sthree-", "amzn-s3-demo-"}, kept) {
		return nil, s3Error(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.")
	}
	if err := t.checkNamespace(name, in.BucketNamespace); err != nil {
		return nil, err
	}
	var location types.BucketLocationConstraint
	var tags []types.Tag
	if c := in.CreateBucketConfiguration; c != nil {
		location, tags = c.LocationConstraint, c.Tags
	}
	if string(location) != t.region && (t.region != "us-east-1" || location != "") {
		return nil, s3Error(http.StatusBadRequest, "IllegalLocationConstraintException", "The %s location constraint is incompatible for the region specific endpoint this request was sent to.", location)
	}
	if err := bucketTags.check(tags); err != nil {
		return nil, err
	}
	at, found := slices.BinarySearchFunc(t.S3.use().Buckets, name, func(b *s3Bucket, name string) int { return strings.Compare(b.Name, name) })
	if found {
		return nil, s3Error(http.StatusConflict, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
	}
	if t.othersBucket(name) {
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
	b.Ownership = cmp.Or(in.ObjectOwnership, b.Ownership)
	t.S3.use().Buckets = slices.Insert(t.S3.use().Buckets, at, b)
	address := "http://" + name + ".s3.amazonaws.com/"
	if in.BucketNamespace == types.BucketNamespaceAccountRegional {
		address = "/" + name
	}
	return &s3.CreateBucketOutput{Location: &address, BucketArn: aws.String("arn:aws:s3:::" + name)}, nil
}

// ownEncryption is what S3 does by itself: with keys of its own.
func ownEncryption() types.ServerSideEncryptionConfiguration {
	return types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
		ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256},
		BucketKeyEnabled:                   aws.Bool(false),
	}}}
}

// s3Tags are those of a bucket or an object, which have different limits.
func s3Tags(most int) tagList[types.Tag] {
	return tagList[types.Tag]{
		parts: func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
		tagRules: refuses(anyTagFault, func(key string) error {
			return s3Error(http.StatusBadRequest, "InvalidTag", "The tag '%s' is not valid, is given twice or is a system tag", key)
		}).firstUpTo(most, s3Error(http.StatusBadRequest, "BadRequest", "Tags cannot be greater than %d", most)),
	}
}

var bucketTags, objectTags = s3Tags(50), s3Tags(10)
