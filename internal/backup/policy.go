package backup

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Ranges of the flags: those of the spec.
const (
	maxRetentionDays = 35  // RDS ModifyDBCluster
	maxKeepMonths    = 120 // the spec's own
)

// PolicySetOptions are those of the backup-policy set command.
type PolicySetOptions struct {
	Name, Spec string
	session.Consent
	Days, Months       int
	Window             string
	Archive, Restoring string
}

// Changes are what the flags that were given ask for.
func (o PolicySetOptions) Changes(given func(flag string) bool) ([]spec.Change, error) {
	var out []spec.Change
	add := func(path string, value any) { out = append(out, spec.Change{Path: "backup." + path, Value: value}) }
	if given("retention-days") {
		if o.Days < 1 || o.Days > maxRetentionDays {
			return nil, session.Usagef("", "--retention-days %d is not within 1-%d", o.Days, maxRetentionDays)
		}
		add("retention_days", o.Days)
	}
	if given("window") {
		w, err := spec.ParseDailyWindow(o.Window)
		if err != nil {
			return nil, session.Usagef("", "--window %w", err)
		}
		add("window", w.String())
	}
	if given("archive") {
		every, ok := map[string]string{"monthly": spec.EveryMonth, "none": spec.EveryNone}[o.Archive]
		if !ok {
			return nil, session.Usagef("", "--archive %q is not one of monthly, none", o.Archive)
		}
		add("archive.every", every)
	}
	if given("keep-months") {
		switch {
		case o.Months < 1 || o.Months > maxKeepMonths:
			return nil, session.Usagef("", "--keep-months %d is not within 1-%d", o.Months, maxKeepMonths)
		case given("archive") && o.Archive == "none":
			return nil, session.Usagef("leave one of them out", "--keep-months is for archives, and --archive none asks for none")
		}
		add("archive.keep_months", o.Months)
	}
	if given("restorable-monthly") {
		if o.Restoring != "on" && o.Restoring != "off" {
			return nil, session.Usagef("", "--restorable-monthly %q is not one of on, off", o.Restoring)
		}
		add("restorable_monthly", o.Restoring == "on")
	}
	if len(out) == 0 {
		return nil, session.Usagef("give one or more of --retention-days, --window, --archive, --keep-months, --restorable-monthly", "nothing to set")
	}
	return out, nil
}

// PolicyShowOptions are those of the backup-policy show command.
type PolicyShowOptions struct{ Name, Spec string }

// ShowPolicy shows a client's backup policy and what its last drill measured.
func ShowPolicy(ctx context.Context, a *session.Session, o PolicyShowOptions) error {
	file, s, err := session.LoadSpec(a, o.Name, o.Spec)
	if err != nil {
		return err
	}
	if s == nil {
		return session.NoFile(a, o.Name, file)
	}
	drill, unknown := lastDrill(ctx, a, s)
	if err := ctx.Err(); err != nil {
		return err
	}
	on := map[rules.CopyKind]string{
		rules.Monthly: a.Next("backup-policy set %s --restorable-monthly on", s.Client),
		rules.Archive: a.Next("backup-policy set %s --archive monthly", s.Client),
	}
	return showBackupPolicy(a.Print, showNewBackupPolicy(a.Print, s, file, drill, unknown, a.Next, on))
}

// lastDrill is what AWS tells of the last restore drill. What it does not tell
// keeps nobody from seeing the policy.
func lastDrill(ctx context.Context, a *session.Session, s *spec.Spec) (*rules.Drill, error) {
	op, err := a.Open(ctx)
	if err != nil {
		return nil, err
	}
	return LastDrill(ctx, op, s.Client, s.Region)
}
