package rules

import (
	"slices"
	"strings"
	"testing"
)

func TestAdminsSurviveTheirTag(t *testing.T) {
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
			if got := DecodeAdmins(place, text); !slices.Equal(got, admins) {
				t.Errorf("%q reads back as %v, want %v", text, got, admins)
			}
			if strings.ContainsAny(text, "*?") {
				t.Errorf("%q has characters that tags refuse", text)
			}
		})
	}
}

func TestAListTooLongForATagIsNotCutShort(t *testing.T) {
	t.Parallel()
	place := Place{Partition: "aws", Account: "123456789012"}
	admins := []string{"arn:aws:iam::123456789012:role/" + strings.Repeat("a", 250)}
	if got := DecodeAdmins(place, EncodeAdmins(place, admins)); got != nil {
		t.Errorf("read back as %v, want nothing: the list must be configured", got)
	}
}
