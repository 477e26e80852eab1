package dossier

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// ComposeIndex is the document of an overview in a language.
func ComposeIndex(x *Index, l lang.Lang) document.Document {
	c := &composer{l, &Dossier{Made: x.Made}}
	out := document.Document{
		Lang: string(l), Title: c.Sayf("Clients in %s", strings.Join(x.Regions, ", ")), Made: x.Made,
		Subtitle: c.Sayf("AWS, from what it holds, read by cicdctl %s", x.Version),
	}
	parts := []struct {
		id, title string
		blocks    func(*Index) []document.Block
	}{
		{"clients", c.Say("Clients and slots"), c.indexClients},
		{"versions", c.Say("Runtimes and versions"), c.indexVersions},
		{"windows", c.Say("Maintenance windows"), c.indexWindows},
		{"findings", c.Say("Findings"), c.indexFindings},
		{"price", c.Say("Price"), c.indexPrice},
	}
	if x.Monthly == nil {
		parts = parts[:len(parts)-1]
	}
	for i, p := range parts {
		told := x.Told
		if i > 0 {
			told.NotRead = nil // told once, at the top
		}
		out.Sections = append(out.Sections, c.section(p.id, p.title, told, func() []document.Block {
			if len(x.Clients) == 0 {
				return []document.Block{c.none(x.Told, c.Say("There are no clients."))}
			}
			return p.blocks(x)
		}))
	}
	return out
}

func (c *composer) indexClients(x *Index) []document.Block {
	t := document.Table{Head: []string{c.Say("client"), c.Say("region"), c.Say("slot"), c.Say("addresses"), c.Say("spec file")}, Numbers: []int{2}}
	if x.several() {
		t.Head, t.Numbers = slices.Insert(t.Head, 1, c.Say("account")), []int{3}
	}
	for _, one := range x.Clients {
		has := toned(c.Say("yes"), document.Plain)
		if !one.Spec {
			has = toned(c.Say("none"), document.Warning)
		}
		row := []document.Text{{strong(one.Client)}, append(words(c.Say(one.City)+" "), code(one.Region)), words(fmt.Sprint(one.Slot)), codes(one.Ranges...), {has}}
		if x.several() {
			row = slices.Insert(row, 1, words(one.Account))
		}
		t.Rows = append(t.Rows, row)
	}
	return []document.Block{t}
}

func (c *composer) indexVersions(x *Index) []document.Block {
	t := document.Table{Head: []string{c.Say("client"), c.Say("database"), c.Say("standard support until"), c.Say("last restore drill (UTC)"), c.Say("images that run")}}
	for _, one := range x.Clients {
		support := words(day(one.Support))
		if one.Support != nil && rules.SupportEnding(*one.Support, x.Made) {
			support = document.Text{toned(day(one.Support), document.Warning)}
		}
		drill := document.Text{toned(c.Say("not measured"), document.Warning)}
		switch {
		case one.Database == "":
			drill = nil
		case one.Drill != nil:
			drill = words(fmt.Sprintf("%s · RPO %s, RTO %s", when(&one.Drill.At), span(one.Drill.RPO), span(one.Drill.RTO)))
		}
		var images document.Text
		for i, image := range one.Images {
			if i > 0 {
				images = append(images, plain("; "))
			}
			images = append(images, plain(image.Service+" "), code(c.Say(image.Image)))
		}
		t.Rows = append(t.Rows, []document.Text{{strong(one.Client)}, codes(one.Database), support, drill, images})
	}
	return []document.Block{t}
}

func (c *composer) indexWindows(x *Index) []document.Block {
	t := document.Table{Head: []string{c.Say("client"), c.Say("what"), c.Say("as AWS has it"), c.Say("time zone")}}
	for _, one := range x.Clients {
		for _, w := range one.Windows {
			t.Rows = append(t.Rows, []document.Text{{strong(one.Client)}, words(c.Say(w.What)), codes(w.Text), codes(w.Zone)})
		}
	}
	if len(t.Rows) == 0 {
		return []document.Block{c.none(x.Told, c.Say("There is nothing that needs a maintenance window."))}
	}
	return []document.Block{t}
}

func (c *composer) indexFindings(x *Index) []document.Block {
	t := document.Table{Head: []string{c.Say("client"), c.Say("high"), c.Say("medium"), c.Say("low"), c.Say("accepted for a time")}, Numbers: []int{1, 2, 3, 4}}
	row := func(who document.Text, n Counts) {
		count := func(n int, tone document.Tone) document.Text {
			if n == 0 {
				tone = document.Muted
			}
			return document.Text{toned(fmt.Sprint(n), tone)}
		}
		t.Rows = append(t.Rows, []document.Text{who, count(n.High, document.Bad), count(n.Medium, document.Warning), count(n.Low, document.Plain), count(n.Excepted, document.Plain)})
	}
	for _, one := range x.Clients {
		row(document.Text{strong(one.Client)}, one.Findings)
	}
	row(words(c.Say("what clients share")), x.Shared)
	return []document.Block{t}
}

func (c *composer) indexPrice(x *Index) []document.Block {
	t := document.Table{Head: []string{c.Say("client"), c.Say("region"), c.Say("fixed costs a month")}, Numbers: []int{2}}
	sums := func(totals []price.Total) document.Text {
		if len(totals) == 0 {
			return document.Text{toned(c.Say("not read"), document.Warning)}
		}
		return words(report.Totals(c.Lang, totals))
	}
	for _, one := range x.Clients {
		t.Rows = append(t.Rows, []document.Text{{strong(one.Client)}, codes(one.Region), sums(one.Monthly)})
	}
	for _, region := range slices.Sorted(maps.Keys(x.Monthly)) {
		t.Rows = append(t.Rows, []document.Text{words(c.Say("what clients share")), codes(region), sums(x.Monthly[region])})
	}
	return []document.Block{paragraph(c.Say("List prices of AWS, without taxes, discounts, commitments or free tiers; what depends on use is not in them. What the account has for all regions is in each region's line.")), t}
}
