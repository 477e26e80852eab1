package awsapi

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Settle returns once nobody has a lease any more that somebody had when it was called: it waits
// for those who are at work, and takes the leases of those who died. Without the bucket nobody has
// one; it is not made.
func (l *Leases) Settle(ctx context.Context, waiting func(string)) error {
	var keys []string
	p := s3.NewListObjectsV2Paginator(l.s3, &s3.ListObjectsV2Input{Bucket: &l.bucket, Prefix: aws.String(leasePrefix)})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if Is(err, NotFound) {
			return nil
		}
		if err != nil {
			return lang.Errorf("list the leases in %s: %w", l.bucket, err)
		}
		for _, o := range page.Contents {
			keys = append(keys, strings.TrimSuffix(strings.TrimPrefix(aws.ToString(o.Key), leasePrefix), leaseSuffix))
		}
	}
	existing := &Leases{s3: l.s3, bucket: l.bucket, self: l.self, held: map[string]*heldLease{}}
	for _, key := range keys {
		err := existing.Do(ctx, key, waiting, func(context.Context) error { return nil })
		if IgnoreNotFound(err) != nil {
			return lang.Errorf("wait for the lease %s: %w", key, err)
		}
	}
	return nil
}
