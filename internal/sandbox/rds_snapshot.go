package sandbox

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

func dbSnapshotID(s *types.DBClusterSnapshot) *string { return s.DBClusterSnapshotIdentifier }

func registerDBSnapshot(a *Account) {
	op(a, rds.ServiceID, func(t *tx, in *rds.DescribeDBClusterSnapshotsInput) (*rds.DescribeDBClusterSnapshotsOutput, error) {
		id := strings.ToLower(aws.ToString(in.DBClusterSnapshotIdentifier))
		var all []types.DBClusterSnapshot
		for _, r := range slices.Clone(t.rds().Snapshots) {
			v := &r.V
			ok, err := dbMatches(in.Filters, map[string]string{
				"db-cluster-id": *v.DBClusterIdentifier, "db-cluster-snapshot-id": *v.DBClusterSnapshotIdentifier, "snapshot-type": *v.SnapshotType, "engine": *v.Engine,
			})
			switch {
			case err != nil:
				return nil, err
			case !ok, id != "" && *v.DBClusterSnapshotIdentifier != id,
				in.DBClusterIdentifier != nil && *v.DBClusterIdentifier != *in.DBClusterIdentifier,
				in.SnapshotType != nil && *v.SnapshotType != *in.SnapshotType,
				// AWS Backup's are told only to who asks for them.
				in.SnapshotType == nil && id == "" && *v.SnapshotType == dbBackup:
				continue
			}
			if in.Marker == nil {
				ageDBSnapshot(r)
			}
			all = append(all, *v)
		}
		if id != "" && all == nil {
			return nil, apiError("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot %s not found", id)
		}
		part, next, err := dbPage(t, all, in.MaxRecords, in.Marker)
		return &rds.DescribeDBClusterSnapshotsOutput{DBClusterSnapshots: part, Marker: next}, err
	})
	op(a, rds.ServiceID, func(t *tx, in *rds.DeleteDBClusterSnapshotInput) (*rds.DeleteDBClusterSnapshotOutput, error) {
		s, id := t.rds(), strings.ToLower(aws.ToString(in.DBClusterSnapshotIdentifier))
		r := dbSnapshots.find(t, id)
		switch {
		case r == nil:
			return nil, apiError("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot %s not found", id)
		case *r.V.SnapshotType != "manual":
			return nil, apiError("InvalidDBClusterSnapshotStateFault", "Only manual snapshots may be deleted.")
		case *r.V.Status != dbAvailable:
			ageDBSnapshot(r)
			return nil, apiError("InvalidDBClusterSnapshotStateFault", "DBClusterSnapshot %s is in creating state", id)
		}
		s.Snapshots.drop(r)
		return &rds.DeleteDBClusterSnapshotOutput{DBClusterSnapshot: &r.V}, nil
	})
}

func ageDBSnapshot(r *row[types.DBClusterSnapshot]) {
	switch {
	case *r.V.Status != dbCreating && *r.V.Status != dbCopying:
	case r.wait():
	default:
		r.V.Status, r.V.PercentProgress = aws.String(dbAvailable), aws.Int32(100)
	}
}

// snapshotDBCluster makes a snapshot, with the cluster's tags where it says so.
func (t *tx) snapshotDBCluster(c types.DBCluster, id, kind string) {
	v := types.DBClusterSnapshot{
		DBClusterSnapshotIdentifier: aws.String(id), DBClusterSnapshotArn: aws.String(t.arn("rds", "cluster-snapshot:"+id)), DBClusterIdentifier: c.DBClusterIdentifier,
		SnapshotType: aws.String(kind), Status: aws.String(dbCreating), PercentProgress: aws.Int32(0), SnapshotCreateTime: aws.Time(t.now), ClusterCreateTime: c.ClusterCreateTime,
		Engine: c.Engine, EngineVersion: c.EngineVersion, EngineMode: c.EngineMode, MasterUsername: c.MasterUsername, Port: c.Port, AllocatedStorage: c.AllocatedStorage,
		StorageEncrypted: c.StorageEncrypted, KmsKeyId: c.KmsKeyId, IAMDatabaseAuthenticationEnabled: c.IAMDatabaseAuthenticationEnabled, AvailabilityZones: c.AvailabilityZones,
	}
	if group := dbSubnetGroups.find(t, *c.DBSubnetGroup); group != nil {
		v.VpcId = group.V.VpcId
	}
	if aws.ToBool(c.CopyTagsToSnapshot) {
		v.TagList = slices.Clone(c.TagList)
	}
	t.rds().Snapshots.add(&row[types.DBClusterSnapshot]{V: v, meta: t.pending()})
}

// newDBCluster is a cluster with what RDS gives it when nothing else is asked for.
func (t *tx) newDBCluster(id string, port int32, settings string) types.DBCluster {
	c := types.DBCluster{
		DBClusterIdentifier: aws.String(id), DBClusterArn: aws.String(t.arn("rds", "cluster:"+id)), DbClusterResourceId: aws.String(strings.ToUpper(t.newID("cluster"))),
		EngineMode: aws.String("provisioned"), Status: aws.String(dbCreating), ClusterCreateTime: aws.Time(t.now), StorageEncrypted: aws.Bool(false),
		BackupRetentionPeriod: aws.Int32(1), PreferredBackupWindow: aws.String("03:00-03:30"), PreferredMaintenanceWindow: aws.String("sat:05:00-sat:05:30"),
		Port: aws.Int32(port), DBClusterParameterGroup: aws.String(settings), DeletionProtection: aws.Bool(false), CopyTagsToSnapshot: aws.Bool(false),
		IAMDatabaseAuthenticationEnabled: aws.Bool(false), HttpEndpointEnabled: aws.Bool(false), MultiAZ: aws.Bool(false), AllocatedStorage: aws.Int32(1),
		Endpoint: t.dbEndpoint(id, "cluster-"), ReaderEndpoint: t.dbEndpoint(id, "cluster-ro-"), AutoMinorVersionUpgrade: aws.Bool(true),
		EngineLifecycleSupport: aws.String(dbExtended),
	}
	c.AvailabilityZones = each(t.zones(), func(z zone) string { return z.Name })
	return c
}

// addDBCluster begins to make a cluster that was checked.
func (t *tx) addDBCluster(c *types.DBCluster, vpc string) {
	if len(c.VpcSecurityGroups) == 0 {
		for _, id := range t.defaultGroup(vpc) {
			c.VpcSecurityGroups = []types.VpcSecurityGroupMembership{{VpcSecurityGroupId: aws.String(id), Status: aws.String("active")}}
		}
	}
	t.applyDBCluster(c)
	t.rds().Clusters.add(&row[types.DBCluster]{V: *c, meta: t.slow("CreateDBCluster")})
}
