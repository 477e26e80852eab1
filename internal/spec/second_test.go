package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	yaml3 "go.yaml.in/yaml/v3"

	"gitlab.com/cicd/cicdctl/examples"
)

// second reads a file with another library, and returns where it differs from what the
// decoder has made of it: paths with both values.
func second(data []byte, s *Spec) []string {
	decoder := yaml3.NewDecoder(bytes.NewReader(data))
	var doc, more yaml3.Node
	if err := decoder.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return []string{"the second library refuses it: " + err.Error()}
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) && (err != nil || more.Content[0].Tag != "!!null") {
		return []string{fmt.Sprintf("the second library sees a second document: %v", err)}
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		if !s.says(defaults()) {
			return []string{"the second library sees nothing"}
		}
		return nil
	}
	c := &comparison{}
	c.node("$", doc.Content[0], reflect.ValueOf(s).Elem())
	return c.differ
}

type comparison struct{ differ []string }

func (c *comparison) tell(path string, n *yaml3.Node, got any) {
	c.differ = append(c.differ, fmt.Sprintf("%s: %#v, in the second library %s %q", path, got, n.Tag, n.Value))
}

func (c *comparison) node(path string, n *yaml3.Node, v reflect.Value) {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	var want any
	ok := false
	switch got := v.Interface().(type) {
	case netip.Prefix:
		want, ok = try(parsePrefix(n.Value))
	case netip.Addr:
		want, ok = try(netip.ParseAddr(n.Value))
	case PortRange:
		want, ok = try(parsePorts(n.Value))
		var number int
		if n.Tag == "!!int" && (n.Decode(&number) != nil || got != PortRange{uint16(number), uint16(number)}) {
			ok = false
		}
	case Date:
		want, ok = n.Value, got.String() == n.Value
		if ok {
			return
		}
	default:
		c.plain(path, n, v)
		return
	}
	if !ok || n.Kind != yaml3.ScalarNode || want != v.Interface() {
		c.tell(path, n, v.Interface())
	}
}

func try[T any](v T, err error) (any, bool) { return v, err == nil }

func (c *comparison) plain(path string, n *yaml3.Node, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if n.Kind != yaml3.MappingNode {
			c.tell(path, n, v.Interface())
			return
		}
		seen := map[string]bool{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			field := -1
			for j, k := range keys(v.Type()) {
				if k == key.Value && key.Kind == yaml3.ScalarNode {
					field = j
				}
			}
			switch {
			case field < 0 || seen[key.Value]:
				c.tell(path+"."+key.Value, key, "unknown or twice")
			case value.Tag == "!!null":
			default:
				c.node(path+"."+key.Value, value, v.Field(field))
			}
			seen[key.Value] = true
		}
	case reflect.Slice:
		if n.Kind != yaml3.SequenceNode || len(n.Content) != v.Len() {
			c.tell(path, n, v.Interface())
			return
		}
		for i, item := range n.Content {
			c.node(fmt.Sprintf("%s[%d]", path, i), item, v.Index(i))
		}
	case reflect.String:
		// A day is text here as it is for YAML 1.2.
		if n.Kind != yaml3.ScalarNode || n.Tag != "!!str" && n.Tag != "!!timestamp" || n.Value != v.String() {
			c.tell(path, n, v.String())
		}
	case reflect.Bool:
		if n.Tag != "!!bool" || strings.EqualFold(n.Value, "true") != v.Bool() {
			c.tell(path, n, v.Bool())
		}
	case reflect.Int:
		var number int
		if n.Tag != "!!int" || n.Decode(&number) != nil || number != int(v.Int()) {
			c.tell(path, n, v.Int())
		}
	default:
		c.tell(path, n, v.Interface())
	}
}

// alike reads a file and holds it against the second library. A file that is refused is
// alike, when the reason has a place.
func alike(t *testing.T, data []byte) *decoder {
	t.Helper()
	s, d := read(data)
	for _, p := range d.problems {
		if p.Line < 1 || p.Column < 1 || p.Message == "" {
			t.Errorf("%q: a problem without a place: %+v", data, p)
		}
	}
	if len(d.problems) == 0 {
		for _, difference := range second(data, s) {
			t.Errorf("%q: %s", data, difference)
		}
	}
	return d
}

func TestFilesAreReadAsASecondLibraryDoes(t *testing.T) {
	accepted := 0
	for _, pattern := range []string{"../../examples/*.yaml", "../../testdata/spec/*.yaml", "../../configs/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := alike(t, data); len(d.problems) == 0 {
				accepted++
			} else if strings.Contains(file, "examples") {
				t.Errorf("%s: %+v", file, d.problems)
			}
			alike(t, bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")))
			alike(t, append([]byte("\ufeff"), data...))
			alike(t, bytes.TrimSpace(data))
		}
	}
	if accepted < 5 {
		t.Errorf("only %d files are accepted", accepted)
	}
}

// Corners of YAML, and what is said to them: nothing when they are read, as both
// libraries do.
func TestCornersOfYAML(t *testing.T) {
	reason := func(text string) string { return "audit:\n  exceptions:\n    - reason: " + text + "\n      id: X.1\n" }
	for text, want := range map[string]string{
		reason("plain, with a 'quote' and a#hash"):                              "",
		reason("two words # and a comment"):                                     "",
		reason(`"a\tb \u00e9 \x41 \" \\"`):                                      "",
		reason("'it''s'"):                                                       "",
		reason("over\n        two lines"):                                       "",
		reason("\"over\n        two lines\""):                                   "",
		reason("|\n        kept\n          as it is\n"):                         "",
		reason(">-\n        folded\n        into one\n\n        and another\n"): "",
		reason("yes"):                                      "",
		reason("2027-06-30"):                               "",
		reason("12:30"):                                    "",
		reason("{a: b}"):                                   "must be text, not a block of keys",
		reason("Größe 日本 🚀"):                               "",
		"client: ACME\t# a tab before a comment\n":         "",
		"client:\tACME\n":                                  "",
		"client: ACME\r\nregion: eu-west-3\r\n":            "",
		"\ufeffclient: ACME\n":                             "",
		"---\nclient: ACME\n...\n":                         "",
		"client: ~\nregion: null\nhosts:\n":                "",
		"hosts: {min: 0x10, max: 0o17}\n":                  "",
		"hosts: {min: 1_0, max: +5}\n":                     "",
		"hosts: {\"min\":1}\n":                             "",
		"backup: {restorable_monthly: True}\n":             "",
		"alarms: {email: [a@b.example, 'c@d.example',]}\n": "",

		reason("a\tb"):                                "audit.exceptions[0].reason: a tab stands within the text; write a blank instead, or \\t in double quotes",
		reason("\"a\tb\""):                            "a tab stands within the text",
		reason("over\n        two\tlines"):            "a tab stands within the text",
		reason("\"over\t\n        two lines\""):       "a tab stands within the text",
		reason("|\n\t  tab"):                          "a tab stands at the beginning of the line",
		"cli\tent: ACME\n":                            "a tab stands within the text",
		"alarms: {email: [a\tb]}\n":                   "a tab stands within the text",
		"alarms:\n  email:\n    -\ta@b.example\n":     "a tab stands at the beginning of the line",
		"hosts:\n\tmin: 1\n":                          "tab",
		reason("1e3"):                                 "must be text; put it in quotes: \"1e3\"",
		reason("08"):                                  "must be text; put it in quotes: \"08\"",
		reason(".5"):                                  "must be text; put it in quotes",
		reason("true"):                                "must be text; put it in quotes",
		"hosts: {min: 010}\n":                         "hosts.min: 010 is one number for some and another for others; write it without the 0 in front",
		"hosts: {min: 1.0}\n":                         "must be a whole number",
		"network: {allow: [{ports: 0443}]}\n":         "must be text; put it in quotes: \"0443\"",
		"backup: {restorable_monthly: yes}\n":         "must be true or false",
		"backup: {restorable_monthly: on}\n":          "must be true or false",
		"hosts: {min:1}\n":                            "a colon has to have a blank behind it",
		reason("\"a\\/b\""):                           `a backslash stands before a slash; write "/" without it`,
		reason("\"\\ud83d\\ude00\""):                  `\ud83d is half a character; write the character itself`,
		reason("a\u0085b"):                            "an invisible character, U+0085, stands here; remove it",
		reason("\"a\u2028b\""):                        "an invisible character, U+2028, stands here; remove it",
		reason("a\x00b"):                              "an invisible character, U+0000",
		reason("a\ufeffb"):                            "an invisible character, U+FEFF",
		"client: \xff\n":                              "this is not UTF-8; save the file in that encoding",
		"client: A\rregion: B\n":                      "a carriage return stands within the line",
		"client: &a ACME\nregion: *a\n":               "anchors, aliases and tags are not understood here",
		"client: !!str ACME\n":                        "anchors, aliases and tags are not understood here",
		"client: !x":                                  "anchors, aliases and tags are not understood here",
		"<<: {client: ACME}\n":                        "anchors, aliases and tags are not understood here",
		"? client\n: ACME\n":                          "this notation is not understood here",
		"%YAML 1.1\n---\nclient: ACME\n":              "this notation is not understood here",
		"client: A\nclient: B\n":                      "given twice",
		"client: A\n---\nclient: B\n":                 "a second document",
		"---\n---\nclient: A\n":                       "a second document",
		"client: \"é\" x\n":                           "not YAML",
		"alarms:\n  email:\n    -\n    a@b.example\n": `nothing belongs to "-"`,
		reason("\n      text"):                        "the value in a line below has to stand further to the right",
		"client: |\n  ACME":                           "the last line has no end",
		"client: |-\n  ACME \n":                       "blanks end the last line",
		"client: |-\n    \n  ACME\n":                  "blanks stand in an empty line",
		reason("over\n        - two"):                 "text that goes over several lines has to be in quotes",
	} {
		d := alike(t, []byte(text))
		got := (&InvalidError{"acme.yaml", d.problems}).Error()
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Files that nobody writes, but always the same ones. FuzzSecondLibrary looks for others.
func TestNonsenseIsReadAsASecondLibraryDoes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	begins := []string{
		"", "client: ", "audit:\n  exceptions:\n    - reason: ", "audit: {exceptions: [{reason: ", "alarms:\n  email:\n    - ", "alarms: {email: [",
		"hosts: {min: ", "hosts:\n  min: ", "network:\n  allow:\n  - name: a\n    ports: ", "backup: {restorable_monthly: ", "client: \"", "client: '", "client: |\n", "client: >\n", "client: x",
	}
	ends := []string{"", "\n", "}\n", "]}\n", "}]}\n", "\"\n", "'\n", "\nregion: r\n", "\n    id: z\n"}
	pieces := []string{
		"client", "region", "min", "name", "reason", "until", ": ", ":", ":\n", "\n", "\n  ", "\n    ", "\n      ", "\n\t", "\n- ", "\n  - ", "\n    - ", "- ", "\t", " ", "#", " # c",
		"'", "\"", "\\", "\\n", "\\/", "\\u00e9", "\\x41", "\\ud83d\\ude00", "\\\n", "{", "}", "[", "]", ", ", "|", ">", "|-", ">-", "|+", "|2", "? ", "!", "&a", "*a", "!!str ",
		"~", "null", "true", "yes", "no", "1", "10", "010", "0o7", "08", "0x1f", "1e3", "1.5", ".5", "-1", "+1", "1_0", "12:30", "2020-01-01", "x", "a b", "é", "\u0085", "\u2028", "\u00a0",
		"\ufeff", "\r", "---\n", "...\n", "%YAML 1.2\n", "@", "`", "%", "''", "\"\"", "\"x\"", "x\ty", "x:y", "key: x", "<<", "=", "-", ".", "x\n\n    y", "x\n  y",
	}
	accepted := 0
	for range 20_000 {
		text := begins[random.IntN(len(begins))]
		for range random.IntN(5) + 1 {
			text += pieces[random.IntN(len(pieces))]
		}
		text += ends[random.IntN(len(ends))]
		if d := alike(t, []byte(text)); len(d.problems) == 0 {
			accepted++
		}
	}
	if accepted < 1000 {
		t.Errorf("only %d files are accepted", accepted)
	}
}

func FuzzSecondLibrary(f *testing.F) {
	f.Add(string(examples.ACME))
	f.Add("audit:\n  exceptions:\n    - reason: >-\n        a\n\n        b\n      id: \"x\\ty\"\n")
	f.Fuzz(func(t *testing.T, text string) { alike(t, []byte(text)) })
}
