package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/provision"
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
