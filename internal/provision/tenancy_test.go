package provision

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// desk is where two kinds of things are made under a lease, the second once the first is
// as it should be.
type desk struct {
	mu     sync.Mutex
	made   map[string][]thing
	looks  map[string]int // under a lease
	leases int
	held   bool
}

func (d *desk) typ(t *testing.T, name string, roles []Role, after []Dep, slow time.Duration) *Type {
	return Define(Kind[struct{}, thing]{
		Name: name, Levels: RegionLevel, NotIdempotent: true, DependsOn: after,
		Want: func(*Scope) map[Role]struct{} {
			want := map[Role]struct{}{}
			for _, role := range roles {
				want[role] = struct{}{}
			}
			return want
		},
		List: func(context.Context, *Sweep) ([]thing, error) {
			d.mu.Lock()
			defer d.mu.Unlock()
			if d.held {
				d.looks[name]++
			}
			return slices.Clone(d.made[name]), nil
		},
		ID: func(t thing) string { return t.id }, Tags: func(t thing) Tags { return t.tags },
		Create: func(_ context.Context, step *Step, _ struct{}) (thing, error) {
			d.mu.Lock()
			defer d.mu.Unlock()
			if !d.held {
				t.Errorf("%s is created without the lease", step.Role)
			}
			one := thing{id: step.Role, tags: step.Tags}
			d.made[name] = append(d.made[name], one)
			return one, nil
		},
		Delete: func(context.Context, *Step, thing) error { return nil },
		Fields: []Field[struct{}, thing]{{
			Name: "setting", Want: func(*Step, struct{}) string { return "on" },
			Have: func(o thing) string {
				if o.seen.IsZero() {
					return "off"
				}
				return "on"
			},
			Set: func(_ context.Context, _ *Step, _ struct{}, o thing) error {
				time.Sleep(slow)
				d.mu.Lock()
				defer d.mu.Unlock()
				for i := range d.made[name] {
					if d.made[name][i].id == o.id {
						d.made[name][i].seen = time.Now()
					}
				}
				return nil
			},
		}},
	})
}

// What a run creates in a scope is created under one lease, with one look before and one
// after, as long as it follows closely. Longer waits are not spent with the lease, nor is the
// time after the last creation.
func TestALeaseIsKeptForWhatIsCreatedUnderIt(t *testing.T) {
	for what, c := range map[string]struct {
		then   []Role        // what is created after the first
		slow   time.Duration // how long it takes to set what the first has
		leases int
	}{
		"nothing comes after it":     {nil, 0, 1},
		"several come soon after":    {[]Role{"a", "b", "c"}, 300 * time.Millisecond, 1},
		"several come a while after": {[]Role{"a", "b", "c"}, time.Minute, 2},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &desk{made: map[string][]thing{}, looks: map[string]int{}}
				types := []*Type{d.typ(t, "test/first", []Role{"first"}, nil, c.slow), d.typ(t, "test/then", c.then, Ready("test/first"), 0)}
				kept := sandboxLeases(t)
				note := func(has bool) {
					d.mu.Lock()
					defer d.mu.Unlock()
					if d.held = has; has {
						d.leases++
					}
				}
				lease := leaseFunc(func(ctx context.Context, f func(context.Context) error) error {
					return kept.Do(ctx, "test", func(string) {}, func(ctx context.Context) error {
						note(true)
						defer note(false)
						return f(ctx)
					})
				})
				e := &Engine{Types: types, Lease: lease, Pace: 2 * time.Second}
				request := Request{Scopes: []*Scope{{Level: RegionLevel, Region: "eu-west-3", API: &awsapi.Set{Region: "eu-west-3"}}}}
				p, err := e.Plan(t.Context(), request)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := e.Apply(t.Context(), p, request, nil); err != nil {
					t.Fatal(err)
				}
				if made := len(d.made["test/first"]) + len(d.made["test/then"]); made != 1+len(c.then) || d.leases != c.leases {
					t.Errorf("%d made under %d leases, want %d under %d", made, d.leases, 1+len(c.then), c.leases)
				}
				for kind, looks := range d.looks {
					if looks != 2 {
						t.Errorf("%d looks at %s under the lease, want one before and one after", looks, kind)
					}
				}
			})
		})
	}
}

// sandboxLeases are leases in a bucket of the embedded account.
func sandboxLeases(t *testing.T) *awsapi.Leases {
	t.Helper()
	account, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	api, bucket := f.Set("eu-west-3").S3, "leases-of-a-test"
	return awsapi.NewLeases(api, bucket, awsapi.Holder{Run: "test"}, func(ctx context.Context) error {
		_, err := api.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-3"}})
		return err
	})
}
