package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// What is written, in both languages.
func TestThePageOfANight(t *testing.T) {
	dir := night(t)
	remove(t, filepath.Join(dir, "own", own.File))
	for _, l := range []lang.Lang{lang.English, lang.French} {
		lang.Use(l)
		r := fresh(t, dir)
		var nights []Night
		for i := range 4 {
			nights = append(nights, Night{Night: created.AddDate(0, 0, i-4).Format(day), High: i % 3, Medium: 20 - i, Low: i, Clients: 4, NotAudited: i / 3})
		}
		r.remember(nights)
		var b, page bytes.Buffer
		if err := document.Markdown(&b, ComposeReport(r, l)); err != nil {
			t.Fatal(err)
		}
		golden.File(t, "testdata/fleet-report."+string(l)+".md", b.String())
		if err := document.HTML(&page, ComposeReport(r, l)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(page.String(), "<script") || !strings.Contains(page.String(), `lang="`+string(l)+`"`) {
			t.Errorf("%s: the page has a script, or not its language", l)
		}
	}
	lang.Use(lang.English)
}

// All forms hold the same findings.
func TestEveryFormHasWhatWasFound(t *testing.T) {
	dir, out := night(t), t.TempDir()
	remove(t, filepath.Join(dir, "dublin", dublin.File))
	run(t, ReportOptions{Dirs: []string{dir}, Out: out})
	for name, want := range map[string][]string{
		"fleet-report.html":  {"EC2.13", "CloudTrail.4", "moves in March", dublin.File},
		"fleet-report.json":  {`"id": "EC2.13"`, `"reason": "moves in March"`, `"delivered": false`, `"night": "2026-11-30"`, dublin.File},
		"fleet-report.sarif": {`"ruleId": "EC2.13"`, "moves in March", `"executionSuccessful": false`, dublin.File},
		"fleet-report.xml":   {"production ACME eu-west-3", "EC2.13", "moves in March", "all other rules", dublin.File},
	} {
		text := string(read(t, filepath.Join(out, name)))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s has no %q", name, w)
			}
		}
	}
	// A later report takes their place; a file that is none stays.
	run(t, ReportOptions{Dirs: []string{dir}, Out: out})
	put(t, filepath.Join(out, "fleet-report.xml"), []byte("my own"))
	err := WriteReport(&session.Session{Print: report.New(nil, nil, nil)}, ReportOptions{Dirs: []string{dir}, Out: out, FailOn: audit.Never})
	if err == nil || !strings.Contains(err.Error(), "is no report of cicdctl") {
		t.Errorf("%v", err)
	}
}

func TestTheTrendGoesOn(t *testing.T) {
	history := func(n int) []Night {
		var out []Night
		for i := range n {
			out = append(out, Night{Night: created.AddDate(0, 0, i-n).Format(day), Medium: i})
		}
		return out
	}
	before := func(nights []Night) Report { return Report{Version: ReportVersion, History: nights} }
	for what, c := range map[string]struct {
		previous any
		nights   int
		said     string
	}{
		"there is none":                 {nil, 1, "is not there: the trend starts anew"},
		"of three nights":               {before(history(3)), 4, ""},
		"of ninety nights":              {before(history(MostNights)), MostNights, ""},
		"of this very night":            {before(append(history(3), Night{Night: "2026-11-30", High: 99})), 4, ""},
		"of a later night":              {before(append(history(3), Night{Night: "2026-12-24"})), 5, ""},
		"of another version":            {Report{Version: 2, History: history(3)}, 1, "version: 2, and this cicdctl reads 1 only"},
		"without a history":             {before([]Night{}), 1, "it has no history"},
		"that is cut off":               {[]byte(`{"version": 1, "history": [`), 1, "it is cut off"},
		"that is empty":                 {[]byte(""), 1, "it is empty"},
		"in which a night is no day":    {before([]Night{{Night: "yesterday"}}), 1, `not in order at "yesterday"`},
		"in which a night comes twice":  {before(append(history(3), history(3)...)), 1, "not in order"},
		"in which a number is negative": {before([]Night{{Night: "2026-11-01", Low: -1}}), 1, "not in order"},
	} {
		t.Run(what, func(t *testing.T) {
			previous, out := t.TempDir(), t.TempDir()
			if c.previous != nil {
				put(t, filepath.Join(previous, ReportFile), c.previous)
			}
			_, said, code := run(t, ReportOptions{Dirs: []string{night(t)}, Out: out, Previous: previous})
			if (c.said == "") != !strings.Contains(said, "starts anew") || !strings.Contains(said, c.said) || code != session.ExitFindings {
				t.Errorf("exit code %d, said %q, want %q", code, said, c.said)
			}
			var r Report
			if err := json.Unmarshal(read(t, filepath.Join(out, ReportFile)), &r); err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(r.History, func(n Night) bool { return n.Night == "2026-11-30" })
			if len(r.History) != c.nights || i < 0 || r.History[i] != (Night{Night: "2026-11-30", High: 1, Low: 2, Excepted: 1, Clients: 4}) {
				t.Errorf("history: %+v", r.History)
			}
			if lost := c.said != "" && c.previous != nil; lost != (r.HistoryLost != "") {
				t.Errorf("history_lost: %q", r.HistoryLost)
			}
			page := string(read(t, filepath.Join(out, "fleet-report.html")))
			if want := fmt.Sprint(c.nights > 1); want != fmt.Sprint(strings.Contains(page, "Findings by night")) {
				t.Errorf("a plot of %d nights: not %s", c.nights, want)
			}
		})
	}
}

// What a report writes is what the next one reads, also as a file.
func TestAReportReadsItself(t *testing.T) {
	dir, out := night(t), t.TempDir()
	run(t, ReportOptions{Dirs: []string{dir}, Out: out})
	nights, anew, lost := history(filepath.Join(out, ReportFile))
	if len(nights) != 1 || anew != "" || lost != "" {
		t.Errorf("%+v, %q, %q", nights, anew, lost)
	}
}
