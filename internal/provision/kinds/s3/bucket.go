package s3

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Bucket is an S3 bucket with its settings as canonical texts.
type Bucket struct {
	name        string
	tags        provision.Tags
	publicBlock string
	ownership   string
	policy      string
	encryption  string
	versioning  string
	lifecycle   string
	logging     string
	folders     string
	empty       bool
	bare        bool           // there is not even the mark of a folder
	key         string         // ARN of the KMS key; empty without one
	expires     int32          // days after which objects expire; 0 when they do not
	newest      time.Time      // of the archives, when somebody is about to remove them
	told        kit.Properties // by Cloud Control, between the list and the description
	held        map[held]bool  // of the admin bucket, when somebody is about to remove it
	escrowed    []string       // the clients whose private keys these are
}

// BucketKind is the account's bucket of private keys and leases, that of its trail,
// one bucket for each app of a client, one for its monthly archives, and a region's bucket of
// access logs. Objects are kept on destroy, and so is their bucket; archives and logs expire
// by themselves.
func BucketKind() *provision.Type {
	return provision.Define(provision.Kind[wantBucket, *Bucket]{
		Name:     "s3/bucket",
		ARN:      "s3:",
		Shortcut: BucketType,
		Unlisted: func(name string) bool {
			return !strings.HasPrefix(name, "cicdctl-") && !slices.ContainsFunc(rules.Regions(), func(r rules.Region) bool { return strings.Contains(name, "-"+r.Name+"-") })
		},
		Levels:  provision.AccountLevel | provision.RegionLevel | provision.ClientLevel,
		Bears:   map[provision.Level]provision.Role{provision.AccountLevel: "admin"},
		Billing: provision.Billing[wantBucket, *Bucket]{Items: billBucket},
		Impact:  provision.Impact[*Bucket]{Losses: bucketLosses},
		Removal: provision.Removal[*Bucket]{Refused: refusesBucket},
		// S3 wants the bucket of access logs to be there when another is to write to it.
		DependsOn: provision.ForFields(append(provision.Ready("kms/key"), provision.Existing("s3/bucket")...)),
		Data: provision.Data[*Bucket]{
			Policy:    provision.Retain,
			Empty:     func(b *Bucket) bool { return b.empty },
			ExpiresAt: (*Bucket).until,
			Needs: func(b *Bucket) []string {
				if b.empty {
					return nil
				}
				return []string{b.key}
			},
		},
		Want:     wantBuckets,
		Adopt:    adoptLogs,
		List:     listBuckets,
		Describe: describeBucket,
		ID:       func(b *Bucket) string { return b.name },
		Tags:     func(b *Bucket) provision.Tags { return b.tags },
		Naming: provision.Naming[wantBucket, *Bucket]{
			Key:       func(b *Bucket) string { return b.name },
			KeyOf:     func(_ *provision.Scope, d wantBucket) string { return d.name },
			ExtraTags: bucketLabels,
		},
		Create: func(ctx context.Context, s *provision.Step, d wantBucket) (*Bucket, error) {
			err := kit.Do(ctx, s.API.S3.CreateBucket, newBucket(d.name, s.Region, s.Tags))
			if err != nil {
				return nil, err
			}
			// What every new bucket has.
			return &Bucket{
				name: d.name, tags: s.Tags, publicBlock: allBlocked, ownership: string(s3types.ObjectOwnershipBucketOwnerEnforced),
				encryption: string(s3types.ServerSideEncryptionAes256), versioning: "off", logging: noLogging, empty: true,
			}, nil
		},
		Delete: deleteBucket,
		Retag:  retagBucket,
		Untag:  untagBucket,
		Facts: func(b *Bucket) []provision.Fact {
			facts := []provision.Fact{{Name: "URI", Value: "s3://" + b.name}}
			if b.folders != "" {
				facts = append(facts, provision.Fact{Name: "folders", Value: strings.ReplaceAll(b.folders, "\n", " ")})
			}
			return facts
		},
		Fields: bucketFields(),
	})
}

// retagBucket writes all tags, as S3 wants them: those of others are kept.
func retagBucket(ctx context.Context, s *provision.Step, b *Bucket, tags provision.Tags) error {
	err := kit.Do(ctx, s.API.S3.PutBucketTagging, &s3.PutBucketTaggingInput{Bucket: &b.name, Tagging: &s3types.Tagging{TagSet: mergeS3Tags(b.tags, tags)}})
	if err == nil {
		merged := provision.Tags{}
		maps.Copy(merged, b.tags)
		maps.Copy(merged, tags)
		b.tags = merged // what else is to change is laid over these
	}
	return err
}

// untagBucket writes the tags that stay: S3 takes all or none.
func untagBucket(ctx context.Context, s *provision.Step, b *Bucket, keys []string) error {
	left := maps.Clone(b.tags)
	maps.DeleteFunc(left, func(key, _ string) bool { return slices.Contains(keys, key) })
	err := kit.Do(ctx, s.API.S3.PutBucketTagging, &s3.PutBucketTaggingInput{Bucket: &b.name, Tagging: &s3types.Tagging{TagSet: mergeS3Tags(left, nil)}})
	if err == nil {
		b.tags = left // what else is to change is laid over these
	}
	return err
}
