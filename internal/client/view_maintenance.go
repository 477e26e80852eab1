package client

import (
	"fmt"
	"io"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Maintenance is a client's weekly window. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "spec": "clients/acme.yaml",
//	 "window": "sun:03:30-sun:05:00", "timezone": "Europe/Paris",
//	 "readings": [{"season": "winter", "utc": "sun:02:30-sun:04:00"}, …], "backup_window": "22:30-23:00",
//	 "next": {"from": "2026-11-29T03:30:00+01:00", "to": "2026-11-29T05:00:00+01:00"},
//	 "aurora_window": "sun:02:30-sun:04:00", "refresh": "cron(30 3 ? * SUN *)"}
//
// The seasons are winter and summer, or all year where the clock never changes.
// The window of Aurora is in UTC as a run would set it today, the refresh of the
// hosts in the time zone.
type Maintenance struct {
	Client   string          `json:"client"`
	Region   string          `json:"region"`
	Spec     string          `json:"spec"`
	Window   string          `json:"window"`
	Timezone string          `json:"timezone"`
	Readings []rules.Reading `json:"readings"`
	Backup   string          `json:"backup_window"`
	Next     Span            `json:"next"`
	Aurora   string          `json:"aurora_window"`
	Refresh  string          `json:"refresh"`
}

// Span is from when to when.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// NewMaintenance is the window of a spec as it is at a time.
func NewMaintenance(s *spec.Spec, file string, now time.Time) (m Maintenance, err error) {
	m = Maintenance{Client: s.Client, Region: s.Region, Spec: file, Window: s.Maintenance.Window, Timezone: s.Maintenance.Timezone, Backup: s.Backup.Window}
	if m.Readings, err = rules.Readings(s.Maintenance, now); err != nil {
		return m, err
	}
	if m.Next.From, m.Next.To, err = rules.NextMaintenance(s.Maintenance, now); err != nil {
		return m, err
	}
	if m.Aurora, err = rules.MaintenanceUTC(s.Maintenance, now); err != nil {
		return m, err
	}
	m.Refresh, err = rules.RefreshCron(s.Maintenance)
	return m, err
}

// WriteMaintenance writes when the window is and what happens in it.
func WriteMaintenance(p *report.Printer, m Maintenance) error {
	if p.Format == report.JSON {
		return p.WriteJSON(m)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Bold.Render(p.Lang.Sayf("Maintenance of %s in %s", m.Client, m.Region)))
	fmt.Fprintln(b, p.Lang.Say("Spec:"), m.Spec)
	fmt.Fprintln(b)
	t := p.Table(p.Out, p.Lang.Say("window"), p.Lang.Say("when"), p.Lang.Say("clock"))
	t.AppendRow([]any{p.Lang.Say("maintenance"), m.Window, m.Timezone})
	for _, r := range m.Readings {
		t.AppendRow([]any{p.Lang.Say("maintenance"), r.UTC, p.Lang.Sayf("UTC, %s", p.Lang.Say(r.Season))})
	}
	t.AppendRow([]any{p.Lang.Say("backup, every day"), m.Backup, "UTC"})
	fmt.Fprintln(b, t.Render())
	fmt.Fprintf(b, "\n%s\n", p.Lang.Sayf("Next: %s to %s (%s to %s)", m.Next.From.Format(report.Minute), m.Next.To.Format(report.Minute), m.Next.From.UTC().Format(report.Minute), m.Next.To.UTC().Format(report.Minute)))
	fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Say("What happens in it")))
	for _, line := range []string{
		p.Lang.Sayf("Aurora patches the cluster and its instances, %s UTC at present", m.Aurora),
		p.Lang.Say("its window is in UTC: after a clock change it moves with the next client create"),
		p.Lang.Sayf("the hosts are renewed with the newest image, by a schedule in the zone %s", m.Timezone),
		p.Lang.Say("that schedule follows the clock by itself"),
	} {
		fmt.Fprintf(b, "  · %s\n", line)
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}
