package main

import (
	"context"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

func newSandboxZone(a *app) *cobra.Command {
	var client string
	cmd := &cobra.Command{
		Use:   "zone DOMAIN",
		Short: "Put a hosted zone of a domain into the sandbox",
		Long: `Puts a public hosted zone into the sandbox's Route 53, with the tags by which cicdctl
knows that it may write records into it: for all clients, or for one. It counts as
delegated, so that certificates of names in it prove themselves. A zone that is there
with the same tags stays as it is.`,
		Example: `  cicdctl sandbox zone acme.example --sandbox
  cicdctl sandbox zone acme.example --client ACME --sandbox`,
		Args: named("DOMAIN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runSandboxZone(cmd.Context(), a, args[0], client)
		},
	}
	cmd.Flags().StringVar(&client, "client", "", "the one client whose names it is for (all)")
	complete(cmd, "client", func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return a.clientNames(cmd, nil, typed)
	})
	return cmd
}

func runSandboxZone(ctx context.Context, a *app, domain, client string) error {
	if err := a.checkSandboxDomain(domain); err != nil {
		return err
	}
	if client != "" {
		if err := spec.CheckClient(client); err != nil {
			return usagef("", "--client: %w", err)
		}
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	id, err := account.AddZone(op, domain, client)
	if err != nil {
		return err
	}
	return a.print.Line("zone %s has the ID %s", domain, id)
}

func newSandboxIssue(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "issue DOMAIN",
		Short: "Have a domain's certificate issued in the sandbox",
		Long: `Pretends that the owner of a domain has put the record that its certificate waits for
into the DNS of a provider of his own. The certificate is issued when the sandbox is
looked at the next few times, in all regions that wait for it.`,
		Example: `  cicdctl sandbox issue shop.acme.example --sandbox
  cicdctl client plan ACME --sandbox`,
		Args: named("DOMAIN"),
		RunE: func(cmd *cobra.Command, args []string) error { return runSandboxIssue(cmd.Context(), a, args[0]) },
	}
}

func runSandboxIssue(ctx context.Context, a *app, domain string) error {
	if err := a.checkSandboxDomain(domain); err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	if err := account.IssueCertificate(op, domain); err != nil {
		return err
	}
	return a.print.Line("the record of %s is in its owner's DNS", domain)
}

// checkSandboxDomain refuses what is for AWS, or is no domain.
func (a *app) checkSandboxDomain(domain string) error {
	if a.sandbox() == "" {
		return usagef("add --sandbox", "this is for the sandbox only")
	}
	if err := spec.CheckDomain(domain); err != nil {
		return usagef("", "DOMAIN: %w", err)
	}
	return nil
}
