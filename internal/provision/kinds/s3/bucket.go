package s3

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
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
	folders     string
	empty       bool
	key         string    // ARN of the KMS key; empty without one
	expires     int32     // days after which objects expire; 0 when they do not
	newest      time.Time // of the archives, when somebody is about to remove them
}

type wantBucket struct {
	name string
	app  string // empty for what is no app's
	key  string // role of the KMS key: "admin", "trail", "archive" or "client"
	life lifecycle
}

// appFolders are what the document wants to find in an app's bucket.
var appFolders = []string{"preview/", "prod/"}

// appLifecycle is the same for the buckets of all apps.
var appLifecycle = newLifecycle(lifecycled{id: "uploads", abort: 7}, lifecycled{id: "versions", noncurrent: 90})

// BucketKind is the account's bucket of private keys and leases, that of its trail,
// one bucket for each app of a client, and one for its monthly archives. Objects are kept on
// destroy, and so is their bucket; archives expire by themselves.
func BucketKind() *provision.Type {
	return provision.Define(provision.Kind[wantBucket, *Bucket]{
		Name: "s3/bucket",
		ARN:  "s3:",
		Unlisted: func(name string) bool {
			return !strings.HasPrefix(name, "cicdctl-") && !slices.ContainsFunc(rules.Regions(), func(r rules.Region) bool { return strings.Contains(name, "-"+r.Name+"-") })
		},
		Levels:    provision.AccountLevel | provision.ClientLevel,
		DependsOn: provision.ForFields(provision.Ready("kms/key")),
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
		List:     listBuckets,
		Describe: describeBucket,
		ID:       func(b *Bucket) string { return b.name },
		Tags:     func(b *Bucket) provision.Tags { return b.tags },
		State:    provision.AlwaysAvailable[*Bucket],
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
				encryption: string(s3types.ServerSideEncryptionAes256), versioning: "off", empty: true,
			}, nil
		},
		Delete: deleteBucket,
		Retag:  retagBucket,
		Facts: func(b *Bucket) []provision.Fact {
			facts := []provision.Fact{{Name: "URI", Value: "s3://" + b.name}}
			if b.folders != "" {
				facts = append(facts, provision.Fact{Name: "folders", Value: strings.ReplaceAll(b.folders, "\n", " ")})
			}
			return facts
		},
		// Closed to the public first, guarded before anything is in it.
		Fields: []provision.Field[wantBucket, *Bucket]{
			{
				Name: "public access block",
				Want: func(*provision.Step, wantBucket) string { return allBlocked },
				Have: func(b *Bucket) string { return b.publicBlock },
				Set: func(ctx context.Context, s *provision.Step, _ wantBucket, b *Bucket) error {
					return blockPublic(ctx, s.API.S3, b.name)
				},
			},
			{
				Name: "object ownership",
				Want: func(*provision.Step, wantBucket) string { return string(s3types.ObjectOwnershipBucketOwnerEnforced) },
				Have: func(b *Bucket) string { return b.ownership },
				Set: func(ctx context.Context, s *provision.Step, _ wantBucket, b *Bucket) error {
					return kit.Do(ctx, s.API.S3.PutBucketOwnershipControls, &s3.PutBucketOwnershipControlsInput{Bucket: &b.name, OwnershipControls: &s3types.OwnershipControls{
						Rules: []s3types.OwnershipControlsRule{{ObjectOwnership: s3types.ObjectOwnershipBucketOwnerEnforced}},
					}})
				},
			},
			{
				Name: "policy",
				Want: bucketPolicy,
				Have: func(b *Bucket) string { return b.policy },
				Set: func(ctx context.Context, s *provision.Step, d wantBucket, b *Bucket) error {
					return kit.Do(ctx, s.API.S3.PutBucketPolicy, &s3.PutBucketPolicyInput{Bucket: &b.name, Policy: aws.String(bucketPolicy(s, d))})
				},
			},
			{
				Name: "encryption",
				Want: func(s *provision.Step, d wantBucket) string { return encryptionText(bucketEncryption(s, d)) },
				Have: func(b *Bucket) string { return b.encryption },
				Set: func(ctx context.Context, s *provision.Step, d wantBucket, b *Bucket) error {
					return kit.Do(ctx, s.API.S3.PutBucketEncryption, &s3.PutBucketEncryptionInput{Bucket: &b.name, ServerSideEncryptionConfiguration: bucketEncryption(s, d)})
				},
			},
			{
				Name: "versioning",
				Want: func(*provision.Step, wantBucket) string { return "on" },
				Have: func(b *Bucket) string { return b.versioning },
				Set: func(ctx context.Context, s *provision.Step, _ wantBucket, b *Bucket) error {
					return kit.Do(ctx, s.API.S3.PutBucketVersioning, &s3.PutBucketVersioningInput{Bucket: &b.name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled}})
				},
			},
			{
				Name: "lifecycle",
				Want: func(_ *provision.Step, d wantBucket) string { return d.life.text },
				Have: func(b *Bucket) string { return b.lifecycle },
				Set: func(ctx context.Context, s *provision.Step, d wantBucket, b *Bucket) error {
					return kit.Do(ctx, s.API.S3.PutBucketLifecycleConfiguration, &s3.PutBucketLifecycleConfigurationInput{
						Bucket: &b.name, LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{Rules: lifecycleRules(d.life.rules)},
						TransitionDefaultMinimumObjectSize: smallest(d.life.rules),
					})
				},
				Reread: func(ctx context.Context, s *provision.Step, b *Bucket) (string, error) {
					now := &Bucket{name: b.name}
					err := readLifecycle(ctx, s.API.S3, now)
					return now.lifecycle, err
				},
			},
			{
				Name: "folders",
				Want: func(_ *provision.Step, d wantBucket) string { return wantFolders(d) },
				Have: func(b *Bucket) string { return b.folders },
				Set:  putFolders,
			},
		},
	})
}

func wantBuckets(s *provision.Scope) map[provision.Role]wantBucket {
	if s.Level == provision.AccountLevel {
		// Leases come and go; what was ever put under keys/ stays.
		want := map[provision.Role]wantBucket{"admin": {rules.AdminBucketName(s.Account, s.Region), "", "admin", newLifecycle(
			lifecycled{id: "uploads", abort: 7}, lifecycled{id: "leases", prefix: "leases/", noncurrent: 1},
		)}}
		if s.OrganizationTrail == "" {
			want[kit.TrailRole] = wantBucket{rules.TrailBucketName(s.Account, s.Region), "", kit.TrailRole, newLifecycle(
				lifecycled{id: "events", expire: rules.TrailDays}, lifecycled{id: "uploads", abort: 7}, lifecycled{id: "versions", noncurrent: 90},
			)}
		}
		return want
	}
	want := map[provision.Role]wantBucket{}
	if archive := s.Spec.Backup.Archive; archive.Monthly() {
		want[kit.ArchiveRole] = wantBucket{rules.ArchiveBucketName(s.Client, s.Region, s.Account), "", kit.ArchiveRole, newLifecycle(
			lifecycled{id: "archives", glacier: true, expire: int32(rules.ArchiveDays(archive.KeepMonths))},
			lifecycled{id: "uploads", abort: 7},
			lifecycled{id: "versions", noncurrent: 1}, // of what has expired
		)}
	}
	for _, app := range s.Spec.Apps {
		want[app.Name] = wantBucket{rules.BucketName(s.Client, app.Name, s.Region, s.Account), app.Name, "client", appLifecycle}
	}
	return want
}

func bucketLabels(s *provision.Scope, d wantBucket) provision.Tags {
	if d.key == "admin" {
		return adminLabels(s)
	}
	return provision.Tags{provision.TagApp: d.app}
}

// adminLabels say on the admin bucket who the admins and the auditors are, so that
// the next operator, who has no list of them, neither takes their place nor shuts
// them out.
func adminLabels(s *provision.Scope) provision.Tags {
	labels := provision.Tags{provision.TagAdmins: rules.EncodeAdmins(kit.PlaceOf(s), s.Trusted.Admins)}
	if s.Trusted.Auditors != nil {
		labels[provision.TagAuditors] = rules.EncodeAuditors(kit.PlaceOf(s), s.Trusted.Auditors)
	}
	return labels
}

// newBucket is the one call that makes a bucket, its tags included, in the account's
// own namespace.
func newBucket(name, region string, tags provision.Tags) *s3.CreateBucketInput {
	return &s3.CreateBucketInput{Bucket: &name, BucketNamespace: s3types.BucketNamespaceAccountRegional, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
		LocationConstraint: s3types.BucketLocationConstraint(region), Tags: s3Tags.To(tags),
	}}
}

// FoundAdminBucket makes the account's admin bucket, as its kind does, for the
// leases that are needed before any kind can be created.
func FoundAdminBucket(ctx context.Context, home *provision.Scope) error {
	name := rules.AdminBucketName(home.Account, home.Region)
	tags := home.OwnTags("admin")
	maps.Copy(tags, adminLabels(home))
	err := kit.Do(ctx, home.API.S3.CreateBucket, newBucket(name, home.Region, tags))
	if err != nil && awsapi.Code(err) != "BucketAlreadyOwnedByYou" {
		return fmt.Errorf("create the admin bucket %s: %w", name, err)
	}
	if err := blockPublic(ctx, home.API.S3, name); err != nil {
		return fmt.Errorf("close the admin bucket %s to the public: %w", name, err)
	}
	return nil
}

// listBuckets reads the tags of the region's buckets that have names of ours:
// S3 tells tags one bucket at a time, and an account may have thousands.
func listBuckets(ctx context.Context, w *provision.Sweep) ([]*Bucket, error) {
	p := s3.NewListBucketsPaginator(w.S3, &s3.ListBucketsInput{BucketRegion: &w.Region})
	var buckets []*Bucket
	listed, err := kit.All(ctx, p, func(o *s3.ListBucketsOutput) []s3types.Bucket { return o.Buckets })
	if err != nil {
		return buckets, err
	}
	for _, b := range listed {
		if name := aws.ToString(b.Name); named(w, name) {
			buckets = append(buckets, &Bucket{name: name})
		}
	}
	arn := func(b *Bucket) string { return "arn:aws:s3:::" + b.name }
	return kit.WithTags(ctx, w, buckets, arn, func(b *Bucket) *provision.Tags { return &b.tags }, func(ctx context.Context, b *Bucket) (provision.Tags, error) {
		in := &s3.GetBucketTaggingInput{Bucket: &b.name}
		tags, err := kit.Get(ctx, w.S3.GetBucketTagging, in, func(o *s3.GetBucketTaggingOutput) provision.Tags { return s3Tags.Of(o.TagSet) })
		return tags, awsapi.IgnoreNotFound(err) // no tags
	})
}

func named(w *provision.Sweep, name string) bool {
	if name == rules.AdminBucketName(w.Account, w.Region) || name == rules.TrailBucketName(w.Account, w.Region) {
		return true
	}
	begins := func(client string) bool { return strings.HasPrefix(name, rules.Lower(client)+"-") }
	return strings.HasSuffix(name, rules.BucketSuffix(w.Account, w.Region)) && (len(w.Clients) == 0 || slices.ContainsFunc(w.Clients, begins))
}

func bucketPolicy(s *provision.Step, d wantBucket) string {
	switch d.key {
	case "admin":
		return rules.AdminBucketPolicy(d.name, s.ID("kms/key", d.key), s.Trusted)
	case kit.TrailRole:
		return rules.TrailBucketPolicy(kit.PlaceOf(s.Scope), d.name)
	default:
		return rules.BucketPolicy(d.name)
	}
}

func wantFolders(d wantBucket) string {
	if d.app == "" {
		return provision.Keep
	}
	return kit.Lines(appFolders)
}

// putFolders puts the empty objects that consoles and FTP clients show as folders.
func putFolders(ctx context.Context, s *provision.Step, d wantBucket, b *Bucket) error {
	for _, folder := range kit.Missing(wantFolders(d), b.folders) {
		err := kit.Do(ctx, s.API.S3.PutObject, &s3.PutObjectInput{Bucket: &b.name, Key: &folder, Body: bytes.NewReader(nil), IfNoneMatch: aws.String("*")})
		if err != nil && !awsapi.Is(err, awsapi.Exists) {
			return err
		}
	}
	return nil
}

// retagBucket writes all tags, as S3 wants them: those of others are kept.
func retagBucket(ctx context.Context, s *provision.Step, b *Bucket, tags provision.Tags) error {
	return kit.Do(ctx, s.API.S3.PutBucketTagging, &s3.PutBucketTaggingInput{Bucket: &b.name, Tagging: &s3types.Tagging{TagSet: mergeS3Tags(b.tags, tags)}})
}
