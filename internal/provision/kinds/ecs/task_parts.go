package ecs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/elb"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/secrets"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// What the platform decides of a task: its confinement, and what file transfer needs.

// platformParts are what cicdctl compares of a task definition and of the
// container that bears the service's name.
var platformParts = []struct {
	name string
	text func(t ecstypes.TaskDefinition, container string) string
}{
	// Deregistered by hand, or by a destroy that got no further.
	{"status", func(t ecstypes.TaskDefinition, _ string) string { return strings.ToLower(string(t.Status)) }},
	{"task role", func(t ecstypes.TaskDefinition, _ string) string { return aws.ToString(t.TaskRoleArn) }},
	{"execution role", func(t ecstypes.TaskDefinition, _ string) string { return aws.ToString(t.ExecutionRoleArn) }},
	{"network mode", func(t ecstypes.TaskDefinition, _ string) string { return string(t.NetworkMode) }},
	{"container port", func(t ecstypes.TaskDefinition, name string) string {
		return kit.Lines(kit.Texts(containerOf(t, name).PortMappings, func(p ecstypes.PortMapping) string {
			return fmt.Sprintf("%d/%s", aws.ToInt32(p.ContainerPort), p.Protocol)
		}))
	}},
	{"passive mode", passiveText},
	{"secrets", secretsText},
	{"logs", func(t ecstypes.TaskDefinition, name string) string {
		c := containerOf(t, name).LogConfiguration
		if c == nil {
			return ""
		}
		text := []string{"driver: " + string(c.LogDriver)}
		for k, v := range c.Options {
			text = append(text, k+": "+v)
		}
		return kit.Lines(text)
	}},
	{"confinement", confinementText},
}

func containerOf(t ecstypes.TaskDefinition, name string) ecstypes.ContainerDefinition {
	for _, c := range t.ContainerDefinitions {
		if aws.ToString(c.Name) == name {
			return c
		}
	}
	return ecstypes.ContainerDefinition{}
}

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
	ours := kit.Where(containerOf(t, container).Secrets, isPlatform)
	return kit.Lines(kit.Texts(ours, func(s ecstypes.Secret) string { return aws.ToString(s.Name) + " from " + aws.ToString(s.ValueFrom) }))
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
	ours := kit.Where(containerOf(t, container).Environment, isPassive)
	return kit.Lines(kit.Texts(ours, func(v ecstypes.KeyValuePair) string { return aws.ToString(v.Name) + "=" + aws.ToString(v.Value) }))
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
	return append(out, kit.Where(ours, isPassive)...)
}

// What a task may not take of its host. IAM refuses pipelines privileged containers
// only (rules.DeployPolicy), so the rest is looked for in what they have registered:
// in all containers, because one beside the service's is as near to the host.

// confinementText is how the service's container is confined, and what the task takes
// of its host.
func confinementText(t ecstypes.TaskDefinition, name string) string {
	c := containerOf(t, name)
	text := []string{"privileged: " + kit.OnOff(aws.ToBool(c.Privileged)), "read-only root: " + kit.OnOff(aws.ToBool(c.ReadonlyRootFilesystem))}
	if t.PidMode == ecstypes.PidModeHost || t.IpcMode == ecstypes.IpcModeHost {
		text = append(text, "shares the host's processes or memory")
	}
	for _, v := range t.Volumes {
		if path := hostPath(v); path != "" {
			text = append(text, "mounts of the host: "+path)
		}
	}
	for _, c := range t.ContainerDefinitions {
		of := aws.ToString(c.Name)
		if of != name && aws.ToBool(c.Privileged) {
			text = append(text, of+" is privileged")
		}
		if p := c.LinuxParameters; p != nil {
			if p.Capabilities != nil && len(p.Capabilities.Add) > 0 {
				text = append(text, of+" has "+strings.Join(p.Capabilities.Add, ", "))
			}
			for _, d := range p.Devices {
				text = append(text, of+" has the host's device "+aws.ToString(d.HostPath))
			}
		}
		for _, option := range c.DockerSecurityOptions {
			text = append(text, of+" runs with "+option)
		}
	}
	return kit.Lines(text)
}

// hostPath is the host's directory that a volume is; empty for those that Docker makes.
// Docker's own driver mounts one too, if it is told to.
func hostPath(v ecstypes.Volume) string {
	if v.Host != nil {
		return aws.ToString(v.Host.SourcePath)
	}
	if d := v.DockerVolumeConfiguration; d != nil {
		return d.DriverOpts["device"]
	}
	return ""
}

// confine takes from a task what it has of its host. The service's own container is
// put right by the caller.
func confine(t *ecstypes.TaskDefinition) {
	t.PidMode, t.IpcMode = "", ""
	t.Volumes = slices.Clone(t.Volumes)
	var mounted []string
	t.Volumes = slices.DeleteFunc(t.Volumes, func(v ecstypes.Volume) bool {
		if hostPath(v) == "" {
			return false
		}
		mounted = append(mounted, aws.ToString(v.Name))
		return true
	})
	t.ContainerDefinitions = slices.Clone(t.ContainerDefinitions)
	for i := range t.ContainerDefinitions {
		c := &t.ContainerDefinitions[i]
		c.Privileged, c.DockerSecurityOptions = aws.Bool(false), nil
		c.MountPoints = slices.DeleteFunc(slices.Clone(c.MountPoints), func(m ecstypes.MountPoint) bool {
			return slices.Contains(mounted, aws.ToString(m.SourceVolume))
		})
		if c.LinuxParameters != nil {
			own := *c.LinuxParameters // the newest revision's is shared
			own.Devices = nil
			if own.Capabilities != nil {
				own.Capabilities = &ecstypes.KernelCapabilities{Drop: own.Capabilities.Drop}
			}
			c.LinuxParameters = &own
		}
	}
}
