package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackup(a *session.Session) *cobra.Command {
	return group("backup", "List, create, restore and test database backups",
		`List the backups of a client's database, restore from them, and measure how long a
restore takes.`,
		`  cicdctl backup list ACME
  cicdctl backup run ACME
  cicdctl backup restore ACME --to-time 2026-11-24T10:15:00Z
  cicdctl backup drill ACME`,
		newBackupList(a), newBackupRun(a), newBackupRestore(a), newBackupDiscard(a), newBackupDrill(a))
}
