package vpn

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/session"
)

// StatusOptions are those of the vpn status command.
type StatusOptions struct{ Name, Region, Spec string }

// Status is how the VPNs of a client are. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3",
//	 "sites": [{"site": "paris-office", "id": "vpn-…", "state": "available", "routes": ["192.168.10.0/24"],
//	            "tunnels": [{"number": 1, "outside": "203.0.113.1", "inside": "169.254.8.0/30", "up": true,
//	                         "since": "2026-11-30T10:00:00Z", "message": "…"}, …]}],
//	 "next": ["…"]}
type Status struct {
	Client string       `json:"client"`
	Region string       `json:"region"`
	Sites  []Connection `json:"sites"`
	Next   []string     `json:"next"`
}

// Look shows how the VPNs of a client are.
func Look(ctx context.Context, a *session.Session, o StatusOptions) error {
	op, at, err := session.Locate(ctx, a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	s := Status{Client: o.Name, Region: at.Region}
	if s.Sites, err = connections(ctx, op, o.Name, at.Region); err != nil {
		return err
	}
	for _, c := range s.Sites {
		if len(c.Tunnels) == 2 && !c.Tunnels[0].Up && !c.Tunnels[1].Up {
			s.Next = append(s.Next, a.Next("vpn config %s %s --format strongswan", o.Name, c.Site))
		}
	}
	if at.Spec != nil && len(s.Sites) < len(at.Spec.VPN.Sites()) {
		s.Next = append(s.Next, a.Next("client create %s", o.Name))
	}
	return showStatus(a.Print, s)
}
