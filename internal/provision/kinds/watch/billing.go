package watch

import (
	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// freeEvents: rules hear what AWS's own services tell.
const freeEvents = "Amazon EventBridge pricing: events of AWS services on the default event bus are free"

// billAlarm counts metrics: an alarm on an expression is billed for each metric in it.
func billAlarm(_ *provision.Bill, want **rules.Alarm, have **alarm) []price.Item {
	metrics, fast := int64(1), false
	switch {
	case want != nil:
		fast = (*want).Period < 60
		for _, other := range []*rules.Metric{(*want).Less, (*want).Or} {
			if other != nil {
				metrics++
			}
		}
	case len((*have).Metrics) > 0:
		metrics = 0
		for _, m := range (*have).Metrics {
			if m.MetricStat != nil {
				metrics, fast = metrics+1, fast || aws.ToInt32(m.MetricStat.Period) < 60
			}
		}
	default:
		fast = (*have).Period != nil && *(*have).Period < 60
	}
	if fast {
		return []price.Item{price.FastAlarms(metrics)}
	}
	return []price.Item{price.Alarms(metrics, "")}
}

// billTopic: the dashboard of a client's alarms goes with its topic.
func billTopic(b *provision.Bill, want *wantTopic, have **topic) []price.Item {
	sns := func(family, usage string) price.Product {
		return price.Product{Service: "AmazonSNS", Filters: map[string]string{"productFamily": family}, Usage: usage}
	}
	items := []price.Item{
		{What: "messages to topics", Product: sns("API Request", "Requests-Tier1"), Per: price.ByUse},
		{What: "e-mails of topics", Product: sns("Message Delivery", "DeliveryAttempts-SMTP"), Per: price.ByUse},
	}
	if b.Level == provision.ClientLevel && (want != nil || (*have).dashboard != "") {
		items = append(items, price.Item{What: "dashboards", Per: price.ByMonth, Quantity: price.Count(1), Product: price.Product{
			Service: "AmazonCloudWatch", Filters: map[string]string{"productFamily": "Dashboard"}, Usage: "DashboardsUsageHour", Global: true,
		}})
	}
	return items
}

func billLogs(*provision.Bill, *wantLogGroup, **logGroup) []price.Item {
	logs := func(family, usage string) price.Product {
		return price.Product{Service: "AmazonCloudWatch", Filters: map[string]string{"productFamily": family}, Usage: usage}
	}
	return []price.Item{
		{What: "logs written to CloudWatch Logs", Product: logs("Data Payload", "DataProcessing-Bytes"), Per: price.ByUse},
		{What: "logs kept in CloudWatch Logs", Product: logs("Storage Snapshot", "TimedStorage-ByteHrs"), Per: price.ByUse},
	}
}

// billTrail: the first copy of management events is free (AWS CloudTrail pricing); whether this
// is the first is not known where others have made trails.
func billTrail(*provision.Bill, *string, **trail) []price.Item {
	return []price.Item{{What: "events of CloudTrail, unless this is the first trail", Per: price.ByUse, Product: price.Product{
		Service: "AWSCloudTrail", Filters: map[string]string{"productFamily": "Management Tools - AWS CloudTrail Paid Events Recorded"},
	}}}
}
