package rds

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type dbSubnetGroup struct {
	rdstypes.DBSubnetGroup
	tags provision.Tags
}

// wantDBSubnetGroup has the group's name and the roles of its subnets.
type wantDBSubnetGroup struct {
	name    string
	subnets []provision.Role
}

// SubnetGroupKind tells RDS in which subnets the database lives: the client's three.
func SubnetGroupKind() *provision.Type {
	name := func(g *dbSubnetGroup) string { return aws.ToString(g.DBSubnetGroupName) }
	arn := func(g *dbSubnetGroup) *string { return g.DBSubnetGroupArn }
	subnets := func(s *provision.Step, d wantDBSubnetGroup) []string {
		return kit.Texts(d.subnets, func(role provision.Role) string { return s.ID("ec2/subnet", role) })
	}
	return provision.Define(provision.Kind[wantDBSubnetGroup, *dbSubnetGroup]{
		Name:      "rds/subnet-group",
		ARN:       "rds:subgrp:",
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[wantDBSubnetGroup, *dbSubnetGroup]{Free: freeSettings},
		Impact:    provision.Impact[*dbSubnetGroup]{Stateless: true},
		DependsOn: provision.Existing("ec2/subnet", "iam/service-linked-role"),
		Want: kit.OneOf(databaseRole, func(s *provision.Scope) wantDBSubnetGroup {
			return wantDBSubnetGroup{rules.DatabaseName(s.Client), s.Letters()}
		}),
		List: func(ctx context.Context, w *provision.Sweep) ([]*dbSubnetGroup, error) {
			p := rds.NewDescribeDBSubnetGroupsPaginator(w.RDS, &rds.DescribeDBSubnetGroupsInput{MaxRecords: RdsPage})
			groups, err := kit.ListAs(ctx, p, func(o *rds.DescribeDBSubnetGroupsOutput) []rdstypes.DBSubnetGroup { return o.DBSubnetGroups },
				func(g rdstypes.DBSubnetGroup) *dbSubnetGroup { return &dbSubnetGroup{DBSubnetGroup: g} })
			if err != nil {
				return nil, err
			}
			return groups, tagDBGroups(ctx, w, groups, name, arn, func(g *dbSubnetGroup) *provision.Tags { return &g.tags })
		},
		Removal: provision.Removal[*dbSubnetGroup]{
			Refused: usedByClusters(name, func(c dbCluster) *string { return c.DBSubnetGroup },
				func(i dbInstance) string {
					if i.DBSubnetGroup == nil {
						return ""
					}
					return aws.ToString(i.DBSubnetGroup.DBSubnetGroupName)
				}),
		},
		ID:   name,
		Tags: func(g *dbSubnetGroup) provision.Tags { return g.tags },
		Naming: provision.Naming[wantDBSubnetGroup, *dbSubnetGroup]{
			Key:   name,
			KeyOf: func(_ *provision.Scope, d wantDBSubnetGroup) string { return d.name },
		},
		Create: func(ctx context.Context, s *provision.Step, d wantDBSubnetGroup) (*dbSubnetGroup, error) {
			return kit.Get(ctx, s.API.RDS.CreateDBSubnetGroup, &rds.CreateDBSubnetGroupInput{
				DBSubnetGroupName: aws.String(d.name), DBSubnetGroupDescription: aws.String("Subnets of the database of " + s.Client),
				SubnetIds: subnets(s, d), Tags: Tags.To(s.Tags),
			}, func(o *rds.CreateDBSubnetGroupOutput) *dbSubnetGroup { return &dbSubnetGroup{*o.DBSubnetGroup, s.Tags} })
		},
		Delete: func(ctx context.Context, s *provision.Step, g *dbSubnetGroup) error {
			return kit.Do(ctx, s.API.RDS.DeleteDBSubnetGroup, &rds.DeleteDBSubnetGroupInput{DBSubnetGroupName: g.DBSubnetGroupName})
		},
		Retag:  retagRDS(arn),
		Untag:  untagRDS(arn),
		Limits: provision.Limits[wantDBSubnetGroup, *dbSubnetGroup]{Quota: &provision.Quota{Service: "rds", Code: "L-48C6BF61", Name: "DB subnet groups"}},
		Fields: []provision.Field[wantDBSubnetGroup, *dbSubnetGroup]{{
			Name: "subnets",
			Want: func(s *provision.Step, d wantDBSubnetGroup) string { return kit.Lines(subnets(s, d)) },
			Have: func(g *dbSubnetGroup) string {
				return kit.LinesOf(g.Subnets, func(sub rdstypes.Subnet) string { return aws.ToString(sub.SubnetIdentifier) })
			},
			Set: func(ctx context.Context, s *provision.Step, d wantDBSubnetGroup, g *dbSubnetGroup) error {
				return kit.Do(ctx, s.API.RDS.ModifyDBSubnetGroup, &rds.ModifyDBSubnetGroupInput{DBSubnetGroupName: g.DBSubnetGroupName, SubnetIds: subnets(s, d)})
			},
		}},
	})
}
