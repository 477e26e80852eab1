package conformance

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// A run that is stopped while something is in the way says what that was, or the
// operator would go on with the same command for ever.
func TestAStoppedRunSaysWhatWasInTheWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		run, err := r.Remove(ctx, "ACME", region, false)
		if err != nil {
			t.Fatal(err)
		}
		p, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		// Made after the plan, which would have refused.
		if _, err := r.Factory.Set(region).RDS.CreateDBInstance(ctx, &rds.CreateDBInstanceInput{
			DBInstanceIdentifier: aws.String("by-hand"), DBClusterIdentifier: aws.String("acme"),
			Engine: aws.String("aurora-postgresql"), DBInstanceClass: aws.String("db.r6g.large"),
		}); err != nil {
			t.Fatal(err)
		}
		stop := make(chan struct{})
		time.AfterFunc(time.Minute, func() { close(stop) })
		_, err = run.Apply(ctx, p, stop, nil)
		if !errors.Is(err, provision.ErrInterrupted) || !strings.Contains(err.Error(), "by-hand") {
			t.Errorf("stopped with: %v", err)
		}
	})
}
