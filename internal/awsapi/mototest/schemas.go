package mototest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"testing"

	"gitlab.com/cicd/cicdctl/test/python"
)

// Misfit is something made that AWS's resource schemas don't know.
type Misfit struct {
	Operation string `json:"operation"`
	Region    string `json:"region"` // "" when it is the same in each
	Rule      string `json:"rule"`   // of cfn-lint
	Problem   string `json:"problem"`
}

// String is one line.
func (m Misfit) String() string {
	if m.Region == "" {
		return m.Operation + " " + m.Problem
	}
	return fmt.Sprintf("%s in %s: %s %s", m.Operation, m.Region, m.Rule, m.Problem)
}

// WantSchemas fails a test unless everything that was made in an account is right by
// AWS's resource schemas in each of the four regions (test/moto/schemas).
func (s *Server) WantSchemas(tb testing.TB, accountID string) {
	tb.Helper()
	found, err := misfits(tb.Context(), s.control(tb, http.MethodGet, "/cicdctl/writes", accountID))
	if err != nil {
		tb.Fatal(err)
	}
	for _, m := range found {
		tb.Errorf("what was made: %s", m)
	}
}

// misfits holds requests, as the launcher tells them, against the schemas.
func misfits(ctx context.Context, writes []byte) ([]Misfit, error) {
	script, err := python.Find("test/moto/schemas/hold.py")
	if err != nil {
		return nil, err
	}
	interpreter, err := python.Install("cfnlint", "test/moto/schemas/requirements.txt") //nolint:contextcheck // the next test needs what is installed as well
	if err != nil {
		return nil, err
	}
	var messages bytes.Buffer
	cmd := exec.CommandContext(ctx, interpreter, script)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(writes), &messages
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("hold against the schemas: %w: %s", err, bytes.TrimSpace(messages.Bytes()))
	}
	var found []Misfit
	if err := json.Unmarshal(out, &found); err != nil {
		return nil, fmt.Errorf("hold against the schemas: %w", err)
	}
	return found, nil
}
