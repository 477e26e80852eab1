package sandbox

import (
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// s3Thaw is a copy of an object that was brought out of Glacier.
type s3Thaw struct {
	Expires time.Time
	meta    // looks until it is there
}

// smallObject is what S3 leaves where it is unless the lifecycle says otherwise.
const smallObject = 128 << 10

// cold reports whether the lifecycle has moved an object to Glacier: at the midnight UTC
// after its days.
func (b *s3Bucket) cold(o *s3Object, now time.Time) bool {
	for _, r := range b.Lifecycle {
		if r.Status != types.ExpirationStatusEnabled || b.Smallest != types.TransitionDefaultMinimumObjectSizeVariesByStorageClass && len(o.Body) < smallObject {
			continue
		}
		for _, move := range r.Transitions {
			if move.StorageClass != types.TransitionStorageClassGlacier || move.Days == nil {
				continue
			}
			at := o.ModifiedAt.UTC().AddDate(0, 0, int(*move.Days)).Truncate(24*time.Hour).AddDate(0, 0, 1)
			if !now.Before(at) {
				return true
			}
		}
	}
	return false
}

// restoreStatus is what lists tell of a copy, if there is one.
func (o *s3Object) restoreStatus(now time.Time) *types.RestoreStatus {
	switch {
	case o.Thaw == nil || o.Thaw.Looks == 0 && now.After(o.Thaw.Expires):
		return nil
	case o.Thaw.Looks > 0:
		return &types.RestoreStatus{IsRestoreInProgress: aws.Bool(true)}
	default:
		return &types.RestoreStatus{IsRestoreInProgress: aws.Bool(false), RestoreExpiryDate: aws.Time(o.Thaw.Expires)}
	}
}

// frozen refuses to read what is in Glacier and has no copy outside.
func (b *s3Bucket) frozen(o *s3Object, now time.Time) error {
	if status := o.restoreStatus(now); b.cold(o, now) && (status == nil || aws.ToBool(status.IsRestoreInProgress)) {
		return s3Error(http.StatusForbidden, "InvalidObjectState", "The operation is not valid for the object's storage class")
	}
	return nil
}

func registerGlacier(a *Account) {
	op(a, s3.ServiceID, func(t *tx, in *s3.RestoreObjectInput) (*s3.RestoreObjectOutput, error) {
		b, err := t.bucket(in.Bucket, in.ExpectedBucketOwner)
		if err != nil {
			return nil, err
		}
		o, err := b.find(in.Key, in.VersionId)
		switch {
		case err != nil:
			return nil, err
		case in.RestoreRequest == nil || aws.ToInt32(in.RestoreRequest.Days) < 1:
			return nil, s3Error(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
		case !b.cold(o, t.now):
			return nil, s3Error(http.StatusForbidden, "InvalidObjectState", "Restore is not allowed for the object's current storage class")
		case o.Thaw != nil && o.Thaw.Looks > 0:
			return nil, s3Error(http.StatusConflict, "RestoreAlreadyInProgress", "Object restore is already in progress")
		}
		o.Thaw = &s3Thaw{Expires: t.now.AddDate(0, 0, int(*in.RestoreRequest.Days)+1).Truncate(24 * time.Hour), meta: t.pending()}
		return &s3.RestoreObjectOutput{}, nil
	})
}
