package sandbox

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// WatchRuntime puts into a VPC what GuardDuty's Runtime Monitoring does by itself: an
// interface endpoint with a network interface in each of the subnets, and a security
// group ("Creating an Amazon VPC endpoint manually", GuardDuty user guide, says what
// the automated agent does otherwise). It returns the endpoint and the group.
func (a *Account) WatchRuntime(region, vpc string, subnets ...string) (endpoint, group string, err error) {
	err = a.byHandIn(region, func(t *tx) error {
		tags := []types.Tag{{Key: aws.String("GuardDutyManaged"), Value: aws.String("true")}}
		endpoint, group = t.newID("vpce"), t.newID("sg")
		s := t.ec2()
		s.Endpoints.add(&row[types.VpcEndpoint]{V: types.VpcEndpoint{
			VpcEndpointId: &endpoint, VpcId: &vpc, ServiceName: aws.String("com.amazonaws." + region + ".guardduty-data"), SubnetIds: subnets,
			VpcEndpointType: types.VpcEndpointTypeInterface, State: endpointAvailable, Tags: tags, OwnerId: &t.opts.ID, PolicyDocument: aws.String(endpointDefault),
		}})
		s.Groups.add(&row[types.SecurityGroup]{V: types.SecurityGroup{
			GroupId: &group, GroupName: aws.String("GuardDutyManagedSecurityGroup-" + vpc), Description: aws.String("Associated with VPC " + vpc), VpcId: &vpc,
			OwnerId: &t.opts.ID, Tags: tags,
		}})
		for _, subnet := range subnets {
			if _, err := t.addENI(subnet, "vpc_endpoint", "VPC Endpoint Interface "+endpoint, "", []string{group}); err != nil {
				return err
			}
		}
		return nil
	})
	return endpoint, group, err
}

// Unwatch deletes such an endpoint, as GuardDuty or its user does: the group stays.
func (a *Account) Unwatch(region, endpoint string) error {
	return a.byHandIn(region, func(t *tx) error {
		s := t.ec2()
		s.Endpoints.drop(endpoints.find(t, endpoint))
		s.Interfaces.dropAll(func(r *row[types.NetworkInterface]) bool {
			return *r.V.Description == "VPC Endpoint Interface "+endpoint
		})
		return nil
	})
}

// Boot starts a machine in a subnet, as somebody does who takes it for his own.
func (a *Account) Boot(region, subnet string) (instance string, err error) {
	err = a.byHandIn(region, func(t *tx) error {
		eni, err := t.addENI(subnet, "interface", "", "", nil)
		if err != nil {
			return err
		}
		instance = t.newID("i")
		interfaces.find(t, eni).V.Attachment = &types.NetworkInterfaceAttachment{InstanceId: &instance, InstanceOwnerId: &t.opts.ID}
		return nil
	})
	return instance, err
}
