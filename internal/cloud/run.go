package cloud

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Plan is what a run would change.
type Plan = provision.Plan

// Run is one request on its way to AWS: planned, shown, then applied.
type Run struct {
	Request  provision.Request
	Notes    []string      // what the operator should know before confirming
	Admitted rules.Trusted // who is let in to the private keys, which is told with it

	Op *Operator
	// types are the kinds that a narrow request looks at; all of them when nil.
	Types   []*provision.Type
	planned time.Time // when its plan began to be made
	// look is what AWS has answered until the first plan.
	look *awsapi.Memory
	// again finds the client's place anew after another run took it.
	again func(context.Context) ([]*provision.Scope, error)
	// guard looks once more, before anything is changed, whether it may be. May be nil.
	guard func(context.Context) error
	// then is called once all is as requested. May be nil.
	Then func(context.Context) error
}

// Scope is the innermost scope, what the run is about.
func (r *Run) Scope() *provision.Scope { return r.Request.Scopes[len(r.Request.Scopes)-1] }

// Build prepares what a spec asks for, shared things included. It only reads. The
// error may be a *ConfigError, a *NoSlotError or a *GuardError.
func (o *Operator) Build(ctx context.Context, s *spec.Spec) (*Run, error) {
	return o.BuildFrom(ctx, s, nil)
}

// BuildFrom is Build for a client whose database is to be restored, not made empty; for
// one that is made empty, from is nil.
func (o *Operator) BuildFrom(ctx context.Context, s *spec.Spec, from *provision.Restore) (*Run, error) {
	place := func(ctx context.Context) ([]*provision.Scope, error) {
		scopes, err := o.scopes(ctx, s)
		if err == nil {
			scopes[len(scopes)-1].Restore = from
		}
		return scopes, err
	}
	look := &awsapi.Memory{}
	scopes, err := place(awsapi.Remembering(ctx, look))
	if err != nil {
		return nil, err
	}
	r := &Run{Request: provision.Request{Scopes: scopes}, Op: o, look: look, again: place}
	who := scopes[0].Trusted
	r.Admitted, r.guard = who, func(ctx context.Context) error { return o.changing(ctx, who) }
	r.Notes = rules.PlacesNotes(s)
	return r, nil
}

// InWindow leaves to the client's maintenance window what interrupts its database. A client
// that is new has none to interrupt.
func (r *Run) InWindow() { r.Scope().InWindow = true }

// Remove prepares the removal of a client. No spec is needed.
func (o *Operator) Remove(ctx context.Context, client, region string, purge bool) (*Run, error) {
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	scope := o.Within(o.Within(account, provision.RegionLevel, region, ""), provision.ClientLevel, region, client)
	return &Run{Request: provision.Request{Scopes: []*provision.Scope{scope}, Destroy: scope, Purge: purge}, Op: o}, nil
}

// Region prepares a look at the shared things of a region, as a client with the
// document's defaults would want them.
func (o *Operator) Region(ctx context.Context, region string) (*Run, error) {
	account, scope, _, err := o.RegionScopes(ctx, region)
	if err != nil {
		return nil, err
	}
	return &Run{Request: provision.Request{Scopes: []*provision.Scope{account, scope}}, Op: o}, nil
}

// RegionScopes makes the scopes of a region's shared things, and tells who its clients are.
func (o *Operator) RegionScopes(ctx context.Context, region string) (account, scope *provision.Scope, clients []Client, err error) {
	if account, err = o.Account(ctx); err != nil {
		return nil, nil, nil, err
	}
	if account.Trusted, err = o.admitted(ctx, account); err != nil {
		return nil, nil, nil, err
	}
	if account.OrganizationTrail, err = OrganizationTrail(ctx, account); err != nil {
		return nil, nil, nil, err
	}
	scope = o.Within(account, provision.RegionLevel, region, "")
	scope.NAT = spec.NATPerAZ
	clients, scope.Zones, err = o.ClientsAndZones(ctx, region)
	return account, scope, clients, err
}

// watching are the kinds that the account's trail is watched with.
var watching = []string{"cloudtrail/trail", "cloudwatch/alarm", "iam/role", "logs/log-group", "sns/topic"}

// TidyAccount prepares the removal of what watched the account's trail and the configuration no
// longer asks for. The error is a *GuardError where it asks for all of it.
func (o *Operator) TidyAccount(ctx context.Context) (*Run, error) {
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	if account.OrganizationTrail, err = OrganizationTrail(ctx, account); err != nil {
		return nil, err
	}
	if account.OrganizationTrail == "" && !account.NoTrailAlarms {
		return nil, Guardf("the configuration asks for the alarms on the account's trail, and client create would make them again: set trail_alarms: false first")
	}
	return &Run{Op: o, Request: provision.Request{
		Scopes: []*provision.Scope{account}, Surplus: account,
		Only: func(kind string, _ provision.Role) bool { return slices.Contains(watching, kind) },
	}}, nil
}

// RemoveRegion prepares the removal of a region's shared things. It is refused
// with a *GuardError while a client is left there.
func (o *Operator) RemoveRegion(ctx context.Context, region string, purge bool) (*Run, error) {
	_, scope, clients, err := o.RegionScopes(ctx, region)
	if err != nil {
		return nil, err
	}
	if err := vacant(region, clients); err != nil {
		return nil, err
	}
	guard := func(ctx context.Context) error {
		clients, err := o.Clients(ctx, region)
		if err != nil {
			return err
		}
		return vacant(region, clients)
	}
	return &Run{Request: provision.Request{Scopes: []*provision.Scope{scope}, Destroy: scope, Purge: purge}, Op: o, guard: guard}, nil
}

// vacant is a *GuardError while a client is left in the region.
func vacant(region string, clients []Client) error {
	if len(clients) == 0 {
		return nil
	}
	names := make([]string, len(clients))
	for i, c := range clients {
		names[i] = c.Name
	}
	return Guardf("%s still has clients (%s): destroy them first, with cicdctl client destroy NAME", region, strings.Join(names, ", "))
}

// Plan observes and compares. It makes no mutating call. The error is a
// *GuardError when the request rests on something that is not there.
func (r *Run) Plan(ctx context.Context) (*Plan, error) {
	r.planned, r.Request.Downgrade = time.Now(), r.Op.cfg.AllowDowngrade
	plan, err := r.engine(nil).Plan(awsapi.Remembering(ctx, r.look), r.Request)
	r.look = nil
	if lacking, ok := errors.AsType[*provision.LackingError](err); ok {
		return nil, Guardf("%s is not complete: %s; cicdctl client create %s makes what is missing", r.Scope().Client, lacking.Error(), r.Scope().Client)
	}
	if err != nil {
		return nil, err
	}
	if other := plan.Elsewhere(); other != "" {
		return nil, elsewhere(r.Scope().Client, other, r.Scope().Region)
	}
	for _, c := range plan.Changes() {
		if c.Op == provision.OpCreate && c.Kind == "s3/bucket" && c.Scope.Level == provision.AccountLevel && c.Role == "admin" {
			if err := r.Op.firstAdminBucket(ctx, r.Account()); err != nil {
				return nil, err
			}
		}
	}
	if err := r.permitted(ctx, plan); err != nil {
		return nil, err
	}
	return plan, r.engine(nil).Ask(ctx, plan)
}

// elsewhere is the *GuardError of a client that another region has already.
func elsewhere(client, there, here string) error {
	return Guardf("client %[1]s is in %[2]s already; a client lives in one region, for its IAM roles have the same names in all of them: put region: %[2]s into its spec, or call the client of %[3]s by another name; if it is to move, cicdctl client destroy %[1]s --region %[2]s comes first (its data does not move along)",
		client, there, here)
}

// FindImport finds a resource that has lost its tags, and that is to be the one of a kind and role
// again. It only reads. The error is a *GuardError.
func (r *Run) FindImport(ctx context.Context, kind string, role provision.Role, id string) (*provision.Import, error) {
	lost, err := r.engine(nil).FindImport(ctx, r.Request, kind, role, id)
	if wrong, ok := errors.AsType[*provision.ImportError](err); ok {
		return nil, Guardf("%v", wrong)
	}
	return lost, err
}

// Import gives it its tags.
func (r *Run) Import(ctx context.Context, lost *provision.Import) error {
	if r.guard != nil {
		if err := r.guard(ctx); err != nil {
			return err
		}
	}
	r.Op.gate.admit(time.Time{}, r.Request.Scopes...) // nobody has looked: it is looked at now
	if err := r.Op.begin(ctx); err != nil {
		return err
	}
	return r.engine(nil).Import(ctx, lost)
}

// engine makes the engine of the run.
func (r *Run) engine(sink provision.Sink) *provision.Engine {
	e := r.Op.engine(r.Account(), sink)
	if r.Types != nil {
		e.Types = r.Types
	}
	return e
}

// Account is the outermost scope.
func (r *Run) Account() *provision.Scope {
	s := r.Request.Scopes[0]
	for s.Outer != nil {
		s = s.Outer
	}
	return s
}

// Apply carries out the plan and reads back. When another run takes the place
// that the plan was made for, a new place is found and planned. The error may be a
// *provision.NewerError, a *provision.RefusedError, a *provision.ApplyError or a *NoSlotError.
func (r *Run) Apply(ctx context.Context, plan *Plan, stop <-chan struct{}, sink provision.Sink) (*Plan, error) {
	if r.guard != nil {
		if err := r.guard(ctx); err != nil {
			return plan, err
		}
	}
	if err := r.admit(ctx, plan); err != nil {
		return plan, err
	}
	engine := r.engine(sink)
	// Every try loses a place to somebody else, so there are no more tries than places.
	for range len(r.Op.Addr.Slots()) {
		done, err := engine.Apply(ctx, plan, r.Request, stop)
		if err == nil {
			return done, r.Finish(ctx)
		}
		if !errors.Is(err, provision.ErrReplan) || r.again == nil {
			return done, err
		}
		if r.Request.Scopes, err = r.again(ctx); err != nil {
			return plan, err
		}
		if plan, err = engine.Plan(ctx, r.Request); err != nil {
			return plan, err
		}
	}
	return plan, &NoSlotError{Region: r.Scope().Region, Slots: len(r.Op.Addr.Slots()), Pools: r.Op.Addr.Pools(), Another: r.Op.Addr.Another()}
}

// Finish does what is left once all is as requested; Apply calls it.
func (r *Run) Finish(ctx context.Context) error {
	if r.Then == nil {
		return nil
	}
	return r.Then(ctx)
}

// Find looks in the allowed regions for a client whose region nobody remembers: for its
// subnets, and where there are none for whatever is left of it. It returns the regions that
// hold something.
func (o *Operator) Find(ctx context.Context, client string, regions ...string) ([]string, error) {
	clients, err := o.Clients(ctx, regions...)
	if err != nil {
		return nil, err
	}
	var placed []string
	for _, c := range clients {
		if c.Name == client {
			placed = append(placed, c.Region)
		}
	}
	if len(placed) > 0 {
		return placed, nil
	}
	holds := make([]bool, len(regions))
	g, ctx := errgroup.WithContext(ctx)
	for i, region := range regions {
		g.Go(func() error {
			run, err := o.Remove(ctx, client, region, false)
			if err != nil {
				return err
			}
			plan, err := run.engine(nil).Plan(ctx, run.Request)
			if err != nil {
				return err
			}
			holds[i] = len(plan.Held()) > 0
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var found []string
	for i, region := range regions {
		if holds[i] {
			found = append(found, region)
		}
	}
	return found, nil
}

// Refused reports that nothing was changed because something must not be.
func Refused(err error) bool {
	var refused *provision.RefusedError
	var guard *GuardError
	var newer *provision.NewerError
	return errors.As(err, &refused) || errors.As(err, &guard) || errors.As(err, &newer)
}
