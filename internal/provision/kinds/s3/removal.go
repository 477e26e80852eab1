package s3

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// The end of the admin bucket, and what S3 keeps whoever may want it gone.

// adminRole is that of the bucket of private keys and leases.
const adminRole = "admin"

// held tells one version of an object from all that may come later under its key. The ETag is
// for buckets without versioning, where every object has the same version.
type held struct{ key, version, etag string }

// whole is one look at everything that is in a bucket.
type whole struct {
	versions []s3types.ObjectVersion
	ids      []s3types.ObjectIdentifier // of these, and of delete markers
}

// readWhole reads all of a bucket that holds little, such as the admin bucket: a few versions for
// each client, and the leases of a day.
func readWhole(ctx context.Context, api awsapi.S3, name string) (all whole, err error) {
	for p := s3.NewListObjectVersionsPaginator(api, &s3.ListObjectVersionsInput{Bucket: &name}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return all, err
		}
		all.versions, all.ids = append(all.versions, page.Versions...), append(all.ids, readVersions(page).ids...)
	}
	return all, nil
}

func heldOf(v s3types.ObjectVersion) held {
	return held{aws.ToString(v.Key), aws.ToString(v.VersionId), aws.ToString(v.ETag)}
}

// readHeld notes what is in the admin bucket that somebody is about to remove, and whose private
// keys are.
func (b *Bucket) readHeld(ctx context.Context, api awsapi.S3) error {
	all, err := readWhole(ctx, api, b.name)
	if err != nil {
		return awsapi.IgnoreNotFound(err) // deleted a moment ago
	}
	b.held, b.escrowed = map[held]bool{}, nil
	for _, v := range all.versions {
		b.held[heldOf(v)] = true
		if client, ok := escrowed(aws.ToString(v.Key)); ok && !slices.Contains(b.escrowed, client) {
			b.escrowed = append(b.escrowed, client)
		}
	}
	return nil
}

// escrowed is the client whose private key an object is: "keys/eu-west-3/ACME.pem".
func escrowed(key string) (client string, ok bool) {
	rest, ok := strings.CutPrefix(key, "keys/")
	_, name, inRegion := strings.Cut(rest, "/")
	return strings.TrimSuffix(name, ".pem"), ok && inRegion
}

// leaseObjects begins the keys of leases.
const leaseObjects = "leases/"

// deleteAdminBucket removes the bucket with what was in it when its removal was planned, and
// nothing else. Others may be at work meanwhile, of whom nobody knows: a private key of theirs
// is in no other place, and their lease says that they are creating something. S3 removes an
// empty bucket only, so what they put there before the bucket is gone is seen, and what they
// put later is refused.
func deleteAdminBucket(ctx context.Context, s *provision.Step, b *Bucket) error {
	all, err := readWhole(ctx, s.API.S3, b.name)
	if err != nil {
		return err
	}
	for _, v := range all.versions {
		key := aws.ToString(v.Key)
		switch lease := strings.HasPrefix(key, leaseObjects); {
		case lease && aws.ToBool(v.IsLatest):
			return lang.Errorf("another run is at work in the account: it has the lease %s; run again once it is done", key)
		case !lease && !b.held[heldOf(v)]:
			return lang.Errorf("%s holds %s, which came after the plan was made: another run is at work in the account; nothing of the bucket was deleted", b.name, key)
		}
	}
	for ids := range slices.Chunk(all.ids, 1000) { // what DeleteObjects takes
		if err := deleteVersions(ctx, s.API.S3, b.name, ids); err != nil {
			return err
		}
	}
	return kit.Do(ctx, s.API.S3.DeleteBucket, &s3.DeleteBucketInput{Bucket: &b.name})
}

// refusesBucket finds what S3 lets nobody delete: one version of an object that is retained, or
// under a legal hold, is enough to keep the bucket. cicdctl locks nothing, others may.
func refusesBucket(ctx context.Context, s *provision.Step, _ *provision.Sweep, b *Bucket) (string, error) {
	if b.empty {
		return "", nil
	}
	out, err := s.API.S3.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &b.name})
	if awsapi.Is(err, awsapi.NotFound) {
		return "", nil
	}
	if err != nil || out.ObjectLockConfiguration == nil || out.ObjectLockConfiguration.ObjectLockEnabled != s3types.ObjectLockEnabledEnabled {
		return "", err
	}
	for p := s3.NewListObjectVersionsPaginator(s.API.S3, &s3.ListObjectVersionsInput{Bucket: &b.name}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return "", awsapi.IgnoreNotFound(err)
		}
		for _, v := range page.Versions {
			if why, err := locked(ctx, s.API.S3, b.name, v); why != "" || err != nil {
				return why, err
			}
		}
	}
	return "", nil
}

// locked is until when S3 keeps a version, or that nobody knows; empty when it does not.
func locked(ctx context.Context, api awsapi.S3, bucket string, v s3types.ObjectVersion) (string, error) {
	retention, err := api.GetObjectRetention(ctx, &s3.GetObjectRetentionInput{Bucket: &bucket, Key: v.Key, VersionId: v.VersionId})
	if awsapi.IgnoreNotFound(err) != nil {
		return "", err
	}
	if err == nil && retention.Retention != nil && aws.ToTime(retention.Retention.RetainUntilDate).After(time.Now()) {
		return lang.Sprintf("Object Lock retains %s until %s", aws.ToString(v.Key), retention.Retention.RetainUntilDate.Format(time.DateOnly)), nil
	}
	hold, err := api.GetObjectLegalHold(ctx, &s3.GetObjectLegalHoldInput{Bucket: &bucket, Key: v.Key, VersionId: v.VersionId})
	if awsapi.IgnoreNotFound(err) != nil {
		return "", err
	}
	if err == nil && hold.LegalHold != nil && hold.LegalHold.Status == s3types.ObjectLockLegalHoldStatusOn {
		return lang.Sprintf("%s is under a legal hold of Object Lock, until somebody lifts it", aws.ToString(v.Key)), nil
	}
	return "", nil
}

// bucketLosses are what goes with a bucket, for ever.
func bucketLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, b *Bucket) ([]provision.Loss, error) {
	account := b.tags[provision.TagScope] == provision.AccountLevel.String()
	switch {
	case b.empty:
		return nil, nil
	case account && b.tags[provision.TagRole] == adminRole && len(b.escrowed) > 0:
		return []provision.Loss{provision.Lost("the private keys of %s, for ever: whatever they still open cannot be opened any more", strings.Join(b.escrowed, ", "))}, nil
	case account && b.tags[provision.TagRole] == kit.TrailRole:
		return []provision.Loss{provision.Lost("the trail of who did what in the account, for ever: all of s3://%s", b.name)}, nil
	default:
		return []provision.Loss{provision.Lost("all objects of s3://%s, with their versions", b.name)}, nil
	}
}
