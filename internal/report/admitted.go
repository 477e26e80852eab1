package report

import (
	"strings"

	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Admitted says who is let in to the private keys; nothing without admins, which is
// a run that says nothing about them.
func (p *Printer) Admitted(who rules.Trusted) []string {
	if len(who.Admins) == 0 {
		return nil
	}
	out := []string{Admins(p.Lang, who.Admins)}
	if len(rules.Named(who.Auditors)) > 0 {
		out = append(out, Auditors(p.Lang, who.Auditors))
	}
	return out
}

// Admins says who may read private keys. The root user may always: alone, when
// nobody else is an admin.
func Admins(l Lang, admins []string) string {
	if len(rules.Named(admins)) == 0 {
		return l.Sayf("private keys can be read by the account's root user alone")
	}
	return l.Sayf("private keys can be read by %s and the account's root user", principals(l, admins))
}

// Auditors says who may look at the admin bucket.
func Auditors(l Lang, auditors []string) string {
	return l.Sayf("their bucket can be looked at by %s, who can read none of them", principals(l, auditors))
}

// principals names roles and users: "role ops, user eve".
func principals(l Lang, list []string) string {
	var names []string
	for _, each := range rules.Named(list) {
		switch each.Kind {
		case "role":
			names = append(names, l.Sayf("role %s", each.Name))
		case "permission set":
			names = append(names, l.Sayf("permission set %s", each.Name))
		case "user":
			names = append(names, l.Sayf("user %s", each.Name))
		default:
			names = append(names, each.Kind+" "+each.Name)
		}
	}
	return strings.Join(names, ", ")
}
