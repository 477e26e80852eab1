package ecs

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// repository is an ECR repository with what describes leave out.
type repository struct {
	ecrtypes.Repository
	tags      provision.Tags
	lifecycle string // canonical
}

type wantRepository struct{ name, app, service string }

// RepositoryKind holds a service's images. Destroy takes them along: what was
// built once can be built again.
func RepositoryKind() *provision.Type {
	return provision.Define(provision.Kind[wantRepository, *repository]{
		Name:      "ecr/repository",
		ARN:       "ecr:repository/",
		Unlisted:  func(name string) bool { return !strings.Contains(name, "/") },
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[wantRepository, *repository]{Items: billImages},
		Impact:    provision.Impact[*repository]{Losses: imageLosses},
		DependsOn: provision.Ready("kms/key"),
		Want:      wantRepositories,
		List:      listRepositories,
		Describe:  describeRepository,
		Removal:   provision.Removal[*repository]{Listed: true},
		ID:        func(r *repository) string { return aws.ToString(r.RepositoryName) },
		Tags:      func(r *repository) provision.Tags { return r.tags },
		Naming: provision.Naming[wantRepository, *repository]{
			Key:   func(r *repository) string { return aws.ToString(r.RepositoryName) },
			KeyOf: kit.Name(func(d wantRepository) string { return d.name }),
			ExtraTags: func(_ *provision.Scope, d wantRepository) provision.Tags {
				return provision.Tags{provision.TagApp: d.app, provision.TagService: d.service}
			},
		},
		FactsListed: true,
		Facts:       kit.Fact(rules.FactImages, func(r *repository) *string { return r.RepositoryUri }),
		Create: func(ctx context.Context, s *provision.Step, d wantRepository) (*repository, error) {
			in := &ecr.CreateRepositoryInput{
				RepositoryName: &d.name, Tags: ecrTags.To(s.Tags), ImageTagMutability: ecrtypes.ImageTagMutabilityImmutable,
				ImageScanningConfiguration: &ecrtypes.ImageScanningConfiguration{ScanOnPush: true},
				EncryptionConfiguration:    &ecrtypes.EncryptionConfiguration{EncryptionType: ecrtypes.EncryptionTypeKms, KmsKey: aws.String(s.ID("kms/key", "client"))},
			}
			return kit.Get(ctx, s.API.ECR.CreateRepository, in, func(o *ecr.CreateRepositoryOutput) *repository {
				return &repository{Repository: *o.Repository, tags: s.Tags}
			})
		},
		Delete: kit.Delete(ofECR, awsapi.ECR.DeleteRepository, func(r *repository, in *ecr.DeleteRepositoryInput) {
			in.RepositoryName, in.Force = r.RepositoryName, true
		}),
		Retag: kit.Retag(ofECR, awsapi.ECR.TagResource, func(r *repository, tags provision.Tags, in *ecr.TagResourceInput) {
			in.ResourceArn, in.Tags = r.RepositoryArn, ecrTags.To(tags)
		}),
		Untag: kit.Untag(ofECR, awsapi.ECR.UntagResource, func(r *repository, keys []string, in *ecr.UntagResourceInput) {
			in.ResourceArn, in.TagKeys = r.RepositoryArn, keys
		}),
		Fields: repositoryFields(),
	})
}

func repositoryFields() []provision.Field[wantRepository, *repository] {
	lifecycle := kit.CanonicalOr(rules.RepositoryLifecycle())
	return []provision.Field[wantRepository, *repository]{
		{
			Name: "encryption",
			Want: func(s *provision.Step, _ wantRepository) string { return "KMS " + s.ID("kms/key", "client") },
			Have: func(r *repository) string {
				if e := r.EncryptionConfiguration; e != nil {
					return strings.TrimSpace(string(e.EncryptionType) + " " + aws.ToString(e.KmsKey))
				}
				return ""
			},
			Fix: lang.Text("ECR cannot change the key of a repository; delete the repository by hand, run again, and push its images anew"),
		},
		kit.Settable("image tags", kit.Const[wantRepository](string(ecrtypes.ImageTagMutabilityImmutable)), func(r *repository) string { return string(r.ImageTagMutability) },
			kit.Set(ofECR, awsapi.ECR.PutImageTagMutability, func(_ *provision.Step, _ wantRepository, r *repository, in *ecr.PutImageTagMutabilityInput) {
				in.RepositoryName, in.ImageTagMutability = r.RepositoryName, ecrtypes.ImageTagMutabilityImmutable
			})),
		kit.Settable("scan on push", kit.Const[wantRepository]("on"),
			func(r *repository) string {
				return kit.OnOff(r.ImageScanningConfiguration != nil && r.ImageScanningConfiguration.ScanOnPush)
			},
			kit.Set(ofECR, awsapi.ECR.PutImageScanningConfiguration, func(_ *provision.Step, _ wantRepository, r *repository, in *ecr.PutImageScanningConfigurationInput) {
				in.RepositoryName, in.ImageScanningConfiguration = r.RepositoryName, &ecrtypes.ImageScanningConfiguration{ScanOnPush: true}
			})),
		kit.Settable("lifecycle policy", kit.Const[wantRepository](lifecycle), func(r *repository) string { return r.lifecycle },
			kit.Set(ofECR, awsapi.ECR.PutLifecyclePolicy, func(_ *provision.Step, _ wantRepository, r *repository, in *ecr.PutLifecyclePolicyInput) {
				in.RepositoryName, in.LifecyclePolicyText = r.RepositoryName, aws.String(rules.RepositoryLifecycle())
			})),
	}
}

func wantRepositories(s *provision.Scope) map[provision.Role]wantRepository {
	out := map[provision.Role]wantRepository{}
	for _, d := range kit.Workloads(s) { // the same for both environments
		out[d.Unit()] = wantRepository{rules.RepositoryName(d.Client, d.App.Name, d.Svc.Name), d.App.Name, d.Svc.Name}
	}
	return out
}

// listRepositories asks for the tags of what can be a client's by its name: ECR
// tells them for one repository at a time.
func listRepositories(ctx context.Context, w *provision.Sweep) ([]*repository, error) {
	p := ecr.NewDescribeRepositoriesPaginator(w.ECR, &ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(1000)})
	listed, err := kit.All(ctx, p, func(o *ecr.DescribeRepositoriesOutput) []ecrtypes.Repository { return o.Repositories })
	all, err := kit.Map(listed, err, func(r ecrtypes.Repository) *repository { return &repository{Repository: r} })
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(r *repository) bool {
		owner, _, ok := strings.Cut(aws.ToString(r.RepositoryName), "/")
		return !ok || !kit.Concerns(w, func(client string) bool { return rules.Lower(client) == owner })
	})
	arn := func(r *repository) string { return aws.ToString(r.RepositoryArn) }
	return kit.WithTags(ctx, w, all, arn, func(r *repository) *provision.Tags { return &r.tags }, func(ctx context.Context, r *repository) (provision.Tags, error) {
		in := &ecr.ListTagsForResourceInput{ResourceArn: r.RepositoryArn}
		return kit.Get(ctx, w.ECR.ListTagsForResource, in, func(o *ecr.ListTagsForResourceOutput) provision.Tags { return ecrTags.Of(o.Tags) })
	})
}

func describeRepository(ctx context.Context, w *provision.Sweep, r *repository) error {
	out, err := w.ECR.GetLifecyclePolicy(ctx, &ecr.GetLifecyclePolicyInput{RepositoryName: r.RepositoryName})
	if err == nil {
		r.lifecycle = kit.CanonicalOr(aws.ToString(out.LifecyclePolicyText))
	}
	return awsapi.IgnoreNotFound(err) // no policy, which shows as a difference
}

// ecrTags are tags as ECR has them.
var ecrTags = kit.TagCodec[ecrtypes.Tag](func(t *ecrtypes.Tag) (key, value **string) { return &t.Key, &t.Value })
