package conformance

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/vpn"
)

// rotation is one of both tunnels of ACME's only site.
func rotation() *vpn.Rotation {
	return &vpn.Rotation{Client: "ACME", Region: region, Site: "office", Tunnels: []vpn.Rotated{{Number: 1}, {Number: 2}}}
}

// The second tunnel gets its key only once the first is up with its own.
func TestKeysAreRotatedOneTunnelAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: 3})
		acme := sited(t, "ACME", "198.51.100.10", "192.168.10.0/24")
		if err := create(ctx, r.Operator, acme); err != nil {
			t.Fatal(err)
		}
		r.tunnels(func(_ int, _, measured object) { turn(measured, "UP") })
		tunnels, at := r.modified()
		var told []int
		all := rotation()
		if err := vpn.RotateTunnels(ctx, r.Operator, all, true, func(tunnel int) { told = append(told, tunnel) }); err != nil {
			t.Fatal(err)
		}
		r.revive()
		if len(*tunnels) != 2 || (*tunnels)[0] == (*tunnels)[1] || !slices.Equal(told, []int{1, 2}) {
			t.Fatalf("tunnels %v were changed and %v waited for, want each once", *tunnels, told)
		}
		for _, g := range r.connection().VgwTelemetry {
			if g.Status != ec2types.TelemetryStatusUp {
				t.Errorf("tunnel %s is %s", *g.OutsideIpAddress, g.Status)
			}
			if *g.OutsideIpAddress == (*tunnels)[0] && (g.LastStatusChange.Before((*at)[0]) || g.LastStatusChange.After((*at)[1])) {
				t.Errorf("the keys were changed at %s and %s, and the first tunnel was up again at %s", (*at)[0], (*at)[1], *g.LastStatusChange)
			}
		}
		if want := []vpn.Rotated{{Number: 1, Changed: true, Up: true}, {Number: 2, Changed: true, Up: true}}; !slices.Equal(all.Tunnels, want) {
			t.Errorf("it is said that %+v", all.Tunnels)
		}
		r.wantNoChange(ctx, acme)
	})
}

// As long as nobody sets the site's device up, the other tunnel stays as it is, also when AWS
// goes on telling that the changed one is up.
func TestTheOtherTunnelWaitsForTheSite(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"UP", "DOWN"} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
			if err := create(t.Context(), r.Operator, sited(t, "ACME", "198.51.100.10", "192.168.10.0/24")); err != nil {
				t.Fatal(err)
			}
			r.tunnels(func(_ int, _, measured object) { turn(measured, "UP") })
			before := r.connection().VgwTelemetry
			tunnels, _ := r.modified()
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			all := rotation()
			err := vpn.RotateTunnels(ctx, r.Operator, all, true, func(int) {
				r.tunnels(func(n int, options, measured object) {
					if options["OutsideIpAddress"] == (*tunnels)[0] {
						measured["Status"], measured["LastStatusChange"] = status, before[n].LastStatusChange
					}
				})
			})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v, want that it was waited for in vain", status, err)
			}
			if len(*tunnels) != 1 || all.Tunnels[0] != (vpn.Rotated{Number: 1, Changed: true}) || all.Tunnels[1] != (vpn.Rotated{Number: 2}) {
				t.Errorf("%s: tunnels %v were changed, and it is said that %+v", status, *tunnels, all.Tunnels)
			}
		})
	}
}
