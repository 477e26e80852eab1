package deploy

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// Deployment is how a deploy or a rollback went. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "app": "shop", "service": "web", "env": "prod",
//	 "action": "deploy", "ok": true, "state": "deployed",
//	 "image": {"uri": "…@sha256:…", "digest": "sha256:…", "tag": "v2", "pushed": "…", "scan": "complete", "critical": 0},
//	 "from": {revision}, "to": {revision}, "running": {revision}, "tasks": 2, "wanted": 2,
//	 "why": {"tasks": [{"id": "…", "reason": "…", "containers": [{"name": "web", "exit_code": 137, "reason": "…"}]}],
//	         "log": ["…"], "unknown": []}, "warning": "…", "next": ["…"]}
//
// A revision is {"revision": "acme-shop-web-prod:7", "number": 7, "arn": "…", "image": "…", "digest": "sha256:…",
// "tag": "v2", "registered": "…", "by": "arn:…", "deployed": "…", "withdrawn": "…", "state": "…"}. The states are
// deployed, unchanged (it ran already), failed, replaced, unfinished (no longer waited for) and not begun.
type Deployment struct {
	cloud.Unit
	Action string       `json:"action"` // deploy, rollback or restart
	OK     bool         `json:"ok"`
	Image  *DeployImage `json:"image,omitempty"`
	From   *Revision    `json:"from,omitempty"` // what ran, or was to run, before
	To     *Revision    `json:"to,omitempty"`
	DeployEnd
	Next []string `json:"next"`
}

// showDeployPlan shows what a deploy will do, before it is confirmed.
func showDeployPlan(p *report.Printer, d *Deploy, sandbox bool) error {
	if p.Format == report.JSON {
		return nil
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	title := p.Lang.Sayf("Deploy %s to %s of %s in %s", d.App+"/"+d.Service, d.Env, d.Client, d.Region)
	if d.Again {
		title = p.Lang.Sayf("Restart %s in %s of %s in %s", d.App+"/"+d.Service, d.Env, d.Client, d.Region)
	}
	if d.Back {
		title = p.Lang.Sayf("Roll back %s in %s of %s in %s", d.App+"/"+d.Service, d.Env, d.Client, d.Region)
	}
	fmt.Fprintln(b, style.Bold.Render(title))
	if sandbox {
		fmt.Fprintln(b, style.Dim.Render(p.Lang.Say("(sandbox: nothing leaves this machine)")))
	}
	t := p.Table(p.Out)
	row := func(name, value string) { t.AppendRow(table.Row{"  " + p.Lang.Say(name), value}) }
	row("now", writeRevision(p, d.From))
	if d.Image != nil {
		row("then", imageName(d.Image.Tag, d.Image.Digest))
		scan := p.Lang.Say(d.Image.Scan)
		if d.Image.Critical > 0 {
			scan += ", " + p.Lang.Sayn(int(d.Image.Critical), "%d critical finding accepted", "%d critical findings accepted")
		}
		row("scan", scan)
	} else {
		row("then", writeRevision(p, d.To))
	}
	row("tasks", fmt.Sprint(d.Tasks))
	fmt.Fprintln(b, t.Render())
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// writeRevision is "v1.4.2 (sha256:1f2e3d4c5b6a) · acme-shop-web-prod:7".
func writeRevision(p *report.Printer, r *Revision) string {
	switch {
	case r == nil || strings.HasSuffix(r.Image, ":none"):
		return p.Lang.Say("nothing")
	case r.Digest == "":
		return r.Image + " · " + r.Name
	default:
		return imageName(r.Tag, r.Digest) + " · " + r.Name
	}
}

// imageName is an image as people call it.
func imageName(tag, digest string) string {
	short := digest[:min(len(digest), len("sha256:")+12)]
	if tag == "" {
		return short
	}
	return tag + " (" + short + ")"
}

// showDeployProgress returns what tells how far a deployment is.
func showDeployProgress(p *report.Printer) func(DeployStep) {
	return func(s DeployStep) {
		switch {
		case s.Event != "":
			p.TellLine(s.At.UTC().Format(time.TimeOnly) + " " + s.Event)
		case s.Failed > 0:
			p.Tell("%d of %d {task runs|tasks run}, %d {has|have} failed", s.Running, s.Wanted, s.Failed)
		default:
			p.Tell("%d of %d {task runs|tasks run}", s.Running, s.Wanted)
		}
	}
}

// showDeployment writes how a deploy went well.
func showDeployment(p *report.Printer, r Deployment) error {
	r.Next = report.Some(r.Next)
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	title := p.Lang.Sayf("%s in %s runs %s", r.App+"/"+r.Service, r.Env, writeRevision(p, r.Running))
	if r.State == DeployedBefore {
		title = p.Lang.Sayf("%s in %s runs %s already: no change", r.App+"/"+r.Service, r.Env, writeRevision(p, r.Running))
	}
	fmt.Fprintln(b, style.Check(true), style.Bold.Render(title))
	fmt.Fprintf(b, "  %s\n", p.Lang.Sayf("%d of %d {task runs|tasks run}", r.Tasks, r.Wanted))
	if r.Warning != "" {
		fmt.Fprintf(b, "  %s %s\n", style.Warn.Render("!"), r.Warning)
	}
	p.Next(b, style, r.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// showDeployFailure tells what AWS says of a deployment that does not run. With JSON,
// the outcome is written.
func showDeployFailure(p *report.Printer, r Deployment) error {
	r.Next = report.Some(r.Next)
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	if r.Why == nil {
		return nil
	}
	for _, t := range r.Why.Tasks {
		p.Tell("task %s stopped: %s", t.ID, t.Reason)
		for _, c := range t.Containers {
			code := p.Lang.Say("never started")
			if c.ExitCode != nil {
				code = p.Lang.Sayf("exit code %d", *c.ExitCode)
			}
			p.TellLine("  " + c.Name + ": " + code + report.Prefixed(", ", c.Reason))
		}
	}
	if len(r.Why.Log) > 0 {
		p.Tell("the last lines of its log:")
		for _, line := range r.Why.Log {
			p.TellLine("  | " + line)
		}
	}
	for _, unknown := range r.Why.Unknown {
		p.Tell("AWS refused to show the %s", unknown)
	}
	return nil
}

// RunningList is the result of deploy status.
type RunningList struct {
	Services []Running `json:"services"`
}

// showRunning writes what the services of a client run: {"services": […]} as JSON, each
// {"client", "region", "app", "service", "env", "state", "running": {revision}, "tasks", "wanted", "since", "event"}.
// The states are not created, not ours, not deployed, deploying, running, tasks missing, scaled to 0,
// switched off (with its environment) and failed.
func showRunning(p *report.Printer, all []Running) error {
	if p.Format == report.JSON {
		return p.WriteJSON(RunningList{report.Some(all)})
	}
	t := p.Table(p.Out, p.Lang.Say("service"), p.Lang.Say("environment"), p.Lang.Say("image"), p.Lang.Say("revision"), p.Lang.Say("tasks"), p.Lang.Say("state"), p.Lang.Say("since (UTC)")).Details(3, 6)
	for _, r := range all {
		row := table.Row{r.App + "/" + r.Service, string(r.Env), "", "", fmt.Sprintf("%d/%d", r.Tasks, r.Wanted), p.Lang.Say(r.State), ""}
		if r.Revision != nil {
			row[2], row[3] = r.Revision.Image, fmt.Sprint(r.Revision.Number)
			if r.Revision.Digest != "" {
				row[2] = imageName(r.Revision.Tag, r.Revision.Digest)
			}
			if r.Since != nil {
				row[6] = report.Clock(*r.Since)
			}
		}
		t.AppendRow(row)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, t.Render())
	for _, r := range all {
		if r.Event != "" {
			fmt.Fprintf(b, "  %s %s\n", style.Warn.Render("!"), r.Event)
		}
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// DeployList is the result of deploy list.
type DeployList struct {
	cloud.Unit
	Deploys []*Revision `json:"deploys"`
}

// showDeploys writes the revisions of a service, the newest first: {"client", "region",
// "app", "service", "env", "deploys": [revisions]} as JSON. Their states are running,
// deploying, failed, rolled back, ran and never ran.
func showDeploys(p *report.Printer, u cloud.Unit, all []*Revision) error {
	if p.Format == report.JSON {
		return p.WriteJSON(DeployList{u, report.Some(all)})
	}
	if len(all) == 0 {
		return p.Line("Nothing was deployed yet.")
	}
	t := p.Table(p.Out, p.Lang.Say("revision"), p.Lang.Say("image"), p.Lang.Say("state"), p.Lang.Say("registered (UTC)"), p.Lang.Say("ran last (UTC)"), p.Lang.Say("by")).Details(3, 5)
	moment := func(at *time.Time) string {
		if at == nil {
			return ""
		}
		return report.Clock(*at)
	}
	for _, r := range all {
		image := r.Image
		if r.Digest != "" {
			image = imageName(r.Tag, r.Digest)
		}
		t.AppendRow(table.Row{fmt.Sprint(r.Number), image, p.Lang.Say(r.State), moment(r.Registered), moment(r.Deployed), r.By[strings.LastIndex(r.By, ":")+1:]})
	}
	_, err := fmt.Fprintln(p.Out, t.Render())
	return err
}
