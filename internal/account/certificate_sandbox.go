package account

import (
	"errors"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// addZone puts a public hosted zone into the sandbox that cicdctl may write
// records into, for one client or for all, and returns its ID.
func addZone(account *sandbox.Account, domain, client string) (string, error) {
	tags := map[string]string{provision.TagManagedBy: provision.ManagedBy}
	if client != "" {
		tags[provision.TagClient] = client
	}
	id, err := account.PutZone(domain, tags)
	if errors.Is(err, sandbox.ErrZoneExists) {
		return "", cloud.Guardf("the sandbox has a zone %s already, for another client or for all: take another domain, or start with another --sandbox-file", domain)
	}
	return id, err
}

// issueCertificate pretends that the DNS provider of a domain's owner has the record that
// the domain's certificate waits for.
func issueCertificate(account *sandbox.Account, domain string) error {
	waiting, err := account.Validate(domain)
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

// SandboxZone puts a hosted zone into the sandbox and tells its ID.
func SandboxZone(a *session.Session, account *sandbox.Account, domain, client string) error {
	if err := checkSandboxDomain(a, domain); err != nil {
		return err
	}
	if client != "" {
		if err := spec.CheckClient(client); err != nil {
			return session.Usagef("", "--client: %w", err)
		}
	}
	id, err := addZone(account, domain, client)
	if err != nil {
		return err
	}
	return a.Print.Says(Simulated{Domain: domain, Zone: id}, "zone %s has the ID %s", domain, id)
}

// SandboxIssue has the sandbox issue the certificate of a domain.
func SandboxIssue(a *session.Session, account *sandbox.Account, domain string) error {
	if err := checkSandboxDomain(a, domain); err != nil {
		return err
	}
	if err := issueCertificate(account, domain); err != nil {
		return err
	}
	return a.Print.Says(Simulated{Domain: domain}, "the record of %s is in its owner's DNS", domain)
}

// checkSandboxDomain refuses what is for AWS, or is no domain.
func checkSandboxDomain(a *session.Session, domain string) error {
	if a.Sandbox() == "" {
		return session.Usagef("add --sandbox", "this is for the sandbox only")
	}
	if err := spec.CheckDomain(domain); err != nil {
		return session.Usagef("", "DOMAIN: %w", err)
	}
	return nil
}
