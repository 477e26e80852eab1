package vpn

import (
	"context"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// open opens the account of a client and tells where the client is. The site must be in
// its spec, if it has one.
func open(ctx context.Context, a *session.Session, name, site, region, file string) (*cloud.Operator, string, error) {
	op, at, err := session.Locate(ctx, a, name, region, file)
	if err != nil {
		return nil, "", err
	}
	if at.Spec != nil {
		if _, err := siteOf(at.Spec, site); err != nil {
			return nil, "", err
		}
	}
	return op, at.Region, nil
}

// siteOf is a site of the spec.
func siteOf(s *spec.Spec, name string) (spec.Site, error) {
	sites := s.VPN.Sites()
	if i := slices.IndexFunc(sites, func(site spec.Site) bool { return site.Name == name }); i >= 0 {
		return sites[i], nil
	}
	if len(sites) == 0 {
		return spec.Site{}, session.Usagef(lang.Sprintf("add it to vpn.ipsec.sites and run cicdctl client create %s", s.Client), "SITE: the spec of %s has no sites", s.Client)
	}
	names := make([]string, len(sites))
	for i, site := range sites {
		names[i] = site.Name
	}
	return spec.Site{}, session.Usagef(lang.Sprintf("its spec has %s", strings.Join(names, ", ")), "SITE: %q is no site of %s", name, s.Client)
}
