package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// ecrImage is one image of a repository, its manifest alone: the sandbox has no layers.
type ecrImage struct {
	Digest, Manifest, MediaType string
	Tags                        []string
	Pushed                      time.Time
	Scanned                     bool // the scan was begun
	meta
}

// ImageFate is what comes of an image. In a real account its content decides; in
// the sandbox, annotations of its manifest do.
type ImageFate struct {
	Failure  string   `json:"failure,omitempty"`  // why its containers end; empty when they run
	ExitCode int32    `json:"exit,omitempty"`     // of them then
	Log      []string `json:"log,omitempty"`      // what they write first
	Critical []string `json:"critical,omitempty"` // what its scan finds: "CVE-2026-1234"
}

const (
	ociManifest   = "application/vnd.oci.image.manifest.v1+json"
	ociConfig     = "application/vnd.oci.image.config.v1+json"
	ociLayer      = "application/vnd.oci.image.layer.v1.tar+gzip"
	fateOfAnImage = "sandbox.fate"
)

// ImageManifest is the manifest of an image with some content, to be put into a
// repository. The same content and fate make the same image.
func ImageManifest(content string, fate ImageFate) string {
	part := func(mediaType, of string) map[string]any {
		return map[string]any{"mediaType": mediaType, "size": len(of), "digest": digestOf(of)}
	}
	annotations := map[string]string{}
	if text, err := json.Marshal(fate); err == nil { // it has no value that JSON lacks
		annotations[fateOfAnImage] = string(text)
	}
	text, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": ociManifest, "config": part(ociConfig, content), "layers": []any{part(ociLayer, content+annotations[fateOfAnImage])},
		"annotations": annotations,
	})
	if err != nil {
		return "" // it has no value that JSON lacks
	}
	return string(text)
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (i *ecrImage) fate() ImageFate {
	var manifest struct{ Annotations map[string]string }
	var fate ImageFate
	if json.Unmarshal([]byte(i.Manifest), &manifest) != nil || json.Unmarshal([]byte(manifest.Annotations[fateOfAnImage]), &fate) != nil {
		return ImageFate{}
	}
	return fate
}

// image finds one by digest, by tag, or by both.
func (r *ecrRepository) image(digest, tag string) *ecrImage {
	return r.Images.first(func(i *ecrImage) bool {
		return (digest == "" || i.Digest == digest) && (tag == "" || slices.Contains(i.Tags, tag)) && digest+tag != ""
	})
}

// age is one look at an image whose scan is under way.
func (i *ecrImage) age() types.ScanStatus {
	if i.wait() {
		return types.ScanStatusInProgress
	}
	return types.ScanStatusComplete
}

// Push puts an image into a repository, as docker does.
func (a *Account) Push(region, repository, tag, manifest string) (digest string, err error) {
	out, err := a.locked(func(st **state) (any, error) {
		t := &tx{state: *st, opts: a.opts, region: region, now: time.Now().UTC()}
		return putImage(t, &ecr.PutImageInput{RepositoryName: &repository, ImageTag: &tag, ImageManifest: &manifest})
	})
	if err != nil {
		return "", err
	}
	return *out.(*ecr.PutImageOutput).Image.ImageId.ImageDigest, nil
}

func registerImages(a *Account) {
	op(a, ecr.ServiceID, putImage)
	opOn(on(a, ecr.ServiceID, (*tx).repository), func(in *ecr.BatchGetImageInput) *string { return in.RepositoryName }, batchGetImage)
	opOn(on(a, ecr.ServiceID, (*tx).repository), func(in *ecr.DescribeImagesInput) *string { return in.RepositoryName }, describeImages)
	opOn(on(a, ecr.ServiceID, (*tx).repository), func(in *ecr.DescribeImageScanFindingsInput) *string { return in.RepositoryName }, func(t *tx, r *ecrRepository, in *ecr.DescribeImageScanFindingsInput) (*ecr.DescribeImageScanFindingsOutput, error) {
		i := r.image(aws.ToString(in.ImageId.ImageDigest), aws.ToString(in.ImageId.ImageTag))
		switch {
		case i == nil:
			return nil, t.noImage(r, *in.ImageId)
		case !i.Scanned:
			return nil, apiError("ScanNotFoundException", "Image scan does not exist for the image with '%s' in the repository with name '%s'", i.Digest, *r.V.RepositoryName)
		}
		out := &ecr.DescribeImageScanFindingsOutput{RegistryId: aws.String(t.opts.ID), RepositoryName: in.RepositoryName, ImageId: &types.ImageIdentifier{ImageDigest: &i.Digest}}
		status := i.age()
		out.ImageScanStatus = &types.ImageScanStatus{Status: status}
		if status != types.ScanStatusComplete {
			return out, nil
		}
		findings := &types.ImageScanFindings{FindingSeverityCounts: severities(i), ImageScanCompletedAt: aws.Time(i.Pushed)}
		var all []types.ImageScanFinding
		for _, name := range i.fate().Critical {
			all = append(all, types.ImageScanFinding{Name: aws.String(name), Severity: types.FindingSeverityCritical, Description: aws.String("found in the sandbox")})
		}
		part, next, err := page(t, all, in.NextToken)
		findings.Findings, out.ImageScanFindings, out.NextToken = part, findings, next
		return out, err
	})
}

func severities(i *ecrImage) map[string]int32 {
	counts := map[string]int32{}
	if n := len(i.fate().Critical); n > 0 {
		counts[string(types.FindingSeverityCritical)] = int32(n)
	}
	return counts
}

func (t *tx) noImage(r *ecrRepository, id types.ImageIdentifier) error {
	orNull := func(s *string) string {
		if s == nil {
			return "null"
		}
		return *s
	}
	return apiError("ImageNotFoundException", "The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'",
		orNull(id.ImageDigest), orNull(id.ImageTag), *r.V.RepositoryName, t.opts.ID)
}

// putImage takes manifests only: layers, which a push uploads first, are not looked for.
func putImage(t *tx, in *ecr.PutImageInput) (*ecr.PutImageOutput, error) {
	r, err := t.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	text, tag := aws.ToString(in.ImageManifest), aws.ToString(in.ImageTag)
	var manifest struct{ MediaType string }
	if json.Unmarshal([]byte(text), &manifest) != nil {
		return nil, apiError("InvalidParameterException", "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'")
	}
	digest := digestOf(text)
	if in.ImageDigest != nil && *in.ImageDigest != digest {
		return nil, apiError("ImageDigestDoesNotMatchException", "The provided digest '%s' does not match the digest '%s' that was calculated", *in.ImageDigest, digest)
	}
	same, tagged := r.image(digest, ""), r.image("", tag)
	switch {
	case same != nil && (tag == "" || tagged == same):
		return nil, apiError("ImageAlreadyExistsException", "Image with digest '%s' and tag '%s' already exists in the repository with name '%s' in registry with id '%s'", digest, tag, *in.RepositoryName, t.opts.ID)
	case tagged != nil && r.V.ImageTagMutability == types.ImageTagMutabilityImmutable:
		return nil, apiError("ImageTagAlreadyExistsException", "The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the tag is immutable.", tag, *in.RepositoryName)
	case tagged != nil:
		tagged.Tags = slices.DeleteFunc(tagged.Tags, func(old string) bool { return old == tag })
	}
	if same == nil {
		same = &ecrImage{Digest: digest, Manifest: text, MediaType: manifest.MediaType, Pushed: t.now}
		if scan := r.V.ImageScanningConfiguration; scan != nil && scan.ScanOnPush {
			same.Scanned, same.Looks = true, t.opts.Looks
		}
		r.Images.add(same)
	}
	if tag != "" {
		same.Tags = append(same.Tags, tag)
	}
	return &ecr.PutImageOutput{Image: &types.Image{
		RegistryId: aws.String(t.opts.ID), RepositoryName: in.RepositoryName, ImageManifest: &text, ImageManifestMediaType: &same.MediaType,
		ImageId: &types.ImageIdentifier{ImageDigest: &digest, ImageTag: in.ImageTag},
	}}, nil
}

func describeImages(t *tx, r *ecrRepository, in *ecr.DescribeImagesInput) (*ecr.DescribeImagesOutput, error) {
	found := r.Images
	if len(in.ImageIds) > 0 {
		if in.MaxResults != nil || in.NextToken != nil {
			return nil, apiError("InvalidParameterException", "Invalid parameter at 'maxResults' failed to satisfy constraint: 'maxResults cannot be used with imageIds'")
		}
		found = nil
		for _, id := range in.ImageIds {
			i := r.image(aws.ToString(id.ImageDigest), aws.ToString(id.ImageTag))
			if i == nil {
				return nil, t.noImage(r, id)
			}
			found = append(found, i)
		}
	}
	var all []types.ImageDetail
	for _, i := range found {
		d := types.ImageDetail{
			RegistryId: aws.String(t.opts.ID), RepositoryName: in.RepositoryName, ImageDigest: aws.String(i.Digest), ImageTags: i.Tags, ImagePushedAt: aws.Time(i.Pushed),
			ImageSizeInBytes: aws.Int64(int64(len(i.Manifest))), ImageManifestMediaType: aws.String(i.MediaType), ArtifactMediaType: aws.String(ociConfig),
		}
		if i.Scanned {
			d.ImageScanStatus = &types.ImageScanStatus{Status: i.age()}
			if d.ImageScanStatus.Status == types.ScanStatusComplete {
				d.ImageScanStatus.Description = aws.String("The scan was completed successfully.")
				d.ImageScanFindingsSummary = &types.ImageScanFindingsSummary{FindingSeverityCounts: severities(i), ImageScanCompletedAt: aws.Time(i.Pushed)}
			}
		}
		all = append(all, d)
	}
	if len(in.ImageIds) > 0 {
		return &ecr.DescribeImagesOutput{ImageDetails: all}, nil
	}
	part, next, err := page(t, all, in.NextToken)
	return &ecr.DescribeImagesOutput{ImageDetails: part, NextToken: next}, err
}

// pulled is the image that a container runs. The error is what ECS says when it
// cannot be pulled; both are nil for other registries, where every image is and runs.
func (t *tx) pulled(image string) (*ecrImage, error) {
	rest, ok := strings.CutPrefix(image, fmt.Sprintf("%s.dkr.ecr.%s.amazonaws.com/", t.opts.ID, t.region))
	if !ok {
		return nil, nil
	}
	name, digest, _ := strings.Cut(rest, "@")
	name, tag, _ := strings.Cut(name, ":")
	if digest+tag == "" {
		tag = "latest"
	}
	r, err := t.repository(&name)
	if err != nil {
		return nil, fmt.Errorf("CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref %s: not found", image)
	}
	i := r.image(digest, tag)
	if i == nil {
		return nil, fmt.Errorf("CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref %s: %s: not found", image, image)
	}
	return i, nil
}
