package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func registerBucketLogging(a *Account) {
	buckets := on(a, s3.ServiceID, (*tx).ownBucket)
	opOn(buckets, func(in *s3.GetBucketLoggingInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, _ *s3.GetBucketLoggingInput) (*s3.GetBucketLoggingOutput, error) {
		return &s3.GetBucketLoggingOutput{LoggingEnabled: b.Logging}, nil
	})
	opChange[s3.PutBucketLoggingOutput](buckets, func(in *s3.PutBucketLoggingInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(t *tx, b *s3Bucket, in *s3.PutBucketLoggingInput) error {
		if in.BucketLoggingStatus.LoggingEnabled == nil {
			b.Logging = nil
			return nil
		}
		if err := t.checkLogging(in.BucketLoggingStatus.LoggingEnabled); err != nil {
			return err
		}
		b.Logging = in.BucketLoggingStatus.LoggingEnabled
		return nil
	})
}

// checkLogging holds a bucket for access logs against what S3 asks of it: that it is the
// account's, in the same region, and lets the logging service write.
func (t *tx) checkLogging(l *types.LoggingEnabled) error {
	if l.TargetPrefix == nil || l.TargetBucket == nil {
		return s3Error(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	target := t.S3.use().Buckets.first(func(b *s3Bucket) bool { return b.Name == *l.TargetBucket })
	switch {
	case target == nil:
		return s3Error(http.StatusBadRequest, "InvalidTargetBucketForLogging", "The target bucket for logging does not exist")
	case target.Region != t.region:
		return s3Error(http.StatusForbidden, "CrossLocationLoggingProhibited", "Cross S3 location logging not allowed.")
	case !target.lets("logging.s3.amazonaws.com", *l.TargetPrefix):
		return s3Error(http.StatusBadRequest, "InvalidTargetBucketForLogging", "You must either provide the necessary permissions to the logging service using a bucket policy or give the log-delivery group WRITE and READ_ACP permissions to the target bucket")
	}
	return nil
}

// lets reports whether the bucket's policy allows a service to put objects whose keys begin so.
func (b *s3Bucket) lets(service, prefix string) bool {
	var p bucketPolicy
	if json.Unmarshal([]byte(b.Policy), &p) != nil {
		return false
	}
	for _, s := range p.Statement {
		who, named := s.Principal.(map[string]any)
		if s.Effect != "Allow" || !named || who["Service"] != service || !slices.Contains(s.Action, "s3:PutObject") {
			continue
		}
		if slices.ContainsFunc(s.Resource, func(r string) bool {
			pattern, _ := strings.CutSuffix(r, "*")
			return fits(pattern, "arn:aws:s3:::"+b.Name+"/"+prefix)
		}) {
			return true
		}
	}
	return false
}

// fits reports whether a text begins with a pattern whose asterisks stand for any text
// without a slash.
func fits(pattern, text string) bool {
	for i, part := range strings.Split(pattern, "*") {
		if i > 0 {
			at := strings.Index(text, part)
			if at < 0 || strings.Contains(text[:at], "/") {
				return false
			}
			text = text[at:]
		}
		rest, ok := strings.CutPrefix(text, part)
		if !ok {
			return false
		}
		text = rest
	}
	return true
}

// checkBalancerLogs holds the attributes of a load balancer's access logs against what
// Elastic Load Balancing asks: it writes a file into the bucket to try whether it may, with
// keys of S3 ("Enable access logs for your Application Load Balancer").
func (t *tx) checkBalancerLogs(attributes map[string]string) error {
	name, prefix := attributes["access_logs.s3.bucket"], attributes["access_logs.s3.prefix"]
	if name == "" {
		return apiError("InvalidConfigurationRequest", "The value of 'access_logs.s3.bucket' cannot be empty when access logs are enabled")
	}
	b := t.S3.use().Buckets.first(func(b *s3Bucket) bool { return b.Name == name })
	switch {
	case b == nil:
		return apiError("InvalidConfigurationRequest", "S3Bucket: %s does not exist", name)
	case b.Region != t.region:
		return apiError("InvalidConfigurationRequest", "S3Bucket: %s is not located in the same region with ELB", name)
	case strings.Contains(prefix, "AWSLogs"):
		return apiError("InvalidConfigurationRequest", "The S3 prefix cannot contain 'AWSLogs'")
	}
	byKMS := slices.ContainsFunc(b.Encryption.Rules, func(r types.ServerSideEncryptionRule) bool {
		by := r.ApplyServerSideEncryptionByDefault
		return by != nil && by.SSEAlgorithm != types.ServerSideEncryptionAes256
	})
	path := strings.TrimPrefix(prefix+"/AWSLogs/"+t.opts.ID+"/", "/")
	if byKMS || !b.lets("logdelivery.elasticloadbalancing.amazonaws.com", path) {
		return apiError("InvalidConfigurationRequest", "Access Denied for bucket: %s. Please check S3bucket permission", name)
	}
	return nil
}
