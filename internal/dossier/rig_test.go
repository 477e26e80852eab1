package dossier

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/cicd/cicdctl/examples"
	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
	"gitlab.com/cicd/cicdctl/internal/vpn"
)

const region = "eu-west-3"

// withVPN is what the sample has beside the annotated example.
const withVPN = `
vpn:
  ipsec:
    sites:
      - {name: office, peer: 198.51.100.20, routes: [192.168.20.0/24], ports: ["443", "5432"]}
  openvpn: {users: [alice, bob]}
`

var onlyKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func quickKey(int) (*rsa.PrivateKey, error) { return onlyKey() }

// rig is an embedded account and an operator who works in it.
type rig struct {
	tb      testing.TB
	account *sandbox.Account
	*cloud.Operator
}

func newRig(tb testing.TB) *rig {
	tb.Helper()
	account, err := sandbox.New(sandbox.Options{SitesAnswer: true, PageSize: 100, Looks: -1, Lag: -1})
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := account.PutZone("shop.example", map[string]string{provision.TagManagedBy: provision.ManagedBy}); err != nil {
		tb.Fatal(err)
	}
	return &rig{tb: tb, account: account, Operator: open(tb, account)}
}

func connection(account *sandbox.Account) cloud.Connection {
	return cloud.Connection{Options: awsapi.Options{Install: account.Install, Unlimited: true}, Pace: 100 * time.Millisecond, NewKey: quickKey}
}

func open(tb testing.TB, account *sandbox.Account) *cloud.Operator {
	tb.Helper()
	o, err := cloud.Open(context.Background(), cloud.Config{}, connection(account))
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

// parsed is a client's spec.
func (r *rig) parsed(text string) *spec.Spec {
	r.tb.Helper()
	_, rest, _ := strings.Cut(text, "client: ")
	name, _, _ := strings.Cut(rest, "\n")
	name, _, _ = strings.Cut(name, " ")
	s, err := spec.Parse(name, []byte(text), rules.Checks(r.Addr, "", time.Now()))
	if err != nil {
		r.tb.Fatal(err)
	}
	return s
}

// create makes the client of a spec: twice, because a port for HTTPS waits for its certificate.
func (r *rig) create(ctx context.Context, text string) *spec.Spec {
	r.tb.Helper()
	s := r.parsed(text)
	for range 2 {
		run, err := r.Build(ctx, s)
		if err != nil {
			r.tb.Fatal(err)
		}
		plan, err := run.Plan(ctx)
		if err != nil {
			r.tb.Fatal(err)
		}
		if _, err := run.Apply(ctx, plan, nil, nil); err != nil {
			r.tb.Fatal(err)
		}
	}
	return s
}

// ship pushes an image of a service and deploys it to environments.
func (r *rig) ship(ctx context.Context, s *spec.Spec, service, tag string, envs ...spec.Env) {
	r.tb.Helper()
	if _, err := deploy.Push(ctx, r.Operator, r.account, s, "shop", service, tag, deploy.SandboxImage{}); err != nil {
		r.tb.Fatal(err)
	}
	image, err := rules.ParseImage(tag)
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, env := range envs {
		d, err := deploy.Prepare(ctx, r.Operator, s, "shop", service, env, deploy.Request{Image: image}, func(*deploy.DeployImage) {})
		if err != nil {
			r.tb.Fatal(err)
		}
		if end, err := d.Run(ctx, func(deploy.DeployStep) {}); err != nil || end.State != deploy.DeployedNow {
			r.tb.Fatalf("%+v, %v", end, err)
		}
	}
}

// sampleText is the spec of the sample.
func sampleText() string { return string(examples.ACME) + withVPN }

// sample is a client with everything: a site, people, deployments and a drill.
func (r *rig) sample(ctx context.Context) *spec.Spec {
	r.tb.Helper()
	s := r.create(ctx, sampleText())
	r.ship(ctx, s, "web", "v1", spec.Preview, spec.Prod)
	r.ship(ctx, s, "api", "v7", spec.Preview)
	time.Sleep(24 * time.Hour)
	r.ship(ctx, s, "web", "v2", spec.Preview)
	d, err := backup.PrepareDrill(ctx, r.Operator, s, "")
	if err != nil {
		r.tb.Fatal(err)
	}
	if _, err := d.Conduct(ctx, nil, nil, func(string) {}); err != nil {
		r.tb.Fatal(err)
	}
	dir := r.tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "acme.yaml"), []byte(sampleText()), 0o600); err != nil {
		r.tb.Fatal(err)
	}
	a := r.session(dir)
	if err := vpn.AddUser(ctx, a, vpn.UserOptions{Name: "ACME", Person: "alice", Days: 365, Out: filepath.Join(dir, "alice.ovpn"), Yes: true}); err != nil {
		r.tb.Fatal(err)
	}
	return s
}

// session is a command at work in the account.
func (r *rig) session(dir string) *session.Session {
	var out bytes.Buffer
	return &session.Session{
		Print: report.New(nil, &out, &out), Conf: session.Settings{SpecDir: dir}, Version: "test",
		Connect: func(string, string) (cloud.Connection, error) { return connection(r.account), nil },
	}
}

// gather makes the dossier of a client, as another process would.
func (r *rig) gather(ctx context.Context, s *spec.Spec, identifiers bool) *Dossier {
	r.tb.Helper()
	d, err := Gather(ctx, open(r.tb, r.account), Asked{Client: s.Client, Region: region, Spec: s, Identifiers: identifiers, Version: "test"})
	if err != nil {
		r.tb.Fatal(err)
	}
	return d
}

// madeOnce is the sample's account after it was made, for all tests that begin there.
var madeOnce struct {
	sync.Mutex
	snapshot []byte
}

// withSample runs a test in a bubble of time, in an account that has the sample.
func withSample(t *testing.T, test func(ctx context.Context, t *testing.T, r *rig, s *spec.Spec)) {
	t.Helper()
	madeOnce.Lock()
	if madeOnce.snapshot == nil {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.sample(t.Context())
			raw, err := r.account.Snapshot()
			if err != nil {
				t.Fatal(err)
			}
			madeOnce.snapshot = raw
		})
	}
	raw := bytes.Clone(madeOnce.snapshot)
	madeOnce.Unlock()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		if err := r.account.Restore(raw); err != nil {
			t.Fatal(err)
		}
		time.Sleep(48 * time.Hour) // to after the sample was made
		test(t.Context(), t, r, r.parsed(sampleText()))
	})
}

// written is the dossier as JSON.
func written(tb testing.TB, d *Dossier) string {
	tb.Helper()
	raw, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}
