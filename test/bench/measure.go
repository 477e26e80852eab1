package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// sample is one run of a command.
type sample struct {
	calls, mutating int
	by              map[string]int // calls by operation: "ec2:DescribeVpcs"
	pages           int            // of the tagging service, which grow with what there is
	wall, cpu       time.Duration
	memory          int64 // bytes, at the peak
}

// build is a binary that is measured.
type build struct {
	name string // "before" and "now"
	tool string
	may  bool // it may lack commands: what it cannot do has no figures
}

// samples are those of each row, by build.
type samples map[string]map[string][]sample

// measuring is what is written to by several at once.
type measuring struct {
	sync.Mutex
	samples
}

func (m *measuring) add(row, build string, one sample) {
	m.Lock()
	defer m.Unlock()
	m.samples.add(row, build, one)
}

func (s samples) add(row, build string, one sample) {
	if s[row] == nil {
		s[row] = map[string][]sample{}
	}
	s[row][build] = append(s[row][build], one)
}

// measureJobs runs all rounds of the jobs, atOnce of them at a time.
func measureJobs(ctx context.Context, all []job, builds []build, dir string, o options) (samples, error) {
	to := &measuring{samples: samples{}}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(o.atOnce)
	for round := range o.rounds {
		for _, j := range all {
			group.Go(func() error { return measureJob(ctx, j, builds, dir, round, to) })
		}
	}
	return to.samples, group.Wait()
}

// measureJob runs a job with each of the builds in turn, in an account of its own each time. Who
// comes first changes from round to round.
func measureJob(ctx context.Context, j job, builds []build, dir string, round int, to *measuring) error {
	order := slices.Clone(builds)
	if round%2 == 1 {
		slices.Reverse(order)
	}
	for _, b := range order {
		fmt.Fprintf(os.Stderr, "bench: %s, round %d, %s\n", j.name, round+1, b.name)
		if err := runJob(ctx, j, b, dir, to); err != nil {
			return fmt.Errorf("%s with the build %s: %w", j.name, b.name, err)
		}
	}
	return nil
}

func runJob(ctx context.Context, j job, b build, dir string, to *measuring) (err error) {
	emulator, err := startMoto(ctx, j.latency, j.holds)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, emulator.stop()) }()
	work, err := os.MkdirTemp(dir, "work")
	if err != nil {
		return err
	}
	if j.zone != "" {
		if err := emulator.zone(ctx, j.zone); err != nil {
			return err
		}
	}
	for name, text := range j.files {
		if err := os.WriteFile(filepath.Join(work, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	for _, s := range j.steps {
		one, err := measure(ctx, emulator, b.tool, work, s)
		var failed *failedError
		switch {
		case err == nil && s.row != "":
			to.add(s.row, b.name, one)
		case err == nil:
		case errors.As(err, &failed) && b.may:
			fmt.Fprintf(os.Stderr, "bench: %s has no figures for %q: %v\n", b.name, s.row, err)
			if s.row == "" {
				return nil // what comes next rests on it
			}
		default:
			return fmt.Errorf("%s: %w", strings.Join(s.commands[0], " "), err)
		}
	}
	return nil
}

// failedError is a command that has ended with another status than it should.
type failedError struct {
	exit, want int
	text       string
}

func (e *failedError) Error() string {
	return fmt.Sprintf("exit %d, want %d\n%s", e.exit, e.want, e.text)
}

// measure runs the commands of a step at once; what it tells of time is told of the last of them.
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
	ran := make([]sample, len(s.commands))
	var all errgroup.Group
	for i, args := range s.commands {
		all.Go(func() (err error) {
			ran[i], err = command(ctx, tool, work, m.url, args, s.exit)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return sample{}, err
	}
	after, err := m.calls(ctx)
	if err != nil {
		return sample{}, err
	}
	one := ran[len(ran)-1]
	one.by = map[string]int{}
	for name, count := range after {
		made := count - before[name]
		if made == 0 {
			continue
		}
		one.by[name] = made
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

// command runs one command and tells how long it took and how much memory.
func command(ctx context.Context, tool, work, endpoint string, args []string, exit int) (sample, error) {
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.Dir = work
	cmd.Env = append(environment(), "AWS_ENDPOINT_URL="+endpoint, "HOME="+work)
	start := time.Now()
	text, err := cmd.CombinedOutput()
	wall := time.Since(start)
	if cmd.ProcessState == nil {
		return sample{}, err
	}
	if got := cmd.ProcessState.ExitCode(); got != exit {
		return sample{}, &failedError{got, exit, string(text)}
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return sample{}, errors.New("this system does not tell the memory of a process")
	}
	return sample{wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), memory: usage.Maxrss * 1024}, nil
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

func median[T int | int64 | time.Duration](samples []sample, of func(sample) T) T {
	values := make([]T, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
