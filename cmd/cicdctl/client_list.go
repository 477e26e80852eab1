package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

type listOptions struct{ region string }

func newClientList(a *app) *cobra.Command {
	var o listOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the clients on AWS and in the spec directory",
		Long: `Lists the clients that have subnets in the four regions, and those whose spec file
is there but that were not created yet. It only reads.`,
		Example: `  cicdctl client list
  cicdctl client list --region eu-west-3 --output json`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return runClientList(cmd.Context(), a, o) },
	}
	regionFlag(cmd, &o.region, "only this region")
	return cmd
}

func runClientList(ctx context.Context, a *app, o listOptions) error {
	if err := checkRegion(o.region); err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	var regions []string
	for _, r := range rules.Regions() {
		if o.region == "" || o.region == r.Name {
			regions = append(regions, r.Name)
		}
	}
	clients, err := op.Clients(ctx, regions...)
	if err != nil {
		return err
	}
	return a.print.List(withSpecs(clients, specFiles(a.conf.SpecDir), o.region))
}

// withSpecs puts the clients on AWS and the files together.
func withSpecs(clients []cloud.Client, files []string, region string) []report.Listed {
	var out []report.Listed
	for _, c := range clients {
		out = append(out, report.Listed{Client: c, State: report.OnAWS})
	}
	for _, file := range files {
		s, err := spec.Load(file)
		if err != nil {
			out = append(out, report.Listed{Client: cloud.Client{Name: clientOf(file), Slot: -1}, Spec: file, State: report.InvalidSpec})
			continue
		}
		i := slices.IndexFunc(out, func(l report.Listed) bool { return l.Name == s.Client && l.Region == s.Region })
		switch {
		case i >= 0:
			out[i].Spec = file
		case region == "" || region == s.Region:
			out = append(out, report.Listed{Client: cloud.Client{Name: s.Client, Region: s.Region, Slot: -1}, Spec: file, State: string(report.NotCreated)})
		}
	}
	slices.SortFunc(out, func(a, b report.Listed) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Region, b.Region))
	})
	return out
}
