package ecs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Where AWS says that it bills nothing.
const (
	freeTasks    = "Amazon ECS pricing, \"Amazon EC2 launch type\": there is no additional charge; billed are the hosts"
	freeTemplate = "Amazon EC2 Auto Scaling pricing: there is no additional charge; billed are the hosts"
)

// volumeSetting is how the canonical text of a launch template tells the size of the hosts'
// volume, and typeSetting their type.
const (
	volumeSetting = "BlockDeviceMappings[0].Ebs.VolumeSize: "
	typeSetting   = "InstanceType: "
)

// setting is what a template says after a prefix; empty when it says nothing.
func (l *launchTemplate) setting(prefix string) string {
	for line := range strings.SplitSeq(l.settings, "\n") {
		if value, ok := strings.CutPrefix(line, prefix); ok {
			return value
		}
	}
	return ""
}

// billHosts: how many hosts there are is what the group wants now, whoever has said so: ECS by
// the tasks, or an operator who has stopped the client. A new group begins with the fewest.
func billHosts(b *provision.Bill, want *wantHosts, have *scalingGroup) []price.Item {
	n, instanceType, volume, basis := int64(0), "", fmt.Sprint(rules.RootGiB), "the fewest: ECS adds hosts for tasks"
	if want != nil {
		n, instanceType = int64(want.Min), want.InstanceType
	}
	if have != nil {
		n, basis = int64(aws.ToInt32((*have).DesiredCapacity)), "what the group wants now"
		if want != nil {
			n = min(max(n, int64(want.Min)), int64(want.Max))
		} else if template, ok := provision.BilledWith[*launchTemplate](b, "ec2/launch-template", b.Role); ok {
			instanceType, volume = template.setting(typeSetting), template.setting(volumeSetting)
		}
	}
	size, err := price.ParseAmount(volume)
	if instanceType == "" || err != nil {
		b.Unknown("the launch template of the hosts does not tell what they are")
		return nil
	}
	items := []price.Item{
		{What: lang.Text("instances") + " (" + instanceType + ", Linux)", Product: price.Instances(instanceType), Quantity: price.Count(n), Basis: basis},
		{What: lang.Text("volumes of instances") + " (gp3)", Product: price.GP3(), Per: price.ByMonth, Quantity: size.Times(price.Count(n)), Basis: basis},
		price.Metrics("metrics of detailed monitoring"),
	}
	if credits, burstable := price.Credits(instanceType); burstable {
		items = append(items, credits)
	}
	return items
}

// billInsights: the metrics of Container Insights are billed like custom ones (Amazon
// CloudWatch pricing, "Container Insights").
func billInsights(*provision.Bill, *string, *ecsCluster) []price.Item {
	return []price.Item{price.Metrics("metrics of Container Insights")}
}

func billImages(*provision.Bill, *wantRepository, **repository) []price.Item {
	return []price.Item{{What: "images", Per: price.ByUse, Product: price.Product{
		Service: "AmazonECR", Filters: map[string]string{"productFamily": "EC2 Container Registry"}, Usage: "TimedStorage-ByteHrs",
	}}}
}

// billScaling: AWS makes two alarms for each policy that tracks a target, which are billed like
// any (Application Auto Scaling user guide, "How target tracking scaling works").
func billScaling(_ *provision.Bill, want *kit.Workload, have **scalableTarget) []price.Item {
	n := int64(0)
	if have != nil {
		for _, p := range (*have).policies {
			n += int64(len(p.Alarms))
		}
	}
	if tracks := have != nil && slices.ContainsFunc((*have).policies, func(p aastypes.ScalingPolicy) bool { return len(p.Alarms) > 0 }); want != nil && !tracks {
		n = 2
	}
	return []price.Item{price.Alarms(n, "made by AWS for the scaling policy")}
}

func billProvider(b *provision.Bill, _ *string, _ **capacityProvider) []price.Item {
	b.Unknown("cicdctl does not know whether AWS bills the alarms that it makes to scale the hosts")
	return nil
}
