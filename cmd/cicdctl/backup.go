package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/session"
)

func newBackup(a *session.Session) *cobra.Command {
	return group("backup", "List, make, restore and prove copies of a client's data",
		`Copies of a client's database: what there is, how to bring it back, and how long
that takes.`,
		`  cicdctl backup list ACME
  cicdctl backup run ACME
  cicdctl backup restore ACME --to-time 2026-11-24T10:15:00Z
  cicdctl backup drill ACME`,
		newBackupList(a), newBackupRun(a), newBackupRestore(a), newBackupDiscard(a), newBackupDrill(a))
}
