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
		Short: "Check credentials, quotas and address space",
		Long: `Check whether the account and region have room for another client with default
settings: credentials, availability zones, free network slots, and service quotas,
those of VPNs too where a client of the region has VPNs in its spec.
Also show who can read private keys (admins) and who can audit without reading them
(auditors).

With accounts in the configuration, covers all of them; --account narrows to one. An
account that fails does not hide the results of others; the exit code is then 1.

Read-only. Exit codes: 4 a quota is too low, 5 no free slot.`,
		Example: `  cicdctl doctor
  cicdctl doctor --region eu-central-1 --output json`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return account.Doctor(cmd.Context(), a, o) },
	}
	regionFlag(cmd, &o.Region, "region to look at (admin_region of the configuration)")
	return cmd
}
