package provision

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// lamp is a resource with one setting, told by somebody who may not have heard of it.
type lamp struct {
	tags  Tags
	light string
}

// hall holds one lamp, and tells of its light what told says.
type hall struct {
	told  func(look int, light string) string // nil tells the truth
	again bool                                // the light can be read by itself
	born  string                              // the light that a new lamp is said to have
	light string
	there bool
	looks int
	sets  int
}

func (h *hall) look() string {
	h.looks++
	if h.told == nil {
		return h.light
	}
	return h.told(h.looks, h.light)
}

func (h *hall) typ() *Type {
	light := Field[struct{}, *lamp]{
		Name: "light",
		Want: func(*Step, struct{}) string { return "on" },
		Have: func(l *lamp) string { return l.light },
		Set: func(context.Context, *Step, struct{}, *lamp) error {
			h.sets, h.looks, h.light = h.sets+1, 0, "on"
			return nil
		},
	}
	if h.again {
		light.Reread = func(context.Context, *Step, *lamp) (string, error) { return h.look(), nil }
	}
	tags := (&Scope{Level: RegionLevel, Region: "eu-west-3"}).OwnTags("one")
	return Define(Kind[struct{}, *lamp]{
		Name: "test/lamp", Levels: RegionLevel,
		Want: func(*Scope) map[Role]struct{} { return map[Role]struct{}{"one": {}} },
		List: func(context.Context, *Sweep) ([]*lamp, error) {
			if !h.there {
				return nil, nil
			}
			return []*lamp{{tags, h.look()}}, nil
		},
		ID: func(*lamp) string { return "lamp" }, Tags: func(l *lamp) Tags { return l.tags },
		Create: func(context.Context, *Step, struct{}) (*lamp, error) {
			h.there = true
			return &lamp{tags, h.born}, nil
		},
		Fields: []Field[struct{}, *lamp]{light},
	})
}

// A value that was set is not set again because AWS tells the former one; it is read
// again for three minutes (at a pace of two seconds, and half of it here), with growing pauses.
func TestWhatWasSetIsReadAgainAndNotSetAgain(t *testing.T) {
	old := func(until int) func(int, string) string {
		return func(look int, light string) string {
			if look <= until && look%2 == 1 {
				return "off"
			}
			return light
		}
	}
	cases := map[string]struct {
		hall  hall
		wrong string // in the error
		sets  int
		looks int // after the last change, at least
		least time.Duration
		most  time.Duration
	}{
		"told at once":                    {hall{light: "off", there: true}, "", 1, 1, 0, time.Second},
		"old and new by turns":            {hall{light: "off", there: true, told: old(5)}, "", 1, 5 + steady, 5 * time.Second, time.Minute},
		"never told":                      {hall{light: "off", there: true, told: func(int, string) string { return "off" }}, "light of test/lamp lamp", 1, 10, rereading * time.Second, (rereading + 20) * time.Second},
		"known to be told by turns":       {hall{light: "off", there: true, again: true}, "", 1, steady, settledAfter * time.Second, time.Minute},
		"the same, told new, then old":    {hall{light: "off", there: true, again: true, told: func(look int, light string) string { return old(8)(look+1, light) }}, "", 1, 6 + steady, settledAfter * time.Second, time.Minute},
		"the same, and never told":        {hall{light: "off", there: true, again: true, told: func(int, string) string { return "off" }}, "read the light of test/lamp lamp again", 1, 10, rereading * time.Second, (rereading + 20) * time.Second},
		"somebody else sets another":      {hall{light: "off", there: true, told: func(look int, light string) string { return map[bool]string{true: "dim", false: light}[look == 1] }}, "", 2, 1, 0, time.Minute},
		"made so, and told late":          {hall{light: "on", born: "on", told: old(3)}, "", 0, 3 + steady, 0, time.Minute},
		"made otherwise than AWS said so": {hall{light: "dim", born: "on"}, "", 1, 1, 0, (rereading + 20) * time.Second},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &c.hall
				told := h.told
				if h.there { // the plan is told the truth
					h.told = nil
				}
				e := &Engine{Types: []*Type{h.typ()}, Pace: time.Second}
				request := Request{Scopes: []*Scope{{Level: RegionLevel, Region: "eu-west-3", API: &awsapi.Set{Region: "eu-west-3"}}}}
				p, err := e.Plan(t.Context(), request)
				if err != nil {
					t.Fatal(err)
				}
				h.told, h.looks = told, 0
				begun := time.Now()
				_, err = e.Apply(t.Context(), p, request, nil)
				if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
					t.Errorf("the error is %v, want %q in it", err, c.wrong)
				}
				if h.sets != c.sets {
					t.Errorf("set %d times, want %d", h.sets, c.sets)
				}
				if h.looks < c.looks {
					t.Errorf("%d looks after the last change, want at least %d", h.looks, c.looks)
				}
				if took := time.Since(begun); took < c.least || took > c.most {
					t.Errorf("it took %s, want between %s and %s", took, c.least, c.most)
				}
			})
		})
	}
}

// A look that is repeated because something else is not listed yet has been told the
// former value all the same.
func TestAFormerValueIsRememberedWhileSomethingElseIsNotListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hall{light: "off", there: true}
		made, looks := false, 0
		tags := (&Scope{Level: RegionLevel, Region: "eu-west-3"}).OwnTags("late")
		late := Define(Kind[struct{}, *lamp]{
			Name: "test/late", Levels: RegionLevel,
			Want: func(*Scope) map[Role]struct{} { return map[Role]struct{}{"late": {}} },
			List: func(context.Context, *Sweep) ([]*lamp, error) {
				if looks++; made && looks > 2 { // the plan's, and the first that reads back
					return []*lamp{{tags: tags}}, nil
				}
				return nil, nil
			},
			ID: func(*lamp) string { return "late" }, Tags: func(l *lamp) Tags { return l.tags },
			Create: func(context.Context, *Step, struct{}) (*lamp, error) {
				made = true
				return &lamp{tags: tags}, nil
			},
		})
		e := &Engine{Types: []*Type{h.typ(), late}, Pace: time.Second}
		request := Request{Scopes: []*Scope{{Level: RegionLevel, Region: "eu-west-3", API: &awsapi.Set{Region: "eu-west-3"}}}}
		p, err := e.Plan(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		h.told = func(look int, light string) string {
			return map[bool]string{true: "off", false: light}[look < 4 && look%2 == 1]
		}
		if _, err := e.Apply(t.Context(), p, request, nil); err != nil {
			t.Fatal(err)
		}
		p, err = e.Plan(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if h.sets != 1 || !p.Settled() {
			t.Errorf("set %d times, and then a plan finds %v; want once, and nothing", h.sets, p.Changes())
		}
	})
}
