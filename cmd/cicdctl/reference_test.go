package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// The reference of commands and the man pages are made from the commands themselves:
// make docs writes them, and without -update they have to be what the commands say.
func TestReferenceIsCurrent(t *testing.T) {
	root := newRoot(&session.Session{Print: report.New(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})})
	root.DisableAutoGenTag = true
	pages := map[string][]byte{}
	for _, cmd := range commandsOf(root) {
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
		var page, man bytes.Buffer
		if err := doc.GenMarkdownCustom(cmd, &page, func(file string) string { return strings.ReplaceAll(file, "_", "-") }); err != nil {
			t.Fatal(err)
		}
		// The date is that of the product's first release: pages differ only when what they say does.
		made := time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)
		if err := doc.GenMan(cmd, &doc.GenManHeader{Title: strings.ToUpper(name), Section: "1", Source: "cicdctl", Manual: "cicdctl", Date: &made}, &man); err != nil {
			t.Fatal(err)
		}
		pages["cli/"+name+".md"], pages["man/"+name+".1"] = page.Bytes(), man.Bytes()
	}
	for _, dir := range []string{"cli", "man"} {
		if *update {
			if err := os.MkdirAll("../../docs/"+dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		old, err := filepath.Glob("../../docs/" + dir + "/*")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range old {
			if pages[dir+"/"+filepath.Base(file)] != nil {
				continue
			}
			if !*update {
				t.Errorf("%s is of no command: run make docs", file)
			} else if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, want := range pages {
		file := "../../docs/" + name
		if *update {
			if err := os.WriteFile(file, want, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the command says (%v): run make docs", file, err)
		}
	}
}

// commandsOf is a command with all that are in it, those left out that cobra hides.
func commandsOf(cmd *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && !c.IsAdditionalHelpTopicCommand() {
			out = slices.Concat(out, commandsOf(c))
		}
	}
	return out
}
