package main

import (
	"time"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newLogs(a *session.Session) *cobra.Command {
	var o deploy.LogOptions
	cmd := &cobra.Command{
		Use:   "logs NAME APP/SERVICE --env preview|prod",
		Short: "Show what the containers of a service log",
		Long: `Show the log lines of a service's tasks from CloudWatch Logs, oldest first, each with
its time (UTC) and the first characters of the task's ID. With --output json, each
line is one JSON object.

--follow continues with new lines until Ctrl-C or --timeout, and then exits with 0.
To keep the lines of several tasks in order, new lines are shown a few seconds late.
Lines that reach CloudWatch Logs more than 30 seconds late appear only without
--follow.

--grep takes a regular expression (RE2). cicdctl shows what the application logs;
keeping secrets out of it is up to the application.`,
		Example: `  cicdctl logs ACME shop/web --env prod
  cicdctl logs ACME shop/web --env prod --since 24h --grep 'ERROR|panic'
  cicdctl logs ACME shop/web --env preview --follow
  cicdctl logs ACME shop/web --env prod --output json | jq -r .message`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit = args[0], args[1]
			return deploy.ShowLogs(cmd.Context(), a, o)
		},
	}
	placeFlags(&o.Place, cmd)
	envFlag(cmd, &o.Env)
	f := cmd.Flags()
	f.DurationVar(&o.Since, "since", time.Hour, "how far back to begin, for example 30m or 24h")
	f.StringVar(&o.Grep, "grep", "", "show only lines that match this regular expression")
	f.BoolVarP(&o.Follow, "follow", "f", false, "continue with new lines until interrupted")
	return cmd
}
