package backup

import (
	"fmt"
	"io"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// BackupPolicy is what copies a client's spec promises. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "spec": "clients/acme.yaml", "window": "22:30-23:00",
//	 "copies": [{"copy": "continuous", "on": true, "where": "…", "days": 30, "kept": "30 days",
//	             "restorable": true, "loss_seconds": 300, "restore": "…"}],
//	 "last_drill": {"at": "2026-11-24T10:00:00Z", "restored": "2026-11-24T09:57:00Z", "rpo_seconds": 180, "rto_seconds": 1260},
//	 "drill_unknown": "…"}
//
// The copies are continuous, monthly and archive, also those that are off. The
// last drill is null where none was measured; drill_unknown says why AWS could not
// tell, or is absent.
type BackupPolicy struct {
	Client  string     `json:"client"`
	Region  string     `json:"region"`
	Spec    string     `json:"spec"`
	Window  string     `json:"window"`
	Copies  []CopyLine `json:"copies"`
	Drill   *DrillLine `json:"last_drill" jsonschema:"nullable"`
	Unknown string     `json:"drill_unknown,omitempty"`
}

// CopyLine is one kind of copy.
type CopyLine struct {
	Copy       rules.CopyKind `json:"copy"`
	On         bool           `json:"on"`
	Where      string         `json:"where"`
	Days       int            `json:"days"`
	Kept       string         `json:"kept"`
	Restorable bool           `json:"restorable"`
	Loss       int            `json:"loss_seconds"`
	Restore    string         `json:"restore"`
}

// DrillLine is what a restore drill measured.
type DrillLine struct {
	At       time.Time `json:"at"`
	Restored time.Time `json:"restored"`
	RPO      int       `json:"rpo_seconds"`
	RTO      int       `json:"rto_seconds"`
}

// showNewBackupPolicy is the promise of a spec, with what the last drill measured and
// why that is unknown, if it is. next writes a command; on has those that switch a copy on.
func showNewBackupPolicy(p *report.Printer, s *spec.Spec, file string, drill *rules.Drill, unknown error, next func(format string, args ...any) string, on map[rules.CopyKind]string) BackupPolicy {
	out := BackupPolicy{Client: s.Client, Region: s.Region, Spec: file, Window: s.Backup.Window}
	if drill != nil {
		out.Drill = &DrillLine{drill.At, drill.Restored, int(drill.RPO.Seconds()), int(drill.RTO.Seconds())}
	}
	if unknown != nil {
		out.Unknown = report.Explain(unknown)
	}
	for _, c := range rules.Copies(s) {
		line := CopyLine{Copy: c.Kind, On: c.On, Days: c.Days, Restorable: c.Restorable, Loss: int(c.Loss.Seconds())}
		switch c.Kind {
		case rules.Continuous:
			line.Where = p.Lang.Say("Aurora storage, in three zones")
			line.Kept, line.Restore = writeDays(p, c.Days), next("backup restore %s --latest", s.Client)
		case rules.Monthly:
			line.Where = p.Lang.Sayf("AWS Backup, vault %s", rules.MonthlyName)
			line.Kept, line.Restore = writeDays(p, c.Days), p.Lang.Sayf("%s gives the word for backup restore --from", next("backup list %s", s.Client))
		case rules.Archive:
			line.Where = p.Lang.Sayf("S3 Glacier, bucket %s", rules.ArchiveBucketName(s.Client, s.Region, "…"))
			line.Kept, line.Restore = writeMonths(p, s.Backup.Archive.KeepMonths), p.Lang.Sayf("no database: %s names its months", next("backup list %s", s.Client))
		}
		if !c.On {
			line.Restore = p.Lang.Sayf("switch it on: %s", on[c.Kind])
		}
		out.Copies = append(out.Copies, line)
	}
	return out
}

// copyNames are what operators call the copies. The archive is no backup.
var copyNames = map[rules.CopyKind]string{
	rules.Continuous: "continuous backup (point-in-time restore)",
	rules.Monthly:    "restorable monthly copy",
	rules.Archive:    "monthly archive for analysis (Parquet)",
}

// showBackupPolicy writes which copies there are and what they are good for.
func showBackupPolicy(p *report.Printer, b BackupPolicy) error {
	if p.Format == report.JSON {
		return p.WriteJSON(b)
	}
	style, out := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(out, style.Bold.Render(p.Lang.Sayf("Copies of the database of %s in %s", b.Client, b.Region)))
	fmt.Fprintln(out, p.Lang.Say("Spec:"), b.Spec)
	fmt.Fprintln(out, p.Lang.Sayf("Daily backup window: %s UTC", b.Window))
	fmt.Fprintln(out)
	t := p.Table(p.Out, p.Lang.Say("copy"), p.Lang.Say("where"), p.Lang.Say("kept"), p.Lang.Say("restorable into Aurora"), p.Lang.Say("lost at worst (RPO)"), p.Lang.Say("how to get it back")).Details(1, 5)
	for _, c := range b.Copies {
		name, restorable := p.Lang.Say(copyNames[c.Copy]), p.Lang.Say("no")
		if c.Restorable {
			restorable = p.Lang.Say("yes")
		}
		if !c.On {
			t.AppendRow([]any{name, p.Lang.Say("off"), "-", restorable, "-", c.Restore})
			continue
		}
		t.AppendRow([]any{name, c.Where, c.Kept, restorable, writeSpan(p, time.Duration(c.Loss)*time.Second), c.Restore})
	}
	fmt.Fprintln(out, t.Render())
	fmt.Fprintln(out)
	switch {
	case b.Drill != nil:
		fmt.Fprintln(out, p.Lang.Sayf("Last restore drill: %s, state of %s, lost %s (RPO), usable after %s (RTO)",
			b.Drill.At.UTC().Format(report.Minute), b.Drill.Restored.UTC().Format(report.Minute), writeSpan(p, time.Duration(b.Drill.RPO)*time.Second), writeSpan(p, time.Duration(b.Drill.RTO)*time.Second)))
	case b.Unknown != "":
		fmt.Fprintln(out, p.Lang.Sayf("Last restore drill: unknown, AWS could not be asked: %s", b.Unknown))
	default:
		fmt.Fprintln(out, p.Lang.Say("Last restore drill: never measured"))
	}
	_, err := io.WriteString(p.Out, out.String())
	return err
}

// writeSpan is a length of time in its largest unit: "5 minutes", "31 days".
func writeSpan(p *report.Printer, d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return writeDays(p, int(d.Hours())/24)
	case d >= 2*time.Minute:
		return p.Lang.Sayf("%d {minute|minutes}", int(d.Round(time.Minute).Minutes()))
	default:
		return p.Lang.Sayf("%d {second|seconds}", int(d.Seconds()))
	}
}

func writeDays(p *report.Printer, n int) string {
	return p.Lang.Sayf("%d {day|days}", n)
}

func writeMonths(p *report.Printer, n int) string {
	return p.Lang.Sayf("%d {month|months}", n)
}
