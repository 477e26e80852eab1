package rds

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// Clusters that are stopped, or cut off from their key. RDS changes and deletes none of them
// before it is started.

// dbClusterStatus differs when a cluster serves nobody. A stopped one is somebody's wish.
var dbClusterStatus = provision.Field[wantDBCluster, dbCluster]{
	Name: "status",
	Want: kit.Const[wantDBCluster](available),
	Have: func(c dbCluster) string {
		if s := aws.ToString(c.Status); slices.Contains([]string{stopping, stopped, keyless}, s) {
			return s
		}
		return available
	},
	Idle: func(c dbCluster) string {
		if isStopped(c) {
			return available
		}
		return ""
	},
	Set: func(ctx context.Context, s *provision.Step, _ wantDBCluster, c dbCluster) error {
		now, err := currentDBCluster(ctx, s, c.DBClusterIdentifier)
		if err != nil || now == nil {
			return err
		}
		return startDBCluster(ctx, s, now)
	},
}

func isStopped(c dbCluster) bool {
	return slices.Contains([]string{stopping, stopped}, aws.ToString(c.Status))
}

// noteOfStopped is what there is to know of a cluster that stays stopped.
func noteOfStopped(c dbCluster) string {
	switch {
	case !isStopped(c):
		return ""
	case c.AutomaticRestartTime == nil: // RDS tells only once it is stopped
		return "stopped: RDS starts it by itself after seven days"
	default:
		return "stopped: RDS starts it by itself on " + c.AutomaticRestartTime.UTC().Format(time.DateOnly)
	}
}

// startDBCluster has a cluster available that was stopped, or that has its key back; it is
// called until that is so. One that has failed, or is being deleted, is left as it is.
func startDBCluster(ctx context.Context, s *provision.Step, c dbCluster) error {
	id := c.DBClusterIdentifier
	name, status := aws.ToString(id), aws.ToString(c.Status)
	switch {
	case status == stopped || status == keyless:
		err := s.Once("start "+name, func() error {
			return kit.Do(ctx, s.API.RDS.StartDBCluster, &rds.StartDBClusterInput{DBClusterIdentifier: id})
		})
		switch {
		case awsapi.Code(err) == "KMSKeyNotAccessibleFault": // RDS hears late of a key that was enabled
			return &provision.WaitingError{For: lang.Sprintf("RDS cannot use the KMS key of %s yet (%s)", name, aws.ToString(c.KmsKeyId))}
		case err != nil:
			return err
		}
		return &provision.WaitingError{For: lang.Sprintf("the cluster %s is starting", name)}
	case status == stopping, dbState(c.Status) == provision.Pending:
		return &provision.WaitingError{For: lang.Sprintf("the cluster %s is %s", name, status)}
	default:
		return nil
	}
}
