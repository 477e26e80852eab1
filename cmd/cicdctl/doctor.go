package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newDoctor(a *session.Session) *cobra.Command {
	var o account.DoctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check credentials, quotas and free places",
		Long: `Checks whether one more client, with the document's defaults, would fit into the
account and the region: credentials, availability zones, free slots, and every
quota that the plan comes near to. It tells who may read private keys (admins), and
who may audit without reading any (auditors).

It only reads. The exit code is 4 when something is short, 5 when no slot is free.`,
		Example: `  cicdctl doctor
  cicdctl doctor --region eu-central-1 --output json`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return account.Doctor(cmd.Context(), a, o) },
	}
	regionFlag(cmd, &o.Region, "region to look at (admin_region of the configuration)")
	return cmd
}
