package account

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// EstateOptions are those of the sandbox's estate command.
type EstateOptions struct {
	Accounts int // 0 for the account of the credentials alone
	Clients  int // in each region of each account
	Region   string
	Config   string                                          // the configuration file in use; empty without one
	Open     func(file, id string) (*sandbox.Account, error) // an account that is ready at once
}

const (
	// MostClients is how many clients an estate may have in a region: with five /16
	// pools, which is AWS's limit of CIDRs for a VPC.
	MostClients   = 50
	clientsOfPool = 10 // see Pool in the glossary
	// MostEstateClients is how many an estate may have in all accounts.
	MostEstateClients = 10_000
)

// Simulated is the result of the sandbox commands other than push, each of which has some of these.
type Simulated struct {
	Domain   string `json:"domain,omitempty"`
	Zone     string `json:"zone,omitempty"`  // its ID
	Quota    string `json:"quota,omitempty"` // its name
	Code     string `json:"code,omitempty"`
	Value    uint64 `json:"value,omitempty"`
	Accounts int    `json:"accounts,omitempty"` // of the configuration, that have clients
	Clients  int    `json:"clients,omitempty"`  // how many were made
}

// SandboxEstate fills the sandbox with clients. The first account is made as create makes it, call
// by call; the others are its twins, with other clients' names.
func SandboxEstate(ctx context.Context, a *session.Session, o EstateOptions) error {
	if a.Sandbox() == "" {
		return session.Usagef("add --sandbox", "this is for the sandbox only")
	}
	if o.Clients < 1 || o.Clients > MostClients {
		return session.Usagef("", "--clients %d is not within 1-%d", o.Clients, MostClients)
	}
	if err := session.CheckRegion(o.Region); err != nil {
		return err
	}
	if err := a.CheckAllowed(o.Region); o.Accounts == 0 && err != nil {
		return err
	}
	e := &estate{session: a, options: o}
	if err := e.plan(); err != nil {
		return err
	}
	for i := range e.parts {
		if err := e.fill(ctx, i); err != nil {
			return err
		}
	}
	n := len(e.everybody())
	return a.Print.Says(Simulated{Accounts: o.Accounts, Clients: n}, "%d {client is|clients are} in the sandbox", n)
}

// estate is what is made.
type estate struct {
	session *session.Session
	options EstateOptions
	checks  spec.Check
	parts   []estatePart
	key     func(bits int) (*rsa.PrivateKey, error)
}

// estatePart is one account of it.
type estatePart struct {
	account session.Account
	file    string
	fresh   bool // nothing is there yet
	clients []resident
}

type resident struct{ name, region string }

func (e *estate) everybody() []resident {
	var out []resident
	for _, p := range e.parts {
		out = append(out, p.clients...)
	}
	return out
}

// plan settles who lives where.
func (e *estate) plan() error {
	accounts, err := e.accounts()
	if err != nil {
		return err
	}
	total := 0
	for _, c := range accounts {
		for _, region := range session.RegionsAsked(e.options.Region) {
			if slices.Contains(c.Regions, region) {
				total += e.options.Clients
			}
		}
	}
	if total > MostEstateClients {
		return session.Usagef("", "--accounts and --clients make %d {client|clients}, and an estate has at most %d", total, MostEstateClients)
	}
	format, n := "CLIENT%d", 0
	if e.options.Accounts > 0 { // of the same length, as twins need them
		format = fmt.Sprintf("CLIENT%%0%dd", len(fmt.Sprint(total)))
	}
	for _, c := range accounts {
		p := estatePart{account: c, file: e.session.SandboxOf(c.Name)}
		if _, err := os.Stat(p.file); errors.Is(err, fs.ErrNotExist) {
			p.fresh = true
		}
		for _, region := range session.RegionsAsked(e.options.Region) {
			if !slices.Contains(c.Regions, region) {
				continue
			}
			for range e.options.Clients {
				n++
				p.clients = append(p.clients, resident{fmt.Sprintf(format, n), region})
			}
		}
		e.parts = append(e.parts, p)
	}
	// Making a key of 4096 bits takes longer than all calls for a client: here all have the same.
	key := sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 4096) })
	e.key = func(int) (*rsa.PrivateKey, error) { return key() }
	e.checks, err = e.session.Checks()
	return err
}

// accounts are those that get clients. Where no configuration names any, one is written that does.
func (e *estate) accounts() ([]session.Account, error) {
	a, n := e.session, e.options.Accounts
	if n < 0 {
		return nil, session.Usagef("give 1 or more", "--accounts is negative")
	}
	if n == 0 {
		c, err := a.About()
		return []session.Account{c}, err
	}
	if len(a.Conf.Accounts) < n {
		text := e.configuration()
		if e.options.Config != "" {
			return nil, session.Usagef(lang.Sprintf("add to it:\n%s", text), "%s has %d {account|accounts}, and --accounts asks for %d", e.options.Config, len(a.Conf.Accounts), n)
		}
		const file = "cicdctl.yaml"
		if err := session.WriteNew(file, []byte(text)); err != nil {
			return nil, err
		}
		a.Print.Tell("wrote %s", file)
	}
	return a.Conf.Accounts[:n], nil
}

// configuration is what the configuration needs to say of the accounts, which are the session's from
// here on where it had none.
func (e *estate) configuration() string {
	var b strings.Builder
	n, pools := e.options.Accounts, e.pools()
	var texts []string
	for _, p := range pools {
		texts = append(texts, p.String())
	}
	fmt.Fprintf(&b, "pools: [%s]\naccounts:\n", strings.Join(texts, ", "))
	var all []session.Account
	for i := range n {
		name := fmt.Sprintf("account%0*d", len(fmt.Sprint(n)), i+1)
		role := fmt.Sprintf("arn:aws:iam::%012d:role/cicdctl", 200_000_000_001+i) // numbers that nobody has yet
		fmt.Fprintf(&b, "  %s: {role: %q}\n", name, role)
		all = append(all, session.Account{Name: name, Role: role, Regions: session.RegionsAsked("")})
	}
	if e.options.Config == "" {
		e.session.Conf.Accounts, e.session.Conf.Pools = all, pools
	}
	return b.String()
}

// pools have room for the clients of a region.
func (e *estate) pools() []netip.Prefix {
	out := []netip.Prefix{}
	for i := range (e.options.Clients + clientsOfPool - 1) / clientsOfPool {
		out = append(out, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(20 + i), 0, 0}), 16))
	}
	return out
}

// fill makes what an account is to have.
func (e *estate) fill(ctx context.Context, i int) error {
	p, first := &e.parts[i], &e.parts[0]
	account, err := e.options.Open(p.file, p.account.ID())
	if err != nil {
		return err
	}
	if i > 0 && first.fresh && p.fresh && p.like(first) {
		return e.twin(account, p, first)
	}
	return account.Together(func() error {
		connect := e.session.Connect
		defer func() { e.session.Connect = connect }()
		e.session.Connect = func(string, string) (cloud.Connection, error) {
			return cloud.Connection{Options: awsapi.Options{Install: account.Install, Unlimited: true}, Pace: time.Millisecond, NewKey: e.key}, nil
		}
		op, err := e.session.OpenAccount(ctx, p.account)
		if err != nil {
			return err
		}
		for _, r := range p.clients {
			s, err := e.spec(p.account, r)
			if err == nil {
				err = e.inhabit(ctx, op, s)
			}
			if err != nil {
				return lang.Errorf("%s: %w", r.name, err)
			}
		}
		return nil
	})
}

// like reports whether an account's clients are where those of another are.
func (p *estatePart) like(other *estatePart) bool {
	return slices.Equal(p.account.Pools, other.account.Pools) &&
		slices.EqualFunc(p.clients, other.clients, func(a, b resident) bool { return a.region == b.region })
}

// twin makes an account like the first one.
func (e *estate) twin(account *sandbox.Account, p, first *estatePart) error {
	from, err := e.options.Open(first.file, first.account.ID())
	if err != nil {
		return err
	}
	var names [][2]string
	for i, r := range p.clients {
		names = append(names, [2]string{first.clients[i].name, r.name})
		if _, err := e.spec(p.account, r); err != nil {
			return err
		}
	}
	if err := account.Twin(from, names); err != nil {
		return err
	}
	e.session.Print.Tell("%s has the clients %s to %s", p.account.Name, p.clients[0].name, p.clients[len(p.clients)-1].name)
	return nil
}

// spec is that of a client, whose file is written if there is none.
func (e *estate) spec(c session.Account, r resident) (*spec.Spec, error) {
	path := session.SpecPath(e.session, r.name)
	s, err := spec.Load(path, e.checks)
	switch {
	case err == nil && (s.Region != r.region || s.Account != c.Name):
		return nil, session.Usagef("give another directory with --spec-dir, or remove the file", "%s is of a client in another place", path)
	case err == nil:
		return s, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, session.Unreadable(err)
	}
	if s, err = spec.DefaultIn(r.name, r.region, c.Name, e.checks); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, session.Unwritable(err)
	}
	if err := os.WriteFile(path, spec.New(r.name, r.region, c.Name), 0o600); err != nil { // not down to the disk, which takes a minute for thousands
		return nil, session.Unwritable(err)
	}
	return s, nil
}

// inhabit builds one client, without a question and without its plan.
func (e *estate) inhabit(ctx context.Context, op *cloud.Operator, s *spec.Spec) error {
	run, err := op.Build(ctx, s)
	if err != nil {
		return err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	if err := plan.Refused(); err != nil {
		return err
	}
	if plan.Settled() {
		return nil
	}
	if _, err := run.Apply(ctx, plan, e.session.Signals.Stop, nil); err != nil {
		return err
	}
	e.session.Print.Tell("%s is ready in %s", s.Client, s.Region)
	return nil
}
