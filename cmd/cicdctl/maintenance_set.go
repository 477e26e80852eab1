package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

type maintenanceSetOptions struct {
	name, window, timezone, spec string
	yes                          bool
}

func newMaintenanceSet(a *app) *cobra.Command {
	var o maintenanceSetOptions
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
			return a.clientNames(cmd, args, typed)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name, o.window = args[0], args[1]
			changes, err := o.changes(cmd.Flags().Changed("timezone"))
			if err != nil {
				return err
			}
			return a.set(cmd.Context(), o.name, o.spec, o.yes, changes)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.timezone, "timezone", "", "IANA time zone of the window, such as Europe/Paris")
	f.StringVar(&o.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	return cmd
}

// changes are what the command line asks for; zoned says that it names a zone.
func (o maintenanceSetOptions) changes(zoned bool) ([]spec.Change, error) {
	w, err := spec.ParseWeeklyWindow(o.window)
	if err != nil {
		return nil, usagef("", "WINDOW %w", err)
	}
	out := []spec.Change{{Path: "maintenance.window", Value: w.String()}}
	if zoned {
		if err := spec.CheckTimezone(o.timezone); err != nil {
			return nil, usagef("", "--timezone %w", err)
		}
		out = append(out, spec.Change{Path: "maintenance.timezone", Value: o.timezone})
	}
	return out, nil
}
