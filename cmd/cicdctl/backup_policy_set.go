package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Ranges of the flags: those of the spec.
const (
	maxRetentionDays = 35  // RDS ModifyDBCluster
	maxKeepMonths    = 120 // the spec's own
)

type policySetOptions struct {
	name, spec         string
	yes                bool
	days, months       int
	window             string
	archive, restoring string
}

func newBackupPolicySet(a *app) *cobra.Command {
	var o policySetOptions
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change which copies of a client's database are kept",
		Long: `Changes the values that are given in the client's spec file and brings the client
to what the file then says, as client create does. All other values, and every
comment of the file, stay as they are. The plan is shown first; the file is written
once it is confirmed. What is so already changes nothing.

The window is in UTC, lasts 30 minutes at least, and may not overlap the maintenance
window, neither in winter nor in summer. An archive is for analysis: only the
continuous backup and the restorable monthly copies can become a database again.`,
		Example: `  cicdctl backup-policy set ACME --retention-days 35
  cicdctl backup-policy set ACME --window 22:30-23:00 --yes
  cicdctl backup-policy set ACME --archive monthly --keep-months 24
  cicdctl backup-policy set ACME --restorable-monthly off`,
		Args:              named("NAME"),
		ValidArgsFunction: a.clientNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			changes, err := o.changes(cmd.Flags().Changed)
			if err != nil {
				return err
			}
			return a.set(cmd.Context(), o.name, o.spec, o.yes, changes)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.days, "retention-days", 0, "days that the continuous backup goes back: 1-35")
	f.StringVar(&o.window, "window", "", "daily backup window in UTC, such as 22:30-23:00")
	f.StringVar(&o.archive, "archive", "", "archive for analysis in S3 Glacier: monthly or none")
	f.IntVar(&o.months, "keep-months", 0, "months that an archive is kept: 1-120")
	f.StringVar(&o.restoring, "restorable-monthly", "", "restorable copy of every month, kept 366 days: on or off")
	f.StringVar(&o.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	oneOf(cmd, "archive", "monthly", "none")
	oneOf(cmd, "restorable-monthly", "on", "off")
	return cmd
}

// changes are what the flags that were given ask for.
func (o policySetOptions) changes(given func(flag string) bool) ([]spec.Change, error) {
	var out []spec.Change
	add := func(path string, value any) { out = append(out, spec.Change{Path: "backup." + path, Value: value}) }
	if given("retention-days") {
		if o.days < 1 || o.days > maxRetentionDays {
			return nil, usagef("", "--retention-days %d is not within 1-%d", o.days, maxRetentionDays)
		}
		add("retention_days", o.days)
	}
	if given("window") {
		w, err := spec.ParseDailyWindow(o.window)
		if err != nil {
			return nil, usagef("", "--window %w", err)
		}
		add("window", w.String())
	}
	if given("archive") {
		every, ok := map[string]string{"monthly": spec.EveryMonth, "none": spec.EveryNone}[o.archive]
		if !ok {
			return nil, usagef("", "--archive %q is not one of monthly, none", o.archive)
		}
		add("archive.every", every)
	}
	if given("keep-months") {
		switch {
		case o.months < 1 || o.months > maxKeepMonths:
			return nil, usagef("", "--keep-months %d is not within 1-%d", o.months, maxKeepMonths)
		case given("archive") && o.archive == "none":
			return nil, usagef("leave one of them out", "--keep-months is for archives, and --archive none asks for none")
		}
		add("archive.keep_months", o.months)
	}
	if given("restorable-monthly") {
		if o.restoring != "on" && o.restoring != "off" {
			return nil, usagef("", "--restorable-monthly %q is not one of on, off", o.restoring)
		}
		add("restorable_monthly", o.restoring == "on")
	}
	if len(out) == 0 {
		return nil, usagef("give one or more of --retention-days, --window, --archive, --keep-months, --restorable-monthly", "nothing to set")
	}
	return out, nil
}

// oneOf completes a flag that takes one of a few words.
func oneOf(cmd *cobra.Command, flag string, words ...string) {
	complete(cmd, flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words, cobra.ShellCompDirectiveNoFileComp
	})
}
