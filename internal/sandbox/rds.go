package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// rdsState is RDS in one region. Slices are in the order of creation.
type rdsState struct {
	SubnetGroups    table[row[dbSubnetGroup]]
	ParameterGroups table[row[dbParameterGroup]]
	Clusters        table[row[types.DBCluster]]
	Managed         map[string]bool // clusters whose master password Secrets Manager keeps
	Instances       table[row[dbInstance]]
	Snapshots       table[row[types.DBClusterSnapshot]]
	Retained        table[row[types.DBClusterAutomatedBackup]] // of clusters that are gone
	Subscriptions   table[row[dbSubscription]]
	Exports         table[row[dbExport]]
	ExportFate      ExportFate            // of the exports that end from now on
	Heirs           map[string]string     `json:",omitempty"` // who becomes the writer of a cluster that fails over
	Unkeyed         map[string]*dbUnkeyed `json:",omitempty"` // clusters whose key cannot be used
	SupportEnds     map[string]time.Time  `json:",omitempty"` // of major versions, other than the sandbox has it
	// Outages are what was interrupted more than it had to be. No operation tells them.
	Outages []string `json:",omitempty"`
}

func (t *tx) rds() *rdsState {
	s := in(&t.RDS, t.region)
	if s.Managed == nil {
		s.Managed = map[string]bool{}
	}
	if s.Heirs == nil {
		s.Heirs = map[string]string{}
	}
	if s.Unkeyed == nil {
		s.Unkeyed = map[string]*dbUnkeyed{}
	}
	return s
}

func registerRDS(a *Account) {
	registerDBSubnetGroup(a)
	registerDBParameterGroup(a)
	registerDBCluster(a)
	registerDBInstance(a)
	registerDBPower(a)
	registerDBSnapshot(a)
	registerDBRestore(a)
	registerDBExport(a)
	registerDBSupport(a)
	registerDBEvents(a)
	tags := tagsOn(on(a, rds.ServiceID, (*tx).dbTagsOf), dbTags, func(tags *[]types.Tag) *[]types.Tag { return tags })
	opListTags(tags, func(in *rds.ListTagsForResourceInput) *string { return in.ResourceName }, func(out *rds.ListTagsForResourceOutput, tags []types.Tag) { out.TagList = tags })
	opTag[rds.AddTagsToResourceOutput](tags, func(in *rds.AddTagsToResourceInput) (*string, []types.Tag) { return in.ResourceName, in.Tags })
	opUntag[rds.RemoveTagsFromResourceOutput](tags, func(in *rds.RemoveTagsFromResourceInput) (*string, []string) { return in.ResourceName, in.TagKeys })
	dbSubnetGroups.tagged(a, dbTags, "rds")
	dbParameterGroups.tagged(a, dbTags, "rds")
	dbClusters.tagged(a, dbTags, "rds")
	dbInstances.tagged(a, dbTags, "rds")
	dbSubscriptions.tagged(a, dbTags, "rds")
}

// States in which RDS keeps clusters and instances.
const (
	dbCreating  = "creating"
	dbAvailable = "available"
	dbModifying = "modifying"
	dbBackingUp = "backing-up"
	dbDeleting  = "deleting"
)

// dbEngine is what RDS knows of an engine.
type dbEngine struct {
	port int32
	// versions are in ascending order; the last one with a given beginning is
	// what that beginning means, and the last of all is the default.
	versions []string
	majors   int // parts of a version that make the family
	logs     []string
}

var dbEngines = map[string]dbEngine{
	"aurora-postgresql": {5432, []string{"14.20", "15.15", "16.8", "16.11", "17.7"}, 1, []string{"postgresql", "instance", "iam-db-auth-error"}},
	"aurora-mysql": {
		3306,
		[]string{"5.7.mysql_aurora.2.12.5", "8.0.mysql_aurora.3.08.2", "8.0.mysql_aurora.3.10.3", "8.4.mysql_aurora.8.4.7"},
		2,
		[]string{"audit", "error", "general", "slowquery", "instance", "iam-db-auth-error"},
	},
}

// dbVersion resolves the version asked for, which may be only its beginning, and
// the family of parameter groups that it takes.
func dbVersion(engine string, asked *string) (version, family string, err error) {
	e, known := dbEngines[engine]
	if !known {
		return "", "", apiError("InvalidParameterValue", "Invalid DB engine: %s", engine)
	}
	for _, v := range e.versions {
		if asked == nil || v == *asked || strings.HasPrefix(v, *asked+".") {
			version = v
		}
	}
	if version == "" {
		return "", "", apiError("InvalidParameterCombination", "Cannot find version %s for %s", *asked, engine)
	}
	return version, engine + strings.Join(strings.Split(version, ".")[:e.majors], "."), nil
}

var (
	dbNamePattern   = lazyregexp.New(`^[a-zA-Z](-?[a-zA-Z0-9])*$`)
	dbDailyPattern  = lazyregexp.New(`^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$`)
	dbWeeklyPattern = lazyregexp.New(`^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)$`)
)

func dbName(parameter string, name *string, limit int) (string, error) {
	if n := aws.ToString(name); len(n) > limit || !dbNamePattern.MatchString(n) {
		return "", apiError("InvalidParameterValue", "The parameter %s is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.", parameter)
	}
	return strings.ToLower(*name), nil
}

const (
	dbDay  = 24 * 60 // minutes
	dbWeek = 7 * dbDay
)

// dbDaily reads a daily window: its start and its length, in minutes.
func dbDaily(window string) (start, length int, err error) {
	m := dbDailyPattern.FindStringSubmatch(window)
	if m == nil {
		return 0, 0, apiError("InvalidParameterValue", "Invalid backup window: %s", window)
	}
	start = dbClock(m[1], m[2])
	length = (dbClock(m[3], m[4]) - start + dbDay) % dbDay
	if length < 30 {
		return 0, 0, apiError("InvalidParameterValue", "The backup window must be at least 30 minutes.")
	}
	return start, length, nil
}

// dbWeekly reads a weekly window in the same way.
func dbWeekly(window string) (start, length int, err error) {
	m := dbWeeklyPattern.FindStringSubmatch(strings.ToLower(window))
	if m == nil {
		return 0, 0, apiError("InvalidParameterValue", "Invalid maintenance window format: %s", window)
	}
	days := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	start = slices.Index(days, m[1])*dbDay + dbClock(m[2], m[3])
	length = (slices.Index(days, m[4])*dbDay + dbClock(m[5], m[6]) - start + dbWeek) % dbWeek
	if length < 30 || length >= dbDay {
		return 0, 0, apiError("InvalidParameterValue", "The maintenance window must be at least 30 minutes and less than 24 hours.")
	}
	return start, length, nil
}

func dbClock(hour, minute string) int {
	return (int(hour[0]-'0')*10+int(hour[1]-'0'))*60 + int(minute[0]-'0')*10 + int(minute[1]-'0')
}

// checkDBWindows refuses windows that RDS does, overlapping ones included.
func checkDBWindows(backup, maintenance string) error {
	daily, lasts, err := dbDaily(backup)
	if err != nil {
		return err
	}
	weekly, runs, err := dbWeekly(maintenance)
	if err != nil {
		return err
	}
	for day := range 7 {
		start := day*dbDay + daily
		if (weekly-start+dbWeek)%dbWeek < lasts || (start-weekly+dbWeek)%dbWeek < runs {
			return apiError("InvalidParameterValue", "The backup window and maintenance window must not overlap.")
		}
	}
	return nil
}

// checkDBGroups refuses security groups that are not in the VPC.
func (t *tx) checkDBGroups(ids []string, vpc string) error {
	for _, id := range ids {
		g := securityGroups.find(t, id)
		switch {
		case g == nil:
			return apiError("InvalidParameterValue", "Invalid security group , groupId= %s, groupName=.", id)
		case aws.ToString(g.V.VpcId) != vpc:
			return apiError("InvalidParameterCombination", "The DB instance and EC2 security group are in different VPCs. The DB instance is in %s and the EC2 security group is in %s", vpc, aws.ToString(g.V.VpcId))
		}
	}
	return nil
}

// dbKey is the KMS key that encrypts: as given, or the one that AWS manages.
func (t *tx) dbKey(id *string) (*string, error) {
	if id == nil {
		return aws.String(t.arn("kms", "key/aws-managed-rds")), nil
	}
	key, err := t.usableKey(*id)
	if err != nil {
		return nil, apiError("KMSKeyNotAccessibleFault", "The specified KMS key [%s] does not exist, is not enabled or you do not have permissions to access it.", *id)
	}
	return key.V.Meta.Arn, nil
}

// dbPage checks the page size asked for and cuts a page.
func dbPage[T any](t *tx, items []T, limit *int32, marker *string) ([]T, *string, error) {
	if limit != nil && (*limit < 20 || *limit > 100) {
		return nil, nil, apiError("InvalidParameterValue", "Invalid value %d for MaxRecords. Must be between 20 and 100", *limit)
	}
	return page(t, items, marker)
}

// dbMatches applies filters to one resource; those that the operation does not know are refused.
func dbMatches(filters []types.Filter, have map[string]string) (bool, error) {
	for _, f := range filters {
		value, known := have[aws.ToString(f.Name)]
		if !known {
			return false, apiError("InvalidParameterValue", "Unrecognized filter name: %s", aws.ToString(f.Name))
		}
		if !slices.Contains(f.Values, value) {
			return false, nil
		}
	}
	return true, nil
}

var dbTags = tagList[types.Tag]{
	parts:    func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: reserves(apiError("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")),
}

// The types of RDS that carry tags.
var (
	dbSubnetGroups    = kind[dbSubnetGroup, types.Tag]{rds.ServiceID, "subgrp:", func(t *tx) table[row[dbSubnetGroup]] { return t.rds().SubnetGroups }, dbSubnetGroupName, func(v *dbSubnetGroup) *[]types.Tag { return &v.Tags }, "DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist."}
	dbParameterGroups = kind[dbParameterGroup, types.Tag]{rds.ServiceID, "cluster-pg:", func(t *tx) table[row[dbParameterGroup]] { return t.rds().ParameterGroups }, dbParameterGroupName, func(v *dbParameterGroup) *[]types.Tag { return &v.Tags }, "DBParameterGroupNotFound", "DBClusterParameterGroup not found: %s"}
	dbClusters        = kind[types.DBCluster, types.Tag]{rds.ServiceID, "cluster:", func(t *tx) table[row[types.DBCluster]] { return t.rds().Clusters }, dbClusterID, func(v *types.DBCluster) *[]types.Tag { return &v.TagList }, "DBClusterNotFoundFault", "DBCluster %s not found."}
	dbInstances       = kind[dbInstance, types.Tag]{rds.ServiceID, "db:", func(t *tx) table[row[dbInstance]] { return t.rds().Instances }, dbInstanceID, func(v *dbInstance) *[]types.Tag { return &v.TagList }, "DBInstanceNotFound", "DBInstance %s not found."}
	dbSnapshots       = kind[types.DBClusterSnapshot, types.Tag]{rds.ServiceID, "cluster-snapshot:", func(t *tx) table[row[types.DBClusterSnapshot]] { return t.rds().Snapshots }, dbSnapshotID, func(v *types.DBClusterSnapshot) *[]types.Tag { return &v.TagList }, "DBClusterSnapshotNotFoundFault", "DBClusterSnapshot %s not found"}
	dbSubscriptions   = kind[dbSubscription, types.Tag]{rds.ServiceID, "es:", func(t *tx) table[row[dbSubscription]] { return t.rds().Subscriptions }, dbSubscriptionName, func(v *dbSubscription) *[]types.Tag { return &v.Tags }, "SubscriptionNotFound", "Event Subscription %s does not exist."}

	dbKinds = []interface {
		arnPrefix() string
		refusal() string
		tagsOf(t *tx, name string) *[]types.Tag
	}{dbSubnetGroups, dbParameterGroups, dbClusters, dbInstances, dbSnapshots, dbSubscriptions}
)

// dbTagsOf finds the tags of anything in RDS by its ARN.
func (t *tx) dbTagsOf(arn *string) (*[]types.Tag, error) {
	rest, ok := strings.CutPrefix(aws.ToString(arn), t.arn("rds", ""))
	what, name, named := strings.Cut(rest, ":")
	if !ok || !named {
		return nil, apiError("InvalidParameterValue", "Invalid resource name: %s", aws.ToString(arn))
	}
	for _, k := range dbKinds {
		if k.arnPrefix() == what+":" {
			tags := k.tagsOf(t, name)
			return found(tags, apiError, k.refusal(), "%s not found: %s", what, name)
		}
	}
	return nil, apiError("InvalidParameterValue", "Invalid resource type: %s", what)
}

// dbEndpoint is a host name that RDS makes up for a cluster or an instance.
func (t *tx) dbEndpoint(name, part string) *string {
	return aws.String(fmt.Sprintf("%s.%ssandbox.%s.rds.amazonaws.com", name, part, t.region))
}
