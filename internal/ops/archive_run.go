package ops

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Run begins the export, unless one is under way, and waits for its end; see is
// told of every step. RDS goes on when the waiting ends early: the state says how
// far it was then, and is nil when nothing was begun. An export that failed is an
// *ArchiveError.
func (a *Archive) Run(ctx context.Context, see func(ArchiveState)) (*ArchiveState, error) {
	if a.Running == nil { // or by now: somebody may have taken long to confirm
		exports, err := exportsOf(ctx, a.api, &a.Cluster)
		if err != nil {
			return nil, err
		}
		a.see(exports, time.Now())
	}
	state := cmp.Or(a.Running, a.Fresh)
	if state == nil {
		var err error
		if state, err = a.begin(ctx); err != nil {
			return nil, err
		}
	}
	see(*state)
	ctx, cancel := context.WithTimeoutCause(ctx, ArchivePatience, errPatience)
	defer cancel()
	unseen := 0
	for state.runs() {
		if err := pause(ctx, a.pace); err != nil {
			return state, err
		}
		out, err := a.api.DescribeExportTasks(ctx, &rds.DescribeExportTasksInput{ExportTaskIdentifier: &state.Name})
		switch {
		case err == nil && len(out.ExportTasks) > 0:
			state = a.state(out.ExportTasks[0])
			see(*state)
		case ctx.Err() != nil:
			return state, context.Cause(ctx)
		case err != nil && !awsapi.Is(err, awsapi.NotFound, awsapi.Throttled, awsapi.Ambiguous):
			return state, err
		default: // not listed yet, or AWS is busy
			if unseen++; unseen == sightings {
				return state, errors.Join(err, fmt.Errorf("AWS does not tell how far the archive %s is", state.Name))
			}
		}
	}
	if state.Status != rules.ExportComplete {
		reason := fmt.Sprintf("the archive %s ended as %s", state.Name, strings.ToLower(state.Status))
		if state.Failure != "" {
			reason += ": " + state.Failure
		}
		return state, &ArchiveError{Reason: reason, Fix: fmt.Sprintf("cicdctl client plan %s shows whether its bucket, role and key are in order", a.Client)}
	}
	return state, nil
}

var errPatience = &ArchiveError{Reason: fmt.Sprintf("the archive is not complete after %s", ArchivePatience), Fix: "RDS goes on: look later with cicdctl backup list"}

// begin starts the export. Whatever AWS answers, an export that runs is the one
// that is wanted: another run's, or this one's whose answer was lost.
func (a *Archive) begin(ctx context.Context) (*ArchiveState, error) {
	in := &rds.StartExportTaskInput{ExportTaskIdentifier: &a.Name, SourceArn: &a.Cluster, S3BucketName: &a.Bucket, IamRoleArn: &a.Role, KmsKeyId: &a.Key}
	out, err := a.api.StartExportTask(ctx, in)
	// The role was seen a moment ago: news of one that was just made takes a while
	// to get round.
	for try := 1; awsapi.Code(err) == "IamRoleNotFound" && try < sightings; try++ {
		if err := pause(ctx, a.pace); err != nil {
			return nil, err
		}
		out, err = a.api.StartExportTask(ctx, in)
	}
	if err == nil {
		a.Begun = true
		return a.state(rdstypes.ExportTask{
			ExportTaskIdentifier: out.ExportTaskIdentifier, Status: out.Status, PercentProgress: out.PercentProgress, TotalExtractedDataInGB: out.TotalExtractedDataInGB,
			SnapshotTime: out.SnapshotTime, TaskStartTime: out.TaskStartTime, S3Bucket: out.S3Bucket, S3Prefix: out.S3Prefix,
		}), nil
	}
	if ctx.Err() != nil {
		return nil, err
	}
	exports, lookErr := exportsOf(ctx, a.api, &a.Cluster)
	if lookErr != nil {
		return nil, errors.Join(err, lookErr)
	}
	for _, e := range exports {
		if state := a.state(e); state.runs() || state.Name == a.Name {
			return state, nil
		}
	}
	return nil, a.refused(ctx, err)
}

// refused says what AWS's refusals mean for an operator.
func (a *Archive) refused(ctx context.Context, err error) error {
	create := fmt.Sprintf("cicdctl client create %s puts it right", a.Client)
	switch awsapi.Code(err) {
	case "ExportTaskLimitReachedFault":
		return &ArchiveError{
			Reason: "AWS runs five exports of an account at a time, and no more" + a.others(ctx), Err: err,
			Fix: "run the same command again when one of them is done",
		}
	case "InvalidS3BucketFault":
		return &ArchiveError{Reason: "RDS cannot write to " + a.Bucket, Fix: create, Err: err}
	case "IamRoleNotFound", "IamRoleMissingPermissions":
		return &ArchiveError{Reason: "RDS cannot use the role " + a.Role, Fix: create, Err: err}
	case "KMSKeyNotAccessibleFault":
		return &ArchiveError{Reason: "RDS cannot use the key " + a.Key, Fix: create, Err: err}
	default:
		return err
	}
}

// others names the exports that are under way, as far as AWS tells.
func (a *Archive) others(ctx context.Context) string {
	out, err := a.api.DescribeExportTasks(ctx, &rds.DescribeExportTasksInput{
		Filters: []rdstypes.Filter{{Name: aws.String("status"), Values: []string{"starting", "in_progress"}}}, MaxRecords: aws.Int32(rdsPage),
	})
	if err != nil || len(out.ExportTasks) == 0 {
		return ""
	}
	var names []string
	for _, e := range out.ExportTasks {
		names = append(names, aws.ToString(e.ExportTaskIdentifier))
	}
	slices.Sort(names)
	return " (in " + a.Region + ": " + strings.Join(names, ", ") + ")"
}

// pause waits, or says why it was cut short.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// leftOut is RDS's warning in people's words: which tables are not in an archive.
// The warning is JSON with lists of tables and reasons; RDS gives one without any too.
func leftOut(warning string) string {
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
		what := fmt.Sprintf("%d tables", n)
		if n == 1 {
			what = "1 table"
		}
		general = slices.Insert(general, 0, what+" left out: "+strings.Join(tables, ", "))
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
