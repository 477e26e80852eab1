package main

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newHelp(a *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:         "help [COMMAND...]",
		Short:       "Show the help of a command",
		Long:        "Show the help of a command, as its flag --help does. No AWS access is needed.",
		Example:     "  cicdctl help client create",
		Annotations: map[string]string{needsNoConfig: "yes"},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			if of, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, sub := range of.Commands() {
					if sub.IsAvailableCommand() {
						names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return session.Usagef(seeHelp(cmd.Root()), "%q is not a command of %s", strings.Join(args, " "), cmd.Root().Name())
			}
			help(a, of)
			return nil
		},
	}
}

// help writes the help of a command, as wide as the terminal is.
func help(a *session.Session, cmd *cobra.Command) {
	if err := a.Print.Prose(manual{helpLanguage(a, cmd)}.page(cmd)); err != nil {
		a.Print.TellLine(err.Error())
	}
}

// helpLanguage is the language of what is said where no command begins. A configuration that cannot be
// read says none, and keeps nobody from reading the help.
func helpLanguage(a *session.Session, cmd *cobra.Command) lang.Lang {
	conf, err := loadSettings(cmd.Flags(), a.Flags.Config)
	if err != nil {
		conf.Language = ""
	}
	l, err := language(a.Flags.Lang, conf.Language)
	if err != nil {
		return a.Print.Lang
	}
	return l
}

// manual is the help of commands in one language.
type manual struct{ lang.Lang }

// say is a text of the help in the manual's language.
func (m manual) say(text string) string { return m.Help(text) }

// long translates a long text by its paragraphs.
func (m manual) long(text string) string {
	paragraphs := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, paragraph := range paragraphs {
		paragraphs[i] = m.say(paragraph)
	}
	return strings.Join(paragraphs, "\n\n")
}

// remark is a comment in an example.
var remark = lazyregexp.New(`(?m)(?:^| )# .+$`)

// example translates the comments of examples. What is typed is the same in all languages.
func (m manual) example(text string) string {
	return remark.ReplaceAllStringFunc(text, func(found string) string {
		before, comment, _ := strings.Cut(found, "# ")
		return before + "# " + m.say(comment)
	})
}

// blank is what stands for an argument, or for all flags, in how a command is used.
var blank = lazyregexp.New(`\[flags\]|\b[A-Z][A-Z-]+\b`)

func (m manual) use(line string) string { return blank.ReplaceAllStringFunc(line, m.say) }

// page is what a command does, and then what cobra's template for usage has.
func (m manual) page(cmd *cobra.Command) string {
	cmd.InitDefaultHelpFlag()
	var b strings.Builder
	b.WriteString(m.long(cmp.Or(cmd.Long, cmd.Short)) + "\n\n" + m.say("Usage:"))
	if cmd.Runnable() {
		b.WriteString("\n  " + m.use(cmd.UseLine()))
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n  " + cmd.CommandPath() + " " + m.say("[command]"))
	}
	if cmd.HasExample() {
		b.WriteString("\n\n" + m.say("Examples:") + "\n" + m.example(cmd.Example))
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n\n" + m.say("Available Commands:"))
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				fmt.Fprintf(&b, "\n  %-*s %s", sub.NamePadding(), sub.Name(), m.say(sub.Short))
			}
		}
	}
	if cmd.HasAvailableLocalFlags() {
		b.WriteString("\n\n" + m.say("Flags:") + "\n" + m.flags(cmd.LocalFlags()))
	}
	if cmd.HasAvailableInheritedFlags() {
		b.WriteString("\n\n" + m.say("Global Flags:") + "\n" + m.flags(cmd.InheritedFlags()))
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n\n" + fmt.Sprintf(m.say(`Use "%s [command] --help" for more information about a command.`), cmd.CommandPath()))
	}
	return b.String() + "\n"
}

// usage is what a flag is for.
func (m manual) usage(flag *pflag.Flag) string {
	if command, ok := strings.CutPrefix(flag.Usage, "help for "); ok { // cobra's own
		return fmt.Sprintf(m.say("help for %s"), command)
	}
	return m.say(flag.Usage)
}

// flags lists flags with what they take and what they are for. What cobra writes for it counts
// bytes, and so has no straight columns for accented letters.
func (m manual) flags(set *pflag.FlagSet) string {
	var names, usages []string
	width := 0
	set.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden {
			return
		}
		name, usage := "      --"+flag.Name, m.usage(flag)
		if flag.Shorthand != "" {
			name = "  -" + flag.Shorthand + ", --" + flag.Name
		}
		if takes, _ := pflag.UnquoteUsage(flag); takes != "" {
			name += " " + m.say(takes)
		}
		switch value := flag.DefValue; {
		case value == "", value == "false", value == "0", value == "0s", value == "[]":
		case flag.Value.Type() == "string":
			usage += fmt.Sprintf(m.say(" (default %q)"), value)
		default:
			usage += fmt.Sprintf(m.say(" (default %s)"), value)
		}
		names, usages, width = append(names, name), append(usages, usage), max(width, utf8.RuneCountInString(name))
	})
	var b strings.Builder
	for i, name := range names {
		fmt.Fprintf(&b, "%-*s   %s\n", width, name, usages[i])
	}
	return strings.TrimRight(b.String(), " \n")
}

// describe puts what shells show beside commands and flags into the manual's language.
func (m manual) describe(cmd *cobra.Command) {
	cmd.Short = m.say(cmd.Short)
	for _, set := range []*pflag.FlagSet{cmd.Flags(), cmd.PersistentFlags()} {
		set.VisitAll(func(flag *pflag.Flag) { flag.Usage = m.usage(flag) })
	}
	for _, sub := range cmd.Commands() {
		m.describe(sub)
	}
}
