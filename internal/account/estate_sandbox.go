package account

import (
	"context"
	"fmt"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// EstateOptions are those of the sandbox's estate command.
type EstateOptions struct {
	Clients int
	Region  string
}

// MostClients is how many clients an estate may have in a region: with five /16
// pools, which is AWS's limit of CIDRs for a VPC.
const MostClients = 50

// Simulated is the result of the sandbox commands other than push, each of which has some of these.
type Simulated struct {
	Domain  string `json:"domain,omitempty"`
	Zone    string `json:"zone,omitempty"`  // its ID
	Quota   string `json:"quota,omitempty"` // its name
	Code    string `json:"code,omitempty"`
	Value   uint64 `json:"value,omitempty"`
	Clients int    `json:"clients,omitempty"` // how many were made
}

// SandboxEstate fills the sandbox with clients.
func SandboxEstate(ctx context.Context, a *session.Session, o EstateOptions) error {
	if a.Sandbox() == "" {
		return session.Usagef("add --sandbox", "this is for the sandbox only")
	}
	if o.Clients < 1 || o.Clients > MostClients {
		return session.Usagef("", "--clients %d is not within 1-%d", o.Clients, MostClients)
	}
	if err := session.CheckRegion(o.Region); err != nil {
		return err
	}
	about, err := a.About()
	if err != nil {
		return err
	}
	if err := a.CheckAllowed(o.Region); err != nil {
		return err
	}
	n := 0
	for _, region := range rules.Regions() {
		if o.Region != "" && o.Region != region.Name || !slices.Contains(about.Regions, region.Name) {
			continue
		}
		for range o.Clients {
			n++
			if err := inhabit(ctx, a, fmt.Sprintf("CLIENT%d", n), region.Name); err != nil {
				return err
			}
		}
	}
	return a.Print.Says(Simulated{Clients: n}, "%d {client is|clients are} in the sandbox", n)
}

// inhabit builds one client, without a question and without its plan.
func inhabit(ctx context.Context, a *session.Session, name, region string) error {
	t, run, plan, err := session.PlanFor(ctx, a, name, region, "")
	if err != nil {
		return err
	}
	if err := plan.Refused(); err != nil {
		return err
	}
	if err := session.WriteSpec(a, t); err != nil {
		return err
	}
	if plan.Settled() {
		return nil
	}
	if _, err := run.Apply(ctx, plan, a.Signals.Stop, nil); err != nil {
		return err
	}
	a.Print.Tell("%s is ready in %s", name, region)
	return nil
}
