package conformance

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// What client show tells of a client is all that a plan, which reads every attribute, tells of
// what is the client's own.
func TestALookTellsWhatAPlanTells(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{PageSize: 100, Looks: -1, Lag: -1})
		ctx, s := t.Context(), acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		told := func(all []provision.Held) map[string]string {
			out := map[string]string{}
			for _, h := range all {
				if len(h.Facts) > 0 && h.Scope.Level == provision.ClientLevel {
					out[h.Kind+" "+h.Role] = fmt.Sprint(h.ID, h.State, h.Facts, h.Empty && h.Kind == "secretsmanager/secret")
				}
			}
			return out
		}
		held, err := operator(t, r.account, cloud.Config{}).Look(ctx, s.Client, s.Region, s)
		if err != nil {
			t.Fatal(err)
		}
		planned, looked := told(plan(ctx, t, r.Operator, s).Held()), told(held)
		if len(planned) < 40 {
			t.Fatalf("a plan tells of %d resources only", len(planned))
		}
		for what, facts := range planned {
			if looked[what] != facts {
				t.Errorf("%s: a look tells\n%s\na plan\n%s", what, looked[what], facts)
			}
		}
		for what := range looked {
			if planned[what] == "" {
				t.Errorf("a look tells of %s, a plan does not", what)
			}
		}
	})
}

// EventBridge deletes no rule that has targets: those that somebody has added go with it.
func TestARuleGoesWithTheTargetsOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{PageSize: 100, Looks: -1, Lag: -1})
		ctx, s := t.Context(), client(t, "ACME")
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		events := r.Factory.Set(region).EventBridge
		for _, role := range []string{rules.DailyBackup, rules.BackupFailed} {
			put := &eventbridge.PutTargetsInput{Rule: aws.String(rules.EventRuleName("ACME", role)), Targets: []ebtypes.Target{{Id: aws.String("theirs"), Arn: aws.String("arn:aws:sqs:" + region + ":123456789012:theirs")}}}
			if _, err := events.PutTargets(ctx, put); err != nil {
				t.Fatal(err)
			}
		}
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		left, err := events.ListRules(ctx, &eventbridge.ListRulesInput{NamePrefix: aws.String(rules.EventRuleName("ACME", ""))})
		if err != nil || len(left.Rules) > 0 {
			t.Errorf("%v, %v", left, err)
		}
	})
}
