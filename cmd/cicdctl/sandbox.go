package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newSandbox(a *session.Session) *cobra.Command {
	return group("sandbox", "Play the parts that others have in a real account",
		`What others do in a real account and nobody can do in the sandbox, so that all
commands can be tried there. Only with --sandbox.`,
		`  cicdctl sandbox push ACME shop/web v1 --sandbox
  cicdctl sandbox estate --clients 10 --region eu-west-3 --sandbox`,
		newSandboxPush(a), newSandboxZone(a), newSandboxIssue(a), newSandboxQuota(a), newSandboxEstate(a))
}

func newSandboxPush(a *session.Session) *cobra.Command {
	var o deploy.PushOptions
	cmd := &cobra.Command{
		Use:   "push NAME APP/SERVICE TAG",
		Short: "Put an image into the sandbox's repository of a service",
		Long: `Puts an image under a tag into the repository that a service has in the sandbox,
where docker cannot push. It has no content but its fate: containers that end, lines
that they write before, vulnerabilities that its scan finds.`,
		Example: `  cicdctl sandbox push ACME shop/web v1 --sandbox
  cicdctl sandbox push ACME shop/web v2 --sandbox --fails "out of memory"
  cicdctl sandbox push ACME shop/web v3 --sandbox --critical CVE-2026-1234`,
		Args:              named("NAME", "APP/SERVICE", "TAG"),
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit, o.Tag = args[0], args[1], args[2]
			embedded, err := embedded(a.Sandbox())
			if err != nil {
				return err
			}
			return deploy.SandboxPush(cmd.Context(), a, embedded, o)
		},
	}
	placeFlags(&o.Place, cmd)
	cmd.Flags().StringVar(&o.Fails, "fails", "", "why its containers end; they run by default")
	cmd.Flags().StringArrayVar(&o.Logs, "log", nil, "a line that they write before; may be repeated")
	cmd.Flags().StringArrayVar(&o.Critical, "critical", nil, "a critical vulnerability that its scan finds; may be repeated")
	return cmd
}
