package main

import (
	"os"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newExec(a *session.Session) *cobra.Command {
	var o deploy.ExecOptions
	cmd := &cobra.Command{
		Use:   "exec NAME APP/SERVICE --env preview|prod [-- COMMAND...]",
		Short: "Open a shell in a running task of a service",
		Long: `Open a shell (/bin/sh), or run a command, in a container of a running task with ECS
Exec. AWS's Session Manager plugin carries the session and has to be installed. Of
several tasks, the one that runs longest is taken; --task chooses another by its ID
or the beginning of it.

exec is off unless the spec of the service says otherwise, for each environment:

  exec: {preview: true}

Then client create, and deploy the same image again: only new tasks have it. AWS
supports no read-only root file system with ECS Exec, so the containers can then
write to theirs, which cicdctl audit reports (ECS.5) together with the shell itself.
Sessions are encrypted with the client's KMS key, and what is typed and shown is
logged to /cicdctl/<client>/exec. CloudTrail records who opened them.`,
		Example: `  cicdctl exec ACME shop/web --env preview
  cicdctl exec ACME shop/web --env preview -- php -v
  cicdctl exec ACME shop/web --env prod --task 3f2a91c0 --container web`,
		Args: func(cmd *cobra.Command, args []string) error {
			if at := cmd.ArgsLenAtDash(); at >= 0 {
				args = args[:at]
			}
			return named("NAME", "APP/SERVICE")(cmd, args)
		},
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit, o.Command = args[0], args[1], args[2:]
			o.In, o.Out, o.Err = os.Stdin, os.Stdout, os.Stderr
			return deploy.Exec(cmd.Context(), a, o)
		},
	}
	placeFlags(&o.Place, cmd)
	envFlag(cmd, &o.Env)
	f := cmd.Flags()
	f.StringVar(&o.Task, "task", "", "task, by its ID or the beginning of it (default: the one that runs longest)")
	f.StringVar(&o.Container, "container", "", "container (default: the one with the service's name)")
	return cmd
}
