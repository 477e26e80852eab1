package vpn

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// UserOptions are those of the commands about one person.
type UserOptions struct {
	Name, Person, Region, Spec string
	Days                       int
	Out                        string // file of the profile
	Yes                        bool
}

// Given is a certificate that was given to a person. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "person": "alice", "serial": "3f…", "expires": "2027-11-30T10:00:00Z",
//	 "file": "acme-alice.ovpn", "revoked": 1, "next": ["…"]}
type Given struct {
	Client  string    `json:"client"`
	Region  string    `json:"region"`
	Person  string    `json:"person"`
	Serial  string    `json:"serial"`
	Expires time.Time `json:"expires"`
	File    string    `json:"file"`
	Revoked int       `json:"revoked"` // earlier certificates of the person
	Next    []string  `json:"next"`
}

// Revocation is a person who is let in no more. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "person": "alice", "serials": ["3f…"], "sessions": 1, "next": ["…"]}
type Revocation struct {
	Client   string   `json:"client"`
	Region   string   `json:"region"`
	Person   string   `json:"person"`
	Serials  []string `json:"serials"`
	Sessions int      `json:"sessions"` // that were ended
	Next     []string `json:"next"`
}

// AddUser gives a person a certificate, in a file for OpenVPN.
func AddUser(ctx context.Context, a *session.Session, o UserOptions) error {
	return give(ctx, a, o, false)
}

// RenewUser gives a person another certificate and revokes those there are.
func RenewUser(ctx context.Context, a *session.Session, o UserOptions) error {
	return give(ctx, a, o, true)
}

// give issues a certificate: the serial number is in the index before there is one, and
// the key is in the file and nowhere else.
func give(ctx context.Context, a *session.Session, o UserOptions, renew bool) error {
	if o.Out == "" {
		o.Out = rules.Lower(o.Name) + "-" + o.Person + ".ovpn"
	}
	e, err := o.open(ctx, a)
	if err != nil {
		return err
	}
	switch {
	case e.spec == nil:
		return session.NoFile(a, o.Name, session.SpecPath(a, o.Name))
	case e.spec.VPN.OpenVPN == nil || !slices.Contains(e.spec.VPN.OpenVPN.Users, o.Person):
		return session.Usagef(lang.Sprintf("add %s to vpn.openvpn.users in the spec", o.Person), "PERSON: %q is not among the users of %s", o.Person, o.Name)
	case o.Days < 1 || o.Days > pki.MaxDays:
		return session.Usagef("", "--days %d is not within 1-%d", o.Days, pki.MaxDays)
	}
	index, err := pki.Read(ctx, e.index)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	valid := current(index.ByPerson(o.Person), now)
	if !renew && len(valid) > 0 {
		return session.Refuse(lang.Sprintf("to replace it, run: %s", a.Next("vpn user renew %s %s", o.Name, o.Person)), "%s has a certificate already, valid until %s", o.Person, valid[0].Expires.Format(time.DateOnly))
	}
	if renew && !slices.ContainsFunc(index.ByPerson(o.Person), func(c pki.Entry) bool { return c.State != pki.StateRevoked }) {
		return session.Refuse(lang.Sprintf("run: %s", a.Next("vpn user add %s %s", o.Name, o.Person)), "%s has no certificate that could be replaced", o.Person)
	}
	if renew {
		if err := showRenewal(a.Print, e, o.Person, len(valid)); err != nil {
			return err
		}
		if err := session.Confirm(ctx, a, o.Yes); err != nil {
			return err
		}
	}
	export, err := e.api.EC2.ExportClientVpnClientConfiguration(ctx, &ec2.ExportClientVpnClientConfigurationInput{ClientVpnEndpointId: &e.id})
	if err != nil {
		return lang.Errorf("read the configuration of the endpoint of %s: %w", o.Name, err)
	}
	authority, err := e.authority(ctx)
	if err != nil {
		return err
	}
	// Made before anything is issued or revoked: a certificate without its file is of no use.
	file, err := os.OpenFile(filepath.Clean(o.Out), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return session.Usagef("give another file with --out; one that is there is never replaced", "--out: %w", err)
	}
	g, err := e.issue(ctx, a, o, renew, authority, aws.ToString(export.ClientConfiguration), file)
	if err != nil {
		return err
	}
	return showGiven(a.Print, *g)
}

// issue issues a certificate and writes its profile to a file that was just made, which
// goes again when that fails.
func (e *endpoint) issue(ctx context.Context, a *session.Session, o UserOptions, renew bool, authority *pki.Authority, export string, file *os.File) (g *Given, err error) {
	written := false
	defer func() {
		err = errors.Join(err, file.Close())
		if !written {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	entry, revoked, err := e.reserve(ctx, o, renew)
	if err != nil {
		return nil, err
	}
	certificate, key, err := authority.User(entry)
	if err != nil {
		return nil, err
	}
	profile, err := pki.Profile(export, certificate, key, rules.VPNServerName(o.Name))
	if err != nil {
		return nil, lang.Errorf("make the profile of %s: %w", o.Person, err)
	}
	if err := pki.Update(ctx, e.index, func(x *pki.Index) error { return x.Issued(entry.Serial) }); err != nil {
		return nil, lang.Errorf("note the certificate of %s: %w", o.Person, err)
	}
	_, err = file.Write(profile)
	if err := errors.Join(err, file.Sync()); err != nil {
		return nil, lang.Errorf("write the profile of %s, whose key is lost (another one: %s): %w", o.Person, a.Next("vpn user renew %s %s", o.Name, o.Person), err)
	}
	written = true
	if len(revoked) > 0 {
		if err := e.importList(ctx, authority); err != nil {
			return nil, lang.Errorf("%s was written, but the earlier certificates of %s are let in until this has run: %s: %w", o.Out, o.Person, a.Next("client create %s", o.Name), err)
		}
	}
	return &Given{
		Client: o.Name, Region: e.region, Person: o.Person, Serial: entry.Serial.Text(16), Expires: entry.Expires, File: o.Out,
		Revoked: len(revoked), Next: []string{a.Next("vpn user list %s", o.Name)},
	}, nil
}

// open checks the options and finds the endpoint.
func (o UserOptions) open(ctx context.Context, a *session.Session) (*endpoint, error) {
	if !pki.PersonPattern().MatchString(o.Person) {
		return nil, session.Usagef("", "PERSON: %q is not a user name: lower-case letters, digits and ._-, at most 32", o.Person)
	}
	op, at, err := session.Locate(ctx, a, o.Name, o.Region, o.Spec)
	if err != nil {
		return nil, err
	}
	if err := session.Admit(ctx, a, op, o.Name, at.Region); err != nil {
		return nil, err
	}
	e, err := findEndpoint(ctx, op, o.Name, at.Region, at.Spec)
	if err != nil {
		return nil, err
	}
	return e, e.need()
}

func (e *endpoint) reserve(ctx context.Context, o UserOptions, renew bool) (entry pki.Entry, revoked []pki.Entry, err error) {
	err = pki.Update(ctx, e.index, func(x *pki.Index) (err error) {
		x.Purge(time.Now().UTC()) // else it would grow for ever
		if renew {
			entry, revoked, err = x.Renew(o.Person, o.Days, time.Now().UTC())
		} else {
			entry, err = x.Reserve(o.Person, o.Days, time.Now().UTC())
		}
		return err
	})
	if err != nil {
		return entry, nil, lang.Errorf("reserve a certificate for %s: %w", o.Person, err)
	}
	return entry, revoked, nil
}

// current are the certificates that have not ended and were not revoked.
func current(all []pki.Entry, now time.Time) []pki.Entry {
	return slices.DeleteFunc(slices.Clone(all), func(e pki.Entry) bool { return e.State == pki.StateRevoked || !now.Before(e.Expires) })
}

// RevokeUser revokes all certificates of a person and ends the person's sessions.
func RevokeUser(ctx context.Context, a *session.Session, o UserOptions) error {
	e, err := o.open(ctx, a)
	if err != nil {
		return err
	}
	index, err := pki.Read(ctx, e.index)
	if err != nil {
		return err
	}
	valid := current(index.ByPerson(o.Person), time.Now())
	if len(index.ByPerson(o.Person)) == 0 {
		return session.Usagef(lang.Sprintf("cicdctl vpn user list %s shows who has", o.Name), "PERSON: %q never had a certificate of %s", o.Person, o.Name)
	}
	open, err := e.sessions(ctx)
	if err != nil {
		return err
	}
	if err := showRevocationPlan(a.Print, e, o.Person, len(valid), open); err != nil {
		return err
	}
	if err := session.Confirm(ctx, a, o.Yes); err != nil {
		return err
	}
	authority, err := e.authority(ctx)
	if err != nil {
		return err
	}
	r := Revocation{Client: o.Name, Region: e.region, Person: o.Person}
	err = pki.Update(ctx, e.index, func(x *pki.Index) error {
		r.Serials = nil
		for _, revoked := range x.Revoke(o.Person, time.Now().UTC()) {
			r.Serials = append(r.Serials, revoked.Serial.Text(16))
		}
		return nil
	})
	if err != nil {
		return lang.Errorf("revoke the certificates of %s: %w", o.Person, err)
	}
	if err := e.importList(ctx, authority); err != nil {
		return lang.Errorf("%s is revoked, but is let in until this command, or %s, has run: %w", o.Person, a.Next("client create %s", o.Name), err)
	}
	if r.Sessions, err = e.end(ctx, o.Person); err != nil {
		return err
	}
	r.Next = []string{a.Next("vpn user sessions %s", o.Name)}
	if e.spec != nil && e.spec.VPN.OpenVPN != nil && slices.Contains(e.spec.VPN.OpenVPN.Users, o.Person) {
		r.Next = append(r.Next, a.Print.Sayf("remove %s from vpn.openvpn.users in the spec", o.Person))
	}
	return showRevocation(a.Print, r)
}

// People is who has certificates. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "users": [{"person": "alice", "serial": "3f…", "state": "issued",
//	 "issued": "…", "expires": "…", "in_spec": true}]}
//
// The states are pending (a run was stopped before it had the certificate), issued, revoked and expired; a
// user of the spec without a certificate is "none".
type People struct {
	Client string   `json:"client"`
	Region string   `json:"region"`
	Users  []Person `json:"users"`
}

// Person is a certificate, or a user of the spec without one.
type Person struct {
	Person  string     `json:"person"`
	Serial  string     `json:"serial,omitempty"`
	State   string     `json:"state"`
	Issued  *time.Time `json:"issued,omitempty"`
	Expires *time.Time `json:"expires,omitempty"`
	InSpec  bool       `json:"in_spec"`
}

// ListUsers shows who has certificates.
func ListUsers(ctx context.Context, a *session.Session, o StatusOptions) error {
	e, err := openEndpoint(ctx, a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	users, err := e.users(ctx)
	if err != nil {
		return err
	}
	return showUsers(a.Print, People{Client: o.Name, Region: e.region, Users: users})
}

// users are the certificates of the index, and the users of the spec that have none.
func (e *endpoint) users(ctx context.Context) ([]Person, error) {
	index, err := pki.Read(ctx, e.index)
	if awsapi.Is(err, awsapi.NotFound) { // the bucket: nothing was made in this account yet
		index, err = &pki.Index{}, nil
	}
	if err != nil {
		return nil, err
	}
	var wanted []string
	if e.spec != nil && e.spec.VPN.OpenVPN != nil {
		wanted = e.spec.VPN.OpenVPN.Users
	}
	now := time.Now()
	var out []Person
	for _, c := range index.Entries {
		state := string(c.State)
		if c.State != pki.StateRevoked && !now.Before(c.Expires) {
			state = "expired"
		}
		out = append(out, Person{c.Person, c.Serial.Text(16), state, cloud.Moment(&c.Issued), cloud.Moment(&c.Expires), slices.Contains(wanted, c.Person)})
	}
	for _, name := range wanted {
		if len(current(index.ByPerson(name), now)) == 0 {
			out = append(out, Person{Person: name, State: "none", InSpec: true})
		}
	}
	slices.SortStableFunc(out, func(a, b Person) int { return strings.Compare(a.Person, b.Person) })
	return out, nil
}

// ShowSessions shows who is connected.
func ShowSessions(ctx context.Context, a *session.Session, o StatusOptions) error {
	e, err := openEndpoint(ctx, a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	if err := e.need(); err != nil {
		return err
	}
	all, err := e.sessions(ctx)
	if err != nil {
		return err
	}
	return showSessions(a.Print, o.Name, e.region, all)
}
