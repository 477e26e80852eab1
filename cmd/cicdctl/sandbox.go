package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
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
			embedded, err := embedded(a.Sandbox())
			if err != nil {
				return err
			}
			return deploy.SandboxPush(cmd.Context(), a, embedded, o)
		},
	}
	placeFlags(&o.Place, cmd)
	cmd.Flags().StringVar(&o.Fails, "fails", "", "reason for which its containers stop (default: they run)")
	cmd.Flags().StringArrayVar(&o.Logs, "log", nil, "log line written before containers stop; can be repeated")
	cmd.Flags().StringArrayVar(&o.Critical, "critical", nil, "critical vulnerability found by the image scan; can be repeated")
	return cmd
}
