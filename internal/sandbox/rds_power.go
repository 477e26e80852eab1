package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// Clusters and instances that are stopped, started, restarted, and cut off from their key.

// States of a cluster, and of its instances with it, that serves nobody for a time.
const (
	dbStopping    = "stopping"
	dbStopped     = "stopped"
	dbStarting    = "starting"
	dbFailingOver = "failing-over"
	dbRebooting   = "rebooting"
	// Without its key a database can be started for seven days, and never after (Aurora user
	// guide, "Encrypting Amazon Aurora resources").
	dbKeyless  = "inaccessible-encryption-credentials-recoverable"
	dbLost     = "inaccessible-encryption-credentials"
	dbLostTime = 7 * 24 * time.Hour
)

// dbUnkeyed is a cluster whose key cannot be used.
type dbUnkeyed struct {
	Looks int       // describes until RDS notices
	Since time.Time // when it did
}

// dbNotices is how many describes of a cluster, beside those that anything slow takes, see
// it as it was after its key is gone: RDS looks at the key now and then only.
const dbNotices = 6

func registerDBPower(a *Account) {
	opOn(dbClusters.onLower(a), func(in *rds.StopDBClusterInput) *string { return in.DBClusterIdentifier }, func(t *tx, r *row[types.DBCluster], _ *rds.StopDBClusterInput) (*rds.StopDBClusterOutput, error) {
		if *r.V.Status != dbAvailable {
			return nil, t.busyDBCluster(r)
		}
		t.switchDBCluster(r, dbStopping, dbStopping)
		r.V.AutomaticRestartTime = aws.Time(t.now.Add(7 * 24 * time.Hour).Truncate(time.Second))
		shown := t.showDBCluster(r.V)
		return &rds.StopDBClusterOutput{DBCluster: &shown}, nil
	})
	opOn(dbClusters.onLower(a), func(in *rds.StartDBClusterInput) *string { return in.DBClusterIdentifier }, func(t *tx, r *row[types.DBCluster], _ *rds.StartDBClusterInput) (*rds.StartDBClusterOutput, error) {
		if !slices.Contains([]string{dbStopped, dbKeyless}, *r.V.Status) {
			err := apiError("InvalidDBClusterStateFault", "DbCluster %s is in %s state but expected it to be one of stopped,inaccessible-encryption-credentials-recoverable.", *r.V.DBClusterIdentifier, *r.V.Status)
			t.ageDBCluster(r)
			return nil, err
		}
		if t.lacksDBKey(&r.V) {
			return nil, apiError("KMSKeyNotAccessibleFault", "The specified KMS key [%s] does not exist, is not enabled or you do not have permissions to access it.", *r.V.KmsKeyId)
		}
		t.switchDBCluster(r, dbStarting, dbStarting)
		r.V.AutomaticRestartTime = nil
		shown := t.showDBCluster(r.V)
		return &rds.StartDBClusterOutput{DBCluster: &shown}, nil
	})
	opOn(dbClusters.onLower(a), func(in *rds.FailoverDBClusterInput) *string { return in.DBClusterIdentifier }, failoverDBCluster)
	opOn(dbInstances.onLower(a), func(in *rds.RebootDBInstanceInput) *string { return in.DBInstanceIdentifier }, func(t *tx, r *row[dbInstance], _ *rds.RebootDBInstanceInput) (*rds.RebootDBInstanceOutput, error) {
		if *r.V.DBInstanceStatus != dbAvailable {
			return nil, t.busyDBInstance(r)
		}
		t.interrupt(r)
		r.V.DBInstanceStatus, r.Looks = aws.String(dbRebooting), t.opts.Looks
		return &rds.RebootDBInstanceOutput{DBInstance: &r.V.DBInstance}, nil
	})
}

func failoverDBCluster(t *tx, r *row[types.DBCluster], in *rds.FailoverDBClusterInput) (*rds.FailoverDBClusterOutput, error) {
	if *r.V.Status != dbAvailable {
		return nil, t.busyDBCluster(r)
	}
	var target *row[dbInstance]
	for _, i := range t.dbMembers(*r.V.DBClusterIdentifier) {
		asked := in.TargetDBInstanceIdentifier == nil || strings.EqualFold(*i.V.DBInstanceIdentifier, *in.TargetDBInstanceIdentifier)
		if asked && !i.V.Writer && *i.V.DBInstanceStatus == dbAvailable && target == nil {
			target = i
		}
	}
	if target == nil {
		return nil, apiError("InvalidDBClusterStateFault", "Database cluster:%s has no instance that could take over", *r.V.DBClusterIdentifier)
	}
	r.V.Status, r.Looks = aws.String(dbFailingOver), t.opts.Looks
	t.rds().Heirs[*r.V.DBClusterIdentifier] = *target.V.DBInstanceIdentifier
	shown := t.showDBCluster(r.V)
	return &rds.FailoverDBClusterOutput{DBCluster: &shown}, nil
}

// switchDBCluster changes the states of a cluster and of all of its instances.
func (t *tx) switchDBCluster(r *row[types.DBCluster], cluster, instances string) {
	r.V.Status, r.Looks = aws.String(cluster), t.opts.Looks
	for _, i := range t.dbMembers(*r.V.DBClusterIdentifier) {
		if *i.V.DBInstanceStatus != dbDeleting {
			i.V.DBInstanceStatus, i.Looks = aws.String(instances), t.opts.Looks
		}
	}
}

// handOver ends a failover.
func (t *tx) handOver(cluster string) {
	s := t.rds()
	heir := s.Heirs[cluster]
	delete(s.Heirs, cluster)
	if dbInstances.find(t, heir) == nil {
		return
	}
	for _, i := range t.dbMembers(cluster) {
		i.V.Writer = *i.V.DBInstanceIdentifier == heir
	}
}

// interrupt notes that an instance that serves is taken away although that cuts off more
// than it had to: the writer while another could have taken over, or one of several at once.
func (t *tx) interrupt(r *row[dbInstance]) {
	s := t.rds()
	for _, i := range t.dbMembers(*r.V.DBClusterIdentifier) {
		switch {
		case i == r:
		case r.V.Writer:
			s.Outages = append(s.Outages, fmt.Sprintf("%s is the writer and %s could take over", *r.V.DBInstanceIdentifier, *i.V.DBInstanceIdentifier))
		case *i.V.DBInstanceStatus != dbAvailable && *i.V.DBInstanceStatus != dbDeleting:
			s.Outages = append(s.Outages, fmt.Sprintf("%s while %s is %s", *r.V.DBInstanceIdentifier, *i.V.DBInstanceIdentifier, *i.V.DBInstanceStatus))
		}
	}
	if c := dbClusters.find(t, *r.V.DBClusterIdentifier); c != nil && *c.V.Status == dbFailingOver {
		s.Outages = append(s.Outages, *r.V.DBInstanceIdentifier+" during a failover")
	}
}

// lacksDBKey reports whether the key that encrypts a cluster cannot be used. The one that
// AWS manages always can.
func (t *tx) lacksDBKey(c *types.DBCluster) bool {
	if c.KmsKeyId == nil || *c.KmsKeyId == t.arn("kms", "key/aws-managed-rds") {
		return false
	}
	_, err := t.usableKey(*c.KmsKeyId)
	return err != nil
}

// tendDBCluster does what RDS does to a cluster by itself: it starts one that was stopped for
// seven days, and takes one away from its users once it has noticed that its key is gone,
// after seven more days for good.
func (t *tx) tendDBCluster(r *row[types.DBCluster]) {
	s, id := t.rds(), *r.V.DBClusterIdentifier
	u := s.Unkeyed[id]
	switch {
	case *r.V.Status == dbStopped && r.V.AutomaticRestartTime != nil && t.now.After(*r.V.AutomaticRestartTime) && !t.lacksDBKey(&r.V):
		t.switchDBCluster(r, dbStarting, dbStarting)
		r.V.AutomaticRestartTime = nil
	case *r.V.Status == dbKeyless && u != nil && t.now.Sub(u.Since) > dbLostTime:
		t.switchDBCluster(r, dbLost, dbLost)
		r.Looks = 0
	case *r.V.Status != dbAvailable:
	case !t.lacksDBKey(&r.V):
		delete(s.Unkeyed, id)
	case u == nil:
		s.Unkeyed[id] = &dbUnkeyed{Looks: dbNotices + t.opts.Looks}
	case u.Looks > 0:
		u.Looks--
	default:
		u.Since = t.now
		t.switchDBCluster(r, dbKeyless, dbKeyless)
		r.Looks = 0
	}
}
