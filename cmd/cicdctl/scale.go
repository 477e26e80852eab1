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
		Short: "Set the number of tasks of a service, or its range",
		Long: `Write the number of tasks of a service in one environment into the client's spec file
and apply the spec, as client create does. Other values and all comments in the file
are preserved. The plan is shown first, and the file is written after confirmation.

TASKS is a number, or a range such as 2..6: then the number follows the average CPU
of the tasks (Application Auto Scaling, target tracking at 60%) within the range, and
any number in it is in order. The spec file has the range as tasks and max_tasks. It
counts once something was deployed to the environment.

From then on, a different number is drift and is restored, and deployments use the
number. Services without tasks in the spec keep the number of their first deployment
or of whoever scales them by hand. FTP services can have only one task.`,
		Example: `  cicdctl scale ACME shop/web 4 --env prod
  cicdctl scale ACME shop/web 2..6 --env prod
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
		Use:   "stop NAME --env preview|--database",
		Short: "Stop the preview environment or the database",
		Long: `Write stopped.preview: true into the client's spec file and apply the spec: all
services of the preview environment are scaled to zero. Neither client create nor
deploy starts them again until cicdctl start; deployments to the environment are
refused. How many tasks each service had is recorded in a tag of the ECS service.

The load balancer answers requests for the environment with 503. Hosts that are no
longer needed are removed down to hosts.min.

--database stops the Aurora cluster instead, for example for the night, and returns
while it stops. Nobody can connect to it, and its alarms report that it is silent.
RDS starts a stopped cluster by itself after seven days. The spec file is not
changed: the tag cicdctl:stopped on the cluster records the time. client create
leaves a stopped cluster alone unless it has to change it, and then starts it.`,
		Example: `  cicdctl stop ACME --env preview
  cicdctl stop ACME --database --yes
  cicdctl start ACME --env preview`,
	})
}

func newStart(a *session.Session) *cobra.Command {
	return newSwitch(a, client.Start, &cobra.Command{
		Use:   "start NAME --env preview|--database",
		Short: "Start a stopped preview environment or database",
		Long: `Undo cicdctl stop: write stopped.preview: false into the client's spec file and
apply the spec. Each service gets the number of tasks in the spec, or else as many as
it had before it was stopped.

--database starts a stopped Aurora cluster and returns while it starts.`,
		Example: `  cicdctl start ACME --env preview
  cicdctl start ACME --database --yes`,
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
	cmd.Flags().BoolVar(&o.Database, "database", false, "the database instead of an environment")
	regionFlag(cmd, &o.Region, "region of the client, for --database; only needed without a spec file")
	specFlag(cmd, &o.Spec)
	consentFlags(cmd, &o.Consent)
	return cmd
}
