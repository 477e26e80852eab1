package conformance

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// AWS refuses to speak of a vault that does not exist. That is told as missing, and a
// true refusal as one.
func TestAVaultThatIsNotThereIsMissing(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		gone    bool
		refused string
		audited bool
	}{
		"the vault is there": {audited: true},
		"it is not":          {gone: true, audited: true},
		"it is there, and may not be looked into":    {refused: "Backup.ListRecoveryPointsByBackupVault"},
		"it is not, and nobody may ask which are":    {gone: true, refused: "Backup.ListBackupVaults"},
		"it is there, and nobody may ask which are":  {refused: "Backup.ListBackupVaults"},
		"a missing one that may not be looked into ": {gone: true, refused: "Backup.ListRecoveryPointsByBackupVault", audited: true},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				if c.gone {
					if _, err := r.Factory.Set(region).Backup.DeleteBackupVault(ctx, &backup.DeleteBackupVaultInput{BackupVaultName: aws.String(rules.MonthlyName)}); err != nil {
						t.Fatal(err)
					}
				}
				r.refuse(c.refused, "AccessDeniedException")
				a := r.examine(t, acme(t))
				if (len(a.NotAudited) == 0) != c.audited {
					t.Errorf("not audited: %+v", a.NotAudited)
				}
				drift := 0
				for _, f := range a.Findings {
					if strings.HasPrefix(f.Resource, "backup/vault") && f.ID == "CICD-DRIFT-1" {
						drift++
					}
				}
				if want := c.gone && c.audited; (drift == 1) != want {
					t.Errorf("the missing vault is told %d times: %+v", drift, a.Findings)
				}
			})
		})
	}
}

// A static parameter that somebody has changed leaves the members of a database running
// with the old one: an audit says so, and how it comes into force.
func TestMembersThatWaitForARestartAreFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		s := client(t, "ACME")
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region).RDS
		groups, err := api.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{})
		if err != nil {
			t.Fatal(err)
		}
		cluster := groups.DBClusters[0]
		if _, err := api.ModifyDBClusterParameterGroup(ctx, &rds.ModifyDBClusterParameterGroupInput{DBClusterParameterGroupName: cluster.DBClusterParameterGroup, Parameters: []rdstypes.Parameter{
			{ParameterName: aws.String("max_connections"), ParameterValue: aws.String("100"), ApplyMethod: rdstypes.ApplyMethodPendingReboot},
		}}); err != nil {
			t.Fatal(err)
		}
		due := func() (out []judge.Finding) {
			for _, f := range r.examine(t, s).Findings {
				if f.ID == restartDue {
					out = append(out, f)
				}
			}
			return out
		}
		got := due()
		if len(got) != len(cluster.DBClusterMembers) {
			t.Fatalf("%d findings: %+v", len(got), got)
		}
		for _, f := range got {
			if !strings.Contains(f.Fix, "client create") || !strings.Contains(f.Fix, "failover") {
				t.Errorf("the fix does not say how: %s", f.Fix)
			}
		}
		for _, m := range cluster.DBClusterMembers {
			if _, err := api.RebootDBInstance(ctx, &rds.RebootDBInstanceInput{DBInstanceIdentifier: m.DBInstanceIdentifier}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := api.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{}); err != nil { // they are up again
			t.Fatal(err)
		}
		if got := due(); len(got) > 0 {
			t.Errorf("after the restarts: %+v", got)
		}
	})
}

// restartDue is the rule about instances that run with former parameters.
const restartDue = "CICD-RDS-4"

// An instance tells of its own parameter group by itself, not with its cluster.
func TestAnInstanceThatWaitsForARestartIsFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.alter(t, "ParameterApplyStatus", "in-sync", map[string]any{"ParameterApplyStatus": "pending-reboot"})
		due := 0
		for _, f := range r.examine(t, acme(t)).Findings {
			if f.ID == restartDue && strings.HasPrefix(f.Resource, "rds/instance ") {
				due++
			}
		}
		if due != 2 {
			t.Errorf("%d findings, want one for each instance", due)
		}
	})
}
