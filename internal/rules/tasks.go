package rules

// ContainerInsights is the cluster setting: metrics of clusters, services and
// tasks (ECS.12). "enhanced" adds those of each container at several times the price.
const ContainerInsights = "enabled"

// ProviderTarget is how full, in percent, the hosts are kept before new ones are
// started: there is no spare host that nobody uses.
const ProviderTarget = 100

// HostGraceSeconds is how long a new host may take to boot before it is judged.
const HostGraceSeconds = 120

// ServiceGraceSeconds is how long a new task may take before the load balancer's
// health check counts.
const ServiceGraceSeconds = 60

// Task is what the container of a service gets until a deploy says otherwise.
type Task struct {
	CPU    int32 // of the 1024 units of a vCPU; more when the host has some left
	Memory int32 // MiB, never more
	// Scratch are the only directories of the image that can be written, in
	// memory: the root filesystem is read-only (ECS.5). MiB by path.
	Scratch map[string]int32
	// Files is a directory on the host's disk that lives as long as the task, for
	// uploads on their way to S3; empty for none.
	Files string
}
