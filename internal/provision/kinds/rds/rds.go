// Package rds holds the kinds of Aurora: clusters, instances, their groups, and snapshots.
package rds

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// What the kinds of RDS share: the role of the client's one database, page
// sizes, tags and states.

const databaseRole = "database"

// RdsPage is the largest page that RDS gives.
var RdsPage = aws.Int32(100)

// TagsOf reads the tags of anything in RDS.
func TagsOf(tags []rdstypes.Tag) provision.Tags {
	out := provision.Tags{}
	for _, t := range tags {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

func toRDSTags(tags provision.Tags) []rdstypes.Tag {
	out := make([]rdstypes.Tag, 0, len(tags))
	for k, v := range tags {
		out = append(out, rdstypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	return out
}

// retagRDS writes tags of anything in RDS.
func retagRDS[A any](arn func(A) *string) func(context.Context, *provision.Step, A, provision.Tags) error {
	return func(ctx context.Context, s *provision.Step, a A, tags provision.Tags) error {
		_, err := s.API.RDS.AddTagsToResource(ctx, &rds.AddTagsToResourceInput{ResourceName: arn(a), Tags: toRDSTags(tags)})
		return err
	}
}

// parallelTags is how many tags are asked for at once.
const parallelTags = 8

// eachDBGroup reads the tags of subnet and parameter groups, which their lists
// leave out, by one call for each group that may be ours by its name.
func eachDBGroup[A any](ctx context.Context, w *provision.Sweep, groups []A, name, arn func(A) *string, put func(A, provision.Tags)) error {
	var clients []string
	for _, c := range w.Clients {
		clients = append(clients, rules.DatabaseName(c))
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelTags)
	for _, g := range groups {
		n := aws.ToString(name(g))
		if n == "default" || strings.HasPrefix(n, "default.") || len(clients) > 0 && !slices.Contains(clients, n) {
			continue
		}
		group.Go(func() error {
			if tags, there := w.Index[aws.ToString(arn(g))]; there {
				put(g, tags)
				return nil
			}
			out, err := w.RDS.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: arn(g)})
			if awsapi.Is(err, awsapi.NotFound) {
				return nil // gone since it was listed
			}
			if err == nil {
				put(g, TagsOf(out.TagList))
			}
			return err
		})
	}
	return group.Wait()
}

// dbState reads the status of a cluster, an instance or a snapshot. What can be
// used is available, whatever RDS does with it in the background; a stopped
// database is somebody's wish, not something to wait for.
func dbState(status *string) provision.State {
	switch s := aws.ToString(status); {
	case slices.Contains([]string{"available", "backing-up", "storage-optimization", "storage-full", "stopping", "stopped"}, s):
		return provision.Available
	case s == "deleting":
		return provision.Deleting
	case slices.Contains([]string{"failed", "restore-error", "cloning-failed", "migration-failed", "insufficient-capacity"}, s),
		strings.HasPrefix(s, "incompatible-"), strings.HasPrefix(s, "inaccessible-encryption-credentials"):
		return provision.Failed
	default:
		return provision.Pending
	}
}

// maintenanceWindow is the client's window in UTC, as its clock is now: after a
// change between summer and winter time the next run moves it. A window that
// cannot be read shows as such, and RDS refuses it.
func maintenanceWindow(s *provision.Step, m spec.Maintenance) string {
	utc, err := rules.MaintenanceUTC(m, s.Now)
	if err != nil {
		return err.Error()
	}
	return utc
}
