package client

import (
	"slices"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// endpoint stands for a Client VPN endpoint and the people who have certificates for it.
type endpoint []string

func (e endpoint) Holders() []string { return e }

// TestWhatIsDoneIsNoNextStep goes an operator's way: each step disappears with what was done.
func TestWhatIsDoneIsNoNextStep(t *testing.T) {
	s, err := spec.Parse("acme.yaml", []byte(`client: ACME
region: eu-west-3
apps:
  - name: shop
    services:
      - {name: web, runtime: nodejs, domains: {prod: shop.example}}
      - {name: files, runtime: mysecureshell}
alarms: {email: [ops@example.com]}
vpn: {openvpn: {users: [alice, bob]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	c := &Client{Client: "ACME", State: report.OnAWS}
	held := func(kind, role string, object any, empty bool, facts ...string) {
		h := provision.Held{Kind: kind, Role: role, ID: role, Object: object, Empty: empty}
		for i := 0; i+1 < len(facts); i += 2 {
			h.Facts = append(h.Facts, provision.Fact{Name: facts[i], Value: facts[i+1]})
		}
		c.Resources = slices.DeleteFunc(c.Resources, func(old provision.Held) bool { return old.Kind == kind && old.Role == role })
		c.Resources = append(c.Resources, h)
	}
	image := func(service string, env spec.Env, image string) {
		held("ecs/service", rules.ServiceName("shop", service, env), nil, false, rules.FactImage, image)
	}
	users := func(env spec.Env, empty bool) {
		held("secretsmanager/secret", rules.ServiceName("shop", "files", env)+"-"+rules.PeopleSecret, nil, empty)
	}
	for _, env := range spec.Envs() {
		image("web", env, rules.NoDeploy)
		image("files", env, rules.NoDeploy)
		users(env, true)
	}
	held("sns/topic", "alarms", nil, false, rules.FactUnconfirmed, "ops@example.com")
	held("ec2/client-vpn-endpoint", "vpn", endpoint{}, false)

	a := &session.Session{Print: report.New(nil, nil, nil)}
	for _, each := range []struct {
		name        string
		do          func()
		gone, there []string
	}{
		{"a client that was just created", func() {}, nil, []string{
			"sent to ops@example.com", "push the image of shop/web", "cicdctl deploy ACME shop/web --env preview --image TAG", "set the users of shop/files (prod)",
			"give the users of shop/files (prod) its address", "cicdctl vpn user add ACME alice", "cicdctl vpn user add ACME bob",
		}},
		{"the address is confirmed", func() { held("sns/topic", "alarms", nil, false, rules.FactUnconfirmed, "") }, []string{"ops@example.com"}, nil},
		{"one has a certificate", func() { held("ec2/client-vpn-endpoint", "vpn", endpoint{"alice"}, false) }, []string{"vpn user add ACME alice"}, []string{"vpn user add ACME bob"}},
		{"an image is in preview", func() { image("web", spec.Preview, "v1") }, []string{"push the image of shop/web", "--image TAG shop/web"}, []string{"cicdctl deploy ACME shop/web --env prod --image v1"}},
		{"it is in production", func() { image("web", spec.Prod, "v1") }, []string{"deploy ACME shop/web"}, []string{"push the image of shop/files"}},
		{"users are set", func() { users(spec.Prod, false) }, []string{"set the users of shop/files (prod)"}, []string{"set the users of shop/files (preview)", "give the users of shop/files (prod) its address"}},
		{"the file server is deployed", func() { image("files", spec.Prod, "v1") }, []string{"give the users of shop/files (prod) its address", "push the image of shop/files"}, []string{"give the users of shop/files (preview) its address"}},
	} {
		each.do()
		steps := strings.Join(nextSteps(a, s, c), "\n")
		for _, text := range each.gone {
			if strings.Contains(steps, text) {
				t.Errorf("%s, but a step is still %q:\n%s", each.name, text, steps)
			}
		}
		for _, text := range each.there {
			if !strings.Contains(steps, text) {
				t.Errorf("%s: no step is %q:\n%s", each.name, text, steps)
			}
		}
	}
	c.Resources = slices.DeleteFunc(c.Resources, func(h provision.Held) bool {
		return h.Kind == "ecs/service" && h.Role == rules.ServiceName("shop", "web", spec.Prod)
	})
	held("sns/topic", "alarms", nil, false, rules.FactUnconfirmed, "ops@example.com")
	if steps := nextSteps(a, s, c); len(steps) != 3 || !strings.Contains(steps[2], "ops@example.com") {
		t.Errorf("with a service that is not there the steps are %q", steps)
	}
}
