// Package fleetscale tries the audit of a thousand clients in shards, and works out what audits of
// many clients take. It has only tests.
package fleetscale

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"math"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

const (
	region = "eu-west-3"
	// clientsOfRegion is how many clients a region of an account has room for: five pools of ten.
	clientsOfRegion = 50
	// jobStart is what a job takes before and after its audit: a container, the clone, artifacts. It is
	// assumed, not measured.
	jobStart = 30 * time.Second
)

// family is what shares one of AWS's rate limits.
type family struct {
	name      string
	one, each float64 // calls of an audit: with one client, of each further
	burst     int
	perSecond float64
}

// seconds is how long AWS's limit makes an audit of so many clients take at least.
func (f family) seconds(clients int) float64 {
	if f.perSecond == 0 {
		return 0
	}
	return math.Max(0, (f.one+f.each*float64(clients-1)-float64(f.burst))/f.perSecond)
}

// measured counts the calls of audits of one region, with one client and with five more.
func measured(t *testing.T) []family {
	t.Helper()
	ctx := t.Context()
	account, err := sandbox.New(sandbox.Options{PageSize: 100, Looks: -1, Lag: -1}) // AWS's lists have 50 to 1,000 items a page
	if err != nil {
		t.Fatal(err)
	}
	key := sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	op, err := cloud.Open(ctx, cloud.Config{Pools: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}}, cloud.Connection{
		Options: awsapi.Options{Install: account.Install, Unlimited: true}, Pace: time.Millisecond, NewKey: func(int) (*rsa.PrivateKey, error) { return key() },
	})
	if err != nil {
		t.Fatal(err)
	}
	checks := op.Checks()
	const more = 5
	var specs []*spec.Spec
	count := func() map[string]*family {
		account.Forget()
		found, err := audit.Examine(ctx, op, audit.Examined{Specs: specs, Regions: []string{region}})
		if err != nil || len(found.Findings) > 0 || len(found.NotAudited) > 0 {
			t.Fatalf("%v, %+v, %+v", err, found.Findings, found.NotAudited)
		}
		out := map[string]*family{}
		for _, c := range account.Calls() {
			name, burst, perSecond := awsapi.Rate(c.Service, c.Operation)
			if out[name] == nil {
				out[name] = &family{name: name, burst: burst, perSecond: perSecond}
			}
			out[name].one++
		}
		return out
	}
	var first map[string]*family
	for i := range more + 1 {
		s, err := spec.Default(fmt.Sprintf("CLIENT%d", i), region, checks)
		if err != nil {
			t.Fatal(err)
		}
		build(ctx, t, op, s)
		specs = append(specs, s)
		if i == 0 {
			first = count()
		}
	}
	var out []family
	for name, f := range count() {
		one := 0.0
		if first[name] != nil {
			one = first[name].one
		}
		f.one, f.each = one, (f.one-one)/more
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b family) int {
		if a.each != b.each {
			return int(math.Copysign(1, b.each-a.each))
		}
		return strings.Compare(a.name, b.name)
	})
	return out
}

func build(ctx context.Context, t *testing.T, op *cloud.Operator, s *spec.Spec) {
	t.Helper()
	run, err := op.Build(ctx, s)
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
}

// wall are the seconds of an audit of one region with one client and of each further, as
// BENCHMARKS.md has them: over HTTP, with 40 ms added to each answer.
func wall(t *testing.T) (one, each float64) {
	t.Helper()
	text, err := os.ReadFile("../../BENCHMARKS.md")
	if err != nil {
		t.Fatal(err)
	}
	seconds := func(row string) float64 {
		m := regexp.MustCompile(`(?m)^\| ` + row + ` \|.*? \| [\d.]+ s \| ([\d.]+) s \|`).FindSubmatch(text)
		if m == nil {
			t.Fatalf("BENCHMARKS.md has no row %q", row)
		}
		v, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	one = seconds("audit of one region, one client")
	return one, (seconds("audit of one region, ten clients") - one) / 9
}

// TestScaleIsWorkedOut holds docs/scale.md against what is measured: its tables are between marks.
func TestScaleIsWorkedOut(t *testing.T) {
	families, b := measured(t), &strings.Builder{}
	one, each := wall(t)
	var calls, further float64
	fmt.Fprint(b, "| what shares a limit | calls with one client | each further client | at once | a second | seconds for 50 clients |\n|---|---:|---:|---:|---:|---:|\n")
	limit := func(clients int) (worst float64) {
		for _, f := range families {
			worst = math.Max(worst, f.seconds(clients))
		}
		return worst
	}
	for _, f := range families {
		calls, further = calls+f.one, further+f.each
		if f.each < 0.5 {
			continue // told as the rest
		}
		rate, burst, least := "–", "–", "–"
		if f.perSecond > 0 {
			rate, burst, least = fmt.Sprint(f.perSecond), fmt.Sprint(f.burst), fmt.Sprintf("%.0f", f.seconds(clientsOfRegion))
		}
		fmt.Fprintf(b, "| %s | %.0f | %.1f | %s | %s | %s |\n", f.name, f.one, f.each, burst, rate, least)
	}
	fmt.Fprintf(b, "| **all**, those below half a call a client too | **%.0f** | **%.1f** | | | **%.0f** |\n\n", calls, further, limit(clientsOfRegion))
	fmt.Fprintf(b, "Measured seconds: %.2f with one client, %.2f for each further one.\n\n", one, each)
	fmt.Fprint(b, "| clients | accounts × regions × clients | shards | calls | one shard | all one after another | on 4 runners | runners for a night of 60 min |\n|---:|---|---:|---:|---:|---:|---:|---:|\n")
	for _, e := range []struct{ accounts, regions int }{{1, 2}, {5, 4}, {50, 4}} {
		shards := e.accounts * e.regions
		shard := math.Max(one+each*(clientsOfRegion-1), limit(clientsOfRegion)) + jobStart.Seconds()
		total := float64(shards) * shard / 60
		waves := math.Ceil(float64(shards)/4) * shard / 60
		perRunner := math.Floor(3600 / shard)
		fmt.Fprintf(b, "| %d | %d × %d × %d | %d | %.0f | %.0f s | %.0f min | %.0f min | %.0f |\n", shards*clientsOfRegion, e.accounts, e.regions, clientsOfRegion, shards,
			float64(shards)*(calls+further*(clientsOfRegion-1)), shard, total, waves, math.Ceil(float64(shards)/perRunner))
	}
	const begin, end = "<!-- worked out by test/fleetscale -->\n", "<!-- until here -->\n"
	text, err := os.ReadFile("../../docs/scale.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatal("docs/scale.md has lost its marks")
	}
	golden.File(t, "../../docs/scale.md", before+begin+b.String()+end+after)
}
