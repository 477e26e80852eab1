package main

import (
	"os"
	"strings"
	"testing"
)

// TestCreateSaysWhatIsLeft creates a client twice: the second time only what is left is a step.
func TestCreateSaysWhatIsLeft(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Chdir(home)
	if err := os.MkdirAll("clients", 0o755); err != nil {
		t.Fatal(err)
	}
	const quiet = "client: ACME\nregion: eu-west-3\napps: [{name: shop, services: [{name: web, runtime: nodejs}]}]\n"
	create := []string{"client", "create", "ACME", "--yes"}
	for _, each := range []struct {
		name, spec  string
		there, gone []string
	}{
		{"nothing was there", quiet, []string{"is ready", "cicdctl client show ACME"}, []string{"AWS Notifications"}},
		{"nothing changes, and nothing is left", quiet, []string{"no change"}, []string{"Next steps"}},
		{"an address for alarms", quiet + "alarms: {email: [ops@example.com]}\n", []string{"is ready", "sent to ops@example.com", "client show ACME"}, nil},
		{"it has not confirmed", quiet + "alarms: {email: [ops@example.com]}\n", []string{"no change", "sent to ops@example.com"}, []string{"client show"}},
	} {
		if err := os.WriteFile("clients/acme.yaml", []byte(each.spec), 0o644); err != nil {
			t.Fatal(err)
		}
		said := tourRun(t, create)
		for _, text := range each.there {
			if !strings.Contains(said, text) {
				t.Errorf("%s: lacks %q:\n%s", each.name, text, said)
			}
		}
		for _, text := range each.gone {
			if strings.Contains(said, text) {
				t.Errorf("%s: says %q:\n%s", each.name, text, said)
			}
		}
	}
}
