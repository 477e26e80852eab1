package conformance

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// A client whose first subnet has lost its tags does not look for another place:
// its other subnets hold the one it has.
func TestAPlaceIsKeptWhenItsFirstSubnetIsForeign(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region).EC2
		found, err := api.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{{Name: aws.String("cidr-block"), Values: []string{"10.20.0.0/21"}}}})
		if err != nil || len(found.Subnets) != 1 {
			t.Fatal(found, err)
		}
		id := aws.ToString(found.Subnets[0].SubnetId)
		if _, err := api.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{id}, Tags: []ec2types.Tag{{Key: aws.String(provision.TagManagedBy)}}}); err != nil {
			t.Fatal(err)
		}
		var refused *provision.RefusedError
		if err := create(ctx, r.Operator, acme(t)); !errors.As(err, &refused) || !strings.Contains(err.Error(), id) {
			t.Errorf("with a foreign first subnet: %v", err)
		}
	})
}
