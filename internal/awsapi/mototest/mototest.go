// Package mototest gives tests an AWS over real HTTP on loopback: moto, an
// emulator kept by others, mended where it differs from AWS for the operations
// in use (test/moto). One server serves all tests of a process; each test works
// in an account of its own, so tests run in parallel and nothing is reset.
package mototest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"gitlab.com/cicd/cicdctl/test/python"
)

// Region is where [Server.Account] makes its accounts. The accounts can be used
// in every region.
const Region = "eu-west-3"

const (
	// startTimeout bounds the start of the server, which takes 2 to 5 s.
	startTimeout = time.Minute
	// logSize is how many bytes of the server's last output are kept.
	logSize = 16 << 10
)

// shared starts the server at most once a process.
var shared = sync.OnceValues(launch)

// Server is a running moto. Its methods may be used by several goroutines.
type Server struct {
	url string
	log *tail
	// stdin is held open for the life of this process: the server ends when
	// it closes, however this process ends.
	stdin  io.Closer
	exited <-chan error
}

// Start returns the server of this test process, and starts it on the first
// call; that installs moto when this machine has never done so. The test is
// skipped when the machine has no Python and is not a CI runner (CI is unset),
// and fails on every other obstacle.
func Start(tb testing.TB) *Server {
	tb.Helper()
	server, err := shared()
	python.Need(tb, "moto", err)
	return server
}

// Account makes an account that no other test has and returns the endpoint,
// credentials and the account's 12 digits. It holds what a new AWS account does:
// default VPCs and the policies that AWS manages. The test fails when AWS's API models
// don't know what it sends there, or when that names what is not there; see [Server.Faults].
func (s *Server) Account(tb testing.TB) (endpoint string, provider aws.CredentialsProvider, accountID string) {
	tb.Helper()
	// Random rather than counted: test processes may share a server.
	id := strconv.FormatInt(100_000_000_000+rand.Int64N(900_000_000_000), 10) //nolint:gosec // a name, not a secret
	client := sts.New(sts.Options{
		Region:       Region,
		BaseEndpoint: aws.String(s.url),
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	out, err := client.AssumeRole(tb.Context(), &sts.AssumeRoleInput{
		RoleArn:         aws.String("arn:aws:iam::" + id + ":role/test"),
		RoleSessionName: aws.String("test"),
	})
	if err != nil {
		tb.Fatalf("moto: make account %s: %v\n%s", id, err, s.log)
	}
	tb.Cleanup(func() { s.judge(tb, id) })
	return s.url, credentials.NewStaticCredentialsProvider(
		aws.ToString(out.Credentials.AccessKeyId),
		aws.ToString(out.Credentials.SecretAccessKey),
		aws.ToString(out.Credentials.SessionToken),
	), id
}

// Calls tells how often an account called each operation since it was made or
// since [Server.ResetCalls], repeated attempts included. Keys are the signing
// name and the operation, such as "ec2:CreateVpc".
func (s *Server) Calls(tb testing.TB, accountID string) map[string]int {
	tb.Helper()
	counts := map[string]int{}
	if err := json.Unmarshal(s.control(tb, http.MethodGet, "/cicdctl/calls", accountID), &counts); err != nil {
		tb.Fatalf("moto: calls of account %s: %v", accountID, err)
	}
	return counts
}

// ResetCalls sets the counts of an account back to nothing.
func (s *Server) ResetCalls(tb testing.TB, accountID string) {
	tb.Helper()
	s.control(tb, http.MethodPost, "/cicdctl/calls/reset", accountID)
}

// Hangups tells, by the signing names of services, how many requests of an account
// announced a body and did not send it whole, since the last time: their context ended on
// the way. A test fails for those that it doesn't take.
func (s *Server) Hangups(tb testing.TB, accountID string) map[string]int {
	tb.Helper()
	counts := map[string]int{}
	if err := json.Unmarshal(s.control(tb, http.MethodPost, "/cicdctl/hangups/take", accountID), &counts); err != nil {
		tb.Fatalf("moto: requests of account %s that hang up: %v", accountID, err)
	}
	return counts
}

// control asks the launcher itself, not moto.
func (s *Server) control(tb testing.TB, method, path, accountID string) []byte {
	tb.Helper()
	address := s.url + path + "?account=" + url.QueryEscape(accountID)
	// The context of a test is done when its Cleanup functions ask.
	request, err := http.NewRequestWithContext(context.WithoutCancel(tb.Context()), method, address, http.NoBody)
	if err != nil {
		tb.Fatalf("moto: %s %s: %v", method, path, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		tb.Fatalf("moto: %s %s: %v\n%s", method, path, err, s.log)
	}
	body, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		tb.Fatalf("moto: %s %s: %v", method, path, err)
	}
	if response.StatusCode != http.StatusOK {
		tb.Fatalf("moto: %s %s: %s: %s", method, path, response.Status, body)
	}
	return body
}

// stop ends the server and waits for it, at most as long as a start may take.
func (s *Server) stop() error {
	if err := s.stdin.Close(); err != nil {
		return fmt.Errorf("close standard input: %w", err)
	}
	timer := time.NewTimer(startTimeout)
	defer timer.Stop()
	select {
	case err := <-s.exited:
		return err
	case <-timer.C:
		return fmt.Errorf("still running %v after its standard input closed", startTimeout)
	}
}

// launch installs what is missing and starts a server.
func launch() (*Server, error) {
	interpreter, script, err := launcher()
	if err != nil {
		return nil, err
	}
	return start(interpreter, script)
}

// launcher is what a server is started by: a Python that has moto, and a script.
func launcher() (interpreter, script string, err error) {
	if script, err = python.Find("test/moto/launch.py"); err != nil {
		return "", "", err
	}
	interpreter, err = python.Install("moto", "test/moto/requirements.txt")
	return interpreter, script, err
}

// start runs the launcher and returns once it accepts connections.
func start(interpreter, script string) (*Server, error) {
	// The server outlives the test that starts it; it ends with this process.
	cmd := exec.CommandContext(context.Background(), interpreter, script,
		"--parent-pid", strconv.Itoa(os.Getpid()), "--until-stdin-closes")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	log := &tail{}
	ready := &announcement{found: make(chan string, 1)}
	cmd.Stdout, cmd.Stderr = ready, log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()

	timer := time.NewTimer(startTimeout)
	defer timer.Stop()
	select {
	case address := <-ready.found:
		return &Server{url: address, log: log, stdin: stdin, exited: exited}, nil
	case err := <-exited:
		return nil, fmt.Errorf("start: ended at once: %w\n%s", cmp.Or(err, io.ErrUnexpectedEOF), log)
	case <-timer.C:
		return nil, errors.Join(fmt.Errorf("start: not listening after %v\n%s", startTimeout, log), stdin.Close())
	}
}

// announcement reads the launcher's standard output up to the line that tells
// its address, and drops the rest.
type announcement struct {
	found chan string // of capacity 1; receives the address once
	text  []byte
	done  bool
}

// Write never fails. It is called by one goroutine, of os/exec.
func (a *announcement) Write(p []byte) (int, error) {
	if a.done {
		return len(p), nil
	}
	a.text = append(a.text, p...)
	for line := range bytes.Lines(a.text) {
		address, ok := bytes.CutPrefix(line, []byte("listening on "))
		if ok && bytes.HasSuffix(line, []byte("\n")) {
			a.done = true
			a.found <- string(bytes.TrimSpace(address))
			break
		}
	}
	return len(p), nil
}

// tail keeps the last logSize bytes written to it, for messages of failed tests.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if extra := len(t.text) - logSize; extra > 0 {
		t.text = append(t.text[:0], t.text[extra:]...)
	}
	return len(p), nil
}

// String is what moto said last.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
