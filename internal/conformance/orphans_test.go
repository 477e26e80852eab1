package conformance

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// What a destroyed client left is told as such: data that is kept, and what nobody
// needs with its cost. What waits for its deletion is gone.
func TestLeftoversAreFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		for _, s := range []*spec.Spec{acme(t), client(t, "GLOBEX")} {
			if err := create(ctx, r.Operator, s); err != nil {
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
		_, err := r.Factory.Set(region).EC2.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: ec2types.DomainTypeVpc, TagSpecifications: []ec2types.TagSpecification{{
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
		if len(a.Findings) != 1 || a.Findings[0].ID != "CICD-ORPHAN-1" || !strings.Contains(a.Findings[0].Is, "billed by the hour") {
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
		a, err := audit.Examine(ctx, r.Operator, audit.Examined{Specs: []*spec.Spec{abroad}, Names: []string{"GLOBEX"}, Regions: []string{region, "eu-west-1"}})
		if err != nil || len(a.Findings) > 0 {
			t.Errorf("an audit of one client, with another in another region: %v, %+v", err, a.Findings)
		}
	})
}

// Keys and buckets are read in the account's own region in any case, and an audit of
// another region tells nothing of whose they are.
func TestAnAuditOfOneRegionTellsNothingOfAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		a, err := audit.Examine(ctx, r.Operator, audit.Examined{Specs: []*spec.Spec{acme(t)}, Regions: []string{"eu-west-1"}})
		if err != nil || len(a.Findings) > 0 {
			t.Errorf("%v, %+v", err, a.Findings)
		}
	})
}

// What a destroyed client left is found under its name, also where nobody else is.
func TestLeftoversAreFoundByName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		abroad := client(t, "GLOBEX", "region: "+region, "region: eu-west-1")
		for _, s := range []*spec.Spec{acme(t), abroad} {
			if err := create(ctx, r.Operator, s); err != nil {
				t.Fatal(err)
			}
		}
		run, err := r.Remove(ctx, "GLOBEX", "eu-west-1", false)
		if err != nil {
			t.Fatal(err)
		}
		p, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.Apply(ctx, p, nil, nil); err != nil {
			t.Fatal(err)
		}
		a, err := audit.Examine(ctx, r.Operator, audit.Examined{Specs: []*spec.Spec{acme(t)}, Names: []string{"GLOBEX"}, Regions: []string{region, "eu-west-1"}})
		if err != nil {
			t.Fatal(err)
		}
		var kept []string
		for _, f := range a.Findings {
			kind, _, _ := strings.Cut(f.Resource, " ")
			if f.Client != "GLOBEX" || f.ID != "CICD-ORPHAN-2" {
				t.Errorf("%+v", f)
			}
			kept = append(kept, kind)
		}
		for _, kind := range []string{"kms/key", "rds/cluster-snapshot", "s3/escrow"} {
			if !slices.Contains(kept, kind) {
				t.Errorf("an audit of GLOBEX does not find its %s, only %v", kind, kept)
			}
		}
	})
}

// What carries our tags and nothing asks for is found though it may hold data, or has
// not even all tags.
func TestStraysAreFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region)
		var tags []kmstypes.Tag
		for k, v := range map[string]string{"managed-by": "cicdctl", "scope": "client", "client": "ACME", "region": region, "role": "mine"} {
			tags = append(tags, kmstypes.Tag{TagKey: aws.String("cicdctl:" + k), TagValue: aws.String(v)})
		}
		if _, err := api.KMS.CreateKey(ctx, &kms.CreateKeyInput{Tags: tags}); err != nil {
			t.Fatal(err)
		}
		vpcs, err := api.EC2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = api.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
			GroupName: aws.String("stray"), Description: aws.String("x"), VpcId: vpcs.Vpcs[0].VpcId,
			TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeSecurityGroup, Tags: []ec2types.Tag{{Key: aws.String("cicdctl:managed-by"), Value: aws.String("cicdctl")}}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]string{}
		for _, f := range r.examine(t, acme(t)).Findings {
			kind, _, _ := strings.Cut(f.Resource, " ")
			if f.ID == "CICD-ORPHAN-1" {
				found[kind] = f.Is
			}
		}
		if len(found) != 2 || !strings.Contains(found["kms/key"], "billed by the month") || found["ec2/security-group"] == "" {
			t.Errorf("strays found: %v", found)
		}
	})
}
