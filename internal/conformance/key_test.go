package conformance

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// Once the admin key is deleted, every client's private key is lost: its
// deletion is cancelled while there is time, and nothing is built on a new key.
func TestAnAdminKeyAboutToGoIsKept(t *testing.T) {
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
		if err := create(ctx, operator(t, r.account, cloud.Config{}), acme(t)); err != nil {
			t.Fatal(err)
		}
		if key, err = api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(rules.AdminAlias)}); err != nil || key.KeyMetadata.KeyState != kmstypes.KeyStateEnabled {
			t.Errorf("the admin key is %+v, %v", key, err)
		}
		for _, c := range r.account.Calls() {
			if c.Mutating && c.Service != kms.ServiceID {
				t.Errorf("the admin key was about to go, and %s was called", c.Name())
			}
		}
		r.wantNoChange(ctx, acme(t))
	})
}
