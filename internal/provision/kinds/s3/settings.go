package s3

import (
	"bytes"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// setting is a part of a bucket that S3 tells, and takes, by calls of its own.
type setting struct {
	field   string
	want    func(*provision.Step, wantBucket) string
	at      func(*Bucket) *string // its canonical text
	read    func(context.Context, awsapi.S3, *Bucket) error
	set     func(context.Context, *provision.Step, wantBucket, *Bucket) error
	removal bool // who removes a bucket asks for it: until when its data is kept, and with which key
	// Cloud Control may have told it before, under the name of a property.
	property string
	told     func(*Bucket, []byte) bool // false in doubt
}

// always is what is wanted of each bucket.
func always(text string) func(*provision.Step, wantBucket) string {
	return func(*provision.Step, wantBucket) string { return text }
}

// get makes the read of a setting that a bucket may be without.
func get[In, Out any](call func(awsapi.S3, context.Context, *In, ...func(*s3.Options)) (*Out, error), fill func(*Bucket, *In), note func(*Bucket, *Out)) func(context.Context, awsapi.S3, *Bucket) error {
	return func(ctx context.Context, api awsapi.S3, b *Bucket) error {
		in := new(In)
		fill(b, in)
		out, err := call(api, ctx, in)
		if err == nil {
			note(b, out)
		}
		return awsapi.IgnoreNotFound(err)
	}
}

// put makes the set of a setting.
func put[In, Out any](call func(awsapi.S3, context.Context, *In, ...func(*s3.Options)) (*Out, error), in func(s *provision.Step, d wantBucket, name *string) *In) func(context.Context, *provision.Step, wantBucket, *Bucket) error {
	return func(ctx context.Context, s *provision.Step, d wantBucket, b *Bucket) error {
		_, err := call(s.API.S3, ctx, in(s, d, &b.name))
		return err
	}
}

// bucketSettings are closed to the public first, guarded before anything is in it.
func bucketSettings() []setting {
	return []setting{
		{
			field: "public access block", want: always(allBlocked), at: func(b *Bucket) *string { return &b.publicBlock },
			read: get(awsapi.S3.GetPublicAccessBlock, func(b *Bucket, in *s3.GetPublicAccessBlockInput) { in.Bucket = &b.name },
				func(b *Bucket, o *s3.GetPublicAccessBlockOutput) {
					b.publicBlock = publicBlockText(o.PublicAccessBlockConfiguration)
				}),
			set: func(ctx context.Context, s *provision.Step, _ wantBucket, b *Bucket) error {
				return blockPublic(ctx, s.API.S3, b.name)
			},
			property: "PublicAccessBlockConfiguration", told: toldPublicBlock,
		},
		{
			field: "object ownership", want: always(string(s3types.ObjectOwnershipBucketOwnerEnforced)), at: func(b *Bucket) *string { return &b.ownership },
			read: get(awsapi.S3.GetBucketOwnershipControls, func(b *Bucket, in *s3.GetBucketOwnershipControlsInput) { in.Bucket = &b.name },
				func(b *Bucket, o *s3.GetBucketOwnershipControlsOutput) { b.noteOwnership(o.OwnershipControls) }),
			set: put(awsapi.S3.PutBucketOwnershipControls, func(_ *provision.Step, _ wantBucket, name *string) *s3.PutBucketOwnershipControlsInput {
				enforced := []s3types.OwnershipControlsRule{{ObjectOwnership: s3types.ObjectOwnershipBucketOwnerEnforced}}
				return &s3.PutBucketOwnershipControlsInput{Bucket: name, OwnershipControls: &s3types.OwnershipControls{Rules: enforced}}
			}),
			property: "OwnershipControls", told: toldOwnership,
		},
		{
			field: "policy", want: bucketPolicy, at: func(b *Bucket) *string { return &b.policy },
			read: get(awsapi.S3.GetBucketPolicy, func(b *Bucket, in *s3.GetBucketPolicyInput) { in.Bucket = &b.name },
				func(b *Bucket, o *s3.GetBucketPolicyOutput) { b.policy = kit.ResourcePolicy(o.Policy) }),
			set: put(awsapi.S3.PutBucketPolicy, func(s *provision.Step, d wantBucket, name *string) *s3.PutBucketPolicyInput {
				return &s3.PutBucketPolicyInput{Bucket: name, Policy: aws.String(bucketPolicy(s, d))}
			}),
		},
		{
			field: "encryption", at: func(b *Bucket) *string { return &b.encryption },
			want: func(s *provision.Step, d wantBucket) string { return encryptionText(bucketEncryption(s, d)) },
			read: get(awsapi.S3.GetBucketEncryption, func(b *Bucket, in *s3.GetBucketEncryptionInput) { in.Bucket = &b.name },
				func(b *Bucket, o *s3.GetBucketEncryptionOutput) {
					b.noteEncryption(o.ServerSideEncryptionConfiguration)
				}),
			set: put(awsapi.S3.PutBucketEncryption, func(s *provision.Step, d wantBucket, name *string) *s3.PutBucketEncryptionInput {
				return &s3.PutBucketEncryptionInput{Bucket: name, ServerSideEncryptionConfiguration: bucketEncryption(s, d)}
			}),
			property: "BucketEncryption", told: toldEncryption, removal: true,
		},
		{
			field: "versioning", want: always("on"), at: func(b *Bucket) *string { return &b.versioning },
			read: get(awsapi.S3.GetBucketVersioning, func(b *Bucket, in *s3.GetBucketVersioningInput) { in.Bucket = &b.name },
				func(b *Bucket, o *s3.GetBucketVersioningOutput) { b.noteVersioning(o.Status) }),
			set: put(awsapi.S3.PutBucketVersioning, func(_ *provision.Step, _ wantBucket, name *string) *s3.PutBucketVersioningInput {
				return &s3.PutBucketVersioningInput{Bucket: name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled}}
			}),
			property: "VersioningConfiguration", told: toldVersioning,
		},
		{
			field: "lifecycle", want: func(_ *provision.Step, d wantBucket) string { return d.life.text }, at: func(b *Bucket) *string { return &b.lifecycle },
			read: get(awsapi.S3.GetBucketLifecycleConfiguration, func(b *Bucket, in *s3.GetBucketLifecycleConfigurationInput) { in.Bucket = &b.name },
				func(b *Bucket, o *s3.GetBucketLifecycleConfigurationOutput) {
					b.noteLifecycle(o.Rules, o.TransitionDefaultMinimumObjectSize)
				}),
			set: put(awsapi.S3.PutBucketLifecycleConfiguration, func(_ *provision.Step, d wantBucket, name *string) *s3.PutBucketLifecycleConfigurationInput {
				return &s3.PutBucketLifecycleConfigurationInput{
					Bucket: name, LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{Rules: lifecycleRules(d.life.rules)},
					TransitionDefaultMinimumObjectSize: smallest(d.life.rules),
				}
			}),
			property: lifecycleProperty, told: toldLifecycle, removal: true,
		},
		loggingSetting(),
	}
}

// lifecycleProperty is the setting of which S3 tells old and new by turns after it was set.
const lifecycleProperty = "LifecycleConfiguration"

// bucketFields are the settings, and the folders, which are objects.
func bucketFields() []provision.Field[wantBucket, *Bucket] {
	var out []provision.Field[wantBucket, *Bucket]
	for _, one := range bucketSettings() {
		f := provision.Field[wantBucket, *Bucket]{Name: one.field, Want: one.want, Have: func(b *Bucket) string { return *one.at(b) }, Set: one.set}
		if one.property == lifecycleProperty {
			f.Reread = func(ctx context.Context, s *provision.Step, b *Bucket) (string, error) {
				now := &Bucket{name: b.name}
				err := one.read(ctx, s.API.S3, now)
				return now.lifecycle, err
			}
		}
		out = append(out, f)
	}
	return append(out, provision.Field[wantBucket, *Bucket]{
		Name: "folders", Want: wantFolders, Have: func(b *Bucket) string { return b.folders }, Set: putFolders,
	})
}

// describeBucket reads all settings of a bucket, several at once.
func describeBucket(ctx context.Context, w *provision.Sweep, b *Bucket) error {
	told := b.told
	if b.told = nil; told == nil && !w.Looking { // its tags were told otherwise
		told = kit.ToldOf(ctx, w, BucketType, b.name)
	}
	var reads []func(context.Context, awsapi.S3, *Bucket) error
	for _, s := range bucketSettings() {
		if w.Removing && !s.removal || w.Looking {
			continue
		}
		if s.told == nil || !s.told(b, told[s.property]) {
			reads = append(reads, s.read)
		}
	}
	// Archives have no folders, and whether there are any matters to whoever may
	// remove the bucket.
	if w.Index == nil || b.tags[provision.TagRole] != kit.ArchiveRole {
		reads = append(reads, func(ctx context.Context, api awsapi.S3, b *Bucket) error {
			return readContents(ctx, api, b, w.Removing)
		})
	}
	if err := readSettings(ctx, w, b, reads); err != nil || !w.Removing || b.empty || b.tags[provision.TagRole] != kit.ArchiveRole {
		return err
	}
	return readNewest(ctx, w.S3, b)
}

func readSettings(ctx context.Context, w *provision.Sweep, b *Bucket, reads []func(context.Context, awsapi.S3, *Bucket) error) error {
	return kit.Parallel(ctx, reads, func(ctx context.Context, read func(context.Context, awsapi.S3, *Bucket) error) error {
		return read(ctx, w.S3, b)
	})
}

func bucketPolicy(s *provision.Step, d wantBucket) string {
	switch d.key {
	case "admin":
		return rules.AdminBucketPolicy(d.name, s.ID("kms/key", d.key), s.Trusted)
	case kit.TrailRole:
		return rules.TrailBucketPolicy(kit.PlaceOf(s.Scope), d.name)
	case kit.AccessLogsRole:
		return rules.AccessLogBucketPolicy(kit.PlaceOf(s.Scope), d.name)
	default:
		return rules.BucketPolicy(d.name)
	}
}

func wantFolders(_ *provision.Step, d wantBucket) string {
	if d.app == "" {
		return provision.Keep
	}
	return kit.Lines(appFolders)
}

// putFolders puts the empty objects that consoles and FTP clients show as folders.
func putFolders(ctx context.Context, s *provision.Step, d wantBucket, b *Bucket) error {
	for _, folder := range kit.Missing(wantFolders(s, d), b.folders) {
		err := kit.Do(ctx, s.API.S3.PutObject, &s3.PutObjectInput{Bucket: &b.name, Key: &folder, Body: bytes.NewReader(nil), IfNoneMatch: aws.String("*")})
		if err != nil && !awsapi.Is(err, awsapi.Exists) {
			return err
		}
	}
	return nil
}
