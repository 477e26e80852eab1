package sandbox

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// shape is what EC2 and ECS give to an instance of a type.
type shape struct {
	vcpu, memory int // MiB, as the agent of ECS reports them
	interfaces   int // that may be attached, the first one included
	trunked      int // tasks with a trunk; 0 where there is none
}

// shapes are the instance types of the account's regions (DescribeInstanceTypes; ECS
// developer guide, "Supported instances for increased Amazon ECS container network
// interfaces"). The agent reports less memory than is sold.
var shapes = map[string]shape{
	"m5.large": {2, 7764, 3, 10}, "m5.xlarge": {4, 15701, 4, 20}, "m5.2xlarge": {8, 31574, 4, 40}, "m5.4xlarge": {16, 63312, 8, 60},
	"m6i.large": {2, 7764, 3, 10}, "m6i.xlarge": {4, 15701, 4, 20}, "m6i.2xlarge": {8, 31574, 4, 40}, "m6i.4xlarge": {16, 63312, 8, 60},
	"m6a.large": {2, 7764, 3, 10}, "m6a.xlarge": {4, 15701, 4, 20}, "m6a.2xlarge": {8, 31574, 4, 40},
	"m7i.large": {2, 7764, 3, 10}, "m7i.xlarge": {4, 15701, 4, 20}, "m7i.2xlarge": {8, 31574, 4, 40},
	"m6g.medium": {1, 3828, 2, 4}, "m6g.large": {2, 7764, 3, 10}, "m6g.xlarge": {4, 15701, 4, 20}, "m6g.2xlarge": {8, 31574, 4, 40},
	"m7g.medium": {1, 3828, 2, 4}, "m7g.large": {2, 7764, 3, 10}, "m7g.xlarge": {4, 15701, 4, 20}, "m7g.2xlarge": {8, 31574, 4, 40},
	"c5.large": {2, 3828, 3, 10}, "c5.xlarge": {4, 7764, 4, 20}, "c6i.large": {2, 3828, 3, 10}, "c6i.xlarge": {4, 7764, 4, 20},
	"c6g.large": {2, 3828, 3, 10}, "c6g.xlarge": {4, 7764, 4, 20}, "c7g.large": {2, 3828, 3, 10}, "c7g.xlarge": {4, 7764, 4, 20},
	"r5.large": {2, 15701, 3, 10}, "r5.xlarge": {4, 31574, 4, 20}, "r6i.large": {2, 15701, 3, 10}, "r6i.xlarge": {4, 31574, 4, 20},
	"r6g.large": {2, 15701, 3, 10}, "r6g.xlarge": {4, 31574, 4, 20},
	"t3.micro": {2, 904, 2, 0}, "t3.small": {2, 1892, 3, 0}, "t3.medium": {2, 3828, 3, 0}, "t3.large": {2, 7764, 3, 0}, "t3.xlarge": {4, 15701, 4, 0},
	"t3a.small": {2, 1892, 2, 0}, "t3a.medium": {2, 3828, 3, 0}, "t3a.large": {2, 7764, 3, 0},
	"t4g.small": {2, 1892, 3, 0}, "t4g.medium": {2, 3828, 3, 0}, "t4g.large": {2, 7764, 3, 0},
}

// shapeOf is the shape of a type; EC2 starts an m1.small when none is named.
func shapeOf(kind string) shape {
	if kind == "" {
		return shape{1, 1660, 2, 0}
	}
	return shapes[kind]
}

// standardInstances are the families that the quota L-1216C47A is about.
const standardInstances = "acdhimrtz"

// runningVCPUs adds up what counts against that quota.
func (t *tx) runningVCPUs() int {
	sum := 0
	for _, g := range t.asg().Groups {
		for _, i := range g.Instances {
			if kind := aws.ToString(i.V.InstanceType); strings.ContainsAny(kind[:min(1, len(kind))], standardInstances) {
				sum += shapes[kind].vcpu
			}
		}
	}
	return sum
}

// cannotLaunch is what Auto Scaling says of an instance that it cannot start, in the
// words of its activities (EC2 Auto Scaling user guide, "Troubleshoot Amazon EC2 Auto
// Scaling"); empty when it can.
func (t *tx) cannotLaunch(data *types.ResponseLaunchTemplateData) string {
	const failed = " Launching EC2 instance failed."
	kind := string(data.InstanceType)
	of, known := shapes[kind]
	if limit := int(t.quota("L-1216C47A", quotas["ec2"]["L-1216C47A"].applied)); strings.ContainsAny(kind[:min(1, len(kind))], standardInstances) && t.runningVCPUs()+of.vcpu > limit {
		return "You have requested more vCPU capacity than your current vCPU limit of " + strconv.Itoa(limit) + " allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit." + failed
	}
	if !known && kind != "" {
		return "The requested configuration is currently not supported. Please check the documentation for supported configurations." + failed
	}
	for _, d := range data.BlockDeviceMappings {
		if d.Ebs == nil || d.Ebs.KmsKeyId == nil {
			continue
		}
		key, err := t.kmsKey(*d.Ebs.KmsKeyId)
		switch {
		case err != nil || !key.V.Meta.Enabled:
			return "Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state"
		case !strings.Contains(key.V.Policy, "AWSServiceRoleForAutoScaling"):
			return "Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Client.InternalError: Client error on launch"
		}
	}
	return ""
}

// wayOut reports whether what is in a subnet reaches the services of AWS: its route
// table leads somewhere with all that is not the VPC's.
func (t *tx) wayOut(subnet string) bool {
	sub, ok := t.subnet(subnet)
	if !ok {
		return false
	}
	var table *types.RouteTable
	for _, r := range t.ec2().RouteTables {
		own := slices.ContainsFunc(r.V.Associations, func(a types.RouteTableAssociation) bool { return aws.ToString(a.SubnetId) == subnet })
		if own || table == nil && *r.V.VpcId == *sub.VpcId && isMain(r.V) {
			table = &r.V
		}
		if own {
			break
		}
	}
	return table != nil && slices.ContainsFunc(table.Routes, func(r types.Route) bool {
		return aws.ToString(r.DestinationCidrBlock) == "0.0.0.0/0" && r.State == types.RouteStateActive
	})
}
