package deploy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// DeployImage is an image of a service's repository.
type DeployImage struct {
	URI      string     `json:"uri"` // by its digest
	Digest   string     `json:"digest"`
	Tag      string     `json:"tag,omitempty"` // the one asked for, or the first
	Pushed   *time.Time `json:"pushed,omitempty"`
	Scan     string     `json:"scan"`               // "complete", or what AWS says instead
	Critical int32      `json:"critical"`           // vulnerabilities found
	Findings []string   `json:"findings,omitempty"` // the names of some of them

	tags []string // all that ECR has for it
}

func (i *DeployImage) what() string { return imageText(i.Tag, i.Digest) }

const (
	// scanPatience is how long a scan is waited for: most take under a minute.
	scanPatience = 5 * time.Minute
	// scanSightings is how many looks a scan on push may take to begin.
	scanSightings = 5
	// namesShown is how many findings, or tags, a refusal names.
	namesShown = 5
)

// ScanComplete is told when ECR has nothing more to say of an image.
const ScanComplete = "complete"

// findImage finds what the operator calls an image, in the unit's own repository.
func findImage(ctx context.Context, u cloud.Unit, ref rules.Image) (*DeployImage, error) {
	id := ecrtypes.ImageIdentifier{}
	if ref.Tag != "" {
		id.ImageTag = &ref.Tag
	}
	if ref.Digest != "" {
		id.ImageDigest = &ref.Digest
	}
	out, err := u.API.ECR.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: aws.String(u.Repository()), ImageIds: []ecrtypes.ImageIdentifier{id}})
	switch code := awsapi.Code(err); {
	case code == "RepositoryNotFoundException":
		return nil, u.Missing("repository (" + u.Repository() + ")")
	case code == "ImageNotFoundException" || err == nil && len(out.ImageDetails) == 0:
		return nil, noImage(ctx, u, ref)
	case err != nil:
		return nil, err
	}
	d := out.ImageDetails[0]
	if ref.Tag != "" && !slices.Contains(d.ImageTags, ref.Tag) {
		return nil, cloud.Guardf("%s has the image %s, but not under the tag %s", u.Repository(), imageText("", ref.Digest), ref.Tag)
	}
	image := &DeployImage{Digest: aws.ToString(d.ImageDigest), Tag: ref.Tag, Pushed: cloud.Moment(d.ImagePushedAt)}
	image.URI = rules.RegistryHost(u.Account, u.Region) + "/" + u.Repository() + "@" + image.Digest
	image.tags = d.ImageTags
	if pushed := rules.PushedTags(d.ImageTags); image.Tag == "" && len(pushed) > 0 {
		image.Tag = slices.Min(pushed)
	}
	image.scanned(d.ImageScanStatus, d.ImageScanFindingsSummary)
	return image, nil
}

// scanned notes what a describe says of the scan.
func (i *DeployImage) scanned(s *ecrtypes.ImageScanStatus, summary *ecrtypes.ImageScanFindingsSummary) {
	i.Scan = "none"
	if s != nil {
		i.Scan = stateWords(string(s.Status))
	}
	if i.Scan == ScanComplete {
		i.Scan = "findings unavailable"
	}
	if summary != nil && (s == nil || s.Status == ecrtypes.ScanStatusComplete || s.Status == ecrtypes.ScanStatusActive) {
		i.Scan, i.Critical = ScanComplete, summary.FindingSeverityCounts[string(ecrtypes.FindingSeverityCritical)]
	}
}

// stateWords is a state in AWS's words without its capitals: "in progress".
func stateWords(state string) string { return strings.ToLower(strings.ReplaceAll(state, "_", " ")) }

// noImage refuses an image that is not there, and names those that are.
func noImage(ctx context.Context, u cloud.Unit, ref rules.Image) error {
	what := "tag " + ref.Tag
	if ref.Digest != "" {
		what = ref.Digest
	}
	var all []ecrtypes.ImageDetail
	for p := ecr.NewDescribeImagesPaginator(u.API.ECR, &ecr.DescribeImagesInput{RepositoryName: aws.String(u.Repository()), MaxResults: aws.Int32(1000)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return lang.Errorf("list the images of %s: %w", u.Repository(), err)
		}
		all = append(all, page.ImageDetails...)
	}
	slices.SortFunc(all, func(a, b ecrtypes.ImageDetail) int {
		return cloud.At(b.ImagePushedAt).Compare(cloud.At(a.ImagePushedAt))
	})
	var tags []string
	for _, d := range all {
		tags = append(tags, rules.PushedTags(d.ImageTags)...)
	}
	there := lang.Say("it has no images yet")
	if len(tags) > 0 {
		there = lang.Sprintf("its newest are %s", strings.Join(tags[:min(len(tags), namesShown)], ", "))
	}
	return cloud.Guardf("--image: %s/%s has no image with the %s; %s: push it first", rules.RegistryHost(u.Account, u.Region), u.Repository(), what, there)
}

// ownRepository refuses a repository that bears the right name and not the client's tags.
func ownRepository(ctx context.Context, u cloud.Unit, scope *provision.Scope) error {
	arn := scope.ARN("ecr", "repository/"+u.Repository())
	out, err := u.API.ECR.ListTagsForResource(ctx, &ecr.ListTagsForResourceInput{ResourceArn: &arn})
	if awsapi.Is(err, awsapi.NotFound) {
		return u.Missing("repository (" + u.Repository() + ")")
	}
	if err != nil {
		return err
	}
	tags := provision.Tags{}
	for _, t := range out.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	if !cloud.Ours(tags, u.Client, u.Region) {
		return u.Foreign(lang.Sprintf("the repository %s", u.Repository()))
	}
	return nil
}

// judgeImage waits for the scan of an image and refuses one that is not fit to run,
// unless somebody has a reason. It tells once that it waits.
func judgeImage(ctx context.Context, u cloud.Unit, image *DeployImage, accepted string, waits func(*DeployImage)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, scanPatience, errScanPatience)
	defer cancel()
	var summary *ecrtypes.ImageScanFindingsSummary
	for unseen := 0; image.Scan != ScanComplete; {
		out, err := u.API.ECR.DescribeImageScanFindings(ctx, &ecr.DescribeImageScanFindingsInput{RepositoryName: aws.String(u.Repository()), ImageId: &ecrtypes.ImageIdentifier{ImageDigest: &image.Digest}})
		switch {
		case awsapi.Code(err) == "ScanNotFoundException":
			image.Scan = "none"
			unseen++
		case err != nil && ctx.Err() != nil:
			return scanCause(ctx)
		case err != nil:
			return err
		default:
			summary = nil
			if f := out.ImageScanFindings; f != nil {
				summary = &ecrtypes.ImageScanFindingsSummary{FindingSeverityCounts: f.FindingSeverityCounts}
			}
			image.scanned(out.ImageScanStatus, summary)
		}
		goesOn := image.Scan == "in progress" || image.Scan == "pending" || image.Scan == "none" && unseen < scanSightings
		if !goesOn || accepted != "" && image.Scan == "none" {
			break
		}
		waits(image)
		if err := cloud.Pause(ctx, u.Pace); err != nil {
			return scanCause(ctx)
		}
	}
	switch {
	case accepted != "":
		return nil
	case image.Scan != ScanComplete:
		return cloud.Guardf(`%s was not scanned for vulnerabilities (scan: %s): start one with aws ecr start-image-scan --region %s --repository-name %s --image-id imageDigest=%s (ECR scans images for one platform: build without --provenance and for one platform), or say why it may run all the same with --accept-findings "REASON"`,
			image.what(), image.Scan, u.Region, u.Repository(), image.Digest)
	case image.Critical > 0:
		if err := nameFindings(ctx, u, image); err != nil {
			return err
		}
		names := ""
		if len(image.Findings) > 0 {
			names = " (" + strings.Join(image.Findings, ", ") + ")"
		}
		return cloud.Guardf(`%s has %d {critical vulnerability|critical vulnerabilities}%s: build it on a base image without them, or say why it may run all the same with --accept-findings "REASON"`,
			image.what(), image.Critical, names)
	}
	return nil
}

var errScanPatience = errors.New("scan patience")

// scanCause is a refusal when the scan took too long, and the interruption otherwise.
func scanCause(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, errScanPatience) {
		return cause
	}
	return cloud.Guardf("the image is still being scanned for vulnerabilities after %s: run the same command again in a few minutes", scanPatience)
}

// nameFindings names some of the critical findings of an image.
func nameFindings(ctx context.Context, u cloud.Unit, image *DeployImage) error {
	in := &ecr.DescribeImageScanFindingsInput{RepositoryName: aws.String(u.Repository()), ImageId: &ecrtypes.ImageIdentifier{ImageDigest: &image.Digest}}
	for p := ecr.NewDescribeImageScanFindingsPaginator(u.API.ECR, in); p.HasMorePages() && len(image.Findings) < namesShown; {
		page, err := p.NextPage(ctx)
		if err != nil {
			return lang.Errorf("read the findings of %s: %w", image.what(), err)
		}
		if page.ImageScanFindings == nil {
			continue
		}
		for _, f := range page.ImageScanFindings.Findings {
			if f.Severity == ecrtypes.FindingSeverityCritical {
				image.Findings = append(image.Findings, aws.ToString(f.Name))
			}
		}
		for _, f := range page.ImageScanFindings.EnhancedFindings {
			if aws.ToString(f.Severity) == string(ecrtypes.FindingSeverityCritical) {
				image.Findings = append(image.Findings, aws.ToString(f.Title))
			}
		}
	}
	if len(image.Findings) > namesShown {
		image.Findings = append(image.Findings[:namesShown], "…")
	}
	return nil
}
