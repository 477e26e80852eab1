package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type backupListOptions struct{ name, region, spec string }

func newBackupList(a *app) *cobra.Command {
	var o backupListOptions
	cmd := &cobra.Command{
		Use:   "list NAME",
		Short: "List what a client's data can be brought back from, and what is missing",
		Long: `Lists every copy of a client's database: the span that can be restored to any
moment, the restorable copy of each month, snapshots, and the archives in S3
Glacier, which are for analysis only. Then the databases that were restored and
are still there, and what is missing of what was agreed with the client.

It only reads, and ends with 0 also when something is missing. What AWS refuses to
tell is called not known, and never none. It works for a client that was destroyed
too, whose last snapshot and archives are kept.`,
		Example: `  cicdctl backup list ACME
  cicdctl backup list ACME --output json | jq '.findings[].title'`,
		Args:              named("NAME"),
		ValidArgsFunction: a.clientNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return runBackupList(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.region, "where to look, for a client without a spec file")
	cmd.Flags().StringVar(&o.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	return cmd
}

func runBackupList(ctx context.Context, a *app, o backupListOptions) error {
	op, at, err := a.locate(ctx, o.name, o.region, o.spec)
	if err != nil {
		return err
	}
	points, err := backup.ReadPoints(ctx, op, o.name, at.region, at.spec)
	if err != nil {
		return err
	}
	for i, f := range points.Findings {
		if args, isCommand := strings.CutPrefix(f.Fix, "cicdctl "); isCommand {
			points.Findings[i].Fix = a.next("%s", args)
		}
	}
	r := report.Backups{Points: points, City: city(at.region), Spec: at.file, How: a.howToRestore(points)}
	for _, c := range points.Copies {
		r.Copies = append(r.Copies, report.Copied{RestoredCopy: c, Next: a.withCopy(o.name, c)})
	}
	if at.spec != nil && points.Protection.Database == nil && len(points.Points) == 0 && len(points.Unknown) == 0 {
		r.Next = []string{a.next("client create %s", o.name)}
	}
	return a.print.Backups(r)
}

// howToRestore tells the command for each kind of copy.
func (a *app) howToRestore(p *backup.Points) []report.How {
	moment := "TIME"
	for _, point := range p.Points {
		if point.Kind == rules.Continuous {
			moment = point.At.Format("2006-01-02T15:04:05Z07:00")
		}
	}
	return []report.How{
		{Kinds: []rules.CopyKind{rules.Continuous}, Text: a.next("backup restore %s --to-time %s", p.Client, moment)},
		{
			Kinds: []rules.CopyKind{rules.Monthly, backup.Snapshot},
			Text:  a.print.Sayf("by hand, into a new cluster: %s", "aws rds restore-db-cluster-from-snapshot --region "+p.Region+" --snapshot-identifier ID --db-cluster-identifier NEW …"),
		},
		{Kinds: []rules.CopyKind{rules.Archive}, Text: a.print.Sayf("not as a database: restore the files from S3 Glacier, then read the tables with Amazon Athena")},
	}
}

// withCopy says what can be done with a restored copy.
func (a *app) withCopy(name string, c backup.RestoredCopy) []string {
	discard := a.print.Sayf("to remove the copy: %s", a.next("backup discard %s %s", name, c.ID))
	if c.Drill || c.Usable {
		return []string{discard}
	}
	moment := "--latest"
	if at, told := rules.RestoredAt(c.From); told {
		moment = "--to-time " + at.Format(time.RFC3339Nano)
	}
	return []string{a.print.Sayf("to complete it: %s", a.next("backup restore %s %s --as %s", name, moment, c.ID)), discard}
}
