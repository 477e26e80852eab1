package rules

import (
	"cmp"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Limits of an application load balancer (ELB quotas; API reference of CreateRule).
const (
	MaxListenerRules = 100
	maxRuleValues    = 5 // host and path values in one rule
	// MaxCertificates is one default certificate and 25 further ones (ELB quotas).
	MaxCertificates = 26
)

// TLSPolicy is what a listener for HTTPS speaks: TLS 1.3 and 1.2, with forward secrecy
// and authenticated encryption only (ELB.17; ELB user guide, "Security policies").
const TLSPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"

// PreviewHost is what the preview of a service without a domain answers to.
const PreviewHost = "preview.*"

// ListenerRule sends one host and path to one service in one environment.
type ListenerRule struct {
	App, Service string
	Env          spec.Env
	Hosts        []string // sorted; empty for every host
	Path         string
	Priority     int32 // 1..50000, unique; the lowest that matches decides
}

// Width of a class of equally specific rules, and of the path lengths told apart:
// 3 kinds of host x 129 lengths x 129 rules fit in the 50,000 priorities.
const (
	classWidth  = 129
	pathLengths = 129
)

// ListenerRules generates the load balancer's rules, by priority: exact hosts
// before wildcards before none, then longer paths first. A service without a
// domain answers on the domains of its app, so that /api/* works beside a web
// service with a domain. A rule's priority depends on itself and, when hashes
// collide, on rules of the same class: adding a service does not move the others.
func ListenerRules(s *spec.Spec) []ListenerRule {
	var rules []ListenerRule
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			if !svc.Runtime.HTTP() {
				continue
			}
			for _, env := range spec.Envs() {
				rules = append(rules, ListenerRule{App: app.Name, Service: svc.Name, Env: env, Hosts: hosts(app, svc, env), Path: svc.Path})
			}
		}
	}
	slices.SortFunc(rules, func(a, b ListenerRule) int { return cmp.Compare(a.id(), b.id()) })
	taken := map[int32]bool{}
	for i := range rules {
		r := &rules[i]
		first, offset := r.class()*classWidth+1, r.hash()
		for range classWidth {
			if r.Priority = int32(first + offset%classWidth); !taken[r.Priority] {
				break
			}
			offset++
		}
		taken[r.Priority] = true
	}
	slices.SortFunc(rules, func(a, b ListenerRule) int { return cmp.Compare(a.Priority, b.Priority) })
	return rules
}

// Named reports whether the rule answers to names only, of which each can have a
// certificate.
func (r ListenerRule) Named() bool {
	return len(r.Hosts) > 0 && !strings.ContainsAny(r.Hosts[0], "*?")
}

// plainHost is what AWS takes as a value of a host condition: only letters may follow the
// last dot (API reference, HostHeaderConditionConfig). "preview.*" is none, nor is a name
// under an internationalized top-level domain, such as shop.xn--p1ai.
var plainHost = lazyregexp.New(`\.[a-zA-Z]+$`)

// HostRegexes are the rule's hosts as regular expressions, where one of them is no plain
// value: a condition has either. They use nothing that ELB's lack (user guide, "Condition
// types for listener rules"), and have 128 characters at most.
func (r ListenerRule) HostRegexes() []string {
	if !slices.ContainsFunc(r.Hosts, func(host string) bool { return !plainHost.MatchString(host) }) {
		return nil
	}
	out := make([]string, len(r.Hosts))
	for i, host := range r.Hosts {
		if out[i] = "^" + regexp.QuoteMeta(host) + "$"; strings.Contains(host, "*") {
			out[i] = hostRegex(host)
		}
	}
	return out
}

// hostRegex is a host with wildcards as a regular expression. Values match whatever the
// case; whether expressions do is not documented, so both cases are there.
func hostRegex(pattern string) string {
	var b strings.Builder
	for _, c := range pattern {
		switch {
		case c == '*':
			b.WriteString(".*")
		case unicode.IsLetter(c):
			b.WriteString("[" + string(unicode.ToLower(c)) + string(unicode.ToUpper(c)) + "]")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	return "^" + b.String() + "$"
}

// Domains are the names that a client's services answer to, sorted.
func Domains(s *spec.Spec) []string {
	var out []string
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			for _, env := range spec.Envs() {
				if d := svc.Domains.Of(env); d != "" && svc.Runtime.HTTP() {
					out = append(out, d)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func hosts(app spec.App, svc spec.Service, env spec.Env) []string {
	if d := svc.Domains.Of(env); d != "" {
		return []string{d}
	}
	var shared []string
	for _, other := range app.Services {
		if d := other.Domains.Of(env); d != "" {
			shared = append(shared, d)
		}
	}
	slices.Sort(shared)
	shared = slices.Compact(shared)
	if len(shared) == 0 && env == spec.Preview {
		return []string{PreviewHost}
	}
	return shared
}

func (r ListenerRule) id() string { return join(r.App, r.Service, string(r.Env)) }

func (r ListenerRule) hash() int {
	h := fnv.New32a()
	h.Write([]byte(r.id() + strings.Join(r.Hosts, ",") + r.Path))
	return int(h.Sum32() % classWidth)
}

// class orders rules by how specific they are, 0 the most.
func (r ListenerRule) class() int {
	host := 0
	switch {
	case len(r.Hosts) == 0:
		host = 2
	case !r.Named():
		host = 1
	}
	return host*pathLengths + pathLengths - 1 - len(strings.TrimRight(r.Path, "*"))
}
