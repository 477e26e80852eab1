package kit

import (
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Workload is a service in one of its environments: what runs it, and where.
type Workload struct {
	Client string
	App    spec.App
	Svc    spec.Service
	Env    spec.Env
}

// Workloads are all of a client, by role.
func Workloads(s *provision.Scope) map[provision.Role]Workload {
	out := map[provision.Role]Workload{}
	for _, app := range s.Spec.Apps {
		for _, svc := range app.Services {
			for _, env := range spec.Envs() {
				out[rules.ServiceName(app.Name, svc.Name, env)] = Workload{s.Client, app, svc, env}
			}
		}
	}
	return out
}

// Labels are the tags that say what the workload is.
func (w Workload) Labels() provision.Tags {
	return provision.Tags{provision.TagApp: w.App.Name, provision.TagService: w.Svc.Name, provision.TagEnv: string(w.Env)}
}

// Unit is the role of what both environments of a service share.
func (w Workload) Unit() provision.Role { return rules.GroupTag(w.App.Name, w.Svc.Name) }

// Service is the name of its ECS service, and its role.
func (w Workload) Service() string { return rules.ServiceName(w.App.Name, w.Svc.Name, w.Env) }

// Family is the name of its task definitions.
func (w Workload) Family() string {
	return rules.TaskFamily(w.Client, w.App.Name, w.Svc.Name, w.Env)
}

// Ports are those of the network load balancer that lead to the workload, what
// people connect to first. HTTP services have none.
func (w Workload) Ports(s *provision.Step) []rules.TransferPort {
	return rules.TransferPortsOf(s.Spec, w.App.Name, w.Svc.Name, w.Env)
}

// ContainerPorts are all on which the workload's container listens.
func (w Workload) ContainerPorts(s *provision.Step) []int32 {
	out := []int32{int32(rules.ContainerPort(w.Svc.Runtime))}
	for _, p := range w.Ports(s) {
		if p.Data() {
			out = append(out, int32(p.Target))
		}
	}
	return out
}
