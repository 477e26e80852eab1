package rds

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Changes that take an instance away for a while: readers first, one after the other, then a
// failover to one of them, and last the former writer. What is done next goes by what RDS
// tells at that moment, so that a run that was killed, or another one, goes on from there.

// Fields that take a restart, and what RDS says of parameters that wait for one.
const (
	instanceClass      = rules.FieldInstanceClass
	instanceZone       = rules.FieldInstanceZone
	instanceParameters = rules.FieldInstanceParameters
	inSync             = "in-sync"
	pendingReboot      = "pending-reboot"
)

// readMembers adds what the clusters tell of their instances.
func readMembers(ctx context.Context, w *provision.Sweep, instances []dbInstance) error {
	clusters, err := dbClusters(ctx, w)
	if err != nil {
		return err
	}
	for _, c := range clusters {
		for _, m := range c.DBClusterMembers {
			for _, i := range instances {
				if aws.ToString(i.DBInstanceIdentifier) == aws.ToString(m.DBInstanceIdentifier) {
					i.member = m
				}
			}
		}
	}
	return nil
}

// Writes reports whether the instance is the one that writes.
func (i *Instance) Writes() bool { return aws.ToBool(i.member.IsClusterWriter) }

// comingClass is the class that the instance is about to have, now or in its window; nil
// when it keeps the one it has.
func (i *Instance) comingClass() *string {
	if i.PendingModifiedValues == nil {
		return nil
	}
	return i.PendingModifiedValues.DBInstanceClass
}

// parameters is whether the instance runs with what its own group and its cluster's say.
func (i *Instance) parameters() string {
	waits := func(g rdstypes.DBParameterGroupStatus) bool {
		return aws.ToString(g.ParameterApplyStatus) == pendingReboot
	}
	if aws.ToString(i.member.DBClusterParameterGroupStatus) == pendingReboot || slices.ContainsFunc(i.DBParameterGroups, waits) {
		return pendingReboot
	}
	return inSync
}

// noteOfInstance is what waits for the maintenance window, or for a restart that nobody has
// asked for yet.
func noteOfInstance(i dbInstance) string {
	switch {
	case i.comingClass() != nil:
		return lang.Sprintf("class %s waits for the maintenance window (%s UTC)", *i.comingClass(), aws.ToString(i.PreferredMaintenanceWindow))
	case i.parameters() == pendingReboot:
		return lang.Say("parameters wait for a restart, which AWS does not do in the maintenance window: run without --in-window when it suits")
	default:
		return ""
	}
}

// clusterOf is the cluster that an instance is a part of.
func clusterOf(want *wantDBInstance, have *dbInstance) (kind string, role provision.Role) {
	if have != nil {
		return "rds/cluster", clusterRoleOf(*have)
	}
	return "rds/cluster", want.cluster
}

func updateDBInstance(ctx context.Context, s *provision.Step, d wantDBInstance, i dbInstance, changed []string) error {
	reclass, move := slices.Contains(changed, instanceClass), slices.Contains(changed, instanceZone)
	if !move && !slices.Contains(changed, instanceParameters) && (!reclass || s.InWindow) {
		// The class alone waits for the window; one that waits already is not to be brought forward.
		return modifyInstance(ctx, s, d, i, changed, false)
	}
	r := &rolling{s: s, want: d, name: aws.ToString(i.DBInstanceIdentifier)}
	err := r.read(ctx, i.DBClusterIdentifier)
	me := r.members[r.name]
	switch {
	case err != nil:
		return err
	case me == nil && move:
		return nil // to be made again, which the next plan of this run says
	case me == nil:
		return kit.Unseen(lang.Sprintf("the instance %s", r.name))
	}
	if err := r.quiet(); err != nil {
		return err
	}
	if move {
		return r.remake(ctx, me)
	}
	rest := slices.DeleteFunc(slices.Clone(changed), func(name string) bool {
		return name == instanceParameters || slices.ContainsFunc(dbInstanceChanges, func(f kit.Change[wantDBInstance, dbInstance, modifyDBInstance]) bool {
			return f.Name == name && f.Want(s, d) == f.Have(me)
		})
	})
	reclass = aws.ToString(me.DBInstanceClass) != d.class && slices.Contains(changed, instanceClass)
	switch {
	case reclass:
		if err := r.standAside(ctx); err != nil {
			return err
		}
		err := s.Once("change "+r.name, func() error {
			return modifyInstance(ctx, s, d, me, append(rest, instanceClass), true)
		})
		return cmp.Or(err, error(&provision.WaitingError{For: lang.Sprintf("the instance %s is changing its class", r.name)}))
	case len(rest) > 0:
		return cmp.Or(modifyInstance(ctx, s, d, me, rest, false), error(&provision.WaitingError{For: lang.Sprintf("the instance %s is changing", r.name)}))
	case me.parameters() == pendingReboot && slices.Contains(changed, instanceParameters):
		if slices.Contains(changed, instanceClass) && s.First("look after the change of "+r.name) {
			// It was just started with another class, of which the cluster may tell late.
			return &provision.WaitingError{For: lang.Sprintf("the instance %s is back with its parameters", r.name)}
		}
		if err := r.standAside(ctx); err != nil {
			return err
		}
		err := s.Once("restart "+r.name, func() error {
			return kit.Do(ctx, s.API.RDS.RebootDBInstance, &rds.RebootDBInstanceInput{DBInstanceIdentifier: me.DBInstanceIdentifier})
		})
		return cmp.Or(err, error(&provision.WaitingError{For: lang.Sprintf("the instance %s is restarting", r.name)}))
	default:
		return nil
	}
}

func modifyInstance(ctx context.Context, s *provision.Step, d wantDBInstance, i dbInstance, changed []string, now bool) error {
	in := &rds.ModifyDBInstanceInput{DBInstanceIdentifier: i.DBInstanceIdentifier, ApplyImmediately: aws.Bool(now)}
	kit.Fill(dbInstanceChanges, changed, s, d, i, in)
	return kit.Do(ctx, s.API.RDS.ModifyDBInstance, in)
}

// rolling is a change of one instance, seen together with the others of its cluster.
type rolling struct {
	s       *provision.Step
	want    wantDBInstance
	name    string
	cluster dbCluster
	members map[string]dbInstance
}

// read looks at all instances of the cluster as they are now, and then at the cluster: what it
// tells of instances that are back is not older than that.
func (r *rolling) read(ctx context.Context, cluster *string) error {
	listed, err := dbInstances(ctx, r.s.API.RDS, &rds.DescribeDBInstancesInput{
		Filters: []rdstypes.Filter{{Name: aws.String("db-cluster-id"), Values: []string{aws.ToString(cluster)}}}, MaxRecords: RdsPage,
	})
	if err != nil {
		return err
	}
	r.members = map[string]dbInstance{}
	for _, i := range listed {
		r.members[aws.ToString(i.DBInstanceIdentifier)] = &Instance{DBInstance: i}
	}
	if r.cluster, err = currentDBCluster(ctx, r.s, cluster); err != nil {
		return err
	}
	if r.cluster == nil {
		return kit.Unseen(lang.Sprintf("the cluster of %s", r.name))
	}
	for _, m := range r.cluster.DBClusterMembers {
		if i := r.members[aws.ToString(m.DBInstanceIdentifier)]; i != nil {
			i.member = m
		}
	}
	return nil
}

// quiet waits until nothing of the cluster is on its way to somewhere.
func (r *rolling) quiet() error {
	if dbState(r.cluster.Status) == provision.Pending {
		return &provision.WaitingError{For: lang.Sprintf("the cluster %s is %s", aws.ToString(r.cluster.DBClusterIdentifier), aws.ToString(r.cluster.Status))}
	}
	for _, name := range r.names() {
		if i := r.members[name]; dbState(i.DBInstanceStatus) == provision.Pending {
			return &provision.WaitingError{For: lang.Sprintf("the instance %s is %s", name, aws.ToString(i.DBInstanceStatus))}
		}
	}
	return nil
}

func (r *rolling) names() []string {
	var names []string
	for name := range r.members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// standAside has another instance write before this one is taken away; with no other, it is
// taken away as it is.
func (r *rolling) standAside(ctx context.Context) error {
	if !r.members[r.name].Writes() {
		return nil
	}
	var heirs []dbInstance
	others := 0
	for _, name := range r.names() {
		i := r.members[name]
		if name == r.name || dbState(i.DBInstanceStatus) == provision.Deleting {
			continue
		}
		if others++; aws.ToString(i.DBInstanceStatus) == available {
			heirs = append(heirs, i)
		}
	}
	switch {
	case others == 0:
		return nil
	case len(heirs) == 0:
		return lang.Errorf("%s writes, and none of the other instances is available to take over: it is left as it is", r.name)
	}
	// One that is done, then one that nothing waits for: its failover is the last one.
	heir := slices.MinFunc(heirs, func(a, b dbInstance) int {
		return cmp.Or(cmp.Compare(r.lacks(a), r.lacks(b)), cmp.Compare(aws.ToInt32(a.PromotionTier), aws.ToInt32(b.PromotionTier)))
	})
	name := aws.ToString(heir.DBInstanceIdentifier)
	err := r.s.Once("fail over from "+r.name, func() error {
		return kit.Do(ctx, r.s.API.RDS.FailoverDBCluster, &rds.FailoverDBClusterInput{DBClusterIdentifier: r.cluster.DBClusterIdentifier, TargetDBInstanceIdentifier: &name})
	})
	return cmp.Or(err, error(&provision.WaitingError{For: lang.Sprintf("the cluster fails over from %s to %s", r.name, name)}))
}

// remake removes an instance that is in the wrong zone, where AWS lets none move; the data is in
// the cluster. It is made again once it is gone. The only one is left where it is.
func (r *rolling) remake(ctx context.Context, me dbInstance) error {
	if dbState(me.DBInstanceStatus) != provision.Deleting {
		if len(r.members) == 1 {
			return lang.Errorf("%s is the only instance of its cluster, and AWS moves none to another zone: nothing has to be done, as it serves where it is; with database.instances: 2 the next run moves it while the other one serves", r.name)
		}
		if err := r.standAside(ctx); err != nil {
			return err
		}
		err := kit.Do(ctx, r.s.API.RDS.DeleteDBInstance, &rds.DeleteDBInstanceInput{DBInstanceIdentifier: me.DBInstanceIdentifier, SkipFinalSnapshot: aws.Bool(true)})
		if err != nil {
			return err
		}
	}
	return &provision.WaitingError{For: lang.Sprintf("the instance %s is being removed, to be made again in %s", r.name, r.want.zone)}
}

// lacks counts what an instance would still be taken away for.
func (r *rolling) lacks(i dbInstance) int {
	n := 0
	for _, differs := range []bool{aws.ToString(i.DBInstanceClass) != r.want.class, i.comingClass() != nil, i.parameters() == pendingReboot} {
		if differs {
			n++
		}
	}
	return n
}
