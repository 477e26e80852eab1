package mototest

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatTheSchemasDoNotKnowIsFound(t *testing.T) {
	t.Parallel()
	Start(t) // skips like every other test
	writes := []string{
		`{"operation":"rds:CreateDBInstance","input":{"DBInstanceIdentifier":"a","DBInstanceClass":"db.m99.huge","Engine":"aurora-postgresql","DBClusterIdentifier":"c"}}`,
		`{"operation":"rds:CreateDBCluster","input":{"Engine":"aurora-postgres","MasterUsername":"root","ManageMasterUserPassword":true}}`,
		`{"operation":"ecs:RegisterTaskDefinition","input":{"family":"f","networkMode":"vpc","containerDefinitions":[{"name":"a","image":"b"}]}}`,
		`{"operation":"logs:PutRetentionPolicy","input":{"logGroupName":"g","retentionInDays":31}}`,
		`{"operation":"logs:CreateLogGroup","input":{"logGroupName":"` + strings.Repeat("x", 513) + `"}}`,
		`{"operation":"kms:CreateKey","input":{"Policy":"{"}}`,
		`{"operation":"ec2:CreateVpnConnection","input":{"Type":"ipsec.1","CustomerGatewayId":"cgw-0123456789abcdef0","VpnGatewayId":"vgw-0123456789abcdef0","Options":{"TunnelOptions":[{"Phase1DHGroupNumbers":[{"Value":5}],"LogOptions":{"CloudWatchLogOptions":{"LogOutputFormat":"xml"}}}]}}}`,
		`{"operation":"sns:CreatePlatformApplication","input":{}}`,
		`{"operation":"sns:DeleteTopic","input":{"TopicArn":"a"}}`,
		`{"operation":"kms:CreateAlias","input":{"AliasName":"alias/a","TargetKeyId":"8f07ab41-83ee-472c-993e-42b3c1f7706e"}}`,
	}
	found, err := misfits(t.Context(), []byte("["+strings.Join(writes, ",")+"]"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ operation, region, problem string }{
		{"rds:CreateDBInstance", "eu-west-2", "db.m99.huge"},
		{"rds:CreateDBCluster", "eu-west-3", "aurora-postgres"},
		{"ecs:RegisterTaskDefinition", "eu-central-1", "NetworkMode"},
		{"logs:PutRetentionPolicy", "eu-west-1", "31 is not one of"},
		{"logs:CreateLogGroup", "eu-west-3", "LogGroupName"},
		{"kms:CreateKey", "", "can't be mapped"},
		{"ec2:CreateVpnConnection", "eu-west-1", "5 is not one of"},
		{"ec2:CreateVpnConnection", "eu-west-1", "'xml' is not one of"},
		{"sns:CreatePlatformApplication", "", "doesn't know"},
	} {
		if !slices.ContainsFunc(found, func(m Misfit) bool {
			return m.Operation == c.operation && m.Region == c.region && strings.Contains(m.Problem, c.problem)
		}) {
			t.Errorf("%s: nothing found in %q about %s", c.operation, c.region, c.problem)
		}
	}
	for _, m := range found {
		if m.Operation == "kms:CreateAlias" || m.Operation == "sns:DeleteTopic" {
			t.Errorf("found %+v", m)
		}
	}
	if t.Failed() {
		t.Logf("found %+v", found)
	}
}
