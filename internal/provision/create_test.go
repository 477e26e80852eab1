package provision

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// thing is what the tests make: keyless, and slow to be listed.
type thing struct {
	id   string
	tags Tags
	seen time.Time // from when on lists show it
}

// shelf is where things are made.
type shelf struct {
	things []thing
	lag    time.Duration
	lost   int // answers of create that do not arrive
}

func (s *shelf) typ() *Type {
	return Define(Kind[struct{}, thing]{
		Name: "test/thing", Levels: RegionLevel, NotIdempotent: true,
		Want: func(*Scope) map[Role]struct{} { return map[Role]struct{}{"one": {}} },
		List: func(ctx context.Context, _ *Sweep) ([]thing, error) {
			var seen []thing
			for _, t := range s.things {
				if !time.Now().Before(t.seen) {
					seen = append(seen, t)
				}
			}
			return seen, ctx.Err()
		},
		ID: func(t thing) string { return t.id }, Tags: func(t thing) Tags { return t.tags },
		Create: func(_ context.Context, step *Step, _ struct{}) (thing, error) {
			t := thing{string(rune('a' + len(s.things))), step.Tags, time.Now().Add(s.lag)}
			s.things = append(s.things, t)
			if s.lost > 0 {
				s.lost--
				return thing{}, &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
					Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusBadGateway}}, Err: http.ErrHandlerTimeout,
				}}
			}
			return t, nil
		},
		Delete: func(context.Context, *Step, thing) error { return nil },
	})
}

// leaseFunc is a lease that a test makes up.
type leaseFunc func(ctx context.Context, f func(context.Context) error) error

func (l leaseFunc) Do(ctx context.Context, _ string, _ func(string), f func(context.Context) error) error {
	return l(ctx, f)
}

func (s *shelf) apply(t *testing.T, lease leaseFunc) error {
	t.Helper()
	return s.applyUntil(t, lease, nil)
}

func (s *shelf) applyUntil(t *testing.T, lease leaseFunc, stop <-chan struct{}) error {
	t.Helper()
	e := &Engine{Types: []*Type{s.typ()}, Lease: lease, Pace: time.Second}
	request := Request{Scopes: []*Scope{{Level: RegionLevel, Region: "eu-west-3", API: &awsapi.Set{Region: "eu-west-3"}}}}
	p, err := e.Plan(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Apply(t.Context(), p, request, stop)
	return err
}

func (s *shelf) wantOne(t *testing.T) {
	t.Helper()
	if len(s.things) != 1 {
		t.Errorf("%d things were made, want one", len(s.things))
	}
}

func bounded(by time.Duration) leaseFunc {
	return func(ctx context.Context, f func(context.Context) error) error {
		ctx, cancel := context.WithTimeout(ctx, by)
		defer cancel()
		return f(ctx)
	}
}

// What was made for certain is not made again because lists take longer to show it
// than the lease lasts.
func TestALeaseThatRunsOutMakesNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{lag: 20 * time.Second}
		if err := s.apply(t, bounded(5*time.Second)); err != nil {
			t.Error(err)
		}
		s.wantOne(t)
	})
}

// A machine that slept under its lease makes nothing: another may have done so.
func TestAMachineThatSleptMakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, slept := &shelf{}, false
		err := s.apply(t, func(ctx context.Context, f func(context.Context) error) error {
			if slept {
				return f(ctx)
			}
			slept = true
			err := f(late{ctx, time.Now()})
			if len(s.things) > 0 {
				t.Error("it made something under a lease that had run out")
			}
			s.things = append(s.things, thing{"other", (&Scope{Level: RegionLevel, Region: "eu-west-3"}).OwnTags("one"), time.Now()})
			return err
		})
		if err != nil {
			t.Error(err)
		}
		s.wantOne(t)
	})
}

// late is over and does not say so yet.
type late struct {
	context.Context //nolint:containedctx // it is a context
	end             time.Time
}

func (l late) Deadline() (time.Time, bool) { return l.end, true }

// After an answer was lost, the lease is kept until lists show what was made:
// whoever gets it next must see it.
func TestALeaseIsKeptUntilWhatWasMadeIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{lag: 4 * time.Second, lost: 1}
		err := s.apply(t, func(ctx context.Context, f func(context.Context) error) error {
			err := bounded(25*time.Second)(ctx, f)
			if len(s.things) > 0 && time.Now().Before(s.things[0].seen) {
				t.Error("the lease is given back before lists show what was made under it")
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		s.wantOne(t)
	})
}

// Who is told to stop does not wait for others any more.
func TestTheWaitForALeaseCanBeStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stop, start := &shelf{}, make(chan struct{}), time.Now()
		time.AfterFunc(time.Second, func() { close(stop) })
		err := s.applyUntil(t, func(ctx context.Context, _ func(context.Context) error) error {
			select {
			case <-time.After(time.Minute):
				return errors.New("waited in vain")
			case <-ctx.Done():
				return ctx.Err()
			}
		}, stop)
		if took := time.Since(start); !errors.Is(err, ErrInterrupted) || took > 2*time.Second {
			t.Errorf("%v after %s", err, took)
		}
	})
}

func TestTheRealOneOfSeveral(t *testing.T) {
	typ := Define(Kind[struct{}, thing]{ID: func(t thing) string { return t.id }, InUse: func(t thing) bool { return t.tags["used"] != "" }})
	res := func(id, key string, state State, used string) *Resource {
		return &Resource{ID: id, Key: key, State: state, Object: thing{id: id, tags: Tags{"used": used}}}
	}
	for name, test := range map[string]struct {
		found []*Resource
		want  string
	}{
		"the one with the wanted name": {[]*Resource{res("a", "other", Available, "yes"), res("b", "name", Available, "")}, "b"},
		"the one in use":               {[]*Resource{res("a", "", Available, ""), res("b", "", Available, "yes")}, "b"},
		"the one that has not failed":  {[]*Resource{res("a", "", Failed, ""), res("b", "", Available, "")}, "b"},
		"not one that goes":            {[]*Resource{res("a", "name", Deleting, "yes"), res("b", "", Failed, "")}, "b"},
		"the first":                    {[]*Resource{res("a", "", Available, ""), res("b", "", Available, "")}, "a"},
	} {
		if got := pick(typ, test.found, "name").ID; got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}
