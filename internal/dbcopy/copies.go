// Package dbcopy reads what AWS tells of copies of databases: for who lists them and
// for who judges them.
package dbcopy

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	rdskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/rds"
)

// LeftOut is RDS's warning in people's words: which tables are not in an archive.
// The warning is JSON with lists of tables and reasons; RDS gives one without any too.
func LeftOut(warning string) string {
	var all map[string][]any
	if warning == "" || json.Unmarshal([]byte(warning), &all) != nil {
		return warning
	}
	var tables, general []string
	for _, key := range []string{"skippedTables", "skippedObjectives", "general"} {
		for _, item := range all[key] {
			if key == "general" {
				general = append(general, itemText(item))
			} else {
				tables = append(tables, itemText(item))
			}
		}
		delete(all, key)
	}
	for key, items := range all { // what RDS may come to warn of
		for _, item := range items {
			general = append(general, key+": "+itemText(item))
		}
	}
	slices.Sort(general)
	if n := len(tables); n > 0 {
		general = slices.Insert(general, 0, lang.Sprintf("%d {table|tables} left out: %s", n, strings.Join(tables, ", ")))
	}
	return strings.Join(general, "; ")
}

// itemText is "shop.public.carts (REASON)".
func itemText(item any) string {
	fields, ok := item.(map[string]any)
	if !ok {
		return fmt.Sprint(item)
	}
	reason, _ := fields["reason"].(string)
	var name string
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if said, isText := fields[key].(string); isText && key != "reason" {
			name = strings.TrimSpace(name + " " + said)
		}
	}
	switch {
	case name == "":
		return reason
	case reason == "":
		return name
	default:
		return name + " (" + reason + ")"
	}
}

// Roles of the client's databases, in their tags.
const (
	DatabaseRole  = "database"
	RestoredRoles = "restored-"
	DrillRoles    = "drill-"
)

// RdsPage is the largest page that RDS gives.
const RdsPage = 100

// DatabaseFacts is what the rules want to know of a database; its instances are not in it.
func DatabaseFacts(d *rdstypes.DBCluster) *judge.Database {
	return &judge.Database{
		Made: cloud.At(d.ClusterCreateTime), Status: aws.ToString(d.Status), Retention: int(aws.ToInt32(d.BackupRetentionPeriod)),
		Backup: aws.ToString(d.PreferredBackupWindow), Maintenance: aws.ToString(d.PreferredMaintenanceWindow), Instances: map[string]string{},
		Earliest: cloud.At(d.EarliestRestorableTime), Latest: cloud.At(d.LatestRestorableTime), Drill: rdskinds.TagsOf(d.TagList)[provision.TagDrill],
	}
}

// ExportsOf lists the exports of a database, or of all when arn is nil.
func ExportsOf(ctx context.Context, api awsapi.RDS, arn *string) ([]rdstypes.ExportTask, error) {
	var out []rdstypes.ExportTask
	for p := rds.NewDescribeExportTasksPaginator(api, &rds.DescribeExportTasksInput{SourceArn: arn, MaxRecords: aws.Int32(RdsPage)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, page.ExportTasks...)
	}
	return out, nil
}

// ExportFacts is what the rules want to know of an export.
func ExportFacts(e rdstypes.ExportTask) judge.Export {
	return judge.Export{
		Name: aws.ToString(e.ExportTaskIdentifier), Status: strings.ToUpper(aws.ToString(e.Status)), Begun: cloud.At(e.TaskStartTime), End: cloud.At(e.TaskEndTime),
		Warning: LeftOut(aws.ToString(e.WarningMessage)), Failure: aws.ToString(e.FailureCause),
	}
}

// CopyFacts is what the rules want to know of a monthly copy.
func CopyFacts(r backuptypes.RecoveryPointByBackupVault) judge.MonthlyCopy {
	one := judge.MonthlyCopy{
		ID: aws.ToString(r.RecoveryPointArn), Made: cloud.At(r.CreationDate), Complete: r.Status == backuptypes.RecoveryPointStatusCompleted, Encrypted: r.IsEncrypted,
	}
	if r.CalculatedLifecycle != nil {
		one.Kept = cloud.At(r.CalculatedLifecycle.DeleteAt)
	}
	return one
}
