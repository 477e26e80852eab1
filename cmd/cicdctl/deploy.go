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
		Short: "Run an image as a service, and go back if it does not",
		Long: `Has a service run an image of its own repository: registers a revision of its task
definition that differs in the image alone (by digest), updates the service, tells
what ECS does, and waits until all tasks run. When they do not, ECS goes back to
what ran before; that is a failure (exit code 1), told with why the tasks stopped
and the last lines of their log.

REF is a tag, REPOSITORY:TAG or REPOSITORY@sha256:DIGEST. Another client's or
service's image is refused, and so is one with critical findings or without a scan;
a scan under way is waited for. --accept-findings takes it all the same and keeps
the reason in a tag of the revision. prod takes only what ran in preview, unless
--skip-preview says otherwise.

The first deploy of a service gives it its tasks (2 for web servers, 1 for file
transfer); later ones do not touch their number, unless it is more than the runtime
can have. A deployment of something else in progress is refused; one that hangs for
half an hour may be replaced.

Run again after it was stopped, the command goes on where it was: it makes no second
revision. Ctrl-C and --timeout stop the waiting only, ECS goes on.`,
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
	cmd.Flags().StringVar(&o.Image, "image", "", "tag, REPOSITORY:TAG or REPOSITORY@sha256:DIGEST")
	cmd.Flags().BoolVar(&o.SkipPreview, "skip-preview", false, "let prod take an image that never ran in preview")
	cmd.Flags().StringVar(&o.Accept, "accept-findings", "", "why an image with critical findings, or without a scan, may run")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	cmd.AddCommand(newDeployRollback(a), newDeployRestart(a), newDeployStatus(a), newDeployList(a))
	return cmd
}

func placeFlags(p *session.Place, cmd *cobra.Command) {
	regionFlag(cmd, &p.Region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&p.Spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
}

func envFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "env", "", "preview or prod")
	complete(cmd, "env", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{string(spec.Preview), string(spec.Prod)}, cobra.ShellCompDirectiveNoFileComp
	})
}

// unitNames completes names of clients, then the services of one.
func unitNames(a *session.Session) cobra.CompletionFunc {
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
		var units []string
		for _, each := range s.Apps {
			for _, svc := range each.Services {
				units = append(units, each.Name+"/"+svc.Name)
			}
		}
		return units, cobra.ShellCompDirectiveNoFileComp
	}
}
