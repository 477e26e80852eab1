package sandbox

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// lockedText is what S3 says of a version that Object Lock keeps.
const lockedText = "Access Denied because object protected by object lock."

// ErrNoBucket is told of a bucket that is not there.
var ErrNoBucket = errors.New("the sandbox has no such bucket")

// LockObjects turns Object Lock on for a bucket, and has S3 retain all versions that are in it until a
// time, or with the zero time puts them under a legal hold.
func (a *Account) LockObjects(region, bucket string, until time.Time) error {
	return a.byHandIn(region, func(t *tx) error {
		i := slices.IndexFunc(t.S3.use().Buckets, func(b *s3Bucket) bool { return b.Name == bucket })
		if i < 0 {
			return ErrNoBucket
		}
		b := t.S3.use().Buckets[i]
		b.Locks = true
		for _, o := range b.Objects {
			o.Retained, o.Hold = until, until.IsZero()
		}
		return nil
	})
}

// lockedVersion says why a version is not deleted for good; a delete marker may always come over it.
func (b *s3Bucket) lockedVersion(key, version *string, now time.Time) error {
	if version == nil || !b.Locks {
		return nil
	}
	if o, err := b.find(key, version); err == nil && (o.Hold || o.Retained.After(now)) {
		return s3Error(http.StatusForbidden, "AccessDenied", lockedText)
	}
	return nil
}

func registerLocks(a *Account) {
	buckets := on(a, s3.ServiceID, (*tx).ownBucket)
	opOn(buckets, func(in *s3.GetObjectLockConfigurationInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, _ *s3.GetObjectLockConfigurationInput) (*s3.GetObjectLockConfigurationOutput, error) {
		if !b.Locks {
			return nil, absent("ObjectLockConfigurationNotFoundError", "Object Lock configuration")
		}
		return &s3.GetObjectLockConfigurationOutput{ObjectLockConfiguration: &types.ObjectLockConfiguration{ObjectLockEnabled: types.ObjectLockEnabledEnabled}}, nil
	})
	opOn(buckets, func(in *s3.GetObjectRetentionInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, in *s3.GetObjectRetentionInput) (*s3.GetObjectRetentionOutput, error) {
		o, err := b.find(in.Key, in.VersionId)
		switch {
		case err != nil:
			return nil, err
		case o.Retained.IsZero():
			return nil, s3Error(http.StatusNotFound, "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration")
		}
		return &s3.GetObjectRetentionOutput{Retention: &types.ObjectLockRetention{Mode: types.ObjectLockRetentionModeGovernance, RetainUntilDate: aws.Time(o.Retained)}}, nil
	})
	opOn(buckets, func(in *s3.GetObjectLegalHoldInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, in *s3.GetObjectLegalHoldInput) (*s3.GetObjectLegalHoldOutput, error) {
		o, err := b.find(in.Key, in.VersionId)
		switch {
		case err != nil:
			return nil, err
		case !o.Hold:
			return nil, s3Error(http.StatusNotFound, "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration")
		}
		return &s3.GetObjectLegalHoldOutput{LegalHold: &types.ObjectLockLegalHold{Status: types.ObjectLockLegalHoldStatusOn}}, nil
	})
}

// lastFile has CloudTrail deliver once more what it has recorded before the trail was gone: it does so
// within minutes of the events (CloudTrail user guide, "How CloudTrail works"), whether or not
// somebody is emptying the bucket.
func (t *tx) lastFile(trail *ctTrail) {
	if b, err := t.bucket(trail.V.S3BucketName, nil); err == nil && trail.Logging {
		b.Late = "AWSLogs/" + t.opts.ID + "/CloudTrail/" + t.region + "/" + t.now.Format("2006/01/02/20060102T1504Z") + "_last.json.gz"
	}
}

// deliver puts the file into the bucket, just after somebody has looked what is in it.
func (b *s3Bucket) deliver(t *tx) {
	if b.Late == "" {
		return
	}
	o := &s3Object{Key: b.Late, Body: "{}", SSE: types.ServerSideEncryptionAes256}
	b.Late = ""
	o.seal()
	b.add(t, o)
}
