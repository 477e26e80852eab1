package main

import (
	"strings"

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
  cicdctl fleet pipeline --event merge-request --base main
  cicdctl fleet report artifacts --out public`,
		newFleetInit(a), newFleetPipeline(a), newFleetCheck(a), newFleetComment(a), newFleetReport(a))
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

You own these files and can edit them. If .gitlab-ci.yml exists and differs, the
command asks before replacing it; without a terminal it writes nothing unless --yes
is given. Any other file that exists stays as it is. Comments and README are in the
language of the run. No AWS access is needed.`,
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

func newFleetPipeline(a *session.Session) *cobra.Command {
	var o fleet.PipelineOptions
	cmd := &cobra.Command{
		Use:   "pipeline",
		Short: "Write the child pipeline for what has changed",
		Long: `Write the GitLab child pipeline for what has happened in the clients'
repository. GitLab's variables say what that is; flags replace them, to try it
on a desk:

  merge-request   a plan for each client whose file differs from the target branch,
                  written as a comment on the merge request
  push            client create for each of them; what takes something away is not
                  done until somebody starts the manual job who names it
  schedule        an audit of each account and each of its regions, the report on
                  them, and restore drills: each client once in 28 nights

Clients are compared, not files. One that no file describes any more, or that is
in another region or account now, is never destroyed: a job shows what would be
lost, and is red until nothing is left of it.

More jobs than --max-jobs are split over several pipelines. Beside them, for a
schedule, fleet-shards.json says which audits fleet report has to find. All
files in the spec directory have to be readable. No AWS access is needed.`,
		Example: `  cicdctl fleet pipeline --out fleet
  cicdctl fleet pipeline --event merge-request --base main --out -
  cicdctl fleet pipeline --event push --all --output json`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return fleet.WritePipeline(cmd.Context(), a, o) },
	}
	cmd.Flags().StringVar(&o.Event, "event", "", "what has happened: "+strings.Join(fleet.Events(), ", ")+" (default: from GitLab)")
	cmd.Flags().StringVar(&o.Base, "base", "", "commit to compare the clients' files with (default: from GitLab)")
	cmd.Flags().BoolVar(&o.All, "all", false, "take every client for changed")
	cmd.Flags().StringVar(&o.Date, "date", "", "evening of the night of the drills, such as 2026-11-30 (default: this night)")
	cmd.Flags().StringVar(&o.Out, "out", "fleet", "directory of the files; - writes the pipeline to standard output")
	cmd.Flags().IntVar(&o.MaxJobs, "max-jobs", fleet.DefaultMaxJobs, "most jobs of one pipeline")
	complete(cmd, "event", cobra.FixedCompletions(fleet.Events(), cobra.ShellCompDirectiveNoFileComp))
	for _, flag := range []string{"base", "date", "max-jobs"} {
		complete(cmd, flag, cobra.NoFileCompletions)
	}
	complete(cmd, "out", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return cmd
}

func newFleetCheck(a *session.Session) *cobra.Command {
	var o fleet.CheckOptions
	cmd := &cobra.Command{
		Use:   "check NAME",
		Short: "Refuse to apply a file that is not the newest",
		Long: `Compare a client's file and cicdctl.yaml in the current commit with those on the
default branch of the repository, and refuse (exit code 4) if one is another by
now. Jobs that apply a file begin with it: one that has waited, or that somebody
starts again, would otherwise take back what was merged since.

Needs Git. No AWS access is needed.`,
		Example:           `  cicdctl fleet check ACME --branch main`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return fleet.Check(cmd.Context(), a, o)
		},
	}
	cmd.Flags().StringVar(&o.Branch, "branch", "", "branch that is applied (default: from GitLab)")
	cmd.Flags().StringVar(&o.Remote, "remote", "", "repository (default: from GitLab, or origin)")
	complete(cmd, "branch", cobra.NoFileCompletions)
	complete(cmd, "remote", cobra.NoFileCompletions)
	return cmd
}

func newFleetComment(a *session.Session) *cobra.Command {
	var o fleet.CommentOptions
	cmd := &cobra.Command{
		Use:   "comment NAME --file FILE",
		Short: "Write a plan as a comment on the merge request",
		Long: `Write what client plan --output markdown has written as a comment on the merge
request of the job. There is one comment for each client, and another one for
what is lost with it (--gone). The next run replaces them.

GitLab's own token of a job (CI_JOB_TOKEN) cannot write comments. The variable
FLEET_TOKEN has to be a project access token with the role Reporter and the
scope api. Without it nothing is written, and the plan is in the log and in the
artifacts.

A comment has at most 1,000,000 characters; the rest of a longer plan is left
out, and the comment says so. No AWS access is needed.`,
		Example:           `  cicdctl fleet comment ACME --file plan-ACME.md --exit 3`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return fleet.Comment(cmd.Context(), a, o)
		},
	}
	cmd.Flags().StringVar(&o.File, "file", "", "file with the plan in Markdown")
	cmd.Flags().IntVar(&o.Exit, "exit", 0, "exit code of the command that wrote the file")
	cmd.Flags().BoolVar(&o.Gone, "gone", false, "the plan is of what would be lost with a client that has no file any more")
	complete(cmd, "exit", cobra.NoFileCompletions)
	complete(cmd, "file", cobra.FixedCompletions([]string{"md"}, cobra.ShellCompDirectiveFilterFileExt))
	return cmd
}
