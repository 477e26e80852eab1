package conformance

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ofClient are the client's resources that carry tags, with their kinds.
func (r *rig) ofClient(ctx context.Context, name string) []*provision.Resource {
	r.tb.Helper()
	o := operator(r.tb, r.account, cloud.Config{})
	account, err := o.Account(ctx)
	if err != nil {
		r.tb.Fatal(err)
	}
	regional := o.Within(account, provision.RegionLevel, region, "")
	client := o.Within(regional, provision.ClientLevel, region, name)
	inv := provision.Observe(ctx, kinds.All(), provision.Request{Scopes: []*provision.Scope{account, regional, client}})
	if err := inv.Err(); err != nil {
		r.tb.Fatal(err)
	}
	var out []*provision.Resource
	for _, t := range kinds.All() {
		out = append(out, inv.Of(t.Name, client)...)
	}
	return out
}

// fewTags are kinds that the client's tags are not put on, and those of which AWS lets
// nobody change the tags.
var fewTags = []string{"s3/escrow"}

func TestTagsOfTheSpecAreOnEverythingAndGoWithIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s := acme(t)
		s.Tags = spec.Tags{"cost-center": "4711", "Team": "Équipe web"}
		again := func(tags spec.Tags) {
			t.Helper()
			s.Tags = tags
			if err := create(ctx, operator(t, r.account, cloud.Config{}), s); err != nil {
				t.Fatal(err)
			}
			r.wantNoChange(ctx, s)
		}
		// wants holds all resources against tags, of which "" are not to be there.
		wants := func(when string, tags provision.Tags) {
			t.Helper()
			seen := map[string]bool{}
			for _, res := range r.ofClient(ctx, "ACME") {
				seen[res.Type.Name] = true
				if slices.Contains(fewTags, res.Type.Name) {
					if res.Tags[provision.TagCustomer] != "" {
						t.Errorf("%s: %s has tags that it has no room for: %v", when, res.Type.Name, res.Tags)
					}
					continue
				}
				for key, want := range tags {
					if got := res.Tags[key]; got != want {
						t.Errorf("%s: %s %s has the tag %s %q, want %q", when, res.Type.Name, res.Role(), key, got, want)
					}
				}
			}
			if len(seen) < 30 {
				t.Errorf("%s: only %d kinds were looked at", when, len(seen))
			}
		}
		again(s.Tags)
		wants("made with them", provision.Tags{"cost-center": "4711", "Team": "Équipe web", provision.TagCustomer: "Team cost-center"})

		// Somebody changes one, takes one, and adds one of his own.
		api, byHand := r.Factory.Set(region), map[string]string{}
		for _, res := range r.ofClient(ctx, "ACME") {
			byHand[res.Type.Name] = res.ID
		}
		group, topic := byHand["ec2/security-group"], "arn:aws:sns:"+region+":123456789012:"+byHand["sns/topic"]
		if _, err := api.EC2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{group}, Tags: []ec2types.Tag{{Key: aws.String("Team"), Value: aws.String("x")}, {Key: aws.String("Owner"), Value: aws.String("bob")}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := api.SNS.UntagResource(ctx, &sns.UntagResourceInput{ResourceArn: &topic, TagKeys: []string{"cost-center"}}); err != nil {
			t.Fatal(err)
		}
		// Whoever writes the list of keys does not make cicdctl give up what is its own.
		if _, err := api.SNS.TagResource(ctx, &sns.TagResourceInput{ResourceArn: &topic, Tags: []snstypes.Tag{{Key: aws.String(provision.TagCustomer), Value: aws.String("Team cicdctl:client Name cost-center")}}}); err != nil {
			t.Fatal(err)
		}
		if p := plan(ctx, t, operator(t, r.account, cloud.Config{}), s); len(p.Changes()) == 0 {
			t.Error("tags that were changed by hand are no drift")
		}
		again(s.Tags)
		wants("healed", provision.Tags{"cost-center": "4711", "Team": "Équipe web", provision.TagCustomer: "Team cost-center", provision.TagClient: "ACME"})

		again(spec.Tags{"cost-center": "42"})
		wants("one left", provision.Tags{"cost-center": "42", "Team": "", provision.TagCustomer: "cost-center"})
		again(nil)
		wants("none left", provision.Tags{"cost-center": "", "Team": "", provision.TagCustomer: "", provision.TagManagedBy: provision.ManagedBy})
		for _, res := range r.ofClient(ctx, "ACME") {
			if res.ID == group && res.Tags["Owner"] != "bob" {
				t.Errorf("somebody else's tag went with those of the spec: %v", res.Tags)
			}
		}
	})
}
