package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// noJSON are the commands whose result is of another kind, and what it is.
var noJSON = map[string]string{
	"cicdctl completion": "a script",
}

// TestEveryCommandWritesJSON runs all commands with --output json, those that go well and those that
// do not: each writes JSON where results go, and nothing else.
func TestEveryCommandWritesJSON(t *testing.T) {
	atHome(t, []byte(tourSpec))
	ran, schemas := map[string]bool{}, compiled(t)
	root := newRoot(&session.Session{Print: report.New(nil, nil, nil)})
	for line := range strings.Lines(`
		client create ACME
		client create ACME --yes
		client plan ACME
		client plan ACME --cost
		client show ACME
		client show ACME --cost
		client show NOBODY
		client list
		client report ACME
		client report ACME --format json --out -
		client report NOBODY
		region report eu-west-3
		region report eu-west-3 --format json --out -
		report --all
		report --all --format json --out -
		report
		fleet report artifacts
		client import ACME ecs/cluster cluster acme
		region show eu-west-3
		account init --yes
		account tidy
		spec validate clients/acme.yaml
		spec validate nowhere.yaml
		spec schema
		spec init NEWCO --region eu-west-3 --file elsewhere/newco.yaml
		audit ACME
		audit --list-rules
		doctor
		schema client plan
		iam-policy
		schema
		version
		schema nothing
		vpn status ACME
		vpn config ACME office
		vpn rotate ACME office --tunnel 1 --yes
		vpn user add ACME alice --out alice.ovpn
		vpn user renew ACME alice --out again.ovpn
		vpn user list ACME
		vpn user sessions ACME
		vpn user revoke ACME alice --yes
		sandbox push ACME shop/web v1
		sandbox zone shop.example
		sandbox issue shop.example
		sandbox quota L-1216C47A 64
		sandbox estate --clients 1 --region eu-west-1
		deploy ACME shop/web --env preview --image v1 --yes
		deploy ACME shop/web --env prod --image v1
		deploy ACME shop/web --env prod --image v1 --yes
		deploy status ACME
		deploy list ACME shop/web --env prod
		deploy restart ACME shop/web --env prod --yes
		deploy rollback ACME shop/web --env prod --yes
		logs ACME shop/web --env prod
		exec ACME shop/web --env prod
		scale ACME shop/web 2 --env preview --yes
		stop ACME --env preview --yes
		start ACME --env preview --yes
		app users list ACME
		app users set ACME shop/web --env prod --from nowhere.yaml
		app init ACME shop
		fleet init --dir estate
		fleet pipeline --event schedule
		fleet check ACME
		fleet comment ACME --file clients/acme.yaml
		pipeline render ACME shop
		key show ACME
		key rotate ACME --yes
		maintenance show ACME
		maintenance set ACME --day mon --yes
		backup-policy show ACME
		backup-policy set ACME --retention-days 9 --yes
		backup run ACME --yes
		backup list ACME
		backup archive ACME --month 2026-10
		backup restore ACME --latest --yes
		backup discard ACME nothing
		backup drill ACME --yes
		client destroy ACME
		client destroy ACME --plan
		client destroy ACME --confirm ACME
		client destroy ACME --confirm ACME
		region destroy eu-west-3
		region destroy eu-west-3 --confirm eu-west-3
		account destroy --confirm 123456789012
		client destroy ACME --region eu-west-3 --purge-data --confirm ACME
		region destroy eu-west-3 --purge-data --confirm eu-west-3
		account destroy --purge-data
		account destroy --purge-data --confirm 123456789012
		client create
		client plan ACME --nonsense
		nonsense
	`) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if cmd, _, err := root.Find(words); err == nil {
			ran[cmd.CommandPath()] = true
		}
		var out, said bytes.Buffer
		code := run(append(words, "--sandbox-file", "account.json", "--output", "json"), report.New(nil, &out, &said))
		documents := json.NewDecoder(&out)
		text, count := out.String(), 0
		for {
			var one any
			err := documents.Decode(&one)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Errorf("%s (exit code %d): %v: %q", strings.Join(words, " "), code, err, firstOf(text))
				break
			}
			count++
			validate(t, schemas, words, one)
			object, _ := one.(map[string]any)
			fault, _ := object["error"].(map[string]any)
			if fault != nil && (fault["message"] == "" || int(fault["exit"].(float64)) != code) {
				t.Errorf("%s (exit code %d): an error without a text or with another code: %v", strings.Join(words, " "), code, fault)
			}
		}
		if want := words[0] != "logs"; count != 1 && want {
			t.Errorf("%s (exit code %d): %d JSON documents, want 1:\n%s\n%s", strings.Join(words, " "), code, count, firstOf(text), firstOf(said.String()))
		}
	}
	each(root, func(cmd *cobra.Command) {
		if !cmd.HasSubCommands() && !ran[cmd.CommandPath()] && noJSON[cmd.CommandPath()] == "" && cmd.Name() != "help" && !cmd.Hidden {
			t.Errorf("%s is not tried", cmd.CommandPath())
		}
	})
}

func firstOf(text string) string { return text[:min(len(text), 300)] }
