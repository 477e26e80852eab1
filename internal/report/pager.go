package report

import (
	"cmp"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
)

// page writes a text. On a terminal with fewer lines it goes through the operator's pager: PAGER, or
// less. A PAGER that is empty, or cat, is none. Where the pager is not installed, the text is written
// all the same.
func (p *Printer) page(s stream, text string) error {
	command, set := os.LookupEnv("PAGER")
	none := set && (command == "" || command == "cat")
	if p.Pager == nil || none || !s.terminal || s.height == nil || strings.Count(text, "\n") < s.height() {
		_, err := io.WriteString(s, text)
		return err
	}
	words := strings.Fields(cmp.Or(strings.TrimSpace(command), "less"))
	if _, err := exec.LookPath(words[0]); err != nil {
		_, err := io.WriteString(s, text)
		return err
	}
	var wrapped strings.Builder
	fitted := s
	fitted.Writer = &wrapped
	if _, err := io.WriteString(fitted, text); err != nil {
		return err
	}
	return p.Pager(words, wrapped.String(), s.Writer)
}

// RunPager runs a pager on a text until the operator leaves it.
func RunPager(words []string, text string, to io.Writer) error {
	cmd := exec.CommandContext(context.Background(), words[0], words[1:]...) // an interrupt is the pager's to take
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), to, os.Stderr
	if os.Getenv("LESS") == "" { // as Git has it: leave what fits on the screen, keep colours and what was shown
		cmd.Env = append(os.Environ(), "LESS=FRX")
	}
	return cmd.Run()
}
