package account

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// DoctorOptions are those of the doctor command.
type DoctorOptions struct{ Region string }

// Doctor tells whether cicdctl can work in the account, or in each of several, and what is
// missing.
func Doctor(ctx context.Context, a *session.Session, o DoctorOptions) error {
	if err := session.CheckRegion(o.Region); err != nil {
		return err
	}
	var specs []*spec.Spec
	var unread []string
	for _, file := range session.SpecFiles(a.Conf.SpecDir) {
		s, err := session.LoadFile(a, file)
		if err != nil {
			unread = append(unread, file)
			continue
		}
		specs = append(specs, s)
	}
	about := slices.Clone(specs)
	for _, file := range unread {
		about = append(about, session.Whereabouts(file))
	}
	accounts, err := a.Accounts(about, o.Region)
	if err != nil {
		return err
	}
	for _, file := range unread {
		a.Print.Tell("%s cannot be read, so it is not known whether its client has VPNs", file)
	}
	found, troubles := make([]*Health, len(accounts)), make([]error, len(accounts))
	errs := session.EachOf(ctx, accounts, func(ctx context.Context, i int, c session.Account) error {
		op, err := a.OpenAmong(ctx, c)
		if err != nil {
			return err
		}
		like := slices.DeleteFunc(slices.Clone(specs), func(s *spec.Spec) bool { return s.Account != c.Name })
		if found[i], troubles[i] = Diagnose(ctx, op, homeOf(a, c), like...); found[i] == nil {
			return troubles[i]
		}
		return nil
	})
	if len(accounts) == 1 {
		return one(a, accounts[0], found[0], cmp.Or(errs[0], troubles[0]))
	}
	return several(a, accounts, found, errs, troubles)
}

// homeOf is the region that doctor looks at in an account: that of the account's own things
// where its clients may be there.
func homeOf(a *session.Session, c session.Account) string {
	home := cmp.Or(a.Conf.AdminRegion, cloud.DefaultAdminRegion)
	if !slices.Contains(c.Regions, home) {
		return c.Regions[0]
	}
	return home
}

func one(a *session.Session, c session.Account, found *Health, trouble error) error {
	if found == nil {
		return trouble
	}
	health := diagnosis(a.Print, found, trouble)
	health.Account = c.Name
	if err := showDoctor(a.Print, health); err != nil {
		return err
	}
	switch {
	case trouble != nil:
		return trouble
	case !health.OK:
		return session.ExitCode(session.ExitRefused)
	default:
		return nil
	}
}

func several(a *session.Session, accounts []session.Account, found []*Health, errs, troubles []error) error {
	all := Diagnoses{Accounts: []Diagnosis{}, Failed: session.Failures(accounts, errs), OK: true}
	code := 0
	for i, c := range accounts {
		if errs[i] != nil || troubles[i] != nil {
			code = session.ExitError
		}
		if found[i] == nil {
			all.OK = false
			continue
		}
		health := diagnosis(a.Print, found[i], troubles[i])
		health.Account = c.Name
		all.Accounts, all.OK = append(all.Accounts, health), all.OK && health.OK
	}
	if !all.OK && code == 0 {
		code = session.ExitRefused
	}
	if err := showDoctors(a.Print, all); err != nil {
		return err
	}
	a.TellFailures(all.Failed)
	if code != 0 {
		return session.ExitCode(code)
	}
	return nil
}

// Diagnoses are what doctor finds out about several accounts.
type Diagnoses struct {
	Accounts []Diagnosis       `json:"accounts"`
	Failed   []session.Failure `json:"failed,omitempty"` // accounts that could not be looked at
	OK       bool              `json:"ok"`
}

func showDoctors(p *report.Printer, all Diagnoses) error {
	if p.Format == report.JSON {
		return p.WriteJSON(all)
	}
	for i, h := range all.Accounts {
		gap := "\n"
		if i == 0 {
			gap = ""
		}
		if _, err := fmt.Fprintf(p.Out, "%s%s\n", gap, p.Palette(p.Out).Bold.Render(session.AccountIn(p.Lang, h.Account))); err != nil {
			return err
		}
		if err := showDoctor(p, h); err != nil {
			return err
		}
	}
	return nil
}
