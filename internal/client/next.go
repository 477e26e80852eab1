package client

import (
	"slices"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// image is what was deployed of a service in an environment, or "".
func (c *Client) image(app, service string, env spec.Env) string {
	if image := c.Fact("ecs/service", rules.ServiceName(app, service, env), rules.FactImage); image != rules.NoDeploy {
		return image
	}
	return ""
}

// hasUsers reports whether somebody may send files to a service: always where it takes none.
func (c *Client) hasUsers(app, service string, env spec.Env) bool {
	return !c.Empty("secretsmanager/secret", rules.ServiceName(app, service, env)+"-"+rules.PeopleSecret)
}

// withoutCertificate are the users of the VPN whom nobody has given a certificate yet.
func withoutCertificate(s *spec.Spec, c *Client) []string {
	if s.VPN.OpenVPN == nil {
		return nil
	}
	for _, h := range c.Resources {
		if endpoint, ok := h.Object.(interface{ Holders() []string }); ok {
			holders := endpoint.Holders()
			return slices.DeleteFunc(slices.Clone(s.VPN.OpenVPN.Users), func(person string) bool { return slices.Contains(holders, person) })
		}
	}
	return nil
}
