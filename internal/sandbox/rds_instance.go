package sandbox

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// dbInstance is an instance of a cluster; the sandbox has no others.
type dbInstance struct {
	types.DBInstance
	Subnet string // where its network interface is
	ENI    string
	Writer bool
	Stale  bool `json:",omitempty"` // it runs with parameters that have been changed since
}

func dbInstanceID(i *dbInstance) *string { return i.DBInstanceIdentifier }

// dbClasses are the classes that Aurora takes, as a pattern.
var dbClasses = lazyregexp.New(`^db\.(serverless|(t3|t4g)\.(medium|large)|(r5|r6g|r6i|r7g|r7i|r8g|x2g)\.(large|xlarge|2xlarge|4xlarge|8xlarge|12xlarge|16xlarge))$`)

func registerDBInstance(a *Account) {
	op(a, rds.ServiceID, createDBInstance)
	op(a, rds.ServiceID, func(t *tx, in *rds.DescribeDBInstancesInput) (*rds.DescribeDBInstancesOutput, error) {
		id := strings.ToLower(aws.ToString(in.DBInstanceIdentifier))
		var all []types.DBInstance
		for _, r := range slices.Clone(t.rds().Instances) {
			if id != "" && *r.V.DBInstanceIdentifier != id {
				continue
			}
			ok, err := dbMatches(in.Filters, map[string]string{"db-cluster-id": aws.ToString(r.V.DBClusterIdentifier), "db-instance-id": *r.V.DBInstanceIdentifier, "engine": *r.V.Engine})
			if err != nil {
				return nil, err
			}
			if ok && (in.Marker != nil || t.ageDBInstance(r)) {
				all = append(all, r.V.DBInstance)
			}
		}
		if id != "" && all == nil {
			return nil, apiError("DBInstanceNotFound", "DBInstance %s not found.", id)
		}
		part, next, err := dbPage(t, all, in.MaxRecords, in.Marker)
		return &rds.DescribeDBInstancesOutput{DBInstances: part, Marker: next}, err
	})
	opOn(dbInstances.onLower(a), func(in *rds.ModifyDBInstanceInput) *string { return in.DBInstanceIdentifier }, func(t *tx, r *row[dbInstance], in *rds.ModifyDBInstanceInput) (*rds.ModifyDBInstanceOutput, error) {
		switch {
		case *r.V.DBInstanceStatus != dbAvailable:
			return nil, t.busyDBInstance(r)
		case in.BackupRetentionPeriod != nil, in.DeletionProtection != nil, in.MasterUserPassword != nil, len(in.VpcSecurityGroupIds) > 0:
			return nil, apiError("InvalidParameterCombination", "The specified DB Instance is a member of a DB Cluster. Modify it for the DB Cluster using the ModifyDbCluster API")
		}
		if err := t.changeDBInstance(&r.V, in); err != nil {
			return nil, err
		}
		// Only the class waits for the window when it may; the rest is applied as soon as
		// possible (Aurora user guide, "Settings for Amazon Aurora").
		if aws.ToBool(in.ApplyImmediately) {
			if r.V.PendingModifiedValues != nil {
				t.interrupt(r)
			}
			r.V.DBInstanceStatus, r.Looks = aws.String(dbModifying), t.opts.Looks
		}
		return &rds.ModifyDBInstanceOutput{DBInstance: &r.V.DBInstance}, nil
	})
	opOn(dbInstances.onLower(a), func(in *rds.DeleteDBInstanceInput) *string { return in.DBInstanceIdentifier }, func(t *tx, r *row[dbInstance], in *rds.DeleteDBInstanceInput) (*rds.DeleteDBInstanceOutput, error) {
		switch {
		case in.FinalDBSnapshotIdentifier != nil:
			return nil, apiError("InvalidParameterCombination", "FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance")
		case *r.V.DBInstanceStatus != dbAvailable:
			return nil, t.busyDBInstance(r)
		}
		r.V.DBInstanceStatus, r.Looks = aws.String(dbDeleting), t.opts.Looks
		if r.V.Writer {
			r.V.Writer = false
			t.electDBWriter(*r.V.DBClusterIdentifier)
		}
		return &rds.DeleteDBInstanceOutput{DBInstance: &r.V.DBInstance}, nil
	})
}

func createDBInstance(t *tx, in *rds.CreateDBInstanceInput) (*rds.CreateDBInstanceOutput, error) {
	s := t.rds()
	id, err := dbName("DBInstanceIdentifier", in.DBInstanceIdentifier, 63)
	if err != nil {
		return nil, err
	}
	if in.DBClusterIdentifier == nil {
		return nil, apiError("InvalidParameterCombination", "The engine %s needs a DB cluster.", aws.ToString(in.Engine))
	}
	c := dbClusters.find(t, strings.ToLower(*in.DBClusterIdentifier))
	switch {
	case dbInstances.find(t, id) != nil:
		return nil, apiError("DBInstanceAlreadyExists", "DB instance already exists")
	case c == nil:
		return nil, apiError("DBClusterNotFoundFault", "The source cluster could not be found or cannot be accessed: %s", *in.DBClusterIdentifier)
	case slices.Contains([]string{dbDeleting, dbStopping, dbStopped, dbStarting, dbKeyless, dbLost}, *c.V.Status):
		err := apiError("InvalidDBClusterStateFault", "DbCluster %s is in %s state", *in.DBClusterIdentifier, *c.V.Status)
		t.ageDBCluster(c)
		return nil, err
	case aws.ToString(in.Engine) != *c.V.Engine:
		return nil, apiError("InvalidParameterCombination", "The engine name requested for your DB Instance (%s) doesn't match the engine name of your DB cluster (%s).", aws.ToString(in.Engine), *c.V.Engine)
	case in.EngineVersion != nil && *in.EngineVersion != *c.V.EngineVersion:
		return nil, apiError("InvalidParameterCombination", "The engine version that you requested for your DB instance (%s) does not match the engine version of your DB cluster (%s).", *in.EngineVersion, *c.V.EngineVersion)
	case in.BackupRetentionPeriod != nil, in.DeletionProtection != nil, in.MasterUsername != nil, in.StorageEncrypted != nil, in.KmsKeyId != nil, in.PreferredBackupWindow != nil:
		return nil, apiError("InvalidParameterCombination", "The requested DB Instance will be a member of a DB Cluster. Set it for the DB Cluster.")
	}
	if err := dbTags.check(in.Tags); err != nil {
		return nil, err
	}
	group := dbSubnetGroups.find(t, *c.V.DBSubnetGroup)
	subnet, where, err := t.placeDBInstance(group.V, in.AvailabilityZone)
	if err != nil {
		return nil, err
	}
	_, family, err := dbVersion(*c.V.Engine, c.V.EngineVersion)
	if err != nil {
		return nil, err
	}
	if err := t.linkedDB(); err != nil {
		return nil, err
	}
	i := dbInstance{Subnet: subnet, DBInstance: types.DBInstance{
		DBInstanceIdentifier: aws.String(id), DBInstanceArn: aws.String(t.arn("rds", "db:"+id)), DbiResourceId: aws.String(strings.ToUpper(t.newID("db"))),
		DBClusterIdentifier: c.V.DBClusterIdentifier, Engine: c.V.Engine, EngineVersion: c.V.EngineVersion, DBInstanceClass: aws.String(""),
		DBInstanceStatus: aws.String(dbCreating), AvailabilityZone: aws.String(where), DBSubnetGroup: &group.V.DBSubnetGroup, StorageEncrypted: c.V.StorageEncrypted, KmsKeyId: c.V.KmsKeyId,
		PreferredMaintenanceWindow: aws.String("sat:06:00-sat:06:30"), PreferredBackupWindow: c.V.PreferredBackupWindow, BackupRetentionPeriod: c.V.BackupRetentionPeriod,
		AutoMinorVersionUpgrade: aws.Bool(true), PromotionTier: aws.Int32(1), PerformanceInsightsEnabled: aws.Bool(false), CopyTagsToSnapshot: aws.Bool(false), TagList: in.Tags,
		// In a VPC with an internet gateway RDS gives a public address unless told otherwise.
		PubliclyAccessible:      aws.Bool(slices.ContainsFunc(t.ec2().InternetGateways, func(g *row[ec2types.InternetGateway]) bool { return attachedTo(g.V, *group.V.VpcId) })),
		CACertificateIdentifier: aws.String("rds-ca-rsa2048-g1"), InstanceCreateTime: aws.Time(t.now), MultiAZ: aws.Bool(false), StorageType: aws.String("aurora"),
		DBParameterGroups: []types.DBParameterGroupStatus{{DBParameterGroupName: aws.String("default." + family), ParameterApplyStatus: aws.String("in-sync")}},
		Endpoint:          &types.Endpoint{Address: t.dbEndpoint(id, ""), Port: c.V.Port},
	}}
	change := &rds.ModifyDBInstanceInput{
		DBInstanceClass: in.DBInstanceClass, PreferredMaintenanceWindow: in.PreferredMaintenanceWindow, AutoMinorVersionUpgrade: in.AutoMinorVersionUpgrade,
		PromotionTier: in.PromotionTier, PubliclyAccessible: in.PubliclyAccessible, EnablePerformanceInsights: in.EnablePerformanceInsights,
		PerformanceInsightsKMSKeyId: in.PerformanceInsightsKMSKeyId, PerformanceInsightsRetentionPeriod: in.PerformanceInsightsRetentionPeriod,
	}
	if err := t.changeDBInstance(&i, change); err != nil {
		return nil, err
	}
	applyDBInstance(&i)
	r := &row[dbInstance]{V: i, meta: t.slow("CreateDBInstance")}
	if r.V.ENI, err = t.addENI(subnet, "interface", "RDSNetworkInterface", "amazon-rds", nil); err != nil {
		return nil, err
	}
	t.regroupDBInstance(r, c.V)
	s.Instances.add(r)
	t.electDBWriter(*c.V.DBClusterIdentifier)
	return &rds.CreateDBInstanceOutput{DBInstance: &r.V.DBInstance}, nil
}

// placeDBInstance picks the subnet of a new instance.
func (t *tx) placeDBInstance(group dbSubnetGroup, asked *string) (subnet, where string, err error) {
	if asked != nil && !slices.ContainsFunc(t.zones(), func(z zone) bool { return z.Name == *asked }) {
		return "", "", apiError("InvalidParameterValue", "Invalid availability zone: %s", *asked)
	}
	for _, sub := range group.Subnets {
		if asked == nil || *asked == *sub.SubnetAvailabilityZone.Name {
			return *sub.SubnetIdentifier, *sub.SubnetAvailabilityZone.Name, nil
		}
	}
	return "", "", apiError("InvalidVPCNetworkStateFault", "DB subnet group %s does not cover the availability zone %s", *group.DBSubnetGroupName, *asked)
}

// regroupDBInstance gives an instance the security groups of its cluster.
func (t *tx) regroupDBInstance(i *row[dbInstance], c types.DBCluster) {
	i.V.VpcSecurityGroups = c.VpcSecurityGroups
	t.regroup(i.V.ENI, each(c.VpcSecurityGroups, func(g types.VpcSecurityGroupMembership) string { return *g.VpcSecurityGroupId }))
}

// changeDBInstance checks all of a change, then makes it; the class stays pending.
func (t *tx) changeDBInstance(i *dbInstance, in *rds.ModifyDBInstanceInput) error {
	next := clone(*i)
	if class := in.DBInstanceClass; class != nil {
		if !dbClasses.MatchString(*class) {
			return apiError("InvalidParameterValue", "Invalid DB Instance class: %s", *class)
		}
		next.PendingModifiedValues = &types.PendingModifiedValues{DBInstanceClass: class}
	}
	if in.PreferredMaintenanceWindow != nil {
		next.PreferredMaintenanceWindow = aws.String(strings.ToLower(*in.PreferredMaintenanceWindow))
	}
	if err := checkDBWindows(*next.PreferredBackupWindow, *next.PreferredMaintenanceWindow); err != nil {
		return err
	}
	if in.PromotionTier != nil {
		if *in.PromotionTier < 0 || *in.PromotionTier > 15 {
			return apiError("InvalidParameterValue", "Invalid promotion tier: %d. Must be between 0 and 15", *in.PromotionTier)
		}
		next.PromotionTier = in.PromotionTier
	}
	set(&next.AutoMinorVersionUpgrade, in.AutoMinorVersionUpgrade)
	set(&next.PubliclyAccessible, in.PubliclyAccessible)
	if err := t.changeDBInsights(&next, in); err != nil {
		return err
	}
	*i = next
	return nil
}

func (t *tx) changeDBInsights(i *dbInstance, in *rds.ModifyDBInstanceInput) error {
	class := aws.ToString(i.DBInstanceClass)
	if i.PendingModifiedValues != nil {
		class = aws.ToString(i.PendingModifiedValues.DBInstanceClass)
	}
	set(&i.PerformanceInsightsEnabled, in.EnablePerformanceInsights)
	switch {
	case !*i.PerformanceInsightsEnabled && (in.PerformanceInsightsKMSKeyId != nil || in.PerformanceInsightsRetentionPeriod != nil):
		return apiError("InvalidParameterCombination", "To set Performance Insights options, Performance Insights must be enabled.")
	case !*i.PerformanceInsightsEnabled:
		i.PerformanceInsightsKMSKeyId, i.PerformanceInsightsRetentionPeriod = nil, nil
		return nil
	case *i.Engine == "aurora-mysql" && strings.HasPrefix(class, "db.t"):
		return apiError("InvalidParameterCombination", "Performance Insights not supported for this configuration.")
	case i.PerformanceInsightsKMSKeyId == nil:
		key, err := t.dbKey(in.PerformanceInsightsKMSKeyId)
		if err != nil {
			return err
		}
		i.PerformanceInsightsKMSKeyId, i.PerformanceInsightsRetentionPeriod = key, aws.Int32(7)
	case in.PerformanceInsightsKMSKeyId != nil && *in.PerformanceInsightsKMSKeyId != *i.PerformanceInsightsKMSKeyId:
		return apiError("InvalidParameterCombination", "You can't change the Performance Insights KMS key of an instance that has it enabled.")
	}
	set(&i.PerformanceInsightsRetentionPeriod, in.PerformanceInsightsRetentionPeriod)
	return nil
}

func applyDBInstance(i *dbInstance) {
	if p := i.PendingModifiedValues; p != nil {
		i.DBInstanceClass = p.DBInstanceClass
		i.PendingModifiedValues = nil
	}
}

// restarted puts the parameters in force that the groups have.
func (i *dbInstance) restarted() {
	i.Stale = false
	for n := range i.DBParameterGroups {
		i.DBParameterGroups[n].ParameterApplyStatus = aws.String("in-sync")
	}
}

// busyDBInstance is like busyDBCluster.
func (t *tx) busyDBInstance(r *row[dbInstance]) error {
	err := apiError("InvalidDBInstanceState", "Instance %s is currently %s - try again later.", *r.V.DBInstanceIdentifier, *r.V.DBInstanceStatus)
	t.ageDBInstance(r)
	return err
}

// ageDBInstance moves an instance on once it has been looked at often enough, and
// reports whether it is still there. It is not ready before its cluster.
func (t *tx) ageDBInstance(r *row[dbInstance]) bool {
	if t.waits(&r.meta) {
		return true
	}
	switch *r.V.DBInstanceStatus {
	case dbCreating:
		if c := dbClusters.find(t, *r.V.DBClusterIdentifier); c != nil && *c.V.Status == dbCreating && (c.Looks > 0 || t.now.UnixNano() < c.Slow) {
			return true
		}
		r.V.DBInstanceStatus = aws.String(dbAvailable)
	case dbModifying:
		if r.V.PendingModifiedValues != nil { // another class is another host
			r.V.restarted()
		}
		applyDBInstance(&r.V)
		r.V.DBInstanceStatus = aws.String(dbAvailable)
	case dbRebooting:
		r.V.restarted()
		r.V.DBInstanceStatus = aws.String(dbAvailable)
	case dbStopping:
		if c := dbClusters.find(t, *r.V.DBClusterIdentifier); c == nil || *c.V.Status == dbStopped {
			r.V.DBInstanceStatus = aws.String(dbStopped)
		}
	case dbStarting:
		if c := dbClusters.find(t, *r.V.DBClusterIdentifier); c == nil || *c.V.Status == dbAvailable {
			r.V.restarted()
			r.V.DBInstanceStatus = aws.String(dbAvailable)
		}
	case dbDeleting:
		t.releaseENI(r.V.ENI)
		t.rds().Instances.drop(r)
		return false
	}
	return true
}

// dbMembers are the instances of a cluster.
func (t *tx) dbMembers(cluster string) []*row[dbInstance] {
	return t.rds().Instances.where(func(i *row[dbInstance]) bool { return aws.ToString(i.V.DBClusterIdentifier) == cluster })
}

// electDBWriter makes the member with the lowest tier the writer if there is none.
func (t *tx) electDBWriter(cluster string) {
	var best *row[dbInstance]
	for _, i := range t.dbMembers(cluster) {
		switch {
		case i.V.Writer:
			return
		case *i.V.DBInstanceStatus != dbDeleting && (best == nil || *i.V.PromotionTier < *best.V.PromotionTier):
			best = i
		}
	}
	if best != nil {
		best.V.Writer = true
	}
}
