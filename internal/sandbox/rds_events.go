package sandbox

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// dbSubscription has tags that its describe does not show.
type dbSubscription struct {
	types.EventSubscription
	Tags []types.Tag
}

// dbSubscriptionQuota is how many subscriptions to events fit in a region (L-A59F4C87).
const dbSubscriptionQuota = 20

func dbSubscriptionName(s *dbSubscription) *string { return s.CustSubscriptionId }

// dbEventCategories are what each type of source tells, of what the sandbox knows ("Amazon RDS event
// categories and event messages", Aurora user guide).
var dbEventCategories = map[string][]string{
	"db-cluster":         {"configuration change", "creation", "deletion", "failover", "failure", "maintenance", "notification"},
	"db-instance":        {"availability", "backup", "configuration change", "creation", "deletion", "failover", "failure", "low storage", "maintenance", "notification", "recovery", "restoration"},
	"db-parameter-group": {"configuration change"},
	"db-security-group":  {"configuration change", "failure"},
}

func registerDBEvents(a *Account) {
	op(a, rds.ServiceID, func(t *tx, in *rds.CreateEventSubscriptionInput) (*rds.CreateEventSubscriptionOutput, error) {
		name := aws.ToString(in.SubscriptionName)
		s := dbSubscription{Tags: in.Tags, EventSubscription: types.EventSubscription{
			CustSubscriptionId: &name, CustomerAwsId: aws.String(t.opts.ID), EventSubscriptionArn: aws.String(t.arn("rds", "es:"+name)), SnsTopicArn: in.SnsTopicArn,
			SourceType: in.SourceType, EventCategoriesList: in.EventCategories, SourceIdsList: in.SourceIds, Enabled: aws.Bool(in.Enabled == nil || *in.Enabled),
			Status: aws.String("creating"), SubscriptionCreationTime: aws.String(t.now.Format(time.DateTime)),
		}}
		switch {
		case name == "" || len(name) >= 255 || !dbNamePattern.MatchString(name):
			return nil, apiError("InvalidParameterValue", "The parameter SubscriptionName is not a valid identifier: %s", name)
		case dbSubscriptions.find(t, name) != nil:
			return nil, apiError("SubscriptionAlreadyExist", "Event Subscription %s already exists.", name)
		case len(t.rds().Subscriptions) >= int(t.quota("L-A59F4C87", dbSubscriptionQuota)):
			return nil, apiError("EventSubscriptionQuotaExceeded", "You have reached the maximum number of event subscriptions.")
		case len(in.SourceIds) > 0 && in.SourceType == nil:
			return nil, apiError("InvalidParameterCombination", "If SourceIds are supplied, SourceType must also be provided.")
		}
		if err := t.checkDBSubscription(&s); err != nil {
			return nil, err
		}
		if err := dbTags.check(in.Tags); err != nil {
			return nil, err
		}
		t.rds().Subscriptions.add(&row[dbSubscription]{V: s, meta: t.pending()})
		return &rds.CreateEventSubscriptionOutput{EventSubscription: &s.EventSubscription}, nil
	})
	op(a, rds.ServiceID, func(t *tx, in *rds.DescribeEventSubscriptionsInput) (*rds.DescribeEventSubscriptionsOutput, error) {
		var all []types.EventSubscription
		for _, r := range slices.Clone(t.rds().Subscriptions) {
			if (in.SubscriptionName == nil || *in.SubscriptionName == *r.V.CustSubscriptionId) && (in.Marker != nil || t.ageDBSubscription(r)) {
				all = append(all, r.V.EventSubscription)
			}
		}
		if in.SubscriptionName != nil && all == nil {
			return nil, apiError("SubscriptionNotFound", "Event Subscription %s does not exist.", *in.SubscriptionName)
		}
		part, next, err := dbPage(t, all, in.MaxRecords, in.Marker)
		return &rds.DescribeEventSubscriptionsOutput{EventSubscriptionsList: part, Marker: next}, err
	})
	opOn(dbSubscriptions.on(a), func(in *rds.ModifyEventSubscriptionInput) *string { return in.SubscriptionName }, func(t *tx, r *row[dbSubscription], in *rds.ModifyEventSubscriptionInput) (*rds.ModifyEventSubscriptionOutput, error) {
		if err := t.busyDBSubscription(r); err != nil {
			return nil, err
		}
		next := r.V
		set(&next.SnsTopicArn, in.SnsTopicArn)
		set(&next.SourceType, in.SourceType)
		set(&next.Enabled, in.Enabled)
		if in.EventCategories != nil {
			next.EventCategoriesList = in.EventCategories
		}
		if err := t.checkDBSubscription(&next); err != nil {
			return nil, err
		}
		r.V = next
		r.V.Status, r.Looks = aws.String(dbModifying), t.opts.Looks
		return &rds.ModifyEventSubscriptionOutput{EventSubscription: &r.V.EventSubscription}, nil
	})
	opOn(dbSubscriptions.on(a), func(in *rds.RemoveSourceIdentifierFromSubscriptionInput) *string { return in.SubscriptionName }, func(_ *tx, r *row[dbSubscription], in *rds.RemoveSourceIdentifierFromSubscriptionInput) (*rds.RemoveSourceIdentifierFromSubscriptionOutput, error) {
		i := slices.Index(r.V.SourceIdsList, aws.ToString(in.SourceIdentifier))
		if i < 0 {
			return nil, apiError("SourceNotFound", "The requested source %s could not be found.", aws.ToString(in.SourceIdentifier))
		}
		r.V.SourceIdsList = slices.Delete(slices.Clone(r.V.SourceIdsList), i, i+1)
		return &rds.RemoveSourceIdentifierFromSubscriptionOutput{EventSubscription: &r.V.EventSubscription}, nil
	})
	opOn(dbSubscriptions.on(a), func(in *rds.DeleteEventSubscriptionInput) *string { return in.SubscriptionName }, func(t *tx, r *row[dbSubscription], _ *rds.DeleteEventSubscriptionInput) (*rds.DeleteEventSubscriptionOutput, error) {
		if err := t.busyDBSubscription(r); err != nil {
			return nil, err
		}
		r.V.Status, r.Looks = aws.String(dbDeleting), t.opts.Looks
		return &rds.DeleteEventSubscriptionOutput{EventSubscription: &r.V.EventSubscription}, nil
	})
}

// checkDBSubscription holds a subscription against what RDS asks: categories that the source
// tells, and a topic on which it may publish, with its key.
func (t *tx) checkDBSubscription(s *dbSubscription) error {
	if s.SourceType != nil {
		known, ok := dbEventCategories[*s.SourceType]
		if !ok {
			return apiError("InvalidParameterValue", "Invalid source type: %s", *s.SourceType)
		}
		for _, c := range s.EventCategoriesList {
			if !slices.Contains(known, c) {
				return apiError("SubscriptionCategoryNotFound", "The requested category %s does not exist for %s.", c, *s.SourceType)
			}
		}
	}
	topic, err := t.topic(s.SnsTopicArn)
	if err != nil {
		return apiError("SNSTopicArnNotFound", "The SNS topic ARN does not exist: %s", aws.ToString(s.SnsTopicArn))
	}
	if !serviceMay(topic.Attributes["Policy"], "events.rds.amazonaws.com", "sns:Publish") {
		return apiError("SNSNoAuthorization", "You do not have permission to publish to the SNS topic ARN.")
	}
	if id := topic.Attributes["KmsMasterKeyId"]; id != "" {
		if key, err := t.usableKey(id); err != nil || !serviceMay(key.V.Policy, "events.rds.amazonaws.com", "kms:GenerateDataKey") {
			return apiError("SNSNoAuthorization", "You do not have permission to publish to the SNS topic ARN.")
		}
	}
	return nil
}

// serviceMay reports whether a policy allows a service of AWS's an action.
func serviceMay(policy, service, action string) bool {
	var p bucketPolicy
	if json.Unmarshal([]byte(policy), &p) != nil {
		return false
	}
	for _, s := range p.Statement {
		who, named := s.Principal.(map[string]any)
		if s.Effect != "Allow" || !named || !like(s.Action, action) {
			continue
		}
		switch of := who["Service"].(type) {
		case string:
			if of == service {
				return true
			}
		case []any:
			if slices.Contains(of, any(service)) {
				return true
			}
		}
	}
	return false
}

// busyDBSubscription refuses a change of a subscription in the middle of another. The refusal
// counts as a look.
func (t *tx) busyDBSubscription(r *row[dbSubscription]) error {
	status := *r.V.Status
	if !slices.Contains([]string{"creating", dbModifying, dbDeleting}, status) {
		return nil
	}
	t.ageDBSubscription(r)
	return apiError("InvalidEventSubscriptionState", "Event Subscription %s is in %s state.", *r.V.CustSubscriptionId, status)
}

// ageDBSubscription moves a subscription on once it has been looked at often enough, and
// reports whether it is still there.
func (t *tx) ageDBSubscription(r *row[dbSubscription]) bool {
	if r.wait() {
		return true
	}
	switch *r.V.Status {
	case dbDeleting:
		t.rds().Subscriptions.drop(r)
		return false
	case "creating", dbModifying:
		r.V.Status = aws.String("active")
	}
	// Without its topic a subscription tells nothing more before it is told the topic anew.
	// That it lacks permission RDS notices when there is an event, of which the sandbox has none.
	if _, err := t.topic(r.V.SnsTopicArn); err != nil {
		r.V.Status = aws.String("topic-not-exist")
	}
	return true
}
