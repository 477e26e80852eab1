package sandbox_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// TestRefusalsOfImages tries what ECR refuses.
func TestRefusalsOfImages(t *testing.T) {
	t.Parallel()
	account, err := sandbox.New(sandbox.Options{Looks: 1, Used: true})
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	api, ctx, name := factory.Set("eu-west-3").ECR, t.Context(), aws.String("acme/web")
	put := func(content, tag string, change func(*ecr.PutImageInput)) error {
		in := &ecr.PutImageInput{RepositoryName: name, ImageTag: &tag, ImageManifest: aws.String(sandbox.ImageManifest(content, sandbox.ImageFate{Critical: []string{"CVE-1"}}))}
		if change != nil {
			change(in)
		}
		_, err := api.(*ecr.Client).PutImage(ctx, in)
		return err
	}
	refused := func(code string, err error) {
		t.Helper()
		if awsapi.Code(err) != code {
			t.Errorf("%v, want %q", err, code)
		}
	}
	refused("RepositoryNotFoundException", put("a", "v1", nil))
	_, err = api.CreateRepository(ctx, &ecr.CreateRepositoryInput{
		RepositoryName: name, ImageTagMutability: types.ImageTagMutabilityImmutable, ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true},
	})
	refused("", err)
	refused("InvalidParameterException", put("a", "v1", func(in *ecr.PutImageInput) { in.ImageManifest = aws.String("no JSON") }))
	refused("ImageDigestDoesNotMatchException", put("a", "v1", func(in *ecr.PutImageInput) { in.ImageDigest = aws.String("sha256:" + strings.Repeat("0", 64)) }))
	refused("", put("a", "v1", nil))
	refused("ImageAlreadyExistsException", put("a", "v1", nil))
	refused("ImageTagAlreadyExistsException", put("b", "v1", nil))
	refused("", put("a", "v2", nil))
	describe := func(tag string) (*ecr.DescribeImagesOutput, error) {
		return api.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: name, ImageIds: []types.ImageIdentifier{{ImageTag: &tag}}})
	}
	_, err = describe("v3")
	refused("ImageNotFoundException", err)
	for i, want := range []types.ScanStatus{types.ScanStatusInProgress, types.ScanStatusComplete} {
		out, err := describe("v2")
		if err != nil {
			t.Fatal(err)
		}
		if got := out.ImageDetails[0]; got.ImageScanStatus.Status != want || len(got.ImageTags) != 2 {
			t.Errorf("look %d: %+v with the tags %v, want %s", i+1, got.ImageScanStatus, got.ImageTags, want)
		}
	}
	found, err := api.DescribeImageScanFindings(ctx, &ecr.DescribeImageScanFindingsInput{RepositoryName: name, ImageId: &types.ImageIdentifier{ImageTag: aws.String("v1")}})
	if err != nil || found.ImageScanFindings.FindingSeverityCounts["CRITICAL"] != 1 || *found.ImageScanFindings.Findings[0].Name != "CVE-1" {
		t.Errorf("found %+v, %v", found, err)
	}
	_, err = api.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: name})
	refused("RepositoryNotEmptyException", err)
}
