package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newApp(a *session.Session) *cobra.Command {
	return group("app", "Start the repositories of apps, and say who may send files",
		`What an app's repository starts with, from the runtimes of its services, and who may
send files to those that take some.`,
		`  cicdctl app init ACME shop --dir ~/src/shop
  cicdctl app users set ACME shop/files --env prod --file users.json`,
		newAppInit(a), newAppUsers(a))
}

func newAppInit(a *session.Session) *cobra.Command {
	var o deploy.AppInitOptions
	cmd := &cobra.Command{
		Use:   "init NAME APP",
		Short: "Write what an app's repository starts with",
		Long: `Writes into an app's repository:

  Dockerfile          the image of the service's runtime, with what it copies; each
                      service in a directory of its own when there are several
  .gitlab-ci.yml      the pipeline (cicdctl pipeline render)
  compose.yaml        the services on the developer's machine, as confined as on ECS
  .devcontainer/      a place to develop in for VSCode, with Docker inside

The files are the app's from then on: change them. When some are there and differ,
you are asked whether they may be replaced; without a terminal nothing is written,
unless --yes says that they may.`,
		Example: `  cicdctl app init ACME shop --dir ~/src/shop
  cicdctl app init ACME shop --account 123456789012 --yes`,
		Args:              named("NAME", "APP"),
		ValidArgsFunction: appNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.App = args[0], args[1]
			return deploy.InitApp(cmd.Context(), a, o)
		},
	}
	appFlags(&o.AppPlace, cmd)
	cmd.Flags().StringVar(&o.Dir, "dir", ".", "directory of the repository")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "replace files that differ, and do not ask")
	complete(cmd, "dir", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return cmd
}
