package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// english are words that no French sentence has.
var english = words(`the is are of with not must for from has have cannot what which was were will would by and when that
	this it its be been than then there their they who how why where only after before until while each every all any
	other another more into over yes if needs need wants gone ready kept missing users user days hours day hour month
	months year years weeks week host hosts key keys made make makes made changed removed created deleted waits wait
	failed no nothing nobody somebody does do did can could may might should again once first last same new old right
	wrong too many few some or to in at up down out off`)

// stillEnglish are what AWS, Go and the parsers of the command line and of YAML say themselves,
// and names and values that are the same in French.
var stillEnglish = []string{
	"is not a sandbox account", // what is wrong with the file of the sandbox
	// AWS, in the sandbox, and what runs in containers
	"has started ", "has reached a steady state", "deployment failed", "Essential container", "a row is too large",
	"cannot reach the database", "rolling back to deployment", "hello from the session", "failed to get shared config profile", "says the test",
	"Running On-Demand",
	// Go, cobra and the parser of YAML
	"no such file or directory", "error parsing regexp", "invalid character", "is a directory", "did not find expected node content", "invalid argument", "unknown flag",
	"required flag", "unknown shorthand", "if any flags", "flag needs", "accepts ", "were all set",
	// a configuration that says English
	"Is there room", "elsewhere.yaml has 0 accounts", "add to it:", "No clients.", "No: see what", "is not the ARN of", "is not an IPv4 /16",
	// keys of specs, and states as AWS has them
	"every: none", "s'est terminée en failed", "non : pour analyse", "on, off",
	"Docker in Docker",
	// messages of strongSwan
	"« no connections found »", "« no shared key",
}

// TestFrench runs all scripts in a French environment and looks for English in what is said, but
// for what is AWS's own, names, and files.
func TestFrench(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs all scripts again")
	}
	scripts, err := filepath.Glob("../../testdata/script/*.txtar")
	if err != nil || len(scripts) < 30 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	dir, found := t.TempDir(), &englishFound{lines: map[string]string{}}
	for _, script := range scripts {
		source, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(script)), []byte(inFrench(string(source))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("scripts", func(t *testing.T) {
		params := scriptParams()
		params.Dir, params.ContinueOnError = dir, false
		setup := params.Setup
		params.Setup = func(e *testscript.Env) error {
			err := setup(e)
			e.Setenv("LANG", "fr_FR.UTF-8")
			return err
		}
		params.Cmds["french"] = found.look
		testscript.Run(t, params)
	})
	for _, line := range slices.Sorted(maps.Keys(found.lines)) {
		if slices.ContainsFunc(stillEnglish, func(s string) bool { return strings.Contains(line, s) }) {
			continue
		}
		t.Errorf("%s says in English: %s", found.lines[line], line)
	}
	if found.looks < 500 {
		t.Errorf("only %d commands were looked at", found.looks)
	}
}

var (
	// assertion is a line of a script that looks at what was said, in English.
	assertion = regexp.MustCompile(`^(\[[^\]]*\] )?(! |\? )?(stdout|stderr|cmp|cmpenv|grep|cp stdout|cp stderr) `)
	speaks    = regexp.MustCompile(`^(\[[^\]]*\] )?((! |\? )?exec cicdctl|exits \d+) `)
)

// inFrench is a script without what it expects to be said, and with a look at it in its place.
func inFrench(script string) string {
	body, files, _ := strings.Cut(script, "\n-- ")
	var out []string
	for line := range strings.SplitSeq(body, "\n") {
		if assertion.MatchString(line) && !strings.HasPrefix(line, "cp std") || strings.HasPrefix(line, "env LANG=") {
			continue
		}
		out = append(out, line)
		if speaks.MatchString(line) && !strings.HasSuffix(line, "&") {
			out = append(out, "french "+strings.ReplaceAll(strings.NewReplacer("'", "", "$", "").Replace(line), "#", ""))
		}
	}
	if files == "" {
		return strings.Join(out, "\n")
	}
	return strings.Join(out, "\n") + "\n-- " + files
}

// elsewhere are commands whose output is for other programs alone: shells, AWS, and editors.
var elsewhere = []string{"__complete ", " completion ", "iam-policy", "spec schema", "schema "}

// writesFiles are commands that print files for other programs, in which people read the comments.
var writesFiles = []string{"pipeline render", "fleet pipeline", "vpn config"}

var comment = regexp.MustCompile(`(?:^|\s)(?:#|//) .*`)

// englishFound are lines that look English, each with the command that said it.
type englishFound struct {
	sync.Mutex
	lines map[string]string
	looks int
}

// look reads what the command before has said.
func (f *englishFound) look(ts *testscript.TestScript, _ bool, args []string) {
	f.Lock()
	defer f.Unlock()
	f.looks++
	if words := strings.Join(args, " ") + "  "; slices.ContainsFunc(elsewhere, func(s string) bool { return strings.Contains(words, s) }) {
		return
	}
	files := slices.ContainsFunc(writesFiles, func(s string) bool { return strings.Contains(strings.Join(args, " "), s) })
	for _, stream := range []string{"stdout", "stderr"} {
		for _, line := range sentences(ts.ReadFile(stream)) {
			if files && stream == "stdout" {
				line = comment.FindString(line)
			}
			if word := englishIn(line); word != "" {
				f.lines[fmt.Sprintf("[%s] %s", word, line)] = ts.Name() + ": " + strings.Join(args, " ")
			}
		}
	}
}

// sentenceKeys are the keys of JSON whose values are sentences.
var sentenceKeys = words("message fix why reason note notes text warning error unknown impact lost losses")

// sentences are what people read of an output: of JSON the values that are sentences.
func sentences(text string) []string {
	if start := strings.TrimSpace(text); !strings.HasPrefix(start, "{") && !strings.HasPrefix(start, "[") {
		return strings.Split(text, "\n")
	}
	var out []string
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case string:
			if sentenceKeys[key] {
				out = append(out, strings.Split(v, "\n")...)
			}
		case []any:
			for _, each := range v {
				walk(key, each)
			}
		case map[string]any:
			for k, each := range v {
				walk(k, each)
			}
		}
	}
	for d := json.NewDecoder(strings.NewReader(text)); ; {
		var v any
		if err := d.Decode(&v); err != nil {
			return out
		}
		walk("", v)
	}
}

// quoted is what is a name or somebody else's in a line.
var quoted = regexp.MustCompile("^\\s*[#✗✓·+~-]? ?(\\p{L}+ )?[a-z0-9-]+/[a-z0-9-]+ +[a-z0-9-]+(, [a-z0-9-]+)*|\"[^\"]*\"|`[^`]*`|'[^' ]*'|\\S*[-_/=:.@$]\\S*\\w\\S*|--\\w\\S*|cicdctl( [a-z-]+)+|\\w*\\d\\w*|\\(conn[^)]*\\)|l'un de .*|\\([A-Z][A-Za-z]+\\)$")

var word = regexp.MustCompile(`[A-Za-zÀ-ÿ]+('[A-Za-zÀ-ÿ]+)?`)

// englishIn is the first English word in a line, or "".
func englishIn(line string) string {
	for _, w := range word.FindAllString(quoted.ReplaceAllString(line, " "), -1) {
		if english[strings.ToLower(w)] && strings.ToUpper(w) != w {
			return w
		}
	}
	return ""
}

func words(text string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		out[w] = true
	}
	return out
}
