package policies

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind is what a policy is attached to, which decides what has to be in it.
type Kind string

// The kinds.
const (
	Identity Kind = "identity" // of a role or an operator: has resources
	Trust    Kind = "trust"    // of a role: has principals and no resources
	Bucket   Kind = "bucket"
	Key      Kind = "key"
	Queue    Kind = "queue"
	Topic    Kind = "topic"
	Endpoint Kind = "endpoint" // of S3
)

// owners are the service and the types of resources that a resource's policy is about.
var owners = map[Kind]struct {
	prefix string
	types  []string
}{
	Bucket:   {"s3", []string{"bucket", "object"}},
	Key:      {"kms", []string{"key"}},
	Queue:    {"sqs", []string{"queue"}},
	Topic:    {"sns", []string{"topic"}},
	Endpoint: {"s3", []string{"bucket", "object"}},
	Trust:    {"sts", []string{"role"}},
}

// Policy is one document to judge.
type Policy struct {
	Name string
	Kind Kind
	Text string // JSON
}

// list takes a bare text for a list of one, as IAM does.
type list []string

func (l *list) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		*l = list{""}
		return json.Unmarshal(data, &(*l)[0])
	}
	return json.Unmarshal(data, (*[]string)(l))
}

type statement struct {
	Sid, Effect       string
	Principal         any
	Action, NotAction list
	Resource          list
	NotResource       list
	Condition         map[string]map[string]list
	NotPrincipal      any
	expanded          []string // of Action, or of NotAction
}

// Judge says what is wrong with policies that belong together, such as those of one
// role: an action on several resources may be allowed in several statements.
func (r Reference) Judge(policies ...Policy) []string {
	j := &judgement{Reference: r, allowed: map[string][]string{}}
	for _, p := range policies {
		var document struct {
			Version   string
			Statement []statement
		}
		j.policy = p
		if err := json.Unmarshal([]byte(p.Text), &document); err != nil {
			j.add("", "cannot be read: %v", err)
			continue
		}
		if document.Version != "2012-10-17" {
			j.add("", "has the version %q", document.Version)
		}
		sids := map[string]bool{}
		for i := range document.Statement {
			s := &document.Statement[i]
			if s.Sid != "" && sids[s.Sid] {
				j.add(s.Sid, "comes twice")
			}
			sids[s.Sid] = true
			j.judge(s)
		}
	}
	j.complete()
	slices.Sort(j.found)
	return slices.Compact(j.found)
}

type judgement struct {
	Reference
	policy  Policy
	allowed map[string][]string // resources by action, of identities
	found   []string
}

func (j *judgement) add(sid, format string, args ...any) {
	where := j.policy.Name
	if sid != "" {
		where += " " + sid
	}
	j.found = append(j.found, where+": "+fmt.Sprintf(format, args...))
}

func (j *judgement) judge(s *statement) {
	owner, isResource := owners[j.policy.Kind]
	switch {
	case s.Effect != "Allow" && s.Effect != "Deny":
		j.add(s.Sid, "has the effect %q", s.Effect)
	case s.NotResource != nil || s.NotPrincipal != nil:
		j.add(s.Sid, "has NotResource or NotPrincipal, which are not judged")
	case (len(s.Action) == 0) == (len(s.NotAction) == 0):
		j.add(s.Sid, "needs either Action or NotAction")
	case isResource != (s.Principal != nil):
		j.add(s.Sid, "is of a policy of a %s, and has principals or has not", j.policy.Kind)
	case (j.policy.Kind == Trust) != (len(s.Resource) == 0):
		j.add(s.Sid, "is of a policy of a %s, and has resources or has not", j.policy.Kind)
	}
	for _, pattern := range slices.Concat(s.Action, s.NotAction) {
		actions, why := j.expand(pattern)
		if why != "" {
			j.add(s.Sid, "%s", why)
			continue
		}
		if isResource && !slices.ContainsFunc(actions, func(a string) bool { return j.isAbout(a, owner.prefix, owner.types) }) {
			j.add(s.Sid, "%s is not about what a policy of a %s belongs to", pattern, j.policy.Kind)
		}
		s.expanded = append(s.expanded, actions...)
		if len(s.NotAction) == 0 {
			j.resources(s, pattern, actions)
			j.conditions(s, pattern, actions)
		}
	}
	j.useless(s)
	j.operators(s)
}

// expand lists the actions that a pattern stands for, or says that there are none.
func (j *judgement) expand(pattern string) (actions []string, why string) {
	prefix, name, ok := strings.Cut(pattern, ":")
	s, known := j.Reference[prefix]
	if !ok || !known {
		return nil, fmt.Sprintf("%s: no service has the prefix %q", pattern, prefix)
	}
	if _, ok := s.Privileges[name]; ok {
		return []string{pattern}, ""
	}
	if strings.ContainsAny(name, "*?") {
		for action := range s.Privileges {
			if overlap(name, action) {
				actions = append(actions, prefix+":"+action)
			}
		}
	}
	if len(actions) == 0 {
		return nil, pattern + " is no action"
	}
	slices.Sort(actions)
	return actions, ""
}

func (j *judgement) service(action string) (s service, name string) {
	prefix, name, _ := strings.Cut(action, ":")
	return j.Reference[prefix], name
}

// isAbout reports whether an action is of a service and takes one of its types.
func (j *judgement) isAbout(action, prefix string, types []string) bool {
	s, name := j.service(action)
	return strings.HasPrefix(action, prefix+":") && slices.ContainsFunc(types, func(t string) bool {
		_, takes := s.Privileges[name].Types[t]
		return takes
	})
}

// types are the resources that an action takes, with the patterns of their ARNs.
func (j *judgement) types(action string) map[string]string {
	s, name := j.service(action)
	out := map[string]string{}
	for t := range s.Privileges[name].Types {
		if t != "" {
			out[t] = s.Resources[t].ARN
		}
	}
	return out
}

// resources wants that an action takes at least one of the resources, and notes which.
func (j *judgement) resources(s *statement, pattern string, actions []string) {
	if j.policy.Kind != Identity && j.policy.Kind != Bucket && j.policy.Kind != Endpoint {
		return // there is one resource, which the policy belongs to
	}
	fits := false
	for _, action := range actions {
		types := j.types(action)
		for _, resource := range s.Resource {
			switch {
			case resource == "*":
				fits = true
			case len(types) == 0:
				continue
			case !slices.ContainsFunc(slices.Collect(maps.Values(types)), func(arn string) bool { return covers(resource, arn) }):
				continue
			}
			if len(types) > 0 || resource == "*" {
				fits = true
				if s.Effect == "Allow" && j.policy.Kind == Identity && action == pattern {
					j.allowed[action] = append(j.allowed[action], resource)
				}
			}
		}
	}
	if !fits && len(s.Resource) > 0 {
		what := "nothing, so its resource is *"
		if t := slices.Sorted(maps.Keys(j.types(actions[0]))); len(t) > 0 {
			what = strings.Join(t, ", ")
		}
		j.add(s.Sid, "%s is allowed or denied on %s, and takes %s", pattern, strings.Join(s.Resource, ", "), what)
	}
}

// useless finds resources that no action of a statement takes.
func (j *judgement) useless(s *statement) {
	if j.policy.Kind == Trust || len(s.expanded) == 0 {
		return
	}
	for _, resource := range s.Resource {
		if resource == "*" {
			continue
		}
		taken := slices.ContainsFunc(s.expanded, func(action string) bool {
			return slices.ContainsFunc(slices.Collect(maps.Values(j.types(action))), func(arn string) bool { return covers(resource, arn) })
		})
		if !taken {
			j.add(s.Sid, "no action takes the resource %s", resource)
		}
	}
}

// complete wants that an action is allowed on all that it needs at once. AWS has no
// way to say that one of several will do, and marks all of them then; types that begin
// alike (listener/app, listener/net) are taken for such.
func (j *judgement) complete() {
	j.policy = Policy{Name: "together"}
	for _, action := range slices.Sorted(maps.Keys(j.allowed)) {
		s, name := j.service(action)
		for t, how := range s.Privileges[name].Types {
			family, _, _ := strings.Cut(t, "/")
			covered := slices.ContainsFunc(j.allowed[action], func(resource string) bool {
				return resource == "*" || slices.ContainsFunc(slices.Collect(maps.Keys(j.types(action))), func(other string) bool {
					same, _, _ := strings.Cut(other, "/")
					return same == family && covers(resource, s.Resources[other].ARN)
				})
			})
			if how.Required && t != "" && !covered {
				j.add("", "%s is allowed on %s, and needs %s as well", action, strings.Join(j.allowed[action], ", "), t)
			}
		}
	}
}

// covers reports whether a resource of a policy can be one with the ARN of a type.
// The parts of ARNs are compared one by one: only the last may have colons.
func covers(resource, template string) bool {
	have, of := strings.SplitN(resource, ":", 6), strings.SplitN(variables.ReplaceAllString(template, "*"), ":", 6)
	if len(have) < 6 || len(of) < 6 {
		return false
	}
	if of[2] == "s3" && of[5] == "*" && strings.Contains(have[5], "/") {
		return false // the name of a bucket has none
	}
	for i := range have {
		if !overlap(have[i], of[i]) {
			return false
		}
	}
	return true
}

// overlap reports whether two patterns with * and ? have a text in common.
func overlap(a, b string) bool {
	// meets[j] tells of the rest of a and b[j:].
	meets := make([]bool, len(b)+1)
	for i := len(a); i >= 0; i-- {
		next := slices.Clone(meets) // of a[i+1:]
		for j := len(b); j >= 0; j-- {
			switch {
			case i == len(a) && j == len(b):
				meets[j] = true
			case i < len(a) && a[i] == '*':
				meets[j] = next[j] || j < len(b) && meets[j+1]
			case j < len(b) && b[j] == '*':
				meets[j] = meets[j+1] || i < len(a) && next[j]
			case i == len(a) || j == len(b):
				meets[j] = false
			default:
				meets[j] = (a[i] == b[j] || a[i] == '?' || b[j] == '?') && next[j+1]
			}
		}
	}
	return meets[0]
}
