package spec

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"github.com/google/go-cmp/cmp"

	"gitlab.com/cicd/cicdctl/examples"
)

const head = "client: ACME\nregion: eu-west-3\n"

func TestEditChangesOneValueAndNoOtherByte(t *testing.T) {
	days := Change{"backup.retention_days", 14}
	window := Change{"backup.window", "01:00-01:30"}
	every := Change{"backup.archive.every", "none"}
	zone := Change{"maintenance.timezone", "Africa/Casablanca"}
	monthly := Change{"backup.restorable_monthly", false}
	for name, c := range map[string]struct {
		source  string
		changes []Change
		want    string
	}{
		"a number in a block":              {"backup:\n  retention_days: 30\n", []Change{days}, "backup:\n  retention_days: 14\n"},
		"before a comment":                 {"backup:\n  retention_days: 30   # agreed in May\n", []Change{days}, "backup:\n  retention_days: 14   # agreed in May\n"},
		"behind umlauts and before others": {"# é\nbackup: {window: \"22:30-23:00\", retention_days: 30} # à été\n", []Change{days}, "# é\nbackup: {window: \"22:30-23:00\", retention_days: 14} # à été\n"},
		"behind umlauts on its own line":   {"network: {allow: [{name: \"é€😀\", cidr: 198.51.100.7, ports: 1}]}\nbackup: {\"retention_days\" : 30}\n", []Change{days}, "network: {allow: [{name: \"é€😀\", cidr: 198.51.100.7, ports: 1}]}\nbackup: {\"retention_days\" : 14}\n"},
		"in double quotes":                 {"backup:\n  window: \"22:30-23:00\"\n", []Change{window}, "backup:\n  window: \"01:00-01:30\"\n"},
		"in single quotes":                 {"backup:\n  window: '22:30-23:00' # UTC\n", []Change{window}, "backup:\n  window: '01:00-01:30' # UTC\n"},
		"without quotes":                   {"backup:\n  window: 22:30-23:00\n", []Change{window}, "backup:\n  window: 01:00-01:30\n"},
		"quotes that are not needed":       {"backup:\n  archive: {every: \"month\"}\n", []Change{every}, "backup:\n  archive: {every: \"none\"}\n"},
		"yes and no":                       {"backup: {restorable_monthly: true}\n", []Change{monthly}, "backup: {restorable_monthly: false}\n"},
		"in braces":                        {"backup: {archive: {every: month, keep_months: 12}}\n", []Change{every}, "backup: {archive: {every: none, keep_months: 12}}\n"},
		"in braces over several lines":     {"backup: {\n  archive: {\n    every: month,  # x\n    keep_months: 12 } }\n", []Change{every}, "backup: {\n  archive: {\n    every: none,  # x\n    keep_months: 12 } }\n"},
		"several at once":                  {"backup:\n  window: \"22:30-23:00\"\n  retention_days: 30\nmaintenance: {timezone: Europe/Paris}\n", []Change{days, window, zone}, "backup:\n  window: \"01:00-01:30\"\n  retention_days: 14\nmaintenance: {timezone: Africa/Casablanca}\n"},
		"what is so already":               {"backup: {retention_days: 14, window: '01:00-01:30'}\n", []Change{days, window}, "backup: {retention_days: 14, window: '01:00-01:30'}\n"},
		"what is so by default":            {"", []Change{{"backup.retention_days", 30}, {"backup.archive.every", "month"}}, ""},

		"a key that is missing in a block": {"backup:\n    window: \"22:30-23:00\" # UTC\n\n# below\nmaintenance: {}\n", []Change{days}, "backup:\n    window: \"22:30-23:00\" # UTC\n    retention_days: 14\n\n# below\nmaintenance: {}\n"},
		"after a block within":             {"backup:\n  archive:\n    every: month\n    # twelve\n\n", []Change{days}, "backup:\n  archive:\n    every: month\n  retention_days: 14\n    # twelve\n\n"},
		"after braces over several lines":  {"backup:\n  archive: {\n  every: month\n  }\nmaintenance: {}\n", []Change{days}, "backup:\n  archive: {\n  every: month\n  }\n  retention_days: 14\nmaintenance: {}\n"},
		"a block within that is missing":   {"backup:\n  retention_days: 30\n", []Change{every}, "backup:\n  retention_days: 30\n  archive:\n    every: none\n"},
		"missing in braces":                {"backup: {retention_days: 30}   # é\n", []Change{window}, "backup: {retention_days: 30, window: \"01:00-01:30\"}   # é\n"},
		"missing in braces with spaces":    {"backup: { window: '22:30-23:00' }\n", []Change{days}, "backup: { window: '22:30-23:00', retention_days: 14 }\n"},
		"missing behind a comma":           {"backup: {window: '22:30-23:00',}\n", []Change{days}, "backup: {window: '22:30-23:00', retention_days: 14}\n"},
		"missing behind braces":            {"backup: {archive: {every: month} }\n", []Change{days}, "backup: {archive: {every: month}, retention_days: 14 }\n"},
		"missing, each on its line":        {"backup: {\n  window: '22:30-23:00', # UTC\n  restorable_monthly: true # since May\n}\n", []Change{days}, "backup: {\n  window: '22:30-23:00', # UTC\n  restorable_monthly: true, # since May\n  retention_days: 14\n}\n"},
		"missing, each with its comma":     {"backup: {\n  window: '22:30-23:00', # UTC\n}\n", []Change{days}, "backup: {\n  window: '22:30-23:00', # UTC\n  retention_days: 14,\n}\n"},
		"two missing in braces":            {"backup: {}\n", []Change{days, window}, "backup: {retention_days: 14, window: \"01:00-01:30\"}\n"},
		"braces within that are missing":   {"backup: {retention_days: 30}\n", []Change{every, {"backup.archive.keep_months", 24}}, "backup: {retention_days: 30, archive: {every: none, keep_months: 24}}\n"},

		"a section that is empty":        {"backup: # as usual\n  # window: \"22:30-23:00\"\nmaintenance: {}\n", []Change{days, every}, "backup: # as usual\n  retention_days: 14\n  archive:\n    every: none\n  # window: \"22:30-23:00\"\nmaintenance: {}\n"},
		"a section that is null":         {"backup: null # as usual\n", []Change{every}, "backup: {archive: {every: none}} # as usual\n"},
		"a section that is ~":            {"backup: ~\n", []Change{days}, "backup: {retention_days: 14}\n"},
		"an empty section in braces":     {"backup: {archive: , retention_days: 30}\n", []Change{every}, "backup: {archive: {every: none} , retention_days: 30}\n"},
		"an empty value":                 {"backup:\n  retention_days:   # as usual\n  window:\n", []Change{days, window}, "backup:\n  retention_days: 14   # as usual\n  window: \"01:00-01:30\"\n"},
		"an empty value in braces":       {"backup: {retention_days: }\n", []Change{days}, "backup: {retention_days: 14 }\n"},
		"a section that is not there":    {"", []Change{days, every}, "backup:\n  retention_days: 14\n  archive:\n    every: none\n"},
		"not there, sections in braces":  {"hosts: {min: 3}\n", []Change{days, every}, "hosts: {min: 3}\nbackup: {retention_days: 14, archive: {every: none}}\n"},
		"not there, wide blocks":         {"hosts:\n    min: 3\n", []Change{every}, "hosts:\n    min: 3\nbackup:\n    archive:\n        every: none\n"},
		"not there, blank lines between": {"\nhosts:\n  min: 3\n\nnetwork:\n  nat: none\n", []Change{days}, "\nhosts:\n  min: 3\n\nnetwork:\n  nat: none\n\nbackup:\n  retention_days: 14\n"},
		"not there, comments at the end": {"# hosts: {}\n# network: {}\n", []Change{days}, "# hosts: {}\n# network: {}\n\nbackup:\n  retention_days: 14\n"},
		"not there, blank at the end":    {"\n# hosts: {}\n\n", []Change{days}, "\n# hosts: {}\n\nbackup:\n  retention_days: 14\n"},
		"not there, lists at the margin": {"apps:\n- name: a\n  services:\n  - name: b\n    runtime: apache\n", []Change{days}, "apps:\n- name: a\n  services:\n  - name: b\n    runtime: apache\nbackup:\n  retention_days: 14\n"},

		"no end of the last line":               {"backup:\n  retention_days: 30", []Change{days, window}, "backup:\n  retention_days: 14\n  window: \"01:00-01:30\""},
		"a new section, no end of the last one": {"hosts: {}\nbackup:", []Change{days, zone}, "hosts: {}\nbackup:\n  retention_days: 14\nmaintenance:\n  timezone: Africa/Casablanca"},
	} {
		t.Run(name, func(t *testing.T) {
			for how, as := range map[string]func(string) string{
				"":                      func(s string) string { return s },
				" with ends of Windows": func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
				" with a mark of UTF-8": func(s string) string { return "\ufeff" + s },
			} {
				source, want := as(head+c.source), as(head+c.want)
				got, err := Edit("acme.yaml", []byte(source), c.changes...)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, string(got)); diff != "" {
					t.Errorf("%s%s", diff, how)
				}
				again, err := Edit("acme.yaml", got, c.changes...)
				if err != nil || !bytes.Equal(again, got) {
					t.Errorf("the second time: %q, %v", again, err)
				}
			}
		})
	}
}

func TestWhatCannotBeEditedIsLeftToThePerson(t *testing.T) {
	for name, c := range map[string]struct {
		source  string
		changes []Change
		want    string
	}{
		"a value over several lines": {
			head + "maintenance:\n  timezone: |-\n    Europe/Paris\n",
			[]Change{{"maintenance.timezone", "UTC"}},
			"acme.yaml cannot be changed without risk (the value in line 4 goes over several lines); change it by hand: maintenance.timezone: UTC",
		},
		"quotes over several lines": {
			head + "maintenance:\n  timezone: \"Europe/Pa\\\n    ris\"\n",
			[]Change{{"maintenance.timezone", "UTC"}},
			"goes over several lines",
		},
		"the end of the document": {
			head + "...\n",
			[]Change{{"backup.window", "01:00-01:30"}, {"backup.retention_days", 14}},
			"(it would not read back as it should); change it by hand: backup.window: \"01:00-01:30\", backup.retention_days: 14",
		},
		"all that differs is listed": {
			head + "backup:\n  window: |-\n    22:30-23:00\n",
			[]Change{{"backup.window", "01:00-01:30"}, {"backup.retention_days", 30}, {"backup.archive.keep_months", 6}},
			"change it by hand: backup.window: \"01:00-01:30\", backup.archive.keep_months: 6",
		},
		"what depends on the value": {head, []Change{{"client", "OTHER"}}, "would not read back as it should"},
		"characters of terminals":   {head, []Change{{"maintenance.timezone", "a\tb"}}, "characters that cannot be typed everywhere"},
	} {
		got, err := Edit("acme.yaml", []byte(c.source), c.changes...)
		if _, ok := errors.AsType[*EditError](err); !ok || !strings.Contains(err.Error(), c.want) || got != nil {
			t.Errorf("%s: %q, %v; want %s", name, got, err, c.want)
		}
	}
}

func TestInvalidFilesAndValuesAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		change Change
		want   string
	}{
		"a file that is not valid":    {"client: ACME\n", Change{"backup.retention_days", 14}, "acme.yaml:1:7: region: missing"},
		"an anchor":                   {head + "backup: &b {retention_days: 30}\n", Change{"backup.retention_days", 14}, "anchors, aliases and tags"},
		"an alias":                    {head + "hosts: &b 3\nbackup: {retention_days: *b}\n", Change{"backup.retention_days", 14}, "anchors, aliases and tags"},
		"a value that is too much":    {head + "backup: {retention_days: 30}\n", Change{"backup.retention_days", 36}, "3:26: backup.retention_days: 36 is not within 1-35"},
		"a word that is not one":      {head, Change{"backup.archive.every", "week"}, "\"week\" is not one of month, none"},
		"no such value":               {head, Change{"backup.days", 3}, "a spec has no value backup.days"},
		"no such value within":        {head, Change{"backup.window.start", "x"}, "a spec has no value backup.window.start"},
		"not one value":               {head, Change{"backup.archive", "none"}, "backup.archive is not a single value"},
		"a value of the wrong type":   {head, Change{"backup.retention_days", "14"}, "backup.retention_days takes a value of type int"},
		"text that names its type":    {head, Change{"network.nat", "three"}, "\"three\" is not one of per-az, single, none"},
		"a carriage return in a line": {head + "maintenance: {}\r# x\n", Change{"maintenance.timezone", "UTC"}, "carriage return"},
	} {
		got, err := Edit("acme.yaml", []byte(c.source), c.change)
		if err == nil || !strings.Contains(err.Error(), c.want) || got != nil {
			t.Errorf("%s: %q, %v; want %s", name, got, err, c.want)
		}
	}
}

// The files that operators have: the example, and the one that client create writes.
func TestEditedFiles(t *testing.T) {
	all := []Change{
		{"backup.retention_days", 14},
		{"backup.window", "23:00-23:45"},
		{"backup.archive.every", "none"},
		{"backup.restorable_monthly", false},
		{"maintenance.window", "sat:22:00-sat:23:00"},
		{"maintenance.timezone", "Europe/London"},
	}
	for file, source := range map[string][]byte{"example": examples.ACME, "new": New("ACME", "eu-west-3", "")} {
		got, err := Edit(file, source, all...)
		if err != nil {
			t.Fatal(err)
		}
		golden := "testdata/edit/" + file + ".golden"
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Error(diff)
		}
	}
}

// FuzzEdit holds three things of every file that is valid: what comes out says
// the same but for one value, nothing around that value moved, and the old value
// put back gives the old file.
func FuzzEdit(f *testing.F) {
	for _, text := range []string{
		string(examples.ACME), string(New("ACME", "eu-west-3", "")),
		"client: ACME # é\r\nregion: eu-west-3\r\nbackup: # x\r\n  retention_days: 30 # y\r\nmaintenance:\r\n",
		"\ufeffclient: ACME\nregion: eu-west-3\nbackup: {window: 22:30-23:00, # a\n  retention_days: 30,\n  archive: {every: 'month',}\n  }",
		"{client: ACME, region: eu-west-3, backup: , maintenance: {window: \"sun:03:30-sun:05:00\"}}",
		"apps:\n- name: a\n  services: [{name: b, runtime: nodejs}]\nclient: ACME\nregion: \"eu-west-3\"\nbackup: ~\n...\n",
	} {
		for which := range uint8(6) {
			f.Add(text, which)
		}
	}
	changes := []Change{
		{"backup.retention_days", 14},
		{"backup.window", "01:00-01:30"},
		{"backup.archive.every", "none"},
		{"backup.restorable_monthly", false},
		{"maintenance.timezone", "UTC"},
		{"maintenance.window", "tue:22:00-wed:01:00"},
	}
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		c := changes[int(which)%len(changes)]
		want, err := Parse("f.yaml", []byte(text))
		if err != nil {
			return
		}
		old := Change{c.Path, want.Value(c.Path)}
		differs, err := assign(want, c)
		if err != nil {
			t.Fatal(err)
		}
		out, err := Edit("f.yaml", []byte(text), c)
		if _, byHand := errors.AsType[*EditError](err); byHand {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		edited := string(out)
		if !differs && edited != text {
			t.Fatalf("%q became %q without a change", text, edited)
		}
		got, err := Parse("f.yaml", out)
		if err != nil || !got.says(want) {
			t.Fatalf("%q became %q, which says %+v, %v; want %+v", text, edited, got, err, want)
		}
		before, after := difference(text, edited)
		replaced := given(text, c.Path) && differs
		null := slices.Contains([]string{"~", "null", "Null", "NULL"}, before)
		if replaced && strings.Contains(before+after, "\n") || !replaced && !null && !subsequence(text, edited) {
			t.Fatalf("%q became %q: %q gave way to %q", text, edited, before, after)
		}
		back, err := Edit("f.yaml", out, old)
		if err != nil {
			t.Fatalf("%q: back from %q: %v", text, edited, err)
		}
		if replaced && string(back) != text && plainly(text, edited, old, c) {
			t.Fatalf("%q became %q, and that %q", text, edited, back)
		}
	})
}

// given reports whether a valid file has a value of its own at path.
func given(text, path string) bool {
	d := &decoder{at: map[string]*token.Position{}}
	tree, err := parser.ParseBytes(unixLines(bytes.TrimPrefix([]byte(text), byteOrderMark)), 0)
	if err != nil {
		return false
	}
	for _, body := range documents(tree) {
		d.decode("$", body, reflect.ValueOf(&Spec{}).Elem())
	}
	return d.given("$." + path)
}

// difference is what two texts have between their common beginning and end.
func difference(a, b string) (string, string) {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	a, b = a[i:], b[i:]
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

// subsequence reports whether b is a with more in it.
func subsequence(a, b string) bool {
	for i := range len(b) {
		if a != "" && a[0] == b[i] {
			a = a[1:]
		}
	}
	return a == ""
}

// plainly reports whether the old value stood in the text as it is usually
// written: a number may be in hexadecimal, text with escapes.
func plainly(text, edited string, was, is Change) bool {
	for _, q := range []string{"", "'", `"`} {
		have, want := fmt.Sprint(q, was.Value, q), fmt.Sprint(q, is.Value, q)
		for i := 0; ; i++ {
			at := strings.Index(text[i:], have)
			if at < 0 {
				break
			}
			if i += at; text[:i]+want+text[i+len(have):] == edited {
				return true
			}
		}
	}
	return false
}
