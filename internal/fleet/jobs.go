package fleet

import (
	"slices"
	"strconv"

	"github.com/goccy/go-yaml"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Values of jobs, as the library writes them. Texts that a client's name is in are quoted, because YAML 1.1, which GitLab
// reads, takes some names for truth values: a client may be called NO.
type (
	object = yaml.MapSlice
	quoted string
)

// MarshalYAML writes the text in quotes. Names have no character that would need to be escaped.
func (q quoted) MarshalYAML() ([]byte, error) { return []byte(`"` + string(q) + `"`), nil }

func list(texts ...string) []string { return texts }

// safeRetry is for jobs that only read: a failure of the runner's, not one of theirs
// (docs.gitlab.com, "CI/CD YAML syntax reference: retry:when").
func safeRetry() object {
	return object{{Key: "max", Value: 2}, {Key: "when", Value: list("runner_system_failure", "stuck_or_timeout_failure", "api_failure", "scheduler_failure")}}
}

// reads is a template of jobs that may be run again and stopped at any time.
func reads(stage, timeout string, script []string, files ...string) object {
	out := object{
		{Key: "stage", Value: stage},
		{Key: "extends", Value: ".fleet-read"},
		{Key: "interruptible", Value: true},
		{Key: "timeout", Value: timeout},
		{Key: "retry", Value: safeRetry()},
		{Key: "script", Value: script},
	}
	if len(files) > 0 {
		out = append(out, yaml.MapItem{Key: "artifacts", Value: kept("30 days", files...)})
	}
	return out
}

// writes is a template of jobs that must neither be stopped nor run again by themselves.
func writes(stage, timeout string, script []string, more ...yaml.MapItem) object {
	return append(object{
		{Key: "stage", Value: stage},
		{Key: "extends", Value: ".fleet-write"},
		{Key: "interruptible", Value: false},
		{Key: "timeout", Value: timeout},
		{Key: "retry", Value: 0},
		{Key: "needs", Value: []string{}},
		{Key: "script", Value: script},
	}, more...)
}

// kept are artifacts, which a job leaves however it ends.
func kept(long string, files ...string) object {
	return object{{Key: "paths", Value: files}, {Key: "when", Value: "always"}, {Key: "expire_in", Value: long}}
}

// The commands of jobs. The shell is that of the image: POSIX.
var (
	// An account is given only where a client has one: it is a flag that specs decide otherwise.
	account = `${ACCOUNT:+--account "$ACCOUNT"}`

	planScript = list(
		`code=0`,
		`cicdctl client plan "$CLIENT" --cost --output markdown > "plan-$CLIENT.md" || code=$?`,
		`cat "plan-$CLIENT.md"`,
		`cicdctl fleet comment "$CLIENT" --file "plan-$CLIENT.md" --exit $code`,
		`test $code = 0 || test $code = 3 || exit $code`)
	lostScript = list(
		`code=0`,
		`cicdctl client destroy "$CLIENT" --region "$REGION" `+account+` --plan --output markdown > "lost-$CLIENT.md" || code=$?`,
		`cat "lost-$CLIENT.md"`,
		`cicdctl fleet comment "$CLIENT" --file "lost-$CLIENT.md" --exit $code --gone`,
		`exit $code`)
	auditScript = list(
		`mkdir -p shards; code=0`,
		`cicdctl audit `+account+` --region "$REGION" --output json > "shards/$FILE" || code=$?`,
		`test $code = 0 || test $code = 3 || exit $code`)
	reportScript = list(
		`mkdir -p previous shards; set --`,
		`test ! -f previous/fleet-report.json || set -- --previous previous`,
		`cicdctl fleet report fleet shards --out report ${FLEET_FAIL_ON:+--fail-on "$FLEET_FAIL_ON"} "$@"`)
)

// goneScript shows what is left of a client that no file describes, and fails as long as
// something is.
func goneScript(l lang.Lang) []string {
	return list(
		`code=0`,
		`cicdctl client destroy "$CLIENT" --region "$REGION" `+account+` --plan || code=$?`,
		`test $code = 0 || echo "`+l.Say("No file describes $CLIENT any more. Restore the file, or run by hand: cicdctl client destroy $CLIENT --region $REGION${ACCOUNT:+ --account $ACCOUNT}. Then start this job again.")+`"`,
		`exit $code`)
}

// createScript applies a file and removes nothing.
func createScript(l lang.Lang) []string {
	return list(
		`code=0`,
		`cicdctl fleet check "$CLIENT"`,
		`cicdctl client create "$CLIENT" --yes || code=$?`,
		`test $code != 4 || echo "`+l.Say("If something is to be removed: start the job remove $CLIENT, with its names in the variable REMOVE.")+`"`,
		`exit $code`)
}

// removeScript applies a file and removes what somebody has named who has started the job. Without
// names nothing is agreed to.
var removeScript = list(
	`cicdctl fleet check "$CLIENT"`,
	`set -f; set --; for name in $REMOVE; do set -- "$@" --remove "$name"; done; set +f`,
	`cicdctl client create "$CLIENT" --yes "$@"`)

// placeOf are the variables that say where a client is that no file describes.
func placeOf(c client) []yaml.MapItem {
	out := []yaml.MapItem{{Key: "REGION", Value: c.Region}}
	if c.Account != "" {
		out = append(out, yaml.MapItem{Key: "ACCOUNT", Value: quoted(c.Account)})
	}
	return out
}

// job is a job by its name. Those of a unit are never in different pipelines.
type job struct {
	name string
	body object
	// client is what stands for [anyClient] in the name and the body, which are the same for all
	// clients otherwise: thousands of jobs are put into YAML once.
	client string
}

// anyClient stands for the name of a client.
const anyClient = "@CLIENT@"

// unit are jobs that belong together.
type unit []job

// jobOf is a job about a client. Texts are those of YAML: see quoted.
func jobOf(verb, client string, more ...yaml.MapItem) job {
	body := object{{Key: "extends", Value: "." + verb}, {Key: "variables", Value: object{{Key: "CLIENT", Value: quoted(client)}}}}
	return job{name: verb + " " + client, body: append(body, more...)}
}

// likeAll is a job about a client that differs from those of others in the name alone.
func likeAll(client string, j job) job { j.client = client; return j }

// inGroup is the resource group of a client: GitLab runs one job of it at a time, in all pipelines
// of the project.
func inGroup(client string) yaml.MapItem {
	return yaml.MapItem{Key: "resource_group", Value: quoted("client/" + client)}
}

var (
	planJob   = jobOf("plan", anyClient)
	createJob = jobOf("create", anyClient, inGroup(anyClient))
	removeJob = jobOf("remove", anyClient, inGroup(anyClient))
	drillJob  = jobOf("drill", anyClient, inGroup(anyClient))
)

func planJobs(c client) unit  { return unit{likeAll(c.Client, planJob)} }
func drillJobs(c client) unit { return unit{likeAll(c.Client, drillJob)} }

// createJobs apply a file: one job that removes nothing, and one that somebody starts who names what
// is to be removed.
func createJobs(c client) unit {
	return unit{likeAll(c.Client, createJob), likeAll(c.Client, removeJob)}
}

// movedJobs are those of a client that was somewhere else, or of one whose file described another
// one: what that leaves has to be gone first.
func movedJobs(c client, left []gone) unit {
	var out unit
	var names []string
	for _, g := range left {
		out = append(out, lostJobs(g)...)
		names = append(names, lostName(g))
	}
	needs := yaml.MapItem{Key: "needs", Value: names}
	return append(out, jobOf("create", c.Client, inGroup(c.Client), needs), jobOf("remove", c.Client, inGroup(c.Client), needs))
}

// lostJobs show what would be lost with a client that no file describes any more, and are red until
// nothing is left of it.
func lostJobs(g gone) unit {
	vars := append(object{{Key: "CLIENT", Value: quoted(g.Client)}}, placeOf(g.client)...)
	return unit{{name: lostName(g), body: object{{Key: "extends", Value: ".lost"}, {Key: "variables", Value: vars}}}}
}

func lostName(g gone) string { return "gone " + g.Client + " " + g.place() }

// auditJobs are the audits, several in a job where there would be too many jobs otherwise. Each
// one writes its own file, whatever becomes of the others.
func auditJobs(shards []Shard, most int) []unit {
	var out []unit
	for part := range slices.Chunk(shards, (len(shards)+most-1)/most) {
		body := object{{Key: "extends", Value: ".audit"}}
		if len(part) == 1 {
			out = append(out, unit{{name: part[0].ID, body: append(body, yaml.MapItem{Key: "variables", Value: shardVariables(part[0])})}})
			continue
		}
		script := list("mkdir -p shards; failed=0")
		for _, s := range part {
			where := "--region " + s.Region
			if s.Account != "" {
				where = "--account " + s.Account + " " + where
			}
			script = append(script, `code=0; cicdctl audit `+where+` --output json > shards/`+s.File+` || code=$?; test $code = 0 || test $code = 3 || failed=$code`)
		}
		body = append(body, yaml.MapItem{Key: "timeout", Value: strconv.Itoa(60*len(part)) + "m"}, yaml.MapItem{Key: "script", Value: append(script, `exit $failed`)})
		out = append(out, unit{{name: part[0].ID + " +" + strconv.Itoa(len(part)-1), body: body}})
	}
	return out
}

func shardVariables(s Shard) object {
	vars := object{{Key: "REGION", Value: s.Region}, {Key: "FILE", Value: quoted(s.File)}}
	if s.Account != "" {
		vars = append(vars, yaml.MapItem{Key: "ACCOUNT", Value: quoted(s.Account)})
	}
	return vars
}

// templates are the stages of an event's pipeline, and what its jobs extend.
func templates(e Event, l lang.Lang) (stages []string, out []job) {
	switch e {
	case MergeRequest:
		return list("plan"), []job{
			{name: ".plan", body: reads("plan", "30 minutes", planScript, "plan-*.md")},
			{name: ".lost", body: reads("plan", "30 minutes", lostScript, "lost-*.md")},
		}
	case Push:
		return list("gone", "apply"), []job{
			{name: ".lost", body: reads("gone", "30 minutes", goneScript(l))},
			{name: ".create", body: writes("apply", "2 hours", createScript(l))},
			{name: ".remove", body: writes("apply", "2 hours", removeScript, yaml.MapItem{Key: "when", Value: "manual"}, yaml.MapItem{Key: "allow_failure", Value: true})},
		}
	default: // the report does not wait for drills, which take hours
		return list("prepare", "audit", "report", "drill"), []job{
			{name: ".audit", body: reads("audit", "1 hour", auditScript, "shards/")},
			// Longer than a drill may take before others remove what it has left.
			{name: ".drill", body: writes("drill", "7 hours", list(`cicdctl backup drill "$CLIENT" --yes`))},
		}
	}
}

// reportJob puts the audits together, whatever has become of them.
func reportJob() job {
	return job{name: "report", body: object{
		{Key: "stage", Value: "report"},
		{Key: "extends", Value: ".fleet"},
		{Key: "when", Value: "always"},
		{Key: "timeout", Value: "30 minutes"},
		{Key: "retry", Value: safeRetry()},
		// The trend goes on from the last night. Without that file it begins anew.
		{Key: "cache", Value: object{{Key: "key", Value: "fleet-report"}, {Key: "paths", Value: list("previous/")}, {Key: "when", Value: "always"}}},
		{Key: "script", Value: reportScript},
		{Key: "after_script", Value: list(`test ! -f report/fleet-report.json || cp report/fleet-report.json previous/`)},
		{Key: "artifacts", Value: append(kept("1 year", "report/"), yaml.MapItem{Key: "reports", Value: object{{Key: "junit", Value: list("report/fleet-report.xml")}}})},
	}}
}

const handOverName = "hand over"

// handOver is a job that has what the job of the parent pipeline has written. Jobs of a stage after
// it need not name that pipeline, which only 50 other jobs could be named beside.
func handOver(stage string) job {
	return job{name: handOverName, body: object{
		{Key: "stage", Value: stage},
		{Key: "extends", Value: ".fleet"},
		{Key: "interruptible", Value: true},
		{Key: "timeout", Value: "10 minutes"},
		{Key: "retry", Value: safeRetry()},
		{Key: "variables", Value: object{{Key: "GIT_STRATEGY", Value: "none"}}},
		{Key: "needs", Value: []object{{{Key: "pipeline", Value: "$PARENT_PIPELINE_ID"}, {Key: "job", Value: "fleet"}}}},
		{Key: "script", Value: list("ls fleet")},
		{Key: "artifacts", Value: kept("30 days", "fleet/")},
	}}
}
