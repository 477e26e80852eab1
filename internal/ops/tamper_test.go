package ops

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"gitlab.com/cicd/cicdctl/internal/awsapi/sandbox"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
)

// edit is one change by hand: somewhere in the account, one value becomes another.
type edit struct {
	path  string // with positions, "EC2/eu-west-3/Subnets/0/V/…"
	shape string // without, to tell alike places
	apply func()
}

// edits lists one change of every value in a snapshot: a switch thrown, a number
// or a text changed, an item of a list removed.
func edits(node any, path, shape string, set func(any)) []edit {
	var out []edit
	add := func(value any) { out = append(out, edit{path, shape, func() { set(value) }}) }
	switch v := node.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if skipped(key) {
				continue
			}
			out = append(out, edits(v[key], path+"/"+key, shape+"/"+key, func(x any) { v[key] = x })...)
		}
	case []any:
		for i, item := range v {
			out = append(out, edits(item, fmt.Sprintf("%s/%d", path, i), shape+"/#", func(x any) { v[i] = x })...)
		}
		if len(v) > 0 && !strings.HasSuffix(shape, "s/#") {
			out = append(out, edit{path + "/less", shape + "/less", func() { set(v[:len(v)-1]) }})
		}
	case bool:
		add(!v)
	case json.Number:
		if i, err := v.Int64(); err == nil {
			add(i + 1)
		}
	case string:
		if v != "" {
			add(v + "x")
		}
	}
	return out
}

// skipped are values that nobody can change by hand: identifiers, times, and what
// the sandbox remembers for itself.
func skipped(key string) bool {
	if slices.Contains([]string{"Seq", "Lag", "Looks", "Token", "Key", "OwnerId", "CreateTime", "State"}, key) {
		return true
	}
	return strings.HasSuffix(key, "Id") || strings.HasSuffix(key, "Arn") || strings.HasSuffix(key, "ARN") || strings.HasSuffix(key, "Name") ||
		strings.HasSuffix(key, "Time") || strings.HasSuffix(key, "Date") || strings.HasSuffix(key, "Status") || strings.HasSuffix(key, "At")
}

// TestEveryFieldDriftsAndHeals changes the account by hand, one value at a time,
// all over. Whatever a plan then notices must be mended by create; and every Field
// of every kind must be noticed at least once.
func TestEveryFieldDriftsAndHeals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		s := acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		whole := r.tree()
		noticed := map[string]string{}
		tried := map[string]int{}
		for i := range edits(whole, "", "", nil) {
			r.restore(whole)
			tree := r.tree()
			e := edits(tree, "", "", func(any) {})[i]
			if tried[e.shape]++; tried[e.shape] > 2 {
				continue
			}
			e.apply()
			r.restore(tree)
			run, err := operator(t, r.account, Config{}).Build(ctx, s)
			if err != nil {
				continue // the edit made an account that AWS could not hold
			}
			p, err := run.Plan(ctx)
			if err != nil {
				continue
			}
			fields := map[string]bool{}
			for _, c := range p.Changes() {
				for _, d := range c.Diffs {
					name := c.Kind + " " + d.Field
					fields[name] = true
					if noticed[name] == "" {
						noticed[name] = e.path
					}
				}
			}
			if len(fields) == 0 || p.Refused() != nil {
				continue
			}
			if _, err := run.Apply(ctx, p, nil, nil); err != nil {
				t.Errorf("%s (%v) does not heal: %v", e.path, slices.Sorted(maps.Keys(fields)), err)
				continue
			}
			for _, c := range plan(ctx, t, r.Operator, s).Changes() {
				if c.Op != provision.OpRetain {
					t.Errorf("%s: still after healing: %s", e.path, line(c))
				}
			}
		}
		for _, typ := range kinds.All() {
			for _, field := range typ.FieldNames() {
				if noticed[typ.Name+" "+field] == "" {
					t.Errorf("no change by hand makes %s show %q", typ.Name, field)
				}
			}
		}
	})
}

// stripTags removes cicdctl's tags from what has an identifier, and says how many
// tags it removed.
func stripTags(node any, id string) int {
	owner := ownerOf(node, id)
	if owner == nil {
		return 0
	}
	return dropTags(owner)
}

// ownerOf finds the row (an entry of a list or a map below it) that holds the id as one of its own values.
func ownerOf(node any, id string) any {
	switch v := node.(type) {
	case map[string]any:
		row, isRow := v["V"].(map[string]any)
		if isRow && hasValue(row, id) {
			return v
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if found := ownerOf(v[key], id); found != nil {
				return found
			}
		}
	case []any:
		for _, item := range v {
			if found := ownerOf(item, id); found != nil {
				return found
			}
		}
	}
	return nil
}

func hasValue(row map[string]any, id string) bool {
	for _, value := range row {
		if value == id {
			return true
		}
	}
	return false
}

func dropTags(node any) int {
	count := 0
	switch v := node.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if strings.HasPrefix(key, provision.TagManagedBy[:strings.Index(provision.TagManagedBy, ":")+1]) {
				delete(v, key)
				count++
				continue
			}
			if list, ok := v[key].([]any); ok {
				v[key] = slices.DeleteFunc(list, func(item any) bool {
					m, ok := item.(map[string]any)
					name, _ := m["Key"].(string)
					ours := ok && strings.HasPrefix(name, "cicdctl:")
					if ours {
						count++
					}
					return ours
				})
			}
			count += dropTags(v[key])
		}
	case []any:
		for _, item := range v {
			count += dropTags(item)
		}
	}
	return count
}

// holds reports whether the account still has the row of an id.
func holds(node any, id string) bool { return ownerOf(node, id) != nil }
