package sandbox

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// flowFormat is what a flow log records when it is not told.
const flowFormat = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"

func registerFlowLogs(a *Account) {
	opOn(creating(a, types.ResourceTypeVpcFlowLog), func(in *ec2.CreateFlowLogsInput) []types.TagSpecification { return in.TagSpecifications }, createFlowLogs)
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeFlowLogsInput) (*ec2.DescribeFlowLogsOutput, error) {
		part, next, err := describe(t, flowLogs, in.FlowLogIds, in.Filter, in.NextToken, func(v *types.FlowLog) attributes {
			return attributes{"resource-id": {*v.ResourceId}, "log-group-name": {aws.ToString(v.LogGroupName)}, "traffic-type": {string(v.TrafficType)}}
		})
		return &ec2.DescribeFlowLogsOutput{FlowLogs: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteFlowLogsInput) (*ec2.DeleteFlowLogsOutput, error) {
		s, out := t.ec2(), &ec2.DeleteFlowLogsOutput{}
		for _, id := range in.FlowLogIds {
			f := flowLogs.find(t, id)
			if f == nil {
				out.Unsuccessful = append(out.Unsuccessful, notDone(id, "InvalidFlowLogId.NotFound", "The flow log "+id+" does not exist"))
				continue
			}
			s.FlowLogs.drop(f)
		}
		return out, nil
	})
}

// notDone is a refusal within an answer that is none.
func notDone(id, code, message string) types.UnsuccessfulItem {
	return types.UnsuccessfulItem{ResourceId: aws.String(id), Error: &types.UnsuccessfulItemError{Code: aws.String(code), Message: aws.String(message)}}
}

func createFlowLogs(t *tx, tags []types.Tag, in *ec2.CreateFlowLogsInput) (*ec2.CreateFlowLogsOutput, error) {
	s, out := t.ec2(), &ec2.CreateFlowLogsOutput{ClientToken: in.ClientToken}
	interval := int32(600)
	setTo(&interval, in.MaxAggregationInterval)
	role, group := aws.ToString(in.DeliverLogsPermissionArn), aws.ToString(in.LogGroupName)
	switch {
	case in.ResourceType != types.FlowLogsResourceTypeVpc || len(in.ResourceIds) != 1:
		return nil, apiError("InvalidParameter", "This account knows flow logs of one VPC")
	case interval != 60 && interval != 600:
		return nil, apiError("InvalidParameter", "MaxAggregationInterval must be 60 or 600")
	case in.LogDestinationType != types.LogDestinationTypeCloudWatchLogs || group == "" || role == "":
		return nil, apiError("InvalidParameter", "LogGroupName and DeliverLogsPermissionArn are needed to publish to CloudWatch Logs")
	case !t.assumable(role, "vpc-flow-logs.amazonaws.com", ""):
		return nil, apiError("InvalidParameter", "Unable to assume given IAM role")
	}
	vpc := in.ResourceIds[0]
	same := func(v types.FlowLog) bool {
		return *v.ResourceId == vpc && v.TrafficType == in.TrafficType && aws.ToString(v.LogGroupName) == group
	}
	if old, err := again(s.FlowLogs, in.ClientToken, same); old != nil || err != nil {
		if err != nil {
			return nil, err
		}
		out.FlowLogIds = []string{*old.FlowLogId}
		return out, nil
	}
	if vpcs.find(t, vpc) == nil {
		out.Unsuccessful = append(out.Unsuccessful, notDone(vpc, "InvalidVpcId.NotFound", "The vpc ID '"+vpc+"' does not exist"))
		return out, nil
	}
	if slices.ContainsFunc(s.FlowLogs, func(r *row[types.FlowLog]) bool { return same(r.V) }) {
		out.Unsuccessful = append(out.Unsuccessful, notDone(vpc, "FlowLogAlreadyExists", "Error. There is an existing Flow Log with the same configuration and log destination."))
		return out, nil
	}
	f := types.FlowLog{
		FlowLogId: aws.String(t.newID("fl")), ResourceId: &vpc, TrafficType: in.TrafficType, LogDestinationType: in.LogDestinationType, LogGroupName: &group,
		DeliverLogsPermissionArn: &role, MaxAggregationInterval: &interval, LogFormat: aws.String(flowFormat), Tags: tags, CreationTime: aws.Time(t.now),
		FlowLogStatus: aws.String("ACTIVE"), DeliverLogsStatus: aws.String("SUCCESS"),
	}
	r := &row[types.FlowLog]{V: f, meta: t.lagging(in.ClientToken)}
	s.FlowLogs.add(r)
	out.FlowLogIds = []string{*f.FlowLogId}
	return out, nil
}
