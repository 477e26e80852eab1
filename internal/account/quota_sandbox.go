package account

import "gitlab.com/cicd/cicdctl/internal/cloud"

// SetQuota grants the sandbox a value of a quota, and returns the quota's name.
func SetQuota(o *cloud.Operator, code string, value int) (string, error) {
	if o.Sandbox == nil {
		return "", errSandboxOnly
	}
	return o.Sandbox.SetQuota(code, float64(value))
}
