package audit

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// pendingReboot is what RDS says of a member that runs with other parameters than its
// group has, since a static one was changed or the group was exchanged (RDS API,
// DBClusterMember and DBParameterGroupStatus).
const pendingReboot = "pending-reboot"

// restartDue finds the members of a database that have to be restarted. Nothing does so
// by itself, and neither does client create: it takes a moment that suits the client.
func (a *auditing) restartDue(s *spec.Spec, seen *provision.Seen) {
	var due []string
	var cluster string
	switch db := seen.Object.(type) {
	case *rdstypes.DBCluster:
		cluster = aws.ToString(db.DBClusterIdentifier)
		for _, m := range db.DBClusterMembers { // the writer last
			if aws.ToString(m.DBClusterParameterGroupStatus) != pendingReboot {
				continue
			}
			if id := aws.ToString(m.DBInstanceIdentifier); m.IsClusterWriter != nil && *m.IsClusterWriter {
				due = append(due, id)
			} else {
				due = append([]string{id}, due...)
			}
		}
	case *rdstypes.DBInstance:
		cluster = aws.ToString(db.DBClusterIdentifier)
		for _, g := range db.DBParameterGroups {
			if aws.ToString(g.ParameterApplyStatus) == pendingReboot {
				due = append(due, aws.ToString(db.DBInstanceIdentifier))
			}
		}
	}
	if len(due) == 0 {
		return
	}
	when := ""
	if s != nil {
		when = " (" + s.Maintenance.Window + " " + s.Maintenance.Timezone + ")"
	}
	var restart []string
	for _, id := range due {
		restart = append(restart, "aws rds reboot-db-instance --region "+seen.Region+" --db-instance-identifier "+id)
	}
	a.Findings = append(a.Findings, judge.Finding{
		ID: RestartDue, Severity: rules.Medium, Title: RestartDueTitle, Client: seen.Client, Region: seen.Region,
		Resource: seen.Kind + " " + seen.ID, Is: fmt.Sprintf("%s: %s", pendingReboot, strings.Join(due, ", ")), Should: "in-sync", Why: RestartDueWhy,
		Fix: fmt.Sprintf("in the maintenance window%s, one after the other: %s; or fail over first, so that the writer is restarted as a reader: aws rds failover-db-cluster --region %s --db-cluster-identifier %s",
			when, strings.Join(restart, "; "), seen.Region, cluster),
	})
}
