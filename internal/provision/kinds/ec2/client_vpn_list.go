package ec2

import (
	"context"
	"math/big"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/acm"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kms"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
)

// The revocation list of an endpoint. AWS takes any list and lets nobody in over a wrong
// one, so each is checked before it is imported; and a list can be replaced but not
// removed, so that each one that ends needs another.

const (
	listInOrder = "names every revoked certificate, valid for 90 days at least"
	noList      = "none"
	// goneEndpoint is told when the endpoint itself is no longer there.
	goneEndpoint = "InvalidClientVpnEndpointId.NotFound"
)

// describeClientVPN reads what lists of endpoints leave out.
func describeClientVPN(ctx context.Context, w *provision.Sweep, c *clientVPN) (err error) {
	if c.networks, err = networksOf(ctx, w.EC2, c.ClientVpnEndpointId); err != nil {
		return err
	}
	if c.rules, err = rulesOf(ctx, w.EC2, c.ClientVpnEndpointId); err != nil {
		return err
	}
	if c.routes, err = routesOf(ctx, w.EC2, c.ClientVpnEndpointId); err != nil {
		return err
	}
	text, err := listOf(ctx, w.EC2, c.ClientVpnEndpointId)
	if err != nil {
		return err
	}
	index, err := s3.ReadVPNIndex(ctx, w.Home, w.Account, Tags.Of(c.ClientVpnEndpoint.Tags)[provision.TagClient], w.Region)
	if awsapi.Is(err, awsapi.NotFound) { // the bucket, which is told by itself
		c.list = provision.Keep
		return nil
	}
	if err != nil {
		return err
	}
	if c.indexed = index != nil; c.indexed {
		c.holders = index.Holders(time.Now())
	}
	if text == "" {
		c.list = noList
		return nil
	}
	return c.judge(ctx, w, text, index)
}

// listOf is the text of the list; empty when none was ever imported.
func listOf(ctx context.Context, api awsapi.EC2, endpoint *string) (string, error) {
	in := &ec2.ExportClientVpnClientCertificateRevocationListInput{ClientVpnEndpointId: endpoint}
	text, err := kit.Get(ctx, api.ExportClientVpnClientCertificateRevocationList, in, func(o *ec2.ExportClientVpnClientCertificateRevocationListOutput) string {
		return aws.ToString(o.CertificateRevocationList)
	})
	if awsapi.Is(err, awsapi.NotFound) && awsapi.Code(err) != goneEndpoint {
		return "", nil
	}
	return text, err
}

// judge says what is to be said of the list, which must be of the authority of the people.
func (c *clientVPN) judge(ctx context.Context, w *provision.Sweep, text string, index *pki.Index) error {
	c.list = provision.Keep // what is wrong with the certificate or the key is told of these
	server, err := acm.Read(ctx, w, c.root())
	if err != nil || server.Authority == nil {
		return awsapi.IgnoreNotFound(err)
	}
	same, _, err := kms.Signs(ctx, w, Tags.Of(c.ClientVpnEndpoint.Tags)[provision.TagClient], server.Authority)
	if err != nil || !same {
		return err
	}
	now := time.Now()
	list, unfit := pki.ParseRevocationList([]byte(text), server.Authority, now)
	if unfit == nil {
		c.read = &list
	}
	c.list = listText(list, unfit, index, now)
	return nil
}

// root is the certificate whose authority is that of the people.
func (c *clientVPN) root() string {
	for _, a := range c.AuthenticationOptions {
		if a.MutualAuthentication != nil {
			return aws.ToString(a.MutualAuthentication.ClientRootCertificateChain)
		}
	}
	return aws.ToString(c.ServerCertificateArn)
}

func listText(list pki.List, unfit error, index *pki.Index, now time.Time) string {
	if unfit != nil {
		return "unfit: " + unfit.Error()
	}
	if index != nil {
		if missing := len(list.Lacks(index.Revoked(), now)); missing > 0 {
			return "lacks " + kit.Many(missing, "revoked certificate")
		}
	}
	if list.Due(now) {
		return "valid until " + list.NextUpdate.Format(time.DateOnly)
	}
	return listInOrder
}

// wantList wants a list as soon as somebody has a certificate, or is to have one.
func wantList(s *provision.Step, d wantClientVPN) string {
	c, ok := provision.Lookup[*clientVPN](s, "ec2/client-vpn-endpoint", kit.VPNRole)
	if len(d.users) == 0 && (!ok || !c.indexed && c.list == noList) {
		return provision.Keep
	}
	return listInOrder
}

// importList signs a list of what is revoked by now and imports it.
func importList(ctx context.Context, s *provision.Step, _ wantClientVPN, c *clientVPN) error {
	index, err := s3.ReadVPNIndex(ctx, s.Home(), s.Account, s.Client, s.Region)
	if err != nil {
		return err
	}
	if index == nil {
		index = &pki.Index{}
	}
	if err := endSessions(ctx, s, c, index); err != nil {
		return err
	}
	number := new(big.Int).SetUint64(index.CRLNumber)
	if c.read != nil && c.read.Number.Cmp(number) > 0 {
		number.Set(c.read.Number)
	}
	authority, err := kms.Authority(ctx, s)
	if err != nil {
		return err
	}
	text, err := authority.RevocationList(index.Revoked(), number.Add(number, big.NewInt(1)), s.Now)
	if err != nil {
		return err
	}
	return kit.Do(ctx, s.API.EC2.ImportClientVpnClientCertificateRevocationList, &ec2.ImportClientVpnClientCertificateRevocationListInput{
		ClientVpnEndpointId: c.ClientVpnEndpointId, CertificateRevocationList: aws.String(string(text)),
	})
}
