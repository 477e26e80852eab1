package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// app is what every command works with.
type app struct {
	args    []string // as typed
	print   *report.Printer
	signals *signals
	flags   globalFlags
	conf    settings // files, environment and flags together
	started bool     // the command line was understood
	record  record   // of the calls, where --record asks for one
	again   string   // the command that goes on, where it is not the one typed
}

type globalFlags struct {
	output, config, lang, sandboxFile, record string
	sandbox, noColor, verbose                 bool
	timeout                                   time.Duration
}

const rootLong = `cicdctl gives each client its slice of AWS: three private subnets, one network
ACL, security groups, keys and roles, buckets, a container platform behind a load
balancer, and an Aurora database. One command builds it, and the same command
repairs it.

It keeps no state file: tags on the resources are its only memory, and it changes
nothing that does not carry them. Nothing is changed before the plan was shown
and confirmed. The AWS environment decides the account (AWS_PROFILE, SSO, …);
--sandbox uses an account inside the program instead, and leaves AWS alone.`

func newRoot(a *app) *cobra.Command {
	root := group("cicdctl", "Build, show and remove the AWS slices of clients", rootLong,
		`  cicdctl client create ACME --region eu-west-3 --sandbox   # try it without AWS
  cicdctl client create ACME --region eu-west-3
  cicdctl client show ACME
  cicdctl client destroy ACME`,
		newClient(a), newBackupPolicy(a), newBackup(a), newMaintenance(a), newDeploy(a), newPipeline(a), newApp(a), newRegion(a), newSpec(a), newAudit(a), newIAMPolicy(a), newDoctor(a),
		newSandbox(a), newVersion(a), newCompletion(a))
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return a.start(cmd) }
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("see "+cmd.CommandPath()+" --help", "%w", err)
	})
	f := root.PersistentFlags()
	f.StringVarP(&a.flags.output, "output", "o", "text", "how results are written: text or json")
	f.BoolVar(&a.flags.sandbox, "sandbox", false, "use the account inside the program instead of AWS")
	f.StringVar(&a.flags.sandboxFile, "sandbox-file", "", "where that account is kept; implies --sandbox")
	f.StringVar(&a.flags.config, "config", "", "configuration file (./cicdctl.yaml, then ~/.config/cicdctl/config.yaml)")
	f.String("spec-dir", defaultSpecDir, "directory of the clients' spec files")
	f.StringVar(&a.flags.lang, "lang", "", "language of reports: en or fr (that of the environment)")
	f.BoolVar(&a.flags.noColor, "no-color", false, "no colours; NO_COLOR does the same")
	f.DurationVar(&a.flags.timeout, "timeout", 0, "stop after this long, such as 45m; no limit by default")
	f.StringVar(&a.flags.record, "record", "", "add every request to AWS and its answer to this file, secrets and identifiers masked")
	f.BoolVarP(&a.flags.verbose, "verbose", "v", false, "tell every event of a run, retries too")
	complete(root, "output", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return formatsOf(cmd), cobra.ShellCompDirectiveNoFileComp
	})
	complete(root, "lang", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"en", "fr"}, cobra.ShellCompDirectiveNoFileComp
	})
	return root
}

// needsNoConfig marks commands that work whatever the configuration says.
const needsNoConfig = "cicdctl:needs-no-config"

// moreFormats marks commands that can write more than text and JSON, and names what.
const moreFormats = "cicdctl:more-formats"

func formatsOf(cmd *cobra.Command) []string {
	return append([]string{string(report.Text), string(report.JSON)}, strings.Fields(cmd.Annotations[moreFormats])...)
}

// start reads the global flags and the configuration, before any command runs.
func (a *app) start(cmd *cobra.Command) error {
	a.started = true
	if formats := formatsOf(cmd); !slices.Contains(formats, a.flags.output) {
		return usagef("", "--output %q is not one of %s", a.flags.output, strings.Join(formats, ", "))
	}
	a.print.Format = report.Format(a.flags.output)
	if a.flags.timeout < 0 {
		return usagef("give a length such as 45m", "--timeout %s is less than nothing", a.flags.timeout)
	}
	a.print.Verbose = a.flags.verbose
	a.print.Color = a.print.Color && !a.flags.noColor
	a.signals.limit(a.flags.timeout)
	err := a.record.begin(a.flags.record)
	if err != nil {
		return err
	}
	if cmd.Annotations[needsNoConfig] == "" {
		if a.conf, err = loadSettings(cmd.Flags(), a.flags.config); err != nil {
			return err
		}
	}
	a.print.Lang, err = language(a.flags.lang, a.conf.Language)
	return err
}

// sandbox is the file of the embedded account, or "" for AWS.
func (a *app) sandbox() string {
	switch {
	case a.flags.sandboxFile != "":
		return a.flags.sandboxFile
	case a.flags.sandbox:
		return a.conf.SandboxFile
	default:
		return ""
	}
}

// opsConfig is the configuration as ops wants it.
func (a *app) opsConfig() cloud.Config {
	return cloud.Config{
		Version: versionText(), AdminRegion: a.conf.AdminRegion, Admins: a.conf.Admins, Auditors: a.conf.Auditors,
		Pools: a.conf.Pools, GitLab: a.conf.GitLab, Sandbox: a.sandbox(),
		Record: a.record.Recorder,
	}
}

func (a *app) open(ctx context.Context) (*cloud.Operator, error) {
	return cloud.Open(ctx, a.opsConfig())
}

// group is a command that only holds others.
func group(use, short, long, example string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example,
		Annotations: map[string]string{needsNoConfig: "yes"},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			near := cmd.SuggestionsFor(args[0])
			fix := "see " + cmd.CommandPath() + " --help"
			if len(near) > 0 {
				fix = "did you mean " + cmd.CommandPath() + " " + strings.Join(near, " or ") + "?"
			}
			return usagef(fix, "%q is not a command of %s", args[0], cmd.CommandPath())
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(commands...)
	return cmd
}

// named is the check of commands that take exactly the arguments named.
func named(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usagef("see "+cmd.CommandPath()+" --help", "%s is missing", names[len(args)])
		case len(args) > len(names):
			return usagef("see "+cmd.CommandPath()+" --help", "%q is one argument too many", args[len(names)])
		default:
			return nil
		}
	}
}

// regionFlag adds --region.
func regionFlag(cmd *cobra.Command, to *string, help string) {
	cmd.Flags().StringVar(to, "region", "", help)
	complete(cmd, "region", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return regionNames(), cobra.ShellCompDirectiveNoFileComp
	})
}

// complete registers a completion; only a flag that does not exist makes it fail.
func complete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err)
	}
}

func regionNames() []string {
	var out []string
	for _, r := range rules.Regions() {
		out = append(out, r.Name+"\t"+r.City)
	}
	return out
}

func regionsText() string {
	var out []string
	for _, r := range rules.Regions() {
		out = append(out, fmt.Sprintf("%s (%s)", r.Name, r.City))
	}
	return strings.Join(out, ", ")
}

func city(region string) string {
	for _, r := range rules.Regions() {
		if r.Name == region {
			return r.City
		}
	}
	return ""
}

// checkRegion is a usage error for regions that the document does not allow.
func checkRegion(name string) error {
	if name == "" {
		return nil
	}
	if err := rules.CheckRegion(name); err != nil {
		return usage(err)
	}
	return nil
}
