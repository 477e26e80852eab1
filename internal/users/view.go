package users

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// PeopleDone is who was let in. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "app": "shop", "service": "files", "env": "prod",
//	 "secret": "cicdctl/acme/shop-files-prod/users", "state": "set", "users": ["alice"], "next": ["…"]}
type PeopleDone struct {
	People
	Names []string `json:"users"`
	Next  []string `json:"next"`
}

// showPeoplePlan shows who will be let in, before it is confirmed.
func showPeoplePlan(p *report.Printer, people *People, names []string) error {
	if p.Format == report.JSON {
		return nil
	}
	text := p.Lang.Sayf("Users of %s in %s of %s: %s", people.App+"/"+people.Service, people.Env, people.Client, strings.Join(names, ", "))
	if people.State == cloud.StateSet {
		text += "\n" + p.Lang.Say("They replace the current users.")
	}
	_, err := io.WriteString(p.Out, text+"\n")
	return err
}

// showPeopleDone says who was let in, and what is left to do.
func showPeopleDone(p *report.Printer, r PeopleDone) error {
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Check(true), style.Bold.Render(p.Lang.Sayf("%d {user|users} set in %s", len(r.Names), r.Secret)))
	p.Next(b, style, r.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// PeopleList is the result of app users list.
type PeopleList struct {
	Services []People `json:"services"`
}

// showPeople writes where people were set: {"services": […]} as JSON, each {"client",
// "region", "app", "service", "env", "secret", "state", "changed", "host_key"}. The
// states are not created, not ours, none yet, set and waits for its deletion.
func showPeople(p *report.Printer, all []People) error {
	if p.Format == report.JSON {
		return p.WriteJSON(PeopleList{report.Some(all)})
	}
	if len(all) == 0 {
		return p.Line("No SFTP or FTP services.")
	}
	t := p.Table(p.Out, p.Lang.Say("service"), p.Lang.Say("environment"), p.Lang.Say("users"), p.Lang.Say("since (UTC)"), p.Lang.Say("host key"), p.Lang.Say("secret"))
	for _, each := range all {
		since := ""
		if each.Changed != nil {
			since = report.Clock(*each.Changed)
		}
		t.AppendRow(table.Row{each.App + "/" + each.Service, string(each.Env), p.Lang.Say(each.State), since, each.HostKey, each.Secret})
	}
	_, err := fmt.Fprintln(p.Out, t.Render())
	return err
}
