package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/session"
)

func newMaintenance(a *session.Session) *cobra.Command {
	return group("maintenance", "Show and change a client's weekly maintenance window",
		`Once a week, in a window agreed with the client, Aurora applies its patches and the
hosts are renewed with the newest image. The window is in the client's local time.`,
		`  cicdctl maintenance show ACME
  cicdctl maintenance set ACME sun:03:30-sun:05:00`,
		newMaintenanceSet(a), newMaintenanceShow(a))
}
