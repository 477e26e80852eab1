package session

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

var twoAccounts = []Account{
	{Name: "production", Role: "arn:aws:iam::111111111111:role/cicdctl", Regions: []string{"eu-west-3"}},
	{Name: "staging", Role: "arn:aws:iam::222222222222:role/cicdctl", Regions: []string{"eu-west-3", "eu-west-1"}},
}

func TestAccountsThatAreGoneOver(t *testing.T) {
	in := func(account string) *spec.Spec { return &spec.Spec{Client: "ACME", Account: account} }
	for name, each := range map[string]struct {
		conf          []Account
		flag, region  string
		specs         []*spec.Spec
		want, problem string
	}{
		"none is configured":                 {nil, "", "", nil, "[eu-west-3 eu-west-1 eu-central-1 eu-west-2]", ""},
		"those that are":                     {twoAccounts, "", "", nil, "production[eu-west-3] staging[eu-west-3 eu-west-1]", ""},
		"a spec of each":                     {twoAccounts, "", "", []*spec.Spec{in("staging")}, "production[eu-west-3] staging[eu-west-3 eu-west-1]", ""},
		"a spec in none":                     {twoAccounts, "", "eu-west-3", []*spec.Spec{in("staging"), in("")}, "[eu-west-3] production[eu-west-3] staging[eu-west-3]", ""},
		"one that is named":                  {twoAccounts, "staging", "", []*spec.Spec{in("")}, "staging[eu-west-3 eu-west-1]", ""},
		"a region that one allows":           {twoAccounts, "", "eu-west-1", nil, "staging[eu-west-1]", ""},
		"a region that none allows":          {twoAccounts, "", "eu-west-2", nil, "", "no account of the configuration allows region \"eu-west-2\""},
		"a region that the named one denies": {twoAccounts, "production", "eu-west-1", nil, "", "accounts.production.regions has eu-west-3"},
	} {
		a := &Session{Conf: Settings{Accounts: each.conf}, Flags: Flags{Account: each.flag}}
		accounts, err := a.Accounts(each.specs, each.region)
		var got []string
		for _, c := range accounts {
			got = append(got, c.Name+"["+strings.Join(c.Regions, " ")+"]")
		}
		if strings.Join(got, " ") != each.want || (err == nil) != (each.problem == "") || err != nil && !strings.Contains(err.Error(), each.problem) {
			t.Errorf("%s: %v, %v, want %s", name, got, err, each.want)
		}
	}
	if len(twoAccounts[1].Regions) != 2 {
		t.Error("the configuration was changed")
	}
}

func TestAccountsOfNamedClients(t *testing.T) {
	specs := []*spec.Spec{{Client: "ACME", Account: "production"}, {Client: "NOVA", Account: "staging"}, {Client: "PLAIN"}}
	for name, each := range map[string]struct {
		flag, region string
		names        []string
		want         string
		problem      string
	}{
		"one":                  {"", "", []string{"ACME"}, "production", ""},
		"two":                  {"", "", []string{"ACME", "PLAIN"}, ",production", ""},
		"without a spec":       {"", "", []string{"ACME", "GHOST"}, ",production,staging", ""},
		"without one, named":   {"staging", "", []string{"GHOST"}, "staging", ""},
		"contradicted":         {"staging", "", []string{"ACME"}, "", "says account production, --account says staging"},
		"in a region too many": {"", "eu-west-1", []string{"ACME"}, "", "accounts.production.regions has eu-west-3"},
	} {
		a := &Session{Conf: Settings{Accounts: twoAccounts, SpecDir: "clients"}, Flags: Flags{Account: each.flag}}
		accounts, err := a.AccountsOf(each.names, specs, each.region)
		var got []string
		for _, c := range accounts {
			got = append(got, c.Name)
		}
		if strings.Join(got, ",") != each.want || (err == nil) != (each.problem == "") || err != nil && !strings.Contains(err.Error(), each.problem) {
			t.Errorf("%s: %q, %v, want %q", name, got, err, each.want)
		}
	}
}

func TestAdminsAreThoseOfTheirAccount(t *testing.T) {
	const hub, production, staging = "arn:aws:iam::123456789012:role/a", "arn:aws:iam::111111111111:role/b", "arn:aws:iam::222222222222:user/c"
	list := []string{hub, production, staging, "no ARN"}
	a := &Session{Conf: Settings{Accounts: twoAccounts, Admins: list, Auditors: []string{staging}}}
	for _, each := range []struct {
		of       Account
		admins   []string
		auditors []string
	}{
		{Account{}, []string{hub, "no ARN"}, []string{}},
		{twoAccounts[0], []string{production, "no ARN"}, []string{}}, // nobody, which is not the same as nothing said
		{twoAccounts[1], []string{staging, "no ARN"}, []string{staging}},
	} {
		got := a.configOf(each.of)
		if !slices.Equal(got.Admins, each.admins) || !slices.Equal(got.Auditors, each.auditors) || got.Auditors == nil {
			t.Errorf("%s: %q, %q", each.of.Name, got.Admins, got.Auditors)
		}
	}
	if !slices.Equal(a.Conf.Admins, list) {
		t.Error("the configuration was changed")
	}
	a.Conf.Accounts, a.Conf.Auditors = nil, nil
	if got := a.configOf(Account{}); !slices.Equal(got.Admins, list) || got.Auditors != nil {
		t.Errorf("without accounts: %q, %q", got.Admins, got.Auditors)
	}
}

func TestOneAccountStopsNoOther(t *testing.T) {
	accounts := make([]Account, 20)
	var done, now, most atomic.Int32
	gate := make(chan struct{})
	errs := EachOf(t.Context(), accounts, func(_ context.Context, i int, _ Account) error {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		if n := now.Load(); n == accountsAtOnce && done.Load() == 0 {
			close(gate) // as many as may have begun
		}
		<-gate
		defer now.Add(-1)
		if done.Add(1); i%2 == 0 {
			return errors.New("it is shut")
		}
		return nil
	})
	if done.Load() != 20 || most.Load() != accountsAtOnce {
		t.Errorf("%d of 20 were done, %d at once", done.Load(), most.Load())
	}
	for i, err := range errs {
		if (err != nil) != (i%2 == 0) {
			t.Errorf("account %d: %v", i, err)
		}
	}
}
