package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// row is one list of the dossier's, or one object, and what AWS itself says it should be.
type row struct {
	at     string   // path of the objects; "" for the dossier itself
	fields []string // of each of them, in this order; "^name" is one of the object around it, "" the value itself
	want   func(a *account) []string
	part   bool // what the dossier has is among what is wanted, which is more
}

// record is an object of the dossier's JSON, or a value of a list.
type record struct {
	value  any
	around *record
}

func (r *record) field(name string) string {
	if rest, outer := strings.CutPrefix(name, "^"); outer {
		return r.around.field(rest)
	}
	value := r.value
	if name != "" {
		value = r.value.(map[string]any)[name]
	}
	switch v := value.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = fmt.Sprint(v[i])
		}
		return strings.Join(parts, " ")
	default:
		return fmt.Sprint(v)
	}
}

// at are the records at a path such as "access.acls[].entries[]".
func at(from []*record, path string) []*record {
	for path != "" {
		var step string
		if strings.HasPrefix(path, "[]") {
			step, path = "[]", path[2:]
		} else {
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			step, path = path[:end], path[end:]
		}
		path = strings.TrimPrefix(path, ".")
		var next []*record
		for _, r := range from {
			switch v := r.value.(type) {
			case []any:
				for _, each := range v {
					around := r
					if _, list := r.value.([]any); list && r.around != nil {
						around = r.around
					}
					next = append(next, &record{each, around})
				}
			case map[string]any:
				if child, has := v[step]; has && step != "[]" {
					next = append(next, &record{child, r})
				}
			}
		}
		from = next
	}
	return from
}

// leaves are the paths of all values that are no objects or lists.
func leaves(path string, value any, found map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for key, each := range v {
			leaves(strings.TrimPrefix(path+"."+key, "."), each, found)
		}
	case []any:
		for _, each := range v {
			leaves(path+"[]", each, found)
		}
	default:
		found[path] = true
	}
}

// Every figure and every name of a dossier is what the account holds, by calls of the SDK that have
// nothing to do with how the dossier is made. A field that no row speaks of fails.
func TestEveryFigureIsTracedToTheAccount(t *testing.T) {
	withSample(t, func(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) {
		raw := written(t, r.gather(ctx, s, false))
		var tree any
		if err := json.Unmarshal([]byte(raw), &tree); err != nil {
			t.Fatal(err)
		}
		untraced := map[string]bool{}
		leaves("", tree, untraced)
		a := r.answers(ctx)
		for _, each := range traced() {
			var got []string
			for _, rec := range at([]*record{{tree, nil}}, each.at) {
				parts := make([]string, len(each.fields))
				for i, name := range each.fields {
					parts[i] = rec.field(name)
				}
				got = append(got, strings.Join(parts, "|"))
			}
			want := each.want(a)
			slices.Sort(got)
			slices.Sort(want)
			if each.part {
				for _, one := range got {
					if !slices.Contains(want, one) {
						t.Errorf("%s: %q is not what AWS holds: %q", each.at, one, want)
					}
				}
				if len(got) == 0 {
					t.Errorf("%s: the sample has none", each.at)
				}
			} else if !slices.Equal(got, want) {
				t.Errorf("%s (%v):\n got %q\nwant %q", each.at, each.fields, got, want)
			}
			for _, name := range each.fields {
				path := strings.TrimPrefix(each.at+"."+name, ".")
				if name == "" {
					path = each.at
				}
				for leaf := range untraced {
					if leaf == path || strings.HasPrefix(leaf, path+"[") {
						delete(untraced, leaf)
					}
				}
			}
		}
		now := time.Now().UTC().Truncate(time.Second).Format(time.RFC3339)
		for leaf := range untraced {
			if strings.HasSuffix(leaf, ".as_of") {
				if got := at([]*record{{tree, nil}}, leaf)[0].value; got != now {
					t.Errorf("%s is %v, AWS was asked at %s", leaf, got, now)
				}
				delete(untraced, leaf)
			}
		}
		for _, leaf := range slices.Sorted(maps.Keys(untraced)) {
			t.Errorf("%s is not traced to anything", leaf)
		}
	})
}
