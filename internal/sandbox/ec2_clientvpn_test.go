package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/pki"
)

// vpnWorld is a VPC with a certificate authority and an imported certificate.
type vpnWorld struct {
	*certificates
	authority   *pki.Authority
	certificate *string
	vpc         *string
	subnets     []*string // two in one zone, one in another
	group       *string
}

func newVPNWorld(t *testing.T) *vpnWorld {
	t.Helper()
	w := &vpnWorld{certificates: newCertificates(t, Options{})}
	ctx := t.Context()
	key := must[*kms.CreateKeyOutput](t)(w.api.KMS.CreateKey(ctx, &kms.CreateKeyInput{KeySpec: kmstypes.KeySpecRsa2048, KeyUsage: kmstypes.KeyUsageTypeSignVerify}))
	signer, err := awsapi.Signer(ctx, w.api.KMS, *key.KeyMetadata.Arn)
	if err != nil {
		t.Fatal(err)
	}
	if w.authority, err = pki.NewAuthority(signer, "ACME", "eu-west-3", time.Now()); err != nil {
		t.Fatal(err)
	}
	if w.certificate, err = w.bring(w.server("acme.vpn.test")); err != nil {
		t.Fatal(err)
	}
	w.vpc = must[*ec2.CreateVpcOutput](t)(w.api.EC2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.20.0.0/16")})).Vpc.VpcId
	for cidr, zone := range map[string]string{"10.20.0.0/21": "eu-west-3a", "10.20.8.0/21": "eu-west-3a", "10.20.16.0/21": "eu-west-3b"} {
		w.subnets = append(w.subnets, must[*ec2.CreateSubnetOutput](t)(w.api.EC2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: w.vpc, CidrBlock: &cidr, AvailabilityZone: &zone})).Subnet.SubnetId)
		if zone == "eu-west-3b" { // at the end
			last := len(w.subnets) - 1
			w.subnets[0], w.subnets[last] = w.subnets[last], w.subnets[0]
		}
	}
	w.subnets[0], w.subnets[2] = w.subnets[2], w.subnets[0]
	w.group = must[*ec2.CreateSecurityGroupOutput](t)(w.api.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: w.vpc, GroupName: aws.String("vpn"), Description: aws.String("vpn")})).GroupId
	must[*cloudwatchlogs.CreateLogGroupOutput](t)(w.api.Logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/vpn")}))
	return w
}

// server is an import of a certificate that the authority has signed.
func (w *vpnWorld) server(name string) *acm.ImportCertificateInput {
	w.Helper()
	certificate, key, err := w.authority.Server(name, time.Now(), pki.NewKey)
	if err != nil {
		w.Fatal(err)
	}
	return &acm.ImportCertificateInput{Certificate: certificate, PrivateKey: key, CertificateChain: w.authority.PEM()}
}

// selfSigned is a certificate without an authority, whose name is no domain.
func selfSigned(t *testing.T, name string) *acm.ImportCertificateInput {
	t.Helper()
	key := must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0)}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return &acm.ImportCertificateInput{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		PrivateKey:  pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
	}
}

func (w *vpnWorld) bring(in *acm.ImportCertificateInput) (*string, error) {
	out, err := w.api.ACM.ImportCertificate(w.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.CertificateArn, nil
}

func (w *vpnWorld) asked() *ec2.CreateClientVpnEndpointInput {
	return &ec2.CreateClientVpnEndpointInput{
		ClientCidrBlock: aws.String("10.21.0.0/22"), ServerCertificateArn: w.certificate, VpcId: w.vpc, SecurityGroupIds: []string{*w.group}, ClientToken: aws.String("first"),
		AuthenticationOptions: []types.ClientVpnAuthenticationRequest{{
			Type:                 types.ClientVpnAuthenticationTypeCertificateAuthentication,
			MutualAuthentication: &types.CertificateAuthenticationRequest{ClientRootCertificateChainArn: w.certificate},
		}},
		ConnectionLogOptions: &types.ConnectionLogOptions{Enabled: aws.Bool(true), CloudwatchLogGroup: aws.String("/vpn")},
	}
}

func (w *vpnWorld) create(in *ec2.CreateClientVpnEndpointInput) (*string, error) {
	out, err := w.api.EC2.CreateClientVpnEndpoint(w.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.ClientVpnEndpointId, nil
}

func (w *vpnWorld) endpoint() *string {
	w.Helper()
	return must[*string](w.T)(w.create(w.asked()))
}

// shown is the endpoint as a list tells it; nil when it tells of none.
func (w *vpnWorld) shown(id *string) *types.ClientVpnEndpoint {
	w.Helper()
	for p := ec2.NewDescribeClientVpnEndpointsPaginator(w.api.EC2, &ec2.DescribeClientVpnEndpointsInput{}); p.HasMorePages(); {
		for _, e := range must[*ec2.DescribeClientVpnEndpointsOutput](w.T)(p.NextPage(w.Context())).ClientVpnEndpoints {
			if *e.ClientVpnEndpointId == *id {
				return &e
			}
		}
	}
	return nil
}

func (w *vpnWorld) associate(id, subnet *string) error {
	_, err := w.api.EC2.AssociateClientVpnTargetNetwork(w.Context(), &ec2.AssociateClientVpnTargetNetworkInput{ClientVpnEndpointId: id, SubnetId: subnet})
	return err
}

// networks looks often enough for all associations to come and go.
func (w *vpnWorld) networks(id *string) []types.TargetNetwork {
	w.Helper()
	var out []types.TargetNetwork
	for range 10 {
		out = nil
		for p := ec2.NewDescribeClientVpnTargetNetworksPaginator(w.api.EC2, &ec2.DescribeClientVpnTargetNetworksInput{ClientVpnEndpointId: id}); p.HasMorePages(); {
			out = append(out, must[*ec2.DescribeClientVpnTargetNetworksOutput](w.T)(p.NextPage(w.Context())).ClientVpnTargetNetworks...)
		}
	}
	return out
}

func TestClientVPNRefuses(t *testing.T) {
	t.Parallel()
	w := newVPNWorld(t)
	nameless, err := w.bring(selfSigned(t, "acme"))
	if err != nil {
		t.Fatal(err)
	}
	waiting := w.request("acme.example")
	with := func(change func(*ec2.CreateClientVpnEndpointInput)) error {
		in := w.asked()
		in.ClientToken = nil
		change(in)
		_, err := w.create(in)
		return err
	}
	id := w.endpoint()
	if again := w.endpoint(); *again != *id {
		t.Errorf("the same token made %s and %s", *id, *again)
	}
	if err := w.associate(id, w.subnets[0]); err != nil {
		t.Fatal(err)
	}
	for why, c := range map[string]struct {
		err  error
		code string
	}{
		"too many addresses":             {with(func(in *ec2.CreateClientVpnEndpointInput) { in.ClientCidrBlock = aws.String("10.0.0.0/11") }), "InvalidParameterValue"},
		"too few addresses":              {with(func(in *ec2.CreateClientVpnEndpointInput) { in.ClientCidrBlock = aws.String("10.21.0.0/23") }), "InvalidParameterValue"},
		"addresses of the VPC":           {with(func(in *ec2.CreateClientVpnEndpointInput) { in.ClientCidrBlock = aws.String("10.20.4.0/22") }), "InvalidParameterValue"},
		"a certificate without a domain": {with(func(in *ec2.CreateClientVpnEndpointInput) { in.ServerCertificateArn = nameless }), "InvalidParameterValue"},
		"a certificate not yet issued":   {with(func(in *ec2.CreateClientVpnEndpointInput) { in.ServerCertificateArn = waiting }), "InvalidParameterValue"},
		"a session of 9 hours":           {with(func(in *ec2.CreateClientVpnEndpointInput) { in.SessionTimeoutHours = aws.Int32(9) }), "InvalidParameterValue"},
		"a log group that is not there": {with(func(in *ec2.CreateClientVpnEndpointInput) {
			in.ConnectionLogOptions.CloudwatchLogGroup = aws.String("/x")
		}), "InvalidParameterValue"},
		"groups without a VPC": {with(func(in *ec2.CreateClientVpnEndpointInput) { in.VpcId = nil }), "MissingParameter"},
		"the token for another endpoint": {with(func(in *ec2.CreateClientVpnEndpointInput) {
			in.ClientToken, in.ClientCidrBlock = aws.String("first"), aws.String("10.22.0.0/22")
		}), "IdempotentParameterMismatch"},
		"the same subnet twice":     {w.associate(id, w.subnets[0]), "InvalidClientVpnDuplicateAssociationException"},
		"another of the same zone":  {w.associate(id, w.subnets[1]), "InvalidClientVpnSubnetId.DuplicateAz"},
		"a subnet that isn't there": {w.associate(id, aws.String("subnet-0")), "InvalidClientVpnSubnetId.NotFound"},
		"an endpoint of nobody's":   {w.associate(aws.String("cvpn-endpoint-0"), w.subnets[0]), "InvalidClientVpnEndpointId.NotFound"},
		"a certificate in use": {func() error {
			_, err := w.api.ACM.DeleteCertificate(t.Context(), &acm.DeleteCertificateInput{CertificateArn: w.certificate})
			return err
		}(), "ResourceInUseException"},
		"an endpoint with associations": {func() error {
			_, err := w.api.EC2.DeleteClientVpnEndpoint(t.Context(), &ec2.DeleteClientVpnEndpointInput{ClientVpnEndpointId: id})
			return err
		}(), "IncorrectState"},
		"the route of an association": {func() error {
			_, err := w.api.EC2.DeleteClientVpnRoute(t.Context(), &ec2.DeleteClientVpnRouteInput{ClientVpnEndpointId: id, DestinationCidrBlock: aws.String("10.20.0.0/16"), TargetVpcSubnetId: w.subnets[0]})
			return err
		}(), "OperationNotPermitted"},
		"a list that is none": {func() error {
			_, err := w.api.EC2.ImportClientVpnClientCertificateRevocationList(t.Context(), &ec2.ImportClientVpnClientCertificateRevocationListInput{ClientVpnEndpointId: id, CertificateRevocationList: aws.String(string(w.authority.PEM()))})
			return err
		}(), "InvalidParameterValue"},
		"a sixth endpoint": {func() (err error) {
			for err == nil {
				err = with(func(*ec2.CreateClientVpnEndpointInput) {})
			}
			return err
		}(), "ClientVpnEndpointLimitExceeded"},
	} {
		if got := awsapi.Code(c.err); got != c.code {
			t.Errorf("%s: %v, want %s", why, c.err, c.code)
		}
	}
}

// An association is there after some looks and takes its network interface with it when it
// goes; only then can the endpoint, its certificate, its group and its subnet be deleted.
func TestClientVPNLives(t *testing.T) {
	t.Parallel()
	w := newVPNWorld(t)
	ctx, id := t.Context(), w.endpoint()
	w.shown(id) // lists hear of it late
	if e := w.shown(id); e.Status.Code != types.ClientVpnEndpointStatusCodePendingAssociate || aws.ToString(e.SelfServicePortalUrl) == "" || *e.SplitTunnel {
		t.Errorf("a new endpoint is %+v, want AWS's defaults", e)
	}
	if err := w.associate(id, w.subnets[0]); err != nil {
		t.Fatal(err)
	}
	if e := w.shown(id); e.Status.Code != types.ClientVpnEndpointStatusCodePendingAssociate {
		t.Errorf("while it associates it is %s", e.Status.Code)
	}
	networks := w.networks(id)
	if len(networks) != 1 || networks[0].Status.Code != types.AssociationStatusCodeAssociated || w.shown(id).Status.Code != types.ClientVpnEndpointStatusCodeAvailable {
		t.Fatalf("associations: %+v", networks)
	}
	drop := func() error {
		_, err := w.api.EC2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: w.group})
		return err
	}
	if err := drop(); awsapi.Code(err) != "DependencyViolation" {
		t.Errorf("delete the group of an endpoint: %v", err)
	}
	must[*ec2.DisassociateClientVpnTargetNetworkOutput](t)(w.api.EC2.DisassociateClientVpnTargetNetwork(ctx, &ec2.DisassociateClientVpnTargetNetworkInput{ClientVpnEndpointId: id, AssociationId: networks[0].AssociationId}))
	if left := w.networks(id); len(left) > 0 {
		t.Errorf("after disassociation: %+v", left)
	}
	must[*ec2.DeleteClientVpnEndpointOutput](t)(w.api.EC2.DeleteClientVpnEndpoint(ctx, &ec2.DeleteClientVpnEndpointInput{ClientVpnEndpointId: id}))
	for range 10 {
		w.shown(id)
	}
	if e := w.shown(id); e != nil {
		t.Errorf("the endpoint is still %s", e.Status.Code)
	}
	var err error
	for range 20 { // the network interface outlives it
		if err = drop(); err == nil {
			break
		}
	}
	if err != nil {
		t.Error(err)
	}
}

func TestClientVPNListsAndConnections(t *testing.T) {
	t.Parallel()
	w := newVPNWorld(t)
	ctx, id := t.Context(), w.endpoint()
	export := func() *ec2.ExportClientVpnClientCertificateRevocationListOutput {
		return must[*ec2.ExportClientVpnClientCertificateRevocationListOutput](t)(w.api.EC2.ExportClientVpnClientCertificateRevocationList(ctx, &ec2.ExportClientVpnClientCertificateRevocationListInput{ClientVpnEndpointId: id}))
	}
	if out := export(); out.CertificateRevocationList != nil {
		t.Error("there is a list before one was imported")
	}
	text, err := w.authority.RevocationList([]pki.Revoked{{Serial: big.NewInt(7), At: time.Now(), Expires: time.Now().AddDate(1, 0, 0)}}, big.NewInt(1), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	must[*ec2.ImportClientVpnClientCertificateRevocationListOutput](t)(w.api.EC2.ImportClientVpnClientCertificateRevocationList(ctx, &ec2.ImportClientVpnClientCertificateRevocationListInput{ClientVpnEndpointId: id, CertificateRevocationList: aws.String(string(text))}))
	if out := export(); *out.CertificateRevocationList != string(text) || out.Status.Code != types.ClientCertificateRevocationListStatusCodePending {
		t.Errorf("right after the import: %s", out.Status.Code)
	}
	export()
	if out := export(); out.Status.Code != types.ClientCertificateRevocationListStatusCodeActive {
		t.Errorf("after some looks: %s", out.Status.Code)
	}
	config := *must[*ec2.ExportClientVpnClientConfigurationOutput](t)(w.api.EC2.ExportClientVpnClientConfiguration(ctx, &ec2.ExportClientVpnClientConfigurationInput{ClientVpnEndpointId: id})).ClientConfiguration
	for _, line := range []string{"client\n", "proto udp\n", "remote " + *id + ".prod.clientvpn.eu-west-3.amazonaws.com 443\n", "remote-random-hostname\n", "BEGIN CERTIFICATE"} {
		if !strings.Contains(config, line) {
			t.Errorf("the configuration lacks %q:\n%s", line, config)
		}
	}
	if err := w.account.byHandIn("eu-west-3", func(tx *tx) error {
		tx.ec2().ClientVPNs[0].V.Connections = []types.ClientVpnConnection{
			{ConnectionId: aws.String("c-1"), CommonName: aws.String("alice"), Status: &types.ClientVpnConnectionStatus{Code: types.ClientVpnConnectionStatusCodeActive}},
			{ConnectionId: aws.String("c-2"), CommonName: aws.String("bob"), Status: &types.ClientVpnConnectionStatus{Code: types.ClientVpnConnectionStatusCodeActive}},
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	ended := must[*ec2.TerminateClientVpnConnectionsOutput](t)(w.api.EC2.TerminateClientVpnConnections(ctx, &ec2.TerminateClientVpnConnectionsInput{ClientVpnEndpointId: id, ConnectionId: aws.String("c-1")}))
	if len(ended.ConnectionStatuses) != 1 {
		t.Errorf("ended %d connections, want one", len(ended.ConnectionStatuses))
	}
	var active []string
	for p := ec2.NewDescribeClientVpnConnectionsPaginator(w.api.EC2, &ec2.DescribeClientVpnConnectionsInput{ClientVpnEndpointId: id}); p.HasMorePages(); {
		for _, c := range must[*ec2.DescribeClientVpnConnectionsOutput](t)(p.NextPage(ctx)).Connections {
			if c.Status.Code == types.ClientVpnConnectionStatusCodeActive {
				active = append(active, *c.CommonName)
			}
		}
	}
	if strings.Join(active, " ") != "bob" {
		t.Errorf("%v are still connected", active)
	}
}

// ACM looks at what it is given, and keeps the ARN of what is imported again.
func TestCertificatesAreImported(t *testing.T) {
	t.Parallel()
	w := newVPNWorld(t)
	strange, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := pki.NewAuthority(strange, "OTHER", "eu-west-3", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	tag := []acmtypes.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
	for why, change := range map[string]func(*acm.ImportCertificateInput){
		"no certificate":         func(in *acm.ImportCertificateInput) { in.Certificate = []byte("none") },
		"another's key":          func(in *acm.ImportCertificateInput) { in.PrivateKey = w.server("b.test").PrivateKey },
		"another's chain":        func(in *acm.ImportCertificateInput) { in.CertificateChain = other.PEM() },
		"no chain":               func(in *acm.ImportCertificateInput) { in.CertificateChain = nil },
		"a certificate too many": func(in *acm.ImportCertificateInput) { in.Certificate = append(in.Certificate, in.CertificateChain...) },
		"tags for what is there": func(in *acm.ImportCertificateInput) { in.CertificateArn, in.Tags = w.certificate, tag },
	} {
		in := w.server("acme.vpn.test")
		change(in)
		if _, err := w.bring(in); awsapi.Code(err) != "ValidationException" {
			t.Errorf("%s: %v, want a refusal", why, err)
		}
	}
	in := w.server("again.vpn.test")
	in.CertificateArn = w.certificate
	if arn, err := w.bring(in); err != nil || *arn != *w.certificate {
		t.Fatalf("imported again: %v", err)
	}
	if d := w.look(w.certificate); d.Type != acmtypes.CertificateTypeImported || *d.DomainName != "again.vpn.test" || d.KeyAlgorithm != acmtypes.KeyAlgorithmRsa2048 {
		t.Errorf("it is %+v", d)
	}
	got := must[*acm.GetCertificateOutput](t)(w.api.ACM.GetCertificate(t.Context(), &acm.GetCertificateInput{CertificateArn: w.certificate}))
	if *got.Certificate != string(in.Certificate) || *got.CertificateChain != string(in.CertificateChain) {
		t.Error("another certificate comes back")
	}
}
