package conformance

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// The password of a restored copy is in a secret that may carry none of the client's
// tags: who starts the apps reads it all the same, and no other client's.
func TestAppsReadTheSecretsOfTheirClientsDatabasesOnly(t *testing.T) {
	t.Parallel()
	place := rules.Place{Partition: "aws", Region: region, Account: "123456789012"}
	policy := statements(t, rules.ExecutionPolicy(place, "ACME", acme(t).Apps[0], "arn:aws:kms:eu-west-3:123456789012:key/1"))
	for cluster, want := range map[string]bool{
		"acme":                 true,
		"acme-20261124t101500": true,  // a copy
		"acme-two":             false, // of the client ACME-TWO
		"globex":               false,
		"":                     false,
	} {
		context := map[string]string{}
		if cluster != "" { // RDS marks the secrets that it keeps
			context["aws:ResourceTag/aws:rds:primaryDBClusterArn"] = "arn:aws:rds:eu-west-3:123456789012:cluster:" + cluster
		}
		q := request{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-3:123456789012:secret:rds!cluster-1-AbCdEf", context}
		if got := allowed(policy, q); got != want {
			t.Errorf("the secret of %q can be read: %v, want %v", cluster, got, want)
		}
	}
}

// A restored cluster has more than the answer to the restore shows: only what it really
// lacks is changed.
func TestARestoredClusterIsReadBeforeItIsChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		r.account.Forget()
		if _, err := restoreCopy(ctx, r.Operator, small(t), backup.RestoreAsk{}); err != nil {
			t.Fatal(err)
		}
		changes := 0
		for _, c := range r.account.Calls() {
			in, ok := c.Input.(*rds.ModifyDBClusterInput)
			if !ok {
				continue
			}
			if changes++; in.DeletionProtection != nil || in.CopyTagsToSnapshot != nil || in.EnableIAMDatabaseAuthentication != nil || in.CloudwatchLogsExportConfiguration != nil {
				t.Errorf("the copy is changed to what it has: %+v", in)
			}
		}
		if changes != 1 {
			t.Errorf("the copy was changed %d times, want once: its password is handed over", changes)
		}
	})
}
