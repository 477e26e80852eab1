package policies

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// variables are the places in a template of the reference: "${TagKey}".
var variables = regexp.MustCompile(`\$\{[^}]*\}`)

// global are the keys that AWS sends with calls of all services, with their types (IAM
// user guide, "AWS global condition context keys"). Those of tags are not among them:
// a service that does not name them does not send them.
var global = map[string]string{
	"aws:CalledVia": "ArrayOfString", "aws:CalledViaFirst": "String", "aws:CalledViaLast": "String", "aws:CurrentTime": "Date", "aws:EpochTime": "Date",
	"aws:MultiFactorAuthAge": "Numeric", "aws:MultiFactorAuthPresent": "Bool", "aws:PrincipalAccount": "String", "aws:PrincipalArn": "ARN",
	"aws:PrincipalIsAWSService": "Bool", "aws:PrincipalOrgID": "String", "aws:PrincipalOrgPaths": "ArrayOfString", "aws:PrincipalServiceName": "String",
	"aws:PrincipalServiceNamesList": "ArrayOfString", "aws:PrincipalTag/${TagKey}": "String", "aws:PrincipalType": "String", "aws:RequestedRegion": "String",
	"aws:ResourceAccount": "String", "aws:ResourceOrgID": "String", "aws:ResourceOrgPaths": "ArrayOfString", "aws:SecureTransport": "Bool",
	"aws:SourceAccount": "String", "aws:SourceArn": "ARN", "aws:SourceIdentity": "String", "aws:SourceIp": "IPAddress", "aws:SourceOrgID": "String",
	"aws:SourceOrgPaths": "ArrayOfString", "aws:SourceVpc": "String", "aws:SourceVpce": "String", "aws:TokenIssueTime": "Date", "aws:UserAgent": "String",
	"aws:ViaAWSService": "Bool", "aws:VpcSourceIp": "IPAddress", "aws:userid": "String", "aws:username": "String", "aws:referer": "String",
}

// operatorTypes are what IAM's operators compare (IAM user guide, "IAM JSON policy
// elements: Condition operators"). ARNs are texts, and texts can be ARNs.
var operatorTypes = map[string][]string{
	"StringEquals": {"String", "ARN"}, "StringNotEquals": {"String", "ARN"}, "StringEqualsIgnoreCase": {"String"}, "StringNotEqualsIgnoreCase": {"String"},
	"StringLike": {"String", "ARN"}, "StringNotLike": {"String", "ARN"},
	"ArnEquals": {"ARN", "String"}, "ArnLike": {"ARN", "String"}, "ArnNotEquals": {"ARN", "String"}, "ArnNotLike": {"ARN", "String"},
	"NumericEquals": {"Numeric"}, "NumericNotEquals": {"Numeric"}, "NumericLessThan": {"Numeric"}, "NumericLessThanEquals": {"Numeric"},
	"NumericGreaterThan": {"Numeric"}, "NumericGreaterThanEquals": {"Numeric"},
	"DateEquals": {"Date"}, "DateNotEquals": {"Date"}, "DateLessThan": {"Date"}, "DateLessThanEquals": {"Date"}, "DateGreaterThan": {"Date"}, "DateGreaterThanEquals": {"Date"},
	"Bool": {"Bool"}, "IpAddress": {"IPAddress"}, "NotIpAddress": {"IPAddress"},
}

// conditions wants that the actions know each key. With a pattern for actions, one of
// them has to.
func (j *judgement) conditions(s *statement, pattern string, actions []string) {
	for _, key := range s.keys() {
		if typeOf(global, key) != "" || federated(s, key) {
			continue
		}
		if !slices.ContainsFunc(actions, func(action string) bool { return j.knows(action, key, s.Resource) }) {
			j.add(s.Sid, "%s knows no condition key %s, nor does what it takes", pattern, key)
		}
	}
}

// keys are the condition keys of a statement, each once.
func (s *statement) keys() []string {
	var out []string
	for _, of := range s.Condition {
		out = slices.AppendSeq(out, maps.Keys(of))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// knows reports whether AWS sends a key with an action: the action has it, or one of
// the resources that it takes and is allowed on.
func (j *judgement) knows(action, key string, on []string) bool {
	s, name := j.service(action)
	for t, how := range s.Privileges[name].Types {
		if slices.ContainsFunc(how.Keys, func(known string) bool { return sameKey(known, key) }) {
			return true
		}
		if t == "" || len(on) > 0 && !slices.ContainsFunc(on, func(resource string) bool { return resource == "*" || covers(resource, s.Resources[t].ARN) }) {
			continue
		}
		if slices.ContainsFunc(s.Resources[t].Keys, func(known string) bool { return sameKey(known, key) }) {
			return true
		}
	}
	return false
}

// sameKey compares a key of the reference, which may have a place for a name, with one
// of a policy. IAM does not tell keys by their case; policies here do.
func sameKey(known, key string) bool {
	head, _, place := strings.Cut(known, "${")
	if !place {
		return known == key
	}
	return len(key) > len(head) && strings.HasPrefix(key, head)
}

func typeOf(types map[string]string, key string) string {
	for known, t := range types {
		if sameKey(known, key) {
			return t
		}
	}
	return ""
}

// federated reports whether a key is a claim of the provider whose tokens a role is
// taken with: its name begins with the provider's (IAM user guide, "Available keys for
// AWS OIDC federation").
func federated(s *statement, key string) bool {
	who, _ := s.Principal.(map[string]any)
	provider, _ := who["Federated"].(string)
	_, host, found := strings.Cut(provider, ":oidc-provider/")
	return found && (key == host+":aud" || key == host+":sub")
}

// operators wants operators that compare what the keys hold.
func (j *judgement) operators(s *statement) {
	for operator, keys := range s.Condition {
		bare := strings.TrimSuffix(operator, "IfExists")
		set, base, several := strings.Cut(bare, ":")
		if !several {
			set, base = "", bare
		}
		compares, known := operatorTypes[base]
		if set != "" && set != "ForAllValues" && set != "ForAnyValue" || !known && operator != "Null" {
			j.add(s.Sid, "%s is no operator", operator)
			continue
		}
		for key, values := range keys {
			if len(values) == 0 {
				j.add(s.Sid, "%s of %s compares with nothing", operator, key)
			}
			if operator == "Null" {
				continue
			}
			kind := j.keyType(s, key)
			one, many := strings.CutPrefix(kind, "ArrayOf")
			switch {
			case kind == "": // is told already
			case many && set == "":
				j.add(s.Sid, "%s has several values, and %s compares one", key, operator)
			case !many && set != "":
				j.add(s.Sid, "%s has one value, and %s compares several", key, operator)
			case !slices.Contains(compares, one):
				j.add(s.Sid, "%s does not compare a %s, which %s is", operator, one, key)
			}
		}
	}
}

// keyType is the type of a key's values, in the words of the reference.
func (j *judgement) keyType(s *statement, key string) string {
	if t := typeOf(global, key); t != "" {
		return t
	}
	if federated(s, key) {
		return "String"
	}
	for _, action := range s.expanded {
		of, _ := j.service(action)
		for known, c := range of.Conditions {
			if sameKey(known, key) {
				return c.Type
			}
		}
	}
	return ""
}
