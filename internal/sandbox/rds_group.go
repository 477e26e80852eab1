package sandbox

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// dbSubnetGroup and dbParameterGroup have tags that their describes do not show.
type dbSubnetGroup struct {
	types.DBSubnetGroup
	Tags []types.Tag
}

type dbParameterGroup struct {
	types.DBClusterParameterGroup
	Tags []types.Tag
	Set  []types.Parameter // by the user, in the order of names
}

func dbSubnetGroupName(g *dbSubnetGroup) *string       { return g.DBSubnetGroupName }
func dbParameterGroupName(g *dbParameterGroup) *string { return g.DBClusterParameterGroupName }

func registerDBSubnetGroup(a *Account) {
	op(a, rds.ServiceID, func(t *tx, in *rds.CreateDBSubnetGroupInput) (*rds.CreateDBSubnetGroupOutput, error) {
		name := strings.ToLower(aws.ToString(in.DBSubnetGroupName))
		switch {
		case name == "" || len(name) > 255 || name == "default":
			return nil, apiError("InvalidParameterValue", "The parameter DBSubnetGroupName is not a valid identifier: %s", name)
		case aws.ToString(in.DBSubnetGroupDescription) == "":
			return nil, apiError("InvalidParameterValue", "The parameter DBSubnetGroupDescription must be provided and must not be blank.")
		case dbSubnetGroups.find(t, name) != nil:
			return nil, apiError("DBSubnetGroupAlreadyExists", "The DB subnet group '%s' already exists.", name)
		}
		if err := dbTags.check(in.Tags); err != nil {
			return nil, err
		}
		g := dbSubnetGroup{Tags: in.Tags, DBSubnetGroup: types.DBSubnetGroup{
			DBSubnetGroupName: aws.String(name), DBSubnetGroupDescription: in.DBSubnetGroupDescription, SubnetGroupStatus: aws.String("Complete"),
			DBSubnetGroupArn: aws.String(t.arn("rds", "subgrp:"+name)), SupportedNetworkTypes: []string{"IPV4"},
		}}
		if err := t.coverSubnets(&g, in.SubnetIds); err != nil {
			return nil, err
		}
		t.rds().SubnetGroups.add(&row[dbSubnetGroup]{V: g})
		return &rds.CreateDBSubnetGroupOutput{DBSubnetGroup: &g.DBSubnetGroup}, nil
	})
	op(a, rds.ServiceID, func(t *tx, in *rds.DescribeDBSubnetGroupsInput) (*rds.DescribeDBSubnetGroupsOutput, error) {
		var all []types.DBSubnetGroup
		for _, r := range t.rds().SubnetGroups {
			if in.DBSubnetGroupName == nil || *in.DBSubnetGroupName == *r.V.DBSubnetGroupName {
				all = append(all, r.V.DBSubnetGroup)
			}
		}
		if in.DBSubnetGroupName != nil && all == nil {
			return nil, apiError("DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.", *in.DBSubnetGroupName)
		}
		part, next, err := dbPage(t, all, in.MaxRecords, in.Marker)
		return &rds.DescribeDBSubnetGroupsOutput{DBSubnetGroups: part, Marker: next}, err
	})
	opOn(dbSubnetGroups.on(a), func(in *rds.ModifyDBSubnetGroupInput) *string { return in.DBSubnetGroupName }, func(t *tx, r *row[dbSubnetGroup], in *rds.ModifyDBSubnetGroupInput) (*rds.ModifyDBSubnetGroupOutput, error) {
		for _, i := range t.rds().Instances {
			if *i.V.DBSubnetGroup.DBSubnetGroupName == *r.V.DBSubnetGroupName && !slices.Contains(in.SubnetIds, i.V.Subnet) {
				return nil, apiError("SubnetAlreadyInUse", "The DB instance %s is in the subnet %s", *i.V.DBInstanceIdentifier, i.V.Subnet)
			}
		}
		changed := r.V
		if err := t.coverSubnets(&changed, in.SubnetIds); err != nil {
			return nil, err
		}
		set(&changed.DBSubnetGroupDescription, in.DBSubnetGroupDescription)
		r.V = changed
		return &rds.ModifyDBSubnetGroupOutput{DBSubnetGroup: &changed.DBSubnetGroup}, nil
	})
	opChange[rds.DeleteDBSubnetGroupOutput](dbSubnetGroups.on(a), func(in *rds.DeleteDBSubnetGroupInput) *string { return in.DBSubnetGroupName }, func(t *tx, r *row[dbSubnetGroup], in *rds.DeleteDBSubnetGroupInput) error {
		s, name := t.rds(), aws.ToString(in.DBSubnetGroupName)
		if slices.ContainsFunc(s.Clusters, func(c *row[types.DBCluster]) bool { return *c.V.DBSubnetGroup == name }) {
			return apiError("InvalidDBSubnetGroupStateFault", "Cannot delete the subnet group '%s' because at least one database cluster is still using it.", name)
		}
		s.SubnetGroups.drop(r)
		return nil
	})
}

// coverSubnets puts the subnets into the group: of one VPC, in two zones at least.
func (t *tx) coverSubnets(g *dbSubnetGroup, ids []string) error {
	subnets, zones := []types.Subnet{}, map[string]bool{}
	for _, id := range ids {
		sub, ok := t.subnet(id)
		switch {
		case !ok:
			return apiError("InvalidSubnet", "Some input subnets in :[%s] are invalid.", strings.Join(ids, ", "))
		case g.VpcId != nil && *g.VpcId != *sub.VpcId:
			return apiError("InvalidParameterValue", "The new Subnets are not in the same Vpc as the existing subnet group")
		}
		g.VpcId = sub.VpcId
		zones[*sub.AvailabilityZone] = true
		subnets = append(subnets, types.Subnet{
			SubnetIdentifier: aws.String(id), SubnetStatus: aws.String("Active"), SubnetAvailabilityZone: &types.AvailabilityZone{Name: sub.AvailabilityZone},
		})
	}
	if len(zones) < 2 {
		return apiError("DBSubnetGroupDoesNotCoverEnoughAZs", "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: %d. Add subnets to cover at least 2 AZs.", len(zones))
	}
	g.Subnets = subnets
	return nil
}

// dbParameter is one parameter that a family knows.
type dbParameter struct {
	name, value string // what the engine has by default
	allowed     string // comma-separated; empty for anything
	static      bool
}

// dbParameters are some of the hundreds that each engine has.
var dbParameters = map[string][]dbParameter{
	"aurora-postgresql": {
		{name: "log_min_duration_statement", value: "-1"},
		{name: "max_connections", value: "LEAST({DBInstanceClassMemory/9531392},5000)", static: true},
		{name: "rds.force_ssl", value: "0", allowed: "0,1"},
		{name: "rds.logical_replication", value: "0", allowed: "0,1", static: true},
		{name: "shared_preload_libraries", value: "pg_stat_statements", static: true},
	},
	"aurora-mysql": {
		{name: "binlog_format", value: "OFF", allowed: "ROW,STATEMENT,MIXED,OFF", static: true},
		{name: "character_set_server", value: "utf8mb4"},
		{name: "require_secure_transport", value: "OFF", allowed: "ON,OFF,0,1"},
		{name: "server_audit_events"},
		{name: "server_audit_logging", value: "0", allowed: "0,1"},
		{name: "slow_query_log", value: "0", allowed: "0,1"},
	},
}

func registerDBParameterGroup(a *Account) {
	op(a, rds.ServiceID, func(t *tx, in *rds.CreateDBClusterParameterGroupInput) (*rds.CreateDBClusterParameterGroupOutput, error) {
		name, err := dbName("DBClusterParameterGroupName", in.DBClusterParameterGroupName, 255)
		if err != nil {
			return nil, err
		}
		switch {
		case dbFamilyEngine(aws.ToString(in.DBParameterGroupFamily)) == "":
			return nil, apiError("InvalidParameterValue", "ParameterGroupFamily %s is not a valid parameter group family", aws.ToString(in.DBParameterGroupFamily))
		case aws.ToString(in.Description) == "":
			return nil, apiError("InvalidParameterValue", "The parameter Description must be provided and must not be blank.")
		case dbParameterGroups.find(t, name) != nil:
			return nil, apiError("DBParameterGroupAlreadyExists", "Parameter group %s already exists", name)
		}
		if err := dbTags.check(in.Tags); err != nil {
			return nil, err
		}
		g := dbParameterGroup{Tags: in.Tags, DBClusterParameterGroup: types.DBClusterParameterGroup{
			DBClusterParameterGroupName: aws.String(name), DBClusterParameterGroupArn: aws.String(t.arn("rds", "cluster-pg:"+name)),
			DBParameterGroupFamily: in.DBParameterGroupFamily, Description: in.Description,
		}}
		t.rds().ParameterGroups.add(&row[dbParameterGroup]{V: g})
		return &rds.CreateDBClusterParameterGroupOutput{DBClusterParameterGroup: &g.DBClusterParameterGroup}, nil
	})
	op(a, rds.ServiceID, func(t *tx, in *rds.DescribeDBClusterParameterGroupsInput) (*rds.DescribeDBClusterParameterGroupsOutput, error) {
		var all []types.DBClusterParameterGroup
		for _, r := range append(t.defaultParameterGroups(), t.rds().ParameterGroups...) {
			if in.DBClusterParameterGroupName == nil || *in.DBClusterParameterGroupName == *r.V.DBClusterParameterGroupName {
				all = append(all, r.V.DBClusterParameterGroup)
			}
		}
		if in.DBClusterParameterGroupName != nil && all == nil {
			return nil, apiError("DBParameterGroupNotFound", "DBClusterParameterGroup not found: %s", *in.DBClusterParameterGroupName)
		}
		part, next, err := dbPage(t, all, in.MaxRecords, in.Marker)
		return &rds.DescribeDBClusterParameterGroupsOutput{DBClusterParameterGroups: part, Marker: next}, err
	})
	op(a, rds.ServiceID, func(t *tx, in *rds.DescribeDBClusterParametersInput) (*rds.DescribeDBClusterParametersOutput, error) {
		name := aws.ToString(in.DBClusterParameterGroupName)
		r := find(append(t.defaultParameterGroups(), t.rds().ParameterGroups...), name, dbParameterGroupName)
		if r == nil {
			return nil, apiError("DBParameterGroupNotFound", "DBClusterParameterGroup not found: %s", name)
		}
		var all []types.Parameter
		for _, p := range dbParameters[dbFamilyEngine(*r.V.DBParameterGroupFamily)] {
			shown := types.Parameter{ParameterName: aws.String(p.name), Source: aws.String("engine-default"), IsModifiable: aws.Bool(true), ApplyMethod: types.ApplyMethodPendingReboot, ApplyType: aws.String("dynamic")}
			if p.value != "" {
				shown.ParameterValue = aws.String(p.value)
			}
			if p.static {
				shown.ApplyType = aws.String("static")
			}
			for _, set := range r.V.Set {
				if *set.ParameterName == p.name {
					shown.Source, shown.ParameterValue, shown.ApplyMethod = aws.String("user"), set.ParameterValue, set.ApplyMethod
				}
			}
			if in.Source == nil || *in.Source == *shown.Source {
				all = append(all, shown)
			}
		}
		part, next, err := dbPage(t, all, in.MaxRecords, in.Marker)
		return &rds.DescribeDBClusterParametersOutput{Parameters: part, Marker: next}, err
	})
	opOn(dbParameterGroups.on(a), func(in *rds.ModifyDBClusterParameterGroupInput) *string { return in.DBClusterParameterGroupName }, func(t *tx, r *row[dbParameterGroup], in *rds.ModifyDBClusterParameterGroupInput) (*rds.ModifyDBClusterParameterGroupOutput, error) {
		name := aws.ToString(in.DBClusterParameterGroupName)
		if len(in.Parameters) == 0 || len(in.Parameters) > 20 {
			return nil, apiError("InvalidParameterValue", "At least one parameter and no more than 20 can be changed in one call.")
		}
		known := dbParameters[dbFamilyEngine(*r.V.DBParameterGroupFamily)]
		for _, p := range in.Parameters {
			i := slices.IndexFunc(known, func(k dbParameter) bool { return k.name == aws.ToString(p.ParameterName) })
			switch {
			case i < 0:
				return nil, apiError("InvalidParameterValue", "Could not find parameter with name: %s", aws.ToString(p.ParameterName))
			case known[i].allowed != "" && !slices.Contains(strings.Split(known[i].allowed, ","), aws.ToString(p.ParameterValue)):
				return nil, apiError("InvalidParameterValue", "%s is not a valid value for the parameter %s", aws.ToString(p.ParameterValue), known[i].name)
			case known[i].static && p.ApplyMethod == types.ApplyMethodImmediate:
				return nil, apiError("InvalidParameterCombination", "cannot use immediate apply method for static parameter")
			case p.ApplyMethod == "":
				return nil, apiError("InvalidParameterValue", "The parameter ApplyMethod must be provided and must not be blank.")
			}
		}
		for _, p := range in.Parameters {
			// A static one waits for the restart of every member (Aurora guide, "Parameter groups").
			if slices.ContainsFunc(known, func(k dbParameter) bool { return k.static && k.name == *p.ParameterName }) {
				t.outdate(name)
			}
			r.V.Set = slices.DeleteFunc(r.V.Set, func(old types.Parameter) bool { return *old.ParameterName == *p.ParameterName })
			r.V.Set = append(r.V.Set, types.Parameter{ParameterName: p.ParameterName, ParameterValue: p.ParameterValue, ApplyMethod: p.ApplyMethod})
		}
		return &rds.ModifyDBClusterParameterGroupOutput{DBClusterParameterGroupName: in.DBClusterParameterGroupName}, nil
	})
	opChange[rds.DeleteDBClusterParameterGroupOutput](dbParameterGroups.on(a), func(in *rds.DeleteDBClusterParameterGroupInput) *string { return in.DBClusterParameterGroupName }, func(t *tx, r *row[dbParameterGroup], in *rds.DeleteDBClusterParameterGroupInput) error {
		s, name := t.rds(), aws.ToString(in.DBClusterParameterGroupName)
		if slices.ContainsFunc(s.Clusters, func(c *row[types.DBCluster]) bool { return *c.V.DBClusterParameterGroup == name }) {
			return apiError("InvalidDBParameterGroupState", "One or more database clusters are still members of this parameter group %s, so the group cannot be deleted", name)
		}
		s.ParameterGroups.drop(r)
		return nil
	})
}

// defaultParameterGroups are those that every account has.
func (t *tx) defaultParameterGroups() []*row[dbParameterGroup] {
	var out []*row[dbParameterGroup]
	for _, engine := range []string{"aurora-mysql", "aurora-postgresql"} {
		seen := map[string]bool{}
		for _, v := range dbEngines[engine].versions {
			_, family, err := dbVersion(engine, aws.String(v))
			if err != nil || seen[family] {
				continue
			}
			seen[family] = true
			name := "default." + family
			out = append(out, &row[dbParameterGroup]{V: dbParameterGroup{DBClusterParameterGroup: types.DBClusterParameterGroup{
				DBClusterParameterGroupName: aws.String(name), DBClusterParameterGroupArn: aws.String(t.arn("rds", "cluster-pg:"+name)),
				DBParameterGroupFamily: aws.String(family), Description: aws.String("Default cluster parameter group for " + family),
			}}})
		}
	}
	return out
}

// dbFamilyEngine is the engine of a family, or "".
func dbFamilyEngine(family string) string {
	for engine, e := range dbEngines {
		for _, v := range e.versions {
			if _, f, err := dbVersion(engine, aws.String(v)); err == nil && f == family {
				return engine
			}
		}
	}
	return ""
}

// outdate notes that the members of all clusters with a parameter group run with what
// the group was.
func (t *tx) outdate(group string) {
	for _, c := range t.rds().Clusters {
		if aws.ToString(c.V.DBClusterParameterGroup) == group {
			for _, i := range t.dbMembers(*c.V.DBClusterIdentifier) {
				i.V.Stale = true
			}
		}
	}
}
