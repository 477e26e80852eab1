package rules

import (
	"fmt"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

func TestSpecsThatAreRefused(t *testing.T) {
	many := "network:\n  allow:\n"
	for i := range 17 {
		many += fmt.Sprintf("    - {name: n%d, cidr: 198.51.100.%d, ports: 9100}\n", i, i)
	}
	// 26 services, each with two domains, and four rules for each of them.
	domains := "apps:\n  - name: shop\n    services:\n"
	for i := range 26 {
		domains += fmt.Sprintf("      - {name: s%d, runtime: apache, domains: {preview: p%d.shop.example, prod: s%d.shop.example}}\n", i, i, i)
	}
	for name, c := range map[string]struct{ text, want string }{
		"too many domains":             {"client: A\nregion: eu-west-3\n" + domains, "has 52 domains, each with a certificate of its own, and AWS allows a load balancer 26"},
		"too many rules with HTTPS":    {"client: A\nregion: eu-west-3\n" + domains, "needs 104 load balancer rules (two for each HTTP service, four where it has domains) and AWS allows 100"},
		"a domain that is too long":    {"client: A\nregion: eu-west-3\napps: [{name: a, services: [{name: b, runtime: apache, domains: {prod: " + strings.Repeat("long.", 12) + "example}}]}]\n", "has 67 characters and the name of a certificate at most 64"},
		"unknown region":               {"client: A\nregion: us-east-1\n", "2:9: region: region \"us-east-1\" is not one of eu-west-3 (Paris), eu-west-1 (Ireland), eu-central-1 (Frankfurt), eu-west-2 (London)"},
		"reserved client":              {"client: CICDCTL\nregion: eu-west-3\n", "1:9: client: \"CICDCTL\" is reserved"},
		"bucket name too long":         {"client: ABCDEFGHIJKLMNOPQRST\nregion: eu-central-1\napps: [{name: abcdefghijklmnopqrst, services: [{name: w, runtime: apache}]}]\n", "has 70 characters; AWS allows 63 (S3 user guide, \"General purpose bucket naming rules\"; account and region are part of the name); in eu-central-1, the names of client and app may have 33 characters together"},
		"bucket name kept by S3":       {"client: STHREE-2\nregion: eu-west-3\n", "1:9: client: \"STHREE-2\" may not start with STHREE: AWS refuses such names"},
		"app named like a role":        {"client: A\nregion: eu-west-3\napps: [{name: ecs-host, services: [{name: w, runtime: apache}]}]\n", "the hosts' role"},
		"app named like a preview":     {"client: A\nregion: eu-west-3\napps: [{name: shop, services: [{name: w, runtime: apache}]}, {name: shop-preview, services: [{name: w, runtime: apache, path: /x}]}]\n", "the name of that of shop's preview"},
		"app named like a pipeline":    {"client: A\nregion: eu-west-3\napps: [{name: shop, services: [{name: w, runtime: apache}]}, {name: shop-deploy, services: [{name: w, runtime: apache, path: /x}]}]\n", "the name of that of shop's pipeline"},
		"app named like a start":       {"client: A\nregion: eu-west-3\napps: [{name: shop, services: [{name: w, runtime: apache}]}, {name: shop-execution, services: [{name: w, runtime: apache, path: /x}]}]\n", "the name of that of shop's execution"},
		"two services, one name":       {"client: A\nregion: eu-west-3\napps: [{name: a-b, services: [{name: c, runtime: apache}]}, {name: a, services: [{name: b-c, runtime: nodejs, path: /x}]}]\n", "3:89: apps[1].services[0].name: b-c would have the same AWS names (\"a-b-c\") as a-b/c"},
		"two services, one route":      {"client: A\nregion: eu-west-3\napps: [{name: a, services: [{name: b, runtime: apache}, {name: c, runtime: nodejs}]}]\n", "has the same host and path (preview.*/*)"},
		"allow overlaps the pool":      {"client: A\nregion: eu-west-3\nnetwork: {allow: [{name: all, cidr: 10.0.0.0/8, ports: 22}]}\n", "3:37: network.allow[0].cidr: 10.0.0.0/8 overlaps 10.20.0.0/16"},
		"everybody":                    {"client: A\nregion: eu-west-3\nnetwork: {allow: [{name: all, cidr: 0.0.0.0/0, ports: 22}]}\n", "overlaps 10.20.0.0/16"},
		"half of everybody":            {"client: A\nregion: eu-west-3\nnetwork: {allow: [{name: half, cidr: 128.0.0.0/1, protocol: udp, ports: 3000-4000}]}\n", "network.allow[0].cidr: 128.0.0.0/1 is wider than a /8 and would be let in to port 3389"},
		"public site":                  {"client: A\nregion: eu-west-3\nvpn: {ipsec: {peer: 198.51.100.10, routes: [8.8.8.0/24]}}\n", "8.8.8.0/24 is public"},
		"overlapping sites":            {"client: A\nregion: eu-west-3\nvpn: {ipsec: {peer: 198.51.100.10, routes: [192.168.0.0/16, 192.168.1.0/24]}}\n", "192.168.1.0/24 overlaps 192.168.0.0/16"},
		"site inside the pool":         {"client: A\nregion: eu-west-3\nvpn: {ipsec: {peer: 198.51.100.10, routes: [10.20.3.0/24]}}\n", "10.20.3.0/24 overlaps 10.20.0.0/16"},
		"windows overlap in winter":    {"client: A\nregion: eu-west-3\nbackup: {window: \"03:00-03:30\"}\n", "3:18: backup.window: overlaps the maintenance window (in winter: backup 03:00-03:30, maintenance sun:02:30-sun:04:00 UTC);"},
		"windows overlap in summer":    {"client: A\nregion: eu-west-3\nbackup: {window: \"01:30-02:00\"}\n", "(in summer: backup 01:30-02:00, maintenance sun:01:30-sun:03:00 UTC)"},
		"windows overlap in both":      {"client: A\nregion: eu-west-3\nbackup: {window: \"02:00-03:30\"}\n", "in winter: backup 02:00-03:30, maintenance sun:02:30-sun:04:00 UTC; in summer"},
		"more than 19 network entries": {"client: A\nregion: eu-west-3\n" + many, "needs 22 inbound network ACL rules and AWS allows 19"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := spec.Parse("x.yaml", []byte(c.text), Checks(plan(t), "123456789012", now))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

// The checks of the lists that say who may reach the admin bucket.
func TestTrusted(t *testing.T) {
	const session = "arn:aws:sts::123456789012:assumed-role/ops/alice"
	role := func(names ...string) (out []string) {
		for _, name := range names {
			out = append(out, "arn:aws:iam::123456789012:role/"+name)
		}
		return out
	}
	for name, c := range map[string]struct {
		admins, auditors []string
		caller           string
		in, changes      bool
	}{
		"the caller's role":              {role("ops"), nil, session, true, true},
		"the role with its path":         {role("team/ops"), nil, session, true, true},
		"another role":                   {role("dev"), nil, session, false, false},
		"a role whose name only ends so": {role("devops"), nil, session, false, false},
		"another account":                {[]string{"arn:aws:iam::210987654321:role/ops"}, nil, session, false, false},
		"a user":                         {[]string{"arn:aws:iam::123456789012:user/bob"}, nil, "arn:aws:iam::123456789012:user/bob", true, true},
		"root is never locked out":       {role("ops"), nil, "arn:aws:iam::123456789012:root", true, true},
		"an auditor":                     {role("dev"), role("ops"), session, true, false},
		"an auditor with a path":         {role("dev"), role("*/ops"), session, true, false},
		"in both lists":                  {role("ops"), role("*"), session, true, true},
		"beside the auditors":            {role("dev"), role("audit"), session, false, false},
	} {
		who := Trusted{Admins: c.admins, Auditors: c.auditors}
		if err := CheckAdmitted(who, c.caller); (err == nil) != c.in || who.ShutsOut(c.caller) == c.in {
			t.Errorf("%s: %v", name, err)
		}
		if why := MayOnlyLook(who, c.caller); (why == "") != c.changes {
			t.Errorf("%s: changes: %q", name, why)
		}
	}
	if err := CheckPrincipals("auditors", role("audit", "*/audit")); err != nil {
		t.Error(err)
	}
	if err := CheckPrincipals("auditors", []string{"audit"}); err == nil || !strings.HasPrefix(err.Error(), `auditors: "audit" is not the ARN`) {
		t.Errorf("no ARN: %v", err)
	}
}
