package kinds

import (
	"slices"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// graph is what waits for what: a step of one kind for steps of others.
type graph map[string][]string

// cycle finds steps that would wait for each other.
func (g graph) cycle() []string {
	done := map[string]bool{}
	var path []string
	var visit func(string) []string
	visit = func(at string) []string {
		if i := slices.Index(path, at); i >= 0 {
			return append(slices.Clone(path[i:]), at)
		}
		if done[at] {
			return nil
		}
		path = append(path, at)
		for _, next := range g[at] {
			if found := visit(next); found != nil {
				return found
			}
		}
		path, done[at] = path[:len(path)-1], true
		return nil
	}
	for at := range g {
		if found := visit(at); found != nil {
			return found
		}
	}
	return nil
}

// No kind waits for itself by way of others: neither when everything is made, in
// the phases "exists" and "ready", nor when it is removed.
func TestNothingWaitsForItself(t *testing.T) {
	t.Parallel()
	types := map[string]*provision.Type{}
	for _, typ := range All() {
		types[typ.Name] = typ
	}
	build, removal := graph{}, graph{}
	for name, typ := range types {
		build[name+" ready"] = append(build[name+" ready"], name+" exists")
		for _, d := range typ.DependsOn {
			if types[d.Kind] == nil {
				t.Errorf("%s comes after %s, which is no kind", name, d.Kind)
				continue
			}
			phase := " ready"
			if d.Exists {
				phase = " exists"
			}
			from := name + " exists"
			if d.ForFields {
				from = name + " ready"
			}
			build[from] = append(build[from], d.Kind+phase)
			if d.Kind != name && !(d.ForFields && after(types, d.Kind, name, map[string]bool{})) {
				removal[d.Kind] = append(removal[d.Kind], name)
			}
		}
	}
	if found := build.cycle(); found != nil {
		t.Errorf("when it is made: %v", found)
	}
	if found := removal.cycle(); found != nil {
		t.Errorf("when it is removed: %v", found)
	}
}

// after reports whether resources of a kind are created after those of another.
func after(types map[string]*provision.Type, kind, other string, seen map[string]bool) bool {
	if seen[kind] || types[kind] == nil {
		return false
	}
	seen[kind] = true
	return slices.ContainsFunc(types[kind].DependsOn, func(d provision.Dep) bool {
		return !d.ForFields && (d.Kind == other || after(types, d.Kind, other, seen))
	})
}
