package main

import (
	"fmt"
	"strings"

	"gitlab.com/cicd/cicdctl/examples"
)

const region = "eu-west-3"

// job is what is done in one account, in order.
type job struct {
	part    string // by which it can be left out
	name    string
	latency int      // milliseconds added to each answer
	holds   []string // see startMoto
	zone    string   // of Route 53, which is there
	files   map[string]string
	steps   []step
}

// step is one command, or several at once, and the row that it makes. A step without a row
// prepares the next ones.
type step struct {
	row      string
	commands [][]string
	exit     int
	bar      int    // calls at most; 0 for none
	push     string // tag of an image of ACME's that is there by then
}

func row(name, command string) step {
	return step{row: name, commands: [][]string{strings.Fields(command)}}
}

func (s step) within(calls int) step { s.bar = calls; return s }

func (s step) pushed(tag string) step { s.push = tag; return s }

// Rows by which others are worked out.
const (
	auditOfOne = "audit of one region, one client"
	auditOfTen = "audit of one region, ten clients"
)

// clients is how many an audit is measured with.
const clients = 10

const createACME = "client create ACME --region " + region + " --yes"

// jobs are all that is measured on moto.
func jobs(latency int) []job {
	others := step{}
	for i := range clients - 1 {
		others.commands = append(others.commands, strings.Fields(fmt.Sprintf("client create C%02d --region %s --yes", i+1, region)))
	}
	return []job{
		{part: "main", name: "the main job", latency: latency, steps: []step{
			row("create, default client, empty account", createACME).within(330),
			row("create again", "client create ACME --yes").within(90),
			row("plan without a change, default client", "client plan ACME").within(90),
			row("client show", "client show ACME"),
			row("client list", "client list"),
			row("backup-policy set (retention)", "backup-policy set ACME --retention-days 31 --yes"),
			row("backup-policy set again", "backup-policy set ACME --retention-days 31 --yes"),
			row("audit of all four regions, one client", "audit"),
			row("deploy to preview", "deploy ACME app/web --env preview --image v1 --yes").pushed("v1"),
			row("deploy to prod", "deploy ACME app/web --env prod --image v1 --yes"),
			row("destroy", "client destroy ACME --confirm ACME").within(200),
			row("destroy of a client that is gone", "client destroy ACME --confirm ACME"),
		}},
		{part: "sample", name: "the annotated sample", latency: latency, zone: "shop.example", files: map[string]string{"acme.yaml": string(examples.ACME)}, steps: []step{
			row("create, annotated sample (8 services)", "client create ACME --spec acme.yaml --yes"),
			row("plan without a change, annotated sample", "client plan ACME --spec acme.yaml"),
		}},
		{part: "services", name: "twelve services", latency: latency, files: map[string]string{"acme.yaml": withServices(12)}, steps: []step{
			row("create, 12 services", "client create ACME --spec acme.yaml --yes"),
		}},
		{part: "audit", name: "audits of ten clients", latency: latency, steps: []step{
			row("", createACME),
			row(auditOfOne, "audit --region "+region),
			others,
			row(auditOfTen, "audit --region "+region),
		}},
		{part: "slow", name: "what takes time", latency: latency, holds: []string{"CreateDBCluster=30", "CreateDBInstance=90", "CreateNatGateway=40", "CreateLoadBalancer=50"}, steps: []step{
			row("create where a cluster takes 30 s, an instance 90 s, NAT gateways 40 s, a load balancer 50 s", createACME),
		}},
		{part: "backups", name: "copies of the database", latency: latency, steps: []step{
			row("", createACME),
			row("backup restore --latest", "backup restore ACME --latest --as acme-copy --yes"),
			row("backup drill", "backup drill ACME --yes"),
			row("backup discard", "backup discard ACME acme-copy --confirm acme-copy"),
		}},
	}
}

// servicesOfApp is how many services an app gets: the policy of its pipeline has room for few.
const servicesOfApp = 4

// withServices is the spec of a client with some web services, each with its path.
func withServices(n int) string {
	text := &strings.Builder{}
	text.WriteString("client: ACME\nregion: " + region + "\nhosts: {instance_type: m6i.large, min: 3, max: 8}\napps:\n")
	for i := range n {
		if i%servicesOfApp == 0 {
			fmt.Fprintf(text, "  - name: app%d\n    services:\n", i/servicesOfApp)
		}
		fmt.Fprintf(text, "      - {name: s%[1]d, runtime: nodejs, path: /s%[1]d/*}\n", i)
	}
	return text.String()
}
