// Package conformance holds the suite over all kinds and features: what an account holds
// after they were used, failed, killed and repeated.
package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/examples"
	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// The conformance suite: what every kind owes, run over the list of kinds. A new
// kind is tested by being on the list.

const region = "eu-west-3"

// rig is an embedded account and an operator who works in it.
type rig struct {
	tb      testing.TB
	account *sandbox.Account
	*cloud.Operator
}

func newRig(tb testing.TB, opts sandbox.Options) *rig {
	tb.Helper()
	opts.SitesAnswer = true // a tunnel that is down is a finding
	account, err := newAccount(opts)
	if err != nil {
		tb.Fatal(err)
	}
	// The zone of the example's domains, so that its certificates are issued.
	if _, err := account.PutZone("shop.example", map[string]string{provision.TagManagedBy: provision.ManagedBy}); err != nil {
		tb.Fatal(err)
	}
	return &rig{tb: tb, account: account, Operator: operator(tb, account, cloud.Config{})}
}

// operator starts another process, as it were: nothing is shared but the account.
func operator(tb testing.TB, account *sandbox.Account, cfg cloud.Config) *cloud.Operator {
	tb.Helper()
	o, err := cloud.Open(context.Background(), cfg, cloud.Connection{Options: awsapi.Options{Install: account.Install, Unlimited: true}, Pace: 100 * time.Millisecond, NewKey: quickKey})
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

// acme is the annotated example, with a site, and with people who come in by OpenVPN: no
// more than five clients of a region have room for that.
func acme(tb testing.TB) *spec.Spec {
	s := client(tb, "ACME")
	follows(s)
	return s
}

// follows lets the tasks of a client's first service follow their load in prod.
func follows(s *spec.Spec) {
	svc := &s.Apps[0].Services[0]
	svc.Tasks.Prod, svc.MaxTasks.Prod = 2, 6
}

// siteOf is a site for a client: no two have the same range or the same gateway.
func siteOf(name string) string {
	n := 0
	for _, letter := range []byte(name) {
		n = (n*31 + int(letter)) % 241
	}
	return fmt.Sprintf(`
vpn:
  ipsec:
    sites:
      - {name: office, peer: 198.51.100.%[1]d, routes: [192.168.%[1]d.0/24, 172.16.%[1]d.0/25], ports: ["443", "5432"]}
`, n+10)
}

// withPeople is what the VPN of ACME has beside a site.
const withPeople = "  openvpn: {users: [alice, bob]}\n"

// client is the annotated example for another client, with a site.
func client(tb testing.TB, name string, replace ...string) *spec.Spec {
	tb.Helper()
	text := strings.NewReplacer("client: ACME", "client: "+name, "acme/shop", strings.ToLower(name)+"/shop").Replace(string(examples.ACME))
	text += siteOf(name)
	if name == "ACME" {
		text += withPeople
	}
	text = strings.NewReplacer(replace...).Replace(text)
	s, err := spec.Parse(name, []byte(text), rules.Checks(mustPlan(tb), "", time.Now()))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func mustPlan(tb testing.TB) cidr.Plan {
	tb.Helper()
	p, err := cidr.NewPlan()
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// create plans and applies, as the command does.
func create(ctx context.Context, o *cloud.Operator, s *spec.Spec) error {
	run, err := o.Build(ctx, s)
	if err != nil {
		return err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	_, err = run.Apply(ctx, plan, nil, nil)
	return err
}

func destroy(ctx context.Context, o *cloud.Operator, name string, purge bool) error {
	run, err := o.Remove(ctx, name, region, purge)
	if err != nil {
		return err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	_, err = run.Apply(ctx, plan, nil, nil)
	return err
}

// withoutRegion destroys the shared things of the region with their data; sink is told of it, and may be nil.
func withoutRegion(ctx context.Context, o *cloud.Operator, sink provision.Sink) error {
	run, err := o.RemoveRegion(ctx, region, true)
	if err != nil {
		return err
	}
	p, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	_, err = run.Apply(ctx, p, nil, sink)
	return err
}

// plan is what client plan shows.
func plan(ctx context.Context, tb testing.TB, o *cloud.Operator, s *spec.Spec) *provision.Plan {
	tb.Helper()
	run, err := o.Build(ctx, s)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := run.Plan(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// wantNoChange fails when a plan finds something to do or a run writes something.
func (r *rig) wantNoChange(ctx context.Context, s *spec.Spec) {
	r.tb.Helper()
	r.account.Forget()
	if err := create(ctx, operator(r.tb, r.account, cloud.Config{}), s); err != nil {
		r.tb.Fatalf("a second create: %v", err)
	}
	for _, c := range r.account.Calls() {
		if c.Mutating {
			r.tb.Errorf("a second create called %s", c.Name())
		}
	}
	for _, c := range plan(ctx, r.tb, r.Operator, s).Changes() {
		if c.Op != provision.OpRetain {
			r.tb.Errorf("a plan after create: %s", line(c))
		}
	}
}

func line(c provision.Change) string {
	text := fmt.Sprintf("%s %s %s %s %s", c.Op, c.Kind, c.Role, c.ID, c.Why)
	for _, d := range c.Diffs {
		text += fmt.Sprintf(" [%s: %q → %q]", d.Field, d.Have, d.Want)
	}
	return text
}

// inventory counts what the account holds, by kind, owner and role. What is gone
// or is being deleted is left out.
func (r *rig) inventory(ctx context.Context) map[string]int {
	r.tb.Helper()
	o := operator(r.tb, r.account, cloud.Config{})
	account, err := o.Account(ctx)
	if err != nil {
		r.tb.Fatal(err)
	}
	regional := o.Within(account, provision.RegionLevel, region, "")
	scopes := []*provision.Scope{account, regional, o.Within(regional, provision.ClientLevel, region, "")}
	names := map[string]bool{}
	look := func() *provision.Inventory {
		inv := provision.Observe(ctx, kinds.All(), provision.Request{Scopes: scopes})
		if err := inv.Err(); err != nil {
			r.tb.Fatal(err)
		}
		return inv
	}
	everything := look()
	for _, t := range kinds.All() {
		for _, res := range everything.All(t.Name, region) {
			names[res.Tags[provision.TagClient]] = true
		}
	}
	scopes = scopes[:2]
	for _, name := range slices.Sorted(maps.Keys(names)) {
		scopes = append(scopes, o.Within(regional, provision.ClientLevel, region, name))
	}
	inv := look() // once more, now that it is known whose resources are to be described
	out := map[string]int{}
	for _, t := range kinds.All() {
		for _, res := range inv.All(t.Name, region) {
			if res.State == provision.Gone || res.State == provision.Deleting {
				continue
			}
			owner := res.Tags[provision.TagScope] + " " + res.Tags[provision.TagClient]
			if res.Tags[provision.TagManagedBy] == "" {
				owner = "foreign"
			}
			out[strings.Join([]string{t.Name, owner, res.Role()}, " ")]++
		}
	}
	return out
}

func compareInventories(tb testing.TB, got, want map[string]int) {
	tb.Helper()
	keys := map[string]bool{}
	for k := range maps.Keys(got) {
		keys[k] = true
	}
	for k := range maps.Keys(want) {
		keys[k] = true
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if got[k] != want[k] {
			tb.Errorf("%s: %d there, want %d", k, got[k], want[k])
		}
	}
}

// errKilled stands for a process that is no longer there.
var errKilled = errors.New("killed")

// killAt makes the process die at its n-th call that changes something: before it,
// or once it took effect and before the answer. All later calls of the dead process
// fail too. Dying at a call that only reads leaves the account as dying after the
// change before it does, so those are left out.
func (r *rig) killAt(n int, after bool) {
	made := 0
	r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
		if c.Mutating {
			made++
		}
		switch {
		case made < n:
			return sandbox.Fault{}
		case made == n && c.Mutating && after:
			return sandbox.Fault{After: errKilled}
		default:
			return sandbox.Fault{Before: errKilled}
		}
	})
}

// changes counts the calls that changed something since the last Forget.
func (r *rig) changes() int {
	count := 0
	for _, c := range r.account.Calls() {
		if c.Mutating {
			count++
		}
	}
	return count
}

func (r *rig) revive() { r.account.OnCall(nil) }

// refusal is an answer of AWS with a code, which the SDK does not retry.
func refusal(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "as the test wants it"}
}

// tree is a snapshot that a test can change.
func (r *rig) tree() map[string]any {
	r.tb.Helper()
	raw, err := r.account.Snapshot()
	if err != nil {
		r.tb.Fatal(err)
	}
	var out map[string]any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		r.tb.Fatal(err)
	}
	return out
}

// copyOf is a snapshot of its own with the same content.
func (r *rig) copyOf(tree any) map[string]any {
	r.tb.Helper()
	raw, err := json.Marshal(tree)
	if err != nil {
		r.tb.Fatal(err)
	}
	var out map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		r.tb.Fatal(err)
	}
	return out
}

func (r *rig) restore(tree any) {
	r.tb.Helper()
	if err := r.load(tree); err != nil {
		r.tb.Fatal(err)
	}
}

// load fails for a tree that is no account.
func (r *rig) load(tree any) error {
	raw, err := json.Marshal(tree)
	if err != nil {
		return err
	}
	return r.account.Restore(raw)
}

// expire removes an object with all its versions, as the bucket's lifecycle will.
func (r *rig) expire(ctx context.Context, bucket, object string) {
	r.tb.Helper()
	api := r.Factory.Set(region).S3
	out, err := api.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &object})
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, v := range out.Versions {
		if _, err := api.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: v.Key, VersionId: v.VersionId}); err != nil {
			r.tb.Fatal(err)
		}
	}
}
