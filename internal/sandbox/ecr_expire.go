package sandbox

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// imageRule is a rule of a repository's lifecycle policy.
type imageRule struct {
	RulePriority int
	Selection    struct {
		TagStatus     string
		TagPrefixList []string
		CountType     string
		CountNumber   int
	}
}

// about reports whether a rule is about an image by its tags: of several prefixes each must
// begin one of them.
func (r imageRule) about(i *ecrImage) bool {
	switch r.Selection.TagStatus {
	case "untagged":
		return len(i.Tags) == 0
	case "tagged":
		return len(i.Tags) > 0 && !slices.ContainsFunc(r.Selection.TagPrefixList, func(prefix string) bool {
			return !slices.ContainsFunc(i.Tags, func(tag string) bool { return strings.HasPrefix(tag, prefix) })
		})
	}
	return true
}

// RemoveImage takes an image out of a repository by its digest, as somebody does by hand.
func (a *Account) RemoveImage(region, repository, digest string) error {
	return a.byHandIn(region, func(t *tx) error {
		r, err := t.repository(&repository)
		if err != nil {
			return err
		}
		i := r.image(digest, "")
		if i == nil {
			return t.noImage(r, types.ImageIdentifier{ImageDigest: &digest})
		}
		r.Images.drop(i)
		return nil
	})
}

// ExpireImages does what ECR does within a day: it applies the lifecycle policies of a region's
// repositories, at a given time. An image goes by the first rule that is about its tags or by
// none (ECR user guide, "Lifecycle policy evaluation rules").
func (a *Account) ExpireImages(region string, at time.Time) error {
	return a.byHandIn(region, func(t *tx) error {
		for _, repo := range t.ecr().Repositories {
			var policy struct{ Rules []imageRule }
			if repo.Lifecycle == "" {
				continue
			}
			if err := json.Unmarshal([]byte(repo.Lifecycle), &policy); err != nil {
				return err
			}
			slices.SortFunc(policy.Rules, func(a, b imageRule) int { return a.RulePriority - b.RulePriority })
			settled := map[*ecrImage]bool{}
			for _, rule := range policy.Rules {
				var matched []*ecrImage
				for _, i := range slices.Backward(repo.Images) { // the newest first
					if rule.about(i) {
						matched = append(matched, i)
					}
				}
				for n, i := range matched {
					spent := n >= rule.Selection.CountNumber
					if rule.Selection.CountType == "sinceImagePushed" {
						spent = at.Sub(i.Pushed) > time.Duration(rule.Selection.CountNumber)*24*time.Hour
					}
					if spent && !settled[i] {
						repo.Images.drop(i)
					}
					settled[i] = true
				}
			}
		}
		return nil
	})
}

// batchGetImage gives manifests; what is not there is no error of the call.
func batchGetImage(t *tx, r *ecrRepository, in *ecr.BatchGetImageInput) (*ecr.BatchGetImageOutput, error) {
	out := &ecr.BatchGetImageOutput{}
	for _, id := range in.ImageIds {
		i := r.image(aws.ToString(id.ImageDigest), aws.ToString(id.ImageTag))
		if i == nil {
			out.Failures = append(out.Failures, types.ImageFailure{ImageId: &id, FailureCode: types.ImageFailureCodeImageNotFound, FailureReason: aws.String("Requested image not found")})
			continue
		}
		out.Images = append(out.Images, types.Image{
			RegistryId: aws.String(t.opts.ID), RepositoryName: in.RepositoryName, ImageManifest: aws.String(i.Manifest), ImageManifestMediaType: aws.String(i.MediaType),
			ImageId: &types.ImageIdentifier{ImageDigest: aws.String(i.Digest), ImageTag: id.ImageTag},
		})
	}
	return out, nil
}
