package main

import (
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/appfiles"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/users"
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
  .vscode/            recommended extensions, tasks to run it, plan and audit

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

func newAppUsers(a *session.Session) *cobra.Command {
	return group("users", "Manage the users of SFTP and FTP services",
		`Manage the users of SFTP (mysecureshell) and FTP (proftpd) services. The users of
each service and environment are stored in one AWS Secrets Manager secret, encrypted
with the client's KMS key. Containers load it at startup. cicdctl writes the secret
but never reads its value.`,
		`  cicdctl app users set ACME shop/files --env prod --file users.json
  cicdctl app users list ACME`,
		newAppUsersSet(a), newAppUsersList(a))
}

func newAppUsersSet(a *session.Session) *cobra.Command {
	var o users.SetOptions
	cmd := &cobra.Command{
		Use:   "set NAME APP/SERVICE --env preview|prod --file FILE",
		Short: "Replace the service's user list",
		Long: `Replace the complete user list of a service in one environment. Keep the file in a
password store: cicdctl cannot read the list back.

The file is JSON; - reads standard input and requires --yes:

  [{"name": "alice", "keys": ["ssh-ed25519 AAAA... alice@desk"]},
   {"name": "bob", "password_hash": "$y$j9T$..."}]

Names start with a lowercase letter, followed by lowercase letters, digits or _ . -
Keys are lines of .pub files (SFTP only); create password hashes with mkpasswd. All
users of an environment share its folder and have access to nothing else.

A list that replaces another needs --remove APP/SERVICE in scripts, or the name typed
at the prompt: who is not in the new list cannot log in any more.

Running containers keep the previous list until you run cicdctl deploy restart.`,
		Example: `  cicdctl app users set ACME shop/files --env prod --file users.json
  pass acme/users | cicdctl app users set ACME shop/ftp --env prod --file - --yes
  cicdctl app users set ACME shop/ftp --env prod --file new.json -y --remove shop/ftp`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit = args[0], args[1]
			return users.SetFrom(cmd.Context(), a, o, cmd.InOrStdin())
		},
	}
	placeFlags(&o.Place, cmd)
	envFlag(cmd, &o.Env)
	cmd.Flags().StringVar(&o.File, "file", "", "JSON file with the users; - for standard input")
	consentFlags(cmd, &o.Consent)
	return cmd
}

func newAppUsersList(a *session.Session) *cobra.Command {
	var o users.ListOptions
	cmd := &cobra.Command{
		Use:   "list NAME [APP/SERVICE]",
		Short: "List user secrets and host key fingerprints",
		Long: `List the SFTP and FTP services with, for each environment, whether users are set,
when they were last changed, and the name of the secret. For SFTP, also show the
fingerprint of the host key, which users can verify on first connection; the host
key is created once and does not change.

Read-only. User names are not shown, because cicdctl does not read the secrets.`,
		Example: `  cicdctl app users list ACME
  cicdctl app users list ACME shop/files --output json`,
		Args: func(cmd *cobra.Command, args []string) error {
			return named([]string{"NAME", "APP/SERVICE"}[:max(1, min(len(args), 2))]...)(cmd, args)
		},
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit = args[0], strings.Join(args[1:], "")
			return users.List(cmd.Context(), a, o)
		},
	}
	placeFlags(&o.Place, cmd)
	return cmd
}

func appFlags(p *deploy.AppPlace, cmd *cobra.Command) {
	regionFlag(cmd, &p.Region, "region of the client; only needed without a spec file")
	specFlag(cmd, &p.Spec)
	cmd.Flags().StringVar(&p.Account, "account", "", "target AWS account: its ID or name (default: from the spec or the credentials)")
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
