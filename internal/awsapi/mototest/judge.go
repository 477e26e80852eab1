package mototest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Fault is something that AWS refuses or ignores and moto lets through.
type Fault struct {
	Operation string `json:"operation"` // the signing name and the operation, such as "ec2:CreateVpc"
	Member    string `json:"member"`    // the member of its input, such as "TagSpecifications[0].ResourceType"
	Problem   string `json:"problem"`
	Times     int    `json:"times"`
}

// String is one line.
func (f Fault) String() string {
	if f.Times > 1 {
		return fmt.Sprintf("%s: %s %s (%d times)", f.Operation, f.Member, f.Problem, f.Times)
	}
	return fmt.Sprintf("%s: %s %s", f.Operation, f.Member, f.Problem)
}

// hint says what to do about a fault, where that isn't plain.
func (f Fault) hint() string {
	if strings.Contains(f.Problem, "which no ") { // test/moto/judges/references.py
		return ": let DependsOn name the kind that makes it, or add the request to test/moto/judges/accepted.py with a reason"
	}
	return ""
}

// Faults tells what was wrong with the requests of an account since the last time,
// by AWS's published API models and by what there was to name (test/moto/judges).
// A test that means to send nonsense takes the faults before it ends.
func (s *Server) Faults(tb testing.TB, accountID string) []Fault {
	tb.Helper()
	var faults []Fault
	if err := json.Unmarshal(s.control(tb, http.MethodPost, "/cicdctl/faults/take", accountID), &faults); err != nil {
		tb.Fatalf("moto: faults of account %s: %v", accountID, err)
	}
	return faults
}

// judge fails a test for the faults of its account, and for each request that hung up.
func (s *Server) judge(tb testing.TB, accountID string) {
	tb.Helper()
	for _, f := range s.Faults(tb, accountID) {
		tb.Errorf("what was sent to AWS: %s%s", f, f.hint())
	}
	if cut := s.Hangups(tb, accountID); len(cut) > 0 {
		tb.Errorf("requests were cut off on the way: %v", cut)
	}
}
