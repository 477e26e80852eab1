package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// table writes the rows of some jobs: what one build needs, or what two need and the ratio.
func table(b *strings.Builder, some []job, measured samples, builds []build) {
	if len(builds) == 1 {
		b.WriteString("| | calls | bar | mutating | wall | CPU | peak memory |\n|---|---|---|---|---|---|---|\n")
	} else {
		b.WriteString("| | calls before | now | ratio | bar | mutating before | now | wall before | now | ratio | CPU before | now | peak memory before | now |\n|---" + strings.Repeat("|---", 13) + "|\n")
	}
	for _, j := range some {
		for _, s := range j.steps {
			if s.row == "" || measured[s.row] == nil {
				continue
			}
			bar := "none"
			if s.bar > 0 {
				bar = fmt.Sprintf("≤ %d", s.bar)
			}
			cells := make([]figures, len(builds))
			for i, each := range builds {
				cells[i] = figuresOf(measured[s.row][each.name])
			}
			now := cells[len(cells)-1]
			if len(cells) == 1 {
				fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", s.row, now.calls, bar, now.mutating, now.wall, now.cpu, now.memory)
				continue
			}
			was := cells[0]
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", s.row,
				was.calls, now.calls, ratio(was.count, now.count), bar, was.mutating, now.mutating,
				was.wall, now.wall, ratio(was.seconds, now.seconds), was.cpu, now.cpu, was.memory, now.memory)
		}
	}
}

// figures are medians in words; empty for what a build cannot do.
type figures struct {
	calls, mutating, wall, cpu, memory string
	count, seconds                     float64
}

func figuresOf(m []sample) figures {
	if len(m) == 0 {
		return figures{}
	}
	calls, wall := median(m, func(x sample) int { return x.calls }), median(m, func(x sample) time.Duration { return x.wall })
	return figures{
		calls: fmt.Sprint(calls), mutating: fmt.Sprint(median(m, func(x sample) int { return x.mutating })),
		wall:   fmt.Sprintf("%.2f s", wall.Seconds()),
		cpu:    fmt.Sprintf("%.2f s", median(m, func(x sample) time.Duration { return x.cpu }).Seconds()),
		memory: fmt.Sprintf("%.0f MB", float64(median(m, func(x sample) int64 { return x.memory }))/1e6),
		count:  float64(calls), seconds: wall.Seconds(),
	}
}

// ratio is how much of what was needed before is needed now.
func ratio(before, now float64) string {
	if before == 0 || now == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", now/before)
}

// further writes what each further client adds to an audit.
func further(b *strings.Builder, measured samples, builds []build) {
	calls := func(row, build string) int {
		return median(measured[row][build], func(x sample) int { return x.calls - x.pages })
	}
	var each []string
	for _, one := range builds {
		if len(measured[auditOfOne][one.name]) == 0 || len(measured[auditOfTen][one.name]) == 0 {
			continue
		}
		more := float64(calls(auditOfTen, one.name)-calls(auditOfOne, one.name)) / (clients - 1)
		each = append(each, strings.TrimSpace(fmt.Sprintf("%.1f %s", more, when(one, builds))))
	}
	if len(each) > 0 {
		fmt.Fprintf(b, "\nEach further client adds %s calls to an audit (bar: ≤ 25), pages of the tagging service aside.\n", strings.Join(each, ", "))
	}
}

// when is the name of a build where there are several.
func when(one build, builds []build) string {
	if len(builds) == 1 {
		return ""
	}
	return cmp.Or(one.name, "now")
}
