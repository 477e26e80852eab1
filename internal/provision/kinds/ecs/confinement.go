package ecs

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

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
