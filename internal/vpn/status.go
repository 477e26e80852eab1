package vpn

import (
	"context"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// StatusOptions are those of the vpn status command.
type StatusOptions struct{ Name, Region, Spec string }

// Status is how the VPNs of a client are. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3",
//	 "sites": [{"site": "paris-office", "id": "vpn-…", "state": "available", "routes": ["192.168.10.0/24"],
//	            "tunnels": [{"number": 1, "outside": "203.0.113.1", "inside": "169.254.8.0/30", "up": true,
//	                         "since": "2026-11-30T10:00:00Z", "message": "…"}, …]}],
//	 "openvpn": {"endpoint": "cvpn-endpoint-…", "list_until": "…", "users": 2, "sessions": 1},
//	 "missing": {"sites": ["lyon"], "openvpn": false}, "next": ["…"]}
type Status struct {
	Client string       `json:"client"`
	Region string       `json:"region"`
	Sites  []Connection `json:"sites"`
	Open   *OpenVPN     `json:"openvpn,omitempty"`
	// Missing is what the spec has and AWS does not have yet.
	Missing Missing  `json:"missing"`
	Next    []string `json:"next"`
}

// Missing is what client create would make.
type Missing struct {
	Sites   []string `json:"sites"`
	OpenVPN bool     `json:"openvpn"`
}

// OpenVPN is how the endpoint of a client's people is.
type OpenVPN struct {
	Endpoint  string     `json:"endpoint"`
	ListUntil *time.Time `json:"list_until,omitempty"` // end of the revocation list; nil without one
	Users     int        `json:"users"`                // with a valid certificate
	Sessions  int        `json:"sessions"`
}

// openVPN looks at a client's endpoint; nil without one.
func openVPN(ctx context.Context, op *cloud.Operator, client, region string, s *spec.Spec) (*OpenVPN, error) {
	e, err := findEndpoint(ctx, op, client, region, s)
	if err != nil || e.id == "" {
		return nil, err
	}
	o := &OpenVPN{Endpoint: e.id}
	users, err := e.users(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		if u.State == string(pki.StateIssued) {
			o.Users++
		}
	}
	authority, err := e.authority(ctx)
	if err != nil {
		return nil, err
	}
	list, err := e.list(ctx, authority, time.Now())
	if err != nil {
		return nil, err
	}
	if list != nil {
		o.ListUntil = &list.NextUpdate
	}
	open, err := e.sessions(ctx)
	o.Sessions = len(open)
	return o, err
}

// missing compares what is there with a spec, which may be nil.
func missing(want *spec.Spec, have Status) (m Missing) {
	if want == nil {
		return m
	}
	for _, site := range want.VPN.Sites() {
		if !slices.ContainsFunc(have.Sites, func(c Connection) bool { return c.Site == site.Name }) {
			m.Sites = append(m.Sites, site.Name)
		}
	}
	m.OpenVPN = want.VPN.OpenVPN != nil && have.Open == nil
	return m
}

// Look shows how the VPNs of a client are.
func Look(ctx context.Context, a *session.Session, o StatusOptions) error {
	op, at, err := session.Locate(ctx, a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	s := Status{Client: o.Name, Region: at.Region, Next: []string{}}
	if s.Sites, err = connections(ctx, op, o.Name, at.Region); err != nil {
		return err
	}
	if s.Open, err = openVPN(ctx, op, o.Name, at.Region, at.Spec); err != nil {
		return err
	}
	for _, c := range s.Sites {
		if len(c.Tunnels) == 2 && !c.Tunnels[0].Up && !c.Tunnels[1].Up {
			s.Next = append(s.Next, a.Next("vpn config %s %s --format strongswan", o.Name, c.Site))
		}
	}
	s.Missing = missing(at.Spec, s)
	if len(s.Missing.Sites) > 0 || s.Missing.OpenVPN {
		s.Next = append(s.Next, a.Next("client create %s", o.Name))
	}
	return showStatus(a.Print, s)
}
