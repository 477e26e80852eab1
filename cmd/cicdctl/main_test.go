package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/session"
)

var update = flag.Bool("update", false, "rewrite what scripts compare with")

// TestMain lets scripts run the program as "cicdctl", and as releases of it: "cicdctl-v1.3.0".
func TestMain(m *testing.M) {
	programs := map[string]func(){"cicdctl": main}
	for _, release := range []string{"v1.3.0", "v1.4.0"} {
		programs["cicdctl-"+release] = func() {
			version = release
			main()
		}
	}
	testscript.Main(m, programs)
}

// TestScripts runs the program as operators do. No script can reach AWS: there
// are no credentials but those of the sandbox and of awsanswers.
func TestScripts(t *testing.T) { testscript.Run(t, scriptParams()) }

func scriptParams() testscript.Params {
	return testscript.Params{
		Dir: "../../testdata/script", UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			for _, variable := range e.Vars {
				if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "CICDCTL_") || strings.HasPrefix(name, "XDG_") {
					return fmt.Errorf("%s is set in the scripts' environment", name)
				}
			}
			e.Setenv("HOME", e.WorkDir+"/home")
			e.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			e.Setenv("CICDCTL_SANDBOX_FILE", e.WorkDir+"/sandbox.json")
			e.Setenv("LANG", "C.UTF-8")
			for _, name := range []string{"GOGC", "GOMEMLIMIT"} { // how often the programs collect garbage, as the tests do
				if value, set := os.LookupEnv(name); set {
					e.Setenv(name, value)
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"awsanswers": awsAnswers, "addresses": addresses, "exports": exports, "exits": exits, "source": source, "month": month},
	}
}

// exits runs the program, which is to end with a code: "exits 4 client create ACME --yes".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE ARG...")
	}
	code, failed := 0, ts.Exec("cicdctl", args[1:]...)
	if exit, ok := errors.AsType[*exec.ExitError](failed); ok {
		code = exit.ExitCode()
	} else {
		ts.Check(failed)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// source keeps the word for the newest backup of a kind, of those that backup list has just
// shown as JSON, in a variable: "source VARIABLE KIND".
func source(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: source VARIABLE KIND")
	}
	var listed struct {
		Points []struct{ Kind, Source string }
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &listed))
	for _, p := range listed.Points {
		if p.Kind == args[1] {
			ts.Setenv(args[0], p.Source)
			return
		}
	}
	ts.Fatalf("no %s backup is listed", args[1])
}

// month keeps the month of the newest archive that backup list has just shown as JSON.
func month(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: month")
	}
	var listed struct {
		Points []struct{ Kind, At string }
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &listed))
	for _, p := range listed.Points {
		if p.Kind == "archive" {
			ts.Setenv("month", p.At[:len("2006-01")])
			return
		}
	}
	ts.Fatalf("no archive is listed")
}

// addresses takes Elastic IPs in the sandbox as somebody else would: "addresses 5".
func addresses(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: addresses COUNT")
	}
	count, err := strconv.Atoi(args[0])
	ts.Check(err)
	account, err := sandbox.New(sandbox.Options{Path: ts.Getenv("CICDCTL_SANDBOX_FILE")})
	ts.Check(err)
	ctx := context.Background()
	factory, err := awsapi.Load(ctx, awsapi.Options{Install: account.Install, Unlimited: true})
	ts.Check(err)
	api := factory.Set("eu-west-3").EC2
	for range count {
		_, err := api.AllocateAddress(ctx, &ec2.AllocateAddressInput{})
		ts.Check(err)
	}
	for seen := 0; seen < count; { // lists leave out what is new
		out, err := api.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
		ts.Check(err)
		seen = len(out.Addresses)
	}
}

// exports decides how the sandbox's exports end: "exports warn" or "exports fail".
func exports(ts *testscript.TestScript, neg bool, args []string) {
	fates := map[string]sandbox.ExportFate{"warn": {Warning: sandbox.SkippedTables}, "fail": {Failure: "a row is too large"}}
	if neg || len(args) != 1 {
		ts.Fatalf("usage: exports warn|fail")
	}
	account, err := sandbox.New(sandbox.Options{Path: ts.Getenv("CICDCTL_SANDBOX_FILE")})
	ts.Check(err)
	ts.Check(account.ExportsEnd("eu-west-3", fates[args[0]]))
}

// awsAnswers starts an AWS that answers every call with an error code: "awsanswers ExpiredToken".
// It tells who is calling unless the session has expired.
func awsAnswers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: awsanswers CODE")
	}
	code := args[0]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
			`<Arn>arn:aws:iam::123456789012:user/eve</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
		failure := "<Error><Code>" + code + "</Code><Message>says the test</Message></Error>"
		switch action := r.FormValue("Action"); {
		case action == "GetCallerIdentity" && code != "ExpiredToken":
			_, _ = w.Write([]byte(identity))
			return
		case r.FormValue("Version") == "2016-11-15": // EC2
			failure = "<Response><Errors>" + failure + "</Errors></Response>"
		case action != "":
			failure = "<ErrorResponse>" + failure + "</ErrorResponse>"
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(failure))
	}))
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
	ts.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "example")
}

// each walks over all commands.
func each(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, sub := range cmd.Commands() {
		each(sub, f)
	}
}

func TestEveryCommandIsExplained(t *testing.T) {
	root := newRoot(&session.Session{Print: report.New(nil, nil, nil)})
	count := 0
	each(root, func(cmd *cobra.Command) {
		count++
		if cmd.Short == "" || cmd.Long == "" || cmd.Example == "" {
			t.Errorf("%s lacks its short text, long text or example", cmd.CommandPath())
		}
		for line := range strings.SplitSeq(cmd.Long+"\n"+cmd.Example, "\n") {
			if len([]rune(line)) > 85 {
				t.Errorf("%s: a line of its help is too long: %s", cmd.CommandPath(), line)
			}
		}
		for line := range strings.SplitSeq(cmd.Example, "\n") {
			if !strings.HasPrefix(line, "  ") {
				t.Errorf("%s: an example is not indented: %s", cmd.CommandPath(), line)
			}
		}
	})
	if count < 15 {
		t.Errorf("only %d commands were looked at", count)
	}
}

func TestExampleConfigurationLoads(t *testing.T) {
	example, err := os.ReadFile("../../configs/cicdctl.yaml")
	if err != nil {
		t.Fatal(err)
	}
	// What is commented out is part of the example too.
	text := string(example)
	for _, key := range configKeys {
		text = strings.ReplaceAll(text, "\n# "+key+":", "\n"+key+":")
		if !strings.Contains(text, "\n"+key+":") {
			t.Errorf("the example lacks %s", key)
		}
	}
	text = strings.ReplaceAll(text, "\n#   ", "\n  ")
	file := t.TempDir() + "/cicdctl.yaml"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	root := newRoot(&session.Session{Print: report.New(nil, nil, nil)})
	got, err := loadSettings(root.PersistentFlags(), file)
	if err != nil {
		t.Fatal(err)
	}
	if got.AdminRegion != "eu-west-3" || len(got.Admins) != 1 || len(got.Auditors) != 1 || len(got.Pools) != 1 || got.Language != "fr" || got.SpecDir != "clients" || got.SandboxFile == "" || len(got.Accounts) != 2 {
		t.Errorf("the example says %+v", got)
	}
}

// TestQuestions runs commands in one sandbox with somebody there to answer.
func TestQuestions(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	create := []string{"client", "create", "ACME", "--region", "eu-west-3"}
	destroy := []string{"client", "destroy", "ACME"}
	files := []string{"app", "init", "ACME", "app", "--dir", filepath.Join(dir, "repository")}
	const app = "client: ACME\nregion: eu-west-3\napps: [{name: app, services: [{name: web, runtime: apache}%s]}]\ndatabase: {instances: %d}\n"
	idle, fewer := filepath.Join(dir, "idle.yaml"), filepath.Join(dir, "fewer.yaml")
	for file, text := range map[string]string{idle: fmt.Sprintf(app, ", {name: idle, runtime: apache, path: /idle/*}", 2), fewer: fmt.Sprintf(app, "", 1)} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, each := range []struct {
		name, typed string
		args        []string
		wantCode    int
		want        []string
	}{
		{"only a clear yes counts", "perhaps\n", create, session.ExitRefused, []string{"Carry out this plan? [y/N]", "not confirmed, nothing was changed"}},
		{"nobody there after all", "", create, session.ExitRefused, []string{"not confirmed, nothing was changed"}},
		{"oui is no English", "oui\n", create, session.ExitRefused, nil},
		{"yes", "y\n", create, session.ExitDone, []string{"ACME is ready in eu-west-3"}},
		{"an app's first files", "", files, session.ExitDone, []string{"wrote "}},
		{"others of an app's files stay", "n\n", append(files, "--account", "999999999999"), session.ExitRefused, []string{"Replace ", "[y/N]", "nothing was written: there are others of "}},
		{"others are replaced", "y\n", append(files, "--account", "999999999999"), session.ExitDone, []string{"replaced "}},
		{"a service without anything needs no name", "y\n", []string{"client", "create", "ACME", "--spec", idle}, session.ExitDone, []string{"ACME is ready"}},
		{"it goes with a yes", "y\n", []string{"client", "create", "ACME"}, session.ExitDone, []string{"ACME is ready"}},
		{"a yes alone, to a removal", "y\n", []string{"client", "create", "ACME", "--spec", fewer}, session.ExitRefused, []string{"Carry out this plan? [y/N]", "This removes database/2 (connections to the instance acme-2 (db.r6g.large)). Type database/2 to go on:", "not confirmed, nothing was changed: database/2 was to be removed"}},
		{"yes is no name", "y\nyes\n", []string{"client", "create", "ACME", "--spec", fewer}, session.ExitRefused, []string{"not confirmed, nothing was changed: database/2"}},
		{"--yes asks for the name", "database/1\n", []string{"client", "create", "ACME", "--spec", fewer, "--yes"}, session.ExitRefused, []string{"Type database/2 to go on:"}},
		{"its name, in French", "o\ndatabase/2\n", []string{"client", "create", "ACME", "--spec", fewer, "--lang", "fr"}, session.ExitDone, []string{"Cela supprime database/2 (les connexions à l'instance acme-2 (db.r6g.large)). Tapez database/2 pour continuer :"}},
		{"another name", "ACMF\n", destroy, session.ExitRefused, []string{"Type ACME to go on:", "not confirmed, nothing was changed"}},
		{"yes is not the name", "yes\n", destroy, session.ExitRefused, nil},
		{"the name, in French", "ACME\n", append(destroy, "--lang", "fr"), session.ExitDone, []string{"Saisir ACME pour continuer :", "ACME est retiré de eu-west-3"}},
	} {
		t.Run(each.name, func(t *testing.T) {
			var said bytes.Buffer
			p := report.New(strings.NewReader(each.typed), &said, &said)
			p.Asks = true
			if code := run(append(each.args, "--sandbox-file", filepath.Join(dir, "account.json")), p); code != each.wantCode {
				t.Errorf("exit code %d, want %d:\n%s", code, each.wantCode, said.String())
			}
			for _, want := range each.want {
				if !strings.Contains(said.String(), want) {
					t.Errorf("lacks %q:\n%s", want, said.String())
				}
			}
		})
	}
}

// interrupter sends the process what Ctrl-C sends, once, when a text is written.
type interrupter struct {
	bytes.Buffer
	at   string
	once sync.Once
}

func (w *interrupter) Write(data []byte) (int, error) {
	n, err := w.Buffer.Write(data)
	if strings.Contains(w.String(), w.at) {
		w.once.Do(func() { err = errors.Join(err, syscall.Kill(os.Getpid(), syscall.SIGINT)) })
	}
	return n, err
}

// TestInterruptedRunGoesOn stops a run after its first resource; the same command
// then does the rest.
func TestInterruptedRunGoesOn(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	args := []string{"client", "create", "ACME", "--region", "eu-west-3", "--yes", "--full", "--sandbox-file", filepath.Join(dir, "account.json")}
	said := &interrupter{at: "✓ create"}
	if code := run(args, report.New(nil, said, said)); code != session.ExitInterrupted {
		t.Errorf("exit code %d, want %d", code, session.ExitInterrupted)
	}
	for _, want := range []string{"stopping: what was begun is finished", "cicdctl: interrupted", "not tried: ", "done so far: ", "→ go on with: cicdctl client create ACME"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("lacks %q:\n%s", want, said.String())
		}
	}
	var again bytes.Buffer
	if code := run(args, report.New(nil, &again, &again)); code != session.ExitDone {
		t.Errorf("exit code %d when run again:\n%s", code, again.String())
	}
}

// TestInterruptedArchiveGoesOn stops the waiting for an archive; the same command
// then waits for the same one.
func TestInterruptedArchiveGoesOn(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	with := func(args ...string) []string {
		return append(args, "--yes", "--sandbox-file", filepath.Join(dir, "account.json"))
	}
	var made bytes.Buffer
	if code := run(with("client", "create", "ACME", "--region", "eu-west-3"), report.New(nil, &made, &made)); code != session.ExitDone {
		t.Fatalf("exit code %d:\n%s", code, made.String())
	}
	said := &interrupter{at: ": starting, 0%"}
	if code := run(with("backup", "run", "ACME"), report.New(nil, said, said)); code != session.ExitInterrupted {
		t.Errorf("exit code %d, want %d", code, session.ExitInterrupted)
	}
	for _, want := range []string{"no longer waiting: RDS continues the archive acme-", "check it with: cicdctl backup list ACME"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("lacks %q:\n%s", want, said.String())
		}
	}
	var again bytes.Buffer
	if code := run(with("backup", "run", "ACME"), report.New(nil, &again, &again)); code != session.ExitDone || !strings.Contains(again.String(), "is already in progress: waiting for it") {
		t.Errorf("exit code %d when run again:\n%s", code, again.String())
	}
}

// TestInterruptedDeployGoesOn stops the waiting for a deployment, which ECS goes on
// with; the same command then waits for it, or finds it done.
func TestInterruptedDeployGoesOn(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	with := func(args ...string) []string {
		return append(args, "--sandbox-file", filepath.Join(dir, "account.json"))
	}
	deploy := with("deploy", "ACME", "app/web", "--env", "preview", "--image", "v1", "--yes")
	var made bytes.Buffer
	for _, args := range [][]string{with("client", "create", "ACME", "--region", "eu-west-3", "--yes"), with("sandbox", "push", "ACME", "app/web", "v1")} {
		if code := run(args, report.New(nil, &made, &made)); code != session.ExitDone {
			t.Fatalf("exit code %d:\n%s", code, made.String())
		}
	}
	said := &interrupter{at: "0 of 2 tasks run"}
	if code := run(deploy, report.New(nil, said, said)); code != session.ExitInterrupted {
		t.Errorf("exit code %d, want %d", code, session.ExitInterrupted)
	}
	for _, want := range []string{"no longer waiting: ECS continues the deployment; check it with: cicdctl deploy status ACME app/web", "roll back with: cicdctl deploy rollback ACME app/web --env preview"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("lacks %q:\n%s", want, said.String())
		}
	}
	var again bytes.Buffer
	if code := run(deploy, report.New(nil, &again, &again)); code != session.ExitDone || !strings.Contains(again.String(), "acme-app-web-preview:2\n") {
		t.Errorf("exit code %d when run again:\n%s", code, again.String())
	}
}
