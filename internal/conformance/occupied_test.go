package conformance

import (
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// What AWS has in subnets, and takes out late, or not at all.

// The network interfaces of load balancers and databases outlive them by minutes.
func TestNetworkInterfacesOutliveTheirOwners(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Linger: 15 * time.Minute})
		// Without people: the group of their endpoint names the database's, and is waited for too.
		if err := create(ctx, r.Operator, client(t, "ACME", withPeople, "")); err != nil {
			t.Fatal(err)
		}
		run, err := r.Remove(ctx, "ACME", region, true)
		if err != nil {
			t.Fatal(err)
		}
		p, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		told := map[string]bool{}
		sink := func(e provision.Event) {
			for _, owner := range []string{"RDSNetworkInterface", "ELB app/acme-web", "owned by amazon-elb"} {
				if strings.Contains(e.Text, owner) {
					told[e.Kind+" "+owner] = true
				}
			}
		}
		database, tried := r.groupOf("ACME", rules.GroupDatabase), 0
		r.account.Forget()
		if _, err := run.Apply(ctx, p, nil, sink); err != nil {
			t.Fatalf("client destroy: %v", err)
		}
		for _, want := range []string{"ec2/subnet RDSNetworkInterface", "ec2/security-group RDSNetworkInterface", "ec2/security-group ELB app/acme-web"} {
			if !told[want] {
				t.Errorf("no progress tells of %s, only %v", want, told)
			}
		}
		for _, c := range r.account.Calls() { // they are waited for, not run into
			if in, ok := c.Input.(*ec2.DeleteSubnetInput); ok && told["twice "+*in.SubnetId] {
				t.Errorf("%s was tried while it was occupied", *in.SubnetId)
			} else if ok {
				told["twice "+*in.SubnetId] = true
			}
			// Other groups are named by rules of those that are waited for.
			if in, ok := c.Input.(*ec2.DeleteSecurityGroupInput); ok && *in.GroupId == database {
				tried++
			}
		}
		if tried != 1 {
			t.Errorf("the database's group was tried %d times while it was occupied", tried)
		}
		if err := withoutRegion(ctx, r.Operator, nil); err != nil {
			t.Errorf("region destroy: %v", err)
		}
	})
}

// A public address keeps the internet gateway, and any other the VPC, for as long as its
// owner takes to go.
func TestGatewayAndVPCWaitForWhatIsGoing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		tree, home := r.tree(), r.homeVPC()
		going := func(id string, until time.Duration, more object) object { // in a subnet of somebody else's
			maps.Copy(more, object{"NetworkInterfaceId": id, "VpcId": home, "SubnetId": "subnet-theirs", "Status": "detaching"})
			return object{"Until": time.Now().Add(until).Unix(), "V": more}
		}
		strangers{tree, home}.put("EC2", "Interfaces",
			going("eni-public", 10*time.Minute, object{"Association": object{"PublicIp": "198.51.100.9"}}), going("eni-private", 15*time.Minute, object{}))
		r.restore(tree)
		r.account.Forget()
		if err := withoutRegion(ctx, r.Operator, nil); err != nil {
			t.Fatalf("region destroy: %v", err)
		}
		for _, operation := range []string{"EC2.DetachInternetGateway", "EC2.DeleteVpc"} {
			if tried := r.asked(operation); tried != 1 {
				t.Errorf("%d attempts at %s: what is in the way was not waited for", tried, operation)
			}
		}
	})
}

// GuardDuty puts endpoints into networks by itself. They are named, and left to whoever
// has GuardDuty watch.
func TestWhatGuardDutyPutsIntoANetworkIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		clients, err := r.Clients(ctx, region)
		if err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region).EC2
		subnets, err := api.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{clients[0].Subnets[0].ID}})
		if err != nil {
			t.Fatal(err)
		}
		endpoint, group, err := r.account.WatchRuntime(region, *subnets.Subnets[0].VpcId, clients[0].Subnets[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		err = destroy(ctx, r.Operator, "ACME", true)
		for _, want := range []string{endpoint, "guardduty-data", "Runtime Monitoring", "ec2/subnet"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("client destroy: %v, want it to name %s", err, want)
			}
		}
		// Somebody deletes the endpoint and leaves the group.
		out, err := api.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: []ec2types.Filter{{Name: aws.String("group-id"), Values: []string{group}}}})
		if err != nil || len(out.NetworkInterfaces) != 1 {
			t.Fatal(err, out)
		}
		if err := r.account.Unwatch(region, endpoint); err != nil {
			t.Fatal(err)
		}
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatalf("client destroy, once more: %v", err)
		}
		err = withoutRegion(ctx, r.Operator, nil)
		for _, want := range []string{group, "GuardDutyManagedSecurityGroup", "Runtime Monitoring", "ec2/vpc"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("region destroy: %v, want it to name %s", err, want)
			}
		}
		if _, err := api.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &group}); err != nil {
			t.Fatal(err)
		}
		if err := withoutRegion(ctx, r.Operator, nil); err != nil {
			t.Errorf("region destroy, once more: %v", err)
		}
	})
}
