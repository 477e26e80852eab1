package report

import (
	"fmt"
	"html"
	"io"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// mostMarkdown is how long a comment may be: GitLab takes 1,000,000 characters
// (docs.gitlab.com, "Instance limits: Size of comments and descriptions"), of which some are left
// to what a pipeline puts around it.
const mostMarkdown = 900_000

// markdown writes a plan for a comment on a merge request: first what it interrupts or takes away
// and what it costs, then the plan as on a screen, then every line of it, folded away by group.
func (p *Printer) markdown(w io.Writer, plan Plan) error {
	c, b := Palette{}, &strings.Builder{}
	fmt.Fprintf(b, "### %s\n\n%s\n", inMarkdown(p.planTitle(plan)), inMarkdown(p.planSummary(plan.Summary)))
	for i, line := range plan.Interrupts {
		if i == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(b, "- :warning: %s\n", inMarkdown(line))
	}
	if plan.Cost != nil {
		var cost strings.Builder
		p.PlanCost(&cost, stream{}, plan.Cost)
		fenced(b, cost.String())
	}
	body := func(plan Plan) string {
		var text strings.Builder
		p.planBody(&text, stream{}, c, plan)
		return text.String()
	}
	whole := body(plan)
	folded := !p.Full && strings.Count(whole, "\n") > screen
	switch {
	case len(plan.Changes) == 0:
	case folded:
		var short strings.Builder
		p.rolledBody(&short, c, plan)
		fenced(b, short.String())
	default:
		fenced(b, whole)
	}
	for _, n := range plan.Notes {
		if n == plan.Notes[0] {
			fmt.Fprintf(b, "\n**%s**\n\n", p.Lang.Say("Notes"))
		}
		fmt.Fprintf(b, "- %s\n", inMarkdown(n))
	}
	if folded {
		names, members := grouped(plan.Changes, func(c provision.Change) string { return c.Kind })
		for _, name := range names {
			of := plan
			of.Changes = members[name]
			var fold strings.Builder
			fmt.Fprintf(&fold, "\n<details><summary>%s (%d)</summary>\n", html.EscapeString(p.Lang.Say(name)), len(of.Changes))
			_, lines, _ := strings.Cut(strings.TrimPrefix(body(of), "\n"), "\n")
			fenced(&fold, lines)
			fold.WriteString("\n</details>\n")
			if b.Len()+fold.Len() > mostMarkdown {
				fmt.Fprintf(b, "\n%s\n", inMarkdown(p.Lang.Sayf("%s is too long for a comment: see cicdctl client plan %s --full", p.Lang.Say(name), plan.Client)))
				continue
			}
			b.WriteString(fold.String())
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// fenced writes lines as a block that is coloured as a diff, which goes by the first character.
func fenced(b *strings.Builder, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	fmt.Fprintf(b, "\n%sdiff\n", fence)
	for line := range strings.Lines(strings.Trim(text, "\n")) {
		b.WriteString(strings.TrimPrefix(line, "  "))
	}
	fmt.Fprintf(b, "\n%s\n", fence)
}

// inMarkdown is a text of ours within Markdown: what is in it is neither formatted nor calls anybody.
func inMarkdown(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", "@", "&#64;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "#", `\#`, "~", `\~`, "$", `\$`).Replace(text)
}
