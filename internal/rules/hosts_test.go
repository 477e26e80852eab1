package rules

import (
	"slices"
	"strings"
	"testing"
)

func TestHostsOfBothKinds(t *testing.T) {
	for instanceType, arm := range map[string]bool{
		"m6g.large": true, "c7gn.xlarge": true, "t4g.small": true, "x2gd.medium": true, "im4gn.large": true, "is4gen.large": true, "a1.medium": true, "g5g.xlarge": true,
		"m6i.large": false, "t3.micro": false, "g4dn.xlarge": false, "g5.xlarge": false, "gr6.4xlarge": false, "m7i-flex.large": false, "r7iz.metal-16xl": false,
	} {
		if got := ARM(instanceType); got != arm {
			t.Errorf("%s: ARM is %v, want %v", instanceType, got, arm)
		}
		if got := strings.Contains(HostImage(instanceType), "/arm64/"); got != arm {
			t.Errorf("%s: the image is %s", instanceType, HostImage(instanceType))
		}
	}
}

func TestLogGroupsAreTheirClients(t *testing.T) {
	for _, name := range []string{
		LogGroupName("ACME", "two-shop", "web"), InsightsLogGroupName("ACME"), DatabaseLogGroupName("acme", "audit"), DatabaseLogGroupName("acme-20261124t101500", "audit"),
	} {
		if !LogGroupOf("ACME", name) || LogGroupOf("ACME-TWO", name) || LogGroupOf("AC", name) {
			t.Errorf("%s is not told apart by its name", name)
		}
		if begins := func(prefix string) bool { return strings.HasPrefix(name, prefix) }; !strings.Contains(name, LogGroupPattern("ACME")) || !slices.ContainsFunc(ClientLogGroups("ACME"), begins) {
			t.Errorf("%s has not what its client's have", name)
		}
	}
}
