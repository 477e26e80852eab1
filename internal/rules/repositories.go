package rules

import (
	"fmt"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Images in a repository. A running service may need its image again whenever a
// host is replaced, and rollback goes back to any that ran before: lifecycle rules cannot
// look at either, so that what was deployed is told from what was only pushed by a tag.
// Untagged ones are what failed pushes left behind.
const (
	imagesKept = 200
	// deployedKept is how many images are kept that ran in an environment: as many as
	// rollback looks at.
	deployedKept = 200
	untaggedDays = 14
)

// deployedPrefix begins the tags of images that were deployed.
const deployedPrefix = "deployed-"

// DeployedTag is the tag that keeps an image from expiring, once it is deployed to an
// environment: "deployed-prod-1f2e3d4c5b6a7f80". Tags are immutable, so each image has its
// own, of 16 of the 64 digits of its digest.
func DeployedTag(env spec.Env, digest string) string {
	digits := strings.TrimPrefix(digest, "sha256:")
	return deployedPrefix + string(env) + "-" + digits[:min(len(digits), 16)]
}

// PushedTags are the tags of an image that somebody has pushed, without those of DeployedTag.
func PushedTags(tags []string) []string {
	var out []string
	for _, tag := range tags {
		if !strings.HasPrefix(tag, deployedPrefix) {
			out = append(out, tag)
		}
	}
	return out
}

// RepositoryLifecycle is the lifecycle policy of every repository, as ECR takes it. An image
// that a rule is about by its tags is expired by no rule of a lower priority (ECR user guide,
// "Lifecycle policy evaluation rules"); several prefixes in one rule would all have to match.
func RepositoryLifecycle() string {
	rule := func(priority int, why, status, count string) string {
		return fmt.Sprintf(`{"rulePriority":%d,"description":%q,"selection":{"tagStatus":%s,%s},"action":{"type":"expire"}}`, priority, why, status, count)
	}
	newest := func(n int) string { return fmt.Sprintf(`"countType":"imageCountMoreThan","countNumber":%d`, n) }
	all := []string{rule(1, "untagged images go", `"untagged"`, fmt.Sprintf(`"countType":"sinceImagePushed","countUnit":"days","countNumber":%d`, untaggedDays))}
	for _, env := range []spec.Env{spec.Prod, spec.Preview} {
		all = append(all, rule(len(all)+1, "what ran in "+string(env)+" stays", fmt.Sprintf(`"tagged","tagPrefixList":["%s%s-"]`, deployedPrefix, env), newest(deployedKept)))
	}
	all = append(all, rule(len(all)+1, "the newest images stay", `"any"`, newest(imagesKept)))
	return `{"rules":[` + strings.Join(all, ",") + `]}`
}
