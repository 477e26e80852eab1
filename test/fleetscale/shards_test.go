package fleetscale

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/fleet"
	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

const (
	accounts  = 10
	processes = 4
	findings  = 3 // the exit code of an audit that found something
)

var regions = []string{"eu-west-3", "eu-west-1"}

// TestShardsFindWhatOneAuditFinds audits a thousand clients in twenty shards on four processes, and
// then in one process: the results are the same.
func TestShardsFindWhatOneAuditFinds(t *testing.T) {
	if testing.Short() || golden.Updating() {
		t.Skip("takes minutes")
	}
	clients := clientsOfRegion
	if text := os.Getenv("CICDCTL_FLEET_CLIENTS"); text != "" {
		if _, err := fmt.Sscan(text, &clients); err != nil {
			t.Fatalf("CICDCTL_FLEET_CLIENTS: %v", err)
		}
	}
	p := &program{t, binary(t), t.TempDir()}
	p.configure()
	took := func(what string, do func()) {
		begun := time.Now()
		do()
		t.Logf("%s: %.1f s", what, time.Since(begun).Seconds())
	}
	took("estate", func() {
		p.run(0, "sandbox", "estate", "--accounts", fmt.Sprint(accounts), "--clients", fmt.Sprint(clients))
	})
	p.disturb(clients)

	shards := fleet.Shards{Version: fleet.ShardsVersion, Created: time.Now().UTC()}
	for i := range accounts {
		for r, region := range regions {
			s := fleet.NewShard(account(i), region)
			for n := range clients {
				s.Clients = append(s.Clients, p.client(clients, i, r, n))
			}
			shards.Shards = append(shards.Shards, s)
		}
	}
	p.write(filepath.Join("artifacts", fleet.ShardsFile), shards)
	took("shards", func() {
		var g errgroup.Group
		g.SetLimit(processes)
		for _, s := range shards.Shards {
			g.Go(func() error {
				out, err := p.output("audit", "--account", s.Account, "--region", s.Region, "--output", "json")
				if code, exited := errors.AsType[*exec.ExitError](err); err != nil && (!exited || code.ExitCode() != findings) {
					return fmt.Errorf("%s: %w: %s", s.ID, err, out)
				}
				return os.WriteFile(filepath.Join(p.dir, "artifacts", s.File), out, 0o600)
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
	})
	took("report", func() { p.run(findings, "fleet", "report", "artifacts", "--out", "public") })
	var whole []byte
	took("one audit", func() { whole = p.run(findings, "audit", "--output", "json") })

	var merged struct{ Audit json.RawMessage }
	data, err := os.ReadFile(filepath.Join(p.dir, "public", fleet.ReportFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &merged); err != nil {
		t.Fatal(err)
	}
	sharded, one := steady(t, merged.Audit), steady(t, whole)
	if d := gocmp.Diff(one, sharded); d != "" {
		t.Errorf("shards find (+) other things than one audit (-):\n%s", d)
	}
	if got := len(one["clients"].([]any)); got != accounts*len(regions)*clients {
		t.Errorf("%d clients were audited", got)
	}
	if got := len(one["isolation"].([]any)); got != accounts*len(regions) {
		t.Errorf("%d regions have a proof of isolation", got)
	}
	ids := map[string]int{}
	for _, f := range one["findings"].([]any) {
		ids[f.(map[string]any)["id"].(string)]++
	}
	t.Logf("findings: %v", ids)
	for _, id := range []string{"CICD-SPEC-1", "CICD-SPEC-2", "EC2.18", "CloudTrail.4"} {
		if ids[id] == 0 {
			t.Errorf("no finding %s: %v", id, ids)
		}
	}
}

// steady is an audit without times and numbers of calls, its lists in a steady order.
func steady(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"at", "calls", "seconds"} {
		delete(out, key)
	}
	for _, v := range out {
		if list, ok := v.([]any); ok {
			slices.SortFunc(list, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
		}
	}
	return out
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // it was read from JSON
	}
	return string(data)
}

func account(i int) string { return fmt.Sprintf("account%02d", i+1) }
func number(i int) string  { return fmt.Sprintf("%012d", 200_000_000_001+i) }

// program is cicdctl in a directory of its own.
type program struct {
	t         *testing.T
	path, dir string
}

// binary builds the program, unless CICDCTL_BINARY names it.
func binary(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("CICDCTL_BINARY"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "cicdctl")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "../../cmd/cicdctl").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	return path
}

func (p *program) output(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(p.t.Context(), p.path, append(args, "--sandbox-file", "estate.json")...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		err = errors.Join(err, errors.New(errs.String()))
	}
	return out, err
}

func (p *program) run(code int, args ...string) []byte {
	p.t.Helper()
	out, err := p.output(args...)
	exit, _ := errors.AsType[*exec.ExitError](err)
	if exit == nil && (err != nil || code != 0) || exit != nil && exit.ExitCode() != code {
		p.t.Fatalf("cicdctl %s: %v, want exit code %d: %s", strings.Join(args, " "), err, code, out)
	}
	return out
}

func (p *program) write(name string, v any) {
	p.t.Helper()
	data, isText := v.([]byte)
	if !isText {
		data = []byte(text(v))
	}
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *program) configure() {
	b := &bytes.Buffer{}
	fmt.Fprintln(b, "pools: [10.20.0.0/16, 10.21.0.0/16, 10.22.0.0/16, 10.23.0.0/16, 10.24.0.0/16]\naccounts:")
	for i := range accounts {
		fmt.Fprintf(b, "  %s: {role: \"arn:aws:iam::%s:role/cicdctl\", regions: [%s]}\n", account(i), number(i), strings.Join(regions, ", "))
	}
	p.write("cicdctl.yaml", b.Bytes())
}

// client is the name of a client: they are numbered through.
func (p *program) client(clients, account, region, n int) string {
	total := accounts * len(regions) * clients
	return fmt.Sprintf("CLIENT%0*d", len(fmt.Sprint(total)), (account*len(regions)+region)*clients+n+1)
}

// disturb makes things that audits find: a client without a spec, a spec without a client, a port
// that is open to everybody, and a trail whose files are not validated, which is of the account.
func (p *program) disturb(clients int) {
	p.t.Helper()
	gone := p.client(clients, 3, 1, 0)
	if err := os.Remove(filepath.Join(p.dir, "clients", strings.ToLower(gone)+".yaml")); err != nil {
		p.t.Fatal(err)
	}
	p.write("clients/nobody.yaml", []byte("client: NOBODY\nregion: eu-west-1\naccount: "+account(5)+"\n"))
	a, err := sandbox.New(sandbox.Options{ID: number(2), Path: filepath.Join(p.dir, "estate."+account(2)+".json"), PageSize: 1000, Looks: -1, Lag: -1})
	if err != nil {
		p.t.Fatal(err)
	}
	if err := a.Together(func() error { return open(p.t.Context(), a) }); err != nil {
		p.t.Fatal(err)
	}
}

func open(ctx context.Context, a *sandbox.Account) error {
	cfg := aws.Config{Region: regions[0]}
	a.Install(&cfg)
	api := ec2.NewFromConfig(cfg)
	groups, err := api.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(groups.SecurityGroups, func(g ec2types.SecurityGroup) bool { return strings.Contains(aws.ToString(g.GroupName), "hosts") })
	if i < 0 {
		return errors.New("there is no security group of hosts")
	}
	_, err = api.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: groups.SecurityGroups[i].GroupId,
		IpPermissions: []ec2types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
		}},
	})
	if err != nil {
		return err
	}
	trails := cloudtrail.NewFromConfig(cfg)
	all, err := trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
	if err != nil || len(all.TrailList) == 0 {
		return errors.Join(err, fmt.Errorf("%d trails", len(all.TrailList)))
	}
	_, err = trails.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: all.TrailList[0].TrailARN, EnableLogFileValidation: aws.Bool(false)})
	return err
}
