package backup

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/report/reporttest"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// The two tables that an operator shows a client.
func TestPolicy(t *testing.T) {
	read := func(text string) *spec.Spec {
		s, err := spec.Parse("acme.yaml", []byte("client: ACME\nregion: eu-west-3\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	on := map[rules.CopyKind]string{rules.Monthly: "cicdctl monthly on", rules.Archive: "cicdctl archive on"}
	policy := func(s *spec.Spec, d *rules.Drill, unknown error) func(*report.Printer) error {
		return func(p *report.Printer) error {
			return showBackupPolicy(p, showNewBackupPolicy(p, s, "clients/acme.yaml", d, unknown, func(format string, args ...any) string { return "cicdctl " + fmt.Sprintf(format, args...) }, on))
		}
	}
	window := func(s *spec.Spec, at string) func(*report.Printer) error {
		return func(p *report.Printer) error {
			now, err := time.Parse(time.DateOnly, at)
			if err != nil {
				return err
			}
			m, err := client.NewMaintenance(s, "clients/acme.yaml", now)
			if err != nil {
				return err
			}
			return client.WriteMaintenance(p, m)
		}
	}
	drill := rules.Drill{
		At: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), Restored: time.Date(2026, 11, 24, 9, 57, 0, 0, time.UTC),
		RPO: 90 * time.Second, RTO: 21 * time.Minute,
	}
	for name, f := range map[string]func(*report.Printer) error{
		"copies":           policy(read(""), &drill, nil),
		"copies-off":       policy(read("backup: {retention_days: 1, restorable_monthly: false, archive: {every: none}}\n"), nil, nil),
		"copies-denied":    policy(read("backup: {archive: {keep_months: 1}}\n"), nil, errors.New("access denied")),
		"maintenance":      window(read(""), "2026-07-01"),
		"maintenance-even": window(read("maintenance: {window: \"mon:04:00-mon:05:00\", timezone: Asia/Kathmandu}\n"), "2026-07-01"),
	} {
		for _, variant := range []string{"en", "fr", "json"} {
			t.Run(name+"-"+variant, func(t *testing.T) {
				p, b := reporttest.Recorded()
				if variant == "json" {
					p.Format = report.JSON
				} else {
					p.Lang = report.Lang(variant)
				}
				if err := f(p); err != nil {
					t.Fatal(err)
				}
				golden.Match(t, b.String())
			})
		}
		reporttest.OnTerminals(t, f)
	}
}
