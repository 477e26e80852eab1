package dossier

import (
	"fmt"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// composer puts a dossier into the blocks of a document, in a language.
type composer struct {
	lang.Lang
	d *Dossier
}

// Compose is the document of a dossier in a language.
func Compose(d *Dossier, l lang.Lang) document.Document {
	c := &composer{l, d}
	out := document.Document{Lang: string(l), Title: c.Sayf("Dossier of %s", d.Client), Subtitle: c.Sayf("AWS, region %s (%s) · from what AWS holds, read by cicdctl %s", c.Say(d.City), d.Region, d.Version), Made: d.Made}
	out.Sections = []document.Section{
		c.section("responsibility", c.Say("Shared responsibility"), d.Responsibility.Told, c.responsibility),
		c.section("place", c.Say("Region and subnets"), d.Place.Told, c.place),
		c.section("network", c.Say("Network"), d.Network.Told, c.network),
		c.section("application", c.Say("Application"), d.Application.Told, c.application),
		c.section("access", c.Say("Access rules"), d.Access.Told, c.access),
		c.section("vpn", "VPN", d.VPN.Told, c.vpn),
		c.section("runtimes", c.Say("Runtimes and versions"), d.Runtimes.Told, c.runtimes),
		c.section("recovery", c.Say("Recovery times, as measured"), d.Recovery.Told, c.recovery),
		c.section("backups", c.Say("Backups"), d.Backups.Told, c.backups),
		c.section("maintenance", c.Say("Maintenance windows"), d.Maintenance.Told, c.maintenance),
		c.section("deployments", c.Say("Deployments of the last 90 days"), d.Deployments.Told, c.deployments),
		c.section("alarms", c.Say("Alarms"), d.Alarms.Told, c.alarms),
		c.section("keys", c.Say("Keys"), d.Keys.Told, c.keys),
		c.section("audit", c.Say("Audit"), d.Audit.Told, c.audit),
	}
	if d.Price != nil {
		out.Sections = append(out.Sections, c.section("price", c.Say("Price"), d.Price.Told, c.price))
	}
	return out
}

// Say is a text in the language, or else what a field of a resource holds, where that is words.
func (c *composer) Say(text string) string {
	if said := c.Lang.Say(text); said != text {
		return said
	}
	return c.Value(text)
}

// section begins with what was not read, which may be what the rest seems to lack.
func (c *composer) section(id, title string, told Told, blocks func() []document.Block) document.Section {
	s := document.Section{ID: id, Title: title, AsOf: told.AsOf}
	for _, n := range told.NotRead {
		s.Blocks = append(s.Blocks, document.Notice{Tone: document.Bad, Text: document.Text{strong(c.Sayf("Not read: %s", c.Say(n.What))), plain(" · " + n.Why)}})
	}
	s.Blocks = append(s.Blocks, blocks()...)
	return s
}

// none says that there is nothing, unless it is not known whether there is.
func (c *composer) none(told Told, text string) document.Block {
	if len(told.NotRead) > 0 {
		return paragraph(c.Say("Nothing is known of what was not read: it may be there or not."))
	}
	return paragraph(text)
}

func plain(text string) document.Span  { return document.Span{Text: text} }
func strong(text string) document.Span { return document.Span{Text: text, Strong: true} }
func code(text string) document.Span   { return document.Span{Text: text, Code: true} }
func toned(text string, tone document.Tone) document.Span {
	return document.Span{Text: text, Tone: tone}
}

func paragraph(text string) document.Block {
	return document.Paragraph{Text: document.Text{plain(text)}}
}

// words is a cell of a text.
func words(text string) document.Text { return document.Text{plain(text)} }

// codes is a cell of identifiers, one after the other.
func codes(all ...string) document.Text {
	var out document.Text
	for _, each := range all {
		if each == "" {
			continue
		}
		if len(out) > 0 {
			out = append(out, plain(", "))
		}
		out = append(out, code(each))
	}
	return out
}

// minute is how moments are written: in UTC, which AWS's are.
const minute = "2006-01-02 15:04"

// when is a moment to the minute; empty for none.
func when(at *time.Time) string {
	if at == nil || at.IsZero() {
		return ""
	}
	return at.UTC().Format(minute)
}

// day is a moment to the day; empty for none.
func day(at *time.Time) string {
	if at == nil || at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}

// span is a number of seconds in words: "21 min 4 s".
func span(seconds int) string {
	d := time.Duration(seconds) * time.Second
	var parts []string
	if h := int(d.Hours()); h > 0 {
		parts = append(parts, fmt.Sprintf("%d h", h))
	}
	if m := int(d.Minutes()) % 60; m > 0 {
		parts = append(parts, fmt.Sprintf("%d min", m))
	}
	if s := seconds % 60; s > 0 || len(parts) == 0 {
		parts = append(parts, fmt.Sprintf("%d s", s))
	}
	return strings.Join(parts, " ")
}

// short is a digest as people compare it.
func short(digest string) string { return digest[:min(len(digest), len("sha256:")+12)] }

// yes is yes or no.
func (c *composer) yes(is bool) string {
	if is {
		return c.Say("yes")
	}
	return c.Say("no")
}

// spoken translates what a text of the dossier says of other clients.
func (c *composer) spoken(text string) string {
	return strings.ReplaceAll(text, AnotherClient, c.Say(AnotherClient))
}

func (c *composer) responsibility() []document.Block {
	t := document.Table{Head: []string{c.Say("service"), "AWS", c.Say("the hosting company"), c.d.Client}}
	for _, s := range c.d.Responsibility.Services {
		t.Rows = append(t.Rows, []document.Text{{strong(s.Name)}, words(c.Say(s.AWS)), words(c.Say(s.Host)), words(c.Say(s.Client))})
	}
	intro := document.Paragraph{Text: document.Text{
		plain(c.Say("AWS answers for the cloud itself, its customers for what they run in it. The table says who looks after what, of the services that this client has. ")),
		{Text: c.Say("AWS's shared responsibility model"), Href: c.Say("https://aws.amazon.com/compliance/shared-responsibility-model/")},
	}}
	if len(t.Rows) == 0 {
		return []document.Block{intro, c.none(c.d.Responsibility.Told, c.Say("The client has none of these services."))}
	}
	return []document.Block{intro, t}
}

func (c *composer) place() []document.Block {
	p := c.d.Place
	facts := document.Facts{Facts: []document.Fact{
		{Name: c.Say("region"), Value: document.Text{plain(c.Say(p.City) + " "), code(p.Region)}},
	}}
	if p.VPC != "" {
		facts.Facts = append(facts.Facts, document.Fact{Name: "VPC", Value: append(document.Text{plain(p.VPC + " ")}, codes(p.Ranges...)...)})
	}
	if p.Slot >= 0 {
		facts.Facts = append(facts.Facts, document.Fact{Name: c.Say("slot"), Value: words(fmt.Sprint(p.Slot))})
	}
	t := document.Table{Caption: c.Say("The client's subnets, one in each availability zone"), Head: []string{c.Say("subnet"), c.Say("availability zone"), c.Say("zone id, the same in every account"), c.Say("addresses")}}
	for _, s := range p.Subnets {
		t.Rows = append(t.Rows, []document.Text{words(s.Name), codes(s.Zone), codes(s.ZoneID), codes(s.Range)})
		c.identified(&t, s.ID)
	}
	if len(t.Rows) == 0 {
		return []document.Block{facts, c.none(p.Told, c.Say("The client has no subnets."))}
	}
	return []document.Block{facts, t}
}

// identified adds the identifier of a row's resource to its first cell, where the dossier has it.
func (c *composer) identified(t *document.Table, id string) {
	if id != "" {
		first := &t.Rows[len(t.Rows)-1][0]
		*first = append(*first, plain(" "), code(id))
	}
}
