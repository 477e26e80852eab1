package conformance

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// Once the admin key is deleted, every client's private key is lost: a plan must
// say so while there is time, and nothing may be built on a new key.
func TestAnAdminKeyAboutToGoStopsEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region).KMS
		key, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(rules.AdminAlias)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: key.KeyMetadata.Arn, PendingWindowInDays: aws.Int32(7)}); err != nil {
			t.Fatal(err)
		}
		r.account.Forget()
		err = create(ctx, operator(t, r.account, cloud.Config{}), acme(t))
		if err == nil || !strings.Contains(err.Error(), "cancel") {
			t.Errorf("with the admin key about to go: %v, want a refusal that says how to cancel", err)
		}
		for _, c := range r.account.Calls() {
			if c.Mutating {
				t.Errorf("the admin key is about to go, and yet %s was called", c.Name())
			}
		}
	})
}
