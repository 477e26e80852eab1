package account

import (
	"strconv"

	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// SandboxQuota grants the sandbox a value of a quota.
func SandboxQuota(a *session.Session, embedded *sandbox.Account, code, value string) error {
	if a.Sandbox() == "" {
		return session.Usagef("add --sandbox; of a real account, ask for quotas in the Service Quotas console", "this is for the sandbox only")
	}
	number, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		return session.Usagef("give a whole number, such as 64", "VALUE: %q is not a quota", value)
	}
	name, err := embedded.SetQuota(code, float64(number))
	switch {
	case err != nil:
		return err
	case name == "":
		return session.Usagef("cicdctl doctor --output json tells the codes", "CODE: the sandbox knows no quota %q", code)
	}
	return a.Print.Says(Simulated{Quota: name, Code: code, Value: number}, "%s (%s) is %d", name, code, number)
}
