package ecs

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// refusesECSCluster names services of others in the client's cluster.
func refusesECSCluster(_ context.Context, s *provision.Step, _ *provision.Sweep, c ecsCluster) (string, error) {
	for _, r := range s.Found("ecs/service") {
		v, ok := r.Object.(ecsService)
		if ok && r.Foreign() && aws.ToString(v.ClusterArn) == aws.ToString(c.ClusterArn) {
			return "it runs the service " + aws.ToString(v.ServiceName) + ", which is not cicdctl's", nil
		}
	}
	return "", nil
}

func refusesHosts(_ context.Context, _ *provision.Step, _ *provision.Sweep, g scalingGroup) (string, error) {
	if p := g.DeletionProtection; p != "" && p != asgtypes.DeletionProtectionNone {
		return "its deletion protection is " + string(p) + ": set it to none first", nil
	}
	return "", nil
}
