package client

import (
	"cmp"
	"context"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ListOptions are those of the client list command.
type ListOptions struct{ Region string }

// List shows the clients on AWS and in the spec directory. An account that cannot be looked at
// is told, and hides nothing of the others.
func List(ctx context.Context, a *session.Session, o ListOptions) error {
	if err := session.CheckRegion(o.Region); err != nil {
		return err
	}
	if err := session.CheckAllFiles(a); err != nil {
		return err
	}
	files, specs := specsOf(a, o.Region)
	accounts, err := a.Accounts(specs, o.Region)
	if err != nil {
		return err
	}
	found := make([][]Listed, len(accounts))
	errs := session.EachOf(ctx, accounts, func(ctx context.Context, i int, c session.Account) error {
		op, err := a.OpenAmong(ctx, c)
		if err != nil {
			return err
		}
		var clients []cloud.Client
		if o.Region == "" {
			clients, err = session.ClientsOf(ctx, op, c)
		} else {
			clients, err = op.Clients(ctx, c.Regions...)
		}
		for _, one := range clients {
			found[i] = append(found[i], Listed{Client: one, Account: c.Name, State: report.OnAWS})
		}
		return err
	})
	if len(accounts) == 1 && errs[0] != nil {
		return errs[0]
	}
	failures := append(session.Failures(accounts, errs), strangers(a, files)...)
	list := Clients{withSpecs(slices.Concat(found...), files, failures), failures}
	if err := showList(a.Print, list, len(accounts) > 1 || len(a.Conf.Accounts) > 0 && len(failures) > 0); err != nil || len(failures) == 0 {
		return err
	}
	a.TellFailures(failures)
	return session.ExitCode(session.ExitError)
}

// specFile is what a file of the spec directory says of where its client is.
type specFile struct {
	path string
	spec *spec.Spec // nil when it is not valid
}

// specsOf are the files of the spec directory, and their specs, of the region and the account
// asked for. Those that are not valid may be of any.
func specsOf(a *session.Session, region string) (files []specFile, specs []*spec.Spec) {
	for _, path := range session.SpecFiles(a.Conf.SpecDir) {
		s, err := spec.Load(path)
		if err != nil {
			files, specs = append(files, specFile{path: path}), append(specs, session.Whereabouts(path))
			continue
		}
		if asked := a.Flags.Account; asked != "" && asked != s.Account {
			continue
		}
		specs = append(specs, s)
		files = append(files, specFile{path, s})
	}
	return slices.DeleteFunc(files, func(f specFile) bool { return f.spec != nil && region != "" && f.spec.Region != region }), specs
}

// strangers are the accounts of specs that the configuration does not have, or no longer: nobody
// knows whether their clients are there.
func strangers(a *session.Session, files []specFile) []session.Failure {
	var out []session.Failure
	for _, f := range files {
		if f.spec == nil || slices.ContainsFunc(out, func(x session.Failure) bool { return x.Account == f.spec.Account }) {
			continue
		}
		if _, err := a.AccountNamed(f.spec.Account); err != nil {
			out = append(out, session.Failure{Account: f.spec.Account, Why: report.Explain(err), Fix: report.Remedy(err)})
		}
	}
	return out
}

// withSpecs puts the clients on AWS and the files together.
func withSpecs(out []Listed, files []specFile, failures []session.Failure) []Listed {
	for _, f := range files {
		if f.spec == nil {
			out = append(out, Listed{Client: cloud.Client{Name: session.ClientOf(f.path), Slot: -1}, Spec: f.path, State: report.InvalidSpec})
			continue
		}
		s := f.spec
		i := slices.IndexFunc(out, func(l Listed) bool { return l.Name == s.Client && l.Region == s.Region && l.Account == s.Account })
		if i >= 0 {
			out[i].Spec = f.path
			continue
		}
		state := string(report.NotCreated)
		if slices.ContainsFunc(failures, func(x session.Failure) bool { return x.Account == s.Account }) {
			state = report.NotKnown
		}
		out = append(out, Listed{Client: cloud.Client{Name: s.Client, Region: s.Region, Slot: -1}, Account: s.Account, Spec: f.path, State: state})
	}
	slices.SortFunc(out, func(a, b Listed) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
	})
	return out
}
