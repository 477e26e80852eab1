package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newMaintenanceSet(a *session.Session) *cobra.Command {
	var o client.MaintenanceSetOptions
	cmd := &cobra.Command{
		Use:   "set NAME WINDOW",
		Short: "Change a client's weekly maintenance window",
		Long: `Changes the window in the client's spec file and brings the client to what the file
then says, as client create does. All other values, and every comment of the file,
stay as they are. The plan is shown first; the file is written once it is confirmed.

The window is ddd:HH:MM-ddd:HH:MM in local time, from 30 minutes to under 24 hours.
It may not overlap the backup window, which is in UTC, neither in winter nor in
summer. Without --timezone the zone stays as it is.`,
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
			return session.ChangeSpec(cmd.Context(), a, o.Name, o.Spec, o.Yes, changes)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Timezone, "timezone", "", "IANA time zone of the window, such as Europe/Paris")
	f.StringVar(&o.Spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	f.BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	return cmd
}
