package schedule

import (
	"context"

	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

func queueLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, q *queue) ([]provision.Loss, error) {
	n := q.attributes[string(sqstypes.QueueAttributeNameApproximateNumberOfMessages)]
	if n == "" || n == "0" {
		return nil, nil
	}
	return []provision.Loss{provision.Lost("failed invocations of schedules that nobody has looked at: %s", n)}, nil
}
