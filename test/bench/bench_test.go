package main

import (
	"strings"
	"testing"
	"time"
)

func TestTwoBuildsStandBesideEachOther(t *testing.T) {
	t.Parallel()
	measured := samples{}
	one := func(calls int, wall time.Duration) sample { return sample{calls: calls, wall: wall} }
	for _, calls := range []int{200, 100, 300} {
		measured.add("plan", "before", one(calls, 4*time.Second))
		measured.add("plan", "now", one(calls/2, time.Second))
	}
	measured.add("exec", "now", one(7, time.Second))
	some := []job{{steps: []step{row("plan", "client plan ACME").within(90), row("exec", "exec"), row("not measured", "x")}}}
	for what, c := range map[string]struct {
		builds []build
		want   []string
	}{
		"medians and their ratio; nothing for what the older build cannot do": {
			[]build{{name: "before"}, {name: "now"}},
			[]string{"| plan | 200 | 100 | 0.50 | ≤ 90 | 0 | 0 | 4.00 s | 1.00 s | 0.25 |", "| exec |  | 7 |  | none |  | 0 |  | 1.00 s |  |"},
		},
		"one build has no ratio": {[]build{{name: "now"}}, []string{"| plan | 100 | ≤ 90 | 0 | 1.00 s |"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			table(&b, some, measured, c.builds)
			for _, want := range c.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("no %q in\n%s", want, b.String())
				}
			}
			if strings.Contains(b.String(), "not measured") {
				t.Errorf("a row without figures:\n%s", b.String())
			}
			columns := -1
			for line := range strings.Lines(b.String()) {
				if n := strings.Count(line, "|"); columns >= 0 && n != columns {
					t.Errorf("%d columns, want %d: %s", n, columns, line)
				} else {
					columns = n
				}
			}
		})
	}
}

func TestNamesOfLinesDoNotLieOnEachOther(t *testing.T) {
	t.Parallel()
	p := panel{title: "things", at: []int{1, 2}, lines: []line{{"a", []int{10, 400}}, {"b", []int{5, 395}}, {"c", []int{3, 400}}}}
	d := p.draw(0)
	for i, a := range d.Lines {
		for _, b := range d.Lines[i+1:] {
			if gap := max(a.NameY, b.NameY) - min(a.NameY, b.NameY); gap < closest-2 {
				t.Errorf("%s and %s are %.1f apart", a.Name, b.Name, gap)
			}
		}
	}
	if top := d.Grid[len(d.Grid)-1]; top.Text != "400" {
		t.Errorf("the axis ends at %s", top.Text)
	}
}

func TestCallsAreListedWithThoseOfTheOlderBuild(t *testing.T) {
	t.Parallel()
	now := map[string]int{"ec2:DescribeVpcs": 2, "kms:DescribeKey": 5, "s3:GetBucketTagging": 2}
	for what, c := range map[string]struct {
		before map[string]int
		want   string
	}{
		"the most frequent first":                    {nil, "kms:DescribeKey 5, ec2:DescribeVpcs 2, s3:GetBucketTagging 2"},
		"another number before, and what is no more": {map[string]int{"kms:DescribeKey": 9, "ec2:DescribeVpcs": 2, "s3:GetBucketTagging": 2, "sqs:ListQueues": 1}, "kms:DescribeKey 5 (9), ec2:DescribeVpcs 2, s3:GetBucketTagging 2, sqs:ListQueues 0 (1)"},
		"what was not made before is told to be new": {map[string]int{"kms:DescribeKey": 5, "ec2:DescribeVpcs": 2}, "kms:DescribeKey 5, ec2:DescribeVpcs 2, s3:GetBucketTagging 2 (0)"},
	} {
		if got := strings.Join(operations(now, c.before), ", "); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
}
