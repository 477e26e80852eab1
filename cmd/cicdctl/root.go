package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

const rootLong = `cicdctl manages the AWS resources of each client: three private subnets, a network
ACL, security groups, keys and roles, buckets, ECS services behind a load balancer,
and an Aurora database. The same command creates, updates and repairs them.

There is no state file: resources are identified by their tags, and cicdctl changes
only resources with its own tags. Changes are made only after the plan was shown and
confirmed. The account comes from the standard AWS environment (AWS_PROFILE, SSO, …).
With --sandbox, commands use a simulated AWS account and never contact AWS.`

func newRoot(a *session.Session) *cobra.Command {
	root := group("cicdctl", "Manage the AWS resources of clients", rootLong,
		`  cicdctl client create ACME --region eu-west-3 --sandbox   # try without AWS
  cicdctl client create ACME --region eu-west-3
  cicdctl client show ACME
  cicdctl client destroy ACME`,
		newClient(a), newBackupPolicy(a), newBackup(a), newMaintenance(a), newDeploy(a), newLogs(a), newExec(a), newScale(a), newStop(a), newStart(a), newPipeline(a), newApp(a), newKey(a), newVPN(a), newRegion(a), newAccount(a), newFleet(a), newSpec(a), newAudit(a), newReport(a), newIAMPolicy(a), newDoctor(a),
		newSandbox(a), newSchema(a), newVersion(a), newCompletion(a))
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(newHelp(a))
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return start(a, cmd) }
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return session.Usagef(seeHelp(cmd), "%w", flagError(err))
	})
	f := root.PersistentFlags()
	f.StringVarP(&a.Flags.Output, "output", "o", "text", "output format: text or json")
	f.BoolVar(&a.Flags.Sandbox, "sandbox", false, "use a simulated AWS account instead of AWS")
	f.StringVar(&a.Flags.SandboxFile, "sandbox-file", "", "file with the state of the sandbox; implies --sandbox")
	f.StringVar(&a.Flags.Account, "account", "", "account of the configuration (default: that of the client's spec, or all)")
	f.StringVar(&a.Flags.Config, "config", "", "configuration file (default: ./cicdctl.yaml, then ~/.config/cicdctl/config.yaml)")
	f.String("spec-dir", session.DefaultSpecDir, "directory of the clients' spec files")
	f.StringVar(&a.Flags.Lang, "lang", "", "output language: en or fr (default: from the environment)")
	f.BoolVar(&a.Flags.NoColor, "no-color", false, "disable colours; same as setting NO_COLOR")
	f.DurationVar(&a.Flags.Timeout, "timeout", 0, "stop after this duration, for example 45m (default: no limit)")
	f.StringVar(&a.Flags.Record, "record", "", "append AWS requests and responses to this file, with secrets and identifiers masked")
	f.StringVar(&a.Flags.AllowDowngrade, "allow-downgrade", "", "change what this newer version of cicdctl has changed, see docs/upgrading.md")
	f.BoolVar(&a.Flags.Full, "full", false, "show every line of a long plan, and of its progress")
	f.BoolVar(&a.Flags.NoPager, "no-pager", false, "do not send what is longer than the terminal through a pager")
	f.BoolVarP(&a.Flags.Verbose, "verbose", "v", false, "show all events, including retries")
	complete(root, "output", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return formatsOf(cmd), cobra.ShellCompDirectiveNoFileComp
	})
	complete(root, "account", accountNames(a))
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
	_, a.Doing, _ = strings.Cut(cmd.CommandPath(), " ")
	if formats := formatsOf(cmd); !slices.Contains(formats, a.Flags.Output) {
		return session.Usagef("", "--output %q is not one of %s", a.Flags.Output, strings.Join(formats, ", "))
	}
	a.Print.Format = report.Format(a.Flags.Output)
	if a.Flags.Timeout < 0 {
		return session.Usagef("give a duration such as 45m", "--timeout %s is negative", a.Flags.Timeout)
	}
	if err := session.CheckDowngrade(a.Flags.AllowDowngrade); err != nil {
		return err
	}
	a.Print.Verbose, a.Print.Full = a.Flags.Verbose, a.Flags.Full
	if !a.Flags.NoPager {
		a.Print.Pager = report.RunPager
	}
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
		if _, err := a.AccountNamed(a.Flags.Account); err != nil {
			return err
		}
	}
	a.Print.Lang, err = language(a.Flags.Lang, a.Conf.Language)
	lang.Use(a.Print.Lang)
	if cmd.Name() == cobra.ShellCompRequestCmd {
		manual{a.Print.Lang}.describe(cmd.Root())
	}
	if a.SandboxFlag() != "" || len(a.Conf.Accounts) > 0 {
		a.Print.Commands = func(text string) string {
			for _, flag := range []string{a.SandboxFlag(), a.AccountFlag()} { // the account may be found later
				text = withFlag(cmd.Root(), text, flag)
			}
			return text
		}
	}
	return err
}

// namedCommand is what may be a command in a text: its words end where a name or a flag begins.
var namedCommand = lazyregexp.New(`cicdctl(?: [a-z][a-z-]*)+`)

// withFlag adds the flag of the sandbox, or of an account, to the commands that a text names:
// without it they would be about AWS, or another account. It comes right after the command's own
// words, because the end of a command in a sentence is hard to see.
func withFlag(root *cobra.Command, text, flag string) string {
	name, _, _ := strings.Cut(flag, " ")
	if flag == "" || strings.Contains(text, strings.TrimSuffix(name, "-file")) { // --sandbox-file implies --sandbox
		return text
	}
	return namedCommand.ReplaceAllStringFunc(text, func(found string) string {
		words := strings.Fields(found)[1:]
		cmd, rest, err := root.Find(words)
		if err != nil || cmd.HasSubCommands() && takes(cmd) == 0 { // a group, or prose
			return found
		}
		if name == "--account" && len(rest) > 0 && flag == name+" "+rest[0] { // account init production
			return found
		}
		said := strings.TrimSuffix(found, strings.Join(append([]string{""}, rest...), " "))
		return said + " " + flag + strings.TrimPrefix(found, said)
	})
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
			fix := seeHelp(cmd)
			if len(near) > 0 {
				fix = lang.Sprintf("did you mean %s %s?", cmd.CommandPath(), strings.Join(near, lang.Say(" or ")))
			}
			return session.Usagef(fix, "%q is not a command of %s", args[0], cmd.CommandPath())
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(commands...)
	return cmd
}

// seeHelp is what to do about a command that is not used as it is to be.
func seeHelp(cmd *cobra.Command) string { return lang.Sprintf("see %s --help", cmd.CommandPath()) }

// named is the check of commands that take exactly the arguments named.
func named(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return session.Usagef(seeHelp(cmd), "%s is missing", lang.Current().Help(names[len(args)]))
		case len(args) > len(names):
			return session.Usagef(seeHelp(cmd), "%q is one argument too many", args[len(names)])
		default:
			return nil
		}
	}
}

// atMost lets arguments be left out.
func atMost(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		return named(names[:min(len(args), len(names))]...)(cmd, args)
	}
}

// specFlag is the flag for another spec file than the client's own.
func specFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
}

// yesFlag is the flag that answers for who cannot be asked.
func yesFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVarP(to, "yes", "y", false, "skip the confirmation prompt")
}

// consentFlags are the flags of commands that may remove something.
func consentFlags(cmd *cobra.Command, to *session.Consent) {
	yesFlag(cmd, &to.Yes)
	cmd.Flags().StringArrayVar(&to.Remove, "remove", nil, "agree to the removal of this, for example shop/api; repeatable")
}

// regionFlag adds --region.
func regionFlag(cmd *cobra.Command, to *string, help string) {
	cmd.Flags().StringVar(to, "region", "", help)
	complete(cmd, "region", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return regionNames(), cobra.ShellCompDirectiveNoFileComp
	})
}

// whereFlags are the flags that say where a client and its spec are.
func whereFlags(cmd *cobra.Command, region, spec *string) {
	regionFlag(cmd, region, "region of the client; required only without a spec file")
	specFlag(cmd, spec)
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
		out = append(out, r.Name+"\t"+lang.Say(r.City))
	}
	return out
}

// accountNames completes the accounts of the configuration.
func accountNames(a *session.Session) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		conf, err := loadSettings(cmd.Flags(), a.Flags.Config)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var names []string
		for _, c := range conf.Accounts {
			names = append(names, c.Name+"\t"+c.ID())
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
