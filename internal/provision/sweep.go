package provision

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// parallelSweeps is how many kinds are listed at once: enough to hide the
// latency of some thirty lists, few enough for AWS's buckets of 50 to 100.
const parallelSweeps = 24

// Sweep is one look at one region. Calls whose answer several kinds need are
// made once per sweep.
type Sweep struct {
	*awsapi.Set
	Home    *awsapi.Set // of the region that holds the account's own things
	Account string
	// Clients are those that the look is about. A kind that must ask AWS about each
	// resource by itself may skip what can only be another client's by its name;
	// what belongs to whom is still told by tags alone. Empty means all clients.
	Clients []string
	// Scopes are those of the region that the look is about. Their specs say what can
	// be expected to be there.
	Scopes []*Scope
	// Levels are those of these scopes; all of them when zero.
	Levels Level
	// Removing is set when the look is made to remove something: until when data is
	// kept is then worth asking.
	Removing bool
	// Looking is set when the look is made to tell what there is, and changes nothing: only what
	// Facts tell is read.
	Looking bool
	// Waiting is set when a run waits for resources of one kind that it knows to be there, or
	// to go.
	Waiting bool
	// Shortcuts says that one call may stand for several that tell the same as of the same
	// moment. What a plan makes of the answer is read once more from the service itself where
	// it differs from what is wanted.
	Shortcuts bool
	// ReadsBack is set when a run looks at what it has written: what the services themselves
	// tell then counts, for whoever asks next hears no other answer.
	ReadsBack bool
	// Index are the tags of what carries cicdctl's, by ARN, as AWS's tagging service
	// tells them. Looks that judge use them, looks that change do not: the service
	// hears of changes late.
	Index map[string]Tags

	mu      sync.Mutex // guards givenUp and taken
	memory  *memory
	account *memory // that the sweeps of all regions share
	run     *memory // that the looks of one run before and after it creates share; nil elsewhere
	givenUp map[string]bool
	taken   map[string]bool // shortcuts
}

// NewSweep starts a fresh look at a scope's region.
func NewSweep(s *Scope) *Sweep {
	w := &Sweep{Levels: s.Level, Set: s.API, Home: s.Home(), Account: s.Account, memory: newMemory(), account: newMemory(), givenUp: map[string]bool{}, taken: map[string]bool{}}
	if s.Client != "" {
		w.Clients = []string{s.Client}
	}
	return w
}

// Shares reports whether the look is about what clients share: a kind that must ask AWS about
// each resource by itself may else skip what can only be that by its name.
func (w *Sweep) Shares() bool { return w.Levels == 0 || w.Levels&(AccountLevel|RegionLevel) != 0 }

// OwnOnly reports whether nothing but what clients have themselves matters to the look, as
// where it is made to remove them, or to tell what they have.
func (w *Sweep) OwnOnly() bool {
	return (w.Removing || w.Looking) && len(w.Clients) > 0 && !w.Shares()
}

// GiveUp notes that a shortcut does not work, so that the rest of the sweep does
// without it.
func (w *Sweep) GiveUp(shortcut string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.givenUp[shortcut] = true
}

// GivenUp reports whether a shortcut did not work before.
func (w *Sweep) GivenUp(shortcut string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.givenUp[shortcut]
}

// Take notes that a shortcut worked.
func (w *Sweep) Take(shortcut string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.taken[shortcut] = true
}

func (w *Sweep) took(shortcut string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.taken[shortcut]
}

// Resource is one thing that AWS holds.
type Resource struct {
	Type   *Type
	Region string
	ID     string
	Key    string // natural name, if the kind has one
	Tags   Tags
	State  State
	Object any

	texts []string // of what is there, field by field; nil where it was not read as a whole
}

// Role is what the resource's tags say it is for.
func (r *Resource) Role() Role { return r.Tags[TagRole] }

// Inventory is what one look found, by kind and region.
type Inventory struct {
	resources map[place][]*Resource
	failed    map[place]error
	short     map[place]bool // read by a shortcut

	owned map[ownedKey][]*Resource // made on first use
}

type place struct{ kind, region string }

type ownedKey struct {
	place
	owner
}

// Observe looks at every kind in the regions of the request's scopes, in parallel, and
// describes what belongs to one of them. A kind that cannot be read is recorded
// as such: it is never the same as "nothing there".
func Observe(ctx context.Context, types []*Type, request Request) *Inventory {
	scopes := request.Scopes
	inv := &Inventory{resources: map[place][]*Resource{}, failed: map[place]error{}, short: map[place]bool{}}
	sweeps, begun, account := map[string]*Sweep{}, map[place]bool{}, newMemory()
	var mu sync.Mutex // guards inv
	var group errgroup.Group
	group.SetLimit(parallelSweeps)
	for _, t := range types {
		for _, s := range scopes {
			at := place{t.Name, s.Region}
			if t.Levels&s.Level == 0 || begun[at] {
				continue
			}
			begun[at] = true
			sweep := sweeps[s.Region]
			if sweep == nil {
				sweep = NewSweep(s)
				sweep.account = account
				sweep.Removing, sweep.Index, sweep.Shortcuts = request.Destroy != nil, request.Index[s.Region], !request.thorough
				sweep.ReadsBack, sweep.Looking = request.back, request.looking
				sweep.Scopes = slices.DeleteFunc(slices.Clone(scopes), func(other *Scope) bool { return other.Region != s.Region })
				for _, s := range sweep.Scopes {
					sweep.Levels |= s.Level
				}
				if sweep.Clients = clientsOf(scopes); request.Everyone {
					sweep.Clients, sweep.Levels = nil, 0
				}
				sweeps[s.Region] = sweep
			}
			group.Go(func() error {
				found, err := look(ctx, t, sweep, scopes)
				mu.Lock()
				defer mu.Unlock()
				inv.resources[at], inv.failed[at], inv.short[at] = found, err, t.shortcut != "" && sweep.took(t.shortcut)
				return nil
			})
		}
	}
	// The functions above never return an error: failures are kept per kind.
	_ = group.Wait()
	inv.index()
	return inv
}

func clientsOf(scopes []*Scope) []string {
	var out []string
	for _, s := range scopes {
		if s.Client != "" && !slices.Contains(out, s.Client) {
			out = append(out, s.Client)
		}
	}
	return out
}

func look(ctx context.Context, t *Type, sweep *Sweep, scopes []*Scope) ([]*Resource, error) {
	objects, err := t.list(ctx, sweep)
	if err != nil {
		return nil, lang.Errorf("list %s in %s: %w", t.Name, sweep.Region, err)
	}
	var found, ours []*Resource
	for _, o := range objects {
		r := &Resource{Type: t, Region: sweep.Region, ID: t.id(o), Key: t.key(o), Tags: t.tags(o), State: t.state(o), Object: o}
		found = append(found, r)
		if r.State != Gone && slices.ContainsFunc(scopes, func(s *Scope) bool { return s.owns(r.Tags) }) {
			ours = append(ours, r)
		}
	}
	gone, err := t.complete(ctx, sweep, ours)
	if err != nil {
		return nil, lang.Errorf("describe %s in %s: %w", t.Name, sweep.Region, err)
	}
	for _, r := range ours {
		if !gone[r] {
			r.texts = t.texts(r.Object)
		}
	}
	return slices.DeleteFunc(found, func(r *Resource) bool { return gone[r] }), nil
}

// texts are those of what is there, field by field: made once a look, for all that it is
// compared with.
func (t *Type) texts(object any) []string {
	out := make([]string, len(t.fields))
	for i := range t.fields {
		out[i] = t.fields[i].have(object)
	}
	return out
}

// describesAtOnce is how many calls are under way at once where AWS answers about one
// resource at a time: enough to hide the latency, few enough for its rate limits.
const describesAtOnce = 12

// complete reads what the list has left out of some resources, and tells which are gone
// since.
func (t *Type) complete(ctx context.Context, sweep *Sweep, some []*Resource) (map[*Resource]bool, error) {
	if len(some) == 0 || t.listed && sweep.Removing || t.factsListed && sweep.Looking {
		return nil, nil
	}
	if t.hydrate != nil {
		objects := make([]any, len(some))
		for i, r := range some {
			objects[i] = r.Object
		}
		if err := t.hydrate(ctx, sweep, objects); err != nil {
			return nil, err
		}
	}
	gone := map[*Resource]bool{}
	if t.describe != nil {
		var mu sync.Mutex // guards gone
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(describesAtOnce)
		for _, r := range some {
			group.Go(func() error {
				err := t.describe(ctx, sweep, r.Object)
				if awsapi.Is(err, awsapi.NotFound) {
					mu.Lock()
					defer mu.Unlock()
					gone[r] = true
					return nil
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return nil, err
		}
	}
	for _, r := range some {
		r.State = t.state(r.Object)
	}
	return gone, nil
}

// Err joins what could not be read, each cause once.
func (inv *Inventory) Err() error {
	var errs []error
	seen := map[string]bool{}
	for _, at := range inv.unread() {
		err := inv.failed[at]
		if errors.Is(err, context.Canceled) && len(errs) > 0 || seen[err.Error()] {
			continue
		}
		seen[err.Error()] = true
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// unread are what could not be read, in a steady order.
func (inv *Inventory) unread() []place {
	var out []place
	for at, err := range inv.failed {
		if err != nil {
			out = append(out, at)
		}
	}
	slices.SortFunc(out, func(a, b place) int { return strings.Compare(a.kind+a.region, b.kind+b.region) })
	return out
}

// Of returns what the scope owns of a kind and is not gone, in the order of IDs.
func (inv *Inventory) Of(kind string, s *Scope) []*Resource {
	return slices.Clone(inv.of(kind, s))
}

// of is Of for who does not change the list.
func (inv *Inventory) of(kind string, s *Scope) []*Resource {
	if inv.owned == nil {
		inv.index()
	}
	return inv.owned[ownedKey{place{kind, s.Region}, s.owner()}]
}

// index groups what was found by its owner.
func (inv *Inventory) index() {
	inv.owned = map[ownedKey][]*Resource{}
	for at, resources := range inv.resources {
		for _, r := range resources {
			if o := ownerOf(r.Tags); o != (owner{}) && r.State != Gone {
				key := ownedKey{at, o}
				inv.owned[key] = append(inv.owned[key], r)
			}
		}
	}
	for _, resources := range inv.owned {
		slices.SortFunc(resources, func(a, b *Resource) int { return strings.Compare(a.ID, b.ID) })
	}
}

// All returns everything found of a kind in a region, whoever owns it.
func (inv *Inventory) All(kind, region string) []*Resource {
	return inv.resources[place{kind, region}]
}

// Foreign finds a resource with a natural name that the scope does not own.
func (inv *Inventory) Foreign(kind string, s *Scope, key string) *Resource {
	return inv.foreign(kind, s, key)
}

// byKey finds a resource with a natural name that the scope does not own.
func (inv *Inventory) foreign(kind string, s *Scope, key string) *Resource {
	if key == "" {
		return nil
	}
	for _, r := range inv.resources[place{kind, s.Region}] {
		if r.Key == key && r.State != Gone && !s.owns(r.Tags) {
			return r
		}
	}
	return nil
}
