package provision

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// part is what the kinds of these tests manage.
type part struct {
	id, value string
	tags      Tags
	state     State
}

// parts are those of one kind that are there.
type parts struct {
	held    map[Role]*part
	refused string // why AWS would refuse to remove one
	most    int    // how many there may be; any number when 0
}

// kind is a type of parts, wanted in some roles with the value "right".
func (h *parts) kind(name string, dependsOn []Dep, mend func(*part), wanted ...Role) *Type {
	field := Field[string, *part]{Name: "value", Want: func(_ *Step, d string) string { return d }, Have: func(p *part) string { return p.value }, Fix: "set it back"}
	if mend != nil {
		field.Set = func(_ context.Context, _ *Step, _ string, p *part) error { mend(p); return nil }
	}
	return Define(Kind[string, *part]{
		Name: name, Levels: ClientLevel, DependsOn: dependsOn,
		Want: func(*Scope) map[Role]string {
			out := map[Role]string{}
			for _, role := range wanted {
				out[role] = "right"
			}
			return out
		},
		List: func(context.Context, *Sweep) ([]*part, error) { return slices.Collect(maps.Values(h.held)), nil },
		ID:   func(p *part) string { return p.id }, Tags: func(p *part) Tags { return p.tags }, State: func(p *part) State { return p.state },
		Create: func(_ context.Context, s *Step, d string) (*part, error) {
			if h.most > 0 && len(h.held) >= h.most {
				return nil, &smithy.GenericAPIError{Code: "LimitExceededException"}
			}
			p := &part{id: s.Role + "-" + name, value: d, tags: maps.Clone(s.Tags)}
			h.held[s.Role] = p
			return p, nil
		},
		Delete: func(_ context.Context, _ *Step, p *part) error {
			maps.DeleteFunc(h.held, func(_ Role, held *part) bool { return held == p })
			return nil
		},
		Removal: Removal[*part]{Refused: func(context.Context, *Step, *Sweep, *part) (string, error) { return h.refused, nil }},
		Fields:  []Field[string, *part]{field},
	})
}

// What is blocked keeps back what depends on it, and nothing else.
func TestTheRestOfAPlanIsCarriedOut(t *testing.T) {
	right := func(p *part) { p.value = "right" }
	ready := Ready("test/base")
	cases := map[string]struct {
		base    part
		refused string
		top     []Role // wanted of what rests on the base
		want    string // what was in the way, and what became of the rest
	}{
		"what failed keeps back what would be made on it":           {base: part{state: Failed}, top: []Role{"one"}, want: "blocked test/base; waiting test/top one; side right"},
		"what cannot be changed keeps back what would be made":      {base: part{value: "wrong"}, top: []Role{"one"}, want: "blocked test/base; waiting test/top one; side right"},
		"what is removed stays while its successor waits":           {base: part{state: Failed}, top: []Role{"new"}, want: "blocked test/base; waiting test/top new; waiting test/top old; side right"},
		"what AWS would refuse to remove does not stop the rest":    {base: part{value: "right"}, top: nil, refused: "it is in use", want: "blocked test/top old; side right"},
		"nothing in the way: all is done, and what is left removed": {base: part{value: "right"}, top: []Role{"one"}, want: "side right"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				scope := &Scope{Level: ClientLevel, Client: "ACME", Region: "eu-west-3", API: &awsapi.Set{Region: "eu-west-3"}}
				base, top, side := &parts{held: map[Role]*part{}}, &parts{held: map[Role]*part{}, refused: c.refused}, &parts{held: map[Role]*part{}}
				types := []*Type{
					base.kind("test/base", nil, nil, "base"), top.kind("test/top", ready, right, c.top...), side.kind("test/side", nil, right, "side"),
				}
				e := &Engine{Types: types, Pace: time.Second}
				request := Request{Scopes: []*Scope{scope}}
				put := func(h *parts, typ *Type, role Role, p part) {
					p.id, p.tags = role, Tags{}
					scope.addWanted(p.tags, typ, role, "right", scope.Lower(), "")
					h.held[role] = &p
				}
				put(base, types[0], "base", c.base)
				put(side, types[2], "side", part{value: "wrong"})
				if !slices.Contains(c.top, "one") {
					put(top, types[1], "old", part{value: "right"})
				}
				p, err := e.Plan(t.Context(), request)
				if err != nil {
					t.Fatal(err)
				}
				if err := p.Stopped(); err != nil {
					t.Fatalf("the whole plan is refused: %v", err)
				}
				p, err = e.Apply(t.Context(), p, request, nil)
				var left []string
				var refused *RefusedError
				if err != nil && !errors.As(err, &refused) {
					t.Fatal(err)
				}
				for _, change := range p.Changes() {
					left = append(left, strings.TrimSuffix(fmt.Sprintf("%s %s %s", change.Op, change.Kind, change.Role), " base"))
				}
				left = append(left, "side "+side.held["side"].value)
				if got := strings.Join(left, "; "); got != c.want {
					t.Errorf("left: %s\nwant: %s (error: %v)", got, c.want, err)
				}
				if blocked := strings.Contains(c.want, "blocked"); blocked != (refused != nil) {
					t.Errorf("the run ends with %v", err)
				}
			})
		})
	}
}

// At a limit of AWS, what is made waits for what is removed.
func TestWhatGoesMakesRoomForWhatComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scope := &Scope{Level: ClientLevel, Client: "ACME", Region: "eu-west-3", API: &awsapi.Set{Region: "eu-west-3"}}
		top := &parts{held: map[Role]*part{}, most: 1}
		types := []*Type{top.kind("test/top", nil, nil, "new")}
		top.held["old"] = &part{id: "old", value: "right", tags: Tags{}}
		scope.addWanted(top.held["old"].tags, types[0], "old", "right", scope.Lower(), "")
		e, request := &Engine{Types: types, Pace: time.Second}, Request{Scopes: []*Scope{scope}}
		p, err := e.Plan(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if p, err = e.Apply(t.Context(), p, request, nil); err != nil || !p.Settled() || top.held["new"] == nil {
			t.Errorf("there is no room: %v, %v", err, p.Changes())
		}
		top.most = 1
		types = []*Type{top.kind("test/top", nil, nil, "new", "another")}
		e.Types = types
		if p, err = e.Plan(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err = e.Apply(t.Context(), p, request, nil); !awsapi.Is(errors.Unwrap(err), awsapi.Quota) && !strings.Contains(fmt.Sprint(err), "LimitExceeded") {
			t.Errorf("nothing makes room, and the run ends with %v", err)
		}
		if waited := time.Since(began); waited > time.Minute {
			t.Errorf("nothing makes room, and the run waits for %s", waited)
		}
	})
}
