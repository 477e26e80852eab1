package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newSandbox(a *session.Session) *cobra.Command {
	return group("sandbox", "Simulate external actions in the sandbox",
		`Simulate actions that happen outside cicdctl in a real account, such as pushing an
image, so that all commands can be tried in the sandbox. Requires --sandbox.`,
		`  cicdctl sandbox push ACME shop/web v1 --sandbox
  cicdctl sandbox estate --clients 10 --region eu-west-3 --sandbox`,
		newSandboxPush(a), newSandboxZone(a), newSandboxIssue(a), newSandboxQuota(a), newSandboxEstate(a))
}

// sandboxAccount is the embedded account that the command is about; none without --sandbox.
func sandboxAccount(a *session.Session) (*sandbox.Account, error) {
	about, err := a.About()
	if err != nil {
		return nil, err
	}
	return embedded(a.SandboxOf(about.Name), about.ID())
}

func newSandboxPush(a *session.Session) *cobra.Command {
	var o deploy.PushOptions
	cmd := &cobra.Command{
		Use:   "push NAME APP/SERVICE TAG",
		Short: "Simulate pushing an image to a service's repository",
		Long: `Add an image with a tag to a service's ECR repository in the sandbox; stands in for
docker push. The image has no content. Flags define how it behaves: whether
containers fail, what they log, and which vulnerabilities its scan finds.`,
		Example: `  cicdctl sandbox push ACME shop/web v1 --sandbox
  cicdctl sandbox push ACME shop/web v2 --sandbox --fails "out of memory"
  cicdctl sandbox push ACME shop/web v3 --sandbox --critical CVE-2026-1234`,
		Args:              named("NAME", "APP/SERVICE", "TAG"),
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit, o.Tag = args[0], args[1], args[2]
			return deploy.SandboxPush(cmd.Context(), a, func() (*sandbox.Account, error) { return sandboxAccount(a) }, o)
		},
	}
	placeFlags(&o.Place, cmd)
	cmd.Flags().StringVar(&o.Fails, "fails", "", "reason for which its containers stop (default: they run)")
	cmd.Flags().StringArrayVar(&o.Logs, "log", nil, "log line written before containers stop; can be repeated")
	cmd.Flags().StringArrayVar(&o.Critical, "critical", nil, "critical vulnerability found by the image scan; can be repeated")
	return cmd
}

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
			embedded, err := sandboxAccount(a)
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
			embedded, err := sandboxAccount(a)
			if err != nil {
				return err
			}
			return account.SandboxIssue(a, embedded, args[0])
		},
	}
}

func newSandboxQuota(a *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:   "quota CODE VALUE",
		Short: "Set a service quota in the sandbox",
		Long: `Set an AWS service quota of the sandbox account in all regions. A new AWS account has
5 vCPUs (L-1216C47A), fewer than a client's hosts need; the sandbox has 128.`,
		Example: `  cicdctl sandbox quota L-1216C47A 5 --sandbox
  cicdctl client plan ACME --sandbox`,
		Args: named("CODE", "VALUE"),
		RunE: func(_ *cobra.Command, args []string) error {
			embedded, err := sandboxAccount(a)
			if err != nil {
				return err
			}
			return account.SandboxQuota(a, embedded, args[0], args[1])
		},
	}
}

func newSandboxEstate(a *session.Session) *cobra.Command {
	var o account.EstateOptions
	cmd := &cobra.Command{
		Use:   "estate",
		Short: "Create many clients in the sandbox",
		Long: `Create clients CLIENT1, CLIENT2, … with default settings in the sandbox, in one or
all four regions, and write their spec files; for example to try audits of many
clients. Existing clients are left unchanged. More than ten clients per region need
additional pools in the configuration.

With --accounts, the clients are in as many accounts of the configuration. Without a
configuration, cicdctl.yaml is written with the accounts and pools. Only the first
account is made call by call; the others, if they are empty, are made like it, under
other names. All clients of an estate share one private key.`,
		Example: `  cicdctl sandbox estate --clients 10 --region eu-west-3 --sandbox
  cicdctl sandbox estate --clients 3 --sandbox && cicdctl audit --sandbox
  cicdctl sandbox estate --accounts 5 --clients 50 --sandbox-file estate.json`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Config, err = configFile(a.Flags.Config); err != nil {
				return err
			}
			o.Open = estateAccount
			return account.SandboxEstate(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "use only this region (default: all four)")
	cmd.Flags().IntVar(&o.Accounts, "accounts", 0, "number of accounts (default: only that of the credentials)")
	cmd.Flags().IntVar(&o.Clients, "clients", 10, fmt.Sprintf("number of clients per region, 1 to %d", account.MostClients))
	return cmd
}
