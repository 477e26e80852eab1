package rules

import "gitlab.com/cicd/cicdctl/internal/spec"

// LogExports are the database logs that go to CloudWatch Logs.
func LogExports(engine string) []string {
	if engine == spec.AuroraMySQL {
		return []string{"audit", "error", "slowquery"}
	}
	return []string{"postgresql"}
}
