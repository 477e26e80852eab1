package client

import (
	"net/netip"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/report/reporttest"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func acme() Client {
	subnet := func(id, cidr, zone, zoneID string) cloud.Subnet {
		return cloud.Subnet{ID: id, CIDR: netip.MustParsePrefix(cidr), Zone: zone, ZoneID: zoneID}
	}
	fact := func(name, value string) []provision.Fact { return []provision.Fact{{Name: name, Value: value}} }
	return Client{
		Client: "ACME", Region: "eu-west-3", City: "Paris", Slot: 1, State: report.OnAWS, Differs: "cicdctl client plan ACME", Spec: "clients/acme.yaml",
		Subnets: []cloud.Subnet{
			subnet("subnet-1", "10.20.24.0/21", "eu-west-3a", "euw3-az1"), subnet("subnet-2", "10.20.32.0/21", "eu-west-3b", "euw3-az2"),
			subnet("subnet-3", "10.20.40.0/21", "eu-west-3c", "euw3-az3"),
		},
		Resources: []provision.Held{
			{Kind: "ec2/elastic-ip", Scope: provision.ScopeRef{Level: provision.RegionLevel, Name: "eu-west-3"}, Role: "nat-a", ID: "eipalloc-1", State: "ready", Facts: fact("address", "192.0.2.1")},
			{Kind: "ec2/security-group", Scope: provision.ScopeRef{Level: provision.ClientLevel, Name: "ACME"}, Role: "hosts", ID: "sg-1", State: "ready"},
			{Kind: "ec2/subnet", Scope: provision.ScopeRef{Level: provision.ClientLevel, Name: "ACME"}, Role: "a", ID: "subnet-1", State: "ready", Facts: append(fact("CIDR", "10.20.24.0/21"), provision.Fact{Name: "zone", Value: "eu-west-3a"})},
			{Kind: "ec2/subnet", Scope: provision.ScopeRef{Level: provision.RegionLevel, Name: "eu-west-3"}, Role: "edge-a", ID: "subnet-9", State: "ready", Facts: append(fact("CIDR", "10.20.240.0/22"), provision.Fact{Name: "zone", Value: "eu-west-3a"})},
			{Kind: "ec2/security-group", Scope: provision.ScopeRef{Level: provision.ClientLevel, Name: "ACME"}, Role: "shop-web", ID: "sg-2", State: "ready"},
			{Kind: "elb/load-balancer", Scope: provision.ScopeRef{Level: provision.ClientLevel, Name: "ACME"}, Role: "web", ID: "arn:1", State: "pending", Facts: fact("DNS name", "acme-web-1.eu-west-3.elb.amazonaws.com")},
			{Kind: "rds/cluster", Scope: provision.ScopeRef{Level: provision.ClientLevel, Name: "ACME"}, Role: "database", ID: "acme", State: "ready", Facts: append(fact("writer", "acme.cluster-x.rds.amazonaws.com"), provision.Fact{Name: "reader", Value: "acme.cluster-ro-x.rds.amazonaws.com"}, provision.Fact{Name: "port", Value: "5432"}, provision.Fact{Name: "engine", Value: "aurora-postgresql 16.11"})},
			{Kind: "rds/instance", Scope: provision.ScopeRef{Level: provision.ClientLevel, Name: "ACME"}, Role: "1", ID: "acme-1", State: "failed"},
		},
		Next: []string{"cicdctl client plan ACME"},
	}
}

func TestClient(t *testing.T) {
	show := map[string]func(*report.Printer) error{
		"show": func(p *report.Printer) error { return showClient(p, acme()) },
		"not-created": func(p *report.Printer) error {
			return showClient(p, Client{Client: "NEWCO", Region: "eu-west-1", City: "Ireland", Slot: -1, State: string(report.NotCreated), Next: []string{"cicdctl client create NEWCO --region eu-west-1"}})
		},
		"list": func(p *report.Printer) error {
			return showList(p, Clients{Clients: []Listed{
				{Client: cloud.Client{Name: "ACME", Region: "eu-west-3", Slot: 1, Subnets: acme().Subnets}, State: report.OnAWS},
				{Client: cloud.Client{Name: "NEWCO", Region: "eu-west-1", Slot: -1}, Spec: "clients/newco.yaml", State: string(report.NotCreated)},
			}}, false)
		},
		"accounts": func(p *report.Printer) error {
			return showList(p, Clients{[]Listed{
				{Client: cloud.Client{Name: "ACME", Region: "eu-west-3", Slot: 1, Subnets: acme().Subnets}, State: report.OnAWS},
				{Client: cloud.Client{Name: "NEWCO", Region: "eu-west-1", Slot: -1}, Account: "production", Spec: "clients/newco.yaml", State: string(report.NotCreated)},
				{Client: cloud.Client{Name: "NOVA", Region: "eu-west-1", Slot: -1}, Account: "staging", Spec: "clients/nova.yaml", State: report.NotKnown},
			}, []session.Failure{{Account: "staging", Why: "it is shut", Fix: "open it"}}}, true)
		},
		"no-clients": func(p *report.Printer) error { return showList(p, Clients{}, false) },
		"specs": func(p *report.Printer) error {
			return showSpecFiles(p, []SpecFile{{File: "acme.yaml", OK: true, Client: "ACME", Region: "eu-west-3", Warnings: []string{"a close fit"}}, {File: "b.yaml", Problems: []Problem{{2, 9, "region", "bad"}}, Text: "b.yaml:2:9: region: bad"}})
		},
	}
	reporttest.Variants(t, show)
}
