package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// whole is all commands, with those that cobra adds when it runs.
func whole() *cobra.Command {
	root := newRoot(&session.Session{Print: report.New(nil, nil, nil)})
	root.InitDefaultHelpCmd()
	return root
}

// helpTexts are the texts of the help of a command, and what cobra shows around them.
func helpTexts(cmd *cobra.Command) []string {
	texts := append(strings.Split(cmd.Long, "\n\n"), cmd.Short)
	for _, comment := range remark.FindAllString(cmd.Example, -1) {
		texts = append(texts, strings.TrimPrefix(strings.TrimSpace(comment), "# "))
	}
	for _, set := range []*pflag.FlagSet{cmd.Flags(), cmd.PersistentFlags()} {
		set.VisitAll(func(flag *pflag.Flag) { texts = append(texts, flag.Usage) })
	}
	return texts
}

// TestHelpIsThereInFrench looks at every text of the help: it has a French one that fits, and
// there is none for a text that is no longer shown.
func TestHelpIsThereInFrench(t *testing.T) {
	// What is written in a file or typed is the same in both languages, as are names of arguments.
	typed := regexp.MustCompile(`^  (\[\{"name"|audit:|exec: )|yaml-language-server`)
	known, said := map[string]bool{}, map[string]bool{}
	for _, text := range lang.HelpTexts() {
		known[text] = true
	}
	each(whole(), func(cmd *cobra.Command) {
		for _, text := range helpTexts(cmd) {
			if known[text] {
				said[text] = true
			}
			if !known[text] && !typed.MatchString(text) {
				t.Errorf("%s: there is no French for: %s", cmd.CommandPath(), text)
			}
		}
		page := manual{lang.French}.page(cmd)
		for line := range strings.SplitSeq(page, "\n") {
			if len([]rune(line)) > 85 && !strings.HasPrefix(strings.TrimSpace(line), "-") {
				t.Errorf("%s: a line of its French help is too long: %s", cmd.CommandPath(), line)
			}
			if regexp.MustCompile(`^ *[:;?!»]`).MatchString(line) {
				t.Errorf("%s: a line begins with what ends a phrase: %s", cmd.CommandPath(), line)
			}
		}
		if english := regexp.MustCompile(`(?m)^(Usage|Flags|Examples|Available|Global|Use "|Read-only|No AWS)|\(default|help for|\[(flags|command)\]| (string|stringArray|int|duration) {2,}`).FindString(page); english != "" {
			t.Errorf("%s: its French help has %q:\n%s", cmd.CommandPath(), english, page)
		}
		for _, word := range regexp.MustCompile(`\[?[a-zA-Z-]+\]?`).FindAllString(manual{lang.English}.page(cmd), -1) {
			said[word] = true
		}
	})
	for text := range known {
		if !said[text] && !regexp.MustCompile(`^(Usage|Flags|Examples|Available Commands|Global Flags):$|%`).MatchString(text) {
			t.Errorf("nothing says any more: %s", text)
		}
	}
}

// TestHelpIsThatOfCobra holds the help in English against cobra's own.
func TestHelpIsThatOfCobra(t *testing.T) {
	each(whole(), func(cmd *cobra.Command) {
		got := manual{lang.English}.page(cmd)
		if want := strings.TrimSpace(cmd.Long) + "\n\n" + cmd.UsageString(); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", cmd.CommandPath(), got, want)
		}
	})
}

// TestHelpSpeaksTheOperatorsLanguage runs the ways to ask for help, where nothing else runs.
func TestHelpSpeaksTheOperatorsLanguage(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Chdir(t.TempDir())
	for name, c := range map[string]struct {
		env, config string
		args        []string
		want        string
	}{
		"by the flag":               {args: []string{"client", "create", "--help", "--lang", "fr"}, want: "Utilisation :\n  cicdctl client create NOM --region RÉGION [options]\n"},
		"by the environment":        {env: "fr_FR.UTF-8", args: []string{"help", "client", "create"}, want: "Appliquer le fichier de spécification"},
		"by the configuration":      {config: "language: fr\n", args: []string{"client"}, want: " Créer, mettre à jour ou réparer un client\n"},
		"the flag wins":             {env: "fr_FR.UTF-8", args: []string{"client", "--lang", "en"}, want: "Available Commands:\n  create  "},
		"a configuration is broken": {env: "fr_FR.UTF-8", config: "languages: xx\n", args: []string{"backup", "archive", "--help"}, want: `--tier texte     sortie de S3 Glacier : bulk, standard ou expedited (par défaut : bulk)`},
		"help on what is not there": {args: []string{"help", "clients"}, want: `"clients" is not a command of cicdctl`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("LC_ALL", c.env)
			t.Setenv("LANG", "C.UTF-8")
			file := t.TempDir() + "/cicdctl.yaml"
			if c.config != "" {
				if err := os.WriteFile(file, []byte(c.config), 0o600); err != nil {
					t.Fatal(err)
				}
				t.Setenv("CICDCTL_CONFIG", file)
			}
			var said bytes.Buffer
			run(c.args, report.New(nil, &said, &said))
			if !strings.Contains(said.String(), c.want) {
				t.Errorf("lacks %q:\n%s", c.want, said.String())
			}
		})
	}
}
