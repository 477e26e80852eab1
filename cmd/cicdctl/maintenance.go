package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newMaintenance(a *session.Session) *cobra.Command {
	return group("maintenance", "Show and change a client's weekly maintenance window",
		`In the weekly maintenance window, Aurora applies patches and the ECS hosts are
replaced with the latest AMI. The window is in the client's local time.`,
		`  cicdctl maintenance show ACME
  cicdctl maintenance set ACME sun:03:30-sun:05:00`,
		newMaintenanceSet(a), newMaintenanceShow(a))
}

func newMaintenanceShow(a *session.Session) *cobra.Command {
	var o client.MaintenanceShowOptions
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show a client's weekly maintenance window",
		Long: `Show the window from the client's spec file in local time and UTC, for winter and
summer, with the next occurrence and what happens in it. No AWS access is needed.`,
		Example: `  cicdctl maintenance show ACME
  cicdctl maintenance show ACME --output json | jq -r .next.from`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(_ *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.ShowMaintenance(a, o)
		},
	}
	specFlag(cmd, &o.Spec)
	return cmd
}

func newMaintenanceSet(a *session.Session) *cobra.Command {
	var o client.MaintenanceSetOptions
	cmd := &cobra.Command{
		Use:   "set NAME WINDOW",
		Short: "Change a client's weekly maintenance window",
		Long: `Update the window in the client's spec file and apply the spec, as client create
does. Other values and all comments in the file are preserved. The plan is shown
first, and the file is written after confirmation. --remove is that of client create.

The format is ddd:HH:MM-ddd:HH:MM in local time, at least 30 minutes and less than 24
hours. The window must not overlap the backup window, which is in UTC, in winter or
summer time. Without --timezone, the time zone is kept.`,
		Example: `  cicdctl maintenance set ACME sun:03:30-sun:05:00
  cicdctl maintenance set ACME sat:22:00-sun:01:00 --timezone Europe/London --yes`,
		Args: named("NAME", "WINDOW"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			return clientNames(a)(cmd, args, typed)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Window = args[0], args[1]
			changes, err := o.Changes(cmd.Flags().Changed("timezone"))
			if err != nil {
				return err
			}
			return session.ChangeSpec(cmd.Context(), a, o.Name, o.Spec, o.Consent, changes)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Timezone, "timezone", "", "IANA time zone of the window, for example Europe/Paris")
	f.StringVar(&o.Spec, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
	consentFlags(cmd, &o.Consent)
	return cmd
}
