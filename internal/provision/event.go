package provision

import "time"

// Phase is where a resource is in a run.
type Phase string

// The phases of an event, in their usual order.
const (
	PhaseStart   Phase = "start"   // the first call is about to be made
	PhaseWorking Phase = "working" // Text says what is done or waited for
	PhaseDone    Phase = "done"
	PhaseFailed  Phase = "failed"  // Text is the error
	PhaseSkipped Phase = "skipped" // something before it failed, or the run was interrupted
)

// Event is one thing that happened in a run, for whoever draws it.
type Event struct {
	Change
	Phase   Phase
	Text    string
	Elapsed time.Duration // since the resource's start
}

// Sink receives events, one at a time.
type Sink func(Event)
