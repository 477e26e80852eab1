package audit

import (
	"fmt"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// groupRules judge what several resources make together, names and tags.
func groupRules() []judge.Rule {
	return []judge.Rule{
		{
			ID: "RDS.15", Severity: high, Title: "A database runs in more than one availability zone", Why: docMA + "; RDS.15",
			Fix:   "set database.instances to 2 or more in the spec, then {client create}",
			Judge: spread,
			Pass:  databaseExample("eu-west-3a", "eu-west-3b"), Fail: databaseExample("eu-west-3a"),
		},
		{
			ID: "CICD-NET-15", Severity: high, Title: "A client has three subnets in three availability zones", Why: docVPC,
			Judge: triplet,
			Pass:  subnetExample("euw3-az1", "euw3-az2", "euw3-az3"), Fail: subnetExample("euw3-az1", "euw3-az2", "euw3-az2"),
		},
		{
			ID: "CICD-TAG-1", Severity: medium, Title: "Security groups carry the client's name in upper case and app-service in lower case",
			Why:   "document, Security group: tag name : client en majuscule, tag group name : app-service en minuscule",
			Judge: groupTags,
			Pass:  tagExample("ec2/security-group", map[string]string{"Name": "ACME", "GroupName": "shop-web"}),
			Fail:  tagExample("ec2/security-group", map[string]string{"Name": "acme", "GroupName": "shop-web"}),
		},
		{
			ID: "CICD-STATE-1", Severity: high, Title: "Nothing has failed on AWS's side", Why: "what has failed does not come back by itself",
			Fix: "see what AWS says of it; repair or delete it by hand, then {client create}",
			Judge: func(g *judge.Group) []judge.Verdict {
				var out []judge.Verdict
				for _, r := range g.Resources {
					if r.State == "failed" {
						out = append(out, judge.Verdict{Resource: r.String(), Is: "failed", Should: "ready"})
					}
				}
				return out
			},
			Pass: stateExample("ready"), Fail: stateExample("failed"),
		},
	}
}

// spread wants the instances of each database in more than one zone.
func spread(g *judge.Group) []judge.Verdict {
	zones := map[string]bool{}
	instances := g.Of("rds/instance")
	for _, i := range instances {
		if strings.ContainsFunc(i.Role, func(r rune) bool { return r < '0' || r > '9' }) {
			continue // of a restored copy
		}
		zone, _ := i.Have("availability zone")
		zones[zone] = true
	}
	if len(zones) > 1 || len(g.Of("rds/cluster")) == 0 || len(instances) == 0 {
		return nil // none yet is drift
	}
	return []judge.Verdict{{Resource: g.Of("rds/cluster")[0].String(), Is: lang.Sprintf("%d {instance|instances} in 1 zone", len(instances)), Should: "instances in 2 zones or more"}}
}

// triplet wants one subnet in each of three zones.
func triplet(g *judge.Group) []judge.Verdict {
	zones := map[string]bool{}
	subnets := g.Of("ec2/subnet")
	for _, s := range subnets {
		zone, _ := s.Have("zone")
		zones[zone] = true
	}
	if g.Client == "" || len(subnets) != 3 || len(zones) == 3 {
		return nil // a missing one is drift
	}
	ids := make([]string, len(subnets))
	for i, s := range subnets {
		ids[i] = s.ID
	}
	return []judge.Verdict{{Resource: "ec2/subnet " + strings.Join(ids, ", "), Is: lang.Sprintf("in %d {zone|zones}", len(zones)), Should: "in 3 zones"}}
}

var groupTag = lazyregexp.New(`^[a-z][a-z0-9-]*$`)

func groupTags(g *judge.Group) []judge.Verdict {
	var out []judge.Verdict
	for _, r := range g.Of("ec2/security-group") {
		if g.Client == "" {
			continue
		}
		if name := r.Tags["Name"]; name != g.Client {
			out = append(out, judge.Verdict{Resource: r.String(), Is: fmt.Sprintf("tag Name: %q", name), Should: g.Client})
		}
		if name := r.Tags["GroupName"]; !groupTag.MatchString(name) {
			out = append(out, judge.Verdict{Resource: r.String(), Is: fmt.Sprintf("tag GroupName: %q", name), Should: "app-service in lower case"})
		}
	}
	return out
}

func databaseExample(zones ...string) *judge.Group {
	g := &judge.Group{Client: "ACME", Resources: []*judge.Resource{{Kind: "rds/cluster", ID: "acme"}}}
	for i, zone := range zones {
		g.Resources = append(g.Resources, &judge.Resource{Kind: "rds/instance", Role: fmt.Sprint(i + 1), ID: fmt.Sprintf("acme-%d", i+1), Attributes: []judge.Attribute{{Name: "availability zone", Have: zone}}})
	}
	return g
}

func subnetExample(zones ...string) *judge.Group {
	g := &judge.Group{Client: "ACME"}
	for i, zone := range zones {
		g.Resources = append(g.Resources, &judge.Resource{Kind: "ec2/subnet", Role: string(rune('a' + i)), ID: fmt.Sprintf("subnet-%d", i), Attributes: []judge.Attribute{{Name: "zone", Have: zone}}})
	}
	return g
}

func tagExample(kind string, tags map[string]string) *judge.Group {
	return &judge.Group{Client: "ACME", Resources: []*judge.Resource{{Kind: kind, ID: "example", Client: "ACME", Tags: tags}}}
}

func stateExample(state string) *judge.Group {
	return &judge.Group{Client: "ACME", Resources: []*judge.Resource{{Kind: "rds/cluster", ID: "acme", State: state}}}
}
