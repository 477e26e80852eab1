// Package session is one command at work: its settings, its printer, the spec files and
// the account it is about, and what all commands do alike: plan, show, ask, carry out, tell.
package session

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Settings is the configuration of the tool: flags before CICDCTL_* before the file.
type Settings struct {
	AdminRegion string
	Admins      []string
	Auditors    []string // nil when nothing is said of them, empty when there are none
	Pools       []netip.Prefix
	// AccessLogDays is how long access logs are kept; 0 for none, nil for the default.
	AccessLogDays *int
	AlarmEmails   []string // nil when nothing is said of them, empty when there are none
	NoTrailAlarms bool     // the account's trail is not watched
	GitLab        string
	SpecDir       string
	SandboxFile   string
	Language      string
	Accounts      []Account // beside that of the credentials, by name
}

// Session is what every command works with.
type Session struct {
	Args    []string // as typed
	Version string
	Print   *report.Printer
	Signals *signals
	Flags   Flags
	Conf    Settings // files, environment and flags together
	Started bool     // the command line was understood
	Record  record   // of the calls, where --record asks for one
	// Connect says how AWS is reached, or the embedded account in a file, which has this
	// number, or the sandbox's own for "".
	Connect func(sandboxFile, account string) (cloud.Connection, error)
	Doing   string // the words of the command: "client create"
	Again   string // the command that goes on, where it is not the one typed
	Client  string // that the command is about, once that is known
	account string // that its client is in, once that is known; see About
	// Accept is what a spec must pass for the features that this package does not know.
	Accept spec.Check
}

// Next is another command for the same account.
func (a *Session) Next(format string, args ...any) string {
	line := "cicdctl " + fmt.Sprintf(format, args...)
	for _, flag := range []string{"--config", "--spec-dir"} {
		if value, given := a.argument(flag); given {
			line += " " + flag + " " + quoted(value)
		}
	}
	for _, flag := range []string{a.AccountFlag(), a.SandboxFlag()} {
		if flag != "" {
			line += " " + flag
		}
	}
	return a.Print.Keep(line)
}

// AccountFlag is how another command is about the same account; empty where the command line
// names none.
func (a *Session) AccountFlag() string {
	if a.Flags.Account == "" {
		return ""
	}
	return "--account " + a.Flags.Account
}

// SandboxFlag is how another command is about the same sandbox; empty for AWS.
func (a *Session) SandboxFlag() string {
	switch {
	case a.Flags.SandboxFile != "":
		return "--sandbox-file " + quoted(a.Flags.SandboxFile)
	case a.Sandbox() != "":
		return "--sandbox"
	default:
		return ""
	}
}

// argument is the value of a flag as it was typed.
func (a *Session) argument(flag string) (value string, given bool) {
	for i, arg := range a.Args {
		if text, ok := strings.CutPrefix(arg, flag+"="); ok {
			value, given = text, true
		} else if arg == flag && i+1 < len(a.Args) {
			value, given = a.Args[i+1], true
		}
	}
	return value, given
}

// Command is the command line to go on with.
func (a *Session) Command(more ...string) string {
	words := []string{"cicdctl"}
	for _, arg := range append(append([]string(nil), a.Args...), more...) {
		words = append(words, quoted(arg))
	}
	return a.Print.Keep(strings.Join(words, " "))
}

// quoted is an argument as a shell wants it.
func quoted(arg string) string {
	if strings.ContainsAny(arg, " \t\n'\"\\$&|;<>()*?[]#~`!{}") || arg == "" {
		return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return arg
}

// Flags are the global flags.
type Flags struct {
	Output, Config, Lang, SandboxFile, Record string
	Account                                   string // its name in the configuration
	AllowDowngrade                            string // the release from which this one may go back
	Sandbox, NoColor, Verbose, Full, NoPager  bool
	Timeout                                   time.Duration
}

// Sandbox is the file of the embedded account, or "" for AWS.
func (a *Session) Sandbox() string {
	switch {
	case a.Flags.SandboxFile != "":
		return a.Flags.SandboxFile
	case a.Flags.Sandbox:
		return a.Conf.SandboxFile
	default:
		return ""
	}
}

// CloudConfig is the configuration as the account's operator wants it.
func (a *Session) CloudConfig() cloud.Config {
	return cloud.Config{
		Version: a.Version, AdminRegion: a.Conf.AdminRegion, Admins: a.Conf.Admins, Auditors: a.Conf.Auditors,
		Pools: a.Conf.Pools, GitLab: a.Conf.GitLab, AccessLogDays: a.Conf.AccessLogDays, AlarmEmails: a.Conf.AlarmEmails, NoTrailAlarms: a.Conf.NoTrailAlarms,
		Record: a.Record.Recorder, AllowDowngrade: a.Flags.AllowDowngrade, Guarded: true,
	}
}
