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
		Short: "Put a hosted zone of a domain into the sandbox",
		Long: `Puts a public hosted zone into the sandbox's Route 53, with the tags by which cicdctl
knows that it may write records into it: for all clients, or for one. It counts as
delegated, so that certificates of names in it prove themselves. A zone that is there
with the same tags stays as it is.`,
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
	cmd.Flags().StringVar(&client, "client", "", "the one client whose names it is for (all)")
	complete(cmd, "client", func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return clientNames(a)(cmd, nil, typed)
	})
	return cmd
}

func newSandboxIssue(a *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:   "issue DOMAIN",
		Short: "Have a domain's certificate issued in the sandbox",
		Long: `Pretends that the owner of a domain has put the record that its certificate waits for
into the DNS of a provider of his own. The certificate is issued when the sandbox is
looked at the next few times, in all regions that wait for it.`,
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
