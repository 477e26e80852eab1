package sandbox

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// TestNextProcessFindsTheAccount opens the file twice, one after the other and
// then both at once.
func TestNextProcessFindsTheAccount(t *testing.T) {
	path, ctx := filepath.Join(t.TempDir(), "dir", "sandbox.json"), context.Background()
	open := func() *ec2.Client {
		account, err := New(Options{Path: path, Lag: -1})
		if err != nil {
			t.Fatal(err)
		}
		cfg := aws.Config{Region: "eu-west-3"}
		account.Install(&cfg)
		return ec2.NewFromConfig(cfg)
	}
	vpcs := func(c *ec2.Client) int {
		n := 0
		for p := ec2.NewDescribeVpcsPaginator(c, &ec2.DescribeVpcsInput{}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			n += len(page.Vpcs)
		}
		return n
	}
	create := func(c *ec2.Client, cidr string) {
		if _, err := c.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: &cidr}); err != nil {
			t.Fatal(err)
		}
	}
	first := open()
	before := vpcs(first)
	create(first, "10.20.0.0/16")
	second := open()
	if got := vpcs(second); got != before+1 {
		t.Fatalf("the next process sees %d VPCs, not %d", got, before+1)
	}
	create(second, "10.21.0.0/16")
	if got := vpcs(first); got != before+2 {
		t.Errorf("the first process sees %d VPCs, not %d", got, before+2)
	}
}
