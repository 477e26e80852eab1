package main

import "github.com/spf13/cobra"

func newBackup(a *app) *cobra.Command {
	return group("backup", "List, make and restore copies of a client's data",
		"Copies of a client's database: what there is, and how to bring it back.",
		`  cicdctl backup list ACME
  cicdctl backup run ACME`,
		newBackupList(a), newBackupRun(a))
}
