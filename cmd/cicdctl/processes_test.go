package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// desk is where several operators work in one sandbox at the same time, each
// command a process of its own.
type desk struct {
	t    *testing.T
	dir  string
	file string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	dir := t.TempDir()
	return &desk{t, dir, filepath.Join(dir, "account.json")}
}

// command is the program (see TestMain), ready to be started.
func (d *desk) command(args ...string) (*exec.Cmd, *strings.Builder) {
	said := &strings.Builder{}
	cmd := exec.CommandContext(d.t.Context(), "cicdctl", append(args, "--sandbox-file", d.file)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = d.dir, said, said
	cmd.Env = append(os.Environ(), "HOME="+d.dir, "LANG=C.UTF-8")
	return cmd, said
}

// run runs the program and fails unless it exits with the code.
func (d *desk) run(want int, args ...string) string {
	d.t.Helper()
	cmd, said := d.command(args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		d.t.Errorf("%v: %v", args, err)
	} else if got := cmd.ProcessState.ExitCode(); got != want {
		d.t.Errorf("%v: exit code %d, want %d:\n%s", args, got, want, said)
	}
	return said.String()
}

func (d *desk) create(want int, name string) string {
	d.t.Helper()
	return d.run(want, "client", "create", name, "--region", "eu-west-3", "--yes")
}

// together does all of it at the same time.
func together(do ...func()) {
	var wg sync.WaitGroup
	for _, f := range do {
		wg.Go(f)
	}
	wg.Wait()
}

// wantNothingDouble reads the account's file: the shared things are there once,
// and what belongs to the clients once for each.
func (d *desk) wantNothingDouble(clients int) {
	d.t.Helper()
	data, err := os.ReadFile(d.file)
	if err != nil {
		d.t.Fatal(err)
	}
	var account struct {
		EC2, KMS, ECS, RDS, ELB, SQS, SNS, Scheduler, Backup, CloudWatch, CloudTrail map[string]map[string]json.RawMessage
		S3, IAM                                                                      map[string]json.RawMessage
	}
	if err := json.Unmarshal(data, &account); err != nil {
		d.t.Fatal(err)
	}
	const region = "eu-west-3"
	for _, each := range []struct {
		service     string
		things      map[string]json.RawMessage
		list        string
		shared, own int // own: per client
	}{
		{"EC2", account.EC2[region], "VPCs", 1, 0},
		{"EC2", account.EC2[region], "InternetGateways", 1, 0},
		{"EC2", account.EC2[region], "Addresses", 3, 0},
		{"EC2", account.EC2[region], "NATs", 3, 0},
		{"EC2", account.EC2[region], "Endpoints", 1, 0},
		{"EC2", account.EC2[region], "FlowLogs", 1, 0},
		{"EC2", account.EC2[region], "Subnets", 3, 3},
		{"EC2", account.EC2[region], "ACLs", 2, 1},        // one is the VPC's own
		{"EC2", account.EC2[region], "RouteTables", 2, 3}, // one is the VPC's own
		{"EC2", account.EC2[region], "Groups", 1, 4},      // one is the VPC's own
		{"KMS", account.KMS[region], "Keys", 3, 2},
		{"S3", account.S3, "Buckets", 3, 2},
		{"IAM", account.IAM, "Roles", 7, 7}, // four are those of AWS's services
		{"ECS", account.ECS[region], "Definitions", 0, 2},
		{"ECS", account.ECS[region], "Services", 0, 2},
		{"ELB", account.ELB[region], "Balancers", 0, 1},
		{"RDS", account.RDS[region], "Clusters", 0, 1},
		{"RDS", account.RDS[region], "Instances", 0, 2},
		{"Backup", account.Backup[region], "Vaults", 1, 0},
		{"Backup", account.Backup[region], "Plans", 1, 0},
		{"SQS", account.SQS[region], "Queues", 0, 1},
		{"SNS", account.SNS[region], "Topics", 2, 1},
		{"CloudWatch", account.CloudWatch[region], "Alarms", 14, 22},
		{"CloudTrail", account.CloudTrail[region], "Trails", 1, 0},
		{"Scheduler", account.Scheduler[region], "Groups", 1, 1}, // one is the account's own
	} {
		var found []json.RawMessage
		if err := json.Unmarshal(each.things[each.list], &found); err != nil {
			d.t.Errorf("%s %s: %v", each.service, each.list, err)
		} else if want := each.shared + clients*each.own; len(found) != want {
			d.t.Errorf("%d %s %s, want %d", len(found), each.service, each.list, want)
		}
	}
}

func names(count int) []string {
	out := make([]string, count)
	for i := range out {
		out[i] = fmt.Sprintf("CLIENT-%d", i+1)
	}
	return out
}

// TestManyClientsAtOnce fills an empty account's region with clients, all at once.
func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	clients, places := names(10), 10
	if testing.Short() {
		clients = names(3)
	}
	d := newDesk(t)
	var creates, plans []func()
	for _, name := range clients {
		creates = append(creates, func() { d.create(session.ExitDone, name) })
		plans = append(plans, func() { d.run(session.ExitDone, "client", "plan", name) })
	}
	together(creates...)
	d.wantNothingDouble(len(clients))
	together(plans...)
	var list struct {
		Clients []struct {
			Name string
			Slot int
		}
	}
	if err := json.Unmarshal([]byte(d.run(session.ExitDone, "client", "list", "-o", "json")), &list); err != nil {
		t.Fatal(err)
	}
	holders := map[int]string{}
	for _, c := range list.Clients {
		if other := holders[c.Slot]; other != "" || c.Slot < 0 || c.Slot >= places {
			t.Errorf("%s is in slot %d, %q too", c.Name, c.Slot, other)
		}
		holders[c.Slot] = c.Name
	}
	if len(holders) != len(clients) {
		t.Errorf("%d clients are listed, want %d: %v", len(holders), len(clients), holders)
	}
	if len(clients) == places {
		if said := d.create(session.ExitNoSlot, "CLIENT-11"); !strings.Contains(said, "add a /16 to pools in the configuration (such as 10.21.0.0/16)") {
			t.Errorf("no way out is told:\n%s", said)
		}
		d.wantNothingDouble(places)
	}
}

func TestSameClientTwiceAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	together(func() { d.create(session.ExitDone, "ACME") }, func() { d.create(session.ExitDone, "ACME") })
	d.wantNothingDouble(1)
	d.run(session.ExitDone, "client", "plan", "ACME")
}

// TestKilledProcesses kills processes at all sorts of moments, such as while they
// write the file; what is run then finishes the work.
func TestKilledProcesses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	clients := names(2)
	for moment := 50 * time.Millisecond; moment < 500*time.Millisecond; moment += 75 * time.Millisecond {
		var kills []func()
		for _, name := range clients {
			kills = append(kills, func() {
				cmd, _ := d.command("client", "create", name, "--region", "eu-west-3", "--yes")
				if err := cmd.Start(); err != nil {
					t.Error(err)
					return
				}
				time.Sleep(moment)
				_ = cmd.Process.Kill() // it may have come to its end
				_ = cmd.Wait()         // tells that it was killed
			})
		}
		together(kills...)
		if _, err := sandbox.New(sandbox.Options{Path: d.file}); err != nil {
			t.Fatalf("after a kill: %v", err)
		}
	}
	together(func() { d.create(session.ExitDone, clients[0]) }, func() { d.create(session.ExitDone, clients[1]) })
	d.wantNothingDouble(len(clients))
	for _, name := range clients {
		d.run(session.ExitDone, "client", "plan", name)
	}
}
