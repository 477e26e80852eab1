package schedule

import (
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

func billQueue(*provision.Bill, *string, **queue) []price.Item {
	return []price.Item{{What: "requests to SQS", Per: price.ByUse, Product: price.Product{
		Service: "AWSQueueService", Filters: map[string]string{"productFamily": "API Request", "queueType": "Standard"},
	}}}
}

func billSchedules(b *provision.Bill, _ *string, _ **scheduleGroup) []price.Item {
	b.Unknown("cicdctl does not know which product invocations by EventBridge Scheduler are")
	return nil
}
