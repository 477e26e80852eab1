package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

func newDeploy(a *session.Session) *cobra.Command {
	var o deploy.Options
	cmd := &cobra.Command{
		Use:   "deploy NAME APP/SERVICE --env preview|prod --image REF",
		Short: "Deploy an image to a service; rolls back on failure",
		Long: `Deploy an image from the service's own ECR repository. The command registers a new
task definition revision in which only the image digest differs, updates the ECS
service, reports ECS events, and waits until all tasks run. If they fail, ECS rolls
back to the previous revision and the command exits with code 1, showing why the
tasks stopped and the last lines of their logs.

REF is a tag, REPOSITORY:TAG or REPOSITORY@sha256:DIGEST. Images of other clients or
services are refused, as are images without a scan or with critical findings; the
command waits for a running scan. --accept-findings deploys the image anyway and
records the reason in a tag of the revision. prod accepts only images that ran in
preview, unless --skip-preview is given.

The first deployment sets the task count (2 for web servers, 1 for file transfer).
Later deployments keep it unless it exceeds the limit of the runtime. A
deployment is refused while another one is in progress; one that has been stuck for
half an hour can be replaced.

After an interruption, run the same command again: it resumes without registering a
second revision. Ctrl-C and --timeout end only the waiting; ECS continues.`,
		Example: `  cicdctl deploy ACME shop/web --env preview --image v1.4.2
  cicdctl deploy ACME shop/web --env prod --image v1.4.2 --yes --output json
  cicdctl deploy rollback ACME shop/web --env prod
  cicdctl deploy status ACME`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit = args[0], args[1]
			return deploy.Run(cmd.Context(), a, o)
		},
	}
	placeFlags(&o.Place, cmd)
	envFlag(cmd, &o.Env)
	cmd.Flags().StringVar(&o.Image, "image", "", "image: TAG, REPOSITORY:TAG or REPOSITORY@sha256:DIGEST")
	cmd.Flags().BoolVar(&o.SkipPreview, "skip-preview", false, "allow an image in prod that never ran in preview")
	cmd.Flags().StringVar(&o.Accept, "accept-findings", "", "reason to deploy an image that has critical findings or no scan")
	yesFlag(cmd, &o.Yes)
	cmd.AddCommand(newDeployRollback(a), newDeployRestart(a), newDeployStatus(a), newDeployList(a))
	return cmd
}

func placeFlags(p *session.Place, cmd *cobra.Command) {
	whereFlags(cmd, &p.Region, &p.Spec)
}

func envFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "env", "", "environment: preview or prod")
	complete(cmd, "env", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{string(spec.Preview), string(spec.Prod)}, cobra.ShellCompDirectiveNoFileComp
	})
}

// unitNames completes names of clients, then the services of one.
func unitNames(a *session.Session) cobra.CompletionFunc {
	return namesInSpec(a, func(s *spec.Spec) []string {
		var units []string
		for _, each := range s.Apps {
			for _, svc := range each.Services {
				units = append(units, each.Name+"/"+svc.Name)
			}
		}
		return units
	})
}

// namesInSpec completes names of clients, then names in the spec of one.
func namesInSpec(a *session.Session, names func(*spec.Spec) []string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, part string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return clientNames(a)(cmd, args, part)
		}
		conf, err := loadSettings(cmd.Flags(), a.Flags.Config)
		if err != nil || len(args) > 1 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		a.Conf = conf
		_, s, err := session.LoadSpec(a, args[0], "")
		if err != nil || s == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return names(s), cobra.ShellCompDirectiveNoFileComp
	}
}

func newDeployRollback(a *session.Session) *cobra.Command {
	var o deploy.RollbackOptions
	cmd := &cobra.Command{
		Use:   "rollback NAME APP/SERVICE --env preview|prod",
		Short: "Roll back a service to an earlier revision",
		Long: `Deploy an earlier task definition revision unchanged: the last one that ran with a
different image, or the one given by --to. Only revisions that ran are accepted, and
only if their image still exists in the repository. Scan findings are not checked,
because the image has already run.

A deployment in progress is cancelled. Running the command again changes nothing; to
go further back, use --to.`,
		Example: `  cicdctl deploy rollback ACME shop/web --env prod
  cicdctl deploy rollback ACME shop/web --env prod --to v1.4.1
  cicdctl deploy rollback ACME shop/web --env prod --to 7 --yes`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit = args[0], args[1]
			return deploy.Rollback(cmd.Context(), a, o)
		},
	}
	placeFlags(&o.Place, cmd)
	envFlag(cmd, &o.Env)
	cmd.Flags().StringVar(&o.To, "to", "", "revision number or name, or tag or digest of its image")
	yesFlag(cmd, &o.Yes)
	return cmd
}

func newDeployRestart(a *session.Session) *cobra.Command {
	var o deploy.RestartOptions
	cmd := &cobra.Command{
		Use:   "restart NAME APP/SERVICE --env preview|prod",
		Short: "Restart tasks so that they reload secrets",
		Long: `Replace the tasks of a service with new tasks of the same revision, and wait until
all run. New tasks reload their secrets, for example after cicdctl app users set.
Web servers stay available during the restart. FTP services stop the old task first,
which aborts transfers in progress.`,
		Example: `  cicdctl deploy restart ACME shop/files --env prod
  cicdctl deploy restart ACME shop/files --env prod --yes`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit = args[0], args[1]
			return deploy.Restart(cmd.Context(), a, o)
		},
	}
	placeFlags(&o.Place, cmd)
	envFlag(cmd, &o.Env)
	yesFlag(cmd, &o.Yes)
	return cmd
}

func newDeployStatus(a *session.Session) *cobra.Command {
	var o session.Place
	cmd := &cobra.Command{
		Use:   "status NAME [APP/SERVICE]",
		Short: "Show the running image and tasks of services",
		Long: `Show for each service, or the given one, what runs in preview and prod: image,
revision, number of tasks, and whether a deployment is in progress or has failed.
Problems are shown with the latest ECS event.

Read-only. The exit code is 0 even if there are problems.`,
		Example: `  cicdctl deploy status ACME
  cicdctl deploy status ACME shop/web --output json | jq '.services[].state'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				return nil
			}
			return named("NAME")(cmd, args)
		},
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			if len(args) > 1 {
				o.Unit = args[1]
			}
			return deploy.ShowStatus(cmd.Context(), a, o)
		},
	}
	placeFlags(&o, cmd)
	return cmd
}

func newDeployList(a *session.Session) *cobra.Command {
	var o deploy.ListOptions
	cmd := &cobra.Command{
		Use:   "list NAME APP/SERVICE --env preview|prod",
		Short: "List the deployments of a service",
		Long: `List the task definition revisions that deployments registered, newest first: image,
time, user and result. Revisions that ran can be rolled back to. Read-only.`,
		Example: `  cicdctl deploy list ACME shop/web --env prod
  cicdctl deploy list ACME shop/web --env prod --output json | jq -r '.deploys[].tag'`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit = args[0], args[1]
			return deploy.List(cmd.Context(), a, o)
		},
	}
	placeFlags(&o.Place, cmd)
	envFlag(cmd, &o.Env)
	cmd.Flags().IntVar(&o.Limit, "limit", 20, "maximum number of deployments to list")
	return cmd
}
