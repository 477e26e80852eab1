package main

import (
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/appfiles"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func appFlags(p *deploy.AppPlace, cmd *cobra.Command) {
	regionFlag(cmd, &p.Region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&p.Spec, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
	cmd.Flags().StringVar(&p.Account, "account", "", "target AWS account ID (default: from the AWS credentials)")
}

func newPipeline(a *session.Session) *cobra.Command {
	return group("pipeline", "Generate GitLab pipelines for apps",
		`An app's GitLab pipeline builds, tests and deploys its services without AWS access
keys: client create makes an IAM role for each app, which only pipelines of the
repository and branch in the spec can assume (OIDC).`,
		`  cicdctl pipeline render ACME shop > .gitlab-ci.yml`,
		newPipelineRender(a))
}

func newPipelineRender(a *session.Session) *cobra.Command {
	var o deploy.AppPlace
	cmd := &cobra.Command{
		Use:   "render NAME APP",
		Short: "Print an app's GitLab pipeline",
		Long: `Print the .gitlab-ci.yml of an app, with the stages build, test, stage and deploy for
each service. stage deploys to preview automatically; deploy is a manual job that
deploys to prod, and can be restricted with a protected environment. Merge request
pipelines only build and test.

The account ID is read from AWS unless --account is given.`,
		Example: `  cicdctl pipeline render ACME shop > .gitlab-ci.yml
  cicdctl pipeline render ACME shop --account 123456789012 --output json`,
		Args:              named("NAME", "APP"),
		ValidArgsFunction: appNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.App = args[0], args[1]
			p, err := deploy.Project(cmd.Context(), a, o)
			if err != nil {
				return err
			}
			return deploy.ShowPipeline(a.Print, deploy.Pipeline{File: appfiles.PipelineFile, Role: rules.DeployRoleName(p.Spec.Client, p.App.Name), Text: string(p.Pipeline())})
		},
	}
	appFlags(&o, cmd)
	return cmd
}

// appNames completes names of clients, then the apps of one.
func appNames(a *session.Session) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, part string) ([]string, cobra.ShellCompDirective) {
		units, directive := unitNames(a)(cmd, args, part)
		if len(args) != 1 {
			return units, directive
		}
		var names []string
		for _, unit := range units {
			name, _, _ := strings.Cut(unit, "/")
			if len(names) == 0 || names[len(names)-1] != name {
				names = append(names, name)
			}
		}
		return names, directive
	}
}
