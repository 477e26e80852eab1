// Package rds holds the kinds of Aurora: clusters, instances, their groups, and snapshots.
package rds

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// What the kinds of RDS share: the role of the client's one database, page
// sizes, tags and states.

const databaseRole = "database"

// Statuses of clusters and instances ("DB cluster status", Aurora user guide).
const (
	available = "available"
	stopping  = "stopping"
	stopped   = "stopped"
	// Without its KMS key a database can be started again for seven days, and never after
	// ("Encrypting Amazon Aurora resources", Aurora user guide).
	keyless = "inaccessible-encryption-credentials-recoverable"
	lost    = "inaccessible-encryption-credentials"
)

// RdsPage is the largest page that RDS gives.
var RdsPage = aws.Int32(100)

// Tags are tags as RDS has them.
var Tags = kit.TagCodec[rdstypes.Tag](func(t *rdstypes.Tag) (key, value **string) { return &t.Key, &t.Value })

// TagsOf reads the tags of anything in RDS.
func TagsOf(tags []rdstypes.Tag) provision.Tags { return Tags.Of(tags) }

// retagRDS writes tags of anything in RDS.
func retagRDS[A any](arn func(A) *string) func(context.Context, *provision.Step, A, provision.Tags) error {
	return func(ctx context.Context, s *provision.Step, a A, tags provision.Tags) error {
		return kit.Do(ctx, s.API.RDS.AddTagsToResource, &rds.AddTagsToResourceInput{ResourceName: arn(a), Tags: Tags.To(tags)})
	}
}

func untagRDS[A any](arn func(A) *string) func(context.Context, *provision.Step, A, []string) error {
	return func(ctx context.Context, s *provision.Step, a A, keys []string) error {
		return kit.Do(ctx, s.API.RDS.RemoveTagsFromResource, &rds.RemoveTagsFromResourceInput{ResourceName: arn(a), TagKeys: keys})
	}
}

// tagDBGroups reads the tags of subnet and parameter groups, which their lists leave
// out, by one call for each group that may be ours by its name.
func tagDBGroups[A any](ctx context.Context, w *provision.Sweep, groups []A, name func(A) string, arn func(A) *string, tags func(A) *provision.Tags) error {
	clients := kit.Texts(w.Clients, rules.DatabaseName)
	groups = slices.DeleteFunc(slices.Clone(groups), func(g A) bool {
		n := name(g)
		return n == "default" || strings.HasPrefix(n, "default.") || len(clients) > 0 && !slices.Contains(clients, n)
	})
	_, err := kit.WithTags(ctx, w, groups, func(g A) string { return aws.ToString(arn(g)) }, tags, func(ctx context.Context, g A) (provision.Tags, error) {
		return askTags(ctx, w, arn(g))
	})
	return err
}

// askTags reads the tags of what lists tell without them.
func askTags(ctx context.Context, w *provision.Sweep, arn *string) (provision.Tags, error) {
	in := &rds.ListTagsForResourceInput{ResourceName: arn}
	return kit.Get(ctx, w.RDS.ListTagsForResource, in, func(o *rds.ListTagsForResourceOutput) provision.Tags { return Tags.Of(o.TagList) })
}

// dbState reads the status of a cluster, an instance or a snapshot. What can be
// used is available, whatever RDS does with it in the background; a stopped
// database is somebody's wish, not something to wait for, and one without its key is
// started once it has that back.
func dbState(status *string) provision.State {
	switch s := aws.ToString(status); {
	case slices.Contains([]string{available, "backing-up", "storage-optimization", "storage-full", stopping, stopped, keyless}, s):
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

// repairDB is what can be done about a database that RDS cannot use. Its data is there all the
// same: removing anything helps nobody.
func repairDB(source, id, status string) string {
	if status == lost {
		return lang.Sprintf("RDS says %s: %s could not reach its KMS key for more than seven days, and does not come back as it is; its backups do, once the key is enabled (cicdctl client create sees to that): cicdctl backup restore makes a new cluster of them; keep this one and its key until then", status, id)
	}
	return lang.Sprintf("RDS says %s; its events tell why (aws rds describe-events --source-type %s --source-identifier %s --duration 1440): mend that, and run again; the data is still there, and nothing has to be removed", status, source, id)
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
