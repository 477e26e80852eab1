package account

import (
	"testing"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/report/reporttest"
)

func TestDoctor(t *testing.T) {
	reporttest.Variants(t, map[string]func(*report.Printer) error{
		"doctor": func(p *report.Printer) error {
			h := &Health{
				Identity: awsapi.Identity{Account: "123456789012", ARN: "arn:aws:iam::123456789012:user/eve"}, Region: "eu-west-3", Slots: 10,
				Admins:   []string{"arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:user/eve"},
				Auditors: []string{"arn:aws:iam::123456789012:role/audit", "arn:aws:iam::123456789012:role/*/audit"},
				Zones:    []provision.Zone{{Name: "eu-west-3a", ID: "euw3-az1"}},
				Clients:  []cloud.Client{{Name: "ACME"}},
				Room: cloud.Room{Quotas: []cloud.QuotaCheck{
					{Name: "VPCs per region", Code: "L-1", Region: "eu-west-3", Used: 4, Needed: 1, Allowed: 5},
					{Name: "Elastic IPs", Code: "L-2", Region: "eu-west-3", Used: 4, Needed: 3, Allowed: 5},
					{Name: "NAT gateways per AZ", Code: "L-3", Region: "eu-west-3", Used: 0, Needed: 1, Unknown: "access denied"},
					{Name: "NAT gateways per availability zone", Code: "L-4", Region: "eu-west-3", Place: "eu-west-3a", Needed: 1, Most: 1, Allowed: 5},
					{Name: "vCPUs", Code: "L-5", Region: "eu-west-3", Used: 0, Needed: 6, Most: 12, Allowed: 8},
				}, Offers: []cloud.OfferCheck{
					{Type: "m6i.large", Region: "eu-west-3", Lacking: []string{}, Offered: []string{"eu-west-3a", "eu-west-3b"}},
					{Type: "db.r6g.large", Engine: "aurora-postgresql 16", Region: "eu-west-3", Lacking: []string{"eu-west-3a"}, Offered: []string{"eu-west-3b"}},
					{Type: "db.t4g.large", Engine: "aurora-postgresql 16", Region: "eu-west-3", Lacking: []string{}, Offered: []string{}, Unknown: "access denied"},
				}},
			}
			return showDoctor(p, diagnosis(p, h, nil))
		},
		"doctor-no-auditors": func(p *report.Printer) error {
			h := &Health{Region: "eu-west-3", Slots: 10, Admins: []string{"arn:aws:iam::123456789012:root"}, Auditors: []string{}, Zones: []provision.Zone{{Name: "eu-west-3a", ID: "euw3-az1"}}}
			return showDoctor(p, diagnosis(p, h, nil))
		},
	})
}
