package session

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// notElsewhere refuses a client that a plan makes in one account while another has it: who has
// changed the account in a spec would get a second client beside the first. The error is a
// *cloud.GuardError. An account that cannot be asked is told in a note.
func notElsewhere(ctx context.Context, a *Session, s *spec.Spec, plan *cloud.Plan) (notes []string, err error) {
	isNew := slices.ContainsFunc(plan.Changes(), func(c provision.Change) bool {
		return c.Op == provision.OpCreate && c.Kind == "ec2/subnet" && c.Scope.Level == provision.ClientLevel
	})
	if len(a.Conf.Accounts) == 0 || !isNew {
		return nil, nil
	}
	others := slices.DeleteFunc(a.AllAccounts(), func(c Account) bool { return c.Name == s.Account || a.unused(c) })
	there := make([]string, len(others)) // the regions
	errs := EachOf(ctx, others, func(ctx context.Context, i int, c Account) error {
		op, err := a.OpenAccount(ctx, c)
		if err != nil {
			return err
		}
		// The credentials' own account may be the very one that is meant, by its role.
		id, err := op.Identity(ctx)
		if own, _ := a.AccountNamed(s.Account); err != nil || c.Name == "" && id.Account == own.ID() {
			return err
		}
		clients, err := op.Clients(ctx, RegionsAsked("")...)
		for _, found := range clients {
			if found.Name == s.Client {
				there[i] = found.Region
			}
		}
		return err
	})
	for i, c := range others {
		switch {
		case there[i] != "":
			return nil, cloud.Guardf("client %[1]s is in %[2]s (%[3]s) already, and would be made a second time: put its account back into its spec, or call this client by another name; if it is to move, destroy it there first (its data does not move along)",
				s.Client, c.Label(), there[i])
		case errs[i] != nil:
			notes = append(notes, lang.Sprintf("it is not known whether %s has a client %s already: %s", c.Label(), s.Client, awsapi.Explain(errs[i])))
		}
	}
	return notes, ctx.Err()
}

// unused reports whether an account is one of the sandbox in which nothing was ever made.
func (a *Session) unused(c Account) bool {
	file := a.SandboxOf(c.Name)
	_, err := os.Stat(file)
	return file != "" && errors.Is(err, fs.ErrNotExist)
}
