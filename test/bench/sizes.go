package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// startUps are commands that ask AWS for nothing.
var startUps = [][]string{{"version"}, {"completion", "bash"}}

// sizes writes what needs no emulator: start-up, the binary, the lines of the kinds, and how long the
// judgement of 1,000 clients takes.
func sizes(ctx context.Context, b *strings.Builder, builds []build, rounds int) error {
	b.WriteString("\n## Start-up and sizes\n\n|")
	for _, each := range builds {
		fmt.Fprintf(b, " | %s", each.name)
	}
	fmt.Fprintf(b, " |\n|---%s|\n", strings.Repeat("|---", len(builds)))
	started := samples{}
	for range max(rounds, 11) {
		for _, each := range builds {
			for _, args := range startUps {
				start := time.Now()
				if err := exec.CommandContext(ctx, each.tool, args...).Run(); err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				started.add(args[0], each.name, sample{wall: time.Since(start)})
			}
		}
	}
	for _, args := range startUps {
		fmt.Fprintf(b, "| `cicdctl %s`", strings.Join(args, " "))
		for _, each := range builds {
			fmt.Fprintf(b, " | %d ms", median(started[args[0]][each.name], func(x sample) time.Duration { return x.wall }).Milliseconds())
		}
		b.WriteString(" |\n")
	}
	b.WriteString("| binary, stripped")
	for _, each := range builds {
		info, err := os.Stat(each.tool)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, " | %.1f MB", float64(info.Size())/1e6)
	}
	b.WriteString(" |\n")
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
	fmt.Fprintf(b, "\nThere are %d files that define a kind, of %d lines (median) and at most %d (%s).\n", len(counts), counts[len(counts)/2], counts[len(counts)-1], longest)
	return thousand(ctx, b, rounds)
}

// timeTests tells how long all tests take.
func timeTests(ctx context.Context, b *strings.Builder) error {
	start := time.Now()
	test := exec.CommandContext(ctx, "make", "test")
	if text, err := test.CombinedOutput(); err != nil {
		return fmt.Errorf("make test: %w: %s", err, text)
	}
	fmt.Fprintf(b, "\n`make test` takes %.0f s, with the packages built before.\n", time.Since(start).Seconds())
	return nil
}

var benchmarkLine = regexp.MustCompile(`(?m)^BenchmarkAudit\S*\s+\d+\s+(\d+) ns/op\s+([\d.]+) MB`)

// thousand measures how long the judgement of 1,000 clients takes, once AWS has told
// everything: rules, drift, and the isolation proof.
func thousand(ctx context.Context, b *strings.Builder, rounds int) error {
	judge := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkAudit$", "-benchtime", "5x", "-count", strconv.Itoa(rounds), "-timeout", "1h", "./internal/conformance")
	judge.Env = append(os.Environ(), "GOGC=100") // as programs have it, and tests do not
	text, err := judge.CombinedOutput()
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
	fmt.Fprintf(b, "\n1,000 clients (25 accounts of 40) are judged in %.2f s with %.0f MB once AWS has told everything; bar: ≤ 1 s, ≤ 500 MB.\n",
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
