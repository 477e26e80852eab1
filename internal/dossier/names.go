package dossier

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"

	"gitlab.com/cicd/cicdctl/internal/isolation"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// AnotherClient stands for the name of any other client: a dossier goes to one.
const AnotherClient = "another client"

// hidden stands for an identifier of something that has no name in a dossier.
const hidden = "…"

// names are what resources are called instead of their identifiers.
type names struct {
	of      map[string]string // by identifier
	account string
	others  []string // names of other clients
	own     map[string]bool
}

// named collects them from what was seen: other clients' resources are all called the same.
func (l *look) named() names {
	n := names{of: map[string]string{}, own: map[string]bool{}}
	others := map[string]bool{}
	for r := range l.found.Survey.Found() {
		if who := r.Tags[provision.TagClient]; r.Tags[provision.TagManagedBy] == provision.ManagedBy && who != "" && who != l.Client {
			others[who], n.of[r.ID] = true, AnotherClient
		}
	}
	if l.estate != nil {
		for _, s := range l.estate.Subnets {
			n.stranger(l.Client, s.ID, s.Owner, others)
		}
		for _, a := range l.estate.ACLs {
			n.stranger(l.Client, a.ID, a.Owner, others)
		}
		for _, g := range l.estate.Groups {
			n.stranger(l.Client, g.ID, g.Owner, others)
		}
		for _, t := range l.estate.RouteTables {
			n.stranger(l.Client, t.ID, t.Owner, others)
		}
		for _, v := range l.estate.VPNs {
			n.stranger(l.Client, v.ID, v.Owner, others)
		}
	}
	for _, kinds := range []map[string][]provision.Seen{l.own, l.shared} {
		for _, all := range kinds {
			for _, seen := range all {
				n.of[seen.ID] = called(&seen)
				for word := range strings.SplitSeq(seen.Role, "-") {
					n.own[word] = true
				}
			}
		}
	}
	for _, u := range l.units {
		n.account = u.Account
	}
	n.others = slices.Sorted(maps.Keys(others))
	return n
}

func (n *names) stranger(client, id, owner string, others map[string]bool) {
	if owner != client && owner != isolation.Shared && owner != isolation.Foreign {
		others[owner], n.of[id] = true, AnotherClient
	}
}

// called is what people call a resource: a security group by the tag that the document asks for, what
// has a name in AWS by that, and anything else by its role.
func called(seen *provision.Seen) string {
	if seen.Kind == "ec2/security-group" {
		return cmp.Or(seen.Tags["GroupName"], seen.Role)
	}
	return cmp.Or(seen.Role, hidden)
}

// name is what a resource is called.
func (n *names) name(id string) string { return cmp.Or(n.of[id], hidden) }

// other is a text that somebody else wrote, without the names of other clients: as such, and in
// lower case, as names of AWS have them, unless the client itself has something of that name.
func (n *names) other(text string) string {
	for _, who := range n.others {
		text = replaceWord(text, who, AnotherClient)
		if low := strings.ToLower(who); !n.own[low] {
			text = replaceWord(text, low, AnotherClient)
		}
	}
	return text
}

// replaceWord replaces a word where no letter or digit touches it.
func replaceWord(text, word, by string) string {
	var b strings.Builder
	for rest := text; ; {
		at := strings.Index(rest, word)
		if at < 0 || word == "" {
			b.WriteString(rest)
			return b.String()
		}
		end := at + len(word)
		if at > 0 && wordly(rest[at-1]) || end < len(rest) && wordly(rest[end]) {
			b.WriteString(rest[:end])
		} else {
			b.WriteString(rest[:at] + by)
		}
		rest = rest[end:]
	}
}

func wordly(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// What identifiers look like. Those of EC2 end in 8 or 17 hexadecimal digits (EC2 user guide,
// "Resource IDs").
var (
	arns        = lazyregexp.New(`arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[^\s"',;(){}\[\]]+`)
	resourceIDs = lazyregexp.New(`\b(?:vpc|subnet|sg|sgr|acl|aclassoc|rtb|rtbassoc|nat|eni|igw|vgw|cgw|vpn|cvpn-endpoint|cvpn-connection|i|lt|vol|fl|eipalloc|eipassoc|pl|vpce|ami|key|snap|pcx|tgw|dopt)-[0-9a-f]{8,17}\b`)
	balancers   = lazyregexp.New(`\b(?:app|net)/([A-Za-z0-9-]+)/[0-9a-f]{16}\b`)
	uuids       = lazyregexp.New(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	accounts    = lazyregexp.New(`\b[0-9]{12}\b`)
)

// scrub takes identifiers out of a text; what has a name is called by it.
func (n *names) scrub(text string) string {
	text = arns.ReplaceAllStringFunc(text, func(arn string) string {
		if name, known := n.of[arn]; known {
			return name
		}
		return strings.SplitN(arn, ":", 6)[5] // what is no identifier of these: "role/operator"
	})
	text = balancers.ReplaceAllString(text, "$1")
	for _, pattern := range []*lazyregexp.Regexp{resourceIDs, uuids} {
		text = pattern.ReplaceAllStringFunc(text, n.name)
	}
	return accounts.ReplaceAllString(text, hidden)
}

// discreet is the dossier as it may be given away: every text in it passes here, so that none can be
// forgotten. Nobody else's name was put into it; what is left to take out are identifiers.
func discreet(d *Dossier, n names, identifiers bool) (*Dossier, error) {
	if identifiers {
		return d, nil
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return nil, lang.Errorf("take the identifiers out of the report: %w", err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, lang.Errorf("take the identifiers out of the report: %w", err)
	}
	if raw, err = json.Marshal(n.without(tree)); err != nil {
		return nil, lang.Errorf("take the identifiers out of the report: %w", err)
	}
	var out Dossier
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, lang.Errorf("take the identifiers out of the report: %w", err)
	}
	return &out, nil
}

// without is a value of JSON without identifiers. Fields that hold nothing else are left out.
func (n *names) without(value any) any {
	switch v := value.(type) {
	case string:
		return n.scrub(v)
	case []any:
		for i := range v {
			v[i] = n.without(v[i])
		}
	case map[string]any:
		for key := range v {
			if key == identifier {
				if _, isText := v[key].(string); isText && n.scrub(v[key].(string)) != v[key] {
					delete(v, key)
					continue
				}
			}
			v[key] = n.without(v[key])
		}
	}
	return value
}

// identifier is the name of fields for the identifier of a resource.
const identifier = "id"
