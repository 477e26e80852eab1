// Command bench measures cicdctl on moto and in the sandbox and writes BENCHMARKS.md: calls, wall
// time, CPU and memory of what operators do, start-up, sizes, and how calls grow. It can
// measure an older build beside the current one. It judges nothing.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// parts can be left out. Those at the end take long, and are measured only when asked for.
var (
	parts    = []string{"main", "sample", "services", "audit", "slow", "sizes", "growth"}
	optional = []string{"backups", "tests"}
)

type options struct {
	out     string
	vs      string // an older build
	vsName  string
	rounds  int
	atOnce  int
	latency int
	parts   []string
}

func main() {
	var o options
	some := flag.String("parts", strings.Join(parts, ","), "what to measure, of these and "+strings.Join(optional, ", "))
	flag.StringVar(&o.out, "out", "BENCHMARKS.md", "file to write; the chart is written beside it")
	flag.StringVar(&o.vs, "vs", "", "an older cicdctl, measured in turn with the current one")
	flag.StringVar(&o.vsName, "vs-name", "", "what the older one is, for the text (default: what its version command says)")
	flag.IntVar(&o.rounds, "rounds", 1, "runs of each measurement; the median counts")
	flag.IntVar(&o.atOnce, "at-once", 1, "accounts that are measured at once, each on a moto of its own; most of the time they wait")
	flag.IntVar(&o.latency, "latency-ms", 40, "milliseconds added to each answer of moto")
	flag.Parse()
	o.parts = strings.Split(*some, ",")
	for _, part := range o.parts {
		if !slices.Contains(parts, part) && !slices.Contains(optional, part) {
			fmt.Fprintf(os.Stderr, "bench: -parts: %q is none of %s\n", part, strings.Join(slices.Concat(parts, optional), ", "))
			os.Exit(2)
		}
	}
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (o options) has(part string) bool { return slices.Contains(o.parts, part) }

// reading says what the bars are and why one of them may be missed.
const reading = `
The bars are about half of what Terraform 1.11.4 needs for the same stack, or less (create 635 calls, plan 290,
each further client + 199, destroy 409). Where create is over its bar, it is for safety: what AWS would
make twice (keys, addresses, gateways, route tables) is looked for under a lease before it is made, and
seen in a list before the lease is given back; and everything is read again at the end. The bars were set
for a stack without archives, monthly copies, schedules, alarms, dashboards, flow logs, a trail, certificates and
secrets: these add about 55 calls to every plan, most of them because AWS tells the tags and settings of keys,
buckets, queues and schedules only one by one. Where calls were to fall further and have not, docs/decisions/0055 says what
each that is left is for, and [benchmarks-calls.md](benchmarks-calls.md) lists them. test/bench/terraform measures Terraform on the same machine.

What a fresh, real account needs is in these figures: a create makes the service-linked roles (4 calls), turns on
awsvpc trunking and waits until the hosts have joined their cluster (4), asks whether AWS offers the instance type
and the database class (2) and for the quotas that matter in the account (11 instead of 15), and reads each of
its buckets' lifecycles three times in a row, the last time a minute after it was set: no create ends before that minute is
over, which on AWS passes while the database is made. A plan asks for the account's settings of ECS (1). A destroy looks
once more, two minutes later, whether AWS has made something again.
`

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "cicdctl-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left is the system's to clean
	tool := filepath.Join(dir, "cicdctl")
	if text, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", tool, "./cmd/cicdctl").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, text)
	}
	builds := []build{{name: "now", tool: tool}}
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\nMade by `make bench` on %s, on moto, over HTTP on loopback, with %d ms added to each answer; medians of %d, %d accounts at once.\nMoto itself answers one call at a time, so that wall times are mostly moto's. Nothing here was measured on AWS.\nThe default client has one app with one service, and Aurora with two instances.\n", time.Now().UTC().Format("2006-01-02"), o.latency, o.rounds, o.atOnce)
	if o.vs != "" {
		older, err := olderBuild(ctx, o)
		if err != nil {
			return err
		}
		builds = slices.Insert(builds, 0, older.build)
		fmt.Fprintf(&b, "\nEach figure was measured in turn with an older build, %s: \"before\". A row without its figures is what it cannot do.\n", older.is)
	}
	b.WriteString(reading)
	all := slices.DeleteFunc(jobs(o.latency), func(j job) bool { return !o.has(j.part) })
	measured, err := measureJobs(ctx, all, builds, dir, o)
	if err != nil {
		return err
	}
	for _, group := range []struct {
		title string
		parts []string
	}{
		{"Commands", []string{"main", "sample", "services"}},
		{"Audits", []string{"audit"}},
		{"Where things take time", []string{"slow"}},
		{"Copies of the database", []string{"backups"}},
	} {
		some := slices.DeleteFunc(slices.Clone(all), func(j job) bool { return !slices.Contains(group.parts, j.part) })
		if len(some) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n", group.title)
		table(&b, some, measured, builds)
		if group.title == "Audits" {
			further(&b, measured, builds)
		}
	}
	if o.has("growth") {
		if err := growth(ctx, &b, filepath.Dir(o.out)); err != nil {
			return fmt.Errorf("growth: %w", err)
		}
	}
	if o.has("sizes") {
		if err := sizes(ctx, &b, builds, o.rounds); err != nil {
			return err
		}
	}
	if o.has("tests") {
		if err := timeTests(ctx, &b); err != nil {
			return err
		}
	}
	if err := writeCalls(filepath.Dir(o.out), measured, builds); err != nil {
		return err
	}
	return os.WriteFile(o.out, []byte(b.String()), 0o644) //nolint:gosec // a document for everybody
}

// older is the build to compare with, and what it is.
type older struct {
	build
	is string
}

func olderBuild(ctx context.Context, o options) (older, error) {
	tool, err := filepath.Abs(o.vs)
	if err != nil {
		return older{}, err
	}
	said, err := exec.CommandContext(ctx, tool, "version").Output()
	if err != nil {
		return older{}, fmt.Errorf("-vs: %s version: %w", o.vs, err)
	}
	is := o.vsName
	if is == "" {
		is, _, _ = strings.Cut(strings.TrimSpace(string(said)), "\n")
	}
	return older{build{name: "before", tool: tool, may: true}, is}, nil
}
