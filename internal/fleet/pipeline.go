package fleet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// PipelineOptions are those of the fleet pipeline command.
type PipelineOptions struct {
	Event, Base, Date string
	Out               string // a directory, or - for standard output
	All               bool   // every client counts as changed
	MaxJobs           int    // of one pipeline
}

// DefaultMaxJobs is how many jobs one pipeline gets: the least that an instance of GitLab is known
// to allow in one (GitLab.com's free plan, docs.gitlab.com, "GitLab.com settings: CI/CD").
const DefaultMaxJobs = 500

// fewestJobs leaves room for the jobs that every night has, and mostPipelines for the others below
// the 1,000 downstream pipelines of a hierarchy (docs.gitlab.com, "GitLab application limits").
const fewestJobs, mostPipelines = 10, 900

// PipelineFile is the child pipeline's file in the directory.
const PipelineFile = "pipeline.yml"

// Generated is what fleet pipeline has written. As JSON:
//
//	{"event": "push", "base": "1f2e…", "clients": 3, "changed": ["ACME"], "gone": [], "drills": [], "shards": 0, "jobs": 2, "files": ["fleet/pipeline.yml"]}
type Generated struct {
	Event   Event    `json:"event"`
	Base    string   `json:"base,omitempty"`
	Clients int      `json:"clients"` // that have a file
	Changed []string `json:"changed"`
	Gone    []Gone   `json:"gone"`
	Drills  []string `json:"drills"` // of this night
	Shards  int      `json:"shards"`
	Jobs    int      `json:"jobs"`
	Files   []string `json:"files"` // empty for standard output
}

// Gone is a client that was somewhere by a file, and is not any more.
type Gone struct {
	Client  string `json:"client"`
	Account string `json:"account,omitempty"`
	Region  string `json:"region"`
	Was     string `json:"was"`           // the file
	Now     string `json:"now,omitempty"` // what the file describes instead, or where the client is now
}

// WritePipeline writes the child pipeline for what has happened. It makes no call to AWS.
func WritePipeline(ctx context.Context, a *session.Session, o PipelineOptions) error {
	if o.MaxJobs < fewestJobs {
		return session.Usagef("", "--max-jobs %d is less than %d", o.MaxJobs, fewestJobs)
	}
	at, err := occasionOf(o, time.Now())
	if err != nil {
		return err
	}
	dir := filepath.Clean(a.Conf.SpecDir)
	now, err := clientsIn(dir)
	if err != nil {
		return err
	}
	if err := inAccounts(a, now); err != nil {
		return err
	}
	found := changes{changed: now}
	if at.base != "" {
		root, err := gitRoot(ctx)
		if err != nil {
			return err
		}
		if found, err = findChanges(ctx, root, dir, at.base, now); err != nil {
			return err
		}
		if err := valid(a, found.changed); err != nil {
			return err
		}
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && len(found.gone) == 0 {
		return session.Usagef("give the clients' directory: spec_dir of the configuration, or --spec-dir", "%s: there is no such directory", dir)
	}
	accounts := a.Conf.Accounts
	if len(accounts) == 0 {
		accounts = a.AllAccounts()
	}
	files, r := compose(a.Print.Lang, at, accounts, now, found, o.MaxJobs)
	if most := min(mostPipelines, o.MaxJobs/2-2); len(files.pipelines) > most { // beside audits and the report
		return session.Usagef(lang.Sprintf("give --max-jobs, as many as the instance allows in a pipeline; now it is %d", o.MaxJobs), "%d {pipeline|pipelines} would be needed, more than %d", len(files.pipelines), most)
	}
	return files.write(a, o.Out, r, found.shared && at.event != Schedule)
}

// inAccounts holds the clients against the accounts of the configuration. Where there are accounts,
// each client names one: the audit of a shard says which account it is about by its name.
func inAccounts(a *session.Session, now []client) error {
	var wrong []error
	for _, c := range now {
		switch account, err := a.AccountNamed(c.Account); {
		case err != nil:
			wrong = append(wrong, lang.Errorf("%s: account: %w", c.file, err))
		case c.Account == "" && len(a.Conf.Accounts) > 0:
			wrong = append(wrong, lang.Errorf("%s: account: missing; the configuration has accounts, and a pipeline needs to know which one the client is in", c.file))
		case !slices.Contains(account.Regions, c.Region):
			wrong = append(wrong, lang.Errorf("%s: region: account %s has no clients in %s", c.file, c.Account, c.Region))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return session.AsUsage(errors.Join(wrong...))
}

// valid reads changed files as a whole: a merge request is told at once what is wrong with them.
func valid(a *session.Session, changed []client) error {
	checks, err := a.Checks()
	if err != nil {
		return err
	}
	for _, c := range changed {
		if _, err := spec.Load(filepath.FromSlash(c.file), checks); err != nil {
			return err
		}
	}
	return nil
}

// output is what goes into files.
type output struct {
	pipelines [][]byte // the first one is the child's, which starts the others
	shards    *Shards
}

// compose makes the pipelines.
func compose(l lang.Lang, at occasion, accounts []session.Account, now []client, found changes, most int) (output, Generated) {
	r := Generated{Event: at.event, Base: at.base, Clients: len(now), Changed: []string{}, Gone: []Gone{}, Drills: []string{}, Files: []string{}}
	p := plan{event: at.event, lang: l, most: most, texts: map[string][]byte{}}
	var shards *Shards
	if at.event == Schedule {
		shards = &Shards{Version: ShardsVersion, Created: at.date.UTC().Truncate(time.Second), Shards: shardsOf(accounts, now)}
		r.Shards = len(shards.Shards)
		if r.Shards > 0 { // half of the jobs at most, so that drills have room beside them
			p.first = auditJobs(shards.Shards, most/2)
			p.last = []job{reportJob()}
		}
		for _, c := range tonight(now, at.night()) {
			p.units = append(p.units, drillJobs(c))
			r.Drills = append(r.Drills, c.Client)
		}
	} else {
		p.units = unitsOf(at.event, found)
		for _, c := range found.changed {
			r.Changed = append(r.Changed, c.Client)
		}
		for _, g := range found.gone {
			one := Gone{Client: g.Client, Account: g.Account, Region: g.Region, Was: g.file}
			if g.now != nil {
				one.Now = g.now.Client + " " + g.now.place()
			}
			r.Gone = append(r.Gone, one)
		}
	}
	files, jobs := p.render()
	r.Jobs = jobs
	return output{files, shards}, r
}

// unitsOf are the jobs for what has changed.
func unitsOf(e Event, found changes) []unit {
	var out []unit
	before := map[string][]gone{} // what has to be gone before a client is created
	for _, g := range found.gone {
		if e == Push && g.now != nil && slices.ContainsFunc(found.changed, func(c client) bool { return c.Client == g.now.Client }) {
			before[g.now.Client] = append(before[g.now.Client], g)
			continue
		}
		out = append(out, lostJobs(g))
	}
	for _, c := range found.changed {
		switch left := before[c.Client]; {
		case e == MergeRequest:
			out = append(out, planJobs(c))
		case len(left) > 0:
			out = append(out, movedJobs(c, left))
		default:
			out = append(out, createJobs(c))
		}
	}
	return out
}

// shardsOf are the audits that a night needs: one for each account and each region that it allows,
// also where no file describes a client any more, because something of one may be left there.
func shardsOf(accounts []session.Account, now []client) []Shard {
	type where struct{ account, region string }
	at := map[where][]string{}
	for _, c := range accounts {
		for _, region := range c.Regions {
			at[where{c.Name, region}] = nil
		}
	}
	for _, c := range now {
		at[where{c.Account, c.Region}] = append(at[where{c.Account, c.Region}], c.Client)
	}
	out := []Shard{}
	for place, names := range at {
		out = append(out, NewShard(place.account, place.region, slices.Sorted(slices.Values(names))...))
	}
	slices.SortFunc(out, func(a, b Shard) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// rota is how many nights pass between two restore drills of a client: those of the shortest month.
const rota = 28

// tonight are the clients whose drill is in the night of a date: a client's nights depend on its
// name alone, so that they stay when others come and go.
func tonight(now []client, date time.Time) []client {
	day := uint64(date.UTC().Unix()/int64(24*time.Hour/time.Second)) % rota // after 1970
	var out []client
	for _, c := range now {
		h := fnv.New64a()
		_, _ = h.Write([]byte(c.Client)) // never fails
		if h.Sum64()%rota == day {
			out = append(out, c)
		}
	}
	return out
}

// write writes the files and says what they are.
func (f output) write(a *session.Session, out string, r Generated, shared bool) error {
	if out == "-" {
		if len(f.pipelines) > 1 {
			return session.Usagef("give a directory with --out", "the pipeline has %d {file|files}", len(f.pipelines))
		}
		return a.Print.Raw(f.pipelines[0])
	}
	files := map[string][]byte{}
	if f.shards != nil {
		data, err := json.MarshalIndent(f.shards, "", "  ")
		if err != nil {
			return err
		}
		files[ShardsFile] = append(data, '\n')
	}
	for i, data := range f.pipelines {
		files[pieceName(i)] = data
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return session.Usagef("choose another place with --out", "%w", err)
	}
	for name, data := range files {
		file := filepath.Join(out, name)
		if err := os.WriteFile(file, data, 0o644); err != nil { //nolint:gosec // no secrets, and GitLab's runner reads it
			return session.Usagef("choose another place with --out", "%w", err)
		}
		r.Files = append(r.Files, file)
	}
	slices.Sort(r.Files)
	if a.Print.Format == report.JSON {
		return a.Print.WriteJSON(r)
	}
	return r.show(a.Print, shared)
}

// pieceName is the name of one of the files; that of the child is the first.
func pieceName(i int) string {
	if i == 0 {
		return PipelineFile
	}
	return fmt.Sprintf("pipeline-%03d.yml", i)
}

// artifactOf is a file as trigger jobs name it: where the job of the parent pipeline keeps it.
func artifactOf(i int) string { return path.Join("fleet", pieceName(i)) }

// show says what the pipeline is about.
func (r Generated) show(p *report.Printer, shared bool) error {
	if shared {
		p.Tell("%s has changed, which may concern every client: --all counts them all as changed", configFile)
	}
	var err error
	switch r.Event {
	case Schedule:
		err = p.Line("%d {client|clients}: %d {audit|audits}, %d restore {drill|drills}", r.Clients, r.Shards, len(r.Drills))
	default:
		err = p.Line("%d {client|clients}: %d changed, %d gone", r.Clients, len(r.Changed), len(r.Gone))
	}
	for _, g := range r.Gone {
		if err == nil {
			err = p.Line("%s in %s: no file describes it there any more", g.Client, g.Region)
		}
	}
	for _, file := range r.Files {
		if err == nil {
			err = p.Line("wrote %s", file)
		}
	}
	return err
}
