package main

import (
	"github.com/spf13/cobra"

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
