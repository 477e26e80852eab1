package fleet

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// found are the files below directories, by their names.
type found map[string][]string

// lookIn finds all JSON files below directories. One that is met twice, because a directory is in
// another one, is one file.
func lookIn(dirs []string) (found, error) {
	files := found{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
				return err
			}
			same := func(other string) bool { return sameFile(path, other) }
			if name := d.Name(); !slices.ContainsFunc(files[name], same) {
				files[name] = append(files[name], path)
			}
			return nil
		})
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, session.Usagef("give the directories that hold the artifacts of the audits' jobs", "%s: there is no such directory", dir)
		case err != nil:
			return nil, lang.Errorf("look for results in %s: %w", dir, err)
		}
	}
	return files, nil
}

func sameFile(a, b string) bool {
	one, errOne := os.Stat(a)
	other, errOther := os.Stat(b)
	return errOne == nil && errOther == nil && os.SameFile(one, other)
}

// shards reads what the audits' jobs were to deliver. Without it nobody knows what is missing.
func (f found) shards(path string) (*Shards, error) {
	if path == "" {
		switch have := f[ShardsFile]; len(have) {
		case 1:
			path = have[0]
		case 0:
			return nil, session.Usagef("give a directory that holds it, or the file with --shards", "%s is in none of the directories: it says which audits were to be delivered", ShardsFile)
		default:
			return nil, session.Usagef("give the one that counts with --shards", "there are several files %s: %s", ShardsFile, strings.Join(have, ", "))
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, session.AsUsage(err)
	}
	s := &Shards{}
	if err := strict(data, s); err != nil {
		return nil, lang.Errorf("%s: %w", path, err)
	}
	if err := s.check(); err != nil {
		return nil, lang.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// check refuses a list of shards that cannot say what is missing.
func (s *Shards) check() error {
	switch {
	case s.Version != ShardsVersion:
		return lang.Errorf("version: %d, and this cicdctl reads %d only", s.Version, ShardsVersion)
	case s.Created.IsZero():
		return lang.New("created: missing: it tells results of this night from older ones")
	case len(s.Shards) == 0:
		return lang.New("shards: none, so that nothing was to be audited")
	}
	seen := map[string]bool{}
	for _, one := range s.Shards {
		if err := rules.CheckRegion(one.Region); err != nil {
			return lang.Errorf("shard %q: %w", one.ID, err)
		}
		if one.ID == "" || one.File == "" || one.File != filepath.Base(one.File) || one.File == "." || one.File == ".." {
			return lang.Errorf("shard %q: file %q is not the name of a file", one.ID, one.File)
		}
		for _, key := range []string{"id " + one.ID, "file " + one.File, strings.TrimSpace("account and region " + one.Account + " " + one.Region)} {
			if seen[key] {
				return lang.Errorf("shard %q: another one has the same %s", one.ID, key)
			}
			seen[key] = true
		}
	}
	return nil
}

// skew is how far the clocks of two runners may differ. Those of machines that ask a time server do
// by much less; results of another night are hours older.
const skew = 10 * time.Minute

// read is what a shard delivered. The error says why it counts as not audited.
func (f found) read(s Shard, created time.Time) (*audit.Audit, error) {
	paths := f[s.File]
	switch len(paths) {
	case 0:
		return nil, lang.Errorf("%s is not there: its job did not run, or did not end", s.File)
	case 1:
	default:
		return nil, lang.Errorf("there are several files for it, and nobody knows which counts: %s", strings.Join(paths, ", "))
	}
	data, err := os.ReadFile(paths[0])
	if err != nil {
		return nil, err
	}
	a, err := decode(data)
	if err != nil {
		return nil, lang.Errorf("%s: %w", paths[0], err)
	}
	if err := s.owns(a, created); err != nil {
		return nil, lang.Errorf("%s: %w", paths[0], err)
	}
	return a, nil
}

// decode reads what cicdctl audit has written. What is not exactly that is an error: a result that
// lacks something, or has more than this version knows, may mean anything.
func decode(data []byte) (*audit.Audit, error) {
	keys := map[string]json.RawMessage{}
	if err := one(data, &keys, false); err != nil {
		return nil, err
	}
	if keys["error"] != nil {
		var failed report.Fault
		if err := json.Unmarshal(data, &failed); err != nil || failed.Error.Message == "" {
			return nil, lang.New("its audit failed, and does not say why")
		}
		causes := failed.Error.Message
		for _, c := range failed.Error.Causes {
			causes += "; " + c.Message
		}
		return nil, lang.Errorf("its audit failed: %s", causes)
	}
	needed, err := keysOf(audit.Audit{})
	if err != nil {
		return nil, err
	}
	for _, key := range needed {
		if have := keys[key]; have == nil || string(have) == "null" {
			return nil, lang.Errorf("%s is missing: it is no audit, or one of another version of cicdctl", key)
		}
	}
	a := &audit.Audit{}
	if err := one(data, a, true); err != nil {
		return nil, lang.Errorf("it is an audit of another version of cicdctl: %w", err)
	}
	if !a.Whole() {
		return nil, lang.New("its counts are not those of what it lists: something is missing")
	}
	return a, nil
}

// keysOf are the keys that a value has as JSON, sorted.
func keysOf(v any) ([]string, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	keys := map[string]json.RawMessage{}
	err = json.Unmarshal(data, &keys)
	return slices.Sorted(maps.Keys(keys)), err
}

// strict reads one JSON document that has no key too many.
func strict(data []byte, to any) error { return one(data, to, true) }

func one(data []byte, to any, known bool) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return lang.New("it is empty: its job ended before it wrote anything")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if known {
		d.DisallowUnknownFields()
	}
	switch err := d.Decode(to); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return lang.Errorf("it is cut off after %d {byte|bytes}", len(data))
	case err != nil:
		return lang.Errorf("it is no JSON of this form: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return lang.New("it holds more than one JSON document")
	}
	return nil
}

// owns refuses an audit that is not that of the shard.
func (s Shard) owns(a *audit.Audit, created time.Time) error {
	switch {
	case a.At.Before(created.Add(-skew)):
		return lang.Errorf("it is of %s UTC, an earlier night", report.Clock(a.At))
	case !slices.Equal(a.Regions, []string{s.Region}):
		return lang.Errorf("it is an audit of %s, and not of %s alone", cmp.Or(strings.Join(a.Regions, ", "), lang.Say("no region")), s.Region)
	}
	for _, at := range s.places(a) {
		switch {
		case at.account != s.Account:
			return lang.Errorf("%s is of the account %q, and not of %q", at.what, at.account, s.Account)
		case at.region != s.Region && !at.shared:
			return lang.Errorf("%s is of the region %q, and not of %s", at.what, at.region, s.Region)
		}
	}
	for _, f := range a.Findings {
		if f.ID == "" || !slices.Contains([]rules.Severity{rules.High, rules.Medium, rules.Low}, f.Severity) {
			return lang.Errorf("the finding %q has the severity %q", f.ID, f.Severity)
		}
	}
	for _, e := range a.Excepted {
		switch {
		case e.Reason == "":
			return lang.Errorf("the finding %q is accepted, and no reason is given", e.ID)
		case a.At.After(e.Until.AddDate(0, 0, 2)): // that day is part of it, wherever it is
			return lang.Errorf("the finding %q is accepted until %s, which is over", e.ID, e.Until.Format(day))
		}
	}
	return proves(a)
}

// proves refuses an audit whose proof of isolation is not one of its clients, or not what it found.
func proves(a *audit.Audit) error {
	seen := map[string]bool{}
	for _, c := range a.Clients {
		if seen[c.Name] {
			return lang.Errorf("it has %s twice", c.Name)
		}
		seen[c.Name] = true
	}
	broken := func(f judge.Finding) bool { return f.ID == audit.IsolationBroken }
	told := slices.ContainsFunc(a.Findings, broken) || slices.ContainsFunc(a.Excepted, func(e audit.Excepted) bool { return broken(e.Finding) })
	for i, proof := range a.Isolation {
		switch {
		case i > 0:
			return lang.Errorf("it has %s twice", lang.Say("isolation of clients"))
		case !proof.Isolated && !told:
			return lang.New("its clients reach each other, and it lists no finding of it")
		}
	}
	if len(a.Clients) > 0 && len(a.NotAudited) == 0 && (len(a.Isolation) == 0 || a.Isolation[0].Clients == 0) {
		return lang.New("it has clients, and no proof of their isolation")
	}
	return nil
}

// place is what a part of an audit is about. What clients share may be of the account's own region.
type place struct {
	what, account, region string
	shared                bool
}

func (s Shard) places(a *audit.Audit) []place {
	var out []place
	for _, c := range a.Clients {
		out = append(out, place{c.Name, c.Account, c.Region, false})
	}
	for _, f := range a.Findings {
		out = append(out, place{f.ID, f.Account, f.Region, f.Client == ""})
	}
	for _, e := range a.Excepted {
		out = append(out, place{e.ID, e.Account, e.Region, e.Client == ""})
	}
	for _, i := range a.Isolation {
		out = append(out, place{lang.Say("isolation of clients"), i.Account, i.Region, false})
	}
	for _, n := range a.NotAudited {
		out = append(out, place{n.What, n.Account, n.Region, true})
	}
	return out
}
