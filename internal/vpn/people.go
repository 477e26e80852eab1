package vpn

import (
	"cmp"
	"context"
	"errors"
	"math/big"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kms"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// endpoint is where the people of a client connect to, with what decides who may.
type endpoint struct {
	client, region string
	id             string // empty while there is none
	spec           *spec.Spec
	api            *awsapi.Set
	index          *awsapi.Document
}

// openEndpoint finds the endpoint of a client.
func openEndpoint(ctx context.Context, a *session.Session, name, region, file string) (*endpoint, error) {
	op, at, err := session.Locate(ctx, a, name, region, file)
	if err != nil {
		return nil, err
	}
	return findEndpoint(ctx, op, name, at.Region, at.Spec)
}

func findEndpoint(ctx context.Context, op *cloud.Operator, client, region string, s *spec.Spec) (*endpoint, error) {
	account, err := op.Account(ctx)
	if err != nil {
		return nil, err
	}
	e := &endpoint{client: client, region: region, spec: s, api: op.Factory.Set(region), index: s3.VPNIndex(account.API, account.Account, client, region)}
	for p := ec2.NewDescribeClientVpnEndpointsPaginator(e.api.EC2, &ec2.DescribeClientVpnEndpointsInput{}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, lang.Errorf("find the Client VPN endpoint of %s: %w", client, err)
		}
		for _, found := range page.ClientVpnEndpoints {
			tag := func(key string) string { return cloud.Tag(found.Tags, key) }
			gone := found.Status != nil && (found.Status.Code == ec2types.ClientVpnEndpointStatusCodeDeleted || found.Status.Code == ec2types.ClientVpnEndpointStatusCodeDeleting)
			if tag(provision.TagManagedBy) == provision.ManagedBy && tag(provision.TagClient) == client && tag(provision.TagRegion) == region && !gone {
				e.id = aws.ToString(found.ClientVpnEndpointId)
			}
		}
	}
	return e, nil
}

// Certificates are those of a client's people, by person; none without an endpoint. What a spec
// says of people is left out.
func Certificates(ctx context.Context, op *cloud.Operator, client, region string) ([]Person, error) {
	e, err := findEndpoint(ctx, op, client, region, nil)
	if err != nil || e.id == "" {
		return nil, err
	}
	return e.users(ctx)
}

// need refuses a client without an endpoint.
func (e *endpoint) need() error {
	if e.id != "" {
		return nil
	}
	return cloud.Guardf("%s has no Client VPN endpoint in %s: add vpn.openvpn to its spec and run cicdctl client create %s", e.client, e.region, e.client)
}

// authority is the client's, ready to sign.
func (e *endpoint) authority(ctx context.Context) (*pki.Authority, error) {
	authority, err := kms.AuthorityOf(ctx, e.api.KMS, rules.VPNKeyAlias(e.client), e.client, e.region)
	if err != nil {
		return nil, lang.Errorf("the certificate authority of %s: %w", e.client, err)
	}
	return authority, nil
}

// importList has the endpoint refuse what the index says is revoked.
func (e *endpoint) importList(ctx context.Context, authority *pki.Authority) error {
	now := time.Now().UTC()
	var number *big.Int
	var revoked []pki.Revoked
	above, err := e.listNumber(ctx, authority, now)
	if err != nil {
		return err
	}
	err = pki.Update(ctx, e.index, func(x *pki.Index) error {
		x.CRLNumber = max(x.CRLNumber, above)
		number, revoked = x.NextNumber(), x.Revoked()
		return nil
	})
	if err != nil {
		return lang.Errorf("number a revocation list of %s: %w", e.client, err)
	}
	text, err := authority.RevocationList(revoked, number, now)
	if err != nil {
		return err
	}
	_, err = e.api.EC2.ImportClientVpnClientCertificateRevocationList(ctx, &ec2.ImportClientVpnClientCertificateRevocationListInput{ClientVpnEndpointId: &e.id, CertificateRevocationList: aws.String(string(text))})
	if err != nil {
		return lang.Errorf("import the revocation list of %s: %w", e.client, err)
	}
	return nil
}

// listNumber is the number of the list that the endpoint has; 0 without one that is ours.
func (e *endpoint) listNumber(ctx context.Context, authority *pki.Authority, now time.Time) (uint64, error) {
	list, err := e.list(ctx, authority, now)
	if err != nil || list == nil || list.Number == nil {
		return 0, err
	}
	return list.Number.Uint64(), nil
}

// list is the endpoint's list of revoked certificates; nil when it has none that can be read.
func (e *endpoint) list(ctx context.Context, authority *pki.Authority, now time.Time) (*pki.List, error) {
	out, err := e.api.EC2.ExportClientVpnClientCertificateRevocationList(ctx, &ec2.ExportClientVpnClientCertificateRevocationListInput{ClientVpnEndpointId: &e.id})
	if awsapi.Is(err, awsapi.NotFound) || err == nil && aws.ToString(out.CertificateRevocationList) == "" {
		return nil, nil
	}
	if err != nil {
		return nil, lang.Errorf("read the revocation list of %s: %w", e.client, err)
	}
	list, err := pki.ParseRevocationList([]byte(aws.ToString(out.CertificateRevocationList)), authority.Certificate, now)
	if err != nil && !errors.Is(err, pki.ErrListExpired) && !errors.Is(err, pki.ErrListFuture) {
		return nil, nil // not ours: the next one takes its place
	}
	return &list, nil
}

// Session is a connection of a person. As JSON:
//
//	{"person": "alice", "id": "cvpn-connection-…", "since": "…", "address": "10.21.0.34", "in_bytes": 1, "out_bytes": 2}
type Session struct {
	Person  string `json:"person"`
	ID      string `json:"id"`
	Since   string `json:"since,omitempty"` // as AWS writes it, UTC
	Address string `json:"address,omitempty"`
	In      string `json:"in_bytes,omitempty"`
	Out     string `json:"out_bytes,omitempty"`
}

// sessions are the connections that are open.
func (e *endpoint) sessions(ctx context.Context) ([]Session, error) {
	var out []Session
	for p := ec2.NewDescribeClientVpnConnectionsPaginator(e.api.EC2, &ec2.DescribeClientVpnConnectionsInput{ClientVpnEndpointId: &e.id}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, lang.Errorf("list the sessions of %s: %w", e.client, err)
		}
		for _, c := range page.Connections {
			if c.Status != nil && c.Status.Code != ec2types.ClientVpnConnectionStatusCodeActive {
				continue
			}
			out = append(out, Session{
				Person: aws.ToString(c.CommonName), ID: aws.ToString(c.ConnectionId), Since: aws.ToString(c.ConnectionEstablishedTime),
				Address: aws.ToString(c.ClientIp), In: aws.ToString(c.IngressBytes), Out: aws.ToString(c.EgressBytes),
			})
		}
	}
	slices.SortFunc(out, func(a, b Session) int { return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Since, b.Since)) })
	return out, nil
}

// end ends the sessions of a person, and returns how many there were.
func (e *endpoint) end(ctx context.Context, person string) (int, error) {
	all, err := e.sessions(ctx)
	if err != nil {
		return 0, err
	}
	ended := 0
	for _, s := range all {
		if s.Person != person {
			continue
		}
		_, err := e.api.EC2.TerminateClientVpnConnections(ctx, &ec2.TerminateClientVpnConnectionsInput{ClientVpnEndpointId: &e.id, ConnectionId: &s.ID})
		if err := awsapi.IgnoreNotFound(err); err != nil {
			return ended, lang.Errorf("end the session %s of %s: %w", s.ID, person, err)
		}
		ended++
	}
	return ended, nil
}
