package provision

import "context"

// Request is what a plan is made for.
type Request struct {
	Scopes  []*Scope // outermost first
	Destroy *Scope   // the scope that should hold nothing; nil to build
	Purge   bool     // remove data as well
	// Surplus is a shared scope of which what nothing asks for any more is removed, as it is of
	// clients; nil where a request is about clients only. With Only, what is missing is not made.
	Surplus *Scope
	// Everyone looks at the resources of all clients, not only of those in Scopes.
	Everyone bool
	// Index is what Sweep.Index is taken from, by region. May be nil.
	Index map[string]map[string]Tags
	// Only narrows what may be changed to some resources; all when nil. What the
	// others lack or differ in is neither shown nor mended.
	Only func(kind string, role Role) bool
	// Agreed are the keys of the removals that somebody agreed to (Removed.Key). Whatever else
	// runs or holds something is not removed by Apply, but for what is in Destroy. When nil,
	// nobody has to agree.
	Agreed map[string]bool
	// Downgrade is the release from which somebody has allowed an older one to go back; empty for none.
	Downgrade string

	// Guard is asked before the first change, and again before a run changes what it found when it
	// read back, whether it may: another run may have been at work meanwhile. May be nil.
	Guard func(context.Context) error

	thorough bool // looks take no shortcuts
	back     bool // looks read back what was written
	looking  bool // looks tell what there is
}
