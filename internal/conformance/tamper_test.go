package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// edit is one change by hand: somewhere in the account, one value becomes another.
type edit struct {
	path  string // with positions, "EC2/eu-west-3/Subnets/0/V/…"
	shape string // without, to tell alike places
	apply func()
	undo  func()
}

// edits lists one change of every value in a snapshot: a switch thrown, a number
// or a text changed, an item of a list removed.
func edits(node any, path, shape string, set func(any)) []edit {
	var out []edit
	add := func(value any) {
		out = append(out, edit{path, shape, func() { set(value) }, func() { set(node) }})
	}
	switch v := node.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if skipped(key) {
				continue
			}
			out = append(out, edits(v[key], path+"/"+key, shape+"/"+key, func(x any) { v[key] = x })...)
		}
	case []any:
		for i, item := range v {
			if role, ok := item.(map[string]any); ok && strings.HasPrefix(fmt.Sprint(role["Path"]), "/aws-service-role/") {
				continue // of AWS's services, whose nobody else can change
			}
			place := "/#"
			if strings.HasSuffix(shape, "/TunnelOptions") { // each tunnel has fields of its own
				place = fmt.Sprintf("/%d", i)
			}
			out = append(out, edits(item, fmt.Sprintf("%s/%d", path, i), shape+place, func(x any) { v[i] = x })...)
		}
		if len(v) > 0 && !strings.HasSuffix(shape, "s/#") {
			out = append(out, edit{path + "/less", shape + "/less", func() { set(v[:len(v)-1]) }, func() { set(v) }})
		}
	case bool:
		add(!v)
	case json.Number:
		if i, err := v.Int64(); err == nil {
			add(i + 1)
		}
	case string:
		if other, ok := otherText(v); ok {
			add(other)
		}
	}
	return out
}

// otherText is another value of the same sort, where AWS would hold no other.
func otherText(v string) (string, bool) {
	if _, err := time.Parse(time.RFC3339, v); err == nil || v == "" {
		return "", false
	}
	if _, err := netip.ParsePrefix(v); err == nil {
		return "192.0.2.0/24", true
	}
	if _, err := netip.ParseAddr(v); err == nil {
		return "192.0.2.1", true
	}
	if strings.HasPrefix(v, "{") { // a policy
		if strings.Contains(v, `"Allow"`) {
			return strings.Replace(v, `"Allow"`, `"Deny"`, 1), true
		}
		return strings.Replace(v, "{", `{"Extra":"x",`, 1), true
	}
	for _, pair := range [][2]string{{"tcp", "udp"}, {"allow", "deny"}, {"enabled", "disabled"}, {"ENABLED", "DISABLED"}, {"6", "17"}, {"true", "false"}} {
		for i := range pair {
			if v == pair[i] {
				return pair[1-i], true
			}
		}
	}
	return v + "x", true
}

// skipped are values that nobody can change by hand: identifiers, times, and what
// the sandbox remembers for itself.
func skipped(key string) bool {
	if slices.Contains([]string{"AvailabilityZoneId", "KmsKeyId", "KmsMasterKeyId", "ServiceName", "GroupName"}, key) {
		return false // of these, a resource has the wrong one rather than another name
	}
	if slices.Contains([]string{"Seq", "Lag", "Looks", "Token", "Key", "OwnerId", "CreateTime", "State"}, key) {
		return true
	}
	if slices.Contains([]string{"TaskRoleArn", "ExecutionRoleArn", "AutoScalingGroupArn", "EncryptionKeyArn", "DeliverLogsPermissionArn", "CustomerGatewayId", "VpnGatewayId"}, key) {
		return false // of others: what a resource refers to
	}
	return strings.HasSuffix(key, "Id") || strings.HasSuffix(key, "Arn") || strings.HasSuffix(key, "ARN") || strings.HasSuffix(key, "Name") ||
		strings.HasSuffix(key, "Time") || strings.HasSuffix(key, "Date") || strings.HasSuffix(key, "Status") || strings.HasSuffix(key, "At")
}

// most is how often alike places are edited until one of the edits was healed.
const most = 3

// TestEveryFieldDriftsAndHeals changes the account by hand, one value at a time,
// all over; many of the changes make an account that AWS could not hold, and are
// passed over. Every Field of every kind must be shown by a plan for some change,
// be named alone for some change, and be mended by create unless it is immutable.
//
// CICDCTL_TEST_KIND=sqs/queue looks at the fields of one kind alone: it begins with the
// part of the account that is called like the kind's service, and ends once it has seen all.
func TestEveryFieldDriftsAndHeals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		s := acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		whole := r.tree()
		noticed, alone, healed := map[string]string{}, map[string]bool{}, map[string]bool{}
		judged := map[string]bool{} // rules that a defect has broken
		done, tried := map[string]bool{}, map[string]int{}
		only := os.Getenv("CICDCTL_TEST_KIND")
		looked := func(name string) bool { return only == "" || strings.HasPrefix(name, only+" ") }
		// open is what a field still lacks; nothing when it is empty.
		open := func(typ *provision.Type, field string) string {
			name := typ.Name + " " + field
			immutable := slices.Contains(typ.Immutables(), field)
			switch {
			case guarded[name] != "":
			case noticed[name] == "":
				return fmt.Sprintf("no change by hand makes a plan show %s: add a change to hands, unless its value is one that skipped leaves out by mistake", name)
			case !alone[name] && !immutable:
				return fmt.Sprintf("no change by hand makes a plan show %s alone (%s)", name, noticed[name])
			case !healed[name]:
				return fmt.Sprintf("no change by hand of %s heals (%s)", name, noticed[name])
			}
			return ""
		}
		all := edits(whole, "", "", func(any) {})
		enough := func() bool { return false }
		if only != "" {
			i := slices.IndexFunc(kinds.All(), func(typ *provision.Type) bool { return typ.Name == only })
			if i < 0 {
				t.Fatalf("CICDCTL_TEST_KIND=%s is no kind", only)
			}
			typ := kinds.All()[i]
			enough = func() bool {
				return !slices.ContainsFunc(typ.FieldNames(), func(field string) bool {
					name := only + " " + field
					return hands[name] == nil && (open(typ, field) != "" || unjudged(name, judged) && guarded[name] == "")
				})
			}
			all = ownFirst(all, only)
		}
		for _, e := range all {
			if enough() {
				break
			}
			if tried[e.shape]++; tried[e.shape] > most || done[e.shape] {
				continue
			}
			e.apply()
			err := r.load(whole)
			e.undo()
			if err != nil {
				continue
			}
			run, err := operator(t, r.account, cloud.Config{}).Build(ctx, s)
			if err != nil {
				continue
			}
			p, err := run.Plan(ctx)
			if err != nil {
				continue
			}
			fields := fieldsOf(p)
			if !slices.ContainsFunc(fields, looked) {
				done[e.shape] = tried[e.shape] > 1
				continue
			}
			for _, name := range fields {
				noticed[name] = cmp.Or(noticed[name], e.path)
				if len(fields) == 1 && (!alone[name] || unjudged(name, judged)) {
					alone[name] = true
					r.wantOneFinding(ctx, s, name, e.path, p.Changes(), judged)
				}
			}
			if p.Refused() != nil {
				for _, c := range p.Changes() {
					for _, d := range c.Diffs {
						healed[c.Kind+" "+d.Field] = healed[c.Kind+" "+d.Field] || d.Fix != ""
					}
				}
				continue
			}
			if _, err := run.Apply(ctx, p, nil, nil); err != nil || fieldsOf(plan(ctx, t, r.Operator, s)) != nil {
				continue // see below whether another change of the field heals
			}
			done[e.shape] = true
			for _, name := range fields {
				healed[name] = true
			}
		}
		for name, change := range hands {
			if !looked(name) {
				continue
			}
			r.restore(whole)
			if err := change(ctx, r.Factory.Set(region)); err != nil {
				t.Errorf("change %s by hand: %v", name, err)
				continue
			}
			if fields := fieldsOf(plan(ctx, t, r.Operator, s)); !slices.Equal(fields, []string{name}) {
				t.Errorf("after a change of %s by hand a plan shows %v", name, fields)
			}
			r.wantOneFinding(ctx, s, name, "by hand", plan(ctx, t, r.Operator, s).Changes(), judged)
			if err := create(ctx, r.Operator, s); err != nil {
				t.Errorf("%s, changed by hand: %v", name, err)
			}
			r.wantNoChange(ctx, s)
			noticed[name], alone[name], healed[name] = "by hand", true, true
		}
		// Of an attribute that several rules are about, one is enough here: those that go
		// by a control's own logic have their cases in the tests of the rules.
		broken := map[string]bool{}
		for _, rule := range audit.All() {
			name := rule.Kind + " " + rule.Field
			broken[name] = broken[name] || judged[rule.ID]
		}
		for _, rule := range audit.All() {
			if name := rule.Kind + " " + rule.Field; rule.Kind != "" && alone[name] && looked(name) && !broken[name] && guarded[name] == "" {
				t.Errorf("no change by hand breaks %s (%s)", rule.ID, name)
			}
		}
		for _, typ := range kinds.All() {
			for _, field := range typ.FieldNames() {
				if lacks := open(typ, field); lacks != "" && looked(typ.Name+" "+field) {
					t.Error(lacks)
				}
			}
		}
	})
}

// ownFirst puts the changes of the part that is called like a kind's service first.
func ownFirst(all []edit, kind string) []edit {
	service, _, _ := strings.Cut(kind, "/")
	other := func(e edit) int {
		part, _, _ := strings.Cut(e.path[1:], "/")
		if strings.HasPrefix(service, strings.ToLower(part)) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b edit) int { return other(a) - other(b) })
	return all
}

// guarded are attributes that nobody can change alone: something else that cicdctl
// made stands before them.
var guarded = map[string]string{
	"ecs/service tasks":                 "of services that run: TestAStoppedEnvironmentStaysStoppedAndComesBack scales them by hand",
	"ecs/service stopped":               "of services that run: TestAStoppedEnvironmentStaysStoppedAndComesBack scales them by hand",
	"ecs/cluster exec":                  "of clients with exec on: TestExecIsOpenedAndShut changes it by hand",
	"iam/oidc-provider GitLab instance": "it is what IAM knows a provider by; another one in the configuration has a test of its own",
	"acm/certificate validity":          "AWS and the owner of the domain decide on it; it has a test of its own",
	"rds/cluster status":                "it takes the loss of its key, which has a test of its own",
	"s3/escrow encryption":              "the bucket's policy refuses any other key",
	"sns/topic maker of the dashboard":  "it takes another dashboard of that name, which has a test of its own",
	"s3/escrow private key":             "it takes the loss of its KMS key, which has a test of its own",
}

// fieldsOf names the attributes that differ, sorted, each once.
func fieldsOf(p *provision.Plan) []string {
	var out []string
	for _, c := range p.Changes() {
		for _, d := range c.Diffs {
			out = append(out, c.Kind+" "+d.Field)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// stripTags removes cicdctl's tags from what has an identifier, and says how many
// tags it removed.
func stripTags(node any, id string) int {
	count := 0
	for _, owner := range ownersOf(node, id) {
		count += dropTags(owner)
	}
	return count
}

// ownersOf finds what is about the identifier: maps that have it as one of their
// values, alone or after a slash, and what is kept under it as a key.
func ownersOf(node any, id string) []any {
	var out []any
	switch v := node.(type) {
	case map[string]any:
		if row, ok := v["V"].(map[string]any); ok && hasValue(row, id) || hasValue(v, id) {
			return []any{v}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if named(key, id) {
				out = append(out, v[key])
				continue
			}
			out = append(out, ownersOf(v[key], id)...)
		}
	case []any:
		for _, item := range v {
			out = append(out, ownersOf(item, id)...)
		}
	}
	return out
}

// named reports whether a text is the identifier: an ECS service's is "cluster/service", its ARN ends so.
func named(text, id string) bool {
	return text == id || strings.Contains(id, "/") && strings.HasSuffix(text, "/"+id)
}

// hasValue reports whether one of the row's own values is the identifier.
func hasValue(row map[string]any, id string) bool {
	for _, value := range row {
		if text, ok := value.(string); ok && named(text, id) {
			return true
		}
		if meta, ok := value.(map[string]any); ok && (row["Meta"] != nil || row["Detail"] != nil) && hasValue(meta, id) {
			return true
		}
	}
	return false
}

// dropTags gives cicdctl's tags other keys, in lists of keys and values and in maps.
func dropTags(node any) int {
	const prefix = "cicdctl:"
	count := 0
	switch v := node.(type) {
	case map[string]any:
		for _, name := range []string{"Key", "TagKey"} {
			if key, _ := v[name].(string); strings.HasPrefix(key, prefix) {
				v[name] = "former-" + key
				return 1
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if strings.HasPrefix(key, prefix) {
				delete(v, key)
				count++
				continue
			}
			count += dropTags(v[key])
		}
	case []any:
		for _, item := range v {
			count += dropTags(item)
		}
	}
	return count
}

// holds reports whether the account still has the row of an id.
func holds(node any, id string) bool { return len(ownersOf(node, id)) > 0 }
