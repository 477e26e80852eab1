package main

import (
	"context"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
)

type pushOptions struct {
	deployPlace
	tag, fails string
	logs       []string
	critical   []string
}

func newSandbox(a *app) *cobra.Command {
	return group("sandbox", "Play the parts that others have in a real account",
		`What others do in a real account and nobody can do in the sandbox, so that all
commands can be tried there. Only with --sandbox.`,
		`  cicdctl sandbox push ACME shop/web v1 --sandbox
  cicdctl sandbox estate --clients 10 --region eu-west-3 --sandbox`,
		newSandboxPush(a), newSandboxZone(a), newSandboxIssue(a), newSandboxQuota(a), newSandboxEstate(a))
}

func newSandboxPush(a *app) *cobra.Command {
	var o pushOptions
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
		ValidArgsFunction: a.unitNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name, o.unit, o.tag = args[0], args[1], args[2]
			return runSandboxPush(cmd.Context(), a, o)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.fails, "fails", "", "why its containers end; they run by default")
	cmd.Flags().StringArrayVar(&o.logs, "log", nil, "a line that they write before; may be repeated")
	cmd.Flags().StringArrayVar(&o.critical, "critical", nil, "a critical vulnerability that its scan finds; may be repeated")
	return cmd
}

func runSandboxPush(ctx context.Context, a *app, o pushOptions) error {
	if a.sandbox() == "" {
		return usagef("add --sandbox; to a real repository, push with docker", "this is for the sandbox only")
	}
	t, err := a.place(&o.deployPlace)
	if err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	pushed, err := deploy.Push(ctx, op, t.spec, o.app, o.service, o.tag, deploy.SandboxImage{Failure: o.fails, Log: o.logs, Critical: o.critical})
	if err != nil {
		return err
	}
	return a.print.Line("pushed %s to %s", o.tag, pushed)
}
