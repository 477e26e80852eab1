package backup

import (
	"context"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// ReadArchiveOptions are those of the backup archive command.
type ReadArchiveOptions struct {
	Name, Region, Spec string
	Month, Table, Tier string
	Days               int
	Wait, Yes          bool
}

// check is the tier, once the options are right.
func (o ReadArchiveOptions) check() (Retrieval, error) {
	if _, err := time.Parse("2006-01", o.Month); err != nil {
		return Retrieval{}, session.Usagef("write it like 2026-11", "--month %q is not a month", o.Month)
	}
	all := Retrievals()
	at := slices.IndexFunc(all, func(r Retrieval) bool { return r.Tier == o.Tier })
	switch {
	case at < 0:
		return Retrieval{}, session.Usagef("", "--tier %q is not one of bulk, standard, expedited", o.Tier)
	case o.Days < 1:
		return Retrieval{}, session.Usagef("give at least 1", "--days %d is not a number of days", o.Days)
	}
	return all[at], nil
}

// ReadArchive says where the archive of a month is, brings it out of S3 Glacier, and shows
// how it is read.
func ReadArchive(ctx context.Context, a *session.Session, o ReadArchiveOptions) error {
	tier, err := o.check()
	if err != nil {
		return err
	}
	op, at, err := session.Locate(ctx, a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	s, err := FindStored(ctx, op, o.Name, at.Region, o.Month)
	if err != nil {
		return err
	}
	if o.Table != "" && !slices.ContainsFunc(s.Tables, func(t ArchivedTable) bool { return t.Name == o.Table }) {
		names := []string{}
		for _, t := range s.Tables {
			names = append(names, t.Name)
		}
		return session.Usagef(lang.Sprintf("it has %s", strings.Join(names, ", ")), "--table: the archive %s has no table %q", s.Name, o.Table)
	}
	if s.Cold > 0 {
		if err := session.Admit(ctx, a, op, o.Name, at.Region); err != nil {
			return err
		}
		if a.Print.Format != report.JSON {
			prices, err := s.prices(ctx, op, o.Days)
			if err != nil {
				return err
			}
			if err := showThaw(a.Print, s, tier, o.Days, prices); err != nil {
				return err
			}
		}
		if err := session.Confirm(ctx, a, o.Yes); err != nil {
			return err
		}
		if err := s.Thaw(ctx, tier.Tier, o.Days); err != nil {
			return err
		}
		if err := s.Look(ctx); err != nil {
			return err
		}
	}
	if o.Wait {
		if err := s.Await(ctx, showThawing(a.Print, s)); err != nil {
			a.Print.Tell("no longer waiting: S3 goes on, and the same command tells how far it is")
			if ctx.Err() == nil {
				return err
			}
			return session.Stopped(a)
		}
	}
	return showStored(a.Print, s, ReadArchived{Stored: s, Ready: s.Ready(), Takes: tier.Takes, Next: afterReading(a, o, s)}, o.Table)
}

func afterReading(a *session.Session, o ReadArchiveOptions, s *Stored) []string {
	if s.Ready() {
		return []string{a.Print.Sayf("whoever reads it needs kms:Decrypt on the archive key, alias/cicdctl/client/%s/archive, and s3:GetObject and s3:ListBucket on the bucket", strings.ToLower(o.Name))}
	}
	return []string{a.Print.Sayf("when it is there, the same command shows how to read it: %s", a.Next("backup archive %s --month %s", o.Name, o.Month))}
}

// ReadArchived is an archive and how it is read. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "month": "2026-11", "name": "acme-20261124100000", "written": "…", "place": "s3://…/",
//	 "objects": 120, "bytes": 734003200, "cold": 0, "thawing": 0, "until": "…", "ready": true,
//	 "tables": [{"name": "shop.public.orders", "place": "s3://…/", "columns": [{"columnName": "id", "originalType": "bigint",
//	             "expectedExportedType": "int64"}], "duckdb": "SELECT …", "athena": "CREATE EXTERNAL TABLE …"}], "next": ["…"]}
//
// Until is when S3 removes the copies that were brought out of Glacier.
type ReadArchived struct {
	*Stored
	Ready bool     `json:"ready"`
	Takes string   `json:"-"`
	Next  []string `json:"next"`
}

// tablesShown are as many as are shown with their queries unless one is asked for.
const tablesShown = 3

// pick is what is shown of the tables.
func (r ReadArchived) pick(table string) (shown []ArchivedTable, more []string) {
	for _, t := range r.Tables {
		switch {
		case table != "" && t.Name != table:
		case table == "" && len(shown) == tablesShown:
			more = append(more, t.Name)
		default:
			shown = append(shown, t)
		}
	}
	return shown, more
}

func showThawing(p *report.Printer, s *Stored) func(int) {
	last := -1
	return func(left int) {
		if left != last {
			p.TellLine(p.Lang.Sayf("archive %s: %d of %d {file is|files are} still in S3 Glacier", s.Name, left, s.Objects))
		}
		last = left
	}
}
