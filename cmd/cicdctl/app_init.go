package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newApp(a *session.Session) *cobra.Command {
	return group("app", "Generate repository files and manage file-transfer users",
		`Generate the initial files of an app's Git repository, and manage the users of its
SFTP and FTP services.`,
		`  cicdctl app init ACME shop --dir ~/src/shop
  cicdctl app users set ACME shop/files --env prod --file users.json`,
		newAppInit(a), newAppUsers(a))
}

func newAppInit(a *session.Session) *cobra.Command {
	var o deploy.AppInitOptions
	cmd := &cobra.Command{
		Use:   "init NAME APP",
		Short: "Generate the initial files of an app's repository",
		Long: `Generate the initial files of an app's Git repository:

  Dockerfile          image for the service's runtime; with several services, one
                      directory per service
  .gitlab-ci.yml      the pipeline (see cicdctl pipeline render)
  compose.yaml        runs the services locally with the same restrictions as on ECS
  .devcontainer/      development container for VS Code, with Docker inside

You own these files and can edit them. If files exist and differ, the command asks
before replacing them. Without a terminal it writes nothing unless --yes is given.`,
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
	cmd.Flags().StringVar(&o.Dir, "dir", ".", "repository directory")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "replace files that differ without asking")
	complete(cmd, "dir", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return cmd
}
