package conformance

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// subnetZones are the zones of a region's subnets, by their client and role.
func (r *rig) subnetZones(ctx context.Context, t *testing.T) map[string]string {
	t.Helper()
	out, err := r.Factory.Set(region).EC2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{{Name: aws.String("tag:" + provision.TagManagedBy), Values: []string{provision.ManagedBy}}}})
	if err != nil {
		t.Fatal(err)
	}
	zones := map[string]string{}
	for _, s := range out.Subnets {
		zones[cloud.Tag(s.Tags, provision.TagClient)+"/"+cloud.Tag(s.Tags, provision.TagRole)] = aws.ToString(s.AvailabilityZoneId)
	}
	return zones
}

// What AWS does to the zones of a region changes nothing of what is there, and stops nothing
// but what needs the zone.
func TestZonesAreThoseThatSubnetsAreIn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zone, id string
		state    ec2types.AvailabilityZoneState
		trouble  bool
	}{
		"a zone that sorts lower comes": {"eu-west-3d", "euw3-az0", ec2types.AvailabilityZoneStateAvailable, false},
		"a zone is impaired":            {"eu-west-3b", "euw3-az2", ec2types.AvailabilityZoneStateImpaired, true},
		"a zone is unavailable":         {"eu-west-3c", "euw3-az3", ec2types.AvailabilityZoneStateUnavailable, true},
		"a zone has a message":          {"eu-west-3c", "euw3-az3", ec2types.AvailabilityZoneStateInformation, false},
		"a zone takes nothing more":     {"eu-west-3b", "euw3-az2", ec2types.AvailabilityZoneStateConstrained, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				if err := r.account.PutAvailabilityZone(region, c.zone, c.id, c.state); err != nil {
					t.Fatal(err)
				}
				r.wantNoChange(ctx, acme(t))
				if a := r.examine(t, acme(t)); len(a.Findings) > 0 || len(a.NotAudited) > 0 {
					t.Errorf("audit: findings %v, not audited %v", a.Findings, a.NotAudited)
				}
				h, err := account.Diagnose(ctx, r.Operator, region)
				if err != nil && !c.trouble {
					t.Errorf("doctor: %v", err)
				}
				if told := slices.ContainsFunc(h.Zones, func(z provision.Zone) bool { return z.ID == c.id && z.State == string(c.state) }); told != c.trouble {
					t.Errorf("doctor tells of %v", h.Zones)
				}
				err = create(ctx, operator(t, r.account, cloud.Config{}), client(t, "GLOBEX"))
				if !c.trouble {
					if err != nil {
						t.Errorf("another client: %v", err)
					}
				} else if err == nil || !strings.Contains(err.Error(), c.zone+" ("+c.id+") "+string(c.state)) {
					t.Errorf("another client: %v, want the zone named", err)
				}
				for role, id := range r.subnetZones(ctx, t) {
					if letter := role[len(role)-1]; id != "euw3-az"+string(letter-'a'+'1') {
						t.Errorf("subnet %s is in %s", role, id)
					}
					if c.trouble && strings.HasPrefix(role, "GLOBEX/") && id == c.id {
						t.Errorf("subnet %s was made in %s", role, id)
					}
				}
				// Once AWS is well again, the same command brings the client to its end.
				if err := r.account.PutAvailabilityZone(region, c.zone, c.id, ec2types.AvailabilityZoneStateAvailable); err != nil {
					t.Fatal(err)
				}
				if err := create(ctx, operator(t, r.account, cloud.Config{}), client(t, "GLOBEX")); err != nil {
					t.Errorf("another client, later: %v", err)
				}
				r.wantNoChange(ctx, client(t, "GLOBEX"))
			})
		})
	}
}

// What an existing client gets anew in a zone in trouble waits, and the rest is done.
func TestWhatIsNewInAnImpairedZoneWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		one := func(s *spec.Spec) *spec.Spec { s.Database.Instances = 1; return s }
		if err := create(ctx, r.Operator, one(acme(t))); err != nil {
			t.Fatal(err)
		}
		if err := r.account.PutAvailabilityZone(region, "eu-west-3b", "euw3-az2", ec2types.AvailabilityZoneStateImpaired); err != nil {
			t.Fatal(err)
		}
		more := acme(t)
		more.Alarms.Email = append(more.Alarms.Email, "second@shop.example")
		p := plan(ctx, t, r.Operator, more)
		blocked := map[string]string{}
		for _, c := range p.Changes() {
			if c.Op == provision.OpBlocked {
				blocked[c.Kind+" "+c.Role] = c.Why
			}
		}
		if why := blocked["rds/instance 2"]; len(blocked) != 1 || !strings.Contains(why, "eu-west-3b (euw3-az2) impaired") {
			t.Errorf("blocked: %v", blocked)
		}
		if p.Mutations() == 0 || p.Stopped() != nil {
			t.Errorf("the rest of the plan is not carried out: %v", p.Stopped())
		}
	})
}

// Where there is nothing yet, the three lowest zones that are available are taken.
func TestANewRegionTakesItsLowestZones(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		for id, state := range map[string]ec2types.AvailabilityZoneState{"euw3-az0": ec2types.AvailabilityZoneStateAvailable, "euw3-az2": ec2types.AvailabilityZoneStateImpaired} {
			name := map[string]string{"euw3-az0": "eu-west-3d", "euw3-az2": "eu-west-3b"}[id]
			if err := r.account.PutAvailabilityZone(region, name, id, state); err != nil {
				t.Fatal(err)
			}
		}
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		got := r.subnetZones(ctx, t)
		for role, want := range map[string]string{"/edge-a": "euw3-az0", "/edge-b": "euw3-az1", "/edge-c": "euw3-az3", "ACME/a": "euw3-az0", "ACME/c": "euw3-az3"} {
			if got[role] != want {
				t.Errorf("%s is in %s, want %s", role, got[role], want)
			}
		}
		// The one that comes back later sorts between them, and moves nothing.
		if err := r.account.PutAvailabilityZone(region, "eu-west-3b", "euw3-az2", ec2types.AvailabilityZoneStateAvailable); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, acme(t))
	})
}
