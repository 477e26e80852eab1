package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/fleet"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newFleet(a *session.Session) *cobra.Command {
	return group("fleet", "Run cicdctl for many clients in GitLab pipelines",
		`An estate is a Git repository with the spec files of many clients. Its GitLab
pipelines plan what a merge request changes, apply what is merged, and audit
everything at night.`,
		`  cicdctl fleet init --dir ~/src/clients
  cicdctl fleet report artifacts --out public`,
		newFleetInit(a), newFleetReport(a))
}

func newFleetInit(a *session.Session) *cobra.Command {
	var o fleet.InitOptions
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Generate the initial files of the clients' repository",
		Long: `Generate the initial files of the Git repository that holds the spec files of all
clients:

  clients/            the spec files, with a README
  cicdctl.yaml        the configuration
  .gitlab-ci.yml      the pipeline, which runs cicdctl fleet pipeline
  .gitlab/fleet.yml   image, runners and AWS roles of its jobs
  README.md           how the team works with it, and what to set in GitLab once
  .gitignore

You own these files and can edit them. If files exist and differ, the command asks
before replacing them. Without a terminal it writes nothing unless --yes is given.
Comments and README are in the language of the run. No AWS access is needed.`,
		Example: `  cicdctl fleet init --dir ~/src/clients
  cicdctl fleet init --lang fr --yes`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return fleet.Init(cmd.Context(), a, o) },
	}
	cmd.Flags().StringVar(&o.Dir, "dir", ".", "repository directory")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "replace files that differ without asking")
	complete(cmd, "dir", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return cmd
}
