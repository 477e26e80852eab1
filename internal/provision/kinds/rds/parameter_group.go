package rds

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type dbParameterGroup struct {
	rdstypes.DBClusterParameterGroup
	tags provision.Tags
	set  map[string]string // what differs from the engine's defaults
}

type wantDBParameterGroup struct {
	name   string
	engine rules.Engine
}

// ParameterGroupKind holds the engine's settings. Only those that the rules
// name are looked after: others may be tuned by hand.
func ParameterGroupKind() *provision.Type {
	name := func(g *dbParameterGroup) string { return aws.ToString(g.DBClusterParameterGroupName) }
	arn := func(g *dbParameterGroup) *string { return g.DBClusterParameterGroupArn }
	return provision.Define(provision.Kind[wantDBParameterGroup, *dbParameterGroup]{
		Name:    "rds/cluster-parameter-group",
		ARN:     "rds:cluster-pg:",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[wantDBParameterGroup, *dbParameterGroup]{Free: freeSettings},
		Impact:  provision.Impact[*dbParameterGroup]{Stateless: true},
		Want: kit.OneOf(databaseRole, func(s *provision.Scope) wantDBParameterGroup {
			return wantDBParameterGroup{rules.DatabaseName(s.Client), rules.EngineOf(s.Spec.Database.Engine)}
		}),
		List: func(ctx context.Context, w *provision.Sweep) ([]*dbParameterGroup, error) {
			p := rds.NewDescribeDBClusterParameterGroupsPaginator(w.RDS, &rds.DescribeDBClusterParameterGroupsInput{MaxRecords: RdsPage})
			groups, err := kit.ListAs(ctx, p, func(o *rds.DescribeDBClusterParameterGroupsOutput) []rdstypes.DBClusterParameterGroup {
				return o.DBClusterParameterGroups
			}, func(g rdstypes.DBClusterParameterGroup) *dbParameterGroup {
				return &dbParameterGroup{DBClusterParameterGroup: g}
			})
			if err != nil {
				return nil, err
			}
			candidates := slices.DeleteFunc(slices.Clone(groups), func(g *dbParameterGroup) bool {
				_, ours := rules.EngineOfFamily(aws.ToString(g.DBParameterGroupFamily))
				return !ours
			})
			return groups, tagDBGroups(ctx, w, candidates, name, arn, func(g *dbParameterGroup) *provision.Tags { return &g.tags })
		},
		Describe: describeDBParameterGroup,
		Removal: provision.Removal[*dbParameterGroup]{
			Listed:  true,
			Refused: usedByClusters(name, func(c dbCluster) *string { return c.DBClusterParameterGroup }, func(dbInstance) string { return "" }),
		},
		ID:   name,
		Tags: func(g *dbParameterGroup) provision.Tags { return g.tags },
		Naming: provision.Naming[wantDBParameterGroup, *dbParameterGroup]{
			Key:   name,
			KeyOf: func(_ *provision.Scope, d wantDBParameterGroup) string { return d.name },
		},
		Create: func(ctx context.Context, s *provision.Step, d wantDBParameterGroup) (*dbParameterGroup, error) {
			return kit.Get(ctx, s.API.RDS.CreateDBClusterParameterGroup, &rds.CreateDBClusterParameterGroupInput{
				DBClusterParameterGroupName: aws.String(d.name), DBParameterGroupFamily: aws.String(d.engine.Family),
				Description: aws.String("Settings of the database of " + s.Client), Tags: Tags.To(s.Tags),
			}, func(o *rds.CreateDBClusterParameterGroupOutput) *dbParameterGroup {
				return &dbParameterGroup{*o.DBClusterParameterGroup, s.Tags, nil}
			})
		},
		Delete: func(ctx context.Context, s *provision.Step, g *dbParameterGroup) error {
			return kit.Do(ctx, s.API.RDS.DeleteDBClusterParameterGroup, &rds.DeleteDBClusterParameterGroupInput{DBClusterParameterGroupName: g.DBClusterParameterGroupName})
		},
		Retag: retagRDS(arn),
		Untag: untagRDS(arn),
		Fields: []provision.Field[wantDBParameterGroup, *dbParameterGroup]{
			{
				Name: "family",
				Want: func(_ *provision.Step, d wantDBParameterGroup) string { return d.engine.Family },
				Have: func(g *dbParameterGroup) string { return aws.ToString(g.DBParameterGroupFamily) },
				Fix:  lang.Text("a database cannot change its engine or its major version under cicdctl; set database.engine back to what it is"),
			},
			{
				Name: "parameters",
				Want: func(_ *provision.Step, d wantDBParameterGroup) string { return assignments(d.engine.Parameters) },
				Have: func(g *dbParameterGroup) string {
					engine, _ := rules.EngineOfFamily(aws.ToString(g.DBParameterGroupFamily))
					looked := maps.Clone(g.set)
					maps.DeleteFunc(looked, func(name, _ string) bool { _, ours := engine.Parameters[name]; return !ours })
					return assignments(looked)
				},
				Set: setDBParameters,
			},
		},
	})
}

// assignments are the lines "name=value".
func assignments(values map[string]string) string {
	return kit.LinesOf(slices.Collect(maps.Keys(values)), func(name string) string { return name + "=" + values[name] })
}

// describeDBParameterGroup reads what somebody has set: all parameters together
// are many pages.
func describeDBParameterGroup(ctx context.Context, w *provision.Sweep, g *dbParameterGroup) error {
	p := rds.NewDescribeDBClusterParametersPaginator(w.RDS, &rds.DescribeDBClusterParametersInput{
		DBClusterParameterGroupName: g.DBClusterParameterGroupName, Source: aws.String("user"), MaxRecords: RdsPage,
	})
	all, err := kit.All(ctx, p, func(o *rds.DescribeDBClusterParametersOutput) []rdstypes.Parameter { return o.Parameters })
	g.set = map[string]string{}
	for _, param := range all {
		g.set[aws.ToString(param.ParameterName)] = aws.ToString(param.ParameterValue)
	}
	return err
}

func setDBParameters(ctx context.Context, s *provision.Step, d wantDBParameterGroup, g *dbParameterGroup) error {
	in := &rds.ModifyDBClusterParameterGroupInput{DBClusterParameterGroupName: g.DBClusterParameterGroupName}
	for _, name := range slices.Sorted(maps.Keys(d.engine.Parameters)) {
		if g.set[name] != d.engine.Parameters[name] {
			in.Parameters = append(in.Parameters, rdstypes.Parameter{
				ParameterName: aws.String(name), ParameterValue: aws.String(d.engine.Parameters[name]), ApplyMethod: rdstypes.ApplyMethodImmediate,
			})
		}
	}
	return kit.Do(ctx, s.API.RDS.ModifyDBClusterParameterGroup, in)
}
