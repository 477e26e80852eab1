package report

import (
	"errors"
	"fmt"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Fault is an error as JSON:
//
//	{"error": {"code": "refused", "exit": 4, "message": "…", "fix": "…", "causes": [{"message": "…", "fix": "…"}]}}
//
// The code is one of usage, refused, no-slot, interrupted and error, as the exit code is. Where several
// things are wrong, the message says how many and causes what. It is written where a command would write its
// result, unless that was written before the error: an outcome tells its own failures.
type Fault struct {
	Error FaultError `json:"error"`
}

// FaultError is what is inside a Fault.
type FaultError struct {
	Code    string  `json:"code"`
	Exit    int     `json:"exit"`
	Message string  `json:"message"`
	Fix     string  `json:"fix,omitempty"`
	Causes  []Cause `json:"causes,omitempty"`
}

// Cause is one of several things that are wrong.
type Cause struct {
	Message string `json:"message"`
	Fix     string `json:"fix,omitempty"`
}

// fault makes an error's JSON.
func (p *Printer) fault(t Trouble) Fault {
	f := FaultError{Code: t.Code, Exit: t.Exit}
	var invalid *spec.InvalidError
	var refused *provision.RefusedError
	var apply *provision.ApplyError
	switch {
	case errors.As(t.Err, &apply), errors.As(t.Err, &refused):
		for _, each := range Failures(t.Err) {
			f.Causes = append(f.Causes, Cause{fmt.Sprintf("%s %s %s: %s", p.Lang.Say(string(each.Op)), each.Kind, each.Role, each.Why), each.Fix})
		}
		if len(f.Causes) == 0 { // nothing but that it was cut short
			f.Message = Explain(t.Err)
		}
	case errors.As(t.Err, &invalid):
		f.Message, f.Fix = p.Lang.Sayf("%s is not valid:", invalid.File), remedyOf(t.Err)
		for line := range strings.SplitSeq(invalid.Error(), "\n") {
			f.Causes = append(f.Causes, Cause{Message: line})
		}
	default:
		for _, err := range causesOf(t.Err) {
			f.Causes = append(f.Causes, Cause{Explain(err), remedy(err)})
		}
	}
	switch {
	case f.Message != "":
	case len(f.Causes) == 1:
		f.Message, f.Fix, f.Causes = f.Causes[0].Message, f.Causes[0].Fix, nil
	default:
		f.Message = p.Lang.Sayf("%d {thing|things} went wrong:", len(f.Causes))
	}
	f.Message = strings.TrimRight(f.Message, ": \u00a0")
	if f.Fix == "" && t.Again != "" {
		f.Fix = p.Lang.Sayf("go on with: %s", t.Again)
	}
	f.Fix = p.Complete(f.Fix)
	return Fault{f}
}
