package session

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Account is an AWS account in which cicdctl works. The one without a name is that of the
// credentials; those of the configuration are reached by a role in them.
type Account struct {
	Name       string
	Role       string         // its ARN; empty for the credentials' own account
	ExternalID string         // that the role's trust policy asks for; may be empty
	Regions    []string       // where its clients may be; never empty
	Pools      []netip.Prefix // of its VPCs; those of all accounts when empty
}

// ID is the account's number, 12 digits; empty for the credentials' own, which only AWS knows.
func (c Account) ID() string {
	parts := strings.Split(c.Role, ":") // arn:aws:iam::123456789012:role/cicdctl
	if len(parts) < 5 {
		return ""
	}
	return parts[4]
}

// Label names the account to people.
func (c Account) Label() string { return AccountLabel(c.Name) }

// AccountLabel names an account to people.
func AccountLabel(name string) string { return AccountIn(lang.Current(), name) }

// AccountIn is AccountLabel in a language.
func AccountIn(l lang.Lang, name string) string {
	if name == "" {
		return l.Say("the credentials' account")
	}
	return l.Sayf("account %s", name)
}

// PlaceIn is a region of an account for people, either of which may be missing, in a language.
func PlaceIn(l lang.Lang, account, region string) string {
	if region == "" {
		return AccountIn(l, account)
	}
	return region + " (" + AccountIn(l, account) + ")"
}

// Place is a region as the command is about it: with its account, where there are several.
func (a *Session) Place(region string) string {
	c, err := a.About()
	if err != nil || len(a.Conf.Accounts) == 0 {
		return region
	}
	return PlaceIn(a.Print.Lang, c.Name, region)
}

// AccountNamed is an account of the configuration, or that of the credentials for "". The
// error is a usage error.
func (a *Session) AccountNamed(name string) (Account, error) {
	if name == "" {
		return Account{Regions: RegionsAsked("")}, nil
	}
	i := slices.IndexFunc(a.Conf.Accounts, func(c Account) bool { return c.Name == name })
	if i < 0 {
		return Account{}, Usagef(a.whichAccounts(), "account %q is not in accounts of the configuration", name)
	}
	return a.Conf.Accounts[i], nil
}

// whichAccounts is what to do about the name of an account that nobody knows.
func (a *Session) whichAccounts() string {
	if len(a.Conf.Accounts) == 0 {
		return lang.Say("add it to accounts in the configuration, which has none")
	}
	return lang.Sprintf("it has %s: name one of them, or add it there", strings.Join(a.accountNames(), ", "))
}

func (a *Session) accountNames() []string {
	var out []string
	for _, c := range a.Conf.Accounts {
		out = append(out, c.Name)
	}
	return out
}

// About is the account that the command is about: that of its client's spec once that was
// read, or else the one of --account.
func (a *Session) About() (Account, error) {
	if a.account != "" {
		return a.AccountNamed(a.account)
	}
	return a.AccountNamed(a.Flags.Account)
}

// otherAccountError is a spec that says another account than the command line.
type otherAccountError struct{ error }

func (e otherAccountError) Unwrap() error { return e.error }

// aboutSpec makes the account of a client's spec the one that the command is about. The
// command line may not name another.
func (a *Session) aboutSpec(file string, s *spec.Spec) error {
	err := a.checkAsked(file, s)
	if err == nil {
		a.account = s.Account
	}
	return err
}

// checkAsked is a usage error where the command line names another account than the spec.
func (a *Session) checkAsked(file string, s *spec.Spec) error {
	asked := a.Flags.Account
	switch {
	case asked == "" || asked == s.Account:
		return nil
	case s.Account == "":
		return otherAccountError{Usagef(lang.Sprintf("leave --account out; a client that is not created yet may get account: %s in its file", asked), "%s says no account, which is that of the credentials, and --account says %s", file, asked)}
	default:
		return otherAccountError{Usagef("leave --account out; to move a client, create it under another name", "%s says account %s, --account says %s", file, s.Account, asked)}
	}
}

// CheckAllowed is a usage error for a region that the account does not allow, whatever the
// document allows.
func (a *Session) CheckAllowed(region string) error {
	if region == "" {
		return nil
	}
	c, err := a.About()
	if err != nil {
		return err
	}
	if err := c.allows(region); err != nil {
		return AsUsage(err)
	}
	return nil
}

func (c Account) allows(region string) error {
	if slices.Contains(c.Regions, region) {
		return nil
	}
	return &FixedError{
		lang.Errorf("region %q is not one of account %s: accounts.%s.regions has %s", region, c.Name, c.Name, strings.Join(c.Regions, ", ")),
		lang.Say("choose one of them, or add the region to the account in the configuration"),
	}
}

// checkAccount is the opinion of the configuration on the account of a spec.
func (a *Session) checkAccount(s *spec.Spec) []spec.Problem {
	c, err := a.AccountNamed(s.Account)
	if fixed, unknown := errors.AsType[*UsageError](err); unknown {
		return []spec.Problem{{Path: "$.account", Message: lang.Sprintf("%s; %s", fixed.Error(), fixed.Remedy())}}
	}
	if rules.CheckRegion(s.Region) != nil || c.allows(s.Region) == nil { // the document has its own word on regions
		return nil
	}
	return []spec.Problem{{Path: "$.region", Message: lang.Sprintf("%q is not one of the regions of account %s: choose one of %s, or add it to accounts.%s.regions in the configuration", s.Region, c.Name, strings.Join(c.Regions, ", "), c.Name)}}
}

// configOf is the configuration as the operator of an account wants it.
func (a *Session) configOf(c Account) cloud.Config {
	conf := a.CloudConfig()
	conf.Account, conf.AccountName = c.ID(), c.Name
	conf.Admins, conf.Auditors = a.ofAccount(c, conf.Admins), a.ofAccount(c, conf.Auditors)
	if len(c.Pools) > 0 {
		conf.Pools = c.Pools
	}
	return conf
}

// ofAccount are the roles and users of a list that count in an account: its own in one of the
// configuration's, and all but theirs in that of the credentials. A bucket of keys in one
// account is nothing to the admins of another.
func (a *Session) ofAccount(c Account, list []string) []string {
	if len(a.Conf.Accounts) == 0 {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(arn string) bool {
		id := Account{Role: arn}.ID()
		if c.Name != "" {
			return id != "" && id != c.ID() // what is no ARN is told where the list is read
		}
		return slices.ContainsFunc(a.Conf.Accounts, func(other Account) bool { return other.ID() == id })
	})
}

// SandboxOf is the file of an account in the sandbox, or "" for AWS: that of the credentials'
// account is sb.json, that of production sb.production.json beside it.
func (a *Session) SandboxOf(account string) string {
	file := a.Sandbox()
	if file == "" || account == "" {
		return file
	}
	ext := filepath.Ext(file)
	return strings.TrimSuffix(file, ext) + "." + account + ext
}

// Open makes the operator of the account that the command is about. It makes no call.
func (a *Session) Open(ctx context.Context) (*cloud.Operator, error) {
	c, err := a.About()
	if err != nil {
		return nil, err
	}
	return a.OpenAccount(ctx, c)
}

// OpenAccount makes the operator of an account. It makes no call.
func (a *Session) OpenAccount(ctx context.Context, c Account) (*cloud.Operator, error) {
	via, err := a.Connect(a.SandboxOf(c.Name), c.ID())
	if err != nil {
		return nil, err
	}
	if c.Role != "" {
		via.Options.Role = &awsapi.Role{Account: c.Name, ARN: c.Role, ExternalID: c.ExternalID, Session: a.roleSession()}
	}
	return cloud.Open(ctx, a.configOf(c), via)
}
