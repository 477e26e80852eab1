package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// callsName is the file with the calls of each row, beside the document.
const callsName = "benchmarks-calls.md"

// writeCalls writes which operations each row's calls are of: those of the run whose number of
// calls is the median.
func writeCalls(dir string, measured samples, builds []build) error {
	var b strings.Builder
	b.WriteString("# Calls\n\nMade by `make bench`: the calls of the rows of [BENCHMARKS.md](BENCHMARKS.md), by operation, the most frequent first.\n")
	if len(builds) > 1 {
		b.WriteString("Where the older build makes another number of them, that stands in parentheses.\n")
	}
	for _, j := range jobs(0) {
		for _, s := range j.steps {
			if s.row == "" || measured[s.row] == nil {
				continue
			}
			now := typical(measured[s.row][builds[len(builds)-1].name])
			fmt.Fprintf(&b, "\n## %s\n\n%d calls: %s.\n", s.row, now.calls, strings.Join(operations(now.by, typical(measured[s.row][builds[0].name]).by), ", "))
		}
	}
	return os.WriteFile(filepath.Join(dir, callsName), []byte(b.String()), 0o644) //nolint:gosec // a document for everybody
}

// typical is the run with the median of calls.
func typical(all []sample) sample {
	if len(all) == 0 {
		return sample{}
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b sample) int { return a.calls - b.calls })
	return all[len(all)/2]
}

// operations are those of the calls now, and those that were made before only.
func operations(now, before map[string]int) []string {
	all := maps.Clone(now)
	for name := range before {
		all[name] += 0 // those that were made before only
	}
	names := slices.Sorted(maps.Keys(all))
	slices.SortStableFunc(names, func(a, b string) int { return now[b] - now[a] })
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = fmt.Sprintf("%s %d", name, now[name])
		if was := before[name]; len(before) > 0 && was != now[name] {
			out[i] += fmt.Sprintf(" (%d)", was)
		}
	}
	return out
}
