package mototest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/awsapi/mototest"
)

// TestAssumedRolesWorkInTheirAccount makes something with the credentials of one account in
// another, whose role they assume.
func TestAssumedRolesWorkInTheirAccount(t *testing.T) {
	server := mototest.Start(t)
	endpoint, provider, hub := server.Account(t)
	_, _, production := server.Account(t)
	creds, err := provider.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{
		"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": creds.AccessKeyID, "AWS_SECRET_ACCESS_KEY": creds.SecretAccessKey, "AWS_SESSION_TOKEN": creds.SessionToken, "AWS_PROFILE": "",
	} {
		t.Setenv(key, value)
	}
	role := &awsapi.Role{Account: "production", ARN: "arn:aws:iam::" + production + ":role/test", ExternalID: "cicdctl", Session: "alice@client-create,job=4711"}
	vpcs := func(role *awsapi.Role, account string, another bool) int {
		t.Helper()
		f, err := awsapi.Load(t.Context(), awsapi.Options{Unlimited: true, Role: role})
		if err != nil {
			t.Fatal(err)
		}
		id, err := f.Identity(t.Context(), mototest.Region)
		if err != nil || id.Account != account {
			t.Fatalf("%+v, %v: want account %s", id, err, account)
		}
		api := f.Set(mototest.Region).EC2
		if another {
			if _, err := api.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.20.0.0/16")}); err != nil {
				t.Fatal(err)
			}
		}
		out, err := api.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.Vpcs)
	}
	before := vpcs(nil, hub, false)
	there := vpcs(role, production, false)
	if got := vpcs(role, production, true); got != there+1 {
		t.Errorf("%d VPCs where the role is, want %d", got, there+1)
	}
	if got := vpcs(nil, hub, false); got != before {
		t.Errorf("%d VPCs in the credentials' account, want %d", got, before)
	}
}
