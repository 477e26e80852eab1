package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackupPolicy(a *session.Session) *cobra.Command {
	return group("backup-policy", "Show and change the database backup policy",
		`A client's database can have three kinds of backup: continuous backup (point-in-time
restore), a restorable monthly copy, and a monthly archive for analysis only. The
spec file defines which ones a client has.`,
		`  cicdctl backup-policy show ACME
  cicdctl backup-policy set ACME --retention-days 35`,
		newBackupPolicySet(a), newBackupPolicyShow(a))
}
