package rules

import (
	"fmt"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// TrunkingSetting is the account setting of ECS with which hosts get a trunk: more
// network interfaces for tasks than EC2 attaches otherwise.
const TrunkingSetting = "awsvpcTrunking"

// RolloutPercent is how few and how many tasks of those wanted may run while a
// deployment replaces them: never fewer, unless two could not work at once.
func RolloutPercent(r spec.Runtime) (least, most int32) {
	if RuntimeOf(r).StopFirst {
		return 0, 100
	}
	return 100, 200
}

// Load is what tasks take of the hosts.
type Load struct{ Tasks, CPU, Memory int } // CPU in 1024ths of a vCPU, memory in MiB

func (l Load) plus(o Load) Load { return Load{l.Tasks + o.Tasks, l.CPU + o.CPU, l.Memory + o.Memory} }

// Demand is what a client's services ask of its hosts, with as many tasks as
// their spec says, or else as they get with their first deploy.
type Demand struct {
	Steady  Load   // with all services deployed in both environments
	Surge   Load   // beside it, while the largest of them is replaced
	Largest string // which that is: "shop-web-prod"
	Most    Task   // the largest container in each respect
}

// Peak is the most at one time: deployments of one service.
func (d Demand) Peak() Load { return d.Steady.plus(d.Surge) }

// DemandOf adds up the services of a spec.
func DemandOf(s *spec.Spec) Demand {
	var d Demand
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			task := TaskOf(svc.Runtime)
			d.Most.CPU, d.Most.Memory = max(d.Most.CPU, task.CPU), max(d.Most.Memory, task.Memory)
			load := func(tasks int) Load { return Load{tasks, tasks * int(task.CPU), tasks * int(task.Memory)} }
			_, most := RolloutPercent(svc.Runtime)
			for _, env := range spec.Envs() {
				tasks := max(svc.Tasks.Of(env), svc.MaxTasks.Of(env)) // a stopped environment can be started without looking for room
				if tasks == 0 {
					tasks = int(FirstTasks(svc.Runtime))
				}
				surge := load(tasks * int(most-100) / 100)
				d.Steady = d.Steady.plus(load(tasks))
				if surge.Tasks > d.Surge.Tasks || surge.Tasks == d.Surge.Tasks && surge.CPU >= d.Surge.CPU && surge.Memory >= d.Surge.Memory && surge.Tasks > 0 {
					d.Surge, d.Largest = surge, ServiceName(app.Name, svc.Name, env)
				}
			}
		}
	}
	return d
}

// room is what so many hosts of a type offer.
func room(i Instance, hosts int) Load {
	return Load{hosts * i.Places(), hosts * i.VCPU * 1024, hosts * i.Registered()}
}

// hostsFor is how many hosts a load needs at least.
func hostsFor(i Instance, l Load) int {
	one, up := room(i, 1), func(a, b int) int { return (a + b - 1) / b }
	return max(up(l.Tasks, one.Tasks), up(l.CPU, one.CPU), up(l.Memory, one.Memory))
}

// places refuses what hosts.max hosts have no room for: what is deployed last would
// wait for a place for ever, and so would every deployment after it.
func (c *checker) places() {
	h, d := c.spec.Hosts, DemandOf(c.spec)
	i, known := InstanceOf(h.InstanceType)
	if !known {
		return // [PlacesNotes] says so
	}
	peak, has := d.Peak(), room(i, h.Max)
	need := hostsFor(i, peak)
	if need <= h.Max {
		return
	}
	c.add("$.hosts.max", "%d is too few: %d {host|hosts} of %s {has|have} network interfaces for %d {task|tasks}, %d CPU units and %d MiB of memory; all services in both environments need %d, %d and %d, with %d {task|tasks} more while %s is replaced; give at least %d, or a larger hosts.instance_type",
		h.Max, h.Max, h.InstanceType, has.Tasks, has.CPU, has.Memory, peak.Tasks, peak.CPU, peak.Memory, d.Surge.Tasks, d.Largest, need)
}

// PlacesNotes is what cannot be promised about places for tasks.
func PlacesNotes(s *spec.Spec) []string {
	h, d := s.Hosts, DemandOf(s)
	peak := d.Peak()
	i, known := InstanceOf(h.InstanceType)
	if !known {
		return []string{lang.Sprintf("hosts.instance_type %s is not in cicdctl's table: nobody has checked that %d {host has|hosts have} room for %d {task|tasks}, %d CPU units and %d MiB of memory", h.InstanceType, h.Max, peak.Tasks, peak.CPU, peak.Memory)}
	}
	// A host that has fewer tasks than this has room for any other, wherever ECS has put the rest.
	sure := h.Max * min(i.Places(), i.VCPU*1024/int(d.Most.CPU), i.Registered()/int(d.Most.Memory))
	if peak.Tasks <= sure {
		return nil
	}
	return []string{lang.Sprintf("%d {host|hosts} of %s surely {has|have} room for %d {task|tasks} of the largest size; with %s being replaced there {is|are} %d, which {fits|fit} only if ECS spreads them well: raise hosts.max or hosts.instance_type to be sure", h.Max, h.InstanceType, sure, d.Largest, peak.Tasks)}
}

// tasks refuses more tasks than can serve at once.
func (c *checker) tasks() {
	for i, app := range c.spec.Apps {
		for j, svc := range app.Services {
			for _, env := range spec.Envs() {
				most := int(RuntimeOf(svc.Runtime).MaxTasks)
				for key, n := range map[string]int{"tasks": svc.Tasks.Of(env), "max_tasks": svc.MaxTasks.Of(env)} {
					if most > 0 && n > most {
						c.add(fmt.Sprintf("$.apps[%d].services[%d].%s.%s", i, j, key, env), "%d is too many: of a service with the runtime %s, %d can serve at once", n, svc.Runtime, most)
					}
				}
			}
		}
	}
}
