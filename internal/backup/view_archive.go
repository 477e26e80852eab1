package backup

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// size is a number of bytes for people.
func size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d kB", (n+1023)/1024)
	}
	if n < gib {
		return fmt.Sprintf("%d MB", (n+1<<20-1)>>20)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/gib)
}

// showThaw tells what it costs to bring an archive out of S3 Glacier, before it is confirmed.
func showThaw(p *report.Printer, s *Stored, tier Retrieval, days int, prices *price.Estimate) error {
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Bold.Render(p.Lang.Sayf("Archive of %s of %s, in S3 Glacier", s.Client, s.Month)))
	t := p.Table(p.Out)
	t.AppendRow(table.Row{"  " + p.Lang.Say("stored in"), s.Place})
	t.AppendRow(table.Row{"  " + p.Lang.Say("to be brought out"), p.Lang.Sayf("%d {file|files}, %s", s.Cold, size(s.size))})
	t.AppendRow(table.Row{"  " + p.Lang.Say("takes"), p.Lang.Sayf("%s (--tier %s)", tier.Takes, tier.Tier)})
	t.AppendRow(table.Row{"  " + p.Lang.Say("readable for"), p.Lang.Sayf("%d {day|days}", days)})
	source := "%s, by AWS's list prices"
	switch {
	case prices.Unavailable != "":
		source = "%s"
	case prices.Sandbox:
		source = "%s, by prices of the sandbox, not AWS's"
	}
	t.AppendRow(table.Row{"  " + p.Lang.Say("costs"), p.Lang.Sayf(source, costOf(p, prices, tier.Tier))})
	fmt.Fprintln(b, t.Render())
	for _, other := range Retrievals() {
		if other.Tier != tier.Tier && prices.Unavailable == "" {
			fmt.Fprintln(b, " ", style.Dim.Render(p.Lang.Sayf("--tier %s: %s, %s", other.Tier, other.Takes, costOf(p, prices, other.Tier))))
		}
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// showStored tells where an archive is and, once it can be read, how.
func showStored(p *report.Printer, s *Stored, r ReadArchived, only string) error {
	r.Next, r.Tables = report.Some(r.Next), report.Some(r.Tables)
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Bold.Render(p.Lang.Sayf("Archive of %s of %s: %s", s.Client, s.Month, s.Name)))
	fmt.Fprintf(b, "  %s\n  %s\n", s.Place, p.Lang.Sayf("written on %s, %d {file|files}, %s", report.Clock(s.Written), s.Objects, size(s.Bytes)))
	switch {
	case !r.Ready:
		fmt.Fprintf(b, "  %s\n", style.Change.Render(p.Lang.Sayf("%d {file is on its|files are on their} way out of S3 Glacier, which takes %s", s.Thawing+s.Cold, r.Takes)))
	case s.Until != nil:
		fmt.Fprintf(b, "  %s\n", p.Lang.Sayf("out of S3 Glacier until %s", s.Until.Format(time.DateOnly)))
	}
	if r.Ready {
		shown, more := r.pick(only)
		for _, t := range shown {
			writeTable(p, b, style, t)
		}
		if len(more) > 0 {
			fmt.Fprintf(b, "\n%s\n", p.Lang.Sayf("Other tables, with --table: %s", strings.Join(more, ", ")))
		}
	}
	p.Next(b, style, r.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

func writeTable(p *report.Printer, b *strings.Builder, style report.Palette, t ArchivedTable) {
	fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Sayf("Table %s", t.Name)))
	if t.Left != "" {
		fmt.Fprintf(b, "  %s %s\n", style.Warn.Render("!"), p.Lang.Sayf("RDS left it out: %s", t.Left))
		return
	}
	fmt.Fprintf(b, "%s\n%s\n", style.Dim.Render("-- DuckDB"), t.DuckDB)
	if t.Athena != "" {
		fmt.Fprintf(b, "%s\n%s\n", style.Dim.Render("-- Amazon Athena"), t.Athena)
	}
}
