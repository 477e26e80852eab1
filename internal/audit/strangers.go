package audit

import (
	"cmp"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Findings about VPNs that somebody has added by hand to what all clients share.
const (
	strangeSite        = "CICD-IPSEC-14"
	strangeSiteTitle   = "Only clients' sites are at the VPN gateway"
	strangeSiteWhy     = "the gateway sends traffic to the longest prefix of all its connections, and whoever is behind one reaches what network ACLs and security groups let in"
	strangePeople      = "CICD-VPN-9"
	strangePeopleTitle = "Only clients' endpoints let people into the VPC"
	strangePeopleWhy   = "whoever has a certificate of its authority has an address of the VPC, from where network ACLs and security groups alone keep the others' clients"
)

// entrance is a resource by which traffic comes into another one.
type entrance interface{ Entrance() (kind, id string) }

// strangers finds VPN connections at cicdctl's gateway and Client VPN endpoints in its VPC
// that are not cicdctl's. No plan speaks of them, because none of their names is wanted.
func (a *auditing) strangers(survey *provision.Survey) {
	type place struct{ kind, region, id string }
	var others []*provision.Resource
	for r := range survey.Found() {
		if _, enters := r.Object.(entrance); enters && r.State != provision.Gone && r.State != provision.Deleting && r.Tags[provision.TagManagedBy] != provision.ManagedBy && !a.blind(r.Region) {
			others = append(others, r)
		}
	}
	if len(others) == 0 {
		return // as nearly always
	}
	ours := map[place]bool{}
	for r := range survey.Found() {
		if r.Tags[provision.TagManagedBy] == provision.ManagedBy {
			ours[place{r.Type.Name, r.Region, r.ID}] = true
		}
	}
	for _, r := range others {
		kind, id := r.Object.(entrance).Entrance()
		if !ours[place{kind, r.Region, id}] {
			continue
		}
		f := judge.Finding{
			ID: strangeSite, Severity: rules.High, Title: strangeSiteTitle, Why: strangeSiteWhy, Region: r.Region, Resource: r.Type.Name + " " + r.ID,
			Is: lang.Sprintf("at %s, not made by cicdctl (%s)", id, cmp.Or(r.Tags["Name"], lang.Say("without a name"))), Should: "not there",
			Fix: lang.Sprintf("find out who made it, then: aws ec2 delete-vpn-connection --region %s --vpn-connection-id %s", r.Region, r.ID),
		}
		if r.Type.Name != vpnKind {
			f.ID, f.Title, f.Why = strangePeople, strangePeopleTitle, strangePeopleWhy
			f.Fix = lang.Sprintf("find out who made it, take it out of its subnets, then: aws ec2 delete-client-vpn-endpoint --region %s --client-vpn-endpoint-id %s", r.Region, r.ID)
		}
		a.Findings = append(a.Findings, f)
	}
}
