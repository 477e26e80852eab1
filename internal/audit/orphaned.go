package audit

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// tagged lists what carries cicdctl's tags in a region, by AWS's tagging service:
// types that no kind knows are among them.
func tagged(ctx context.Context, api *awsapi.Set) ([]Tagged, error) {
	key := provision.TagManagedBy
	in := &resourcegroupstaggingapi.GetResourcesInput{
		TagFilters:       []taggingtypes.TagFilter{{Key: &key, Values: []string{provision.ManagedBy}}},
		ResourcesPerPage: aws.Int32(100), // as many as AWS gives; a client has some fifty
	}
	var out []Tagged
	for p := resourcegroupstaggingapi.NewGetResourcesPaginator(api.Tagging, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, lang.Errorf("list what is tagged in %s: %w", api.Region, err)
		}
		for _, r := range page.ResourceTagMappingList {
			t := Tagged{ARN: aws.ToString(r.ResourceARN), Tags: map[string]string{}}
			for _, tag := range r.Tags {
				t.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
			out = append(out, t)
		}
	}
	return out, nil
}

// orphans are what carries our tags and nobody needs: what no kind knows, and what
// is there of clients that are not. Where something could not be read, nobody can
// tell.
func (a *auditing) orphans(survey *provision.Survey, all map[string][]Tagged) {
	known, clients := make(Known, survey.Count()), make(map[Audience]bool, len(a.Clients))
	for _, c := range a.Clients {
		clients[c] = true
	}
	inTheWay := map[string]bool{} // and told as that
	for d := range survey.Differing() {
		if d.Op == provision.OpForeign {
			inTheWay[d.ID] = true
		}
	}
	for r := range survey.Found() {
		known[r.ID] = true
		if r.Type.Name == "ecs/task-definition" { // its earlier revisions say what was deployed
			known[family(r.ID)] = true
		}
		client := r.Tags[provision.TagClient]
		if r.Tags[provision.TagManagedBy] != provision.ManagedBy || r.State == provision.Gone || !a.asked(client) || a.blind(r.Region) ||
			!slices.Contains(a.Regions, r.Region) { // the account's own region is read in any case
			continue
		}
		if at := r.Tags[provision.TagRegion]; at != "" && at != r.Region {
			continue
		}
		if adrift(r) {
			if !inTheWay[r.ID] {
				a.Findings = append(a.Findings, unclaimed(r.Type.Name, r.ID, client, r.Region))
			}
			continue
		}
		if r.Tags[provision.TagScope] != provision.ClientLevel.String() || clients[Audience{Name: client, Region: r.Region}] {
			continue
		}
		until := ""
		if r.Type.DeletionPolicy == provision.Retain {
			until = lang.Say("for good")
			if at := r.Type.Until(r.Object); !at.IsZero() {
				until = lang.Sprintf("until %s", at.Format(time.DateOnly))
			}
		}
		a.Findings = append(a.Findings, left(&judge.Resource{Kind: r.Type.Name, Role: r.Role(), ID: r.ID, Client: client, Region: r.Region}, until))
	}
	for region, resources := range all {
		if a.blind(region) {
			continue
		}
		for _, t := range resources {
			client := t.Tags[provision.TagClient]
			// AWS's tagging service tells for hours of what is deleted. What has a kind was
			// looked at above: when its own list leaves it out, it is gone.
			if at := t.Tags[provision.TagRegion]; at != "" && at != region || t.MadeByAWS() || known.Has(t.ARN) || known[family(t.ARN)] || provision.Told(a.op.Types, t.ARN) {
				continue
			}
			// What clients share was looked at only where there are clients in question.
			if client != "" && !a.asked(client) || client == "" && len(a.whom.Names) > 0 && !a.looksAt(region) {
				continue
			}
			a.Findings = append(a.Findings, orphanFinding(t, client, region))
		}
	}
}

// family is the ARN of a task definition without its revision; empty for anything else.
func family(arn string) string {
	if !strings.Contains(arn, ":task-definition/") {
		return ""
	}
	return arn[:strings.LastIndexByte(arn, ':')]
}

// adrift reports whether the tags are of no scope in which resources of the kind occur:
// no declaration can ask for it.
func adrift(r *provision.Resource) bool {
	for _, level := range []provision.Level{provision.AccountLevel, provision.RegionLevel, provision.ClientLevel} {
		if r.Tags[provision.TagScope] == level.String() {
			return r.Type.Levels&level == 0 || r.Tags[provision.TagRegion] == ""
		}
	}
	return r.Tags[provision.TagScope] == ""
}

// looksAt reports whether a region holds clients that the audit is about.
func (a *auditing) looksAt(region string) bool {
	return slices.ContainsFunc(a.Clients, func(c Audience) bool { return c.Region == region })
}
