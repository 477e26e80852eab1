package report

import (
	"slices"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/rules"
)

func TestWhoIsAdmittedReadsRight(t *testing.T) {
	const account = "arn:aws:iam::123456789012:"
	for name, c := range map[string]struct {
		admins, auditors []string
		en, fr           []string
	}{
		"the root user alone": {
			[]string{account + "root"},
			nil,
			[]string{"private keys can be read by the account's root user alone"},
			[]string{"les clés privées ne sont lisibles que par l'utilisateur racine du compte"},
		},
		"a role, with and without a path, and a user": {
			[]string{account + "role/ops", account + "role/*/ops", account + "root", account + "user/eve"},
			nil,
			[]string{"private keys can be read by role ops, user eve and the account's root user"},
			[]string{"les clés privées sont lisibles par le rôle ops, l'utilisateur eve et l'utilisateur racine du compte"},
		},
		"a pattern of roles of Identity Center and no other name": {
			[]string{account + "role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*", account + "root"},
			nil,
			[]string{"private keys can be read by permission set Admin and the account's root user"},
			[]string{"les clés privées sont lisibles par le jeu d'autorisations Admin et l'utilisateur racine du compte"},
		},
		"auditors that have only a path": {
			[]string{account + "root", account + "user/eve"},
			[]string{account + "role/*/audit"},
			[]string{"private keys can be read by user eve and the account's root user", "their bucket can be looked at by role audit, who can read none of them"},
			[]string{"les clés privées sont lisibles par l'utilisateur eve et l'utilisateur racine du compte", "leur bucket est consultable par le rôle audit, sans accès aux clés"},
		},
		"auditors that somebody has emptied": {
			[]string{account + "root"},
			[]string{},
			[]string{"private keys can be read by the account's root user alone"},
			[]string{"les clés privées ne sont lisibles que par l'utilisateur racine du compte"},
		},
		"a run that says nothing about keys": {},
	} {
		for lang, want := range map[Lang][]string{English: c.en, French: c.fr} {
			p := &Printer{Lang: lang}
			if got := p.Admitted(rules.Trusted{Admins: c.admins, Auditors: c.auditors}); !slices.Equal(got, want) {
				t.Errorf("%s, %s:\n got %q\nwant %q", name, lang, got, want)
			}
		}
	}
}
