package backup

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// What is lost with copies, and with the vault that holds them.

func vaultLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, v *vault) ([]provision.Loss, error) {
	if len(v.points) == 0 {
		return nil, nil
	}
	return []provision.Loss{provision.Lost("{monthly copy|monthly copies} of databases: %d", len(v.points))}, nil
}

func pointLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, p *recoveryPoint) ([]provision.Loss, error) {
	return []provision.Loss{provision.Lost("the monthly copy of %s", aws.ToTime(p.CreationDate).UTC().Format(time.DateOnly))}, nil
}
