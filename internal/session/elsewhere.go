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

// NotElsewhere refuses a client that a plan makes in one account while another has it: who has
// changed the account in a spec would get a second client beside the first. The error is a
// *cloud.GuardError. An account that cannot be asked is told in a note.
func NotElsewhere(ctx context.Context, a *Session, s *spec.Spec, plan *cloud.Plan) (notes []string, err error) {
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
		clients, err := ClientsOf(ctx, op, c)
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
			return nil, cloud.Guardf("client %[1]s is in %[2]s (%[3]s) already, and would be made a second time: put its account back into its spec, or call this client by another name; if it is to move, %[4]s comes first (its data does not move along)",
				s.Client, c.Label(), there[i], destroyThere(s.Client, there[i], c.Name))
		case errs[i] != nil:
			notes = append(notes, lang.Sprintf("it is not known whether %s has a client %s already: %s", c.Label(), s.Client, awsapi.Explain(errs[i])))
		}
	}
	return notes, ctx.Err()
}

// destroyThere is the command that removes a client where its file does not say it is.
func destroyThere(client, region, account string) string {
	if account == "" { // which the command line cannot name
		return lang.Sprintf("cicdctl client destroy %s --region %s, without an account in its spec,", client, region)
	}
	return lang.Sprintf("cicdctl client destroy %s --region %s --account %s", client, region, account)
}

// unused reports whether an account is one of the sandbox in which nothing was ever made.
func (a *Session) unused(c Account) bool {
	file := a.SandboxOf(c.Name)
	_, err := os.Stat(file)
	return file != "" && errors.Is(err, fs.ErrNotExist)
}

// ClientsOf are the clients of an account, also in regions that it does not allow: what is there is
// there. Those that were found are returned with an error as well.
func ClientsOf(ctx context.Context, op *cloud.Operator, c Account) ([]cloud.Client, error) {
	clients, err := op.Clients(ctx, c.Regions...)
	more, otherErr := Outside(ctx, op, c)
	return append(clients, more...), errors.Join(err, otherErr)
}

// Outside are the clients in regions that an account does not allow, or no longer. Such a region may
// be closed to everybody in the account: what is refused there says nothing about the others.
func Outside(ctx context.Context, op *cloud.Operator, c Account) ([]cloud.Client, error) {
	var all []cloud.Client
	var errs []error
	for _, region := range RegionsAsked("") {
		if slices.Contains(c.Regions, region) {
			continue
		}
		clients, err := op.Clients(ctx, region)
		if !awsapi.Is(err, awsapi.Denied) {
			errs = append(errs, err)
		}
		all = append(all, clients...)
	}
	return all, errors.Join(errs...)
}

// notOutside is an error where a client that is in no region that the account allows is in another.
func notOutside(ctx context.Context, op *cloud.Operator, c Account, client, region string) error {
	clients, err := Outside(ctx, op, c)
	for _, found := range clients {
		if found.Name == client && (region == "" || region == found.Region) {
			return &FixedError{
				lang.Errorf("%s is in %s, which accounts.%s.regions does not have", client, PlaceIn(lang.Current(), c.Name, found.Region), c.Name),
				lang.Sprintf("add %s to the regions of the account in the configuration", found.Region),
			}
		}
	}
	return err
}

// everywhere are the clients of all accounts, those of one that cannot be looked at with its error.
func (a *Session) everywhere(ctx context.Context) ([]Account, [][]cloud.Client, []error) {
	accounts := a.AllAccounts()
	found := make([][]cloud.Client, len(accounts))
	errs := EachOf(ctx, accounts, func(ctx context.Context, i int, c Account) error {
		op, err := a.OpenAccount(ctx, c)
		if err != nil || a.unused(c) {
			return err
		}
		if other, err := a.nameOf(ctx, op, c); err != nil || other.Name != "" {
			return err
		}
		found[i], err = ClientsOf(ctx, op, c)
		return err
	})
	return accounts, found, errs
}

// There are the clients that a command could have meant, with where they are: those of the account
// that it is about, or of all where it names none. One that cannot be looked at is told.
func (a *Session) There(ctx context.Context, op *cloud.Operator) ([]string, error) {
	var there []string
	if len(a.Conf.Accounts) == 0 || a.Flags.Account != "" {
		clients, err := op.Clients(ctx, RegionsAsked("")...)
		for _, c := range clients {
			there = append(there, c.Name+" ("+c.Region+")")
		}
		return there, err
	}
	accounts, found, errs := a.everywhere(ctx)
	for i, c := range accounts {
		for _, client := range found[i] {
			there = append(there, lang.Sprintf("%s in %s", client.Name, PlaceIn(lang.Current(), c.Name, client.Region)))
		}
	}
	a.TellFailures(Failures(accounts, errs))
	return there, ctx.Err()
}

// Misled is an error where a client is in another place than its spec names: in the region that the
// command line asks for, or in any. It is asked where nothing was found of the client.
func (a *Session) Misled(ctx context.Context, client, file, region string) error {
	said := Whereabouts(file)
	accounts, found, errs := a.everywhere(ctx)
	for i, c := range accounts {
		for _, each := range found[i] {
			if each.Name == client && (region == "" || region == each.Region) && (c.Name != said.Account || each.Region != said.Region) {
				return &FixedError{
					lang.Errorf("nothing of %s is where %s says, but it is in %s", client, file, PlaceIn(lang.Current(), c.Name, each.Region)),
					lang.Say("put its region and its account back into the file, and run the same command again"),
				}
			}
		}
	}
	a.TellFailures(Failures(accounts, errs))
	return ctx.Err()
}
