package dossier

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

var errStopped = errors.New("stopped")

// A client of which a run has made no more than its subnets has a dossier all the same, that says of
// everything else that there is none.
func TestAClientWithNothingButASlot(t *testing.T) {
	withSample(t, func(ctx context.Context, t *testing.T, r *rig, _ *spec.Spec) {
		s := r.parsed("client: GLOBEX\nregion: eu-west-3\n")
		made := 0
		r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
			if c.Name() == "EC2.CreateSubnet" {
				made++
			}
			if c.Mutating && (made > 3 || !strings.HasPrefix(c.Name(), "EC2.")) && !strings.HasPrefix(c.Name(), "S3.") {
				return sandbox.Fault{Before: errStopped}
			}
			return sandbox.Fault{}
		})
		run, err := r.Build(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.Apply(ctx, plan, nil, nil); err == nil {
			t.Fatal("the run went through")
		}
		r.account.OnCall(nil)
		d := r.gather(ctx, s, false)
		if len(d.Place.Subnets) == 0 || d.Place.Slot != 1 {
			t.Errorf("its place is %+v", d.Place)
		}
		text := markdown(t, d, lang.English)
		for _, want := range []string{"The client has no services.", "No sites.", "There is no backup.", "The client has no alarms.", "Nothing was deployed since", "The client has no database"} {
			if !strings.Contains(text, want) {
				t.Errorf("lacks %q:\n%s", want, text)
			}
		}
		var b bytes.Buffer
		if err := document.HTML(&b, Compose(d, lang.French)); err != nil {
			t.Error(err)
		}
	})
}

// Of a destroyed client there is nothing to tell: the error says so, and what to do.
func TestADestroyedClientIsAnError(t *testing.T) {
	withSample(t, func(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) {
		run, err := r.Remove(ctx, "ACME", region, false)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.Apply(ctx, plan, nil, nil); err != nil {
			t.Fatal(err)
		}
		_, err = Gather(ctx, open(t, r.account), Asked{Client: "ACME", Region: region, Spec: s})
		refused, ok := errors.AsType[*session.RefusalError](err)
		if !ok || !strings.Contains(refused.Remedy(), "cicdctl client create ACME") {
			t.Errorf("%v", err)
		}
	})
}

// The overview has a line for each client, from one look at all of them.
func TestTheOverviewNamesAllClients(t *testing.T) {
	withSample(t, func(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) {
		globex := r.create(ctx, other("GLOBEX"))
		r.allow(ctx, r.group(ctx, "GLOBEX", "hosts"), "203.0.113.5/32", 22)
		x, err := Survey(ctx, open(t, r.account), []*spec.Spec{s, globex}, []string{region}, "test")
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Clients) != 2 || x.Clients[0].Client != "ACME" || x.Clients[1].Client != "GLOBEX" {
			t.Fatalf("%+v", x.Clients)
		}
		acme, two := x.Clients[0], x.Clients[1]
		if acme.Slot != 0 || two.Slot != 1 || acme.Database != "aurora-postgresql 16.11" || acme.Drill == nil || acme.Drill.RPO != 60 || two.Drill != nil {
			t.Errorf("%+v\n%+v", acme, two)
		}
		if acme.Findings.High+acme.Findings.Medium != 0 || two.Findings.High+two.Findings.Medium == 0 {
			t.Errorf("findings: %+v, %+v", acme.Findings, two.Findings)
		}
		if err := x.Price(ctx, open(t, r.account), []*spec.Spec{s, globex}); err != nil {
			t.Fatal(err)
		}
		if len(x.NotRead) > 0 || len(x.Clients[0].Monthly) != 1 || x.Clients[0].Monthly[0].Monthly.Cmp(x.Clients[1].Monthly[0].Monthly) <= 0 || len(x.Monthly[region]) != 1 {
			t.Errorf("the client with a VPN costs no more than the other: %+v, %+v, %+v", x.NotRead, x.Clients[0].Monthly, x.Clients[1].Monthly)
		}
		for _, l := range []lang.Lang{lang.English, lang.French} {
			var b bytes.Buffer
			if err := document.Markdown(&b, ComposeIndex(x, l)); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"**ACME**", "**GLOBEX**", "10.20.24.0/21", "sun:02:30-sun:04:00", "RPO 1 min, RTO 1 s"} {
				if !strings.Contains(b.String(), want) {
					t.Errorf("%s: lacks %q:\n%s", l, want, b.String())
				}
			}
		}
	})
}

// A report replaces an earlier one, and no file of anybody else's.
func TestReportsReplaceNothingElse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "reports", "acme-dossier.md")
	for _, text := range []string{"one, by cicdctl\n", "two, by cicdctl\n"} {
		if err := session.WriteReport(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if have, err := os.ReadFile(path); err != nil || string(have) != text {
			t.Errorf("the file is %q (%v)", have, err)
		}
	}
	if err := os.WriteFile(path, []byte("my notes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := session.WriteReport(path, []byte("three, by cicdctl\n"))
	if refused, ok := errors.AsType[*session.RefusalError](err); !ok || !strings.Contains(refused.Remedy(), "--out") {
		t.Errorf("%v", err)
	}
	if have, _ := os.ReadFile(path); string(have) != "my notes\n" {
		t.Errorf("somebody's notes are %q", have)
	}
}

func TestTextsWithoutIdentifiers(t *testing.T) {
	t.Parallel()
	n := names{of: map[string]string{"sg-0123456789abcdef0": "shop-web", "arn:aws:kms:eu-west-3:123456789012:key/1": "client"}}
	for text, want := range map[string]string{
		"tcp 5432 from sg-0123456789abcdef0":                   "tcp 5432 from shop-web",
		"sg-00000000000000001 and vpc-12345678":                "… and …",
		"arn:aws:kms:eu-west-3:123456789012:key/1":             "client",
		"arn:aws:iam::123456789012:role/operator":              "role/operator",
		"ELB app/acme-web/50dc6c495c0c9188":                    "ELB acme-web",
		"acme-shop-123456789012-eu-west-3-an":                  "acme-shop-…-eu-west-3-an",
		"key 1234abcd-12ab-34cd-56ef-1234567890ab":             "key …",
		"sha256:28c260220ff809c300dce769ea076079ac1ad269e4085": "sha256:28c260220ff809c300dce769ea076079ac1ad269e4085",
		"2000-01-01T00:00:00Z, 10.20.0.0/21, vpn-office":       "2000-01-01T00:00:00Z, 10.20.0.0/21, vpn-office",
	} {
		if got := n.scrub(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTextsWithoutOthersNames(t *testing.T) {
	t.Parallel()
	n := names{others: []string{"GLOBEX", "WEB"}, own: map[string]bool{"web": true}}
	for text, want := range map[string]string{
		"network from GLOBEX to ACME":   "network from another client to ACME",
		"globex-shop, globexs, xglobex": "another client-shop, globexs, xglobex",
		"WEB reaches shop-web":          "another client reaches shop-web",
	} {
		if got := n.other(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
