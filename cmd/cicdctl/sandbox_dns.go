package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newSandboxZone(a *session.Session) *cobra.Command {
	var client string
	cmd := &cobra.Command{
		Use:   "zone DOMAIN",
		Short: "Add a Route 53 hosted zone to the sandbox",
		Long: `Add a public hosted zone to the sandbox's Route 53, with the tags that allow cicdctl
to write records to it, for all clients or for one. The zone counts as delegated, so
that certificates of its names can be validated. An existing zone with the same tags
is left unchanged.`,
		Example: `  cicdctl sandbox zone acme.example --sandbox
  cicdctl sandbox zone acme.example --client ACME --sandbox`,
		Args: named("DOMAIN"),
		RunE: func(_ *cobra.Command, args []string) error {
			embedded, err := embedded(a.Sandbox())
			if err != nil {
				return err
			}
			return account.SandboxZone(a, embedded, args[0], client)
		},
	}
	cmd.Flags().StringVar(&client, "client", "", "restrict the zone to this client (default: all clients)")
	complete(cmd, "client", func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return clientNames(a)(cmd, nil, typed)
	})
	return cmd
}

func newSandboxIssue(a *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:   "issue DOMAIN",
		Short: "Simulate the validation of a domain's certificate",
		Long: `Simulate that the owner of a domain has added the validation record of its
certificate at an external DNS provider. The certificate is issued within the next
few requests to the sandbox, in all regions.`,
		Example: `  cicdctl sandbox issue shop.acme.example --sandbox
  cicdctl client plan ACME --sandbox`,
		Args: named("DOMAIN"),
		RunE: func(_ *cobra.Command, args []string) error {
			embedded, err := embedded(a.Sandbox())
			if err != nil {
				return err
			}
			return account.SandboxIssue(a, embedded, args[0])
		},
	}
}
