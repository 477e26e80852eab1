package main

import "github.com/spf13/cobra"

func newBackup(a *app) *cobra.Command {
	return group("backup", "Show, restore and prove backups",
		"A client's database can be restored to any moment of the last days, beside the one that runs.",
		`  cicdctl backup restore ACME --to-time 2026-11-24T10:15:00Z
  cicdctl backup drill ACME`)
}
