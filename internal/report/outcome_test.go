package report_test

import (
	"testing"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/report/reporttest"
)

func TestOutcomes(t *testing.T) {
	reporttest.Variants(t, map[string]func(*report.Printer) error{
		"region": func(p *report.Printer) error {
			return p.Region(report.Region{
				Region: "eu-west-3", City: "Paris", State: report.Pending, Slots: 10, Clients: []cloud.Client{{Name: "ACME", Region: "eu-west-3", Slot: 1}},
				Differences: []provision.Change{{Op: provision.OpUpdate, Kind: "ec2/vpc", Scope: provision.ScopeRef{Level: provision.RegionLevel, Name: "eu-west-3"}, Role: "vpc", ID: "vpc-1", Diffs: []provision.Diff{{Field: "DNS hostnames", Have: "false", Want: "true"}}}},
				Resources:   []provision.Held{{Kind: "ec2/elastic-ip", Scope: provision.ScopeRef{Level: provision.RegionLevel, Name: "eu-west-3"}, Role: "nat-a", ID: "eipalloc-1", State: "ready", Facts: []provision.Fact{{Name: "address", Value: "192.0.2.1"}}}},
			})
		},
		"success": func(p *report.Printer) error {
			return p.Success("ACME is removed from eu-west-3: 45 deleted (12m3s)", report.Outcome{Kept: []provision.Change{{Op: provision.OpRetain, Kind: "s3/bucket", Scope: provision.ScopeRef{Level: provision.ClientLevel, Name: "ACME"}, Role: "shop", ID: "acme-shop-123456789012-eu-west-3-an", Why: "holds data; --purge-data removes it"}}, Next: []string{"cicdctl client destroy ACME --region eu-west-3 --purge-data"}})
		},
	})
}
