package deploy

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ExecOptions are those of the exec command.
type ExecOptions struct {
	session.Place
	Task, Container string
	Command         []string // with its arguments; a shell when empty
	// In, Out and Err are the terminal, which the session takes over.
	In       io.Reader
	Out, Err io.Writer
}

// Exec opens a shell, or runs a command, in a running task of a service.
func Exec(ctx context.Context, a *session.Session, o ExecOptions) error {
	env, err := o.Environment()
	if err != nil {
		return err
	}
	if a.Print.Format == report.JSON {
		return session.Usagef("leave --output json out", "exec hands the terminal to a session, which is no JSON")
	}
	plugin, err := findPlugin(ctx)
	if err != nil {
		return err
	}
	op, t, err := session.OpenPlace(ctx, a, &o.Place)
	if err != nil {
		return err
	}
	if !t.Spec.Apps[slices.IndexFunc(t.Spec.Apps, func(app spec.App) bool { return app.Name == o.App })].Exec(o.Service).Of(env) {
		return session.Refuse(lang.Sprintf("set exec: {%s: true} for the service in the spec, run %s, and deploy the same image again", env, a.Next("client create %s", o.Name)),
			"exec is off for %s in %s: nobody gets a shell in its containers", o.Unit, env)
	}
	u, _, err := op.Unit(ctx, t.Spec, o.App, o.Service, env)
	if err != nil {
		return err
	}
	target, err := findExec(ctx, u, o.Task, o.Container)
	if err != nil {
		return err
	}
	a.Print.Tell("session in %s of task %s of %s in %s; what is typed and shown is logged", target.container, target.task, o.Unit, env)
	args, variable, err := target.open(ctx, commandLine(o.Command), os.Getenv("AWS_PROFILE"))
	if err != nil {
		return err
	}
	// Not with the context: the plugin ends the session when it is told to.
	cmd := exec.Command(plugin, args...) //nolint:noctx // found on the operator's own path
	cmd.Env = append(os.Environ(), variable)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = o.In, o.Out, o.Err
	if err := a.Signals.Aside(cmd.Run); err != nil {
		return lang.Errorf("the session ended: %s: %w", pluginName, err)
	}
	return nil
}

// shell is what is run where no command is given: every image of a runtime has it.
const shell = "/bin/sh"

var plain = lazyregexp.New(`^[\w./:=@%+,-]+$`)

// commandLine is a command as the agent takes it apart again.
func commandLine(words []string) string {
	if len(words) == 0 {
		return shell
	}
	out := make([]string, len(words))
	for i, word := range words {
		if out[i] = word; !plain.MatchString(word) {
			out[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}

// The Session Manager plugin. Since the version, it takes a session from its environment.
const (
	pluginName  = "session-manager-plugin"
	pluginSince = "1.2.497.0"
	pluginGuide = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html"
)

// findPlugin looks for the plugin on the path, before anything is asked of AWS.
func findPlugin(ctx context.Context) (string, error) {
	path, err := exec.LookPath(pluginName)
	if errors.Is(err, exec.ErrNotFound) {
		return "", session.Refuse(lang.Sprintf("install it: %s", pluginGuide), "%s is not on the PATH; AWS's plugin carries the session", pluginName)
	}
	if err != nil {
		return "", lang.Errorf("find %s: %w", pluginName, err)
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return "", lang.Errorf("ask %s for its version: %w", path, err)
	}
	if version := strings.TrimSpace(string(out)); older(version, pluginSince) {
		return "", session.Refuse(lang.Sprintf("install a newer one: %s", pluginGuide), "%s is version %s; sessions need %s", path, version, pluginSince)
	}
	return path, nil
}

// older compares versions of four numbers; what is none is older than all.
func older(version, than string) bool {
	have, want := numbers(version), numbers(than)
	return slices.Compare(have, want) < 0
}

func numbers(version string) []int {
	var out []int
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		out = append(out, n)
	}
	return out
}
