package rules

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gitlab.com/cicd/cicdctl/examples"
	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

var update = flag.Bool("update", false, "rewrite golden files")

var now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func plan(t testing.TB) cidr.Plan {
	t.Helper()
	p, err := cidr.NewPlan()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func acme(t testing.TB) *spec.Spec {
	t.Helper()
	s, err := spec.Parse("acme.yaml", examples.ACME, Checks(plan(t), "123456789012", now))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The golden file is all that is generated for the example: networks, groups,
// listener rules and policies.
func TestWhatTheExampleMeans(t *testing.T) {
	s, p := acme(t), plan(t)
	var b strings.Builder
	in, out, err := ClientACL(s, p.Slots()[1], p)
	if err != nil {
		t.Fatal(err)
	}
	edgeIn, edgeOut := EdgeACL(p)
	for _, part := range []struct {
		name  string
		rules []ACLRule
	}{{"client inbound", in}, {"client outbound", out}, {"edge inbound", edgeIn}, {"edge outbound", edgeOut}} {
		fmt.Fprintf(&b, "== ACL %s\n", part.name)
		for _, r := range part.rules {
			fmt.Fprintf(&b, "%5d %-5t %-3s %-18s %5d-%-5d %s\n", r.Number, r.Allow, r.Protocol, r.CIDR, r.From, r.To, r.Why)
		}
	}
	for _, g := range SecurityGroups(s) {
		fmt.Fprintf(&b, "== group %s (%s)\n", g.Name, g.Role)
		for _, r := range g.Ingress {
			fmt.Fprintf(&b, "from %s%s %s %d-%d %s\n", r.Group, text(r.CIDR), r.Protocol, r.From, r.To, r.Why)
		}
		for _, r := range g.Egress {
			fmt.Fprintf(&b, "to   %s%s %s %d-%d %s\n", r.Group, text(r.CIDR), r.Protocol, r.From, r.To, r.Why)
		}
	}
	b.WriteString("== listener\n")
	for _, r := range ListenerRules(s) {
		fmt.Fprintf(&b, "%5d %s %s/%s %v %s\n", r.Priority, r.Env, r.App, r.Service, r.Hosts, r.Path)
	}
	place := Place{"aws", "eu-west-3", "123456789012"}
	alone := Trusted{Admins: Principals("arn:aws:sts::123456789012:assumed-role/ops/alice")}
	watched := Trusted{Admins: alone.Admins, Auditors: []string{"arn:aws:iam::123456789012:role/audit", "arn:aws:iam::123456789012:role/*/audit"}}
	for name, doc := range map[string]string{
		"app": AppPolicy("b", "KEY", spec.Prod, Access{Read: true, Write: true}), "execution": ExecutionPolicy(place, "ACME", appOf("shop", "web"), "KEY"), "host": HostPolicy(place, "ACME"),
		"app with exec": ExecPolicy(AppPolicy("b", "KEY", spec.Prod, Access{Read: true}), "ACME", place),
		"bucket":        BucketPolicy("b"), "admin bucket": AdminBucketPolicy("b", "KEY", alone), "admin key": AdminKeyPolicy(place, alone),
		"admin bucket with auditors": AdminBucketPolicy("b", "KEY", watched), "admin key with auditors": AdminKeyPolicy(place, watched),
		"key": KeyPolicy(place, "/cicdctl/acme/"), "trust": Trust("ecs-tasks.amazonaws.com", "123456789012", ""),
	} {
		if again, err := CanonicalJSON(doc); err != nil || again != doc {
			t.Errorf("%s policy is not canonical: %v", name, err)
		}
	}
	fmt.Fprintf(&b, "== admin bucket policy\n%s\n== admin key policy\n%s\n", AdminBucketPolicy("b", "KEY", alone), AdminKeyPolicy(place, alone))
	fmt.Fprintf(&b, "== admin bucket policy with auditors\n%s\n== admin key policy with auditors\n%s\n", AdminBucketPolicy("b", "KEY", watched), AdminKeyPolicy(place, watched))
	const golden = "testdata/acme.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}

func text(p netip.Prefix) string {
	if !p.IsValid() {
		return ""
	}
	return p.String()
}

// No packet from another client's subnets passes, whatever the spec allows.
func TestNoOtherClientPassesTheACL(t *testing.T) {
	p := plan(t)
	base := acme(t)
	rapid.Check(t, func(t *rapid.T) {
		s := *base
		own := rapid.IntRange(0, 9).Draw(t, "own slot")
		s.Network.Allow = nil
		for range rapid.IntRange(0, 8).Draw(t, "allows") {
			bits := rapid.IntRange(8, 32).Draw(t, "bits")
			addr := netip.AddrFrom4([4]byte{rapid.Byte().Draw(t, "a"), rapid.Byte().Draw(t, "b"), 0, 0})
			s.Network.Allow = append(s.Network.Allow, spec.Allow{Name: "x", CIDR: netip.PrefixFrom(addr, bits).Masked(), Protocol: "tcp", Ports: spec.PortRange{From: 1, To: 65535}})
		}
		if len(Checks(p, "", now)(&s)) > 0 {
			return // refused before anything is made
		}
		in, _, err := ClientACL(&s, p.Slots()[own], p)
		if err != nil {
			return
		}
		other := p.Slots()[rapid.IntRange(0, 9).Filter(func(k int) bool { return k != own }).Draw(t, "other slot")]
		subnet := other.Subnets()[rapid.IntRange(0, 2).Draw(t, "zone")]
		a := subnet.Addr().As4()
		peer := netip.AddrFrom4([4]byte{a[0], a[1], a[2] + rapid.ByteRange(0, 7).Draw(t, "c"), rapid.Byte().Draw(t, "d")})
		port := rapid.Uint16().Draw(t, "port")
		protocol := rapid.SampledFrom([]string{"tcp", "udp"}).Draw(t, "protocol")
		if ok, by := Evaluate(in, protocol, peer, port); ok {
			t.Fatalf("%s %s:%d passes by %+v", protocol, peer, port, by)
		}
	})
}

func TestWhoPassesTheACL(t *testing.T) {
	p := plan(t)
	in, _, err := ClientACL(acme(t), p.Slots()[0], p)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		peer string
		port uint16
		want bool
	}{
		"own subnet, any port":                 {"10.20.9.9", 5432, true},
		"load balancer, container port":        {"10.20.240.9", 8080, true},
		"load balancer, another port":          {"10.20.240.9", 5432, false},
		"monitoring on its port":               {"198.51.100.7", 9100, true},
		"monitoring on another port":           {"198.51.100.7", 22, false},
		"reply from the internet":              {"203.0.113.1", 40000, true},
		"internet to a server":                 {"203.0.113.1", 8080, false},
		"next client on an ephemeral port":     {"10.20.24.1", 40000, false},
		"last address of the last client":      {"10.20.239.255", 65535, false},
		"edge's ephemeral port is not allowed": {"10.20.240.1", 40000, false},
	} {
		if got, by := Evaluate(in, "tcp", netip.MustParseAddr(c.peer), c.port); got != c.want {
			t.Errorf("%s: %v by rule %d", name, got, by.Number)
		}
	}
}

func TestWindowsAgreeWithAWalkOfEveryMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minute := func(label string, days int) time.Duration {
			return time.Duration(rapid.IntRange(0, days*1440-1).Draw(t, label)) * time.Minute
		}
		d := spec.DailyWindow{Start: minute("backup", 1)}
		d.End = (d.Start + time.Duration(rapid.IntRange(30, 1439).Draw(t, "long"))*time.Minute) % (24 * time.Hour)
		w := spec.WeeklyWindow{Start: minute("maintenance", 7)}
		w.End = (w.Start + time.Duration(rapid.IntRange(30, 1439).Draw(t, "wide"))*time.Minute) % (7 * 24 * time.Hour)
		want := false
		for m := range 7 * 1440 {
			at := time.Duration(m) * time.Minute
			inBackup := (at-d.Start+7*24*time.Hour)%(24*time.Hour) < d.Duration()
			inMaintenance := (at-w.Start+7*24*time.Hour)%(7*24*time.Hour) < w.Duration()
			want = want || inBackup && inMaintenance
		}
		if got := Overlap(d, w); got != want {
			t.Fatalf("%s and %s: %v, want %v", d, w, got, want)
		}
	})
}

// Whatever passes the checks gives names within AWS's limits, and no two services
// of a client share one.
func TestNamesStayWithinLimits(t *testing.T) {
	name := rapid.StringMatching(`[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8})?`)
	p := plan(t)
	rapid.Check(t, func(t *rapid.T) {
		client := rapid.StringMatching(`[A-Z][A-Z0-9]{0,9}(-[A-Z0-9]{1,8})?`).Draw(t, "client")
		s := &spec.Spec{Client: client, Region: "eu-central-1", Backup: spec.Backup{Window: "22:30-23:00"}, Maintenance: spec.Maintenance{Window: "sun:03:30-sun:05:00", Timezone: "Europe/Paris"}}
		for _, app := range rapid.SliceOfNDistinct(name, 1, 3, rapid.ID[string]).Draw(t, "apps") {
			a := spec.App{Name: app}
			for _, svc := range rapid.SliceOfNDistinct(name, 1, 3, rapid.ID[string]).Draw(t, "services") {
				a.Services = append(a.Services, spec.Service{Name: svc, Runtime: spec.NodeJS, Path: "/" + app + "/" + svc})
			}
			s.Apps = append(s.Apps, a)
		}
		if len(Checks(p, "123456789012", now)(s)) > 0 {
			return
		}
		made := map[string]string{}
		check := func(limit, value, of string) {
			if err := checkName(limit, value); err != nil {
				t.Fatalf("%s: %v", of, err)
			}
			key := limit + strings.ToLower(value)
			if made[key] != "" {
				t.Fatalf("%s and %s share the %s %q", made[key], of, limit, value)
			}
			made[key] = of
		}
		check("cluster", ClusterName(client), "cluster")
		check("capacity", CapacityProviderName(client), "capacity")
		check("load-balancer", LoadBalancerName(client), "lb")
		check("database", DatabaseName(client), "db")
		check("alias", KeyAlias(client), "alias")
		check("template", HostsName(client), "template")
		check("role", HostRoleName(client), "host")
		for _, a := range s.Apps {
			check("role", DeployRoleName(client, a.Name), a.Name+"'s pipeline")
			check("role", ExecutionRoleName(client, a.Name), a.Name+"'s execution")
			for _, env := range spec.Envs() {
				check("role", AppRoleName(client, a.Name, env), a.Name+" in "+string(env))
			}
			check("bucket", BucketName(client, a.Name, s.Region, "123456789012"), a.Name)
			for _, svc := range a.Services {
				of := a.Name + "/" + svc.Name
				check("repository", RepositoryName(client, a.Name, svc.Name), of)
				check("log-group", LogGroupName(client, a.Name, svc.Name), of)
				check("security-group", SecurityGroupName(client, GroupTag(a.Name, svc.Name)), of)
				for _, env := range spec.Envs() {
					check("target-group", TargetGroupName(client, a.Name, svc.Name, env), of+string(env))
					check("cluster", TaskFamily(client, a.Name, svc.Name, env), of+string(env))
				}
			}
		}
		last := int32(0)
		for _, r := range ListenerRules(s) {
			if r.Priority <= last || r.Priority > 50000 {
				t.Fatalf("priority %d after %d", r.Priority, last)
			}
			last = r.Priority
		}
	})
}
