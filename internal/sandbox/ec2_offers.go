package sandbox

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// elsewhereOnly are families that the last zone of each region lacks: not all zones of
// AWS have all types, and which lack which is no constant.
var elsewhereOnly = []string{"t3a"}

// soldIn are the zones of a region that have an instance type.
func soldIn(region, instanceType string) []string {
	if _, known := shapes[instanceType]; !known {
		return nil
	}
	var out []string
	zones := zonesOf(region)
	for i, z := range zones {
		if family, _, _ := strings.Cut(instanceType, "."); i < len(zones)-1 || !slices.Contains(elsewhereOnly, family) {
			out = append(out, z.Name)
		}
	}
	return out
}

func registerOffers(a *Account) {
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeInstanceTypeOfferingsInput) (*ec2.DescribeInstanceTypeOfferingsOutput, error) {
		if in.LocationType != types.LocationTypeAvailabilityZone {
			return nil, apiError("InvalidParameterValue", "the sandbox knows offerings by availability-zone only, not by %q", in.LocationType)
		}
		var asked []string
		for _, f := range in.Filters {
			if aws.ToString(f.Name) != "instance-type" {
				return nil, apiError("InvalidParameterValue", "The filter '%s' is invalid", aws.ToString(f.Name))
			}
			asked = append(asked, f.Values...)
		}
		if len(asked) == 0 {
			return nil, apiError("InvalidParameterValue", "the sandbox wants to be asked about instance types by name")
		}
		var all []types.InstanceTypeOffering
		for _, name := range asked {
			for _, zone := range soldIn(t.region, name) {
				all = append(all, types.InstanceTypeOffering{InstanceType: types.InstanceType(name), Location: aws.String(zone), LocationType: in.LocationType})
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &ec2.DescribeInstanceTypeOfferingsOutput{InstanceTypeOfferings: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeInstancesInput) (*ec2.DescribeInstancesOutput, error) {
		var all []types.Reservation
		for _, g := range t.asg().Groups {
			for _, i := range g.Instances {
				v := described(g, i)
				matches, err := instanceMatches(v, in.Filters)
				if err != nil {
					return nil, err
				}
				if matches {
					all = append(all, types.Reservation{Instances: []types.Instance{v}, OwnerId: aws.String(t.opts.ID)})
				}
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &ec2.DescribeInstancesOutput{Reservations: part, NextToken: next}, err
	})
	op(a, rds.ServiceID, func(t *tx, in *rds.DescribeOrderableDBInstanceOptionsInput) (*rds.DescribeOrderableDBInstanceOptionsOutput, error) {
		engine, class := aws.ToString(in.Engine), aws.ToString(in.DBInstanceClass)
		if _, known := dbEngines[engine]; !known {
			return nil, apiError("InvalidParameterValue", "Unrecognized engine name: %s", engine)
		}
		if class == "" {
			return nil, apiError("InvalidParameterValue", "the sandbox wants to be asked about classes by name")
		}
		var all []rdstypes.OrderableDBInstanceOption
		for _, version := range dbEngines[engine].versions {
			if !dbClasses.MatchString(class) || in.EngineVersion != nil && *in.EngineVersion != version {
				continue
			}
			o := rdstypes.OrderableDBInstanceOption{Engine: in.Engine, EngineVersion: aws.String(version), DBInstanceClass: in.DBInstanceClass, Vpc: aws.Bool(true), StorageType: aws.String("aurora")}
			for _, z := range t.zones() {
				o.AvailabilityZones = append(o.AvailabilityZones, rdstypes.AvailabilityZone{Name: aws.String(z.Name)})
			}
			all = append(all, o)
		}
		part, next, err := dbPage(t, all, in.MaxRecords, in.Marker)
		return &rds.DescribeOrderableDBInstanceOptionsOutput{OrderableDBInstanceOptions: part, Marker: next}, err
	})
}

// described is a host as EC2 tells of it.
func described(g *asgGroup, i *asgInstance) types.Instance {
	name := types.InstanceStateNameRunning
	switch i.V.LifecycleState {
	case asgtypes.LifecycleStatePending:
		name = types.InstanceStateNamePending
	case asgtypes.LifecycleStateTerminating:
		name = types.InstanceStateNameShuttingDown
	}
	cores := aws.Int32(int32(shapes[aws.ToString(i.V.InstanceType)].vcpu))
	return types.Instance{
		InstanceId: i.V.InstanceId, InstanceType: types.InstanceType(aws.ToString(i.V.InstanceType)), State: &types.InstanceState{Name: name},
		Placement: &types.Placement{AvailabilityZone: i.V.AvailabilityZone}, CpuOptions: &types.CpuOptions{CoreCount: cores, ThreadsPerCore: aws.Int32(1)},
		KeyName: aws.String(i.Key), Tags: []types.Tag{{Key: aws.String("aws:autoscaling:groupName"), Value: g.V.AutoScalingGroupName}},
	}
}

func instanceMatches(v types.Instance, filters []types.Filter) (bool, error) {
	for _, f := range filters {
		var have string
		switch aws.ToString(f.Name) {
		case "instance-state-name":
			have = string(v.State.Name)
		case "key-name":
			have = aws.ToString(v.KeyName)
		default:
			return false, apiError("InvalidParameterValue", "The filter '%s' is invalid", aws.ToString(f.Name))
		}
		// A star in a value stands for any text ("Using filtering").
		if !slices.ContainsFunc(f.Values, func(value string) bool {
			begin, end, wild := strings.Cut(value, "*")
			return have == value || wild && strings.HasPrefix(have, begin) && strings.HasSuffix(have, end) && len(have) >= len(begin)+len(end)
		}) {
			return false, nil
		}
	}
	return true, nil
}

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
	if name := aws.ToString(data.KeyName); name != "" && !slices.ContainsFunc(t.ec2().KeyPairs, func(r *row[types.KeyPairInfo]) bool { return *r.V.KeyName == name }) {
		return "The key pair '" + name + "' does not exist." + failed
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
