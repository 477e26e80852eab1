package audit

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/ecs"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// imageGone is the finding about an image that tasks are started from and that ECR does not
// have any more.
const (
	imageGone      = "CICD-ECR-2"
	imageGoneTitle = "The images that services run are in ECR"
	imageGoneWhy   = "tasks that run go on, but none can be started any more: not after a failure, and not on a host that replaces another"
)

// runs is what tasks are started from: a service, or a task definition.
type runs interface{ Images() []string }

// runners are the kinds whose resources have images. What a service runs is told of the service.
var runners = []string{"ecs/service", "ecs/task-definition"}

// repository is one that images are needed of.
type repository struct {
	region, name string
	images, gone []string
	err          error
}

// images finds out which images of services and task definitions are gone, with one call for
// each repository that has any, and one for each image of it only where that tells of a loss.
func (a *auditing) images(ctx context.Context, account string, inv *provision.Inventory) map[string]bool {
	var all []*repository
	for _, region := range a.Regions {
		needed := a.needed(account, region, inv)
		for _, name := range slices.Sorted(maps.Keys(needed)) {
			all = append(all, &repository{region: region, name: name, images: needed[name]})
		}
	}
	var g errgroup.Group
	g.SetLimit(cloud.DescribesAtOnce)
	for _, r := range all {
		g.Go(func() error {
			r.gone, r.err = missing(ctx, a.op.Factory.Set(r.region), account, r.name, r.images)
			return nil
		})
	}
	_ = g.Wait() // each has an error of its own
	gone := map[string]bool{}
	for _, r := range all {
		if r.err != nil {
			a.skip(lang.Sprintf("images in %s", r.name), r.region, r.err)
		}
		for _, image := range r.gone {
			gone[image] = true
		}
	}
	return gone
}

// needed are the images of a region's services and task definitions, by their repository.
func (a *auditing) needed(account, region string, inv *provision.Inventory) map[string][]string {
	out := map[string][]string{}
	for _, kind := range runners {
		for _, r := range inv.All(kind, region) {
			v, ok := r.Object.(runs)
			if !ok || r.Tags[provision.TagManagedBy] != provision.ManagedBy || r.State == provision.Gone || r.State == provision.Deleting || !a.asked(r.Tags[provision.TagClient]) {
				continue
			}
			for _, image := range v.Images() {
				if name, id := imageOf(account, region, image); id != nil && !slices.Contains(out[name], image) {
					out[name] = append(out[name], image)
				}
			}
		}
	}
	return out
}

// imageOf reads "<registry>/acme/shop-web@sha256:…" or "….:v1"; nil for an image of another
// registry, which nobody can look into, and for that of a service before its first deploy.
func imageOf(account, region, image string) (repository string, id *ecrtypes.ImageIdentifier) {
	rest, ok := strings.CutPrefix(image, rules.RegistryHost(account, region)+"/")
	if !ok {
		return "", nil
	}
	name, digest, byDigest := strings.Cut(rest, "@")
	name, tag, byTag := strings.Cut(name, ":")
	switch {
	case byDigest: // the tag beside it says nothing
		return name, &ecrtypes.ImageIdentifier{ImageDigest: &digest}
	case byTag && tag != ecs.NoImage:
		return name, &ecrtypes.ImageIdentifier{ImageTag: &tag}
	case !byTag:
		return name, &ecrtypes.ImageIdentifier{ImageTag: aws.String("latest")}
	default:
		return "", nil
	}
}

// describedImages is how many images one DescribeImages takes ("DescribeImages", ECR API reference).
const describedImages = 100

// missing are those images that a repository does not have. ECR tells of all at once only that
// one is missing.
func missing(ctx context.Context, api *awsapi.Set, account, repository string, images []string) ([]string, error) {
	there := func(some []string) (bool, error) {
		in := &ecr.DescribeImagesInput{RepositoryName: &repository}
		for _, image := range some {
			_, id := imageOf(account, api.Region, image)
			in.ImageIds = append(in.ImageIds, *id)
		}
		_, err := api.ECR.DescribeImages(ctx, in)
		return err == nil, awsapi.IgnoreNotFound(err)
	}
	var lost []string
	for some := range slices.Chunk(images, describedImages) {
		ok, err := there(some)
		if err != nil {
			return lost, err
		}
		for _, image := range some {
			if ok {
				break
			}
			has := false
			if len(some) > 1 {
				if has, err = there([]string{image}); err != nil {
					return lost, err
				}
			}
			if !has {
				lost = append(lost, image)
			}
		}
	}
	return lost, nil
}

// lostImages tells of what is started from images that are gone: of services, and of task
// definitions that no service with the same image has.
func (a *auditing) lostImages(survey *provision.Survey, gone map[string]bool) {
	if len(gone) == 0 {
		return
	}
	told := map[string]bool{} // by role and image
	for _, kind := range runners {
		for seen := range survey.Seen() {
			v, ok := seen.Object.(runs)
			if !ok || seen.Kind != kind || seen.Tags[provision.TagManagedBy] != provision.ManagedBy || !a.asked(seen.Client) {
				continue
			}
			for _, image := range v.Images() {
				of := strings.Join([]string{seen.Region, seen.Client, seen.Role, image}, " ")
				if !gone[image] || told[of] {
					continue
				}
				told[of] = true
				a.Findings = append(a.Findings, judge.Finding{
					ID: imageGone, Severity: rules.High, Title: imageGoneTitle, Client: seen.Client, Region: seen.Region, Resource: seen.Kind + " " + seen.ID,
					Is: lang.Sprintf("%s is gone", image), Should: "in ECR", Why: imageGoneWhy,
					Fix: lang.Sprintf("push it again, or deploy another: cicdctl deploy %s %s/%s --env %s --image TAG", seen.Client, seen.Tags[provision.TagApp], seen.Tags[provision.TagService], seen.Tags[provision.TagEnv]),
				})
			}
		}
	}
}
