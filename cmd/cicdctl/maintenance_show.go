package main

import (
	"time"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/report"
)

type maintenanceShowOptions struct{ name, spec string }

func newMaintenanceShow(a *app) *cobra.Command {
	var o maintenanceShowOptions
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show a client's weekly maintenance window",
		Long: `Shows the window of the client's spec file in local time and in UTC, in winter and
in summer, when it is next, and what happens in it. It needs no AWS.`,
		Example: `  cicdctl maintenance show ACME
  cicdctl maintenance show ACME --output json | jq -r .next.from`,
		Args:              named("NAME"),
		ValidArgsFunction: a.clientNames,
		RunE: func(_ *cobra.Command, args []string) error {
			o.name = args[0]
			return runMaintenanceShow(a, o)
		},
	}
	cmd.Flags().StringVar(&o.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	return cmd
}

func runMaintenanceShow(a *app, o maintenanceShowOptions) error {
	file, s, err := a.loadSpec(o.name, o.spec)
	if err != nil {
		return err
	}
	if s == nil {
		return noFile(a, o.name, file)
	}
	m, err := report.NewMaintenance(s, file, time.Now())
	if err != nil {
		return err
	}
	return a.print.Maintenance(m)
}
