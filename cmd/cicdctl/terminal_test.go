package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/examples"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/report/fits"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// TestWhatIsSaidFitsOnTerminals runs commands on terminals of several widths, and shows all help.
// What commands write for programs, such as files, is not wrapped.
func TestWhatIsSaidFitsOnTerminals(t *testing.T) {
	atHome(t, []byte(tourSpec))
	say := func(width int, words ...string) {
		var said bytes.Buffer
		p := report.New(strings.NewReader(""), &said, &said)
		p.OnTerminal(width)
		run(append(words, "--sandbox-file", "account.json"), p)
		fits.Check(t, p, width, said.String())
		if said.Len() == 0 {
			t.Errorf("%s says nothing", strings.Join(words, " "))
		}
	}
	say(80, "client", "create", "ACME", "--yes", "--verbose")
	say(80, "sandbox", "push", "ACME", "shop/web", "v1")
	say(80, "deploy", "ACME", "shop/web", "--env", "prod", "--image", "v1", "--yes")
	say(100, "backup", "run", "ACME", "--yes")
	for _, width := range fits.Widths {
		for _, lang := range []string{"en", "fr"} {
			for _, words := range []string{
				"client show ACME", "client show ACME --cost", "client plan NEWCO --region eu-west-1 --cost", "client list", "client plan NEWCO --region eu-west-1", "client create ACME --region eu-west-1 --yes",
				"client create NEWCO --region eu-west-1", "client destroy ACME", "client show NOBODY", "region show eu-west-3",
				"backup list ACME", "backup restore ACME", "backup-policy show ACME", "maintenance show ACME", "doctor", "audit", "audit --list-rules",
				"deploy status ACME", "deploy list ACME shop/web --env prod", "vpn status ACME", "vpn user list ACME", "vpn user sessions ACME",
				"app users list ACME", "spec validate", "iam-policy --dir policies", "nonsense --flag", "client create",
			} {
				say(width, append(strings.Fields(words), "--lang", lang)...)
			}
		}
	}
	each(newRoot(&session.Session{Print: report.New(nil, nil, nil)}), func(cmd *cobra.Command) {
		say(80, append(strings.Fields(cmd.CommandPath())[1:], "--help")...)
	})
}

// TestTheFirstPlanFitsOnAScreen plans the example with everything in it.
func TestTheFirstPlanFitsOnAScreen(t *testing.T) {
	atHome(t, examples.ACME)
	for _, lang := range []string{"en", "fr"} {
		var said bytes.Buffer
		p := report.New(strings.NewReader(""), &said, &said)
		p.OnTerminal(100)
		run([]string{"client", "plan", "ACME", "--sandbox-file", "account.json", "--lang", lang}, p)
		if lines := strings.Count(said.String(), "\n"); lines > 40 || lines < 20 {
			t.Errorf("%s: the plan has %d lines:\n%s", lang, lines, &said)
		}
	}
}

func TestCommandsAreFoundInSentences(t *testing.T) {
	root := newRoot(&session.Session{Print: report.New(nil, nil, nil)})
	for text, want := range map[string][]string{
		"run cicdctl client create ACME --region eu-west-3, then go on":              {"cicdctl client create ACME --region eu-west-3"},
		"cicdctl client create ACME puts it right":                                   {"cicdctl client create ACME"},
		"run cicdctl client create of any client: it writes both policies":           {"cicdctl client create"},
		"cicdctl made it, and cicdctl changes it":                                    nil,
		"see cicdctl vpn config ACME office --format strongswan --show-secrets.":     {"cicdctl vpn config ACME office --format strongswan --show-secrets"},
		"cicdctl vpn status --sandbox-file a.json ACME; with: cicdctl backup list A": {"cicdctl vpn status --sandbox-file a.json ACME", "cicdctl backup list A"},
		"see cicdctl client --help":                                                  nil,
		"cicdctl region destroy eu-west-3, when no client is to come":                {"cicdctl region destroy eu-west-3"},
		"switch it on with cicdctl backup-policy set ACME --archive monthly":         {"cicdctl backup-policy set ACME --archive monthly"},
		"run cicdctl deploy ACME shop/web --env prod and look":                       {"cicdctl deploy ACME shop/web --env prod"},
		"then cicdctl client create 'A B' --yes goes on":                             {"cicdctl client create 'A B' --yes"},
	} {
		var got []string
		for _, at := range commandsIn(root, text) {
			got = append(got, text[at[0]:at[1]])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q has the commands %q, want %q", text, got, want)
		}
	}
}
