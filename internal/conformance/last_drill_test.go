package conformance

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

func TestTheLastDrillIsReadFromTheDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if got, err := backup.LastDrill(ctx, r.Operator, "ACME", region); got != nil || err != nil {
			t.Errorf("without a database: %v, %v", got, err)
		}
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		if got, err := backup.LastDrill(ctx, r.Operator, "ACME", region); got != nil || err != nil {
			t.Errorf("before any drill: %v, %v", got, err)
		}
		api := r.Factory.Set(region).RDS
		found, err := api.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String("acme")})
		if err != nil {
			t.Fatal(err)
		}
		tag := func(key, value string) {
			if _, err := api.AddTagsToResource(ctx, &rds.AddTagsToResourceInput{
				ResourceName: found.DBClusters[0].DBClusterArn, Tags: []rdstypes.Tag{{Key: &key, Value: &value}},
			}); err != nil {
				t.Fatal(err)
			}
		}
		want := rules.Drill{At: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), Restored: time.Date(2026, 11, 24, 9, 57, 0, 0, time.UTC), RPO: 3 * time.Minute, RTO: 21 * time.Minute}
		tag(provision.TagDrill, want.Encode())
		if got, err := backup.LastDrill(ctx, r.Operator, "ACME", region); err != nil || got == nil || *got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		tag(provision.TagDrill, "by hand")
		if got, err := backup.LastDrill(ctx, r.Operator, "ACME", region); got != nil || err == nil || !strings.Contains(err.Error(), `"by hand" is not the record of a restore drill`) {
			t.Errorf("an unreadable record: %v, %v", got, err)
		}
		tag(provision.TagClient, "OTHER")
		if got, err := backup.LastDrill(ctx, r.Operator, "ACME", region); got != nil || err != nil {
			t.Errorf("a database of somebody else: %v, %v", got, err)
		}
	})
}
