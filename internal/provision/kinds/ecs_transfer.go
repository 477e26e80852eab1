package kinds

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// What file transfer needs of its tasks.

// ports are those of the network load balancer that lead to the workload, what
// people connect to first. HTTP services have none.
func (w workload) ports(s *provision.Step) []rules.TransferPort {
	return rules.TransferPortsOf(s.Spec, w.app.Name, w.svc.Name, w.env)
}

// containerPorts are all on which the workload's container listens.
func (w workload) containerPorts(s *provision.Step) []int32 {
	out := []int32{int32(rules.ContainerPort(w.svc.Runtime))}
	for _, p := range w.ports(s) {
		if p.Data() {
			out = append(out, int32(p.Target))
		}
	}
	return out
}

// passiveVariables are the platform's; all others are the deploys'.
var passiveVariables = []string{rules.MasqueradeVariable, rules.PassiveVariable}

// passiveMode is the environment by which FTP tells people where to send data. A
// load balancer that was made anew has another name.
func passiveMode(s *provision.Step, d workload) map[string]string {
	ports := d.containerPorts(s)
	if len(ports) == 1 {
		return nil
	}
	address := s.ID("elb/load-balancer", transferBalancer) // in a plan, until there is one
	if b, ok := provision.Lookup[*loadBalancer](s, "elb/load-balancer", transferBalancer); ok {
		address = aws.ToString(b.DNSName)
	}
	return map[string]string{rules.MasqueradeVariable: address, rules.PassiveVariable: fmt.Sprintf("%d-%d", ports[1], ports[len(ports)-1])}
}

func passiveText(t ecstypes.TaskDefinition, container string) string {
	var text []string
	for _, v := range containerOf(t, container).Environment {
		if isPassive(v) {
			text = append(text, aws.ToString(v.Name)+"="+aws.ToString(v.Value))
		}
	}
	return lines(text)
}

func isPassive(v ecstypes.KeyValuePair) bool {
	return slices.Contains(passiveVariables, aws.ToString(v.Name))
}

// withPassive gives an environment the platform's variables of another.
func withPassive(environment, ours []ecstypes.KeyValuePair) []ecstypes.KeyValuePair {
	out := slices.DeleteFunc(slices.Clone(environment), isPassive)
	for _, v := range ours {
		if isPassive(v) {
			out = append(out, v)
		}
	}
	return out
}
