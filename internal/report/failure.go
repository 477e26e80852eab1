package report

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Trouble is an error with what surrounds it.
type Trouble struct {
	Err         error
	Interrupted bool          // by the operator
	Expired     time.Duration // the timeout that ended it, or 0
	Applied     bool          // something may have been changed
	Done        Tally         // by then
	Again       string        // the command to go on with, or ""
	Code        string        // as in Fault
	Exit        int           // the exit code
	// TakeBack is the command that takes a resource back that has lost its tags. May be nil.
	TakeBack func(provision.Change) string
}

// Failure tells an error: what happened, why, and what to do about it. Where the result was to be
// JSON and none was written, the error is the result as well.
func (p *Printer) Failure(t Trouble) {
	p.failureText(t)
	if p.Format == JSON && !p.wrote {
		if err := p.WriteJSON(p.fault(t)); err != nil {
			p.TellLine(err.Error())
		}
	}
}

func (p *Printer) failureText(t Trouble) {
	style := p.Palette(p.err)
	name := style.Bad.Render("cicdctl:")
	var apply *provision.ApplyError
	var refused *provision.RefusedError
	var invalid *spec.InvalidError
	switch {
	case errors.As(t.Err, &apply):
		p.applyFailure(name, t)
	case errors.As(t.Err, &refused):
		what := "refused, nothing was changed:"
		if t.Applied {
			what = "not finished; in the way:"
		}
		p.TellLine(name + " " + p.Lang.Say(what))
		p.refusal(style, refused, t.TakeBack)
	case errors.As(t.Err, &invalid):
		p.TellLine(name + " " + p.Lang.Sayf("%s is not valid:", invalid.File))
		for line := range strings.SplitSeq(invalid.Error(), "\n") {
			p.TellLine("  " + line)
		}
		p.fix("  ", remedyOf(t.Err))
	case t.Expired > 0:
		p.TellLine(name + " " + p.Lang.Sayf("%s: %s", p.Lang.Sayf("stopped after %s, as --timeout says", t.Expired), Explain(t.Err)))
	case t.Interrupted && !t.Applied:
		p.TellLine(name + " " + p.Lang.Say("interrupted, nothing was changed"))
	default:
		causes := causesOf(t.Err)
		if len(causes) == 1 {
			p.TellLine(name + " " + Explain(causes[0]))
			p.fix("  ", remedy(causes[0]))
			break
		}
		p.TellLine(name + " " + p.Lang.Sayf("%d {thing|things} went wrong:", len(causes)))
		p.causes(causes)
	}
	if t.Applied {
		p.TellLine("  " + p.Lang.Sayf("done so far: %s", p.tally(t.Done)))
	}
	if t.Again != "" {
		p.fix("  ", p.Lang.Sayf("go on with: %s", t.Again))
	}
}

func (p *Printer) applyFailure(name string, t Trouble) {
	failures := Failures(t.Err)
	var apply *provision.ApplyError
	errors.As(t.Err, &apply)
	switch {
	case len(failures) == 0 && t.Expired > 0:
		p.TellLine(name + " " + p.Lang.Sayf("stopped after %s, as --timeout says", t.Expired))
	case len(failures) == 0:
		p.TellLine(name + " " + p.Lang.Say("interrupted"))
	case len(failures) == 1:
		f := failures[0]
		p.TellLine(p.Lang.Sayf("%s: %s", fmt.Sprintf("%s %s %s %s", name, p.Lang.Say(string(f.Op)), f.Kind, f.Role), f.Why))
		p.fix("  ", f.Fix)
	default:
		p.TellLine(name + " " + p.Lang.Sayf("%d {thing|things} went wrong:", len(failures)))
		for _, f := range failures {
			p.TellLine(p.Lang.Sayf("%s: %s", fmt.Sprintf("  %s %s %s", p.Lang.Say(string(f.Op)), f.Kind, f.Role), f.Why))
			p.fix("    ", f.Fix)
		}
	}
	if n := len(apply.Skipped); n > 0 {
		p.TellLine("  " + p.Lang.Sayf("not tried: %d", n))
	}
}

// causes lists errors, with a remedy that several share only once.
func (p *Printer) causes(causes []error) {
	shown := map[string]bool{}
	for _, err := range causes {
		p.TellLine("  " + Explain(err))
		if fix := remedy(err); !shown[fix] {
			p.fix("    ", fix)
			shown[fix] = true
		}
	}
}

func (p *Printer) refusal(style Palette, refused *provision.RefusedError, takeBack func(provision.Change) string) {
	for _, c := range refused.Changes {
		p.TellLine(fmt.Sprintf("  %s %s %s%s", style.mark(c.Op), c.Kind, c.Role, Prefixed(": ", c.Why)))
		if c.Untagged && takeBack != nil {
			p.fix("    ", p.Lang.Sayf("if cicdctl made it and it has lost its tags, take it back with: %s", takeBack(c)))
		}
		for _, d := range c.Diffs {
			if d.Fix != "" {
				p.TellLine("    " + p.Lang.Sayf("%s is %q, wanted %q", p.Lang.Value(d.Field), p.Lang.Value(d.Have), p.Lang.Value(d.Want)))
				p.fix("    ", d.Fix)
			}
		}
	}
}

func (p *Printer) fix(indent, text string) {
	if text != "" {
		p.TellLine(indent + "→ " + text)
	}
}

// causesOf takes joined errors apart; one that says the same as another is left out.
func causesOf(err error) []error {
	var joined interface{ Unwrap() []error }
	if _, wraps := err.(interface{ Unwrap() error }); wraps || !errors.As(err, &joined) {
		return []error{err}
	}
	var out []error
	seen := map[string]bool{}
	for _, each := range joined.Unwrap() {
		for _, cause := range causesOf(each) {
			if text := Explain(cause); !seen[text] {
				seen[text] = true
				out = append(out, cause)
			}
		}
	}
	return out
}

// Explain is an error as people read it.
func Explain(err error) string {
	if _, ok := errors.AsType[*cloud.GuardError](err); ok {
		return err.Error()
	}
	return awsapi.Explain(err)
}

// Remedy says what a person can do about an error, or "".
func Remedy(err error) string { return remedy(err) }

// remedy is the error's own, or what awsapi knows.
func remedy(err error) string {
	if own := remedyOf(err); own != "" {
		return own
	}
	return awsapi.Remedy(err)
}

func remedyOf(err error) string {
	var own interface{ Remedy() string }
	if errors.As(err, &own) {
		return own.Remedy()
	}
	return ""
}
