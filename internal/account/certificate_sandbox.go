package account

import (
	"errors"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

var errSandboxOnly = errors.New("this is for the sandbox only")

// AddZone puts a public hosted zone into the sandbox that cicdctl may write
// records into, for one client or for all, and returns its ID.
func AddZone(o *cloud.Operator, domain, client string) (string, error) {
	if o.Sandbox == nil {
		return "", errSandboxOnly
	}
	tags := map[string]string{provision.TagManagedBy: provision.ManagedBy}
	if client != "" {
		tags[provision.TagClient] = client
	}
	id, err := o.Sandbox.PutZone(domain, tags)
	if errors.Is(err, sandbox.ErrZoneExists) {
		return "", cloud.Guardf("the sandbox has a zone %s already, for another client or for all: take another domain, or start with another --sandbox-file", domain)
	}
	return id, err
}

// IssueCertificate pretends that the DNS provider of a domain's owner has the record that
// the domain's certificate waits for.
func IssueCertificate(o *cloud.Operator, domain string) error {
	if o.Sandbox == nil {
		return errSandboxOnly
	}
	waiting, err := o.Sandbox.Validate(domain)
	switch {
	case err != nil:
		return err
	case slices.Contains(waiting, domain):
		return nil
	case len(waiting) == 0:
		return cloud.Guardf("no certificate for %s waits for its record, and none for another domain either", domain)
	default:
		return cloud.Guardf("no certificate for %s waits for its record; those that do are for %s", domain, strings.Join(waiting, ", "))
	}
}
