package rules

import "fmt"

// Images in a repository. A running service may need its image again whenever a
// host is replaced, so many more are kept than are ever tried between two
// deployments to production. Untagged ones are what failed pushes left behind.
const (
	imagesKept   = 200
	untaggedDays = 14
)

// RepositoryLifecycle is the lifecycle policy of every repository, as ECR takes it.
func RepositoryLifecycle() string {
	return fmt.Sprintf(`{"rules":[`+
		`{"rulePriority":1,"description":"untagged images go","selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":%d},"action":{"type":"expire"}},`+
		`{"rulePriority":2,"description":"the newest images stay","selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":%d},"action":{"type":"expire"}}`+
		`]}`, untaggedDays, imagesKept)
}
