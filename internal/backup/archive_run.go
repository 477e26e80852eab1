package backup

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/dbcopy"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Run begins the export, unless one is under way, and waits for its end; see is
// told of every step. RDS goes on when the waiting ends early: the state says how
// far it was then, and is nil when nothing was begun. An export that failed is an
// *ArchiveError.
func (a *Archive) Run(ctx context.Context, see func(ArchiveState)) (*ArchiveState, error) {
	if a.Running == nil { // or by now: somebody may have taken long to confirm
		exports, err := dbcopy.ExportsOf(ctx, a.API, &a.Cluster)
		if err != nil {
			return nil, err
		}
		a.see(exports, time.Now())
	}
	state := cmp.Or(a.Running, a.Fresh)
	if state == nil {
		var err error
		if state, err = a.Begin(ctx); err != nil {
			return nil, err
		}
	}
	see(*state)
	ctx, cancel := context.WithTimeoutCause(ctx, ArchivePatience, ErrPatience)
	defer cancel()
	unseen := 0
	for state.Runs() {
		if err := cloud.Pause(ctx, a.Pace); err != nil {
			return state, err
		}
		out, err := a.API.DescribeExportTasks(ctx, &rds.DescribeExportTasksInput{ExportTaskIdentifier: &state.Name})
		switch {
		case err == nil && len(out.ExportTasks) > 0:
			state = a.state(out.ExportTasks[0])
			see(*state)
		case ctx.Err() != nil:
			return state, context.Cause(ctx)
		case err != nil && !awsapi.Is(err, awsapi.NotFound, awsapi.Throttled, awsapi.Ambiguous):
			return state, err
		default: // not listed yet, or AWS is busy
			if unseen++; unseen == cloud.Sightings {
				return state, errors.Join(err, lang.Errorf("AWS does not tell how far the archive %s is", state.Name))
			}
		}
	}
	if state.Status != judge.ExportComplete {
		reason := lang.Sprintf("the archive %s ended as %s", state.Name, strings.ToLower(state.Status))
		if state.Failure != "" {
			reason += ": " + state.Failure
		}
		return state, &ArchiveError{Reason: reason, Fix: lang.Sprintf("cicdctl client plan %s shows whether its bucket, role and key are in order", a.Client)}
	}
	return state, nil
}

// ErrPatience is an archive that takes longer than ArchivePatience.
var ErrPatience = &ArchiveError{Reason: lang.Text("the archive is not complete after 12h0m0s"), Fix: lang.Text("RDS goes on: look later with cicdctl backup list")}

// Begin starts the export. Whatever AWS answers, an export that runs is the one
// that is wanted: another run's, or this one's whose answer was lost.
func (a *Archive) Begin(ctx context.Context) (*ArchiveState, error) {
	in := &rds.StartExportTaskInput{ExportTaskIdentifier: &a.Name, SourceArn: &a.Cluster, S3BucketName: &a.Bucket, IamRoleArn: &a.Role, KmsKeyId: &a.Key}
	out, err := a.API.StartExportTask(ctx, in)
	// The role was seen a moment ago: news of one that was just made takes a while
	// to get round.
	for try := 1; awsapi.Code(err) == "IamRoleNotFound" && try < cloud.Sightings; try++ {
		if err := cloud.Pause(ctx, a.Pace); err != nil {
			return nil, err
		}
		out, err = a.API.StartExportTask(ctx, in)
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
	exports, lookErr := dbcopy.ExportsOf(ctx, a.API, &a.Cluster)
	if lookErr != nil {
		return nil, errors.Join(err, lookErr)
	}
	for _, e := range exports {
		if state := a.state(e); state.Runs() || state.Name == a.Name {
			return state, nil
		}
	}
	return nil, a.refused(ctx, err)
}

// refused says what AWS's refusals mean for an operator.
func (a *Archive) refused(ctx context.Context, err error) error {
	create := lang.Sprintf("cicdctl client create %s puts it right", a.Client)
	switch awsapi.Code(err) {
	case "ExportTaskLimitReachedFault":
		return &ArchiveError{
			Reason: lang.Sprintf("AWS runs five exports of an account at a time, and no more%s", a.others(ctx)), Err: err,
			Fix: lang.Say("run the same command again when one of them is done"),
		}
	case "InvalidS3BucketFault":
		return &ArchiveError{Reason: lang.Sprintf("RDS cannot write to %s", a.Bucket), Fix: create, Err: err}
	case "IamRoleNotFound", "IamRoleMissingPermissions":
		return &ArchiveError{Reason: lang.Sprintf("RDS cannot use the role %s", a.Role), Fix: create, Err: err}
	case "KMSKeyNotAccessibleFault":
		return &ArchiveError{Reason: lang.Sprintf("RDS cannot use the key %s", a.Key), Fix: create, Err: err}
	default:
		return err
	}
}

// others names the exports that are under way, as far as AWS tells.
func (a *Archive) others(ctx context.Context) string {
	out, err := a.API.DescribeExportTasks(ctx, &rds.DescribeExportTasksInput{
		Filters: []rdstypes.Filter{{Name: aws.String("status"), Values: []string{"starting", "in_progress"}}}, MaxRecords: aws.Int32(dbcopy.RdsPage),
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
