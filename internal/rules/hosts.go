package rules

import (
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// The hosts of an ECS cluster.
const (
	// RootDevice is the root volume of Amazon's ECS images.
	RootDevice = "/dev/xvda"
	// RootGiB is the smallest volume that the images fit on.
	RootGiB = 30

	// hostImages is where AWS publishes the newest image (ECS developer guide,
	// "Retrieving Amazon ECS-optimized Linux AMI metadata").
	hostImages = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/"
)

// graviton matches the instance types with an ARM processor: a1, and those with a
// g behind the generation (m6g, c7gn, t4g, is4gen; but not g4dn).
var graviton = lazyregexp.New(`^(a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\.`)

// ARM reports whether hosts of an instance type run programs for ARM.
func ARM(instanceType string) bool { return graviton.MatchString(instanceType) }

// HostImage is the image of hosts of an instance type. EC2 looks it up at every
// launch, so that a new host has the newest one.
func HostImage(instanceType string) string {
	if ARM(instanceType) {
		return hostImages + "arm64/recommended/image_id"
	}
	return hostImages + "recommended/image_id"
}

// HostUserData makes a host join its client's cluster. Containers may not reach
// the host's own credentials.
func HostUserData(client string) string {
	return strings.Join([]string{
		"#!/bin/bash",
		"cat >> /etc/ecs/ecs.config <<'END'",
		"ECS_CLUSTER=" + ClusterName(client),
		"ECS_AWSVPC_BLOCK_IMDS=true",
		"ECS_ENABLE_TASK_IAM_ROLE=true",
		"END",
		"",
	}, "\n")
}
