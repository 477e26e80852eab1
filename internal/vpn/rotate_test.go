package vpn

import (
	"slices"
	"testing"
)

// The tunnel that is down comes first: the other one carries the traffic.
func TestTurns(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		up   [2]bool
		o    RotateOptions
		want []Rotated
	}{
		"both are up":                {[2]bool{true, true}, RotateOptions{}, []Rotated{{Number: 1, Cuts: true}}},
		"both are down":              {[2]bool{}, RotateOptions{}, []Rotated{{Number: 1}}},
		"the second is down":         {[2]bool{true, false}, RotateOptions{}, []Rotated{{Number: 2}}},
		"the first is down":          {[2]bool{false, true}, RotateOptions{}, []Rotated{{Number: 1}}},
		"both after one another":     {[2]bool{true, true}, RotateOptions{Wait: true}, []Rotated{{Number: 1, Cuts: true}, {Number: 2, Cuts: true}}},
		"both, the second is down":   {[2]bool{true, false}, RotateOptions{Wait: true}, []Rotated{{Number: 2}, {Number: 1, Cuts: true}}},
		"one that is named":          {[2]bool{true, false}, RotateOptions{Tunnel: 1}, []Rotated{{Number: 1, Cuts: true}}},
		"one that is named, to wait": {[2]bool{true, true}, RotateOptions{Tunnel: 2, Wait: true}, []Rotated{{Number: 2, Cuts: true}}},
	} {
		connection := &Connection{Tunnels: []TunnelState{{Number: 1, Up: c.up[0]}, {Number: 2, Up: c.up[1]}}}
		if got := connection.turns(c.o); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", why, got, c.want)
		}
	}
}
