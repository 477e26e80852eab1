package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// ecrState is ECR in one region, in the order of creation.
type ecrState struct{ Repositories table[ecrRepository] }

type ecrRepository struct {
	V         types.Repository
	Lifecycle string `json:",omitempty"`
	Tags      []types.Tag
	Images    table[ecrImage] `json:",omitempty"` // in the order of pushing
}

var repositoryName = lazyregexp.New(`^([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*$`)

func (t *tx) ecr() *ecrState { return in(&t.ECR, t.region) }

func (t *tx) repository(name *string) (*ecrRepository, error) {
	r := t.ecr().Repositories.first(func(r *ecrRepository) bool { return *r.V.RepositoryName == aws.ToString(name) })
	return found(r, apiError, "RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", aws.ToString(name), t.opts.ID)
}

// taggedRepository finds one by ARN, as the tag operations want it.
func (t *tx) taggedRepository(arn *string) (*ecrRepository, error) {
	name, ok := strings.CutPrefix(aws.ToString(arn), t.arn("ecr", "repository/"))
	if !ok {
		return nil, apiError("InvalidParameterException", "Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN'")
	}
	return t.repository(&name)
}

func registerECR(a *Account) {
	repositories := on(a, ecr.ServiceID, (*tx).repository)
	op(a, ecr.ServiceID, createRepository)
	op(a, ecr.ServiceID, func(t *tx, in *ecr.DescribeRepositoriesInput) (*ecr.DescribeRepositoriesOutput, error) {
		if len(in.RepositoryNames) > 0 && in.MaxResults != nil {
			return nil, apiError("InvalidParameterException", "Invalid parameter at 'maxResults' failed to satisfy constraint: 'maxResults cannot be used with repositoryNames'")
		}
		var all []types.Repository
		for _, r := range t.ecr().Repositories {
			if len(in.RepositoryNames) == 0 || slices.Contains(in.RepositoryNames, *r.V.RepositoryName) {
				all = append(all, r.V)
			}
		}
		for _, name := range in.RepositoryNames {
			if _, err := t.repository(&name); err != nil {
				return nil, err
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &ecr.DescribeRepositoriesOutput{Repositories: part, NextToken: next}, err
	})
	opOn(repositories, func(in *ecr.PutImageTagMutabilityInput) *string { return in.RepositoryName }, func(t *tx, r *ecrRepository, in *ecr.PutImageTagMutabilityInput) (*ecr.PutImageTagMutabilityOutput, error) {
		r.V.ImageTagMutability = in.ImageTagMutability
		return &ecr.PutImageTagMutabilityOutput{RepositoryName: in.RepositoryName, RegistryId: aws.String(t.opts.ID), ImageTagMutability: in.ImageTagMutability}, nil
	})
	opOn(repositories, func(in *ecr.PutImageScanningConfigurationInput) *string { return in.RepositoryName }, func(t *tx, r *ecrRepository, in *ecr.PutImageScanningConfigurationInput) (*ecr.PutImageScanningConfigurationOutput, error) {
		r.V.ImageScanningConfiguration = in.ImageScanningConfiguration
		return &ecr.PutImageScanningConfigurationOutput{RepositoryName: in.RepositoryName, RegistryId: aws.String(t.opts.ID), ImageScanningConfiguration: in.ImageScanningConfiguration}, nil
	})
	opOn(repositories, func(in *ecr.GetLifecyclePolicyInput) *string { return in.RepositoryName }, func(t *tx, r *ecrRepository, in *ecr.GetLifecyclePolicyInput) (*ecr.GetLifecyclePolicyOutput, error) {
		if r.Lifecycle == "" {
			return nil, apiError("LifecyclePolicyNotFoundException", "Lifecycle policy does not exist for the repository with name '%s' in the registry with id '%s'", *in.RepositoryName, t.opts.ID)
		}
		return &ecr.GetLifecyclePolicyOutput{RepositoryName: in.RepositoryName, RegistryId: aws.String(t.opts.ID), LifecyclePolicyText: aws.String(r.Lifecycle)}, nil
	})
	opOn(repositories, func(in *ecr.PutLifecyclePolicyInput) *string { return in.RepositoryName }, func(t *tx, r *ecrRepository, in *ecr.PutLifecyclePolicyInput) (*ecr.PutLifecyclePolicyOutput, error) {
		if err := checkImageLifecycle(aws.ToString(in.LifecyclePolicyText)); err != nil {
			return nil, err
		}
		r.Lifecycle = *in.LifecyclePolicyText
		return &ecr.PutLifecyclePolicyOutput{RepositoryName: in.RepositoryName, RegistryId: aws.String(t.opts.ID), LifecyclePolicyText: in.LifecyclePolicyText}, nil
	})
	opOn(repositories, func(in *ecr.DeleteRepositoryInput) *string { return in.RepositoryName }, func(t *tx, r *ecrRepository, in *ecr.DeleteRepositoryInput) (*ecr.DeleteRepositoryOutput, error) {
		if !in.Force && len(r.Images) > 0 {
			return nil, apiError("RepositoryNotEmptyException", "The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images", *in.RepositoryName, t.opts.ID)
		}
		t.ecr().Repositories.drop(r)
		return &ecr.DeleteRepositoryOutput{Repository: &r.V}, nil
	})
	tags := tagsOn(on(a, ecr.ServiceID, (*tx).taggedRepository), ecrTags, func(r *ecrRepository) *[]types.Tag { return &r.Tags })
	opListTags(tags, func(in *ecr.ListTagsForResourceInput) *string { return in.ResourceArn }, func(out *ecr.ListTagsForResourceOutput, tags []types.Tag) { out.Tags = tags })
	opTag[ecr.TagResourceOutput](tags, func(in *ecr.TagResourceInput) (*string, []types.Tag) { return in.ResourceArn, in.Tags })
	opUntag[ecr.UntagResourceOutput](tags, func(in *ecr.UntagResourceInput) (*string, []string) { return in.ResourceArn, in.TagKeys })
	tagged(a, ecr.ServiceID, ecrTags, func(t *tx) []*ecrRepository { return t.ecr().Repositories }, func(_ *tx, r *ecrRepository) (string, []types.Tag) { return *r.V.RepositoryArn, r.Tags })
	registerImages(a)
}

var ecrTags = tagList[types.Tag]{
	parts:    func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: reserves(apiError("InvalidTagParameterException", "Tag keys cannot start with 'aws:'")),
}

func createRepository(t *tx, in *ecr.CreateRepositoryInput) (*ecr.CreateRepositoryOutput, error) {
	name := aws.ToString(in.RepositoryName)
	if len(name) < 2 || len(name) > 256 || !repositoryName.MatchString(name) {
		return nil, apiError("InvalidParameterException", "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '%s''", repositoryName)
	}
	if err := ecrTags.check(in.Tags); err != nil {
		return nil, err
	}
	encryption := types.EncryptionConfiguration{EncryptionType: types.EncryptionTypeAes256}
	if e := in.EncryptionConfiguration; e != nil {
		encryption = *e
	}
	if encryption.EncryptionType == types.EncryptionTypeKms {
		if encryption.KmsKey == nil {
			encryption.KmsKey = aws.String(t.arn("kms", "key/aws-managed-ecr"))
		} else {
			key, err := t.usableKey(*encryption.KmsKey)
			if err != nil {
				return nil, apiError("KmsException", "The operation failed due to a KMS exception: %v", err)
			}
			encryption.KmsKey = key.V.Meta.Arn
		}
	}
	if _, err := t.repository(&name); err == nil {
		return nil, apiError("RepositoryAlreadyExistsException", "The repository with name '%s' already exists in the registry with id '%s'", name, t.opts.ID)
	}
	r := &ecrRepository{Tags: in.Tags, V: types.Repository{
		RepositoryName: &name, RepositoryArn: aws.String(t.arn("ecr", "repository/"+name)), RegistryId: aws.String(t.opts.ID), CreatedAt: aws.Time(t.now),
		RepositoryUri:              aws.String(fmt.Sprintf("%s.dkr.ecr.%s.amazonaws.com/%s", t.opts.ID, t.region, name)),
		ImageTagMutability:         types.ImageTagMutabilityMutable,
		ImageScanningConfiguration: &types.ImageScanningConfiguration{},
		EncryptionConfiguration:    &encryption,
	}}
	r.V.ImageTagMutability = cmp.Or(in.ImageTagMutability, r.V.ImageTagMutability)
	set(&r.V.ImageScanningConfiguration, in.ImageScanningConfiguration)
	t.ecr().Repositories.add(r)
	return &ecr.CreateRepositoryOutput{Repository: &r.V}, nil
}

// checkImageLifecycle judges a lifecycle policy by the rules that ECR documents.
func checkImageLifecycle(text string) error {
	refuse := func(why string) error {
		return apiError("InvalidParameterException", "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: %s'", why)
	}
	var policy struct {
		Rules []struct {
			RulePriority int
			Selection    struct {
				TagStatus                     string
				TagPrefixList, TagPatternList []string
				CountType, CountUnit          string
				CountNumber                   int
			}
			Action struct{ Type string }
		}
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return refuse("string is not JSON")
	}
	if len(policy.Rules) == 0 || len(policy.Rules) > 50 {
		return refuse("between 1 and 50 rules are wanted")
	}
	seen := map[int]bool{}
	last, anyTag := 0, 0
	for _, r := range policy.Rules {
		s := r.Selection
		byAge := s.CountType == "sinceImagePushed"
		switch {
		case r.RulePriority < 1 || seen[r.RulePriority]:
			return refuse("rulePriority must be unique and positive")
		case r.Action.Type != "expire":
			return refuse("action type")
		case s.CountNumber < 1:
			return refuse("countNumber must be positive")
		case !byAge && s.CountType != "imageCountMoreThan":
			return refuse("countType")
		case byAge != (s.CountUnit == "days"):
			return refuse("countUnit belongs to sinceImagePushed, and only there")
		case s.TagStatus != "tagged" && s.TagStatus != "untagged" && s.TagStatus != "any":
			return refuse("tagStatus")
		case (s.TagStatus == "tagged") != (len(s.TagPrefixList)+len(s.TagPatternList) > 0):
			return refuse("tag lists belong to tagged, and only there")
		}
		seen[r.RulePriority] = true
		last = max(last, r.RulePriority)
		if s.TagStatus == "any" {
			anyTag = r.RulePriority
		}
	}
	if anyTag != 0 && anyTag != last {
		return refuse("the rule for any tag must have the lowest priority")
	}
	return nil
}
