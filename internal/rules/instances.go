package rules

import (
	"slices"
	"strings"
)

// Instance is what a host of an EC2 instance type offers to tasks.
type Instance struct {
	VCPU int
	// MemoryMiB is what EC2 sells; see [Instance.Registered] for what ECS gets of it.
	MemoryMiB int
	// Interfaces is how many network interfaces may be attached, the host's own included.
	Interfaces int
	// Trunked is how many tasks with an interface of their own run on a host that was
	// registered with the account setting awsvpcTrunking; 0 where there is no trunk.
	Trunked int
}

// Places is how many awsvpc tasks ECS puts on such a host at most. Without a trunk
// each takes one of the host's interfaces, of which the host itself has the first.
func (i Instance) Places() int { return max(i.Trunked, i.Interfaces-1) }

// Registered is the memory in MiB that a host tells ECS of: the kernel keeps some
// for itself. ECS's own example is 207 MiB of 8 GiB (ECS developer guide, "Reserving
// Amazon ECS Linux container instance memory"); this is a little more.
func (i Instance) Registered() int { return i.MemoryMiB - i.MemoryMiB/32 - 64 }

// instanceSizes are those of the families since the fifth generation, which differ in
// nothing but the processor. Interfaces: EC2 user guide, "Maximum IP addresses per network
// interface". Tasks with a trunk: ECS developer guide, "Supported instances for
// increased Amazon ECS container network interfaces", where the newer processors have
// more from 8xlarge on. AWS has raised the figures of m6i to those of m5 since
// containers-roadmap#1491 complained about them. The families of the seventh generation
// with Intel's processors have the figures of the sixth (amazon-vpc-resource-controller-k8s,
// pkg/aws/vpc/limits.go, which has the same trunks).
var instanceSizes = map[string]struct{ vcpu, interfaces, trunked, newer int }{
	"medium":   {1, 2, 4, 4},
	"large":    {2, 3, 10, 10},
	"xlarge":   {4, 4, 20, 20},
	"2xlarge":  {8, 4, 40, 40},
	"4xlarge":  {16, 8, 60, 60},
	"8xlarge":  {32, 8, 60, 90},
	"9xlarge":  {36, 8, 60, 0}, // of c5 alone, as 18xlarge
	"12xlarge": {48, 8, 60, 120},
	"16xlarge": {64, 15, 120, 120},
	"18xlarge": {72, 15, 120, 0},
	"24xlarge": {96, 15, 120, 120},
	"32xlarge": {128, 15, 120, 120},
	"48xlarge": {192, 15, 120, 120},
}

// instanceFamily is what tells one family from the others.
type instanceFamily struct {
	perVCPU int    // GiB of memory
	newer   bool   // has the newer figures
	sizes   string // that there are
}

const (
	sizesOf5  = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge"
	sizesOf6i = sizesOf5 + " 32xlarge"
	sizesOf6a = sizesOf6i + " 48xlarge"
	sizesOf7i = sizesOf5 + " 48xlarge"
	sizesOf6g = "medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge"
)

// instanceFamilies are those that a client's hosts can be expected to be of.
var instanceFamilies = map[string]instanceFamily{
	"m5": {4, false, sizesOf5}, "m5a": {4, false, sizesOf5}, "r5": {8, false, sizesOf5}, "r5a": {8, false, sizesOf5},
	"c5":  {2, false, "large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge"},
	"m6i": {4, true, sizesOf6i}, "c6i": {2, true, sizesOf6i}, "r6i": {8, true, sizesOf6i},
	"m6a": {4, true, sizesOf6a}, "c6a": {2, true, sizesOf6a}, "r6a": {8, true, sizesOf6a},
	"m7i": {4, true, sizesOf7i}, "c7i": {2, true, sizesOf7i}, "r7i": {8, true, sizesOf7i},
	"m6g": {4, false, sizesOf6g}, "c6g": {2, false, sizesOf6g}, "r6g": {8, false, sizesOf6g},
	"m7g": {4, false, sizesOf6g}, "c7g": {2, false, sizesOf6g}, "r7g": {8, false, sizesOf6g},
}

// oddInstances follow no pattern. The t families have no trunks; the memory of hosts
// below medium is too little for the agent and tasks beside it.
var oddInstances = map[string]Instance{
	"t3.small": {2, 2 << 10, 3, 0}, "t3.medium": {2, 4 << 10, 3, 0}, "t3.large": {2, 8 << 10, 3, 0}, "t3.xlarge": {4, 16 << 10, 4, 0}, "t3.2xlarge": {8, 32 << 10, 4, 0},
	"t3a.small": {2, 2 << 10, 2, 0}, "t3a.medium": {2, 4 << 10, 3, 0}, "t3a.large": {2, 8 << 10, 3, 0}, "t3a.xlarge": {4, 16 << 10, 4, 0}, "t3a.2xlarge": {8, 32 << 10, 4, 0},
	"t4g.small": {2, 2 << 10, 3, 0}, "t4g.medium": {2, 4 << 10, 3, 0}, "t4g.large": {2, 8 << 10, 3, 0}, "t4g.xlarge": {4, 16 << 10, 4, 0}, "t4g.2xlarge": {8, 32 << 10, 4, 0},
	"r5.8xlarge": {32, 256 << 10, 8, 0}, // named there as one without a trunk
}

// InstanceOf is what hosts of an instance type offer. It is false for types that are
// not in the table: they may be good all the same.
func InstanceOf(instanceType string) (Instance, bool) {
	if odd, ok := oddInstances[instanceType]; ok {
		return odd, true
	}
	name, size, _ := strings.Cut(instanceType, ".")
	family, ok := instanceFamilies[name]
	if !ok || !slices.Contains(strings.Fields(family.sizes), size) {
		return Instance{}, false
	}
	s := instanceSizes[size]
	i := Instance{VCPU: s.vcpu, MemoryMiB: s.vcpu * family.perVCPU << 10, Interfaces: s.interfaces, Trunked: s.trunked}
	if family.newer {
		i.Trunked = s.newer
	}
	return i, true
}

// StandardInstancesQuota is the limit on the vCPUs of running on-demand instances of the
// families A, C, D, H, I, M, R, T and Z; all in the table here are of them.
const StandardInstancesQuota = "L-1216C47A"

// standardFamilies are what these families begin with before their generation.
var standardFamilies = []string{"a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"}

// StandardInstance reports whether the vCPUs of an instance type count for that limit:
// "inf2.xlarge" and "mac2.metal" have limits of their own.
func StandardInstance(instanceType string) bool {
	return slices.Contains(standardFamilies, instanceType[:max(0, strings.IndexAny(instanceType, "0123456789"))])
}
