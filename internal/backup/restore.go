package backup

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/dbcopy"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	rdskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/rds"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// unfinishedFor is how old an unfinished restore of "the latest moment" may be to
// be completed rather than begun anew: its data is as old as it is.
const unfinishedFor = 24 * time.Hour

// repeatedFor is how lately a copy of the latest moment may have been completed for
// the same command to mean it: the run may have died before it could say so. RDS's
// latest moment itself lies up to five minutes back.
const repeatedFor = 5 * time.Minute

// unfinished finds the last copy of the latest moment that a run has begun lately
// and not completed, or only just.
func (d *databases) unfinished(now time.Time) *rdstypes.DBCluster {
	var last *rdstypes.DBCluster
	for i := range d.All {
		c := &d.All[i]
		tags, made := rdskinds.TagsOf(c.TagList), cloud.At(c.ClusterCreateTime)
		completed, err := time.Parse(time.RFC3339, tags[provision.TagCompleted])
		begun := provision.IsRestored(d.role(c)) && rules.FromLatest(tags[provision.TagRestored]) && aws.ToString(c.Status) != "deleting" &&
			(err != nil || now.Sub(completed) < repeatedFor)
		if begun && now.Sub(made) < unfinishedFor && (last == nil || made.After(cloud.At(last.ClusterCreateTime))) {
			last = c
		}
	}
	return last
}

// withoutCluster is the name of a copy of the latest moment that a run has made
// log groups for lately, and nothing else yet; empty when there is none.
func (d *databases) withoutCluster(ctx context.Context, api awsapi.Logs, now time.Time) (string, error) {
	last := ""
	prefix := rules.DatabaseLogPrefix(rules.CopyPrefix(d.client))
	for p := cloudwatchlogs.NewDescribeLogGroupsPaginator(api, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &prefix}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return "", lang.Errorf("list the log groups of copies: %w", err)
		}
		for _, g := range page.LogGroups {
			name := rules.ClusterOfLogGroup(aws.ToString(g.LogGroupName))
			begun, byTime := rules.RestoredTime(d.client, name)
			if !byTime || now.Sub(begun) >= unfinishedFor || d.named(name) != nil || name <= last {
				continue
			}
			out, err := api.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(strings.TrimSuffix(aws.ToString(g.Arn), ":*"))})
			switch {
			case awsapi.Is(err, awsapi.NotFound):
			case err != nil:
				return "", lang.Errorf("read the tags of %s: %w", aws.ToString(g.LogGroupName), err)
			case cloud.Ours(out.Tags, d.client, d.region) && rules.FromLatest(out.Tags[provision.TagRestored]):
				last = name
			}
		}
	}
	return last, nil
}

// latestName names a copy of the latest moment: that which an earlier run of the
// same command has begun, or a new one.
func (d *databases) latestName(ctx context.Context, api awsapi.Logs, now time.Time) (string, error) {
	if begun := d.unfinished(now); begun != nil {
		return aws.ToString(begun.DBClusterIdentifier), nil
	}
	begun, err := d.withoutCluster(ctx, api, now)
	return cmp.Or(begun, rules.RestoredName(d.client, now)), err
}

// RestoreAsk says what to restore: a moment, or the latest one when At is zero.
type RestoreAsk struct {
	At   time.Time
	As   string // the copy's name; made from the moment when empty
	From string // the word of a backup; the continuous backup of the client's database when empty
	Home string // region in which a word without a region is looked up; the spec's when empty
}

// Restoration is a run that restores a client's database beside it.
type Restoration struct {
	*cloud.Run
	ID        string
	From      string // what the copy is made from, as its tag says
	Source    string
	Span      Span
	Instances int
	Exists    bool // the copy is there, complete or not
	Made      time.Time
	// Own says that the client's own database is restored, and with it all that the client
	// lacks: there was none. Backup is what it or the copy is made of; nil for the
	// continuous backup.
	Own    bool
	Backup *Source

	completed bool // as its tag says
}

// PrepareRestore prepares a copy of the client's database as it was at a moment. It only
// reads. The same ask again completes what a run that died has begun. The error is
// a *GuardError when that moment, or that name, cannot be had.
func PrepareRestore(ctx context.Context, o *cloud.Operator, s *spec.Spec, ask RestoreAsk) (*Restoration, error) {
	backup, err := FindSource(ctx, o, s.Client, cmp.Or(ask.Home, s.Region), ask.From)
	if err != nil {
		return nil, err
	}
	if backup == nil && ask.Home != "" && ask.Home != s.Region {
		return nil, elsewhere(s.Client, ask.Home)
	}
	found, err := DatabasesOf(ctx, o, s.Client, s.Region)
	if err != nil {
		return nil, err
	}
	if backup != nil {
		return prepareFrom(ctx, o, s, found, backup, ask)
	}
	source, err := found.Source()
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	r := &Restoration{ID: ask.As, Source: aws.ToString(source.DBClusterIdentifier), Span: SpanOf(source), Instances: s.Database.Instances}
	r.From = rules.RestoredFrom(r.Source, ask.At)
	switch {
	case r.ID != "":
	case !ask.At.IsZero():
		r.ID = rules.RestoredName(s.Client, ask.At)
	default:
		if r.ID, err = found.latestName(ctx, o.Factory.Set(s.Region).Logs, now); err != nil {
			return nil, err
		}
	}
	if err := found.free(r); err != nil {
		return nil, err
	}
	if !r.Exists && !ask.At.IsZero() {
		if err := r.Span.check(r.Source, ask.At); err != nil {
			return nil, err
		}
	}
	scope, err := copyScope(ctx, o, s.Client, s.Region, s)
	if err != nil {
		return nil, err
	}
	scope.Restore = &provision.Restore{Name: r.ID, At: ask.At, Instances: r.Instances}
	r.Run = copyRun(o, scope, provision.Request{Scopes: []*provision.Scope{scope}})
	if ask.At.IsZero() && !r.completed {
		r.Then = func(ctx context.Context) error {
			return noteOn(ctx, scope, r.ID, provision.TagCompleted, Stamp(time.Now().Truncate(time.Second)))
		}
	}
	return r, nil
}

// prepareFrom prepares what is restored from a backup that needs no database: a copy beside
// the client's database or, where there is none, the database itself and whatever else
// the client lacks.
func prepareFrom(ctx context.Context, o *cloud.Operator, s *spec.Spec, found *databases, from *Source, ask RestoreAsk) (*Restoration, error) {
	at, err := from.moment(ask.At)
	if err != nil {
		return nil, err
	}
	if err := from.fits(ctx, o, s); err != nil {
		return nil, err
	}
	name := rules.DatabaseName(s.Client)
	r := &Restoration{ID: ask.As, Source: name, Span: from.Span, Instances: s.Database.Instances, Backup: from, From: rules.RestoredFrom(from.told(s.Region), at)}
	want := &provision.Restore{At: at, Instances: r.Instances, From: from.from(s.Region)}
	own := found.named(name)
	switch {
	case own != nil && found.role(own) != dbcopy.DatabaseRole:
		return nil, cloud.Guardf("there is a cluster %s already, and it does not carry %s's tags: it has to go, or get another name, before the database can be restored", name, s.Client)
	case own == nil && ask.As != "":
		return nil, cloud.Guardf("%s has no database in %s, so what is restored becomes it, under its own name: leave --as out", s.Client, s.Region)
	case own == nil || ask.As == "" && rdskinds.TagsOf(own.TagList)[provision.TagRestored] == r.From: // begun, and to be completed
		r.ID, r.Own = name, true
		want.Name, want.Own = name, true
		if own != nil {
			r.Exists, r.Made = true, cloud.At(own.ClusterCreateTime)
		}
		r.Run, err = o.BuildFrom(ctx, s, want)
		return r, err
	case r.ID == "":
		r.ID = rules.RestoredName(s.Client, at)
	}
	if err := found.free(r); err != nil {
		return nil, err
	}
	scope, err := copyScope(ctx, o, s.Client, s.Region, s)
	if err != nil {
		return nil, err
	}
	want.Name = r.ID
	scope.Restore = want
	r.Run = copyRun(o, scope, provision.Request{Scopes: []*provision.Scope{scope}})
	return r, nil
}

// noteOn writes a tag on a cluster.
func noteOn(ctx context.Context, scope *provision.Scope, cluster, key, value string) error {
	_, err := scope.API.RDS.AddTagsToResource(ctx, &rds.AddTagsToResourceInput{
		ResourceName: aws.String(scope.ARN("rds", "cluster:"+cluster)), Tags: []rdstypes.Tag{{Key: &key, Value: &value}},
	})
	if err != nil {
		return lang.Errorf("tag the database %s: %w", cluster, err)
	}
	return nil
}

// free checks that the copy's name is not somebody else's, nor a copy's of another
// moment.
func (d *databases) free(r *Restoration) error {
	if err := rules.CheckCopyName(d.client, r.ID); err != nil {
		return &cloud.GuardError{Reason: err.Error()}
	}
	c := d.named(r.ID)
	if c == nil {
		return nil
	}
	want := provision.Restore{Name: r.ID}
	from := rdskinds.TagsOf(c.TagList)[provision.TagRestored]
	switch {
	case d.role(c) != want.Role():
		return cloud.Guardf("there is a cluster %s already, and it is not a restored copy of %s: choose another name with --as", r.ID, d.client)
	case from != r.From:
		return cloud.Guardf("%s was restored from %s, not from %s: choose another name with --as, or remove it with cicdctl backup discard %s %s", r.ID, lang.Current().Value(from), lang.Current().Value(r.From), d.client, r.ID)
	}
	r.Exists, r.Made, r.completed = true, cloud.At(c.ClusterCreateTime), rdskinds.TagsOf(c.TagList)[provision.TagCompleted] != ""
	return nil
}

// copyRun is a run about one copy, the one that the scope asks for.
func copyRun(o *cloud.Operator, scope *provision.Scope, request provision.Request) *cloud.Run {
	role, source := scope.Restore.Role(), scope.Restore.SourceRole()
	request.Only = func(kind string, r provision.Role) bool {
		return partOf(role, kind, r) || kind == SnapshotKind && r == source
	}
	return &cloud.Run{Request: request, Op: o, Types: provision.Narrow(o.Types, ClusterKind, instanceKind, logKind)}
}

// PrepareDiscard prepares the removal of a restored copy, or of what a restore drill has
// left. The error is a *GuardError for any other database.
func PrepareDiscard(ctx context.Context, o *cloud.Operator, client, region, id string, purge bool) (*cloud.Run, error) {
	if id == rules.DatabaseName(client) {
		return nil, cloud.Guardf("%s is the client's own database: it goes with cicdctl client destroy %s", id, client)
	}
	found, err := DatabasesOf(ctx, o, client, region)
	if err != nil {
		return nil, err
	}
	copies := []provision.Restore{{Name: id}, {Name: id, Drill: true}}
	if c := found.named(id); c != nil && !slices.ContainsFunc(copies, func(r provision.Restore) bool { return r.Role() == found.role(c) }) {
		return nil, cloud.Guardf("%s is not a restored copy of %s", id, client)
	}
	scope, err := copyScope(ctx, o, client, region, nil)
	if err != nil {
		return nil, err
	}
	request := provision.Request{Scopes: []*provision.Scope{scope}, Destroy: scope, Purge: purge}
	request.Only = func(kind string, role provision.Role) bool {
		return partOf(copies[0].Role(), kind, role) || partOf(copies[1].Role(), kind, role)
	}
	return &cloud.Run{Request: request, Op: o, Types: provision.Narrow(o.Types, ClusterKind, instanceKind, logKind, SnapshotKind)}, nil
}

// Endpoints are where a restored copy answers, once it is there.
type Endpoints struct {
	Writer string `json:"writer,omitempty"`
	Reader string `json:"reader,omitempty"`
	Port   int    `json:"port,omitempty"`
	Secret string `json:"secret,omitempty"` // ARN; the password itself is nowhere
}

// Endpoints reads them from what the run has seen last.
func (r *Restoration) Endpoints(plan *cloud.Plan) Endpoints {
	for _, h := range plan.Held() {
		if c, ok := h.Object.(*rdskinds.Cluster); ok && h.Kind == ClusterKind && h.ID == r.ID {
			e := Endpoints{Writer: aws.ToString(c.Endpoint), Reader: aws.ToString(c.ReaderEndpoint), Port: int(aws.ToInt32(c.Port))}
			if c.MasterUserSecret != nil {
				e.Secret = aws.ToString(c.MasterUserSecret.SecretArn)
			}
			return e
		}
	}
	return Endpoints{}
}
