package sandbox

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// What people have to do with an endpoint: its revocation list, the configuration of
// their programs, and their connections.

// maxRevoked is how many entries a list may have (Client VPN administrator guide, "Quotas").
const maxRevoked = 20000

func registerClientVPNPeople(a *Account) {
	endpoints := on(a, ec2.ServiceID, (*tx).clientVPN)
	changeable := on(a, ec2.ServiceID, (*tx).changeableClientVPN)
	// A list replaces the one before it as a whole, and no operation takes it away. Client
	// VPN looks neither at who has signed it nor at its dates: a wrong one shuts everybody out.
	opOn(changeable, func(in *ec2.ImportClientVpnClientCertificateRevocationListInput) *string {
		return in.ClientVpnEndpointId
	}, func(t *tx, r *row[clientVPN], in *ec2.ImportClientVpnClientCertificateRevocationListInput) (*ec2.ImportClientVpnClientCertificateRevocationListOutput, error) {
		block, _ := pem.Decode([]byte(aws.ToString(in.CertificateRevocationList)))
		if block == nil {
			return nil, apiError("InvalidParameterValue", "The certificate revocation list is not valid PEM")
		}
		list, err := x509.ParseRevocationList(block.Bytes)
		if err != nil || len(list.RevokedCertificateEntries) > maxRevoked {
			return nil, apiError("InvalidParameterValue", "The certificate revocation list is invalid")
		}
		r.V.CRL, r.V.CRLLooks = *in.CertificateRevocationList, t.opts.Looks
		return &ec2.ImportClientVpnClientCertificateRevocationListOutput{Return: aws.Bool(true)}, nil
	})
	opOn(endpoints, func(in *ec2.ExportClientVpnClientCertificateRevocationListInput) *string {
		return in.ClientVpnEndpointId
	}, func(_ *tx, r *row[clientVPN], _ *ec2.ExportClientVpnClientCertificateRevocationListInput) (*ec2.ExportClientVpnClientCertificateRevocationListOutput, error) {
		if r.V.CRL == "" {
			return &ec2.ExportClientVpnClientCertificateRevocationListOutput{}, nil
		}
		status := types.ClientCertificateRevocationListStatusCodeActive
		if r.V.CRLLooks > 0 {
			r.V.CRLLooks--
			status = types.ClientCertificateRevocationListStatusCodePending
		}
		return &ec2.ExportClientVpnClientCertificateRevocationListOutput{
			CertificateRevocationList: aws.String(r.V.CRL), Status: &types.ClientCertificateRevocationListStatus{Code: status},
		}, nil
	})
	opOn(endpoints, func(in *ec2.ExportClientVpnClientConfigurationInput) *string { return in.ClientVpnEndpointId }, func(t *tx, r *row[clientVPN], _ *ec2.ExportClientVpnClientConfigurationInput) (*ec2.ExportClientVpnClientConfigurationOutput, error) {
		d := r.V.Detail
		server, err := t.certificate(d.ServerCertificateArn)
		if err != nil {
			return nil, apiError("InvalidParameterValue", "Certificate %s does not exist", aws.ToString(d.ServerCertificateArn))
		}
		// As AWS writes it: the name stands without the label that the client makes up.
		text := fmt.Sprintf("client\ndev tun\nproto %s\nremote %s %d\nremote-random-hostname\nresolv-retry infinite\nnobind\nremote-cert-tls server\ncipher AES-256-GCM\nverb 3\n<ca>\n%s\n</ca>\n\nreneg-sec 0\n",
			d.TransportProtocol, (*d.DnsName)[len("*."):], *d.VpnPort, server.V.Chain)
		return &ec2.ExportClientVpnClientConfigurationOutput{ClientConfiguration: &text}, nil
	})
	opOn(endpoints, func(in *ec2.DescribeClientVpnConnectionsInput) *string { return in.ClientVpnEndpointId }, func(t *tx, r *row[clientVPN], in *ec2.DescribeClientVpnConnectionsInput) (*ec2.DescribeClientVpnConnectionsOutput, error) {
		var all []types.ClientVpnConnection
		for _, c := range r.V.Connections {
			ok, err := matches(in.Filters, nil, attributes{"connection-id": {aws.ToString(c.ConnectionId)}, "username": {aws.ToString(c.Username)}})
			if err != nil {
				return nil, err
			}
			if ok {
				all = append(all, c)
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &ec2.DescribeClientVpnConnectionsOutput{Connections: part, NextToken: next}, err
	})
	opOn(endpoints, func(in *ec2.TerminateClientVpnConnectionsInput) *string { return in.ClientVpnEndpointId }, func(_ *tx, r *row[clientVPN], in *ec2.TerminateClientVpnConnectionsInput) (*ec2.TerminateClientVpnConnectionsOutput, error) {
		if (in.ConnectionId == nil) == (in.Username == nil) {
			return nil, apiError("InvalidParameterCombination", "Either a connection or a user name must be given")
		}
		out := &ec2.TerminateClientVpnConnectionsOutput{ClientVpnEndpointId: in.ClientVpnEndpointId, Username: in.Username}
		for i := range r.V.Connections {
			c := &r.V.Connections[i]
			meant := in.ConnectionId != nil && aws.ToString(c.ConnectionId) == *in.ConnectionId || in.Username != nil && aws.ToString(c.Username) == *in.Username
			if !meant || c.Status == nil || c.Status.Code != types.ClientVpnConnectionStatusCodeActive {
				continue
			}
			was := *c.Status
			c.Status = &types.ClientVpnConnectionStatus{Code: types.ClientVpnConnectionStatusCodeTerminated}
			out.ConnectionStatuses = append(out.ConnectionStatuses, types.TerminateConnectionStatus{ConnectionId: c.ConnectionId, PreviousStatus: &was, CurrentStatus: &types.ClientVpnConnectionStatus{Code: types.ClientVpnConnectionStatusCodeTerminating}})
		}
		if len(out.ConnectionStatuses) == 0 && in.ConnectionId != nil {
			return nil, apiError("InvalidClientVpnConnection.IdNotFound", "Connection %s does not exist", *in.ConnectionId)
		}
		return out, nil
	})
}
