package s3

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// versions is one page of what a bucket holds, delete markers included.
type versions struct {
	ids     []s3types.ObjectIdentifier
	current []string // keys that are there now
	data    string   // a key that is more than the mark of a folder, or empty
}

func readVersions(o *s3.ListObjectVersionsOutput) versions {
	var v versions
	for _, each := range o.Versions {
		key := aws.ToString(each.Key)
		v.ids = append(v.ids, s3types.ObjectIdentifier{Key: each.Key, VersionId: each.VersionId})
		if aws.ToBool(each.IsLatest) {
			v.current = append(v.current, key)
		}
		if !slices.Contains(appFolders, key) || aws.ToInt64(each.Size) > 0 {
			v.data = key
		}
	}
	for _, each := range o.DeleteMarkers {
		v.ids = append(v.ids, s3types.ObjectIdentifier{Key: each.Key, VersionId: each.VersionId})
		if key := aws.ToString(each.Key); !slices.Contains(appFolders, key) {
			v.data = key // there is something of an earlier time under it
		}
	}
	return v
}

// readContents finds out which folders there are and whether there is anything
// else. It stops at the first thing that is: buckets may be large. Who removes a bucket does
// not ask for its folders.
func readContents(ctx context.Context, api awsapi.S3, b *Bucket, removing bool) error {
	if b.tags[provision.TagScope] == provision.AccountLevel.String() { // never empty, nor with folders
		if removing && b.tags[provision.TagRole] == adminRole {
			return b.readHeld(ctx, api)
		}
		return nil
	}
	folders := map[string]bool{}
	see := func(key string) {
		if folder, _, ok := strings.Cut(key, "/"); ok && slices.Contains(appFolders, folder+"/") {
			folders[folder+"/"] = true
		}
	}
	b.empty, b.bare = true, true
	p := s3.NewListObjectVersionsPaginator(api, &s3.ListObjectVersionsInput{Bucket: &b.name})
	for b.empty && p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return awsapi.IgnoreNotFound(err) // deleted a moment ago
		}
		v := readVersions(page)
		for _, key := range v.current {
			see(key)
		}
		b.empty, b.bare = v.data == "", b.bare && len(v.ids) == 0
	}
	if !b.empty && !removing && len(folders) < len(appFolders) && b.tags[provision.TagRole] != kit.AccessLogsRole {
		p := s3.NewListObjectsV2Paginator(api, &s3.ListObjectsV2Input{Bucket: &b.name, Delimiter: aws.String("/")})
		listed, err := kit.All(ctx, p, func(o *s3.ListObjectsV2Output) []s3types.CommonPrefix { return o.CommonPrefixes })
		if err != nil {
			return err
		}
		for _, prefix := range listed {
			see(aws.ToString(prefix.Prefix))
		}
	}
	b.folders = kit.Lines(slices.Collect(maps.Keys(folders)))
	return nil
}

// deleteBucket empties the bucket, all versions, and deletes it. What has come
// into it since it was seen empty is not deleted.
func deleteBucket(ctx context.Context, s *provision.Step, b *Bucket) error {
	if b.held != nil {
		return deleteAdminBucket(ctx, s, b)
	}
	if b.bare { // S3 refuses if that is no longer so
		err := kit.Do(ctx, s.API.S3.DeleteBucket, &s3.DeleteBucketInput{Bucket: &b.name})
		if awsapi.Code(err) != "BucketNotEmpty" {
			return err
		}
	}
	p := s3.NewListObjectVersionsPaginator(s.API.S3, &s3.ListObjectVersionsInput{Bucket: &b.name})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		v := readVersions(page)
		if v.data != "" && !s.Purge {
			return lang.Errorf("%s holds %s, which came after the plan was made; it is deleted with --purge-data only", b.name, v.data)
		}
		if err := deleteVersions(ctx, s.API.S3, b.name, v.ids); err != nil {
			return err
		}
	}
	return kit.Do(ctx, s.API.S3.DeleteBucket, &s3.DeleteBucketInput{Bucket: &b.name})
}

// deleteVersions deletes at most one page of versions.
func deleteVersions(ctx context.Context, api awsapi.S3, bucket string, ids []s3types.ObjectIdentifier) error {
	err := kit.Items(ctx, ids, func(ctx context.Context, ids []s3types.ObjectIdentifier) ([]kit.Failure[s3types.ObjectIdentifier], error) {
		out, err := api.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &s3types.Delete{Objects: ids, Quiet: aws.Bool(true)}})
		if err != nil {
			return nil, err
		}
		failed := make([]kit.Failure[s3types.ObjectIdentifier], len(out.Errors))
		for i, e := range out.Errors {
			failed[i] = kit.Failure[s3types.ObjectIdentifier]{
				Item: s3types.ObjectIdentifier{Key: e.Key, VersionId: e.VersionId}, Name: aws.ToString(e.Key), Code: aws.ToString(e.Code), Message: aws.ToString(e.Message),
			}
		}
		return failed, nil
	})
	if err != nil {
		return lang.Errorf("objects of %s are not deleted: %w", bucket, err)
	}
	return nil
}
