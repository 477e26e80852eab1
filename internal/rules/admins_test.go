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

// A role of Identity Center gets another suffix when it is made anew: it is remembered by its
// permission set, and no other set is let in with it.
func TestPermissionSetsAreRememberedWithoutTheirSuffix(t *testing.T) {
	t.Parallel()
	place := Place{Partition: "aws", Account: "123456789012"}
	session := func(role string) string { return "arn:aws:sts::123456789012:assumed-role/" + role + "/eve" }
	const first = "AWSReservedSSO_Ops_1234567890abcdef"
	who := Trusted{Admins: WithRoot(place, Principals(session(first)))}
	text := EncodeAdmins(place, who.Admins)
	if again := DecodePrincipals(place, text); !slices.Equal(again, who.Admins) || strings.ContainsAny(text, "*?") || text == configured {
		t.Errorf("%q reads back as %v, want %v", text, again, who.Admins)
	}
	if got, want := Named(who.Admins), []Principal{{"permission set", "Ops"}}; !slices.Equal(got, want) {
		t.Errorf("named %v, want %v", got, want)
	}
	for role, in := range map[string]bool{
		first: true, "AWSReservedSSO_Ops_fedcba0987654321": true,
		"AWSReservedSSO_Ops_Trainees_1234567890abcdef": false, "AWSReservedSSO_Op_1234567890abcdef": false, "AWSReservedSSO_Ops_": false, "Ops": false,
	} {
		if who.ShutsOut(session(role)) == in {
			t.Errorf("%s is let in: %t, want %t", role, !in, in)
		}
	}
	// What was remembered with its suffix comes to the same, and nothing else changes.
	old := []string{"arn:aws:iam::123456789012:role/" + first, "arn:aws:iam::123456789012:role/*/" + first, "arn:aws:iam::123456789012:user/eve"}
	want := append(Principals(session(first)), "arn:aws:iam::123456789012:user/eve")
	slices.Sort(want)
	if got := Lasting(old); !slices.Equal(got, want) || !slices.Equal(Lasting(got), want) {
		t.Errorf("from before: %v, want %v", got, want)
	}
	if Lasting(nil) != nil || Lasting([]string{}) == nil {
		t.Error("a list that nobody gave and an empty one are not the same")
	}
}
