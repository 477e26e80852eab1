package s3

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// exportMargin is how long after its first file an export may write its last one:
// the lifecycle counts each file's days from its own creation, and S3 rounds up
// to the next midnight UTC.
const exportMargin = 2 * 24 * time.Hour

// until is when the newest archive of the bucket will have expired.
func (b *Bucket) until() time.Time {
	if b.newest.IsZero() || b.expires == 0 {
		return time.Time{}
	}
	return b.newest.AddDate(0, 0, int(b.expires)).Add(exportMargin).Truncate(24 * time.Hour)
}

// readNewest finds the newest archive. Each export has a folder of its own, whose
// files may be many; RDS writes what begins with "export_" when it starts and
// when it ends.
func readNewest(ctx context.Context, api awsapi.S3, b *Bucket) error {
	folders := s3.NewListObjectsV2Paginator(api, &s3.ListObjectsV2Input{Bucket: &b.name, Delimiter: aws.String("/")})
	for folders.HasMorePages() {
		page, err := folders.NextPage(ctx)
		if err != nil {
			return awsapi.IgnoreNotFound(err)
		}
		b.see(page.Contents)
		for _, folder := range page.CommonPrefixes {
			prefix := aws.ToString(folder.Prefix)
			out, err := api.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: aws.String(prefix + "export_")})
			if err == nil && len(out.Contents) == 0 { // no export of RDS
				out, err = api.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
			}
			if err != nil {
				return err
			}
			b.see(out.Contents)
		}
	}
	return nil
}

func (b *Bucket) see(objects []s3types.Object) {
	for _, o := range objects {
		if at := aws.ToTime(o.LastModified).UTC(); at.After(b.newest) {
			b.newest = at
		}
	}
}
