package conformance

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// sited is a client with the document's defaults and one site.
func sited(tb testing.TB, name, peer string, routes ...string) *spec.Spec {
	tb.Helper()
	s, err := spec.Default(name, region, rules.Checks(mustPlan(tb), "", time.Now()))
	if err != nil {
		tb.Fatal(err)
	}
	site := spec.Site{Name: "office", Peer: netip.MustParseAddr(peer), Initiate: spec.InitiateSite}
	for _, r := range routes {
		site.Routes = append(site.Routes, netip.MustParsePrefix(r))
	}
	s.VPN.IPsec = &spec.IPsec{Sites: []spec.Site{site}}
	return s
}

// connection is the only one that is there.
func (r *rig) connection() ec2types.VpnConnection {
	r.tb.Helper()
	out, err := r.Factory.Set(region).EC2.DescribeVpnConnections(r.tb.Context(), &ec2.DescribeVpnConnectionsInput{})
	if err != nil {
		r.tb.Fatal(err)
	}
	live := slices.DeleteFunc(out.VpnConnections, func(v ec2types.VpnConnection) bool { return v.State == ec2types.VpnStateDeleted })
	if len(live) != 1 {
		r.tb.Fatalf("%d connections, want one", len(live))
	}
	return live[0]
}

// tunnels changes what AWS holds and measures of the only connection's tunnels.
func (r *rig) tunnels(change func(n int, options, measured object)) {
	r.tb.Helper()
	tree := r.tree()
	v := strangers{tree, ""}.in("EC2")["VPNs"].([]any)[0].(object)["V"].(object)
	v["Back"] = nil // nobody sets a tunnel up but the test
	measured := v["VgwTelemetry"].([]any)
	for n, o := range v["Options"].(object)["TunnelOptions"].([]any) {
		change(n, o.(object), measured[n].(object))
	}
	r.restore(tree)
}

// turn sets the state of a tunnel as it has been for an hour.
func turn(measured object, status string) {
	measured["Status"], measured["LastStatusChange"] = status, time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
}

// modified are the calls that changed tunnels, and when.
func (r *rig) modified() (tunnels *[]string, at *[]time.Time) {
	tunnels, at = new([]string), new([]time.Time)
	r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
		if in, ok := c.Input.(*ec2.ModifyVpnTunnelOptionsInput); ok {
			*tunnels, *at = append(*tunnels, *in.VpnTunnelOutsideIpAddress), append(*at, time.Now())
		}
		return sandbox.Fault{}
	})
	return tunnels, at
}

// Weak algorithms on both tunnels are put right, first on one, and on the other only once
// the first is up again.
func TestTunnelsAreMendedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		acme := sited(t, "ACME", "198.51.100.10", "192.168.10.0/24")
		if err := create(ctx, r.Operator, acme); err != nil {
			t.Fatal(err)
		}
		r.tunnels(func(_ int, options, measured object) {
			turn(measured, "UP")
			options["Phase1DHGroupNumbers"] = nil // whatever AWS takes then
		})
		for _, c := range plan(ctx, t, r.Operator, acme).Changes() {
			if len(c.Diffs) != 2 || !strings.HasPrefix(c.Diffs[0].Have, "14\n15") || c.Diffs[0].Want != "20" || c.Diffs[1].Field != "tunnel 2 "+rules.TunnelGroups1 {
				t.Errorf("a plan shows %s", line(c))
			}
		}
		tunnels, at := r.modified()
		if err := create(ctx, r.Operator, acme); err != nil {
			t.Fatal(err)
		}
		r.revive()
		if len(*tunnels) != 2 || (*tunnels)[0] == (*tunnels)[1] {
			t.Fatalf("tunnels %v were changed, want each once", *tunnels)
		}
		for _, g := range r.connection().VgwTelemetry {
			if g.Status != ec2types.TelemetryStatusUp {
				t.Errorf("tunnel %s is %s", *g.OutsideIpAddress, g.Status)
			}
			if *g.OutsideIpAddress == (*tunnels)[0] && g.LastStatusChange.After((*at)[1]) {
				t.Errorf("the second tunnel was changed at %s, and the first was up again at %s only", (*at)[1], *g.LastStatusChange)
			}
		}
		r.wantNoChange(ctx, acme)
	})
}

// A tunnel that is the site's only way is not touched: the other one, which is down, is
// mended, and has to come up first.
func TestTheOnlyTunnelThatIsUpIsLeftAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		acme := sited(t, "ACME", "198.51.100.10", "192.168.10.0/24")
		if err := create(ctx, r.Operator, acme); err != nil {
			t.Fatal(err)
		}
		down := ""
		r.tunnels(func(n int, options, measured object) {
			options["ReplayWindowSize"] = 64
			if n == 0 {
				turn(measured, "UP")
				return
			}
			turn(measured, "DOWN")
			down = options["OutsideIpAddress"].(string)
		})
		tunnels, _ := r.modified()
		err := create(ctx, r.Operator, acme)
		if err == nil || !strings.Contains(err.Error(), "tunnel 2") || !strings.Contains(err.Error(), down) || !strings.Contains(err.Error(), "must come up before") {
			t.Errorf("create: %v, want that tunnel 2 must come up first", err)
		}
		if len(*tunnels) != 1 || (*tunnels)[0] != down {
			t.Errorf("tunnels %v were changed, want %s alone", *tunnels, down)
		}
		r.tunnels(func(_ int, _, measured object) { turn(measured, "UP") })
		if err := create(ctx, r.Operator, acme); err != nil {
			t.Fatal(err)
		}
		r.revive()
		r.wantNoChange(ctx, acme)
	})
}

// What AWS could not tell apart is refused before anything is changed, with both clients' names.
func TestSitesOfTwoClientsDoNotOverlap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, sited(t, "ACME", "198.51.100.10", "192.168.10.0/24")); err != nil {
			t.Fatal(err)
		}
		for why, c := range map[string]struct {
			globex *spec.Spec
			kind   string
			told   []string
		}{
			"a range within another": {sited(t, "GLOBEX", "198.51.100.20", "10.99.0.0/16", "192.168.10.128/25"), "ec2/vpn-connection", []string{"192.168.10.128/25", "192.168.10.0/24", "GLOBEX", "client ACME", "NAT"}},
			"the same gateway":       {sited(t, "GLOBEX", "198.51.100.10", "10.99.0.0/16"), "ec2/customer-gateway", []string{"198.51.100.10", "GLOBEX", "client ACME", "acme-office"}},
		} {
			r.account.Forget()
			err := create(ctx, operator(t, r.account, cloud.Config{}), c.globex)
			if err == nil || !strings.Contains(err.Error(), "refused: foreign "+c.kind) || slices.ContainsFunc(c.told, func(text string) bool { return !strings.Contains(err.Error(), text) }) {
				t.Errorf("%s: %v, want a refusal of %s with %q", why, err, c.kind, c.told)
			}
			if n := r.changes(); n > 0 {
				t.Errorf("%s: %d calls changed something", why, n)
			}
		}
	})
}

// A site with another gateway keeps its connection; one that is gone leaves nothing but the
// region's gateway, which goes with the region.
func TestASiteMovesAndGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, sited(t, "ACME", "198.51.100.10", "192.168.10.0/24")); err != nil {
			t.Fatal(err)
		}
		before := r.connection()
		moved := sited(t, "ACME", "198.51.100.11", "192.168.11.0/24")
		if err := create(ctx, r.Operator, moved); err != nil {
			t.Fatal(err)
		}
		after := r.connection()
		if *after.VpnConnectionId != *before.VpnConnectionId || *after.CustomerGatewayId == *before.CustomerGatewayId {
			t.Errorf("the connection was %s at %s and is %s at %s, want the same one at another gateway", *before.VpnConnectionId, *before.CustomerGatewayId, *after.VpnConnectionId, *after.CustomerGatewayId)
		}
		r.wantNoChange(ctx, moved)
		gone := sited(t, "ACME", "198.51.100.11")
		gone.VPN.IPsec = nil
		if err := create(ctx, r.Operator, gone); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, gone)
		held := r.inventory(ctx)
		for key := range held {
			if strings.HasPrefix(key, "ec2/customer-gateway") || strings.HasPrefix(key, "ec2/vpn-connection") {
				t.Errorf("left behind: %s", key)
			}
		}
		if held["ec2/vpn-gateway region  vpn"] != 1 {
			t.Error("the region's VPN gateway went with a client's site")
		}
	})
}

// Neither a plan nor an audit tells a key, wherever AWS keeps it, and the secret that AWS
// keeps them in is nobody's leftover.
func TestKeysOfTunnelsAreNotTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		acme := sited(t, "ACME", "198.51.100.10", "192.168.10.0/24")
		if err := create(ctx, r.Operator, acme); err != nil {
			t.Fatal(err)
		}
		if a, err := audit.Examine(ctx, r.Operator, audit.Examined{Specs: []*spec.Spec{acme}, Regions: []string{region}}); err != nil || len(a.Findings) > 0 {
			t.Errorf("an audit: %v, %+v", err, a.Findings)
		}
		tree := r.tree()
		v := strangers{tree, ""}.in("EC2")["VPNs"].([]any)[0].(object)["V"].(object)
		v["Storage"] = "Standard"
		r.restore(tree)
		key := *r.connection().Options.TunnelOptions[0].PreSharedKey
		if key == "REDACTED" || !strings.Contains(*r.connection().CustomerGatewayConfiguration, key) {
			t.Fatal("the sandbox tells no key")
		}
		run, err := r.Build(ctx, acme)
		if err != nil {
			t.Fatal(err)
		}
		inv := provision.Observe(ctx, r.Types, run.Request)
		for _, found := range inv.All("ec2/vpn-connection", region) {
			text, err := json.Marshal(found.Object)
			if err != nil || strings.Contains(string(text), key) {
				t.Errorf("what is known of %s has a key in it (%v)", found.ID, err)
			}
		}
		p, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got := fieldsOf(p); len(got) != 1 || got[0] != "ec2/vpn-connection pre-shared key storage" {
			t.Errorf("a plan shows %v, want the storage of the keys", got)
		}
		if err := create(ctx, r.Operator, acme); err != nil {
			t.Fatal(err)
		}
		if key := *r.connection().Options.TunnelOptions[0].PreSharedKey; key != "REDACTED" {
			t.Error("the keys are still told")
		}
	})
}
