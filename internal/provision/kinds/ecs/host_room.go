package ecs

import (
	"fmt"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// vcpuQuota is the limit that a new account meets first: AWS starts it at 5.
var vcpuQuota = &provision.Quota{Service: "ec2", Code: rules.StandardInstancesQuota, Name: "vCPUs of standard on-demand instances", VCPUs: true}

// takenByHosts is how many vCPUs the fewest hosts take, and the most that there may be.
// What runs already is counted where they are.
func takenByHosts(_ *provision.Scope, _ provision.Role, d wantHosts, have *scalingGroup) []provision.Take {
	running := 0
	if have != nil {
		if rangeOf(*have) == hostRange(d.Min, d.Max) {
			return nil
		}
		running = len((*have).Instances)
	}
	more := func(hosts int) int { return max(0, hosts-running) }
	host, known := rules.InstanceOf(d.InstanceType)
	if !known {
		return []provision.Take{{Quota: vcpuQuota, Unsure: fmt.Sprintf("how many vCPUs %s has, and whether they count as standard ones", d.InstanceType)}}
	}
	return []provision.Take{{Quota: vcpuQuota, Now: more(d.Min) * host.VCPU, Most: more(d.Max) * host.VCPU}}
}

// offeredHosts is the instance type in every zone of the client, where it is new.
func offeredHosts(s *provision.Scope, _ provision.Role, d wantTemplate, have **launchTemplate) []provision.Offer {
	if have != nil && strings.Contains((*have).settings, d.instanceType) {
		return nil
	}
	var out []provision.Offer
	for _, zone := range s.Zones {
		out = append(out, provision.Offer{Type: d.instanceType, Zone: zone.Name})
	}
	return out
}
