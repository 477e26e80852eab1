package deploy

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// manifestTypes are all that an image can be pushed as; ECR converts what is not asked for,
// and that would be another image.
var manifestTypes = []string{
	"application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
	"application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json",
}

// keep gives the image that is to run the tag that keeps it from expiring. It comes before
// anything is changed: an image that has expired already cannot be run. The error is then a
// *GuardError.
func (d *Deploy) keep(ctx context.Context) error {
	digest := ""
	switch {
	case d.Image != nil:
		digest = d.Image.Digest
	case d.To != nil:
		digest = d.To.Digest
		if name, _, _ := strings.Cut(d.To.Image, "@"); name != rules.RegistryHost(d.Account, d.Region)+"/"+d.Repository() {
			return nil // of another registry, put there by hand
		}
	}
	tag := rules.DeployedTag(d.Env, digest)
	if digest == "" || d.Image != nil && slices.Contains(d.Image.tags, tag) {
		return nil
	}
	out, err := d.API.ECR.BatchGetImage(ctx, &ecr.BatchGetImageInput{
		RepositoryName: aws.String(d.Repository()), ImageIds: []ecrtypes.ImageIdentifier{{ImageDigest: &digest}}, AcceptedMediaTypes: manifestTypes,
	})
	if err != nil {
		return lang.Errorf("read the manifest of %s: %w", digest, err)
	}
	if len(out.Images) == 0 {
		return cloud.Guardf("%s no longer has the image %s: push it again, or choose another one", d.Repository(), digest)
	}
	_, err = d.API.ECR.PutImage(ctx, &ecr.PutImageInput{
		RepositoryName: aws.String(d.Repository()), ImageTag: &tag, ImageDigest: &digest, ImageManifest: out.Images[0].ImageManifest, ImageManifestMediaType: out.Images[0].ImageManifestMediaType,
	})
	if err != nil && awsapi.Code(err) != "ImageAlreadyExistsException" { // it has the tag
		return lang.Errorf("keep the image %s from expiring: %w", digest, err)
	}
	return nil
}
