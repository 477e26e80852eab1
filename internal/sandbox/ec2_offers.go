package sandbox

import (
	"slices"
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
			out = append(out, z.name)
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
				v := described(i)
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
			for _, z := range zonesOf(t.region) {
				o.AvailabilityZones = append(o.AvailabilityZones, rdstypes.AvailabilityZone{Name: aws.String(z.name)})
			}
			all = append(all, o)
		}
		part, next, err := dbPage(t, all, in.MaxRecords, in.Marker)
		return &rds.DescribeOrderableDBInstanceOptionsOutput{OrderableDBInstanceOptions: part, Marker: next}, err
	})
}

// described is a host as EC2 tells of it.
func described(i *asgInstance) types.Instance {
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
	}
}

func instanceMatches(v types.Instance, filters []types.Filter) (bool, error) {
	for _, f := range filters {
		if aws.ToString(f.Name) != "instance-state-name" {
			return false, apiError("InvalidParameterValue", "The filter '%s' is invalid", aws.ToString(f.Name))
		}
		if !slices.Contains(f.Values, string(v.State.Name)) {
			return false, nil
		}
	}
	return true, nil
}
