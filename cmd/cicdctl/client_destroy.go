package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
)

type destroyOptions struct {
	name, region, confirm string
	purge                 bool
}

func newClientDestroy(a *app) *cobra.Command {
	var o destroyOptions
	cmd := &cobra.Command{
		Use:   "destroy NAME",
		Short: "Remove a client, keeping its data",
		Long: `Removes what a client has on AWS, after showing the plan and asking for the name
to be typed. The spec file is not needed when --region is given, and stays.

Data is kept: a last snapshot of the database is taken, and buckets with objects
and the keys that everything is encrypted with remain. Archives and monthly copies
stay until they expire, on the date that is shown. --purge-data removes all of it
too, for good. Destroying what is gone already is no error.

It never removes anything without the client's tags, nor what clients share.`,
		Example: `  cicdctl client destroy ACME
  cicdctl client destroy ACME --region eu-west-3 --confirm ACME
  cicdctl client destroy ACME --purge-data`,
		Args:              named("NAME"),
		ValidArgsFunction: a.clientNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return runClientDestroy(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.region, "region of the client (that of its spec file, or where it is found)")
	cmd.Flags().StringVar(&o.confirm, "confirm", "", "the client's name, instead of typing it")
	cmd.Flags().BoolVar(&o.purge, "purge-data", false, "remove the data as well: buckets, snapshots, keys")
	return cmd
}

func runClientDestroy(ctx context.Context, a *app, o destroyOptions) error {
	if err := checkClient(o.name); err != nil {
		return err
	}
	if err := checkRegion(o.region); err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	region, err := a.regionOf(ctx, op, o)
	if err != nil {
		return err
	}
	if region == "" {
		return a.print.Success(a.print.Sayf("nothing of %s is on AWS", o.name), report.Outcome{OK: true, Plan: report.NewPlan(o.name, "", nil)})
	}
	run, err := op.Remove(ctx, o.name, region, o.purge)
	if err != nil {
		return err
	}
	return a.remove(ctx, run, removal{
		name: o.name, confirm: o.confirm,
		again:   a.next("client destroy %s --region %s", o.name, region),
		purge:   a.next("client destroy %s --region %s --purge-data", o.name, region),
		nothing: a.print.Sayf("nothing of %s is left to remove in %s", o.name, region),
		done:    func(count string) string { return a.print.Sayf("%s is removed from %s: %s", o.name, region, count) },
		after:   func() ([]string, error) { return a.afterDestroy(ctx, op, o.name, region) },
	})
}

// regionOf settles where the client is: --region, its spec, or wherever it is found.
func (a *app) regionOf(ctx context.Context, op *cloud.Operator, o destroyOptions) (string, error) {
	if o.region != "" {
		return o.region, nil // the file does not matter, not even when it is broken
	}
	file, s, err := a.loadSpec(o.name, "")
	switch {
	case err != nil:
		return "", &fixed{err, "say where " + o.name + " is with --region; " + file + " is then not read"}
	case s != nil:
		return s.Region, nil
	default:
		return findClient(ctx, op, o.name)
	}
}

// afterDestroy says what the spec file is for now, and what still costs money.
func (a *app) afterDestroy(ctx context.Context, op *cloud.Operator, name, region string) ([]string, error) {
	var next []string
	if file := a.specFile(name); fileExists(file) {
		next = append(next, a.print.Sayf("%s still describes %s: %s builds it again; remove the file when it is no longer needed", file, name, a.next("client create %s", name)))
	}
	left, err := op.Clients(ctx, region)
	if err == nil && len(left) == 0 {
		next = append(next, a.print.Sayf("no client is left in %s: %s removes its network, whose NAT gateways cost money", region, a.next("region destroy %s", region)))
	}
	return next, err
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// removal is what the removals of clients and of regions have in common.
type removal struct {
	name    string // to be typed
	confirm string // --confirm
	again   string // the command itself
	purge   string // the command that removes what was kept
	nothing string // what to say when nothing is left
	done    func(count string) string
	after   func() ([]string, error)
}

// purging says how what was kept can go: by itself, and for good.
func (a *app) purging(r removal, kept []provision.Change) []string {
	var last time.Time
	for _, c := range kept {
		if c.Until != nil && c.Until.After(last) {
			last = *c.Until
		}
	}
	steps := []string{a.print.Sayf("%s removes what was kept, for good", r.purge)}
	if !last.IsZero() {
		steps = append(steps, a.print.Sayf("copies expire by themselves until %s; after that, %s removes what held them", last.Format(time.DateOnly), r.again))
	}
	return steps
}

func (a *app) remove(ctx context.Context, run *cloud.Run, r removal) error {
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	out := report.Outcome{Plan: a.planReport(run, plan), OK: true, Kept: report.Kept(plan)}
	if plan.Mutations() == 0 {
		if len(out.Kept) > 0 {
			out.Next = a.purging(r, out.Kept)
		}
		return a.print.Success(r.nothing, out)
	}
	if a.print.Format == report.Text || r.confirm == "" {
		if err := a.print.ShowPlan(out.Plan); err != nil {
			return err
		}
	}
	if err := plan.Refused(); err != nil {
		return err
	}
	if err := a.typed(ctx, r.name, r.confirm); err != nil {
		return err
	}
	out.OK = false
	done, count, err := a.carryOut(ctx, run, plan, &out)
	if err != nil {
		return err
	}
	out.Kept = report.Kept(done)
	if out.Next, err = r.after(); err != nil {
		return err
	}
	if len(out.Kept) > 0 {
		out.Next = append(a.purging(r, out.Kept), out.Next...)
	}
	return a.print.Success(r.done(count), out)
}
