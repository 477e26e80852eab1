package sandbox

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func registerObjectLists(a *Account) {
	registerGlacier(a)
	registerLocks(a)
	buckets := on(a, s3.ServiceID, (*tx).ownBucket)
	opOn(buckets, func(in *s3.ListObjectsV2Input) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(t *tx, b *s3Bucket, in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
		out := &s3.ListObjectsV2Output{Name: in.Bucket, Prefix: in.Prefix, Delimiter: in.Delimiter, IsTruncated: aws.Bool(false)}
		// Pages go on after a name, so that what is deleted in between shifts nothing.
		after, prefix, delimiter, last := aws.ToString(in.StartAfter), aws.ToString(in.Prefix), aws.ToString(in.Delimiter), ""
		setTo(&after, in.ContinuationToken)
		for _, o := range b.Objects {
			if o != b.current(o.Key) || o.Marker || !strings.HasPrefix(o.Key, prefix) {
				continue
			}
			name, folder := o.Key, false
			if i := strings.Index(o.Key[len(prefix):], delimiter); delimiter != "" && i >= 0 {
				name, folder = o.Key[:len(prefix)+i+len(delimiter)], true
			}
			if name <= after || name == last {
				continue
			}
			if len(out.Contents)+len(out.CommonPrefixes) == t.size(in.MaxKeys) {
				out.IsTruncated, out.NextContinuationToken = aws.Bool(true), aws.String(last)
				break
			}
			if last = name; folder {
				out.CommonPrefixes = append(out.CommonPrefixes, types.CommonPrefix{Prefix: aws.String(name)})
				continue
			}
			listed := types.Object{Key: aws.String(o.Key), ETag: aws.String(o.ETag), Size: aws.Int64(int64(len(o.Body))), LastModified: aws.Time(o.ModifiedAt), StorageClass: types.ObjectStorageClassStandard}
			if b.cold(o, t.now) {
				listed.StorageClass = types.ObjectStorageClassGlacier
				if slices.Contains(in.OptionalObjectAttributes, types.OptionalObjectAttributesRestoreStatus) {
					if o.Thaw != nil {
						o.Thaw.wait()
					}
					listed.RestoreStatus = o.restoreStatus(t.now)
				}
			}
			out.Contents = append(out.Contents, listed)
		}
		out.KeyCount = aws.Int32(int32(len(out.Contents) + len(out.CommonPrefixes)))
		return out, nil
	})
	opOn(buckets, func(in *s3.ListObjectVersionsInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(t *tx, b *s3Bucket, in *s3.ListObjectVersionsInput) (*s3.ListObjectVersionsOutput, error) {
		out := &s3.ListObjectVersionsOutput{Name: in.Bucket, Prefix: in.Prefix, IsTruncated: aws.Bool(false)}
		var last *s3Object
		for _, o := range b.Objects {
			if !strings.HasPrefix(o.Key, aws.ToString(in.Prefix)) || !beyond(o, aws.ToString(in.KeyMarker), aws.ToString(in.VersionIdMarker)) {
				continue
			}
			if len(out.Versions)+len(out.DeleteMarkers) == t.size(in.MaxKeys) {
				out.IsTruncated, out.NextKeyMarker, out.NextVersionIdMarker = aws.Bool(true), aws.String(last.Key), aws.String(last.Version)
				break
			}
			last = o
			latest := aws.Bool(o == b.current(o.Key))
			if o.Marker {
				out.DeleteMarkers = append(out.DeleteMarkers, types.DeleteMarkerEntry{Key: aws.String(o.Key), VersionId: aws.String(o.Version), IsLatest: latest, LastModified: aws.Time(o.ModifiedAt)})
				continue
			}
			out.Versions = append(out.Versions, types.ObjectVersion{
				Key: aws.String(o.Key), VersionId: aws.String(o.Version), IsLatest: latest, LastModified: aws.Time(o.ModifiedAt), ETag: aws.String(o.ETag), Size: aws.Int64(int64(len(o.Body))),
			})
		}
		b.deliver(t)
		return out, nil
	})
}

// size is how many items a page has: few, whatever the caller would like.
func (t *tx) size(most *int32) int {
	if most != nil {
		return min(int(*most), t.opts.PageSize)
	}
	return t.opts.PageSize
}

// beyond reports whether a version comes after a page's last one: by key, then
// from new to old. Versions have ascending ids; "null" is the oldest.
func beyond(o *s3Object, key, version string) bool {
	switch {
	case o.Key != key:
		return o.Key > key
	case version == "" || version == noVersion:
		return false
	default:
		return o.Version == noVersion || o.Version < version
	}
}
