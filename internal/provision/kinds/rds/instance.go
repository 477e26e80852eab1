package rds

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// databasePatience is how long RDS may take: usually 10 to 15 minutes.
const databasePatience = 45 * time.Minute

// Terraform's logs say "Creation complete after" 6m13s, 6m21s and 6m33s of new instances of
// Aurora, and 42 s, 43 s and 53 s of clusters.
const (
	instanceUsual = 6 * time.Minute
	clusterUsual  = 45 * time.Second
)

// lastTier is the last place in the order of failover.
const lastTier = 15

// Instance is an instance of a cluster, with what the cluster tells of it.
type Instance struct {
	rdstypes.DBInstance
	member rdstypes.DBClusterMember
}

type dbInstance = *Instance

type wantDBInstance struct {
	name, class, zone string
	engine            rules.Engine
	tier              int32
	maintenance       spec.Maintenance
	cluster           provision.Role // that it is made in
	until             string         // for a drill's: the text of its tag
}

// InstanceKind is one machine of the Aurora cluster. They are spread over the
// zones; any of them can become the writer, in the order of their tiers.
func InstanceKind() *provision.Type {
	id := func(i dbInstance) string { return aws.ToString(i.DBInstanceIdentifier) }
	return provision.Define(provision.Kind[wantDBInstance, dbInstance]{
		Name:    "rds/instance",
		ARN:     "rds:db:",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[wantDBInstance, dbInstance]{Items: billInstance, With: []string{"rds/cluster"}},
		Impact:  provision.Impact[dbInstance]{Losses: instanceLosses, Word: func(role provision.Role) string { return "database/" + role }},
		// They are made while their cluster is. When windows move, the cluster's backup
		// window moves first: RDS refuses a maintenance window that overlaps it.
		DependsOn: append(provision.Existing("rds/cluster", "kms/key", "iam/service-linked-role"), provision.ForFields(provision.Ready("rds/cluster"))...),
		Timing:    provision.Timing{AsyncDelete: true, Usual: instanceUsual, Timeout: databasePatience},
		Want:      wantDBInstances,
		Zone:      func(_ *provision.Step, d wantDBInstance) string { return d.zone },
		Adopt:     adoptDBInstance,
		Data:      provision.Data[dbInstance]{KeepReason: func(_ *provision.Scope, i dbInstance) string { return leaveDrill(Tags.Of(i.TagList)) }},
		Naming: provision.Naming[wantDBInstance, dbInstance]{
			ExtraTags: func(_ *provision.Scope, d wantDBInstance) provision.Tags {
				return provision.Tags{provision.TagExpires: d.until}
			},
			Key:   id,
			KeyOf: func(_ *provision.Scope, d wantDBInstance) string { return d.name },
			Title: func(_ *provision.Scope, _ provision.Role, d wantDBInstance) string {
				return fmt.Sprintf("%s, %s in %s", d.name, d.class, d.zone)
			},
		},
		List: func(ctx context.Context, w *provision.Sweep) ([]dbInstance, error) {
			all, err := dbInstances(ctx, w.RDS, &rds.DescribeDBInstancesInput{MaxRecords: RdsPage})
			return kit.Map(all, err, func(i rdstypes.DBInstance) dbInstance { return &Instance{DBInstance: i} })
		},
		Hydrate: readMembers,
		ID:      id,
		Tags:    func(i dbInstance) provision.Tags { return Tags.Of(i.TagList) },
		State:   func(i dbInstance) provision.State { return dbState(i.DBInstanceStatus) },
		Repair:  func(i dbInstance) string { return repairDB("db-instance", id(i), aws.ToString(i.DBInstanceStatus)) },
		Within:  clusterOf,
		Turn: func(_ *provision.Step, i dbInstance) int {
			if i.Writes() {
				return 1
			}
			return 0
		},
		Noted: noteOfInstance,
		Stalled: func(_ context.Context, _ *provision.Step, i dbInstance) (string, bool, error) {
			return lang.Sprintf("RDS says %s", aws.ToString(i.DBInstanceStatus)), false, nil
		},
		Create: createDBInstance,
		Delete: deleteDBInstance,
		Retag:  retagRDS(func(i dbInstance) *string { return i.DBInstanceArn }),
		Untag:  untagRDS(func(i dbInstance) *string { return i.DBInstanceArn }),
		Update: updateDBInstance,
		Facts: func(i dbInstance) []provision.Fact {
			facts := []provision.Fact{{Name: "class", Value: aws.ToString(i.DBInstanceClass)}, {Name: "zone", Value: aws.ToString(i.AvailabilityZone)}}
			if i.Writes() {
				facts = append(facts, provision.Fact{Name: rules.FactServesAs, Value: rules.ServesAsWriter})
			}
			return facts
		},
		Limits: provision.Limits[wantDBInstance, dbInstance]{
			Quota:  &provision.Quota{Service: "rds", Code: "L-7B6409FD", Name: "DB instances"},
			Offers: offeredDatabase,
		},
		Fields: kit.BatchFields(dbInstanceChanges),
	})
}

func dbInstances(ctx context.Context, api awsapi.RDS, in *rds.DescribeDBInstancesInput) ([]rdstypes.DBInstance, error) {
	p := rds.NewDescribeDBInstancesPaginator(api, in)
	return kit.All(ctx, p, func(o *rds.DescribeDBInstancesOutput) []rdstypes.DBInstance { return o.DBInstances })
}

// wantDBInstances are those of the client's database, and of the copy that is asked for.
func wantDBInstances(s *provision.Scope) map[provision.Role]wantDBInstance {
	out := map[provision.Role]wantDBInstance{}
	for n := range s.Spec.Database.Instances {
		role := strconv.Itoa(n + 1)
		out[role] = databaseInstance(s, rules.DatabaseInstanceName(rules.DatabaseName(s.Client), role), n+1)
	}
	if r := s.Restore; r != nil && !r.Own {
		for n := range r.Instances {
			want := databaseInstance(s, rules.DatabaseInstanceName(r.Name, strconv.Itoa(n+1)), n+1)
			if want.cluster = r.Role(); r.Drill {
				want.until = r.Expires.UTC().Format(time.RFC3339)
			}
			out[r.InstanceRole(n+1)] = want
		}
	}
	return out
}

// databaseInstance is the n-th instance of a cluster, counted from 1.
func databaseInstance(s *provision.Scope, name string, n int) wantDBInstance {
	db := s.Spec.Database
	return wantDBInstance{
		name: name, class: db.Class, zone: s.Zones[(n-1)%len(s.Zones)].Name, cluster: databaseRole,
		engine: rules.EngineOf(db.Engine), tier: int32(min(n-1, lastTier)), maintenance: s.Spec.Maintenance,
	}
}

func createDBInstance(ctx context.Context, s *provision.Step, d wantDBInstance) (dbInstance, error) {
	in := &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: aws.String(d.name), DBClusterIdentifier: aws.String(s.ID("rds/cluster", d.cluster)), Engine: aws.String(d.engine.Name),
		DBInstanceClass: aws.String(d.class), AvailabilityZone: aws.String(d.zone), PromotionTier: aws.Int32(d.tier), PubliclyAccessible: aws.Bool(false),
		AutoMinorVersionUpgrade: aws.Bool(true), PreferredMaintenanceWindow: aws.String(maintenanceWindow(s, d.maintenance)), Tags: Tags.To(s.Tags),
	}
	if d.engine.PerformanceInsights(d.class) {
		in.EnablePerformanceInsights, in.PerformanceInsightsKMSKeyId = aws.Bool(true), aws.String(s.ID("kms/key", "client"))
	}
	return kit.Get(ctx, s.API.RDS.CreateDBInstance, in, func(o *rds.CreateDBInstanceOutput) dbInstance { return &Instance{DBInstance: *o.DBInstance} })
}

// deleteDBInstance removes an instance; the data stays in the cluster. When the
// cluster is to go too, it is started if need be, and its protection is taken off first:
// who may not do that is stopped before anything is gone.
func deleteDBInstance(ctx context.Context, s *provision.Step, i dbInstance) error {
	role := clusterRoleOf(i)
	c, ours := provision.Lookup[dbCluster](s, "rds/cluster", role)
	ours = ours && aws.ToString(c.DBClusterIdentifier) == aws.ToString(i.DBClusterIdentifier)
	if ours && !slices.Contains(s.Roles("rds/cluster"), role) {
		err := provision.Together(ctx, s, "free "+aws.ToString(i.DBClusterIdentifier), i.DBClusterIdentifier, func(ctx context.Context, ids []*string) error {
			_, err := freeDBCluster(ctx, s, ids[0])
			return err
		})
		if err != nil {
			return err
		}
	}
	if dbState(i.DBInstanceStatus) == provision.Deleting {
		return nil
	}
	return kit.Do(ctx, s.API.RDS.DeleteDBInstance, &rds.DeleteDBInstanceInput{DBInstanceIdentifier: i.DBInstanceIdentifier, SkipFinalSnapshot: aws.Bool(true)})
}

type modifyDBInstance = rds.ModifyDBInstanceInput

// dbInstanceChanges are made by one call: RDS refuses another while the first one works.
var dbInstanceChanges = []kit.Change[wantDBInstance, dbInstance, modifyDBInstance]{
	kit.Text(instanceClass, func(_ *provision.Step, d wantDBInstance) string { return d.class },
		func(i dbInstance) *string { return cmp.Or(i.comingClass(), i.DBInstanceClass) },
		func(in *modifyDBInstance) **string { return &in.DBInstanceClass }),
	{
		Name: instanceZone,
		Want: func(s *provision.Step, d wantDBInstance) string {
			// The only one serves where it is: nobody could take over while it is made again.
			if s.InWindow || s.Spec.Database.Instances == 1 {
				return provision.Keep
			}
			return d.zone
		},
		Have: func(i dbInstance) string { return aws.ToString(i.AvailabilityZone) },
		Put:  func(*provision.Step, wantDBInstance, dbInstance, *modifyDBInstance) {}, // see updateDBInstance
	},
	{
		Name: instanceParameters,
		Want: func(s *provision.Step, _ wantDBInstance) string {
			if s.InWindow { // nothing restarts an instance in its window
				return provision.Keep
			}
			return inSync
		},
		Have: func(i dbInstance) string { return i.parameters() },
		Put:  func(*provision.Step, wantDBInstance, dbInstance, *modifyDBInstance) {}, // see updateDBInstance
	},
	kit.Count("promotion tier", func(d wantDBInstance) int32 { return d.tier }, func(i dbInstance) *int32 { return i.PromotionTier },
		func(in *modifyDBInstance) **int32 { return &in.PromotionTier }),
	kit.Text("maintenance window", func(s *provision.Step, d wantDBInstance) string { return maintenanceWindow(s, d.maintenance) },
		func(i dbInstance) *string { return i.PreferredMaintenanceWindow },
		func(in *modifyDBInstance) **string { return &in.PreferredMaintenanceWindow }),
	kit.Flag[wantDBInstance]("public address", false, func(i dbInstance) *bool { return i.PubliclyAccessible },
		func(in *modifyDBInstance) **bool { return &in.PubliclyAccessible }),
	kit.Flag[wantDBInstance]("minor version upgrades", true, func(i dbInstance) *bool { return i.AutoMinorVersionUpgrade },
		func(in *modifyDBInstance) **bool { return &in.AutoMinorVersionUpgrade }),
	{
		Name: "Performance Insights",
		Want: func(_ *provision.Step, d wantDBInstance) string {
			return kit.OnOff(d.engine.PerformanceInsights(d.class))
		},
		Have: func(i dbInstance) string { return kit.OnOff(aws.ToBool(i.PerformanceInsightsEnabled)) },
		Put: func(s *provision.Step, d wantDBInstance, _ dbInstance, in *modifyDBInstance) {
			in.EnablePerformanceInsights = aws.Bool(d.engine.PerformanceInsights(d.class))
			if *in.EnablePerformanceInsights {
				in.PerformanceInsightsKMSKeyId = aws.String(s.ID("kms/key", "client"))
			}
		},
	},
}

// offeredDatabase is the class of a database instance in its zone, where it is new.
func offeredDatabase(_ *provision.Scope, _ provision.Role, d wantDBInstance, have *dbInstance) []provision.Offer {
	if have != nil && (*have).DBInstanceClass != nil && *(*have).DBInstanceClass == d.class {
		return nil
	}
	return []provision.Offer{{Type: d.class, Engine: d.engine.Name, Major: d.engine.Major, Zone: d.zone}}
}

// instanceLosses: the data is the cluster's. A drill's instance serves nobody.
func instanceLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, i dbInstance) ([]provision.Loss, error) {
	if isDrill(Tags.Of(i.TagList)) {
		return nil, nil
	}
	return []provision.Loss{provision.Lost("connections to the instance %s (%s)", aws.ToString(i.DBInstanceIdentifier), aws.ToString(i.DBInstanceClass))}, nil
}
