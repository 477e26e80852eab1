package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Outcome is how a run went. As JSON:
//
//	{"plan": {…}, "applied": true, "ok": true, "done": {"created": 61, "updated": 0, "deleted": 0, "failed": 0, "skipped": 0},
//	 "seconds": 252.1, "failures": [{"op": "…", "kind": "…", "role": "…", "why": "…", "fix": "…"}], "kept": [changes], "next": ["…"]}
//
// Applied is false when there was nothing to do.
type Outcome struct {
	Plan     Plan               `json:"plan"`
	Applied  bool               `json:"applied"`
	OK       bool               `json:"ok"`
	Done     Tally              `json:"done"`
	Seconds  float64            `json:"seconds"`
	Failures []Failed           `json:"failures,omitempty"`
	Kept     []provision.Change `json:"kept,omitempty"`
	Next     []string           `json:"next,omitempty"`
}

// Failed is one resource that could not be brought about.
type Failed struct {
	Op   provision.Op   `json:"op"`
	Kind string         `json:"kind"`
	Role provision.Role `json:"role"`
	Why  string         `json:"why"`
	Fix  string         `json:"fix,omitempty"`
}

// Failures lists the root causes of a run's error, each once.
func Failures(err error) []Failed {
	var out []Failed
	if refused, ok := errors.AsType[*provision.RefusedError](err); ok {
		for _, c := range refused.Changes {
			out = append(out, Failed{c.Op, c.Kind, c.Role, c.Why, fixes(c)})
		}
	}
	var apply *provision.ApplyError
	if !errors.As(err, &apply) {
		return out
	}
	seen := map[string]bool{}
	for _, f := range apply.Failures {
		why := Explain(f.Err)
		stopped := errors.Is(f.Err, provision.ErrInterrupted) || errors.Is(f.Err, context.Canceled)
		if stopped || seen[why] {
			continue
		}
		seen[why] = true
		out = append(out, Failed{f.Op, f.Kind, f.Role, why, remedy(f.Err)})
	}
	return out
}

// fixes is what can be done about the attributes that no tool may change.
func fixes(c provision.Change) string {
	var out []string
	for _, d := range c.Diffs {
		if d.Fix != "" {
			out = append(out, d.Fix)
		}
	}
	return strings.Join(out, "; ")
}

// Kept lists what a plan of removal leaves.
func Kept(plan *cloud.Plan) []provision.Change {
	var out []provision.Change
	for _, c := range plan.Changes() {
		if c.Op == provision.OpRetain {
			out = append(out, c)
		}
	}
	return out
}

// Success writes the end of a run that went well; title is its first line.
func (p *Printer) Success(title string, o Outcome) error {
	if p.Format == JSON {
		return p.WriteJSON(o)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	if o.Applied { // after the plan and the progress
		fmt.Fprintln(b)
	}
	fmt.Fprintln(b, style.Check(true), style.Bold.Render(title))
	if len(o.Kept) > 0 {
		fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Say("Kept")))
		for _, c := range o.Kept {
			until := ""
			if c.Until != nil {
				until = p.Lang.Sayf("until %s", c.Until.Format(time.DateOnly))
			}
			fmt.Fprintf(b, "  %s\n", words(style.mark(c.Op), c.Kind, c.Role, ShortID(c.ID), until))
		}
	}
	p.Next(b, style, o.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// Count is "61 created, 2 changed, 1 deleted (4m12s)".
func (p *Printer) Count(t Tally, took time.Duration) string {
	text := p.tally(t)
	if took > 0 {
		text += " (" + seconds(took) + ")"
	}
	return text
}

func (p *Printer) tally(t Tally) string {
	var parts []string
	for _, each := range []struct {
		n      int
		format string
	}{{t.Created, "%d created"}, {t.Updated, "%d changed"}, {t.Deleted, "%d deleted"}} {
		if each.n > 0 {
			parts = append(parts, p.Lang.Sayf(each.format, each.n))
		}
	}
	if len(parts) == 0 {
		return p.Lang.Say("nothing done")
	}
	return strings.Join(parts, ", ")
}
