package audit

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/isolation"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Audited is what an audit found.
type Audited struct {
	At         time.Time
	Regions    []string
	Clients    []Audience
	Findings   []judge.Finding
	Isolation  []isolation.Proof // of each region that has clients
	Excepted   []Excepted
	NotAudited []NotAudited
	Notes      []string // about versions of cicdctl
	// Survey is what was seen, and Networks what isolation was proved of, by region: for who
	// tells of it rather than judges it.
	Survey   *provision.Survey
	Networks map[string]*isolation.Estate
}

// Audience is one client that was audited.
type Audience struct{ Account, Name, Region string }

// Excepted is a finding that the client's spec excuses.
type Excepted struct {
	judge.Finding
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
}

// NotAudited is what could not be judged: it may be in order, or not.
type NotAudited struct {
	What    string `json:"what"`
	Account string `json:"account,omitempty"` // of the configuration; empty for the credentials' own
	Region  string `json:"region,omitempty"`
	Why     string `json:"why"`
	Fix     string `json:"fix,omitempty"` // empty where nobody can tell
}

// Examined says whom an audit is about.
type Examined struct {
	Specs   []*spec.Spec // of the clients that have a file
	Names   []string     // only these; all when empty
	Regions []string     // where to look
}

// Examine looks at clients and judges them. It makes no mutating call. What cannot
// be read is told as not audited; the error is for what makes any audit impossible.
func Examine(ctx context.Context, o *cloud.Operator, whom Examined) (*Audited, error) {
	s, err := Look(ctx, o, whom)
	if err != nil {
		return nil, err
	}
	return s.Judge(o.Types)
}

// sight is everything that AWS told; judging it makes no call.
type sight struct {
	*auditing
	Request   provision.Request
	Inventory *provision.Inventory
	tagged    map[string][]Tagged          // by region
	networks  map[string]*isolation.Estate // by region
	copies    map[string]*copiesSeen       // by region
	gone      map[string]bool              // images that tasks are started from, and that are not there
}

// Look asks AWS everything that an audit needs to know.
func Look(ctx context.Context, o *cloud.Operator, whom Examined) (*sight, error) {
	ctx = awsapi.Remembering(ctx, &awsapi.Memory{})
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	a := &auditing{Audited: &Audited{At: time.Now().UTC(), Regions: whom.Regions}, op: o, whom: whom}
	if err := a.meet(ctx, account); err != nil {
		return nil, err
	}
	if account.OrganizationTrail, err = cloud.OrganizationTrail(ctx, account); err != nil {
		if !awsapi.Is(err, awsapi.Denied) {
			return nil, err
		}
		a.skip("whether the organisation has a trail", account.Region, err)
	}
	scopes := []*provision.Scope{account}
	parts := make([]*part, len(whom.Regions))
	var g errgroup.Group
	for i, region := range whom.Regions {
		parts[i] = &part{auditing: a, region: region}
		g.Go(func() error { return parts[i].look(ctx, account) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, p := range parts {
		scopes = append(scopes, p.scopes...)
		a.Clients = append(a.Clients, p.clients...)
		a.Findings = append(a.Findings, p.findings...)
		if p.denied != nil {
			a.skip(WholeRegion, p.region, p.denied)
		}
	}
	request := provision.Request{Scopes: scopes, Everyone: len(whom.Names) == 0}
	seen := &sight{auditing: a, Request: request}
	var both sync.WaitGroup
	both.Go(func() { seen.networks = a.networks(ctx) })
	both.Go(func() { seen.copies = a.copies(ctx) })
	var global []Tagged
	var tags sync.WaitGroup
	tags.Go(func() { global = a.taggedGlobally(ctx) })
	seen.tagged = a.tagged(ctx)
	tags.Wait()
	seen.Request.Index = index(seen.tagged, global)
	seen.Inventory = provision.Observe(ctx, o.Types, a.wider(seen.Request, parts))
	both.Wait()
	seen.gone = a.images(ctx, account.Account, seen.Inventory)
	return seen, nil
}

// Judge makes the findings of what was seen. It can be repeated.
func (s *sight) Judge(types []*provision.Type) (*Audited, error) {
	survey, err := provision.Judge(types, s.Inventory, s.Request)
	if err != nil {
		return nil, err
	}
	told := *s.Audited
	told.Survey, told.Networks = survey, s.networks
	told.Findings, told.NotAudited = slices.Clone(told.Findings), slices.Clone(told.NotAudited)
	a := &auditing{Audited: &told, op: s.op, whom: s.whom, letIn: s.letIn}
	a.judge(survey, s.Request.Scopes, s.copies)
	a.orphans(survey, s.tagged)
	a.strangers(survey)
	a.lostImages(survey, s.gone)
	a.isolation(s.networks)
	for i, f := range a.Findings {
		a.Findings[i] = f.Told()
	}
	a.except()
	slices.SortStableFunc(a.Findings, compareFindings)
	return a.Audited, nil
}

// auditing is one audit under way.
type auditing struct {
	*Audited
	op   *cloud.Operator
	whom Examined
	// letIn is how a caller who is kept out of the admin bucket is let in; empty for others.
	letIn string
	mu    sync.Mutex // guards NotAudited while AWS is asked
}

func (a *auditing) skip(what, region string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := NotAudited{What: lang.Say(what), Region: region, Why: awsapi.Explain(err)}
	if op, refused := errors.AsType[*smithy.OperationError](err); refused && awsapi.Is(err, awsapi.Denied) && (op.ServiceID == s3.ServiceID || op.ServiceID == kms.ServiceID) {
		n.Fix = a.letIn
	}
	a.NotAudited = append(a.NotAudited, n)
}

// meet settles who is trusted with the admin bucket, and whether the caller is.
func (a *auditing) meet(ctx context.Context, account *provision.Scope) error {
	id, err := a.op.Identity(ctx)
	if err != nil {
		return err
	}
	account.Trusted, err = a.op.Trusted(ctx, account)
	switch {
	case awsapi.Is(err, awsapi.Denied):
		a.letIn, account.Unasked = rules.HowToAudit(id.ARN), true
		a.skip("who may read private keys", account.Region, err)
	case err != nil:
		return err
	case account.Trusted.ShutsOut(id.ARN):
		a.letIn = rules.HowToAudit(id.ARN)
	}
	return nil
}

// WholeRegion is what is not audited of a region that cannot be looked at.
const WholeRegion = "the whole region"

// blind reports whether something of a region could not be read.
func (a *auditing) blind(region string) bool {
	return slices.ContainsFunc(a.NotAudited, func(n NotAudited) bool { return n.Region == region })
}

func (a *auditing) asked(name string) bool {
	return len(a.whom.Names) == 0 || slices.Contains(a.whom.Names, name)
}

// part is the audit of one region.
type part struct {
	*auditing
	region   string
	here     *provision.Scope   // the region's
	scopes   []*provision.Scope // none without clients
	clients  []Audience
	findings []judge.Finding
	denied   error
}

// look makes the scopes of a region and of its clients, or none where there is
// nothing of cicdctl's.
func (a *part) look(ctx context.Context, account *provision.Scope) error {
	name := a.region
	region := a.op.Within(account, provision.RegionLevel, name, "")
	here, zones, err := a.op.ClientsAndZones(ctx, name)
	if err != nil {
		if awsapi.Is(err, awsapi.Denied) {
			a.denied = err
			return nil
		}
		return err
	}
	a.here, region.Zones = region, zones
	specs := map[string]*spec.Spec{}
	for _, s := range a.whom.Specs {
		if s.Region == name {
			specs[s.Client] = s
		}
	}
	scopes := []*provision.Scope{region}
	region.NAT = spec.NATNone
	for _, c := range here {
		if !a.asked(c.Name) {
			continue
		}
		client := a.op.Within(region, provision.ClientLevel, name, c.Name)
		client.Spec = specs[c.Name]
		client.Unasked = client.Spec == nil
		delete(specs, c.Name)
		if client.Spec == nil {
			a.findings = append(a.findings, judge.Finding{
				ID: "CICD-SPEC-1", Severity: rules.Medium, Title: "A client has a spec", Client: c.Name, Region: name, Resource: "client " + c.Name,
				Is: "no spec file", Should: "a spec file in the spec directory", Why: "without one nobody can say what the client should have",
				Fix: "cicdctl spec init " + c.Name + " --region " + name,
			})
		} else {
			region.NAT = moreNAT(region.NAT, client.Spec.Network.NAT)
			client.NAT = client.Spec.Network.NAT
			region.VPN = region.VPN || len(client.Spec.VPN.Sites()) > 0
		}
		if len(c.Subnets) > 0 {
			if slot, _, ok := a.op.Addr.SlotOf(c.Subnets[0].CIDR); ok {
				client.Slot = slot
			}
		}
		a.clients = append(a.clients, Audience{Name: c.Name, Region: name})
		scopes = append(scopes, client)
	}
	for _, s := range specs {
		if a.asked(s.Client) {
			a.findings = append(a.findings, judge.Finding{
				ID: "CICD-SPEC-2", Severity: rules.Medium, Title: "A client that has a spec is there", Client: s.Client, Region: name, Resource: "client " + s.Client,
				Is: "not there", Should: "as its spec says", Why: "the spec directory has its file", Fix: "cicdctl client create " + s.Client,
			})
		}
	}
	if len(scopes) > 1 {
		a.scopes = scopes
	}
	return nil
}

// moreNAT is the layout with more gateways: clients of a region share them.
func moreNAT(a, b spec.NAT) spec.NAT {
	order := []spec.NAT{spec.NATNone, spec.NATSingle, spec.NATPerAZ}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// judge holds the rules and the specs against what was seen.
func (a *auditing) judge(survey *provision.Survey, scopes []*provision.Scope, copies map[string]*copiesSeen) {
	for _, u := range survey.Unread {
		a.skip(u.Kind, u.Region, u.Err)
	}
	groups := map[groupKey]*judge.Group{}
	for _, s := range scopes {
		groups[groupKey{s.Level, s.Region, s.Client}] = &judge.Group{Client: s.Client, Region: s.Region, Spec: s.Spec, At: a.At}
	}
	var room []judge.Resource // for those to come
	for seen := range survey.Seen() {
		level := provision.ClientLevel
		if seen.Client == "" {
			level = provision.RegionLevel
			if seen.Scope.Level == provision.AccountLevel {
				level = provision.AccountLevel
			}
		}
		g := groups[groupKey{level, seen.Region, seen.Client}]
		if len(room) == 0 {
			room = make([]judge.Resource, 64)
		}
		r := &room[0]
		room = room[1:]
		*r = judge.Resource{Kind: seen.Kind, Role: seen.Role, ID: seen.ID, Client: seen.Client, Region: seen.Region, State: seen.State, Tags: seen.Tags, Attributes: seen.Attributes}
		g.Resources = append(g.Resources, r)
		a.tunnels(&seen)
		a.support(&seen)
		if p := protectionOf(&seen, copies[seen.Region]); p != nil {
			g.Protection = p
		}
	}
	all := All()
	for _, s := range scopes {
		broken := judge.All(all, groups[groupKey{s.Level, s.Region, s.Client}])
		// What AWS refused to tell is not audited, and told so.
		a.Findings = append(a.Findings, slices.DeleteFunc(broken, func(f judge.Finding) bool { return f.NotKnown })...)
	}
	for d := range survey.Differing() {
		a.Findings = append(a.Findings, driftFinding(d.Client, d.Region, []Change{driftOf(d.Change)})...)
	}
}

type groupKey struct {
	level          provision.Level
	region, client string
}

func driftOf(c provision.Change) Change {
	out := Change{Op: string(c.Op), Kind: c.Kind, Role: c.Role, ID: c.ID, Name: c.Name, Why: c.Why}
	if len(c.Diffs) > 0 {
		out.Diffs = map[string][2]string{}
	}
	for _, d := range c.Diffs {
		out.Diffs[d.Field] = [2]string{d.Have, d.Want}
	}
	return out
}

// compareFindings orders by client, gravity and ID.
func compareFindings(a, b judge.Finding) int {
	switch {
	case a.Account != b.Account:
		return strings.Compare(a.Account, b.Account)
	case a.Region != b.Region:
		return strings.Compare(a.Region, b.Region)
	case a.Client != b.Client:
		return strings.Compare(a.Client, b.Client)
	case a.Severity != b.Severity && a.Severity.AtLeast(b.Severity):
		return -1
	case a.Severity != b.Severity:
		return 1
	default:
		return strings.Compare(a.ID+a.Resource, b.ID+b.Resource)
	}
}
