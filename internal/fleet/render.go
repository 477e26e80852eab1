package fleet

import (
	"bytes"
	"strconv"

	"github.com/goccy/go-yaml"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// plan is what pipelines are made of.
type plan struct {
	event Event
	lang  lang.Lang
	most  int    // jobs of one pipeline
	first []unit // that stay in the first pipeline, where the last jobs need them
	units []unit // that may be in any
	last  []job
	texts map[string][]byte // YAML of jobs that are alike
}

// render makes the pipelines: one if all jobs fit into it. Otherwise the first one has what has to be
// in it and starts the others, which are the third level of pipelines and the last that GitLab allows
// (docs.gitlab.com, "Downstream pipelines: Nested child pipelines").
func (p plan) render() (files [][]byte, jobs int) {
	stages, shared := templates(p.event, p.lang)
	own := flat(p.first)
	more := flat(p.units)
	whole := append(append([]job{}, own...), more...)
	whole = append(whole, p.last...)
	if p.last != nil {
		whole = append([]job{handOver(stages[0])}, whole...)
	}
	switch {
	case len(whole) == 0:
		return [][]byte{p.document(list("none"), nil, []job{p.nothing()})}, 1
	case len(whole) <= p.most:
		return [][]byte{p.document(stages, shared, whole)}, len(whole)
	}
	pieces := pack(p.units, p.most)
	if p.last == nil {
		stages = append(list("prepare"), stages...)
	}
	first := append([]job{handOver("prepare")}, own...)
	for i := range pieces {
		first = append(first, p.start(i+1, stages[len(stages)-1]))
	}
	first = append(first, p.last...)
	jobs = len(first)
	files = append(files, p.document(stages, shared, first))
	for _, piece := range pieces {
		jobs += len(piece)
		files = append(files, p.document(stages, shared, piece))
	}
	return files, jobs
}

// start is a job that starts one of the other pipelines. Variables that it inherited would stand
// above those of the project there.
func (p plan) start(i int, stage string) job {
	return job{name: "clients " + strconv.Itoa(i), body: object{
		{Key: "stage", Value: stage},
		{Key: "needs", Value: list(handOverName)},
		{Key: "inherit", Value: object{{Key: "variables", Value: false}}},
		{Key: "trigger", Value: object{
			{Key: "include", Value: []object{{{Key: "artifact", Value: artifactOf(i)}, {Key: "job", Value: handOverName}}}},
			{Key: "strategy", Value: "depend"},
		}},
	}}
}

// nothing is the only job where nothing has changed: GitLab takes no pipeline without jobs.
func (p plan) nothing() job {
	return job{name: "nothing to do", body: object{
		{Key: "stage", Value: "none"},
		{Key: "extends", Value: ".fleet"},
		{Key: "variables", Value: object{{Key: "GIT_STRATEGY", Value: "none"}}},
		{Key: "script", Value: list(`echo "` + p.lang.Say("No client has changed.") + `"`)},
	}}
}

func flat(units []unit) []job {
	var out []job
	for _, u := range units {
		out = append(out, u...)
	}
	return out
}

// pack puts units into pipelines of so many jobs at most. A larger unit has one of its own.
func pack(units []unit, most int) [][]job {
	var out [][]job
	for _, u := range units {
		if last := len(out) - 1; last >= 0 && len(out[last])+len(u) <= most {
			out[last] = append(out[last], u...)
			continue
		}
		out = append(out, append([]job{}, u...))
	}
	return out
}

// document is one pipeline. Its rule makes it run whatever the parent is: without one, GitLab takes
// it for the pipeline of a branch, which a merge request has none of. What a newer commit cancels is
// each pipeline's own setting, and not its parent's: by default, all of one in which nothing has begun
// that is not interruptible (docs.gitlab.com, "workflow:auto_cancel:on_new_commit").
func (p plan) document(stages []string, shared, jobs []job) []byte {
	cancelled := "none"
	if p.event == MergeRequest {
		cancelled = "interruptible"
	}
	doc := object{
		{Key: "include", Value: []object{{{Key: "local", Value: JobsFile}}}},
		{Key: "workflow", Value: object{
			{Key: "auto_cancel", Value: object{{Key: "on_new_commit", Value: cancelled}}},
			{Key: "rules", Value: []object{{{Key: "when", Value: "always"}}}},
		}},
		{Key: "stages", Value: stages},
	}
	var b bytes.Buffer
	b.WriteString("# " + p.lang.Say("Written by cicdctl fleet pipeline for one pipeline; change .gitlab/fleet.yml instead.") + "\n")
	b.Write(asYAML(doc))
	for _, j := range append(append([]job{}, shared...), jobs...) {
		p.write(&b, j)
	}
	return b.Bytes()
}

// write adds a job to a pipeline.
func (p plan) write(b *bytes.Buffer, j job) {
	if j.client == "" {
		b.Write(asYAML(object{{Key: j.name, Value: j.body}}))
		return
	}
	text, there := p.texts[j.name]
	if !there {
		text = asYAML(object{{Key: j.name, Value: j.body}})
		p.texts[j.name] = text
	}
	b.Write(bytes.ReplaceAll(text, []byte(anyClient), []byte(j.client)))
}

func asYAML(doc object) []byte {
	out, err := yaml.MarshalWithOptions(doc, yaml.IndentSequence(true))
	if err != nil {
		panic(err) // plain values always encode
	}
	return out
}
