package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

const rootLong = `cicdctl gives each client its slice of AWS: three private subnets, one network
ACL, security groups, keys and roles, buckets, a container platform behind a load
balancer, and an Aurora database. One command builds it, and the same command
repairs it.

It keeps no state file: tags on the resources are its only memory, and it changes
nothing that does not carry them. Nothing is changed before the plan was shown
and confirmed. The AWS environment decides the account (AWS_PROFILE, SSO, …);
--sandbox uses an account inside the program instead, and leaves AWS alone.`

func newRoot(a *session.Session) *cobra.Command {
	root := group("cicdctl", "Build, show and remove the AWS slices of clients", rootLong,
		`  cicdctl client create ACME --region eu-west-3 --sandbox   # try it without AWS
  cicdctl client create ACME --region eu-west-3
  cicdctl client show ACME
  cicdctl client destroy ACME`,
		newClient(a), newBackupPolicy(a), newBackup(a), newMaintenance(a), newDeploy(a), newPipeline(a), newApp(a), newRegion(a), newSpec(a), newAudit(a), newIAMPolicy(a), newDoctor(a),
		newSandbox(a), newVersion(a), newCompletion(a))
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return start(a, cmd) }
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return session.Usagef("see "+cmd.CommandPath()+" --help", "%w", err)
	})
	f := root.PersistentFlags()
	f.StringVarP(&a.Flags.Output, "output", "o", "text", "how results are written: text or json")
	f.BoolVar(&a.Flags.Sandbox, "sandbox", false, "use the account inside the program instead of AWS")
	f.StringVar(&a.Flags.SandboxFile, "sandbox-file", "", "where that account is kept; implies --sandbox")
	f.StringVar(&a.Flags.Config, "config", "", "configuration file (./cicdctl.yaml, then ~/.config/cicdctl/config.yaml)")
	f.String("spec-dir", defaultSpecDir, "directory of the clients' spec files")
	f.StringVar(&a.Flags.Lang, "lang", "", "language of reports: en or fr (that of the environment)")
	f.BoolVar(&a.Flags.NoColor, "no-color", false, "no colours; NO_COLOR does the same")
	f.DurationVar(&a.Flags.Timeout, "timeout", 0, "stop after this long, such as 45m; no limit by default")
	f.StringVar(&a.Flags.Record, "record", "", "add every request to AWS and its answer to this file, secrets and identifiers masked")
	f.BoolVarP(&a.Flags.Verbose, "verbose", "v", false, "tell every event of a run, retries too")
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
func start(a *session.Session, cmd *cobra.Command) error {
	a.Started = true
	if formats := formatsOf(cmd); !slices.Contains(formats, a.Flags.Output) {
		return session.Usagef("", "--output %q is not one of %s", a.Flags.Output, strings.Join(formats, ", "))
	}
	a.Print.Format = report.Format(a.Flags.Output)
	if a.Flags.Timeout < 0 {
		return session.Usagef("give a length such as 45m", "--timeout %s is less than nothing", a.Flags.Timeout)
	}
	a.Print.Verbose = a.Flags.Verbose
	a.Print.Color = a.Print.Color && !a.Flags.NoColor
	a.Signals.Limit(a.Flags.Timeout)
	err := a.Record.Begin(a.Flags.Record)
	if err != nil {
		return err
	}
	if cmd.Annotations[needsNoConfig] == "" {
		if a.Conf, err = loadSettings(cmd.Flags(), a.Flags.Config); err != nil {
			return err
		}
	}
	a.Print.Lang, err = language(a.Flags.Lang, a.Conf.Language)
	return err
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
			return session.Usagef(fix, "%q is not a command of %s", args[0], cmd.CommandPath())
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
			return session.Usagef("see "+cmd.CommandPath()+" --help", "%s is missing", names[len(args)])
		case len(args) > len(names):
			return session.Usagef("see "+cmd.CommandPath()+" --help", "%q is one argument too many", args[len(names)])
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
