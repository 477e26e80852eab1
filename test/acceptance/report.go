package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi/recording"
)

// costText is what it costs: list prices of European regions in 2026, none of them
// measured. NAT gateway and load balancer 0.08 USD an hour, two db.t4g.medium 0.17,
// hosts 0.11 to 0.22, and cents for keys, alarms and addresses: 0.5 an hour, for one and a
// half hours, most of which Aurora and the removal of its interfaces take.
const costText = `It costs about 1 to 3 USD, and takes 60 to 90 minutes. What is there by the hour: 1 NAT gateway,
1 load balancer, 2 database instances (db.t4g.medium), 1 or 2 hosts (m6i.large). Keys of KMS are
scheduled for deletion at the end, and cost nothing while they wait. The account's own things stay:
the bucket and the key of private keys, the trail with its bucket and its key (about 2 USD a month).`

// writeReport writes what AWS answered otherwise than the sandbox, step by step.
func writeReport(o options, inside, outside *place, took time.Duration, failed error) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# Acceptance in %s\n\n%s, %s. Identifiers and secrets are masked.\n", o.region, time.Now().UTC().Format("2006-01-02 15:04 UTC"), took.Round(time.Second))
	if failed != nil {
		fmt.Fprintf(&b, "\n**It failed:** %s\n", strings.SplitN(fmt.Sprint(recording.Masked(map[string]string{"x": failed.Error()}).(map[string]any)["x"]), "\n", 2)[0])
	}
	b.WriteString("\n| step | in the account | inside the program |\n|---|---|---|\n")
	for i, s := range inside.steps {
		there := "not reached"
		if i < len(outside.steps) {
			there = outside.steps[i].Took.Round(100 * time.Millisecond).String()
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s.Name, there, s.Took.Round(100*time.Millisecond))
	}
	b.WriteString("\n## Where the answers differ\n\nThe same operation in the same step, on both sides: members that only one side tells (shape), other\nstates and defaults (values), other orders of the same items (order), other errors (codes).\n")
	total := 0
	told := map[difference]bool{} // said of an earlier step already
	for i, s := range inside.steps {
		if i > len(outside.steps) { // the step that failed is compared as well
			break
		}
		a, err := recorded(outside.recordingOf(s.Name))
		if err != nil {
			return "", err
		}
		in, err := recorded(inside.recordingOf(s.Name))
		if err != nil {
			return "", err
		}
		head := fmt.Sprintf("\n### %s\n\n| operation | what | where | in the account | inside the program |\n|---|---|---|---|---|\n", s.Name)
		for _, d := range compare(profiles(a), profiles(in)) {
			if told[d] {
				continue
			}
			told[d] = true
			total++
			fmt.Fprintf(&b, "%s| %s | %s | %s | %s | %s |\n", head, d.Operation, d.Sort, cell(d.Path), cell(d.AWS), cell(d.Sandbox))
			head = ""
		}
	}
	if total == 0 {
		b.WriteString("\nNowhere.\n")
	}
	path := filepath.Join(o.out, "report.md")
	return path, os.WriteFile(path, []byte(b.String()), 0o600)
}

// recorded reads the recording of a step; a step that runs no command has none.
func recorded(path string) ([]recording.Exchange, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := recording.Read(f)
	return all, errors.Join(err, f.Close())
}

// cell is a text that stays within its cell.
func cell(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.NewReplacer("|", `\|`, "\n", " ", "`", "'").Replace(text) + "`"
}
