package main

import (
	"context"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

func newScale(a *session.Session) *cobra.Command {
	var o deploy.ScaleOptions
	cmd := &cobra.Command{
		Use:   "scale NAME APP/SERVICE TASKS --env preview|prod",
		Short: "Set the number of tasks of a service",
		Long: `Write the number of tasks of a service in one environment into the client's spec file
and apply the spec, as client create does. Other values and all comments in the file
are preserved. The plan is shown first, and the file is written after confirmation.

From then on, a different number is drift and is restored, and deployments use the
number. Services without tasks in the spec keep the number of their first deployment
or of whoever scales them by hand. FTP services can have only one task.`,
		Example: `  cicdctl scale ACME shop/web 4 --env prod
  cicdctl scale ACME shop/web 1 --env preview --yes`,
		Args:              named("NAME", "APP/SERVICE", "TASKS"),
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit, o.Tasks = args[0], args[1], args[2]
			return deploy.Scale(cmd.Context(), a, o)
		},
	}
	envFlag(cmd, &o.Env)
	specFlag(cmd, &o.Spec)
	consentFlags(cmd, &o.Consent)
	return cmd
}

func newStop(a *session.Session) *cobra.Command {
	return newSwitch(a, client.Stop, &cobra.Command{
		Use:   "stop NAME --env preview",
		Short: "Stop all services of the preview environment",
		Long: `Write stopped.preview: true into the client's spec file and apply the spec: all
services of the preview environment are scaled to zero. Neither client create nor
deploy starts them again until cicdctl start; deployments to the environment are
refused. How many tasks each service had is recorded in a tag of the ECS service.

The load balancer answers requests for the environment with 503. Hosts that are no
longer needed are removed down to hosts.min.`,
		Example: `  cicdctl stop ACME --env preview
  cicdctl start ACME --env preview`,
	})
}

func newStart(a *session.Session) *cobra.Command {
	return newSwitch(a, client.Start, &cobra.Command{
		Use:   "start NAME --env preview",
		Short: "Start the services of a stopped environment again",
		Long: `Undo cicdctl stop: write stopped.preview: false into the client's spec file and
apply the spec. Each service gets the number of tasks in the spec, or else as many as
it had before it was stopped.`,
		Example: `  cicdctl start ACME --env preview`,
	})
}

func newSwitch(a *session.Session, run func(context.Context, *session.Session, client.StopOptions) error, cmd *cobra.Command) *cobra.Command {
	var o client.StopOptions
	cmd.Args = named("NAME")
	cmd.ValidArgsFunction = clientNames(a)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.Name = args[0]
		return run(cmd.Context(), a, o)
	}
	cmd.Flags().StringVar(&o.Env, "env", "", "environment: preview")
	oneOf(cmd, "env", string(spec.Preview))
	specFlag(cmd, &o.Spec)
	consentFlags(cmd, &o.Consent)
	return cmd
}
