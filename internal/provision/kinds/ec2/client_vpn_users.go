package ec2

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
)

// Who has certificates. A user who is no longer in the spec is let in no more: all of the
// user's certificates are revoked in the index, which is saved before a list with them is
// imported. Stopped in between, the list lacks them, and the next run makes another. A user
// who comes back gets a new certificate: a revoked one stays so.

// holdersText is the people with certificates, one a line: "bob: 2 certificates".
func (c *clientVPN) holdersText() string {
	return holdersOf(c.holders, slices.Sorted(maps.Keys(c.holders)))
}

func holdersOf(holders map[string]int, people []string) string {
	return kit.LinesOf(people, func(person string) string {
		return person + ": " + kit.Many(holders[person], "certificate")
	})
}

// Holders are the people with certificates, sorted.
func (c *clientVPN) Holders() []string { return slices.Sorted(maps.Keys(c.holders)) }

// gone are the people with certificates who are not in the spec, sorted.
func (c *clientVPN) gone(d wantClientVPN) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.holders)), func(person string) bool { return slices.Contains(d.users, person) })
}

// wantHolders leaves everybody of the spec what they have: certificates are given by hand.
func wantHolders(s *provision.Step, d wantClientVPN) string {
	c, ok := provision.Lookup[*clientVPN](s, "ec2/client-vpn-endpoint", kit.VPNRole)
	if !ok {
		return provision.Keep
	}
	gone := c.gone(d)
	return holdersOf(c.holders, slices.DeleteFunc(slices.Sorted(maps.Keys(c.holders)), func(person string) bool { return slices.Contains(gone, person) }))
}

// revokeOthers revokes all that the people have whom the plan has shown, and imports a list
// that says so. Where the list differs already, its own field does that.
func revokeOthers(ctx context.Context, s *provision.Step, d wantClientVPN, c *clientVPN) error {
	err := pki.Update(ctx, s3.VPNIndex(s.Home(), s.Account, s.Client, s.Region), func(x *pki.Index) error {
		for _, person := range c.gone(d) {
			x.Revoke(person, s.Now)
		}
		return nil
	})
	if err != nil || c.list != listInOrder {
		return err
	}
	return importList(ctx, s, d, c)
}

// endSessions ends the connections of people whose last certificate was revoked since the
// endpoint's list was made. They could connect again until AWS has taken the next one.
func endSessions(ctx context.Context, s *provision.Step, c *clientVPN, index *pki.Index) error {
	holders, out := index.Holders(s.Now), map[string]bool{}
	for _, e := range index.Entries {
		if e.State == pki.StateRevoked && holders[e.Person] == 0 && s.Now.Before(e.Expires) && (c.read == nil || !c.read.Has(e.Serial)) {
			out[e.Person] = true
		}
	}
	if len(out) == 0 {
		return nil
	}
	p := ec2.NewDescribeClientVpnConnectionsPaginator(s.API.EC2, &ec2.DescribeClientVpnConnectionsInput{ClientVpnEndpointId: c.ClientVpnEndpointId})
	open, err := kit.All(ctx, p, func(o *ec2.DescribeClientVpnConnectionsOutput) []ec2types.ClientVpnConnection { return o.Connections })
	if err != nil {
		return err
	}
	return kit.Each(open, func(each ec2types.ClientVpnConnection) error {
		if !out[aws.ToString(each.CommonName)] || each.Status != nil && each.Status.Code != ec2types.ClientVpnConnectionStatusCodeActive {
			return nil
		}
		return awsapi.IgnoreNotFound(kit.Do(ctx, s.API.EC2.TerminateClientVpnConnections, &ec2.TerminateClientVpnConnectionsInput{ClientVpnEndpointId: c.ClientVpnEndpointId, ConnectionId: each.ConnectionId}))
	})
}
