package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Plan is what would change. As JSON:
//
//	{"client": "ACME", "account": "production", "region": "eu-west-3", "sandbox": true,
//	 "summary": {"create": 61, "update": 0, "delete": 0, "keep": 2, "later": 0, "refused": 0, "waiting": 0},
//	 "changes": [{"op": "create", "kind": "ec2/subnet", "scope": "client ACME", "role": "a", "id": "…", "name": "…",
//	              "diffs": [{"field": "…", "have": "…", "want": "…", "fix": "…"}], "why": "…"}],
//	 "notes": ["…"], "interrupts": ["…"], "removals": [{"id": "…", "flag": "--remove shop/api", "what": "images: 12"}]}
//
// The op is one of create, update, delete, retain, later, blocked, waiting (for what is
// blocked) and foreign. The
// client is absent for a region's shared things; id, diffs, fix and why where
// there are none. The name is of what will be created: its name on AWS or, where
// it has none, what tells it best, such as a subnet's CIDR and zone.
type Plan struct {
	Client  string             `json:"client,omitempty"`
	Account string             `json:"account,omitempty"` // its name in the configuration
	Region  string             `json:"region"`
	Sandbox bool               `json:"sandbox,omitempty"`
	Summary Summary            `json:"summary"`
	Changes []provision.Change `json:"changes"`
	Notes   []string           `json:"notes"`
	// Interrupts is what the plan cuts off, for a time or for good. It comes first.
	Interrupts []string `json:"interrupts,omitempty"`
	// Removals is what the plan removes although something runs in it or is held by it.
	Removals []Removal `json:"removals,omitempty"`
	// Cost is what the plan costs; nil where nobody has asked. As JSON it makes a PricedPlan.
	Cost *Cost `json:"-"`
	// Whose is the account for people, where there are several.
	Whose string `json:"-"`
}

// PricedPlan is a plan with what it costs, where that was asked for.
type PricedPlan struct {
	Plan
	Cost *Cost `json:"cost,omitempty"`
}

// Removal is a resource that a plan removes, with what is lost and the flag that agrees to it.
type Removal struct {
	ID   string `json:"id"`
	Flag string `json:"flag"`
	What string `json:"what"`

	Word string `json:"-"` // that is agreed to
	Key  string `json:"-"` // provision.Removed.Key
}

// Summary counts a plan's changes.
type Summary struct {
	Create  int `json:"create"`
	Update  int `json:"update"`
	Delete  int `json:"delete"`
	Keep    int `json:"keep"`
	Later   int `json:"later"` // cannot be made yet
	Refused int `json:"refused"`
	Waiting int `json:"waiting"` // for what is in the way
}

// Empty reports that nothing would change.
func (s Summary) Empty() bool { return s.Create+s.Update+s.Delete+s.Refused+s.Waiting == 0 }

// Summarize counts changes.
func Summarize(changes []provision.Change) Summary {
	var s Summary
	for _, c := range changes {
		switch c.Op {
		case provision.OpCreate:
			s.Create++
		case provision.OpUpdate:
			s.Update++
		case provision.OpDelete:
			s.Delete++
		case provision.OpRetain:
			s.Keep++
		case provision.OpLater:
			s.Later++
		case provision.OpBlocked, provision.OpForeign:
			s.Refused++
		case provision.OpWaiting:
			s.Waiting++
		case provision.OpNone:
		}
	}
	return s
}

// NewPlan makes the report of a plan for a client, or for a region's shared things.
func NewPlan(client, region string, changes []provision.Change, notes ...string) Plan {
	if changes == nil {
		changes = []provision.Change{}
	}
	if notes == nil {
		notes = []string{}
	}
	return Plan{Client: client, Region: region, Summary: Summarize(changes), Changes: changes, Notes: notes}
}

// Plan writes the plan as a result.
func (p *Printer) Plan(plan Plan) error {
	switch p.Format {
	case JSON:
		return p.WriteJSON(PricedPlan{plan, plan.Cost})
	case Markdown:
		return p.markdown(p.Out.Writer, plan)
	default:
		return p.planText(p.Out, plan)
	}
}

// ShowPlan writes the plan as part of a dialogue: where the result will be JSON,
// the plan is for whoever is asked.
func (p *Printer) ShowPlan(plan Plan) error {
	if p.Format == JSON {
		return p.planText(p.err, plan)
	}
	return p.planText(p.Out, plan)
}

// screen is how many lines a plan may have before it is rolled up. It is not that of the terminal
// at hand, so that a plan looks the same everywhere.
const screen = 40

func (p *Printer) planText(s stream, plan Plan) error {
	c, whole := p.Palette(s), &strings.Builder{}
	p.planHead(whole, c, plan)
	p.planBody(whole, s, c, plan)
	p.planFoot(whole, c, plan)
	fmt.Fprintf(whole, "\n%s\n", c.Bold.Render(p.planSummary(plan.Summary)))
	cost := &strings.Builder{}
	if plan.Cost != nil {
		p.PlanCost(cost, s, plan.Cost)
	}
	if p.Full || strings.Count(whole.String(), "\n") <= screen {
		return p.page(s, whole.String()+cost.String())
	}
	short := &strings.Builder{}
	p.planHead(short, c, plan)
	p.rolledBody(short, c, plan)
	p.planFoot(short, c, plan)
	fmt.Fprintf(short, "\n%s %s\n", c.Bold.Render(p.planSummary(plan.Summary)), c.Dim.Render(p.Lang.Say("Every line: --full")))
	_, err := io.WriteString(s, short.String()+cost.String())
	return err
}

// planHead is the title, and what the plan interrupts or takes away.
func (p *Printer) planHead(b *strings.Builder, c Palette, plan Plan) {
	fmt.Fprintln(b, c.Bold.Render(p.planTitle(plan)))
	for _, line := range plan.Interrupts {
		fmt.Fprintf(b, "  ! %s\n", line)
	}
}

// planBody has a line for each change, and what differs below it.
func (p *Printer) planBody(b *strings.Builder, s stream, c Palette, plan Plan) {
	names, members := grouped(plan.Changes, func(c provision.Change) string { return c.Kind })
	kindWidth, roleWidth := 0, 0
	for _, ch := range plan.Changes {
		kindWidth, roleWidth = max(kindWidth, len(ch.Kind)), max(roleWidth, len(ch.Role))
	}
	if s.terminal { // longer roles than most push what is said of them to the right, or below
		roleWidth = min(roleWidth, max(s.width()-kindWidth-leastRemark, leastRole))
	}
	for _, name := range names {
		fmt.Fprintf(b, "\n%s\n", c.Bold.Render(p.Lang.Say(name)))
		for _, ch := range members[name] {
			line := fmt.Sprintf("  %s %-*s  %-*s  %s", c.mark(ch.Op), kindWidth, ch.Kind, roleWidth, ch.Role, p.remark(c, plan, ch))
			fmt.Fprintln(b, strings.TrimRight(line, " "))
			for _, d := range ch.Diffs {
				p.diff(b, c, d)
			}
		}
	}
}

func (p *Printer) planFoot(b *strings.Builder, c Palette, plan Plan) {
	if len(plan.Notes) == 0 || plan.Summary.Empty() {
		return
	}
	fmt.Fprintf(b, "\n%s\n", c.Bold.Render(p.Lang.Say("Notes")))
	for _, n := range plan.Notes {
		fmt.Fprintf(b, "  · %s\n", n)
	}
}

// leastRemark is the room of a plan's line for its mark and what it says of a resource, and
// leastRole that for the role, where a terminal is too narrow for all.
const leastRemark, leastRole = 36, 8

func (p *Printer) planTitle(plan Plan) string {
	title := p.Lang.Sayf("Shared resources of %s", plan.Region)
	if plan.Client != "" {
		title = p.Lang.Sayf("Client %s in %s", plan.Client, plan.Region)
	}
	if plan.Whose != "" {
		title += " (" + plan.Whose + ")"
	}
	if plan.Sandbox {
		title += " " + p.Lang.Say("(sandbox: nothing leaves this machine)")
	}
	return title
}

func (p *Printer) planSummary(s Summary) string {
	later := ""
	if s.Later > 0 {
		later = p.Lang.Sayf("; %d later", s.Later)
	}
	if s.Empty() && s.Keep == 0 {
		return strings.TrimSuffix(p.Lang.Say("No change."), ".") + later + "."
	}
	text := p.Lang.Sayf("Plan: %d to create, %d to change, %d to delete", s.Create, s.Update, s.Delete)
	if s.Keep > 0 {
		text += p.Lang.Sayf("; %d kept", s.Keep)
	}
	text += later
	if s.Refused > 0 {
		text += p.Lang.Sayf("; %d in the way", s.Refused)
	}
	if s.Waiting > 0 {
		text += p.Lang.Sayf("; %d waiting for that", s.Waiting)
	}
	return text + "."
}

// remark is what a line says beyond the resource: what it will be, whose it is, its ID, what it
// means, why.
func (p *Printer) remark(c Palette, plan Plan, ch provision.Change) string {
	var id string
	if ch.ID != "" {
		id = c.Dim.Render(ShortID(ch.ID))
	}
	return dotted(append([]string{p.Lang.Value(ch.Name), p.owner(c, plan, ch), id}, p.meaning(c, ch)...)...)
}

func (p *Printer) owner(c Palette, plan Plan, ch provision.Change) string {
	if plan.Client == "" || ch.Scope.Level == provision.ClientLevel {
		return ""
	}
	return c.Dim.Render(p.Lang.Say("shared"))
}

// meaning is what a change means for who pays and who reaches the resource, and why it is.
func (p *Printer) meaning(c Palette, ch provision.Change) []string {
	var parts []string
	if costly(ch) {
		parts = append(parts, c.Warn.Render(p.Lang.Say("billed by the hour")))
	}
	if exposed(ch) {
		parts = append(parts, c.Warn.Render(p.Lang.Say("reached from the internet")))
	}
	return append(parts, p.Lang.Say(ch.Why))
}

// dotted joins what is not empty.
func dotted(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// ShortID is an ARN without the account and the region, which the title tells.
func ShortID(id string) string {
	if parts := strings.SplitN(id, ":", 6); parts[0] == "arn" && len(parts) == 6 {
		return parts[5]
	}
	return id
}

// nameAndID is a resource's name and ID, each unless the other says it already.
func nameAndID(l Lang, ch provision.Change) string {
	id := ShortID(ch.ID)
	ch.Name = l.Value(ch.Name)
	switch {
	case strings.Contains(id, ch.Name):
		return id
	case strings.Contains(ch.Name, id):
		return ch.Name
	default:
		return ch.Name + " " + id
	}
}

// diff writes one attribute that differs: on one line where it fits, by its structure where it is
// JSON, else line by line.
func (p *Printer) diff(b *strings.Builder, c Palette, d provision.Diff) {
	have, want := lines(d.Have), lines(d.Want)
	differing, structured := p.structural(d.Have, d.Want)
	if !structured {
		differing = lineDiff(p.worded(have), p.worded(want))
	}
	if len(have) <= 1 && len(want) <= 1 && !structured {
		fmt.Fprintf(b, "      %s\n", p.Lang.Sayf("%s: %s → %s", p.Lang.Value(d.Field), p.value(d.Have), p.value(d.Want)))
	} else {
		fmt.Fprintf(b, "      %s\n", p.Lang.Sayf("%s:", p.Lang.Value(d.Field)))
		for _, l := range differing {
			style := map[byte]lipgloss.Style{'-': c.Bad, '+': c.Good, '~': c.Change}[l[0]]
			fmt.Fprintf(b, "        %s\n", style.Render(l))
		}
	}
	if d.Fix != "" {
		fmt.Fprintf(b, "        → %s\n", d.Fix)
	}
}

func (p *Printer) value(s string) string {
	if s == "" {
		return p.Lang.Say("(none)")
	}
	return p.Lang.Value(s)
}

// worded are lines with their words in the language.
func (p *Printer) worded(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = p.Lang.Value(line)
	}
	return out
}

// lines splits a canonical text; JSON, which is one long line, is unfolded first.
func lines(text string) []string {
	if text == "" {
		return nil
	}
	if strings.HasPrefix(text, "{") {
		var b bytes.Buffer
		if json.Indent(&b, []byte(text), "", "  ") == nil {
			text = b.String()
		}
	}
	return strings.Split(text, "\n")
}

// lineDiff lists the lines that differ, with - and + before them: what is left of
// both texts without their longest common subsequence.
func lineDiff(have, want []string) []string {
	longest := make([][]int, len(have)+1)
	for i := range longest {
		longest[i] = make([]int, len(want)+1)
	}
	for i, h := range slices.Backward(have) {
		for j := len(want) - 1; j >= 0; j-- {
			longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			if h == want[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			}
		}
	}
	var out []string
	i, j := 0, 0
	for i < len(have) || j < len(want) {
		switch {
		case i < len(have) && j < len(want) && have[i] == want[j]:
			i, j = i+1, j+1
		case j == len(want) || i < len(have) && longest[i+1][j] >= longest[i][j+1]:
			out = append(out, "- "+have[i])
			i++
		default:
			out = append(out, "+ "+want[j])
			j++
		}
	}
	return out
}
