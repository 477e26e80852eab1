package fleet

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/session"
)

// Event is what a pipeline is for.
type Event string

// The events.
const (
	MergeRequest Event = "merge-request" // plan what it changes
	Push         Event = "push"          // apply what was merged
	Schedule     Event = "schedule"      // audit, report, restore drills
)

// Events are all of them, as --event has them.
func Events() []string { return []string{string(MergeRequest), string(Push), string(Schedule)} }

// occasion is an event, and what has changed since when.
type occasion struct {
	event Event
	base  string // a revision; empty where nothing is compared
	date  time.Time
	asked bool // the date is a day that somebody has given
}

// night is a time on the day on which its evening is, in UTC. A schedule soon after midnight that moves by
// an hour in spring and autumn, as those with a time zone do, has each night once all the same.
func (o occasion) night() time.Time {
	if o.asked {
		return o.date
	}
	return o.date.Add(-12 * time.Hour)
}

// occasionOf reads GitLab's variables (docs.gitlab.com, "Predefined CI/CD variables"), which flags
// replace.
func occasionOf(o PipelineOptions, now time.Time) (occasion, error) {
	out := occasion{event: Event(o.Event), base: o.Base, date: now}
	if at, err := time.Parse(time.RFC3339, os.Getenv("CI_PIPELINE_CREATED_AT")); err == nil {
		out.date = at // a job that runs again has the clients of its night
	}
	if o.Date != "" {
		at, err := time.Parse(time.DateOnly, o.Date)
		if err != nil {
			return out, session.Usagef("give a day such as 2026-11-30", "--date %q is no day", o.Date)
		}
		out.date, out.asked = at, true
	}
	source := os.Getenv("CI_PIPELINE_SOURCE")
	if out.event == "" {
		switch source {
		case "merge_request_event":
			out.event = MergeRequest
		case "push":
			out.event = Push
		case "schedule":
			out.event = Schedule
		case "":
			return out, session.Usagef("give --event merge-request, push or schedule, as nothing of GitLab says it", "--event is missing")
		default:
			return out, session.Usagef("give --event and --base, for example with the variable FLEET_FLAGS of the pipeline", "CI_PIPELINE_SOURCE is %q, which does not say what the pipeline is for", source)
		}
	}
	if !slices.Contains(Events(), string(out.event)) {
		return out, session.Usagef("", "--event %q is not one of %s", o.Event, strings.Join(Events(), ", "))
	}
	branch, main := os.Getenv("CI_COMMIT_BRANCH"), os.Getenv("CI_DEFAULT_BRANCH")
	if out.event != MergeRequest && (branch != "" && branch != main || os.Getenv("CI_MERGE_REQUEST_IID") != "" || os.Getenv("CI_COMMIT_TAG") != "") {
		return out, session.Usagef("merge it first; a merge request plans what it changes, and a schedule belongs to the default branch",
			"only the default branch %s is applied and audited, and this is %s", main, cmp.Or(branch, os.Getenv("CI_COMMIT_REF_NAME")))
	}
	if out.base != "" || out.event == Schedule || o.All {
		return out, nil
	}
	return out, out.sinceWhen()
}

// sinceWhen finds the commit to compare with.
func (o *occasion) sinceWhen() error {
	var variable string
	switch o.event {
	case MergeRequest:
		// In a pipeline of merged results, the commit has the target branch in it, whose newer changes
		// are none of the merge request.
		variable = "CI_MERGE_REQUEST_DIFF_BASE_SHA"
		if os.Getenv("CI_MERGE_REQUEST_TARGET_BRANCH_SHA") != "" {
			variable = "CI_MERGE_REQUEST_TARGET_BRANCH_SHA"
		}
	default:
		variable = "CI_COMMIT_BEFORE_SHA"
	}
	o.base = os.Getenv(variable)
	zero := o.base != "" && strings.Trim(o.base, "0") == ""
	switch {
	case o.base == "":
		return session.Usagef("give the commit to compare with: --base REVISION", "%s is not set: what has changed is not known", variable)
	case zero && os.Getenv("CI_PIPELINE_SOURCE") != "push":
		return session.Usagef("give --base REVISION, or --all for all clients", "%s names no commit in a pipeline that no push has started", variable)
	case zero: // the branch is new: all of it is
		o.base = emptyTree
	}
	return nil
}
