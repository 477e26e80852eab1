package mototest

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// requested is a request for a certificate of a client's.
func requested(token, domain string) *acm.RequestCertificateInput {
	return &acm.RequestCertificateInput{
		DomainName: &domain, IdempotencyToken: &token, ValidationMethod: acmtypes.ValidationMethodDns,
		Tags: []acmtypes.Tag{{Key: aws.String("cicdctl:client"), Value: aws.String("ACME")}},
	}
}

// issued is a certificate that moto has issued by itself, after about a second.
func issued(t *testing.T, client *acm.Client, domain string) *string {
	t.Helper()
	arn := must[*acm.RequestCertificateOutput](t)(client.RequestCertificate(t.Context(), requested("issued"+strings.ReplaceAll(domain, ".", ""), domain))).CertificateArn
	const patience = 30 * time.Second
	waiter := acm.NewCertificateValidatedWaiter(client, func(o *acm.CertificateValidatedWaiterOptions) {
		o.MinDelay, o.MaxDelay = 200*time.Millisecond, time.Second
	})
	if err := waiter.Wait(t.Context(), &acm.DescribeCertificateInput{CertificateArn: arn}, patience); err != nil {
		t.Fatal(err)
	}
	return arn
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client, ctx := acm.NewFromConfig(config), t.Context()
	request := func(token, domain string) string {
		t.Helper()
		return *must[*acm.RequestCertificateOutput](t)(client.RequestCertificate(ctx, requested(token, domain))).CertificateArn
	}
	first := request("one", "shop.acme.example")
	if again := request("one", "shop.acme.example"); again != first {
		t.Error("the same token made a second certificate")
	}
	if other := request("one", "www.acme.example"); other != first {
		t.Error("another domain made a second certificate with the same token")
	}
	request("other", "www.acme.example")
	if later := request("two", "shop.acme.example"); later == first {
		t.Error("another token made no second certificate")
	}
	describe := func(arn string) *acmtypes.CertificateDetail {
		t.Helper()
		return must[*acm.DescribeCertificateOutput](t)(client.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})).Certificate
	}
	d := describe(first) // on a slow machine it may be issued by now
	if waits := d.Status == acmtypes.CertificateStatusPendingValidation; waits != (d.IssuedAt == nil) || waits != (d.NotAfter == nil) {
		t.Errorf("a certificate that is %s was issued %v, and is valid until %v", d.Status, d.IssuedAt, d.NotAfter)
	}
	if r := d.DomainValidationOptions[0].ResourceRecord; r == nil || r.Type != acmtypes.RecordTypeCname {
		t.Errorf("its domain is %+v", d.DomainValidationOptions[0])
	}
	curve := requested("three", "curve.acme.example")
	curve.KeyAlgorithm = acmtypes.KeyAlgorithmEcPrime256v1
	second := *must[*acm.RequestCertificateOutput](t)(client.RequestCertificate(ctx, curve)).CertificateArn
	if got := describe(second).KeyAlgorithm; got != acmtypes.KeyAlgorithmEcPrime256v1 {
		t.Errorf("the key is %s", got)
	}
	count := func(keys ...acmtypes.KeyAlgorithm) int {
		t.Helper()
		in := &acm.ListCertificatesInput{}
		if len(keys) > 0 {
			in.Includes = &acmtypes.Filters{KeyTypes: keys}
		}
		return len(must[*acm.ListCertificatesOutput](t)(client.ListCertificates(ctx, in)).CertificateSummaryList)
	}
	if plain, all := count(), count(acmtypes.KeyAlgorithmRsa2048, acmtypes.KeyAlgorithmEcPrime256v1); plain != 3 || all != 4 {
		t.Errorf("lists have %d and %d certificates, want 3 and 4", plain, all)
	}
	must[*acm.AddTagsToCertificateOutput](t)(client.AddTagsToCertificate(ctx, &acm.AddTagsToCertificateInput{CertificateArn: &first, Tags: []acmtypes.Tag{{Key: aws.String("Name"), Value: aws.String("x")}}}))
	if tags := must[*acm.ListTagsForCertificateOutput](t)(client.ListTagsForCertificate(ctx, &acm.ListTagsForCertificateInput{CertificateArn: &first})).Tags; len(tags) != 2 {
		t.Errorf("tags are %v", tags)
	}
	must[*acm.DeleteCertificateOutput](t)(client.DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: &first}))
	if _, err := client.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &first}); codeOf(err) != "ResourceNotFoundException" {
		t.Errorf("a deleted certificate: %v", err)
	}
	if again := request("one", "shop.acme.example"); again != first {
		t.Error("the token of a deleted certificate no longer stands for it")
	}
	done := describe(*issued(t, client, "issued.acme.example"))
	if days := done.NotAfter.Sub(*done.NotBefore).Hours() / 24; days < 197 || days > 198 || done.IssuedAt == nil {
		t.Errorf("it is valid for %.1f days, issued %v", days, done.IssuedAt)
	}
}

func TestListenerCertificates(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	network, client, manager, ctx := ec2.NewFromConfig(config), elb.NewFromConfig(config), acm.NewFromConfig(config), t.Context()
	vpc := must[*ec2.CreateVpcOutput](t)(network.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16")})).Vpc.VpcId
	var subnets []string
	for zone, cidr := range map[string]string{"a": "10.1.0.0/24", "b": "10.1.1.0/24"} {
		subnet := must[*ec2.CreateSubnetOutput](t)(network.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String(cidr), AvailabilityZone: aws.String(Region + zone)}))
		subnets = append(subnets, *subnet.Subnet.SubnetId)
	}
	balancer := must[*elb.CreateLoadBalancerOutput](t)(client.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: subnets})).LoadBalancers[0].LoadBalancerArn
	first, second := issued(t, manager, "shop.acme.example"), issued(t, manager, "www.acme.example")
	waiting := func(token string) *string { // for about a second
		return must[*acm.RequestCertificateOutput](t)(manager.RequestCertificate(ctx, requested(token, "new.acme.example"))).CertificateArn
	}

	answer := []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("404")}}}
	listen := func(port int32, protocol elbtypes.ProtocolEnum, policy *string, certificates ...*string) (*elb.CreateListenerOutput, error) {
		in := &elb.CreateListenerInput{LoadBalancerArn: balancer, Port: &port, Protocol: protocol, SslPolicy: policy, DefaultActions: answer}
		for _, arn := range certificates {
			in.Certificates = append(in.Certificates, elbtypes.Certificate{CertificateArn: arn})
		}
		return client.CreateListener(ctx, in)
	}
	// A call that takes as long as the certificate waits says nothing: on a busy machine it is made again.
	early := func() (out *elb.CreateListenerOutput, err error) {
		for n := range 10 {
			begun := time.Now()
			if out, err = listen(443, elbtypes.ProtocolEnumHttps, nil, waiting("waiting"+strconv.Itoa(n))); err != nil || time.Since(begun) < time.Second {
				return out, err
			}
			must[*elb.DeleteListenerOutput](t)(client.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: out.Listeners[0].ListenerArn}))
		}
		return out, err
	}
	for what, c := range map[string]struct {
		err  error
		want string
	}{
		"no certificate":        {failure(listen(443, elbtypes.ProtocolEnumHttps, nil)), "ValidationError"},
		"one that waits":        {failure(early()), "UnsupportedCertificate"},
		"one that is not there": {failure(listen(443, elbtypes.ProtocolEnumHttps, nil, aws.String("arn:aws:acm:eu-west-3:123456789012:certificate/x"))), "CertificateNotFound"},
		"a policy there is not": {failure(listen(443, elbtypes.ProtocolEnumHttps, aws.String("x"), first)), "SSLPolicyNotFound"},
		"a policy without TLS":  {failure(listen(80, elbtypes.ProtocolEnumHttp, aws.String("ELBSecurityPolicy-2016-08"))), "ValidationError"},
	} {
		if got := codeOf(c.err); got != c.want {
			t.Errorf("%s: %v, want %s", what, c.err, c.want)
		}
	}
	plain := must[*elb.CreateListenerOutput](t)(listen(80, elbtypes.ProtocolEnumHttp, nil)).Listeners[0]
	if plain.SslPolicy != nil {
		t.Errorf("a listener without TLS has the policy %s", *plain.SslPolicy)
	}
	secure := must[*elb.CreateListenerOutput](t)(listen(443, elbtypes.ProtocolEnumHttps, nil, first)).Listeners[0].ListenerArn

	name := map[string]string{*first: "first ", *second: "second "}
	told := func() (out string) {
		t.Helper()
		for _, c := range must[*elb.DescribeListenerCertificatesOutput](t)(client.DescribeListenerCertificates(ctx, &elb.DescribeListenerCertificatesInput{ListenerArn: secure})).Certificates {
			if aws.ToBool(c.IsDefault) {
				out += "*"
			}
			out += name[*c.CertificateArn]
		}
		return out
	}
	more := []elbtypes.Certificate{{CertificateArn: second}}
	for range 2 {
		must[*elb.AddListenerCertificatesOutput](t)(client.AddListenerCertificates(ctx, &elb.AddListenerCertificatesInput{ListenerArn: secure, Certificates: more}))
	}
	if got := told(); got != "*first second " {
		t.Errorf("certificates are %q", got)
	}
	seen := must[*elb.DescribeListenersOutput](t)(client.DescribeListeners(ctx, &elb.DescribeListenersInput{ListenerArns: []string{*secure}})).Listeners[0]
	if len(seen.Certificates) != 1 || *seen.Certificates[0].CertificateArn != *first || *seen.SslPolicy != "ELBSecurityPolicy-2016-08" {
		t.Errorf("the listener tells of %d certificates and the policy %s", len(seen.Certificates), *seen.SslPolicy)
	}
	must[*elb.ModifyListenerOutput](t)(client.ModifyListener(ctx, &elb.ModifyListenerInput{ListenerArn: secure, Certificates: more, SslPolicy: aws.String("ELBSecurityPolicy-TLS13-1-2-2021-06")}))
	if got := told(); got != "*second second " {
		t.Errorf("certificates are %q after another default", got)
	}
	remove := func() string {
		_, err := client.RemoveListenerCertificates(ctx, &elb.RemoveListenerCertificatesInput{ListenerArn: secure, Certificates: more})
		return codeOf(err)
	}
	if a, b := remove(), remove(); a != "" || b != "OperationNotPermitted" {
		t.Errorf("removing the second twice: %q and %q", a, b)
	}

	using := func(arn *string) []string {
		t.Helper()
		return must[*acm.DescribeCertificateOutput](t)(manager.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: arn})).Certificate.InUseBy
	}
	if got := using(second); len(got) != 1 || got[0] != *balancer {
		t.Errorf("the second is in use by %v", got)
	}
	if _, err := manager.DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: second}); codeOf(err) != "ResourceInUseException" {
		t.Errorf("deleting it: %v", err)
	}
	must[*elb.DeleteListenerOutput](t)(client.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: secure}))
	if got := using(second); len(got) != 0 {
		t.Errorf("without its listener it is in use by %v", got)
	}
	must[*acm.DeleteCertificateOutput](t)(manager.DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: second}))
}

// failure is the error of a call.
func failure[T any](_ T, err error) error { return err }

func TestHostedZones(t *testing.T) {
	t.Parallel()
	config, accountID := account(t)
	config.Region = "us-east-1"
	client, ctx := route53.NewFromConfig(config), t.Context()
	made := must[*route53.CreateHostedZoneOutput](t)(client.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{Name: aws.String("acme.example"), CallerReference: aws.String("1")}))
	path := *made.HostedZone.Id
	if path[:len("/hostedzone/")] != "/hostedzone/" || *made.HostedZone.Name != "acme.example." {
		t.Errorf("the zone is %s, %s", path, *made.HostedZone.Name)
	}
	id := path[len("/hostedzone/"):]
	must[*route53.ChangeTagsForResourceOutput](t)(client.ChangeTagsForResource(ctx, &route53.ChangeTagsForResourceInput{
		ResourceType: types.TagResourceTypeHostedzone, ResourceId: &id, AddTags: []types.Tag{{Key: aws.String("cicdctl:client"), Value: aws.String("ACME")}},
	}))
	tags := func(ids ...string) (*route53.ListTagsForResourcesOutput, error) {
		return client.ListTagsForResources(ctx, &route53.ListTagsForResourcesInput{ResourceType: types.TagResourceTypeHostedzone, ResourceIds: ids})
	}
	if got := must[*route53.ListTagsForResourcesOutput](t)(tags(id)).ResourceTagSets; len(got) != 1 || *got[0].ResourceId != id || len(got[0].Tags) != 1 {
		t.Errorf("tags are %+v", got)
	}
	if _, err := tags(id, id, id, id, id, id, id, id, id, id, id); codeOf(err) != "InvalidInput" {
		t.Errorf("tags of eleven zones: %v", err)
	}
	meant(t, accountID, "route53:ListTagsForResources ResourceIds")
	if _, err := tags("Z0"); codeOf(err) != "NoSuchHostedZone" {
		t.Errorf("tags of no zone: %v", err)
	}
	var zones []string
	for pages := route53.NewListHostedZonesPaginator(client, &route53.ListHostedZonesInput{}); pages.HasMorePages(); {
		for _, z := range must[*route53.ListHostedZonesOutput](t)(pages.NextPage(ctx)).HostedZones {
			zones = append(zones, *z.Id)
		}
	}
	if len(zones) != 1 || zones[0] != path {
		t.Errorf("zones are %v, want %s", zones, path)
	}

	change := func(action types.ChangeAction, name, value string) error {
		_, err := client.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{HostedZoneId: &path, ChangeBatch: &types.ChangeBatch{Changes: []types.Change{{
			Action: action, ResourceRecordSet: &types.ResourceRecordSet{Name: &name, Type: types.RRTypeCname, TTL: aws.Int64(300), ResourceRecords: []types.ResourceRecord{{Value: &value}}},
		}}}})
		return err
	}
	for _, step := range []struct {
		action      types.ChangeAction
		name, value string
		want        awsapi.Class // "" for none
	}{
		{types.ChangeActionCreate, "www.acme.example", "a.example", ""},
		{types.ChangeActionCreate, "www.acme.example.", "b.example", awsapi.Exists},
		{types.ChangeActionUpsert, "www.acme.example", "b.example", ""},
		{types.ChangeActionDelete, "www.acme.example", "a.example", awsapi.Unknown},
		{types.ChangeActionDelete, "ftp.acme.example", "a.example", awsapi.NotFound},
		{types.ChangeActionUpsert, "www.big-acme.example", "a.example", awsapi.Unknown},
		{types.ChangeActionDelete, "www.acme.example.", "b.example", ""},
	} {
		err := change(step.action, step.name, step.value)
		if want := step.want; (err == nil) != (want == "") || err != nil && (codeOf(err) != "InvalidChangeBatch" || awsapi.ClassOf(err) != want) {
			t.Errorf("%s %s %s: %v, want %q", step.action, step.name, step.value, err, want)
		}
	}
	if err := change(types.ChangeActionUpsert, "*.acme.example", "a.example"); err != nil {
		t.Fatal(err)
	}
	var records []string
	in := &route53.ListResourceRecordSetsInput{HostedZoneId: &path, MaxItems: aws.Int32(1)}
	for pages := route53.NewListResourceRecordSetsPaginator(client, in); pages.HasMorePages(); {
		for _, r := range must[*route53.ListResourceRecordSetsOutput](t)(pages.NextPage(ctx)).ResourceRecordSets {
			records = append(records, *r.Name+" "+string(r.Type))
		}
	}
	if len(records) != 3 || records[2] != `\052.acme.example. CNAME` {
		t.Errorf("records are %q", records)
	}
}
