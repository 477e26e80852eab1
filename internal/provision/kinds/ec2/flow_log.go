package ec2

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type flowLog = *ec2types.FlowLog

// flowLogFix is for what AWS cannot change. A flow log holds no data, so deleting it
// loses nothing; but one with our tags that is not as it was made was made by
// somebody else to look like ours, and a person should know before it goes.
const flowLogFix = "AWS cannot change a flow log: find out who made this one, delete it by hand, and run again; what was logged stays in the log group"

// FlowLogKind is who spoke with whom in the VPC.
func FlowLogKind() *provision.Type {
	id := func(f flowLog) string { return aws.ToString(f.FlowLogId) }
	return provision.Define(provision.Kind[struct{}, flowLog]{
		Name:      "ec2/flow-log",
		ARN:       "ec2:vpc-flow-log/",
		Levels:    provision.RegionLevel,
		Billing:   provision.Billing[struct{}, flowLog]{Items: billFlowLog},
		Impact:    provision.Impact[flowLog]{Stateless: true},
		DependsOn: append(provision.Existing("ec2/vpc"), provision.Ready("logs/log-group", "iam/role")...),
		Want:      kit.One("vpc"),
		Naming:    provision.Naming[struct{}, flowLog]{Title: func(*provision.Scope, provision.Role, struct{}) string { return rules.FlowLogGroupName }},
		List: kit.List(func(w *provision.Sweep) *ec2.DescribeFlowLogsPaginator {
			return ec2.NewDescribeFlowLogsPaginator(w.EC2, &ec2.DescribeFlowLogsInput{})
		},
			func(o *ec2.DescribeFlowLogsOutput) []ec2types.FlowLog { return o.FlowLogs }),
		ID:   id,
		Tags: func(f flowLog) provision.Tags { return Tags.Of(f.Tags) },
		LostTags: func(s *provision.Step, _ struct{}, other flowLog) bool {
			return aws.ToString(other.ResourceId) == s.ID("ec2/vpc", "vpc") && aws.ToString(other.LogGroupName) == rules.FlowLogGroupName
		},
		Create: createFlowLog,
		Delete: func(ctx context.Context, s *provision.Step, f flowLog) error {
			return each(ctx, []string{id(f)}, func(ctx context.Context, ids []string) ([]ec2types.UnsuccessfulItem, error) {
				in := &ec2.DeleteFlowLogsInput{FlowLogIds: ids}
				return kit.Get(ctx, s.API.EC2.DeleteFlowLogs, in, func(o *ec2.DeleteFlowLogsOutput) []ec2types.UnsuccessfulItem { return o.Unsuccessful })
			})
		},
		Retag: Retag(id),
		Facts: func(f flowLog) []provision.Fact {
			facts := []provision.Fact{{Name: "flow log", Value: aws.ToString(f.LogGroupName)}}
			if status := aws.ToString(f.DeliverLogsStatus); status == "FAILED" {
				facts = append(facts, provision.Fact{Name: "delivery fails", Value: aws.ToString(f.DeliverLogsErrorMessage)})
			}
			return facts
		},
		Fields: []provision.Field[struct{}, flowLog]{
			inVPC[struct{}](func(f flowLog) *string { return f.ResourceId }),
			{
				Name: "traffic", // what is refused, and what is let through
				Want: kit.Const[struct{}](string(ec2types.TrafficTypeAll)),
				Have: func(f flowLog) string { return string(f.TrafficType) },
				Fix:  flowLogFix,
			},
			kit.Immutable("destination", kit.Const[struct{}](string(ec2types.LogDestinationTypeCloudWatchLogs)+" "+rules.FlowLogGroupName),
				func(f flowLog) string { return string(f.LogDestinationType) + " " + aws.ToString(f.LogGroupName) }, flowLogFix),
			kit.Immutable("role", flowLogsRole, func(f flowLog) string { return aws.ToString(f.DeliverLogsPermissionArn) },
				flowLogFix),
			kit.Immutable("interval", kit.Const[struct{}](seconds(rules.FlowLogSeconds)), func(f flowLog) string { return seconds(aws.ToInt32(f.MaxAggregationInterval)) },
				flowLogFix),
		},
	})
}

func seconds(n int32) string { return fmt.Sprintf("%d s", n) }

func flowLogsRole(s *provision.Step, _ struct{}) string {
	return s.ARN("iam", "role/"+s.ID("iam/role", kit.FlowLogs))
}

// createFlowLog makes the one flow log. AWS refuses a second one like it, and does
// not answer with the one that it has made.
func createFlowLog(ctx context.Context, s *provision.Step, d struct{}) (flowLog, error) {
	vpc := s.ID("ec2/vpc", "vpc")
	in := &ec2.CreateFlowLogsInput{
		ResourceIds: []string{vpc}, ResourceType: ec2types.FlowLogsResourceTypeVpc, TrafficType: ec2types.TrafficTypeAll,
		LogDestinationType: ec2types.LogDestinationTypeCloudWatchLogs, LogGroupName: aws.String(s.ID("logs/log-group", kit.FlowLogs)),
		DeliverLogsPermissionArn: aws.String(flowLogsRole(s, d)), MaxAggregationInterval: aws.Int32(rules.FlowLogSeconds),
		ClientToken: runToken(s, vpc), TagSpecifications: Tagged(s, ec2types.ResourceTypeVpcFlowLog),
	}
	var made []string
	err := each(ctx, in.ResourceIds, func(ctx context.Context, _ []string) ([]ec2types.UnsuccessfulItem, error) {
		out, err := s.API.EC2.CreateFlowLogs(ctx, in)
		if err != nil {
			return nil, err
		}
		made = out.FlowLogIds
		return out.Unsuccessful, nil
	})
	if err != nil {
		return nil, err
	}
	if len(made) != 1 {
		return nil, lang.Errorf("CreateFlowLogs of %s answered with %d {flow log|flow logs}", vpc, len(made))
	}
	return &ec2types.FlowLog{
		FlowLogId: &made[0], ResourceId: &vpc, TrafficType: in.TrafficType, LogDestinationType: in.LogDestinationType, LogGroupName: in.LogGroupName,
		DeliverLogsPermissionArn: in.DeliverLogsPermissionArn, MaxAggregationInterval: in.MaxAggregationInterval, Tags: Tags.To(s.Tags),
	}, nil
}
