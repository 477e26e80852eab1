package sandbox

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"
)

func (d *database) restore(change func(*rds.RestoreDBClusterToPointInTimeInput)) *rds.RestoreDBClusterToPointInTimeInput {
	in := &rds.RestoreDBClusterToPointInTimeInput{
		DBClusterIdentifier: aws.String("copy"), SourceDBClusterIdentifier: aws.String("acme"), DBSubnetGroupName: aws.String("acme"), UseLatestRestorableTime: aws.Bool(true),
	}
	change(in)
	return in
}

func TestRestoreIsRefusedAsByAWS(t *testing.T) {
	t.Parallel()
	at := func(when time.Duration) func(*rds.RestoreDBClusterToPointInTimeInput) {
		return func(in *rds.RestoreDBClusterToPointInTimeInput) {
			in.UseLatestRestorableTime, in.RestoreToTime = nil, aws.Time(time.Now().Add(when))
		}
	}
	for name, c := range map[string]struct {
		change func(*rds.RestoreDBClusterToPointInTimeInput)
		want   string
	}{
		"an unknown source":         {func(in *rds.RestoreDBClusterToPointInTimeInput) { in.SourceDBClusterIdentifier = aws.String("x") }, "DBClusterNotFoundFault"},
		"no source":                 {func(in *rds.RestoreDBClusterToPointInTimeInput) { in.SourceDBClusterIdentifier = nil }, "InvalidParameterCombination"},
		"a name that is taken":      {func(in *rds.RestoreDBClusterToPointInTimeInput) { in.DBClusterIdentifier = aws.String("ACME") }, "DBClusterAlreadyExistsFault"},
		"a name with two hyphens":   {func(in *rds.RestoreDBClusterToPointInTimeInput) { in.DBClusterIdentifier = aws.String("a--b") }, "InvalidParameterValue"},
		"neither time":              {func(in *rds.RestoreDBClusterToPointInTimeInput) { in.UseLatestRestorableTime = nil }, "InvalidParameterCombination"},
		"both times":                {func(in *rds.RestoreDBClusterToPointInTimeInput) { in.RestoreToTime = aws.Time(time.Now()) }, "InvalidParameterCombination"},
		"a time before the backups": {at(-time.Hour), "InvalidRestoreFault"},
		"a time to come":            {at(time.Hour), "InvalidRestoreFault"},
		"no subnet group":           {func(in *rds.RestoreDBClusterToPointInTimeInput) { in.DBSubnetGroupName = nil }, "DBSubnetGroupNotFoundFault"},
		"unknown settings":          {func(in *rds.RestoreDBClusterToPointInTimeInput) { in.DBClusterParameterGroupName = aws.String("x") }, "DBClusterParameterGroupNotFound"},
		"an unknown security group": {func(in *rds.RestoreDBClusterToPointInTimeInput) { in.VpcSecurityGroupIds = []string{"sg-1"} }, "InvalidParameterValue"},
		"an unknown key":            {func(in *rds.RestoreDBClusterToPointInTimeInput) { in.KmsKeyId = aws.String("x") }, "KMSKeyNotAccessibleFault"},
		"another engine's logs": {func(in *rds.RestoreDBClusterToPointInTimeInput) {
			in.EnableCloudwatchLogsExports = []string{"audit"}
		}, "InvalidParameterCombination"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDatabase(t)
			_, err := d.api.RestoreDBClusterToPointInTime(t.Context(), d.restore(c.change))
			if code, ok := errors.AsType[smithy.APIError](err); !ok || code.ErrorCode() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
			if out := must[*rds.DescribeDBClustersOutput](t)(d.api.DescribeDBClusters(t.Context(), &rds.DescribeDBClustersInput{})); len(out.DBClusters) != 1 {
				t.Error("a cluster was made all the same")
			}
		})
	}
}

// A restored cluster has nothing that was not asked for, however its source is.
func TestRestoredClusterIsBare(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	ctx := t.Context()
	must[*rds.ModifyDBClusterOutput](t)(d.api.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{
		DBClusterIdentifier: aws.String("acme"), DeletionProtection: aws.Bool(true), EnableIAMDatabaseAuthentication: aws.Bool(true), ApplyImmediately: aws.Bool(true),
		CloudwatchLogsExportConfiguration: &types.CloudwatchLogsExportConfiguration{EnableLogTypes: []string{"postgresql"}},
	}))
	must[*rds.DescribeDBClustersOutput](t)(d.api.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{}))
	made := must[*rds.RestoreDBClusterToPointInTimeOutput](t)(d.api.RestoreDBClusterToPointInTime(ctx, d.restore(func(*rds.RestoreDBClusterToPointInTimeInput) {}))).DBCluster
	bare := !aws.ToBool(made.DeletionProtection) && !aws.ToBool(made.IAMDatabaseAuthenticationEnabled) && made.MasterUserSecret == nil &&
		len(made.EnabledCloudwatchLogsExports)+len(made.TagList)+len(made.DBClusterMembers) == 0 && aws.ToString(made.DBClusterParameterGroup) == "default.aurora-postgresql16"
	if !bare {
		t.Errorf("%+v", made)
	}
	if aws.ToString(made.Engine) != "aurora-postgresql" || aws.ToString(made.MasterUsername) != "clusteradmin" || made.LatestRestorableTime != nil {
		t.Errorf("%+v", made)
	}
}
