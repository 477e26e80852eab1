package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// place is an account in which the client lives its life.
type place struct {
	options
	name  string // "aws" or "sandbox"
	cfg   aws.Config
	dir   string   // where recordings and the client's file are
	flags []string // of every command
	steps []stepDone
}

// stepDone is a step that ended well.
type stepDone struct {
	Name string
	Took time.Duration
}

func newPlace(o options, name string, cfg aws.Config) *place {
	return &place{options: o, name: name, cfg: cfg, dir: filepath.Join(o.out, name)}
}

// sandbox makes the place the account inside the program.
func (p *place) sandbox() error {
	file := filepath.Join(p.dir, "account.json")
	if err := errors.Join(os.RemoveAll(p.dir), os.MkdirAll(p.dir, 0o750)); err != nil {
		return err
	}
	account, err := sandbox.New(sandbox.Options{Path: file})
	if err != nil {
		return err
	}
	p.flags, p.cfg = []string{"--sandbox-file", file}, aws.Config{Region: p.region}
	account.Install(&p.cfg)
	p.push = func(_ context.Context, _ aws.Config, repository, tag string) error {
		_, err := account.Push(p.region, repository, tag, sandbox.ImageManifest(tag, sandbox.ImageFate{}))
		return err
	}
	return nil
}

// specText is the smallest client that cicdctl builds and audits find nothing in.
const specText = `client: %s
region: %s
network: {nat: single}
hosts: {instance_type: m6i.large, min: 1, max: 2}
database: {engine: aurora-postgresql, class: db.t4g.medium, instances: 2}
backup: {retention_days: 30}
apps:
  - name: app
    services:
      - {name: web, runtime: apache}
`

// retiredService is the line of a service that is taken out again while its tasks run.
const retiredService = "      - {name: old, runtime: nodejs, path: /old/*}\n"

// vacant refuses a region that holds a client, or shared things of one.
func (p *place) vacant(ctx context.Context) error {
	if err := errors.Join(os.RemoveAll(p.dir), os.MkdirAll(filepath.Join(p.dir, "clients"), 0o750)); err != nil {
		return err
	}
	out, err := p.output(ctx, "client", "list", "--region", p.region, "--output", "json")
	if err != nil {
		return err
	}
	var list struct {
		Clients []struct {
			Name string `json:"name"`
		} `json:"clients"`
	}
	if err := json.Unmarshal(out, &list); err != nil {
		return fmt.Errorf("read the list of clients: %w", err)
	}
	for _, c := range list.Clients {
		if c.Name != p.client { // one of an acceptance that was stopped goes on
			return fmt.Errorf("%w: client %s lives in %s; try in a region without clients, which this removes at its end", errRefused, c.Name, p.region)
		}
	}
	return nil
}

// live takes the client through its life; confirmed is asked once the plan was shown.
func (p *place) live(ctx context.Context, confirmed func() error) error {
	if err := os.MkdirAll(filepath.Dir(p.spec()), 0o750); err != nil {
		return err
	}
	if err := p.describe(retiredService); err != nil {
		return err
	}
	for _, s := range p.life(confirmed) {
		start := time.Now()
		if err := s.do(ctx); err != nil {
			return fmt.Errorf("%s: %s: %w", p.name, s.name, err)
		}
		took := time.Since(start)
		p.steps = append(p.steps, stepDone{s.name, took})
		p.say("  ok  %-44s %8s\n", s.name, took.Round(100*time.Millisecond))
	}
	return nil
}

// describe writes the client's file, with further services.
func (p *place) describe(services string) error {
	return os.WriteFile(p.spec(), append(fmt.Appendf(nil, specText, p.client, p.region), services...), 0o600)
}

// spec is the client's file.
func (p *place) spec() string {
	return filepath.Join(p.dir, "clients", strings.ToLower(p.client)+".yaml")
}

// step is one thing that happens in a client's life.
type step struct {
	name string
	do   func(context.Context) error
}

// tag is the image's in the client's repository.
const tag = "acceptance-1"

// life is what happens, in order. Every command is recorded under its step's name.
func (p *place) life(confirmed func() error) []step {
	c, audit := p.client, []string{"audit", "--region", p.region}
	return []step{
		p.command("doctor", 0, "doctor", "--region", p.region),
		{"plan", func(ctx context.Context) error {
			out, err := p.run(ctx, "plan", 3, "client", "plan", c)
			if err == nil && p.name == "aws" {
				p.say("%s\n%s\n", out, costText)
			}
			return err
		}},
		{"confirm", func(context.Context) error { return confirmed() }},
		p.command("create", 0, "client", "create", c, "--yes"),
		p.command("plan after create", 0, "client", "plan", c),
		p.command("audit", 0, audit...),
		{"change a value by hand", p.tamper},
		p.command("plan after the change", 3, "client", "plan", c),
		p.command("heal", 0, "client", "create", c, "--yes"),
		p.command("plan after healing", 0, "client", "plan", c),
		p.command("set the backup policy", 0, "backup-policy", "set", c, "--retention-days", "31", "--yes"),
		{"push the images", func(ctx context.Context) error {
			repository := strings.ToLower(c) + "/app-"
			return errors.Join(p.push(ctx, p.cfg, repository+"web", tag), p.push(ctx, p.cfg, repository+"old", tag))
		}},
		p.command("deploy", 0, "deploy", c, "app/web", "--env", "preview", "--image", tag, "--yes"),
		p.command("plan after the deploy", 0, "client", "plan", c),
		p.command("audit after the deploy", 0, audit...),
		p.command("deploy the second service", 0, "deploy", c, "app/old", "--env", "preview", "--image", tag, "--yes"),
		p.command("deploy it to production", 0, "deploy", c, "app/old", "--env", "prod", "--image", tag, "--yes"),
		{"take its line out of the spec", func(context.Context) error { return p.describe("") }},
		p.command("create without consent to the removal", 4, "client", "create", c, "--yes"),
		{"see that nothing was changed", p.running},
		p.command("create with consent", 0, "client", "create", c, "--yes", "--remove", "app/old"),
		p.command("plan after the removal", 0, "client", "plan", c),
		{"disable the client's key by hand", p.disableKey},
		p.command("plan with the key disabled", 3, "client", "plan", c),
		p.command("heal the key", 0, "client", "create", c, "--yes"),
		p.command("audit after healing the key", 0, audit...),
		p.command("destroy but for the data", 0, "client", "destroy", c, "--confirm", c),
		{"restore from the final snapshot", p.restore},
		p.command("plan after the restore", 0, "client", "plan", c),
		p.command("audit after the restore", 0, audit...),
		p.command("destroy", 0, "client", "destroy", c, "--confirm", c, "--purge-data"),
		p.command("destroy the region", 0, "region", "destroy", p.region, "--confirm", p.region, "--purge-data"),
		p.command("destroy again", 0, "client", "destroy", c, "--region", p.region, "--confirm", c, "--purge-data"),
		{"sweep", p.sweep},
	}
}

// command is a step that runs cicdctl.
func (p *place) command(name string, exit int, args ...string) step {
	return step{name, func(ctx context.Context) error {
		_, err := p.run(ctx, name, exit, args...)
		return err
	}}
}

// recordingOf is the file with what a step said to AWS.
func (p *place) recordingOf(step string) string {
	return filepath.Join(p.dir, strings.ReplaceAll(step, " ", "-")+".jsonl")
}

// run runs cicdctl, recorded, and wants an exit code.
func (p *place) run(ctx context.Context, step string, exit int, args ...string) ([]byte, error) {
	return p.exec(ctx, exit, slices.Concat(args, []string{"--record", p.recordingOf(step)}))
}

// output runs cicdctl unrecorded.
func (p *place) output(ctx context.Context, args ...string) ([]byte, error) {
	return p.exec(ctx, 0, args)
}

// gracePeriod is how long cicdctl may take to come to an orderly end.
const gracePeriod = 2 * time.Minute

func (p *place) exec(ctx context.Context, exit int, args []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, p.tool, slices.Concat(args, p.flags)...)
	cmd.Dir, cmd.WaitDelay = p.dir, gracePeriod
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "CICDCTL_LANGUAGE=en")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		return nil, fmt.Errorf("run %s: %w", p.tool, err)
	}
	if got := cmd.ProcessState.ExitCode(); got != exit {
		return nil, fmt.Errorf("cicdctl %s ended with %d, want %d: %w\n%s%s", strings.Join(args, " "), got, exit, errors.Join(err, ctx.Err()), stdout.String(), stderr.String())
	}
	return []byte(stdout.String()), nil
}

// tampered is a retention, in days, that cicdctl gives to no log group.
const tampered = 3

// tamper changes a value as a person at the console would: harmless, and undone by healing.
func (p *place) tamper(ctx context.Context) error {
	group := "/cicdctl/" + strings.ToLower(p.client) + "/app-web"
	_, err := cloudwatchlogs.NewFromConfig(p.cfg).PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &group, RetentionInDays: aws.Int32(tampered)})
	return err
}

// running fails unless all four tasks of the service that left the spec still run.
func (p *place) running(ctx context.Context) error {
	out, err := p.run(ctx, "plan the removal", 3, "client", "plan", p.client)
	for _, env := range []string{"prod", "preview"} {
		if want := "tasks running in " + env + ": 2"; err == nil && !strings.Contains(string(out), want) {
			err = fmt.Errorf("the plan does not say %q:\n%s", want, out)
		}
	}
	return err
}

// disableKey does what locks the database and its backups.
func (p *place) disableKey(ctx context.Context) error {
	alias := "alias/cicdctl/client/" + strings.ToLower(p.client)
	client := kms.NewFromConfig(p.cfg)
	key, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &alias})
	if err != nil {
		return err
	}
	_, err = client.DisableKey(ctx, &kms.DisableKeyInput{KeyId: key.KeyMetadata.KeyId})
	return err
}

// restore makes the destroyed client again from the snapshot that the destroy left.
func (p *place) restore(ctx context.Context) error {
	out, err := p.run(ctx, "list the backups", 0, "backup", "list", p.client, "--output", "json")
	if err != nil {
		return err
	}
	var backups struct {
		Points []struct{ Kind, Source string }
	}
	if err := json.Unmarshal(out, &backups); err != nil {
		return fmt.Errorf("read the list of backups: %w", err)
	}
	for _, point := range backups.Points {
		if point.Kind == "snapshot" {
			_, err := p.run(ctx, "restore", 0, "backup", "restore", p.client, "--from", point.Source, "--yes")
			return err
		}
	}
	return fmt.Errorf("no final snapshot is left:\n%s", out)
}

// sweep looks for anything that is left in the region.
func (p *place) sweep(ctx context.Context) error {
	if err := os.Remove(p.spec()); err != nil { // an audit misses clients that have a file
		return err
	}
	out, err := p.run(ctx, "sweep", 0, "audit", "--region", p.region, "--output", "json")
	if err != nil {
		return err
	}
	var found struct {
		Clients  []any `json:"clients"`
		Findings []any `json:"findings"`
	}
	if err := json.Unmarshal(out, &found); err != nil {
		return fmt.Errorf("read the audit: %w", err)
	}
	if len(found.Clients)+len(found.Findings) > 0 {
		return fmt.Errorf("something is left:\n%s", out)
	}
	return nil
}

// dockerPush pulls the image and pushes it to ECR, as an operator would.
func dockerPush(image string) push {
	return func(ctx context.Context, cfg aws.Config, repository, tag string) error {
		target, login, err := ecrLogin(ctx, cfg, repository)
		if err != nil {
			return err
		}
		target += ":" + tag
		for _, each := range []struct {
			stdin string
			args  []string
		}{
			{"", []string{"pull", image}},
			{login, []string{"login", "--username", "AWS", "--password-stdin", target}},
			{"", []string{"tag", image, target}},
			{"", []string{"push", target}},
		} {
			cmd := exec.CommandContext(ctx, "docker", each.args...)
			cmd.Stdin = strings.NewReader(each.stdin)
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("docker %s: %w: %s", each.args[0], err, out)
			}
		}
		return nil
	}
}
