package report

import (
	"fmt"
	"io"
	"strings"
	"time"

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
	Drill   *Drill     `json:"last_drill"`
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

// Drill is what a restore drill measured.
type Drill struct {
	At       time.Time `json:"at"`
	Restored time.Time `json:"restored"`
	RPO      int       `json:"rpo_seconds"`
	RTO      int       `json:"rto_seconds"`
}

// NewBackupPolicy is the promise of a spec, with what the last drill measured and
// why that is unknown, if it is. restore is the command that restores; on has those
// that switch a copy on.
func (p *Printer) NewBackupPolicy(s *spec.Spec, file string, drill *rules.Drill, unknown error, restore string, on map[rules.CopyKind]string) BackupPolicy {
	out := BackupPolicy{Client: s.Client, Region: s.Region, Spec: file, Window: s.Backup.Window}
	if drill != nil {
		out.Drill = &Drill{drill.At, drill.Restored, int(drill.RPO.Seconds()), int(drill.RTO.Seconds())}
	}
	if unknown != nil {
		out.Unknown = explain(unknown)
	}
	for _, c := range rules.Copies(s) {
		line := CopyLine{Copy: c.Kind, On: c.On, Days: c.Days, Restorable: c.Restorable, Loss: int(c.Loss.Seconds())}
		switch c.Kind {
		case rules.Continuous:
			line.Where = p.Lang.say("Aurora storage, in three zones")
			line.Kept, line.Restore = p.days(c.Days), restore
		case rules.Monthly:
			line.Where = p.Lang.sayf("AWS Backup, vault %s", rules.MonthlyName)
			line.Kept, line.Restore = p.days(c.Days), p.Lang.say("as a new cluster, from the vault")
		case rules.Archive:
			line.Where = p.Lang.sayf("S3 Glacier, bucket %s", rules.ArchiveBucketName(s.Client, s.Region, "…"))
			line.Kept, line.Restore = p.months(s.Backup.Archive.KeepMonths), p.Lang.say("no database: read it with Athena")
		}
		if !c.On {
			line.Restore = p.Lang.sayf("switch it on: %s", on[c.Kind])
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

// BackupPolicy writes which copies there are and what they are good for.
func (p *Printer) BackupPolicy(b BackupPolicy) error {
	if p.Format == JSON {
		return p.encode(b)
	}
	style, out := p.palette(p.out), &strings.Builder{}
	fmt.Fprintln(out, style.bold.Render(p.Lang.sayf("Copies of the database of %s in %s", b.Client, b.Region)))
	fmt.Fprintln(out, p.Lang.say("Spec:"), b.Spec)
	fmt.Fprintln(out, p.Lang.sayf("Daily backup window: %s UTC", b.Window))
	fmt.Fprintln(out)
	t := p.table(p.out, p.Lang.say("copy"), p.Lang.say("where"), p.Lang.say("kept"), p.Lang.say("restorable into Aurora"), p.Lang.say("lost at worst (RPO)"), p.Lang.say("how to get it back"))
	for _, c := range b.Copies {
		name, restorable := p.Lang.say(copyNames[c.Copy]), p.Lang.say("no")
		if c.Restorable {
			restorable = p.Lang.say("yes")
		}
		if !c.On {
			t.AppendRow([]any{name, p.Lang.say("off"), "-", restorable, "-", c.Restore})
			continue
		}
		t.AppendRow([]any{name, c.Where, c.Kept, restorable, p.span(time.Duration(c.Loss) * time.Second), c.Restore})
	}
	fmt.Fprintln(out, t.Render())
	fmt.Fprintln(out)
	switch {
	case b.Drill != nil:
		fmt.Fprintln(out, p.Lang.sayf("Last restore drill: %s, state of %s, lost %s (RPO), usable after %s (RTO)",
			b.Drill.At.UTC().Format(minute), b.Drill.Restored.UTC().Format(minute), p.span(time.Duration(b.Drill.RPO)*time.Second), p.span(time.Duration(b.Drill.RTO)*time.Second)))
	case b.Unknown != "":
		fmt.Fprintln(out, p.Lang.sayf("Last restore drill: unknown, AWS could not be asked: %s", b.Unknown))
	default:
		fmt.Fprintln(out, p.Lang.say("Last restore drill: never measured"))
	}
	_, err := io.WriteString(p.out, out.String())
	return err
}

// minute is a time as people write it.
const minute = "2006-01-02 15:04 MST"

// span is a length of time in its largest unit: "5 minutes", "31 days".
func (p *Printer) span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return p.days(int(d.Hours()) / 24)
	case d >= 2*time.Minute:
		return p.Lang.sayf("%d minutes", int(d.Round(time.Minute).Minutes()))
	default:
		return p.Lang.sayf("%d seconds", int(d.Seconds()))
	}
}

func (p *Printer) days(n int) string {
	if n == 1 {
		return p.Lang.say("1 day")
	}
	return p.Lang.sayf("%d days", n)
}

func (p *Printer) months(n int) string {
	if n == 1 {
		return p.Lang.say("1 month")
	}
	return p.Lang.sayf("%d months", n)
}
