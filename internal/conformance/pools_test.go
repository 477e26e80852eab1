package conformance

import (
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// AWS takes a while to add a range to a VPC, and makes no subnet in it meanwhile.
func TestAPoolThatIsAddedIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: 4})
		if err := create(ctx, r.Operator, client(t, "FIRST")); err != nil {
			t.Fatal(err)
		}
		// Somebody's subnet fills the rest of the first pool, and the next client goes to the second.
		api := r.Factory.Set(region).EC2
		vpcs, err := api.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
		if err != nil {
			t.Fatal(err)
		}
		for _, rest := range []string{"10.20.24.0/21", "10.20.32.0/19", "10.20.64.0/18", "10.20.128.0/18", "10.20.192.0/19", "10.20.224.0/20"} {
			if _, err := api.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpcs.Vpcs[0].VpcId, CidrBlock: aws.String(rest), AvailabilityZone: aws.String(region + "a")}); err != nil {
				t.Fatal(err)
			}
		}
		more := operator(t, r.account, cloud.Config{Pools: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("10.21.0.0/16")}})
		r.account.Forget()
		if err := create(ctx, more, client(t, "SECOND")); err != nil {
			t.Fatal(err)
		}
		tried := 0
		for _, c := range r.account.Calls() {
			if _, ok := c.Input.(*ec2.CreateSubnetInput); ok {
				tried++
			}
		}
		if tried != 3 {
			t.Errorf("%d attempts to make three subnets: the range was not waited for", tried)
		}
	})
}
