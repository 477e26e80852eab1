package conformance

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// running is another process of a release, or of a development build.
func (r *rig) running(version string) *cloud.Operator {
	r.tb.Helper()
	return operator(r.tb, r.account, cloud.Config{Version: version, Guarded: true})
}

// plainSpec is a client with little.
func plainSpec(tb testing.TB, more string) *spec.Spec {
	tb.Helper()
	s, err := spec.Parse("acme.yaml", []byte("client: ACME\nregion: eu-west-3\n"+more))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// marks are the tags that tell of versions, "<scope> <kind> <role> <key>" by value.
func (r *rig) marks(ctx context.Context) map[string]string {
	r.tb.Helper()
	o := operator(r.tb, r.account, cloud.Config{})
	account, err := o.Account(ctx)
	if err != nil {
		r.tb.Fatal(err)
	}
	regional := o.Within(account, provision.RegionLevel, region, "")
	inv := provision.Observe(ctx, kinds.All(), provision.Request{Scopes: []*provision.Scope{account, regional, o.Within(regional, provision.ClientLevel, region, "ACME")}})
	if err := inv.Err(); err != nil {
		r.tb.Fatal(err)
	}
	out := map[string]string{}
	for _, t := range kinds.All() {
		for _, res := range inv.All(t.Name, region) {
			for _, key := range []string{provision.TagVersion, provision.TagSpec} {
				if value, there := res.Tags[key]; there {
					out[strings.Join([]string{res.Tags[provision.TagScope], t.Name, res.Role(), key}, " ")] = value
				}
			}
		}
	}
	return out
}

// The tags that tell of versions.
const (
	ofAccount = "account s3/bucket admin cicdctl:version"
	ofRegion  = "region ec2/vpc vpc cicdctl:version"
	ofClient  = "client ec2/subnet a cicdctl:version"
	ofSpec    = "client ec2/subnet a cicdctl:spec"
)

func (r *rig) wantMarks(ctx context.Context, when string, want map[string]string) {
	r.tb.Helper()
	if got := r.marks(ctx); !maps.Equal(got, want) {
		r.tb.Errorf("%s: the tags are %v, want %v", when, got, want)
	}
}

// wrote are the calls that changed something since the last Forget.
func (r *rig) wrote() []string {
	var out []string
	for _, c := range r.account.Calls() {
		if c.Mutating {
			out = append(out, c.Name())
		}
	}
	return out
}

// setTag changes a tag of the client's first subnet by hand; nil takes it away.
func (r *rig) setTag(ctx context.Context, key string, value *string) {
	r.tb.Helper()
	api := r.Factory.Set(region).EC2
	for _, res := range r.ofClient(ctx, "ACME") {
		if res.Type.Name != "ec2/subnet" || res.Role() != "a" {
			continue
		}
		var err error
		if value == nil {
			_, err = api.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{res.ID}, Tags: []ec2types.Tag{{Key: &key}}})
		} else {
			_, err = api.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{res.ID}, Tags: []ec2types.Tag{{Key: &key, Value: value}}})
		}
		if err != nil {
			r.tb.Fatal(err)
		}
	}
}

func refusedFor(err error, version string) bool {
	newer, ok := errors.AsType[*provision.NewerError](err)
	return ok && newer.Version == version
}

func TestVersionsAreOnOneResourceOfEachScope(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s := acme(t)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(create(ctx, r.running("v1.3.0"), s))
		made := map[string]string{ofAccount: "v1.3.0", ofRegion: "v1.3.0", ofClient: "v1.3.0", ofSpec: s.Sum()}
		r.wantMarks(ctx, "made", made)

		// The same release again, and a development build, write nothing.
		for _, version := range []string{"v1.3.0", "1.3.0", "", "(devel)", "v1.3.0-3-g1a2b3c4", "v1.4.0-SNAPSHOT-1a2b3c4", "v1.4.1-0.20261130101500-1a2b3c4d5e6f"} {
			r.account.Forget()
			must(create(ctx, r.running(version), s))
			if got := r.wrote(); len(got) > 0 {
				t.Errorf("%q: a second create called %v", version, got)
			}
		}
		r.wantMarks(ctx, "again", made)

		// A newer one has nothing to change and says so; its create is one call.
		newer := r.running("v1.4.0")
		if p := plan(ctx, t, newer, s); !p.Settled() {
			t.Errorf("a newer release alone is a difference: %v", p.Changes())
		}
		found, err := audit.Examine(ctx, newer, audit.Examined{Specs: []*spec.Spec{s}, Names: []string{"ACME"}, Regions: []string{region}})
		must(err)
		for _, f := range found.Findings {
			if strings.Contains(f.Is+f.Should, "cicdctl:version") {
				t.Errorf("a newer release alone is a finding: %+v", f)
			}
		}
		r.account.Forget()
		must(create(ctx, newer, s))
		if got := r.wrote(); !slices.Equal(got, []string{"EC2.CreateTags"}) {
			t.Errorf("a newer release without a change called %v", got)
		}
		made[ofClient] = "v1.4.0"
		r.wantMarks(ctx, "found in order by a newer one", made)

		// The older one refuses to write, and reads.
		r.account.Forget()
		for what, err := range map[string]error{"create": create(ctx, r.running("v1.3.0"), s), "destroy": destroy(ctx, r.running("v1.3.0"), "ACME", false), "a candidate": create(ctx, r.running("v1.4.0-rc.1"), s)} {
			if !refusedFor(err, "v1.4.0") {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := r.running("v1.3.0").Admit(ctx, "ACME", region); !refusedFor(err, "v1.4.0") {
			t.Errorf("admitted: %v", err)
		}
		if got := r.wrote(); len(got) > 0 {
			t.Errorf("an older release called %v", got)
		}
		if p := plan(ctx, t, r.running("v1.3.0"), s); !p.Settled() || len(p.Marks()) != 3 {
			t.Errorf("an older release plans %v, and sees %v", p.Changes(), p.Marks())
		}
		// What is not that client's can be changed by it all the same.
		other := client(t, "GLOBEX")
		other.VPN = spec.VPN{}
		must(create(ctx, r.running("v1.3.0"), other))
		must(destroy(ctx, r.running("v1.3.0"), "GLOBEX", true))
	})
}

func TestVersionGoesBeforeWhatItChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s, larger := plainSpec(t, ""), plainSpec(t, "hosts: {max: 7}\n")
		if err := create(ctx, r.running("v1.3.0"), s); err != nil {
			t.Fatal(err)
		}
		// Killed after its first change, the newer release has left its mark, and no sum of what it
		// has not applied.
		r.killAt(1, true)
		if err := create(ctx, r.running("v1.4.0"), larger); err == nil {
			t.Fatal("nobody was killed")
		}
		r.revive()
		r.wantMarks(ctx, "killed", map[string]string{ofAccount: "v1.3.0", ofRegion: "v1.3.0", ofClient: "v1.4.0", ofSpec: s.Sum()})
		if err := create(ctx, r.running("v1.3.0"), s); !refusedFor(err, "v1.4.0") {
			t.Errorf("an older release goes on: %v", err)
		}
		if err := create(ctx, r.running("v1.4.0"), larger); err != nil {
			t.Fatal(err)
		}
		r.wantMarks(ctx, "gone on with", map[string]string{ofAccount: "v1.3.0", ofRegion: "v1.3.0", ofClient: "v1.4.0", ofSpec: larger.Sum()})
		r.wantNoChange(ctx, larger)
	})
}

func TestVersionByHandIsUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s, larger := plainSpec(t, ""), plainSpec(t, "hosts: {max: 7}\n")
		if err := create(ctx, r.running("v1.3.0"), s); err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]*string{"gone": nil, "garbled": aws.String("latest"), "of a commit": aws.String("v9.9.9-3-g1a2b3c4")} {
			r.setTag(ctx, provision.TagVersion, value)
			p := plan(ctx, t, r.running("v1.3.0"), s)
			if i := slices.IndexFunc(p.Marks(), func(m provision.Mark) bool { return m.Scope.Level == provision.ClientLevel }); i < 0 || p.Marks()[i].Version != "" || p.Marks()[i].Told != aws.ToString(value) || !p.Settled() {
				t.Errorf("%s: %v, %v", name, p.Marks(), p.Changes())
			}
			for _, wanted := range []*spec.Spec{larger, s} {
				if err := create(ctx, r.running("v1.3.0"), wanted); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				r.wantMarks(ctx, name, map[string]string{ofAccount: "v1.3.0", ofRegion: "v1.3.0", ofClient: "v1.3.0", ofSpec: wanted.Sum()})
			}
		}
	})
}

func TestGoingBackIsAllowedByName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s := plainSpec(t, "")
		if err := create(ctx, r.running("v1.5.0"), s); err != nil {
			t.Fatal(err)
		}
		back := func(allowed string) *cloud.Operator {
			return operator(t, r.account, cloud.Config{Version: "v1.4.0", Guarded: true, AllowDowngrade: allowed})
		}
		r.account.Forget()
		for _, allowed := range []string{"", "v1.4.9", "v1.5.0-rc.1"} {
			if err := create(ctx, back(allowed), s); !refusedFor(err, "v1.5.0") {
				t.Errorf("allowed from %q: %v", allowed, err)
			}
		}
		if got := r.wrote(); len(got) > 0 {
			t.Errorf("refused, it called %v", got)
		}
		if err := create(ctx, back("v1.5.0"), s); err != nil {
			t.Fatal(err)
		}
		r.wantMarks(ctx, "back", map[string]string{ofAccount: "v1.4.0", ofRegion: "v1.4.0", ofClient: "v1.4.0", ofSpec: s.Sum()})
		if err := create(ctx, r.running("v1.4.0"), s); err != nil {
			t.Errorf("once it is back, nothing has to be allowed: %v", err)
		}
	})
}

func TestNewerVersionBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s, larger := plainSpec(t, ""), plainSpec(t, "hosts: {max: 7}\n")
		if err := create(ctx, r.running("v1.3.0"), s); err != nil {
			t.Fatal(err)
		}
		run, err := r.running("v1.3.0").Build(ctx, larger)
		if err != nil {
			t.Fatal(err)
		}
		shown, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		direct := r.running("v1.3.0")
		if _, err := direct.Admit(ctx, "ACME", region); err != nil {
			t.Fatal(err)
		}
		if err := create(ctx, r.running("v1.4.0"), s); err != nil { // while somebody thinks about it
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		r.account.Forget()
		if _, err := run.Apply(ctx, shown, nil, nil); !refusedFor(err, "v1.4.0") {
			t.Errorf("applied: %v", err)
		}
		_, err = direct.Factory.Set(region).EC2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.99.0.0/16")})
		if !refusedFor(err, "v1.4.0") {
			t.Errorf("changed without a plan: %v", err)
		}
		if got := r.wrote(); len(got) > 0 {
			t.Errorf("it called %v", got)
		}
	})
}

// Whoever changes something without having asked is held back, whatever it is.
func TestNothingIsChangedUnasked(t *testing.T) {
	t.Parallel()
	ctx, r := t.Context(), newRig(t, sandbox.Options{})
	for _, version := range []string{"v1.3.0", ""} {
		_, err := r.running(version).Factory.Set(region).EC2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.99.0.0/16")})
		if err == nil || !strings.Contains(err.Error(), "cloud.Operator.Admit") {
			t.Errorf("%q: %v", version, err)
		}
	}
	if got := r.wrote(); len(got) > 0 {
		t.Errorf("called %v", got)
	}
}

// Who last applied what is read with what a plan reads anyway.
func TestVersionsCostNoCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{PageSize: 100, Looks: -1, Lag: -1})
		ctx, s := t.Context(), plainSpec(t, "")
		if err := create(ctx, r.running("v1.3.0"), s); err != nil {
			t.Fatal(err)
		}
		calls := func(version string) int {
			r.account.Forget()
			plan(ctx, t, r.running(version), s)
			return len(r.account.Calls())
		}
		if with, without := calls("v1.4.0"), calls(""); with != without {
			t.Errorf("a plan takes %d calls, and %d where versions are not compared", with, without)
		}
	})
}

// A pipeline's role may not see subnets, and is not asked to: a refused call would ring an alarm.
func TestPipelinesAreNotAskedForVersions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 100, Looks: -1, Lag: -1})
		if err := create(ctx, r.running("v1.5.0"), plainSpec(t, "")); err != nil {
			t.Fatal(err)
		}
		for role, asked := range map[string]bool{"acme-app-deploy": false, "acme-deploy": true, "globex-app-deploy": true, "operator": true} {
			o, _ := r.as(ctx, role, cloud.Config{Version: "v1.4.0", Guarded: true}, allOfAWS)
			r.account.Forget()
			_, err := o.Admit(ctx, "ACME", region)
			if calls := len(r.account.Calls()); refusedFor(err, "v1.5.0") != asked || (calls > 0) != asked || !asked && err != nil {
				t.Errorf("%s: %d calls, %v", role, calls, err)
			}
			r.account.OnCall(nil)
		}
	})
}
