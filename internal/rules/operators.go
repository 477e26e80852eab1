package rules

// What operators hear of, rather than a client: events of all databases of a region.

// SharedTopicName is where a region tells its operators of events of databases. No client is
// named CICDCTL.
const SharedTopicName = "cicdctl-alarms"

// sharedSubscriptions begins the names of a region's subscriptions to events of RDS.
const sharedSubscriptions = "cicdctl-"

// EventSubscription is one subscription to events of RDS.
type EventSubscription struct {
	Role       string
	Source     string   // the type of what tells them, in RDS's words
	Categories []string // those that Security Hub asks for ("Security Hub controls for Amazon RDS")
	Control    string   // of Security Hub
}

// EventSubscriptions are a region's, about what all its clients have: an account has 20 of
// them in a region by default, and each is about one type (L-A59F4C87, "Quotas and constraints
// for Amazon Aurora"). None names its sources, so that new databases are in them.
func EventSubscriptions() []EventSubscription {
	return []EventSubscription{
		{"clusters", "db-cluster", []string{"failure", "maintenance"}, "RDS.19"},
		{"instances", "db-instance", []string{"configuration change", "failure", "maintenance"}, "RDS.20"},
		{"parameter-groups", "db-parameter-group", []string{"configuration change"}, "RDS.21"},
		// Of EC2-Classic, which is gone: nothing tells such events, but scans ask for it.
		{"security-groups", "db-security-group", []string{"configuration change", "failure"}, "RDS.22"},
	}
}

// EventSubscriptionName is the region's subscription with a role.
func EventSubscriptionName(role string) string { return sharedSubscriptions + role }

// EventSubscriptionQuota is the limit on them in a region.
const EventSubscriptionQuota = "L-A59F4C87"

// SharedTopicPolicy lets RDS publish on the region's topic what resources of the account tell
// (Aurora user guide, "Granting permissions to publish notifications to an Amazon SNS topic").
func SharedTopicPolicy(p Place) string {
	topic := p.arn("sns", SharedTopicName)
	return document(
		statement{
			Sid: "Databases", Effect: "Allow", Principal: object{"Service": "events.rds.amazonaws.com"}, Action: []string{"sns:Publish"}, Resource: []string{topic},
			Condition: object{
				"StringEquals": object{"aws:SourceAccount": p.Account},
				"ArnLike":      object{"aws:SourceArn": p.arn("rds", "*")},
			},
		},
		statement{Sid: "TLSOnly", Effect: "Deny", Principal: "*", Action: []string{"sns:Publish"}, Resource: []string{topic}, Condition: insecure},
	)
}

// SharedKeyPolicy is KeyPolicy for the region's key, which also encrypts what RDS says on the
// region's topic. SNS names the topic, and with it the account, when it asks for a data key;
// that RDS's own keys of conditions come along is not documented.
func SharedKeyPolicy(p Place, logGroups ...string) string {
	return document(append(keyStatements(p, logGroups...), statement{
		Sid: "Databases", Effect: "Allow", Principal: object{"Service": "events.rds.amazonaws.com"},
		Action: []string{"kms:Decrypt", "kms:GenerateDataKey*"}, Resource: []string{"*"},
		Condition: object{"StringEquals": object{"kms:EncryptionContext:aws:sns:topicArn": p.arn("sns", SharedTopicName)}},
	})...)
}
