package backup

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// LastDrill is what the last restore drill of a client measured, or nil where
// there was none or there is no database. It is one call.
func LastDrill(ctx context.Context, o *cloud.Operator, client, region string) (*rules.Drill, error) {
	name := rules.DatabaseName(client)
	out, err := o.Factory.Set(region).RDS.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: &name})
	if awsapi.Is(err, awsapi.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, lang.Errorf("look at the database %s: %w", name, err)
	}
	for _, c := range out.DBClusters {
		tags := provision.Tags{}
		for _, t := range c.TagList {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		record, measured := tags[provision.TagDrill]
		if tags[provision.TagManagedBy] != provision.ManagedBy || tags[provision.TagClient] != client || !measured {
			continue
		}
		drill, err := rules.ParseDrill(record)
		if err != nil {
			return nil, lang.Errorf("the tag %s of the database %s: %w", provision.TagDrill, name, err)
		}
		return &drill, nil
	}
	return nil, nil
}
