// Command bench measures cicdctl on moto and writes BENCHMARKS.md: calls, wall
// time, CPU and memory of the main job, start-up, sizes. It judges nothing.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

func main() {
	out := flag.String("out", "BENCHMARKS.md", "file to write")
	rounds := flag.Int("rounds", 3, "runs of each measurement; the median counts")
	suite := flag.Bool("suite", true, "time all tests too")
	flag.Parse()
	if err := run(context.Background(), *out, *rounds, *suite); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// reading says what the bars are and why one of them may be missed.
const reading = `
The bars are about half of what Terraform 1.11.4 needs for the same stack, or less (create 635 calls, plan 290,
each further client + 199, destroy 409). Where create is over its bar, it is for safety: what AWS would
make twice (keys, addresses, gateways, route tables) is looked for under a lease before it is made, and
seen in a list before the lease is given back; and everything is read again at the end. The bars were set
for a stack without archives, monthly copies, schedules, alarms, dashboards, flow logs, a trail, certificates and
secrets: these add about 55 calls to every plan, most of them because AWS tells the tags and settings of keys,
buckets, queues and schedules only one by one.

What a fresh, real account needs is in these figures: a create makes the service-linked roles (4 calls), turns on
awsvpc trunking and waits until the hosts have joined their cluster (4), asks whether AWS offers the instance type
and the database class (2) and for the quotas that matter in the account (11 instead of 15), and reads each of
its four buckets' lifecycles three times in a row, the last time a minute after it was set (12 instead of 4): no
create ends before that minute is over, which on AWS passes while the database is made. A plan asks for the
account's settings of ECS (1).
`

// sample is one run of a command.
type sample struct {
	calls, mutating int
	pages           int // of the tagging service, which grow with what there is
	wall, cpu       time.Duration
	memory          int64 // bytes, at the peak
}

// step is one command of the main job, in order.
type step struct {
	name string
	args []string
	exit int
	bar  int    // calls at most; 0 for none
	push string // tag of an image of ACME's that is there by then
}

var steps = []step{
	{"create ACME (empty account)", []string{"client", "create", "ACME", "--region", "eu-west-3", "--yes"}, 0, 330, ""},
	{"create ACME again", []string{"client", "create", "ACME", "--yes"}, 0, 90, ""},
	{"plan ACME", []string{"client", "plan", "ACME"}, 0, 90, ""},
	{"backup-policy set ACME (retention)", []string{"backup-policy", "set", "ACME", "--retention-days", "31", "--yes"}, 0, 0, ""},
	{"backup-policy set ACME again", []string{"backup-policy", "set", "ACME", "--retention-days", "31", "--yes"}, 0, 0, ""},
	{"backup restore ACME --latest", []string{"backup", "restore", "ACME", "--latest", "--as", "acme-copy", "--yes"}, 0, 0, ""},
	{"backup drill ACME", []string{"backup", "drill", "ACME", "--yes"}, 0, 0, ""},
	{"backup discard ACME", []string{"backup", "discard", "ACME", "acme-copy", "--confirm", "acme-copy"}, 0, 0, ""},
	{audits[1], []string{"audit", "--region", "eu-west-3"}, 0, 0, ""},
	{"create GLOBEX (shared things exist)", []string{"client", "create", "GLOBEX", "--region", "eu-west-3", "--yes"}, 0, 0, ""},
	{"plan ACME, two clients there", []string{"client", "plan", "ACME"}, 0, 115, ""},
	{audits[2], []string{"audit", "--region", "eu-west-3"}, 0, 0, ""},
	{"deploy to preview", []string{"deploy", "ACME", "app/web", "--env", "preview", "--image", "v1", "--yes"}, 0, 0, "v1"},
	{"deploy to prod", []string{"deploy", "ACME", "app/web", "--env", "prod", "--image", "v1", "--yes"}, 0, 0, ""},
	{"destroy ACME", []string{"client", "destroy", "ACME", "--confirm", "ACME"}, 0, 200, ""},
}

func run(ctx context.Context, out string, rounds int, suite bool) error {
	dir, err := os.MkdirTemp("", "cicdctl-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left is the system's to clean
	tool := filepath.Join(dir, "cicdctl")
	if text, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", tool, "./cmd/cicdctl").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, text)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\nMade by `make bench` on %s: the default client (one app, one service, Aurora with two instances)\non moto, over HTTP on loopback. Medians of %d; moto answers one call at a time, in 5 to 7 ms, so\nwall times are mostly moto's. Nothing here was measured on AWS.\n", time.Now().UTC().Format("2006-01-02"), rounds)
	b.WriteString(reading)
	for _, latency := range []int{0, 40} {
		table, err := mainJob(ctx, tool, dir, latency, rounds)
		if err != nil {
			return fmt.Errorf("at %d ms: %w", latency, err)
		}
		fmt.Fprintf(&b, "\n## %d ms added to each answer\n\n%s", latency, table)
	}
	if err := sizes(ctx, &b, tool, rounds, suite); err != nil {
		return err
	}
	return os.WriteFile(out, []byte(b.String()), 0o644) //nolint:gosec // a document for everybody
}

func mainJob(ctx context.Context, tool, dir string, latency, rounds int) (string, error) {
	samples := make([][]sample, len(steps))
	for range rounds {
		emulator, err := startMoto(ctx, latency)
		if err != nil {
			return "", err
		}
		work, err := os.MkdirTemp(dir, "work")
		if err != nil {
			return "", errors.Join(err, emulator.stop())
		}
		for i, s := range steps {
			one, err := measure(ctx, emulator, tool, work, s)
			if err != nil {
				return "", errors.Join(fmt.Errorf("%s: %w", s.name, err), emulator.stop())
			}
			samples[i] = append(samples[i], one)
		}
		if err := emulator.stop(); err != nil {
			return "", err
		}
	}
	var b strings.Builder
	b.WriteString("| | calls | bar | mutating | wall | CPU | peak memory |\n|---|---|---|---|---|---|---|\n")
	for i, s := range steps {
		m := samples[i]
		bar := "none"
		if s.bar > 0 {
			bar = fmt.Sprintf("≤ %d", s.bar)
		}
		fmt.Fprintf(&b, "| %s | %d | %s | %d | %.2f s | %.2f s | %.0f MB |\n", s.name,
			median(m, func(x sample) int { return x.calls }), bar, median(m, func(x sample) int { return x.mutating }),
			median(m, func(x sample) time.Duration { return x.wall }).Seconds(), median(m, func(x sample) time.Duration { return x.cpu }).Seconds(),
			float64(median(m, func(x sample) int64 { return x.memory }))/1e6)
	}
	further := clientsAudited(samples, 2) - clientsAudited(samples, 1)
	fmt.Fprintf(&b, "\nA further client adds %d calls to an audit (bar: ≤ 25), pages of the tagging service aside.\n", further)
	return b.String(), nil
}

// clientsAudited is how many calls an audit of so many clients makes, pages aside.
func clientsAudited(samples [][]sample, clients int) int {
	i := slices.IndexFunc(steps, func(s step) bool { return s.name == audits[clients] })
	return median(samples[i], func(x sample) int { return x.calls - x.pages })
}

// audits are the names of those steps, by how many clients there are.
var audits = map[int]string{1: "audit, one client", 2: "audit, two clients"}

func median[T int | int64 | time.Duration](samples []sample, of func(sample) T) T {
	values := make([]T, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func measure(ctx context.Context, m *moto, tool, work string, s step) (sample, error) {
	if s.push != "" {
		if err := m.push(ctx, s.push); err != nil {
			return sample{}, err
		}
	}
	before, err := m.calls(ctx)
	if err != nil {
		return sample{}, err
	}
	cmd := exec.CommandContext(ctx, tool, s.args...)
	cmd.Dir = work
	cmd.Env = append(environment(), "AWS_ENDPOINT_URL="+m.url, "HOME="+work)
	start := time.Now()
	text, err := cmd.CombinedOutput()
	wall := time.Since(start)
	if cmd.ProcessState.ExitCode() != s.exit {
		return sample{}, fmt.Errorf("exit %d, want %d: %w\n%s", cmd.ProcessState.ExitCode(), s.exit, err, text)
	}
	after, err := m.calls(ctx)
	if err != nil {
		return sample{}, err
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return sample{}, errors.New("this system does not tell the memory of a process")
	}
	one := sample{wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), memory: usage.Maxrss * 1024}
	for name, count := range after {
		made := count - before[name]
		one.calls += made
		if name == "tagging:GetResources" {
			one.pages += made
		}
		if _, operation, _ := strings.Cut(name, ":"); !reads(operation) {
			one.mutating += made
		}
	}
	return one, nil
}

func reads(operation string) bool {
	return slices.ContainsFunc([]string{"Describe", "List", "Get", "Head"}, func(verb string) bool { return strings.HasPrefix(operation, verb) })
}

// environment is a clean one: nothing can reach an account.
func environment() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true", "NO_COLOR=1",
	}
}

// moto is a running emulator.
type moto struct {
	url   string
	cmd   *exec.Cmd
	stdin io.Closer
}

func startMoto(ctx context.Context, latency int) (*moto, error) {
	ensure := exec.CommandContext(ctx, "sh", "test/python/ensure.sh", "moto", "test/moto/requirements.txt")
	ensure.Stderr = os.Stderr
	python, err := ensure.Output()
	if err != nil {
		return nil, fmt.Errorf("install moto: %w", err)
	}
	cmd := exec.CommandContext(ctx, strings.TrimSpace(string(python)), "test/moto/launch.py", "--until-stdin-closes", "--latency-ms", strconv.Itoa(latency))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			return &moto{url, cmd, stdin}, nil
		}
	}
	return nil, errors.Join(errors.New("moto did not start"), lines.Err(), cmd.Wait())
}

func (m *moto) stop() error { return errors.Join(m.stdin.Close(), m.cmd.Wait()) }

// push puts an image into ACME's repository, as docker would.
func (m *moto) push(ctx context.Context, tag string) error {
	client := ecr.New(ecr.Options{Region: "eu-west-3", BaseEndpoint: &m.url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
	manifest := sandbox.ImageManifest(tag, sandbox.ImageFate{})
	_, err := client.PutImage(ctx, &ecr.PutImageInput{RepositoryName: aws.String("acme/app-web"), ImageTag: &tag, ImageManifest: &manifest})
	return err
}

func (m *moto) calls(ctx context.Context) (map[string]int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.url+"/cicdctl/calls", http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	return counts, errors.Join(json.NewDecoder(answer.Body).Decode(&counts), answer.Body.Close())
}

// sizes writes what needs no emulator: start-up, the binary, the lines of the kinds, the tests.
func sizes(ctx context.Context, b *strings.Builder, tool string, rounds int, suite bool) error {
	info, err := os.Stat(tool)
	if err != nil {
		return err
	}
	var starts []sample
	for range max(rounds, 11) {
		start := time.Now()
		if err := exec.CommandContext(ctx, tool, "version").Run(); err != nil {
			return fmt.Errorf("version: %w", err)
		}
		starts = append(starts, sample{wall: time.Since(start)})
	}
	kinds, err := linesPerKind()
	if err != nil {
		return err
	}
	counts := slices.Sorted(maps.Values(kinds))
	longest := ""
	for name, n := range kinds {
		if n == counts[len(counts)-1] {
			longest = name
		}
	}
	fmt.Fprintf(b, "\n## Sizes\n\n| | |\n|---|---|\n| start-up (`cicdctl version`) | %.0f ms |\n| binary, stripped | %.1f MB |\n| kinds | %d files |\n| lines of a kind | median %d, maximum %d (%s) |\n",
		median(starts, func(x sample) time.Duration { return x.wall }).Seconds()*1000, float64(info.Size())/1e6, len(counts), counts[len(counts)/2], counts[len(counts)-1], longest)
	if err := thousand(ctx, b, rounds); err != nil {
		return err
	}
	if !suite {
		return nil
	}
	start := time.Now()
	test := exec.CommandContext(ctx, "make", "test")
	if text, err := test.CombinedOutput(); err != nil {
		return fmt.Errorf("make test: %w: %s", err, text)
	}
	fmt.Fprintf(b, "| `make test`, packages built before | %.0f s |\n", time.Since(start).Seconds())
	return nil
}

var benchmarkLine = regexp.MustCompile(`(?m)^BenchmarkAudit\S*\s+\d+\s+(\d+) ns/op\s+([\d.]+) MB`)

// thousand measures how long the judgement of 1,000 clients takes, once AWS has told
// everything: rules, drift, and the isolation proof.
func thousand(ctx context.Context, b *strings.Builder, rounds int) error {
	text, err := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkAudit$", "-benchtime", "5x", "-count", strconv.Itoa(rounds), "./internal/conformance").CombinedOutput()
	if err != nil {
		return fmt.Errorf("judge 1,000 clients: %w: %s", err, text)
	}
	var samples []sample
	for _, m := range benchmarkLine.FindAllStringSubmatch(string(text), -1) {
		wall, err := time.ParseDuration(m[1] + "ns")
		if err != nil {
			return err
		}
		megabytes, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			return err
		}
		samples = append(samples, sample{wall: wall, memory: int64(megabytes * 1e6)})
	}
	if len(samples) != rounds {
		return fmt.Errorf("judge 1,000 clients: %d results of %d: %s", len(samples), rounds, text)
	}
	fmt.Fprintf(b, "| 1,000 clients judged after the sweep (25 accounts of 40); bar: ≤ 1 s, ≤ 500 MB | %.2f s, %.0f MB |\n",
		median(samples, func(x sample) time.Duration { return x.wall }).Seconds(), float64(median(samples, func(x sample) int64 { return x.memory }))/1e6)
	return nil
}

// linesPerKind counts the lines of the files that declare a kind.
func linesPerKind() (map[string]int, error) {
	files, err := filepath.Glob("internal/provision/kinds/*/*.go")
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(data), "provision.Define(") {
			out[strings.TrimPrefix(file, "internal/provision/kinds/")] = strings.Count(string(data), "\n")
		}
	}
	return out, nil
}
