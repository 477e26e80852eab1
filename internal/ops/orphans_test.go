package ops

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// What a destroyed client left is told as such: data that is kept, and what nobody
// needs with its cost. What waits for its deletion is gone.
func TestLeftoversAreFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		for _, name := range []string{"ACME", "GLOBEX"} {
			if err := create(ctx, r.Operator, client(t, name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := destroy(ctx, r.Operator, "GLOBEX", false); err != nil {
			t.Fatal(err)
		}
		kept := map[string]int{}
		for _, f := range r.examine(t, acme(t)).Findings {
			if f.ID != "CICD-ORPHAN-2" || f.Client != "GLOBEX" {
				t.Errorf("after a destroy: %+v", f)
			}
			kind, _, _ := strings.Cut(f.Resource, " ")
			kept[kind]++
		}
		if kept["kms/key"] != 1 || kept["rds/cluster-snapshot"] != 1 || kept["s3/escrow"] != 1 || kept["secretsmanager/secret"] != 2 || len(kept) != 4 {
			t.Errorf("kept of a destroyed client: %v, want its key, its snapshot, its RSA key and two host keys", kept)
		}
		if err := destroy(ctx, r.Operator, "GLOBEX", true); err != nil {
			t.Fatal(err)
		}
		if a := r.examine(t, acme(t)); len(a.Findings) > 0 {
			t.Errorf("after a purge: %+v", a.Findings)
		}

		// An address that somebody tagged by hand: no role of cicdctl's is like it.
		_, err := r.factory.Set(region).EC2.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: ec2types.DomainTypeVpc, TagSpecifications: []ec2types.TagSpecification{{
			ResourceType: ec2types.ResourceTypeElasticIp, Tags: []ec2types.Tag{
				{Key: aws.String("cicdctl:managed-by"), Value: aws.String("cicdctl")},
				{Key: aws.String("cicdctl:scope"), Value: aws.String("client")},
				{Key: aws.String("cicdctl:client"), Value: aws.String("OLDCO")},
				{Key: aws.String("cicdctl:region"), Value: aws.String(region)},
				{Key: aws.String("cicdctl:role"), Value: aws.String("x")},
			},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		a := r.examine(t, acme(t))
		if len(a.Findings) != 1 || a.Findings[0].ID != "CICD-ORPHAN-1" || !strings.Contains(a.Findings[0].Is, "USD") {
			t.Errorf("an address of a client that is not there: %+v", a.Findings)
		}
	})
}

// What clients share in a region is nobody's only where there is no client: an audit of
// others does not know.
func TestSharedThingsOfOtherClientsAreNoLeftovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		abroad := client(t, "GLOBEX", "region: "+region, "region: eu-west-1")
		for _, s := range []*spec.Spec{acme(t), abroad} {
			if err := create(ctx, r.Operator, s); err != nil {
				t.Fatal(err)
			}
		}
		a, err := r.Audit(ctx, Examined{Specs: []*spec.Spec{abroad}, Names: []string{"GLOBEX"}, Regions: []string{region, "eu-west-1"}})
		if err != nil || len(a.Findings) > 0 {
			t.Errorf("an audit of one client, with another in another region: %v, %+v", err, a.Findings)
		}
	})
}
