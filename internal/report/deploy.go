package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/deploy"
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
	Action string              `json:"action"` // deploy, rollback or restart
	OK     bool                `json:"ok"`
	Image  *deploy.DeployImage `json:"image,omitempty"`
	From   *deploy.Revision    `json:"from,omitempty"` // what ran, or was to run, before
	To     *deploy.Revision    `json:"to,omitempty"`
	deploy.DeployEnd
	Next []string `json:"next"`
}

// DeployPlan shows what a deploy will do, before it is confirmed.
func (p *Printer) DeployPlan(d *deploy.Deploy, sandbox bool) error {
	if p.Format == JSON {
		return nil
	}
	style, b := p.palette(p.out), &strings.Builder{}
	title := p.Lang.sayf("Deploy %s to %s of %s in %s", d.App+"/"+d.Service, d.Env, d.Client, d.Region)
	if d.Again {
		title = p.Lang.sayf("Restart %s in %s of %s in %s", d.App+"/"+d.Service, d.Env, d.Client, d.Region)
	}
	if d.Back {
		title = p.Lang.sayf("Roll back %s in %s of %s in %s", d.App+"/"+d.Service, d.Env, d.Client, d.Region)
	}
	fmt.Fprintln(b, style.bold.Render(title))
	if sandbox {
		fmt.Fprintln(b, style.dim.Render(p.Lang.say("(sandbox: nothing leaves this machine)")))
	}
	t := p.table(p.out)
	row := func(name, value string) { t.AppendRow(table.Row{"  " + p.Lang.say(name), value}) }
	row("now", p.revision(d.From))
	if d.Image != nil {
		row("then", imageName(d.Image.Tag, d.Image.Digest))
		scan := p.Lang.say(d.Image.Scan)
		if d.Image.Critical > 0 {
			scan += ", " + p.Lang.sayn(int(d.Image.Critical), "%d critical finding accepted", "%d critical findings accepted")
		}
		row("scan", scan)
	} else {
		row("then", p.revision(d.To))
	}
	row("tasks", fmt.Sprint(d.Tasks))
	fmt.Fprintln(b, t.Render())
	_, err := io.WriteString(p.out, b.String())
	return err
}

// revision is "v1.4.2 (sha256:1f2e3d4c5b6a) · acme-shop-web-prod:7".
func (p *Printer) revision(r *deploy.Revision) string {
	switch {
	case r == nil || strings.HasSuffix(r.Image, ":none"):
		return p.Lang.say("nothing")
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

// DeployProgress returns what tells how far a deployment is.
func (p *Printer) DeployProgress() func(deploy.DeployStep) {
	return func(s deploy.DeployStep) {
		switch {
		case s.Event != "":
			p.tell(s.At.UTC().Format(time.TimeOnly) + " " + s.Event)
		case s.Failed > 0:
			p.Tell("%d of %d tasks run, %d have failed", s.Running, s.Wanted, s.Failed)
		default:
			p.Tell("%d of %d tasks run", s.Running, s.Wanted)
		}
	}
}

// Deployment writes how a deploy went well.
func (p *Printer) Deployment(r Deployment) error {
	r.Next = some(r.Next)
	if p.Format == JSON {
		return p.encode(r)
	}
	style, b := p.palette(p.out), &strings.Builder{}
	title := p.Lang.sayf("%s in %s runs %s", r.App+"/"+r.Service, r.Env, p.revision(r.Running))
	if r.State == deploy.DeployedBefore {
		title = p.Lang.sayf("%s in %s runs %s already: no change", r.App+"/"+r.Service, r.Env, p.revision(r.Running))
	}
	fmt.Fprintln(b, style.check(true), style.bold.Render(title))
	fmt.Fprintf(b, "  %s\n", p.Lang.sayf("%d of %d tasks run", r.Tasks, r.Wanted))
	if r.Warning != "" {
		fmt.Fprintf(b, "  %s %s\n", style.warn.Render("!"), r.Warning)
	}
	p.next(b, style, r.Next)
	_, err := io.WriteString(p.out, b.String())
	return err
}

// DeployFailure tells what AWS says of a deployment that does not run. With JSON,
// the outcome is written.
func (p *Printer) DeployFailure(r Deployment) error {
	r.Next = some(r.Next)
	if p.Format == JSON {
		return p.encode(r)
	}
	if r.Why == nil {
		return nil
	}
	for _, t := range r.Why.Tasks {
		p.Tell("task %s stopped: %s", t.ID, t.Reason)
		for _, c := range t.Containers {
			code := p.Lang.say("never started")
			if c.ExitCode != nil {
				code = p.Lang.sayf("exit code %d", *c.ExitCode)
			}
			p.tell("  " + c.Name + ": " + code + prefixed(", ", c.Reason))
		}
	}
	if len(r.Why.Log) > 0 {
		p.Tell("the last lines of its log:")
		for _, line := range r.Why.Log {
			p.tell("  | " + line)
		}
	}
	for _, unknown := range r.Why.Unknown {
		p.Tell("AWS refused to tell the %s", unknown)
	}
	return nil
}

// Running writes what the services of a client run: {"services": […]} as JSON, each
// {"client", "region", "app", "service", "env", "state", "running": {revision}, "tasks", "wanted", "since", "event"}.
// The states are not created, not ours, not deployed, deploying, running, tasks missing, scaled to 0 and failed.
func (p *Printer) Running(all []deploy.Running) error {
	if p.Format == JSON {
		return p.encode(map[string]any{"services": some(all)})
	}
	t := p.table(p.out, p.Lang.say("service"), p.Lang.say("environment"), p.Lang.say("image"), p.Lang.say("revision"), p.Lang.say("tasks"), p.Lang.say("state"), p.Lang.say("since (UTC)"))
	for _, r := range all {
		row := table.Row{r.App + "/" + r.Service, string(r.Env), "", "", fmt.Sprintf("%d/%d", r.Tasks, r.Wanted), p.Lang.say(r.State), ""}
		if r.Revision != nil {
			row[2], row[3] = r.Revision.Image, fmt.Sprint(r.Revision.Number)
			if r.Revision.Digest != "" {
				row[2] = imageName(r.Revision.Tag, r.Revision.Digest)
			}
			if r.Since != nil {
				row[6] = clock(*r.Since)
			}
		}
		t.AppendRow(row)
	}
	style, b := p.palette(p.out), &strings.Builder{}
	fmt.Fprintln(b, t.Render())
	for _, r := range all {
		if r.Event != "" {
			fmt.Fprintf(b, "  %s %s\n", style.warn.Render("!"), r.Event)
		}
	}
	_, err := io.WriteString(p.out, b.String())
	return err
}

// Deploys writes the revisions of a service, the newest first: {"client", "region",
// "app", "service", "env", "deploys": [revisions]} as JSON. Their states are running,
// deploying, failed, rolled back, ran and never ran.
func (p *Printer) Deploys(u cloud.Unit, all []*deploy.Revision) error {
	if p.Format == JSON {
		return p.encode(struct {
			cloud.Unit
			Deploys []*deploy.Revision `json:"deploys"`
		}{u, some(all)})
	}
	if len(all) == 0 {
		return p.Line("Nothing was deployed yet.")
	}
	t := p.table(p.out, p.Lang.say("revision"), p.Lang.say("image"), p.Lang.say("state"), p.Lang.say("registered (UTC)"), p.Lang.say("ran last (UTC)"), p.Lang.say("by"))
	moment := func(at *time.Time) string {
		if at == nil {
			return ""
		}
		return clock(*at)
	}
	for _, r := range all {
		image := r.Image
		if r.Digest != "" {
			image = imageName(r.Tag, r.Digest)
		}
		t.AppendRow(table.Row{fmt.Sprint(r.Number), image, p.Lang.say(r.State), moment(r.Registered), moment(r.Deployed), r.By[strings.LastIndex(r.By, ":")+1:]})
	}
	_, err := fmt.Fprintln(p.out, t.Render())
	return err
}
