package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// dbExport is an export task of RDS to S3.
type dbExport struct {
	types.ExportTask
	Key string // ARN of the KMS key, however it was named
}

// ExportFate is how exports end.
type ExportFate struct {
	Warning string `json:",omitempty"` // told of an export that completes, such as [SkippedTables]
	Failure string `json:",omitempty"` // why an export fails
}

// SkippedTables is the warning that RDS gives when it leaves tables out of an export.
const SkippedTables = `{"skippedTables":[{"tableName":"shop.public.carts","reason":"UNSUPPORTED_COLUMN_NAME"},{"tableName":"shop.public.a/b","reason":"TABLE_NAME_CONTAINS_SLASH"}],"skippedObjectives":[],"general":[]}`

// ExportsEnd sets how the exports of a region end from now on, as data and
// permissions decide it in a real account.
func (a *Account) ExportsEnd(region string, fate ExportFate) error {
	return a.byHandIn(region, func(t *tx) error {
		in(&t.RDS, region).ExportFate = fate
		return nil
	})
}

// Limits of exports (the Aurora user guide, "Exporting DB cluster data to Amazon S3").
const (
	dbExportsAtOnce = 5 // in an account
	dbExportName    = 60
)

// States of an export task.
const (
	exportStarting = "STARTING"
	exportRunning  = "IN_PROGRESS"
	exportComplete = "COMPLETE"
	exportFailed   = "FAILED"
)

// exportTables is what RDS writes of the tables of an export: the type that each column
// had, and the one that it was given.
const exportTables = `{"perTableStatus":[{"status":"COMPLETE","target":"shop.public.orders","schemaMetadata":{"originalTypeMappings":[
{"columnName":"id","originalType":"bigint","expectedExportedType":"int64"},
{"columnName":"total","originalType":"numeric","expectedExportedType":"binary (UTF8)"},
{"columnName":"paid","originalType":"boolean","expectedExportedType":"boolean"},
{"columnName":"placed","originalType":"timestamp with time zone","expectedExportedType":"binary (UTF8)"}]}}]}`

const exportService = "export.rds.amazonaws.com"

func dbExportID(e *dbExport) *string { return e.ExportTaskIdentifier }

func (e *dbExport) runs() bool { return *e.Status == exportStarting || *e.Status == exportRunning }

func registerDBExport(a *Account) {
	op(a, rds.ServiceID, startExportTask)
	op(a, rds.ServiceID, func(t *tx, in *rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error) {
		var all []types.ExportTask
		for _, r := range t.rds().Exports {
			e := &r.V
			ok, err := dbMatches(in.Filters, map[string]string{
				"export-task-identifier": *e.ExportTaskIdentifier, "s3-bucket": *e.S3Bucket, "source-arn": *e.SourceArn, "status": strings.ToLower(*e.Status),
			})
			switch {
			case err != nil:
				return nil, err
			case !ok,
				in.ExportTaskIdentifier != nil && *in.ExportTaskIdentifier != *e.ExportTaskIdentifier,
				in.SourceArn != nil && *in.SourceArn != *e.SourceArn,
				in.SourceType != "" && in.SourceType != e.SourceType:
				continue
			}
			if in.Marker == nil {
				t.ageDBExport(r)
			}
			all = append(all, e.ExportTask)
		}
		if in.ExportTaskIdentifier != nil && all == nil {
			return nil, apiError("ExportTaskNotFound", "Export task %s not found.", *in.ExportTaskIdentifier)
		}
		part, next, err := dbPage(t, all, in.MaxRecords, in.Marker)
		return &rds.DescribeExportTasksOutput{ExportTasks: part, Marker: next}, err
	})
}

func startExportTask(t *tx, in *rds.StartExportTaskInput) (*rds.StartExportTaskOutput, error) {
	s, id := t.rds(), aws.ToString(in.ExportTaskIdentifier)
	if _, err := dbName("ExportTaskIdentifier", in.ExportTaskIdentifier, dbExportName); err != nil {
		return nil, err
	}
	name, ok := strings.CutPrefix(aws.ToString(in.SourceArn), t.arn("rds", "cluster:"))
	if !ok {
		return nil, apiError("InvalidParameterValue", "The sandbox exports clusters of this region only, not %s", aws.ToString(in.SourceArn))
	}
	source := dbClusters.find(t, name)
	switch {
	case find(s.Exports, id, dbExportID) != nil:
		return nil, apiError("ExportTaskAlreadyExists", "The export task with the ID %s already exists.", id)
	case source == nil:
		return nil, apiError("DBClusterNotFoundFault", "DBCluster %s not found.", name)
	case *source.V.Status == dbCreating, *source.V.Status == dbDeleting:
		return nil, apiError("InvalidExportSourceState", "The cluster %s is in %s state and cannot be exported.", name, *source.V.Status)
	case strings.Contains(aws.ToString(in.S3Prefix), ":"):
		return nil, apiError("InvalidParameterValue", "The S3 prefix %s must not contain a colon.", *in.S3Prefix)
	}
	running := 0
	for _, regional := range *t.RDS.use() {
		for _, r := range regional.Exports {
			switch {
			case !r.V.runs():
			case *r.V.SourceArn == *in.SourceArn:
				return nil, apiError("InvalidExportSourceState", "An export of %s is in progress: %s.", name, *r.V.ExportTaskIdentifier)
			default:
				running++
			}
		}
	}
	if running >= dbExportsAtOnce {
		return nil, apiError("ExportTaskLimitReachedFault", "You have reached the limit of %d concurrent export tasks.", dbExportsAtOnce)
	}
	key, err := t.dbKey(aws.String(aws.ToString(in.KmsKeyId)))
	if err != nil {
		return nil, err
	}
	e := dbExport{Key: *key, ExportTask: types.ExportTask{
		ExportTaskIdentifier: in.ExportTaskIdentifier, SourceArn: in.SourceArn, SourceType: types.ExportSourceTypeCluster, ExportOnly: in.ExportOnly,
		S3Bucket: in.S3BucketName, S3Prefix: aws.String(aws.ToString(in.S3Prefix)), IamRoleArn: in.IamRoleArn, KmsKeyId: in.KmsKeyId,
		Status: aws.String(exportStarting), PercentProgress: aws.Int32(0), TotalExtractedDataInGB: aws.Int32(0), SnapshotTime: aws.Time(t.now), TaskStartTime: aws.Time(t.now),
	}}
	if _, err := t.exportBucket(e); err != nil {
		return nil, err
	}
	if err := t.exportRole(e); err != nil {
		return nil, err
	}
	s.Exports.add(&row[dbExport]{V: e, meta: t.pending()})
	return &rds.StartExportTaskOutput{
		ExportTaskIdentifier: e.ExportTaskIdentifier, SourceArn: e.SourceArn, SourceType: e.SourceType, ExportOnly: e.ExportOnly, S3Bucket: e.S3Bucket, S3Prefix: e.S3Prefix,
		IamRoleArn: e.IamRoleArn, KmsKeyId: e.KmsKeyId, Status: e.Status, PercentProgress: e.PercentProgress, TotalExtractedDataInGB: e.TotalExtractedDataInGB,
		SnapshotTime: e.SnapshotTime, TaskStartTime: e.TaskStartTime,
	}, nil
}

// exportBucket finds the bucket that is written to: one of the same region.
func (t *tx) exportBucket(e dbExport) (*s3Bucket, error) {
	b, err := t.bucket(e.S3Bucket, nil)
	if err != nil {
		return nil, apiError("InvalidS3BucketFault", "The S3 bucket %s isn't valid. Either it isn't located in the current AWS Region or it doesn't exist. Review your S3 bucket name and retry the export.", aws.ToString(e.S3Bucket))
	}
	return b, nil
}

// exportRole checks that RDS can take the role and that the role lets it write.
func (t *tx) exportRole(e dbExport) error {
	arn := aws.ToString(e.IamRoleArn)
	i := slices.IndexFunc(t.IAM.use().Roles, func(r *iamRole) bool { return t.iamARN("role", r.Path, r.Name) == arn })
	if i < 0 || !t.assumable(arn, exportService, *e.SourceArn) {
		return apiError("IamRoleNotFound", "The principal %s isn't authorized to assume the IAM role %s, or the role doesn't exist.", exportService, arn)
	}
	role := t.IAM.use().Roles[i]
	for _, action := range []string{"s3:PutObject", "s3:GetObject", "s3:ListBucket", "s3:DeleteObject", "s3:GetBucketLocation"} {
		if !slices.ContainsFunc(role.Inline, func(p iamInline) bool { return allows(p.Policy, action, "arn:aws:s3:::"+*e.S3Bucket) }) {
			return apiError("IamRoleMissingPermissions", "The IAM role %s isn't authorized to call %s on the S3 bucket %s.", arn, action, *e.S3Bucket)
		}
	}
	return nil
}

// allows reports whether a policy has a statement that allows an action on a
// bucket or on what is in it. Conditions are taken to be met.
func allows(policy, action, bucket string) bool {
	var p struct {
		Statement []struct {
			Effect           string
			Action, Resource any
		}
	}
	if json.Unmarshal([]byte(policy), &p) != nil {
		return false
	}
	has := func(v any, fits func(string) bool) bool {
		list, isList := v.([]any)
		if !isList {
			list = []any{v}
		}
		return slices.ContainsFunc(list, func(item any) bool { text, ok := item.(string); return ok && fits(text) })
	}
	for _, s := range p.Statement {
		if s.Effect == "Allow" &&
			has(s.Action, func(a string) bool {
				head, wild := strings.CutSuffix(a, "*")
				return a == action || wild && strings.HasPrefix(action, head)
			}) &&
			has(s.Resource, func(r string) bool { return r == "*" || r == bucket || strings.HasPrefix(r, bucket+"/") }) {
			return true
		}
	}
	return false
}

// ageDBExport moves an export on: RDS clones the cluster while it starts, then writes.
func (t *tx) ageDBExport(r *row[dbExport]) {
	e := &r.V
	switch {
	case !e.runs():
		return
	case r.Looks > 0:
		r.Looks--
		if written := t.opts.Looks - r.Looks - 1; written > 0 {
			e.Status, e.PercentProgress = aws.String(exportRunning), aws.Int32(int32(100*written/t.opts.Looks))
		}
		return
	}
	e.TaskEndTime = aws.Time(t.now)
	if cause := t.endDBExport(e); cause != "" {
		e.Status, e.FailureCause = aws.String(exportFailed), aws.String(cause)
		return
	}
	e.Status, e.PercentProgress, e.TotalExtractedDataInGB = aws.String(exportComplete), aws.Int32(100), aws.Int32(1)
	if w := t.rds().ExportFate.Warning; w != "" {
		e.WarningMessage = aws.String(w)
	}
}

// endDBExport writes what RDS does, or says why it cannot.
func (t *tx) endDBExport(e *dbExport) (failure string) {
	if f := t.rds().ExportFate.Failure; f != "" {
		return f
	}
	b, err := t.exportBucket(*e)
	if err != nil {
		return fmt.Sprintf("The S3 bucket [%s] isn't valid. Either it isn't located in the current AWS Region or it doesn't exist. Review your S3 bucket name and retry the export.", *e.S3Bucket)
	}
	if t.exportRole(*e) != nil {
		return fmt.Sprintf("The RDS export failed to write the export task's metadata because it can't assume the IAM role [%s].", *e.IamRoleArn)
	}
	folder := *e.ExportTaskIdentifier
	if *e.S3Prefix != "" {
		folder = strings.TrimSuffix(*e.S3Prefix, "/") + "/" + folder
	}
	table := folder + "/shop/public.orders/1/"
	info := fmt.Sprintf(`{"exportTaskIdentifier":%q,"sourceArn":%q,"status":"COMPLETE"}`, *e.ExportTaskIdentifier, *e.SourceArn)
	files := map[string]string{
		folder + "/export_info_" + *e.ExportTaskIdentifier + ".json":                    info,
		folder + "/export_tables_info_" + *e.ExportTaskIdentifier + "_from_1_to_1.json": exportTables,
		table + "_SUCCESS": "",
		table + "part-00000-0f5c3a52-6d1e-4c55-9a75-5f0b6f8f2d11-c000.gz.parquet": "PAR1",
	}
	var written []*s3Object
	for _, key := range slices.Sorted(maps.Keys(files)) {
		o := &s3Object{Key: key, Body: files[key]}
		if t.encrypt(b, o, s3types.ServerSideEncryptionAwsKms, aws.String(e.Key), nil) != nil {
			return "KMS key check failed. Check the credentials on your KMS key and try again."
		}
		o.seal()
		written = append(written, o)
	}
	for _, o := range written {
		b.add(t, o)
	}
	return ""
}
