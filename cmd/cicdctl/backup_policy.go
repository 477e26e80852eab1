package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackupPolicy(a *session.Session) *cobra.Command {
	return group("backup-policy", "Show and change which copies of a database are kept",
		`A client's database is kept three times: continuously, as a restorable copy of
every month, and as an archive of every month that is for analysis only. The spec
file says which of them a client has; these commands show it and change it.`,
		`  cicdctl backup-policy show ACME
  cicdctl backup-policy set ACME --retention-days 35`,
		newBackupPolicySet(a), newBackupPolicyShow(a))
}
