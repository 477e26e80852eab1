package audit

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// What controls of CIS and of AWS Foundational Security Best Practices say, as Security
// Hub and the rules of AWS Config behind it judge ("Security Hub controls for …" of the
// Security Hub guide), on the texts that plans compare. Each returns what breaks it.

// remoteAdministration is EC2.21 on the inbound rules of a network ACL: see
// rules.ACLRule.OpensRemote. Prowler's check heeds the order of rules, this one does not.
func remoteAdministration(inbound string) []string {
	return pick(inbound, func(line string) bool {
		words := strings.Fields(line) // "300 allow tcp 0.0.0.0/0 80-90"
		if len(words) < 4 {
			return false
		}
		peer, err := netip.ParsePrefix(words[3])
		if err != nil {
			return false
		}
		from, to := uint16(0), uint16(65535)
		if len(words) == 5 {
			from, to = portsOf(words[4])
		}
		return rules.ACLRule{Allow: words[1] == "allow", Protocol: words[2], CIDR: peer, From: from, To: to}.OpensRemote()
	})
}

// authorized are the ports that EC2.18 allows to be open to everybody.
var authorized = []uint16{80, 443}

// unrestricted is EC2.18 on the rules of a security group: everybody, by IPv4 or IPv6,
// on a TCP or UDP port that is not authorized, which is any of UDP. EC2.13 (SSH), EC2.14
// (RDP) and EC2.19 (ports of high risk) are parts of it.
func unrestricted(ingress string) []string {
	return pick(ingress, func(line string) bool {
		words := strings.Fields(line) // "tcp 22 from 0.0.0.0/0", "all from sg-1"
		peer, err := netip.ParsePrefix(words[len(words)-1])
		switch {
		case err != nil || peer.Bits() != 0:
			return false
		case words[0] == "udp":
			return true
		case words[0] == "tcp" && len(words) == 4:
			from, to := portsOf(words[1])
			return from != to || !slices.Contains(authorized, from)
		}
		return words[0] == "all"
	})
}

// portsOf reads "80" and "1024-65535".
func portsOf(text string) (from, to uint16) {
	first, last, isRange := strings.Cut(text, "-")
	a, errA := strconv.ParseUint(first, 10, 16)
	if !isRange {
		last = first
	}
	b, errB := strconv.ParseUint(last, 10, 16)
	if errA != nil || errB != nil {
		return 0, 65535
	}
	return uint16(a), uint16(b)
}

func pick(text string, breaks func(line string) bool) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Contains(line, "/0") && breaks(line) { // of everybody, or it breaks nothing
			out = append(out, line)
		}
	}
	return out
}

// statement is one of a policy, whose values AWS lets be one or a list.
type statement struct {
	ID                      string `json:"Sid"`
	Effect                  string
	Action, NotAction       texts
	Resource                texts
	Principal, NotPrincipal json.RawMessage
	Condition               map[string]map[string]texts
}

// texts are one or many. Conditions may have numbers and booleans, too.
type texts []string

func (t *texts) UnmarshalJSON(data []byte) error {
	if !bytes.Contains(data, []byte("null")) { // most are one string or a list of them
		var one string
		if len(data) > 0 && data[0] == '"' && json.Unmarshal(data, &one) == nil {
			*t = append(*t, one)
			return nil
		}
		var all []string
		if json.Unmarshal(data, &all) == nil {
			*t = append(*t, all...)
			return nil
		}
	}
	var many []any
	if err := json.Unmarshal(data, &many); err != nil {
		var one any
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		many = []any{one}
	}
	for _, v := range many {
		if s, ok := v.(string); ok {
			*t = append(*t, s)
		} else {
			text, err := json.Marshal(v)
			if err != nil {
				return err
			}
			*t = append(*t, string(text))
		}
	}
	return nil
}

// statements of a policy; false when it is none that can be read.
func statements(policy string) ([]statement, bool) {
	var doc struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(policy), &doc) != nil || len(doc.Statement) == 0 {
		return nil, policy == ""
	}
	var many []statement
	if json.Unmarshal(doc.Statement, &many) == nil {
		return many, true
	}
	var one statement
	err := json.Unmarshal(doc.Statement, &one)
	return []statement{one}, err == nil
}

// without reports whether no value of some keys of a policy has one of some pieces, so
// that it need not be read, as few of thousands must. It can tell of policies as they are
// compared only: without blanks and escapes.
func without(policy string, keys []string, pieces ...string) bool {
	if strings.Contains(policy, `": `) || strings.Contains(policy, `" :`) || strings.Contains(policy, `\`) {
		return false
	}
	for _, key := range keys {
		for rest := policy; ; {
			_, value, found := strings.Cut(rest, key)
			if !found {
				break
			}
			rest = value
			end := "\","
			switch {
			case strings.HasPrefix(value, "["):
				end = "]"
			case strings.HasPrefix(value, "{"): // what is in there has a key of its own
				end = "}"
			}
			if i := strings.Index(value, end); i >= 0 {
				value = value[:i+1] // with the quotation mark that ends it
			}
			if slices.ContainsFunc(pieces, func(p string) bool { return strings.Contains(value, p) }) {
				return false
			}
		}
	}
	return true
}

// each calls f with the statements of a policy as it is compared, until it returns true, and
// reports whether it did. Known is false for a policy that is written in another way.
func each(policy string, f func(text string) bool) (hit, known bool) {
	_, rest, found := strings.Cut(policy, `"Statement":[`)
	if !found || strings.Contains(policy, `\`) {
		return false, false
	}
	depth, begun, quoted := 0, 0, false
	for i := range len(rest) {
		switch c := rest[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			if depth == 0 {
				begun = i
			}
			depth++
		case c == '}':
			if depth--; depth == 0 && f(rest[begun:i+1]) {
				return true, true
			}
		case c == ']' && depth == 0:
			return false, true
		}
	}
	return false, false
}

// allowing holds each allowing statement of a policy against a control.
func allowing(policy string, breaks func(statement) bool) []string {
	all, ok := statements(policy)
	if !ok {
		return nil // told as a difference, if it is one
	}
	var out []string
	for i, s := range all {
		if s.Effect == "Allow" && breaks(s) {
			name := s.ID
			if name == "" {
				name = lang.Sprintf("statement %d", i+1)
			}
			out = append(out, name)
		}
	}
	return out
}

// wildcardActions is IAM.21: all actions of a service or more are allowed, or, with
// NotAction, all but those of one. AWS Config looks at customer managed policies only;
// the same is held against those inside of roles.
func wildcardActions(policy string) []string {
	if !strings.Contains(policy, `"NotAction"`) && without(policy, []string{`"Action":`}, `:*"`, `"*"`) {
		return nil
	}
	whole := func(action string) bool { return action == "*" || strings.HasSuffix(action, ":*") }
	return allowing(policy, func(s statement) bool {
		return slices.ContainsFunc(s.Action, whole) || len(s.NotAction) > 0
	})
}

// bounds are the keys of conditions that tie a statement for everybody to somebody.
var bounds = []string{
	"aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:sourceorgid",
	"aws:sourcevpc", "aws:sourcevpce", "kms:calleraccount",
}

// public is what KMS.5, SNS.4 and SQS.3 ask of the policy of a resource: everybody is
// let in, by "*" or by naming who is not, and no condition ties that to fixed values. A
// condition that holds also where its key is missing (…IfExists) ties nothing.
func public(policy string) []string {
	if !strings.Contains(policy, `"NotPrincipal"`) && without(policy, principals, `"*"`) {
		return nil
	}
	open := func(s statement) bool {
		return (len(s.NotPrincipal) > 0 || everybody(s.Principal)) && !bound(s.Condition)
	}
	// Most policies that name everybody do so in one statement of many, and tie it: the others
	// need not be read.
	if hit, known := each(policy, func(text string) bool {
		if strings.Contains(text, `"Effect":"Deny"`) && !strings.Contains(text, `"Effect":"Allow"`) ||
			!strings.Contains(text, `"NotPrincipal"`) && (without(text, principals, `"*"`) || ofAccount(text)) {
			return false
		}
		var s struct {
			Effect                  string
			Principal, NotPrincipal json.RawMessage
			Condition               map[string]map[string]texts
		}
		err := json.Unmarshal([]byte(text), &s)
		return err != nil || s.Effect == "Allow" && open(statement{Principal: s.Principal, NotPrincipal: s.NotPrincipal, Condition: s.Condition})
	}); known && !hit {
		return nil
	}
	return allowing(policy, open)
}

// ofAccount reports whether a statement, as it is compared, is tied to one account in the way
// of the keys that the hosts' volumes are encrypted with.
func ofAccount(statement string) bool {
	_, account, tied := strings.Cut(statement, `"StringEquals":{"kms:CallerAccount":"`)
	return tied && account != "" && account[0] >= '0' && account[0] <= '9' // one account, no pattern
}

// principals are the keys of a policy under which everybody may be named.
var principals = []string{`"Principal":`, `"AWS":`}

func everybody(principal json.RawMessage) bool {
	var who texts
	var kinds map[string]texts
	if json.Unmarshal(principal, &kinds) == nil {
		who = kinds["AWS"]
	} else if len(principal) > 0 && who.UnmarshalJSON(principal) != nil {
		return false
	}
	return slices.Contains(who, "*")
}

func bound(conditions map[string]map[string]texts) bool {
	for operator, keys := range conditions {
		operator = strings.ToLower(operator)
		if !slices.Contains([]string{"stringequals", "stringlike", "arnequals", "arnlike", "stringequalsignorecase"}, operator) {
			continue
		}
		for key, values := range keys {
			if slices.Contains(bounds, strings.ToLower(key)) && len(values) > 0 && !slices.Contains(values, "*") {
				return true
			}
		}
	}
	return false
}

// plainHTTP is S3.5 (CIS 2.1.1): no statement denies everybody everything without TLS.
func plainHTTP(policy string) []string {
	if strings.Contains(policy, `"Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny","Principal":"*"`) {
		return nil
	}
	all, _ := statements(policy)
	for _, s := range all {
		if s.Effect == "Deny" && everybody(s.Principal) && (slices.Contains(s.Action, "s3:*") || slices.Contains(s.Action, "*")) {
			if secure := s.Condition["Bool"]["aws:SecureTransport"]; slices.Contains(secure, "false") {
				return nil
			}
		}
	}
	return []string{"no statement refuses requests without TLS"}
}
