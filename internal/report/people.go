package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/users"
)

// PeopleDone is who was let in. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "app": "shop", "service": "files", "env": "prod",
//	 "secret": "cicdctl/acme/shop-files-prod/users", "state": "set", "people": ["alice"], "next": ["…"]}
type PeopleDone struct {
	users.People
	Names []string `json:"people"`
	Next  []string `json:"next"`
}

// PeoplePlan shows who will be let in, before it is confirmed.
func (p *Printer) PeoplePlan(people *users.People, names []string) error {
	if p.Format == JSON {
		return nil
	}
	text := p.Lang.sayf("People of %s in %s of %s: %s", people.App+"/"+people.Service, people.Env, people.Client, strings.Join(names, ", "))
	if people.State == cloud.StateSet {
		text += "\n" + p.Lang.say("They take the place of those that were set before.")
	}
	_, err := io.WriteString(p.out, text+"\n")
	return err
}

// PeopleDone says who was let in, and what is left to do.
func (p *Printer) PeopleDone(r PeopleDone) error {
	if p.Format == JSON {
		return p.encode(r)
	}
	style, b := p.palette(p.out), &strings.Builder{}
	fmt.Fprintln(b, style.check(true), style.bold.Render(p.Lang.sayf("%d people are set in %s", len(r.Names), r.Secret)))
	p.next(b, style, r.Next)
	_, err := io.WriteString(p.out, b.String())
	return err
}

// People writes where people were set: {"services": […]} as JSON, each {"client",
// "region", "app", "service", "env", "secret", "state", "changed", "host_key"}. The
// states are not created, not ours, none yet, set and waits for its deletion.
func (p *Printer) People(all []users.People) error {
	if p.Format == JSON {
		return p.encode(map[string]any{"services": some(all)})
	}
	if len(all) == 0 {
		return p.Line("No service takes files from people.")
	}
	t := p.table(p.out, p.Lang.say("service"), p.Lang.say("environment"), p.Lang.say("people"), p.Lang.say("since (UTC)"), p.Lang.say("host key"), p.Lang.say("secret"))
	for _, each := range all {
		since := ""
		if each.Changed != nil {
			since = clock(*each.Changed)
		}
		t.AppendRow(table.Row{each.App + "/" + each.Service, string(each.Env), p.Lang.say(each.State), since, each.HostKey, each.Secret})
	}
	_, err := fmt.Fprintln(p.out, t.Render())
	return err
}
