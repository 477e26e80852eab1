package backup

import (
	"cmp"
	"context"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// DiscardOptions are those of the backup discard command.
type DiscardOptions struct {
	Name, Region, Confirm, ID string
	Purge                     bool
}

// Discard removes a restored copy.
func Discard(ctx context.Context, a *session.Session, o DiscardOptions) error {
	op, region, err := session.FindRegion(ctx, a, o.Name, o.Region)
	if err != nil {
		return err
	}
	if region == "" {
		return session.RefuseUnknown(o.Name)
	}
	if err := session.Admit(ctx, a, op, o.Name, region); err != nil {
		return err
	}
	run, err := PrepareDiscard(ctx, op, o.Name, region, o.ID, o.Purge)
	if err != nil {
		return err
	}
	return session.Remove(ctx, a, run, session.Removal{
		Name: o.ID, Confirm: o.Confirm,
		Again:   a.Next("backup discard %s %s --region %s", o.Name, o.ID, region),
		Purge:   a.Next("backup discard %s %s --region %s --purge-data", o.Name, o.ID, region),
		Nothing: a.Print.Sayf("nothing of %s is left to remove in %s", o.ID, region),
		Done:    func(count string) string { return a.Print.Sayf("%s is removed from %s: %s", o.ID, region, count) },
		After:   func() ([]string, error) { return nil, nil },
	})
}

// ListOptions are those of the backup list command.
type ListOptions struct{ Name, Region, Spec string }

// List shows what a client's database can be restored from.
func List(ctx context.Context, a *session.Session, o ListOptions) error {
	op, at, err := session.Locate(ctx, a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	points, err := ReadPoints(ctx, op, o.Name, at.Region, at.Spec)
	if err != nil {
		return err
	}
	for i, f := range points.Findings {
		if args, isCommand := strings.CutPrefix(f.Fix, "cicdctl "); isCommand {
			points.Findings[i].Fix = a.Next("%s", args)
		}
	}
	r := Backups{Points: points, City: session.City(at.Region), Spec: at.File, How: howToRestore(a, points, at.Spec == nil)}
	for _, c := range points.Copies {
		r.Copies = append(r.Copies, Copied{RestoredCopy: c, Next: withCopy(a, o.Name, c)})
	}
	if at.Spec != nil && points.Protection.Database == nil && len(points.Points) == 0 && len(points.Unknown) == 0 {
		r.Next = []string{a.Next("client create %s", o.Name)}
	}
	return showBackups(a.Print, r)
}

// howToRestore tells the command for each kind of copy.
func howToRestore(a *session.Session, p *Points, elsewhere bool) []How {
	moment, newest := "TIME", map[rules.CopyKind]string{}
	for _, point := range p.Points {
		if point.Kind == rules.Continuous {
			moment = point.At.Format("2006-01-02T15:04:05Z07:00")
		}
		if newest[point.Kind] == "" { // they are in the order of their age
			newest[point.Kind] = cmp.Or(point.Source, point.At.UTC().Format("2006-01"))
		}
	}
	in := ""
	if elsewhere { // than its spec says: the word alone would be looked up there
		in = p.Region + "/"
	}
	how := []How{{Kinds: []rules.CopyKind{rules.Continuous}, Text: a.Next("backup restore %s --to-time %s", p.Client, moment)}}
	for _, kind := range []rules.CopyKind{rules.Retained, rules.Monthly, rules.Snapshot} {
		how = append(how, How{Kinds: []rules.CopyKind{kind}, Text: a.Next("backup restore %s --from %s", p.Client, in+newest[kind])})
	}
	return append(how, How{Kinds: []rules.CopyKind{rules.Archive}, Text: a.Print.Sayf("not as a database, but its tables can be read: %s", a.Next("backup archive %s --month %s", p.Client, newest[rules.Archive]))})
}

// withCopy says what can be done with a restored copy.
func withCopy(a *session.Session, name string, c RestoredCopy) []string {
	discard := a.Print.Sayf("to remove the copy: %s", a.Next("backup discard %s %s", name, c.ID))
	if c.Drill || c.Usable {
		return []string{discard}
	}
	moment := "--latest"
	if of := rules.RestoredOf(c.From); of != "" && of != rules.DatabaseName(name) {
		moment = "--from " + of
		if at, told := rules.RestoredAt(c.From); told && strings.Contains(of, string(rules.Retained)+"-") {
			moment += " --to-time " + at.Format(time.RFC3339Nano)
		}
	} else if at, told := rules.RestoredAt(c.From); told {
		moment = "--to-time " + at.Format(time.RFC3339Nano)
	}
	return []string{a.Print.Sayf("to complete it: %s", a.Next("backup restore %s %s --as %s", name, moment, c.ID)), discard}
}
