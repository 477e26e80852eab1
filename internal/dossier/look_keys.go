package dossier

import (
	"encoding/json"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

type seenThing = provision.Seen

// keys tells the client's keys, and who can use them by their policies.
func (l *look) keys() Keys {
	k := Keys{Told: l.told("kms/key", "ec2/key-pair", "s3/escrow", askedAdmins), Keys: []Key{}, Admins: []string{}}
	for _, seen := range l.own["kms/key"] {
		k.Keys = append(k.Keys, Key{
			Name: seen.Role, State: text(&seen, "enabled"), Rotation: text(&seen, "rotation"), Purpose: text(&seen, "type"), OpenTo: l.openTo(text(&seen, "policy")), ID: seen.ID,
		})
	}
	for _, pair := range l.own["ec2/key-pair"] {
		k.Pair = &KeyPair{Name: pair.ID}
		k.Pair.Type, _, _ = strings.Cut(text(&pair, "public key"), " ")
		for _, kept := range l.own["s3/escrow"] {
			k.Pair.PrivateKey = text(&kept, "private key")
			k.Pair.Encryption, _, _ = strings.Cut(text(&kept, "encryption"), " ")
		}
	}
	for _, who := range l.admins {
		k.Admins = append(k.Admins, l.admin(who))
	}
	return k
}

// statement is one of a policy.
type statement struct {
	Effect    string
	Principal any
	Condition map[string]map[string]any
}

// openTo are those whom a policy's statements let in: where they name principals by a condition, these,
// and otherwise the principals themselves.
func (l *look) openTo(policy string) []string {
	var p struct{ Statement []statement }
	if err := json.Unmarshal([]byte(policy), &p); err != nil {
		return []string{"not read: " + err.Error()}
	}
	out := []string{}
	add := func(who string) {
		if who = l.principal(who); !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	for _, s := range p.Statement {
		if s.Effect != "Allow" {
			continue
		}
		narrowed := false
		for operator, conditions := range s.Condition {
			if !strings.HasPrefix(operator, "Arn") && !strings.HasPrefix(operator, "String") || strings.Contains(operator, "Not") {
				continue
			}
			for _, who := range texts(conditions["aws:PrincipalArn"]) {
				narrowed = true
				add(who)
			}
		}
		if narrowed {
			continue
		}
		switch who := s.Principal.(type) {
		case string:
			add(who)
		case map[string]any:
			for _, kind := range []string{"AWS", "Service", "Federated", "CanonicalUser"} {
				for _, each := range texts(who[kind]) {
					add(each)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// texts are one or several strings of a policy.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, each := range v {
			if text, ok := each.(string); ok {
				out = append(out, text)
			}
		}
		return out
	default:
		return nil
	}
}

// everybody is who may come from any account.
const everybody = "everybody"

// principal is whom a policy names, in words where that is the account itself or everybody.
func (l *look) principal(who string) string {
	switch {
	case who == "*":
		return everybody
	case strings.HasSuffix(who, ":root"):
		return lang.Text("the account, by its own policies")
	default:
		return l.names.other(l.who(who))
	}
}

// admin is one of those who can read private keys.
func (l *look) admin(who string) string {
	if strings.HasSuffix(who, ":root") {
		return lang.Text("the account's root user")
	}
	return l.who(who)
}

// audit tells what the audit found of the client and of what clients share.
func (l *look) audit() Audit {
	a := Audit{Told: l.told(), Rules: audit.RuleCount(), Findings: []Finding{}, Excepted: []Excepted{}}
	for _, n := range l.found.NotAudited {
		a.NotRead = append(a.NotRead, NotRead{What: n.What, Why: l.names.other(n.Why)})
	}
	for _, f := range l.found.Findings {
		if f.Client == "" || f.Client == l.Client {
			a.Findings = append(a.Findings, l.finding(f))
		}
	}
	for _, e := range l.found.Excepted {
		if e.Client == "" || e.Client == l.Client {
			a.Excepted = append(a.Excepted, Excepted{Finding: l.finding(e.Finding), Reason: l.names.other(e.Reason), Until: e.Until})
		}
	}
	return a
}

func (l *look) finding(f judge.Finding) Finding {
	return Finding{
		ID: f.ID, Severity: string(f.Severity), Title: f.Title, Resource: l.names.other(f.Resource), Is: l.names.other(f.Is), Should: l.names.other(f.Should), Shared: f.Client == "",
	}
}
