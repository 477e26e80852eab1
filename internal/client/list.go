package client

import (
	"cmp"
	"context"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ListOptions are those of the client list command.
type ListOptions struct{ Region string }

// List shows the clients on AWS and in the spec directory.
func List(ctx context.Context, a *session.Session, o ListOptions) error {
	if err := session.CheckRegion(o.Region); err != nil {
		return err
	}
	if err := session.CheckAllFiles(a); err != nil {
		return err
	}
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	clients, err := op.Clients(ctx, session.RegionsAsked(o.Region)...)
	if err != nil {
		return err
	}
	return showList(a.Print, withSpecs(clients, session.SpecFiles(a.Conf.SpecDir), o.Region))
}

// withSpecs puts the clients on AWS and the files together.
func withSpecs(clients []cloud.Client, files []string, region string) []Listed {
	var out []Listed
	for _, c := range clients {
		out = append(out, Listed{Client: c, State: report.OnAWS})
	}
	for _, file := range files {
		s, err := spec.Load(file)
		if err != nil {
			out = append(out, Listed{Client: cloud.Client{Name: session.ClientOf(file), Slot: -1}, Spec: file, State: report.InvalidSpec})
			continue
		}
		i := slices.IndexFunc(out, func(l Listed) bool { return l.Name == s.Client && l.Region == s.Region })
		switch {
		case i >= 0:
			out[i].Spec = file
		case region == "" || region == s.Region:
			out = append(out, Listed{Client: cloud.Client{Name: s.Client, Region: s.Region, Slot: -1}, Spec: file, State: string(report.NotCreated)})
		}
	}
	slices.SortFunc(out, func(a, b Listed) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Region, b.Region))
	})
	return out
}
