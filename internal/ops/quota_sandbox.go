package ops

// SandboxQuota grants the sandbox a value of a quota, and returns the quota's name.
func (o *Operator) SandboxQuota(code string, value int) (string, error) {
	if o.sandbox == nil {
		return "", errSandboxOnly
	}
	return o.sandbox.SetQuota(code, float64(value))
}
