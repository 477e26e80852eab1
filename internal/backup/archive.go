package backup

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/dbcopy"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	rdskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/rds"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

const (
	// ArchivePatience is how long an archive is waited for. RDS first clones the
	// database and then writes, which takes hours for hundreds of gigabytes.
	ArchivePatience = 12 * time.Hour
	// archiveLooks is how many paces lie between two looks at an archive.
	archiveLooks = 5
	// archiveFresh is how young an archive is as good as a new one: a run that was
	// killed, and is run again, does not make and pay for a second one.
	archiveFresh = time.Hour
)

// Archive is an archive that is to be made, or is being made.
type Archive struct {
	Client  string `json:"client"`
	Region  string `json:"region"`
	Name    string `json:"name"`
	Cluster string `json:"cluster"` // ARN
	Bucket  string `json:"bucket"`
	Role    string `json:"role"` // ARN
	Key     string `json:"key"`  // ARN
	Months  int    `json:"keep_months"`

	// Running is the export that is under way already, Fresh one that ended so
	// lately that another would be the same. Both nil when one is to be begun.
	Running *ArchiveState `json:"-"`
	Fresh   *ArchiveState `json:"-"`

	Begun bool `json:"-"` // by this run

	API   awsapi.RDS
	Pace  time.Duration
	again bool
}

// ArchiveState is how far an archive is.
type ArchiveState struct {
	Name      string     `json:"name"`
	Status    string     `json:"status"`
	Percent   int        `json:"percent"`
	Gigabytes int        `json:"gigabytes"` // read from the database
	AsOf      *time.Time `json:"as_of,omitempty"`
	Begun     *time.Time `json:"begun,omitempty"`
	End       *time.Time `json:"ended,omitempty"`
	Until     *time.Time `json:"kept_until,omitempty"`
	Place     string     `json:"place"`
	Warning   string     `json:"warning,omitempty"` // what RDS left out
	Failure   string     `json:"failure,omitempty"`
}

// Runs reports whether RDS is still at work on it.
func (s *ArchiveState) Runs() bool {
	return s.Status == judge.ExportStarting || s.Status == judge.ExportRunning || s.Status == "CANCELING"
}

// ArchiveError is an archive that could not be made, and what can be done about it.
type ArchiveError struct {
	Reason, Fix string
	Err         error // may be nil
}

func (e *ArchiveError) Error() string {
	if e.Err == nil {
		return lang.Say(e.Reason)
	}
	return lang.Sprintf("%s: %s", lang.Say(e.Reason), awsapi.Explain(e.Err))
}

func (e *ArchiveError) Unwrap() error { return e.Err }

// Remedy is what a person can do.
func (e *ArchiveError) Remedy() string { return lang.Say(e.Fix) }

// PrepareArchive finds what an archive takes, and whether one is under way. It only
// reads. The error is a *GuardError when something is missing or is not ours. With
// again, an archive that was just made does not count.
func PrepareArchive(ctx context.Context, o *cloud.Operator, s *spec.Spec, now time.Time, again bool) (*Archive, error) {
	if !s.Backup.Archive.Monthly() {
		return nil, cloud.Guardf("%s has no archive: its spec says every: %s, so there is neither a bucket nor a key for one; switch it on with cicdctl backup-policy set %s --archive monthly", s.Client, s.Backup.Archive.Every, s.Client)
	}
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	scope := o.Within(o.Within(account, provision.RegionLevel, s.Region, ""), provision.ClientLevel, s.Region, s.Client)
	a := &Archive{
		Client: s.Client, Region: s.Region, Name: rules.ExportTaskName(s.Client, now), Cluster: scope.ARN("rds", "cluster:"+rules.DatabaseName(s.Client)),
		Bucket: rules.ArchiveBucketName(s.Client, s.Region, scope.Account), Role: scope.ARN("iam", "role/"+rules.ExportRoleName(s.Client)), Months: s.Backup.Archive.KeepMonths,
		API: scope.API.RDS, Pace: o.Pace * archiveLooks, again: again,
	}
	var exports []rdstypes.ExportTask
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.findCluster(ctx) })
	g.Go(func() error { return a.findBucket(ctx, scope) })
	g.Go(func() error { return a.findRole(ctx, scope) })
	g.Go(func() error { return a.findKey(ctx, scope) })
	g.Go(func() (err error) { exports, err = dbcopy.ExportsOf(ctx, a.API, &a.Cluster); return })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	a.see(exports, now)
	return a, nil
}

// see notes which of the exports of the database make another one needless.
func (a *Archive) see(exports []rdstypes.ExportTask, now time.Time) {
	for _, e := range exports {
		state := a.state(e)
		switch {
		case state.Runs():
			a.Running = state
		case a.again || state.Status != judge.ExportComplete || state.End == nil || now.Sub(*state.End) > archiveFresh:
		case a.Fresh == nil || state.End.After(*a.Fresh.End):
			a.Fresh = state
		}
	}
}

// missing refuses for want of something that client create makes.
func (a *Archive) missing(what string) error {
	return cloud.Guardf("%s has no %s, which an archive needs: cicdctl client create %s makes it", a.Client, what, a.Client)
}

func (a *Archive) foreign(what string) error {
	return cloud.Guardf("%s exists but does not carry %s's tags: it is not cicdctl's to use", what, a.Client)
}

func (a *Archive) findCluster(ctx context.Context) error {
	name := rules.DatabaseName(a.Client)
	out, err := a.API.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: &name})
	switch {
	case awsapi.Is(err, awsapi.NotFound) || err == nil && len(out.DBClusters) == 0:
		return a.missing("database")
	case err != nil:
		return err
	}
	tags := rdskinds.TagsOf(out.DBClusters[0].TagList)
	if !cloud.Ours(tags, a.Client, a.Region) || tags[provision.TagRole] != dbcopy.DatabaseRole {
		return a.foreign("rds/cluster " + name)
	}
	switch status := aws.ToString(out.DBClusters[0].Status); status {
	case "creating", "deleting", "stopped", "stopping", "starting":
		return cloud.Guardf("the database of %s is %s: RDS archives it once it is available", a.Client, status)
	default:
		return nil
	}
}

func (a *Archive) findBucket(ctx context.Context, scope *provision.Scope) error {
	out, err := scope.API.S3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &a.Bucket})
	switch {
	case awsapi.Code(err) == "NoSuchBucket":
		return a.missing(lang.Sprintf("archive bucket (%s)", a.Bucket))
	case awsapi.Is(err, awsapi.NotFound): // it has no tags at all
		return a.foreign("s3/bucket " + a.Bucket)
	case err != nil:
		return err
	}
	tags := provision.Tags{}
	for _, t := range out.TagSet {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	if !cloud.Ours(tags, a.Client, a.Region) {
		return a.foreign("s3/bucket " + a.Bucket)
	}
	return nil
}

func (a *Archive) findRole(ctx context.Context, scope *provision.Scope) error {
	name := rules.ExportRoleName(a.Client)
	out, err := scope.API.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	switch {
	case awsapi.Is(err, awsapi.NotFound):
		return a.missing(lang.Sprintf("export role (%s)", name))
	case err != nil:
		return err
	}
	tags := provision.Tags{}
	for _, t := range out.Role.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	if !cloud.Ours(tags, a.Client, a.Region) {
		return a.foreign("iam/role " + name)
	}
	a.Role = aws.ToString(out.Role.Arn)
	return nil
}

func (a *Archive) findKey(ctx context.Context, scope *provision.Scope) error {
	alias := rules.ArchiveKeyAlias(a.Client)
	out, err := scope.API.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &alias})
	switch {
	case awsapi.Is(err, awsapi.NotFound) || err == nil && out.KeyMetadata == nil:
		return a.missing(lang.Sprintf("archive key (%s)", alias))
	case err != nil:
		return err
	case out.KeyMetadata.KeyState != "Enabled":
		return cloud.Guardf("the archive key of %s (%s) is %s: cicdctl client create %s makes it usable again", a.Client, alias, out.KeyMetadata.KeyState, a.Client)
	}
	a.Key = aws.ToString(out.KeyMetadata.Arn)
	tags := provision.Tags{}
	for p := kms.NewListResourceTagsPaginator(scope.API.KMS, &kms.ListResourceTagsInput{KeyId: &a.Key}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, t := range page.Tags {
			tags[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
		}
	}
	if !cloud.Ours(tags, a.Client, a.Region) {
		return a.foreign("kms/key " + alias)
	}
	return nil
}

func (a *Archive) state(e rdstypes.ExportTask) *ArchiveState {
	facts := dbcopy.ExportFacts(e)
	s := &ArchiveState{
		Name: facts.Name, Status: facts.Status, Percent: int(aws.ToInt32(e.PercentProgress)), Gigabytes: int(aws.ToInt32(e.TotalExtractedDataInGB)),
		AsOf: cloud.Moment(e.SnapshotTime), Begun: cloud.Moment(e.TaskStartTime), End: cloud.Moment(e.TaskEndTime), Warning: facts.Warning, Failure: facts.Failure,
		Place: "s3://" + aws.ToString(e.S3Bucket) + "/" + strings.TrimPrefix(strings.TrimSuffix(aws.ToString(e.S3Prefix), "/")+"/", "/") + facts.Name + "/",
	}
	if s.Status == judge.ExportComplete && s.End != nil && aws.ToString(e.S3Bucket) == a.Bucket {
		until := keptUntil(*s.End, rules.ArchiveDays(a.Months))
		s.Until = &until
	}
	return s
}
