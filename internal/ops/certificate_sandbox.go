package ops

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

var errSandboxOnly = errors.New("this is for the sandbox only")

// SandboxZone puts a public hosted zone into the sandbox that cicdctl may write
// records into, for one client or for all, and returns its ID.
func (o *Operator) SandboxZone(domain, client string) (string, error) {
	if o.sandbox == nil {
		return "", errSandboxOnly
	}
	tags := map[string]string{provision.TagManagedBy: provision.ManagedBy}
	if client != "" {
		tags[provision.TagClient] = client
	}
	id, err := o.sandbox.PutZone(domain, tags)
	if errors.Is(err, sandbox.ErrZoneExists) {
		return "", &GuardError{fmt.Sprintf("the sandbox has a zone %s already, for another client or for all: take another domain, or start with another --sandbox-file", domain)}
	}
	return id, err
}

// SandboxIssue pretends that the DNS provider of a domain's owner has the record that
// the domain's certificate waits for.
func (o *Operator) SandboxIssue(domain string) error {
	if o.sandbox == nil {
		return errSandboxOnly
	}
	waiting, err := o.sandbox.Validate(domain)
	switch {
	case err != nil:
		return err
	case slices.Contains(waiting, domain):
		return nil
	case len(waiting) == 0:
		return &GuardError{fmt.Sprintf("no certificate for %s waits for its record, and none for another domain either", domain)}
	default:
		return &GuardError{fmt.Sprintf("no certificate for %s waits for its record; those that do are for %s", domain, strings.Join(waiting, ", "))}
	}
}
