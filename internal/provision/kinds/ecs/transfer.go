package ecs

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/elb"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/secrets"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// What file transfer needs of its tasks.

// platformSecrets are the secrets that the workload's runtime asks for. ECS reads
// them when a task starts.
func platformSecrets(s *provision.Step, d kit.Workload) []ecstypes.Secret {
	var out []ecstypes.Secret
	for _, each := range rules.RuntimeOf(d.Svc.Runtime).Secrets {
		out = append(out, ecstypes.Secret{Name: aws.String(each.Variable), ValueFrom: aws.String(s.ID("secretsmanager/secret", secrets.SecretRole(d, each)))})
	}
	return out
}

// isPlatform reports whether a secret is one that some runtime asks for: all others
// are the deploys'.
func isPlatform(s ecstypes.Secret) bool {
	return slices.ContainsFunc(rules.Runtimes(), func(r rules.Runtime) bool {
		return slices.ContainsFunc(r.Secrets, func(each rules.Secret) bool { return each.Variable == aws.ToString(s.Name) })
	})
}

func secretsText(t ecstypes.TaskDefinition, container string) string {
	var text []string
	for _, s := range containerOf(t, container).Secrets {
		if isPlatform(s) {
			text = append(text, aws.ToString(s.Name)+" from "+aws.ToString(s.ValueFrom))
		}
	}
	return kit.Lines(text)
}

// withSecrets gives a container the platform's secrets instead of those that it has.
func withSecrets(secrets, ours []ecstypes.Secret) []ecstypes.Secret {
	return append(slices.DeleteFunc(slices.Clone(secrets), isPlatform), ours...)
}

// passiveVariables are the platform's; all others are the deploys'.
var passiveVariables = []string{rules.MasqueradeVariable, rules.PassiveVariable}

// passiveMode is the environment by which FTP tells people where to send data. A
// load balancer that was made anew has another name.
func passiveMode(s *provision.Step, d kit.Workload) map[string]string {
	ports := d.ContainerPorts(s)
	if len(ports) == 1 {
		return nil
	}
	address := s.ID("elb/load-balancer", elb.TransferBalancer) // in a plan, until there is one
	if b, ok := provision.Lookup[*elb.LoadBalancer](s, "elb/load-balancer", elb.TransferBalancer); ok {
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
	return kit.Lines(text)
}

func isPassive(v ecstypes.KeyValuePair) bool {
	return slices.Contains(passiveVariables, aws.ToString(v.Name))
}

// withPassive gives an environment the platform's variables of another. A variable
// that is a secret now can be nothing else.
func withPassive(environment, ours []ecstypes.KeyValuePair) []ecstypes.KeyValuePair {
	out := slices.DeleteFunc(slices.Clone(environment), func(v ecstypes.KeyValuePair) bool {
		return isPassive(v) || isPlatform(ecstypes.Secret{Name: v.Name})
	})
	for _, v := range ours {
		if isPassive(v) {
			out = append(out, v)
		}
	}
	return out
}
