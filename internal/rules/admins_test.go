package rules

import (
	"slices"
	"strings"
	"testing"
)

func TestPrincipalsSurviveTheirTag(t *testing.T) {
	t.Parallel()
	place := Place{Partition: "aws", Account: "123456789012"}
	for name, caller := range map[string]string{
		"a role's session":       "arn:aws:sts::123456789012:assumed-role/ops/eve",
		"a user":                 "arn:aws:iam::123456789012:user/team/eve",
		"a federated user":       "arn:aws:sts::123456789012:federated-user/eve",
		"a user of another kind": "arn:aws:sts::123456789012:user/moto",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			admins := WithRoot(place, Principals(caller))
			text := EncodeAdmins(place, admins)
			if got := DecodePrincipals(place, text); !slices.Equal(got, admins) {
				t.Errorf("%q reads back as %v, want %v", text, got, admins)
			}
			if strings.ContainsAny(text, "*?") {
				t.Errorf("%q has characters that tags refuse", text)
			}
			audit := Principals(caller)
			if got := DecodePrincipals(place, EncodeAuditors(place, audit)); !slices.Equal(got, audit) {
				t.Errorf("of auditors, %v reads back as %v", audit, got)
			}
		})
	}
}

func TestAListThatNoTagTakesIsNotCutShort(t *testing.T) {
	t.Parallel()
	place := Place{Partition: "aws", Account: "123456789012"}
	for name, principal := range map[string]string{"too long": strings.Repeat("a", 260), "a pattern of one character": "audit-?", "a comma": "audit,eu"} {
		list := []string{"arn:aws:iam::123456789012:role/" + principal}
		for _, text := range []string{EncodeAdmins(place, list), EncodeAuditors(place, list)} {
			if got := DecodePrincipals(place, text); got != nil {
				t.Errorf("%s: read back as %v, want nothing: the list must be configured", name, got)
			}
		}
	}
}

// Of nobody being an auditor something must be left, or the next operator would go
// by the list that the tag had before.
func TestNoAuditorsAreRememberedToo(t *testing.T) {
	t.Parallel()
	place := Place{Partition: "aws", Account: "123456789012"}
	text := EncodeAuditors(place, []string{})
	if got := DecodePrincipals(place, text); text == "" || got == nil || len(got) > 0 {
		t.Errorf("%q reads back as %v", text, got)
	}
}
