package backup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

const (
	// DrillTime is how long a drill may take: what has been killed is removed by
	// whatever run comes later than that.
	DrillTime = 6 * time.Hour
	// cleanTime bounds the removal of a drill's copy: twice what RDS usually takes at
	// most for an instance and then for a cluster.
	cleanTime = 90 * time.Minute
	// looksAfterFailure is how often a copy is looked for whose creation has failed in
	// some way: AWS may be late to list it.
	looksAfterFailure = 3
)

// Drill is a restore that is made to be measured, and removed again.
type Drill struct {
	*cloud.Run // that makes the copy
	Source     string
	Span       Span
	// Left are the copies of earlier drills that were killed. They are removed first.
	Left []string

	op     *cloud.Operator
	backup *Source // nil for the continuous backup
}

// DrillRecord is how a drill went, as the history keeps it.
type DrillRecord struct {
	Client   string     `json:"client"`
	Region   string     `json:"region"`
	Copy     string     `json:"copy"`
	From     string     `json:"from,omitempty"` // the backup; empty for the continuous one
	At       time.Time  `json:"at"`
	Restored *time.Time `json:"restored,omitempty"` // the moment whose data came back
	RPO      int        `json:"rpo_seconds"`
	RTO      int        `json:"rto_seconds"`
	OK       bool       `json:"ok"`
	Reason   string     `json:"reason,omitempty"` // why it failed
}

// PrepareDrill prepares a restore drill, of the backup that a word names or, for none, of
// the continuous one. It only reads. The error is a *GuardError when the client has
// nothing to restore, or no database beside which it is restored.
func PrepareDrill(ctx context.Context, o *cloud.Operator, s *spec.Spec, from string) (*Drill, error) {
	backup, err := FindSource(ctx, o, s.Client, s.Region, from)
	if err != nil {
		return nil, err
	}
	if backup != nil {
		if err := backup.fits(ctx, o, s); err != nil {
			return nil, err
		}
	}
	found, err := DatabasesOf(ctx, o, s.Client, s.Region)
	if err != nil {
		return nil, err
	}
	source, err := found.Source()
	if err != nil {
		return nil, err
	}
	scope, err := copyScope(ctx, o, s.Client, s.Region, s)
	if err != nil {
		return nil, err
	}
	d := &Drill{op: o, Source: aws.ToString(source.DBClusterIdentifier), Span: SpanOf(source), Left: found.drills(), backup: backup}
	if backup != nil {
		d.Span = backup.Span
	}
	d.begin(scope, time.Now().UTC().Truncate(time.Second))
	return d, nil
}

// begin names the copy for a drill that begins now.
func (d *Drill) begin(scope *provision.Scope, now time.Time) {
	scope.Restore = &provision.Restore{Name: rules.DrillName(scope.Client, now), Instances: 1, Drill: true, Expires: now.Add(DrillTime)}
	if d.backup != nil {
		scope.Restore.From, scope.Restore.At = d.backup.from(scope.Region), d.backup.Span.Latest
	}
	d.Run = copyRun(d.op, scope, provision.Request{Scopes: []*provision.Scope{scope}})
}

// drills are the copies that drills have left.
func (d *databases) drills() []string {
	var out []string
	for i := range d.All {
		if provision.IsDrill(d.role(&d.All[i])) {
			out = append(out, aws.ToString(d.All[i].DBClusterIdentifier))
		}
	}
	return out
}

// Conduct carries the drill out: it restores the latest moment, measures, records,
// and removes the copy, whatever happens on the way. When stop is closed, or ctx
// ends, it stops waiting and removes the copy at once. Waiting is told of another
// drill of the same client, which is waited for. The record is nil when the drill
// did not begin.
func (d *Drill) Conduct(ctx context.Context, stop <-chan struct{}, sink provision.Sink, waiting func(string)) (*DrillRecord, error) {
	scope := d.Scope()
	var record *DrillRecord
	until, begun := untilStopped(ctx, stop)
	defer begun()
	key := "drill/" + scope.Region + "/" + scope.Client
	err := d.op.Leases(d.Account()).Hold(until, key, waiting, func(held context.Context) (err error) {
		begun()
		record, err = d.conduct(held, stop, sink)
		return err
	})
	if err != nil && record == nil && ctx.Err() == nil && until.Err() != nil {
		err = provision.ErrInterrupted
	}
	return record, err
}

// untilStopped is a context that ends when stop is closed, unless what it was made
// for has begun by then.
func untilStopped(ctx context.Context, stop <-chan struct{}) (until context.Context, begun func()) {
	until, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		select {
		case <-stop:
			cancel()
		case <-done:
		case <-ctx.Done():
		}
	}()
	return until, sync.OnceFunc(func() { close(done) })
}

// conduct is the drill, under its lease.
func (d *Drill) conduct(ctx context.Context, stop <-chan struct{}, sink provision.Sink) (*DrillRecord, error) {
	if err := d.clearUp(ctx, stop, sink); err != nil {
		return nil, err
	}
	found, err := DatabasesOf(ctx, d.op, d.Scope().Client, d.Scope().Region)
	if err != nil {
		return nil, err
	}
	source, err := found.Source()
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC().Truncate(time.Second)
	d.begin(d.Scope(), now)
	latest := cloud.At(source.LatestRestorableTime)
	if d.backup != nil {
		latest = d.backup.Span.Latest
	}
	record := &DrillRecord{Client: d.Scope().Client, Region: d.Scope().Region, Copy: d.Scope().Restore.Name, At: now, From: d.Scope().Restore.From.ID}
	took, err := d.measure(ctx, stop, sink, now)
	// From here on nothing stops the drill: what it has made must go.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer cancel()
	switch {
	case err == nil:
		record.OK, record.Restored = true, &latest
		record.RPO, record.RTO = wholeSeconds(now.Sub(latest)), wholeSeconds(took)
		if d.backup != nil {
			break // the tag tells what the continuous backup promises
		}
		measured := rules.Drill{At: now, Restored: latest, RPO: time.Duration(record.RPO) * time.Second, RTO: time.Duration(record.RTO) * time.Second}
		err = noteOn(after, d.Scope(), d.Source, provision.TagDrill, measured.Encode())
	case context.Cause(ctx) != nil && errors.Is(context.Cause(ctx), awsapi.ErrLeaseLost):
		err = errors.Join(err, awsapi.ErrLeaseLost)
		record.Reason = awsapi.ErrLeaseLost.Error()
	default:
		record.Reason = awsapi.Explain(err)
	}
	failed := err
	err = errors.Join(err, d.keep(after, *record))
	return record, errors.Join(err, d.remove(after, sink, failed != nil))
}

// wholeSeconds rounds up: nobody is to be promised more than was measured.
func wholeSeconds(d time.Duration) int { return int((max(0, d) + time.Second - 1) / time.Second) }

// measure restores the copy and says how long that took until it could be used.
func (d *Drill) measure(ctx context.Context, stop <-chan struct{}, sink provision.Sink, begun time.Time) (time.Duration, error) {
	plan, err := d.Plan(ctx)
	if err != nil {
		return 0, err
	}
	var took time.Duration
	_, err = d.Apply(ctx, plan, stop, func(e provision.Event) {
		if e.Kind == instanceKind && e.Phase == provision.PhaseDone && e.Op == provision.OpCreate {
			took = time.Since(begun)
		}
		if sink != nil {
			sink(e)
		}
	})
	if err == nil && took == 0 {
		err = lang.New("the time at which the copy became available is unknown")
	}
	return took, err
}

// keep adds the record to the history, which is in the admin bucket and encrypted
// as that is.
func (d *Drill) keep(ctx context.Context, record DrillRecord) error {
	body, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err
	}
	home := d.Account()
	in := &s3.PutObjectInput{
		Bucket: aws.String(rules.AdminBucketName(home.Account, home.Region)), Key: aws.String(rules.DrillObject(record.Client, record.Region, record.At)),
		Body: bytes.NewReader(body), ContentType: aws.String("application/json"),
	}
	if !record.OK { // never in the place of one that says more
		in.IfNoneMatch = aws.String("*")
	}
	if _, err = home.API.S3.PutObject(ctx, in); err != nil && !awsapi.Is(err, awsapi.Exists) {
		return lang.Errorf("add the drill to the history: %w", err)
	}
	return nil
}

// clearing is a run that removes the copies of all drills of the client.
func (d *Drill) clearing() *cloud.Run {
	scope := *d.Scope()
	scope.Restore, scope.Spec = nil, nil
	return &cloud.Run{
		Request: provision.Request{Scopes: []*provision.Scope{&scope}, Destroy: &scope, Only: func(kind string, role provision.Role) bool {
			return (kind == ClusterKind || kind == instanceKind) && provision.IsDrill(role)
		}},
		Op: d.op, Types: provision.Narrow(d.op.Types, ClusterKind, instanceKind),
	}
}

// clearUp removes what earlier drills have left. Under the lease they are dead.
func (d *Drill) clearUp(ctx context.Context, stop <-chan struct{}, sink provision.Sink) error {
	run := d.clearing()
	plan, err := run.Plan(ctx)
	if err != nil || plan.Mutations() == 0 {
		return err
	}
	for _, h := range plan.Held() {
		if begun, ok := rules.DrillTime(h.ID); ok && h.Kind == ClusterKind {
			dead := DrillRecord{Client: d.Scope().Client, Region: d.Scope().Region, Copy: h.ID, At: begun, Reason: "the drill was killed; a later one removed its copy"}
			if err := d.keep(ctx, dead); err != nil {
				return err
			}
		}
	}
	if _, err = run.Apply(ctx, plan, stop, sink); err != nil {
		return lang.Errorf("remove what an earlier drill left: %w", err)
	}
	return nil
}

// remove removes the drill's copy and waits until it is gone.
func (d *Drill) remove(ctx context.Context, sink provision.Sink, failed bool) error {
	run, looks := d.clearing(), 1
	if failed {
		looks = looksAfterFailure
	}
	var err error
	for i := range looks {
		if i > 0 {
			if err := cloud.Pause(ctx, d.op.Pace); err != nil {
				break
			}
		}
		var plan *cloud.Plan
		if plan, err = run.Plan(ctx); err != nil {
			continue
		}
		if plan.Mutations() > 0 {
			_, err = run.Apply(ctx, plan, nil, sink)
			break
		}
	}
	if err != nil {
		return &LeftError{Copy: d.Scope().Restore.Name, Client: d.Scope().Client, Err: err}
	}
	return nil
}

// LeftError says that a drill's copy could not be removed.
type LeftError struct {
	Copy, Client string
	Err          error
}

func (e *LeftError) Error() string {
	return lang.Sprintf("the copy %s of the drill could not be removed: %s", e.Copy, awsapi.Explain(e.Err))
}

func (e *LeftError) Unwrap() error { return e.Err }

// Remedy is what a person can do.
func (e *LeftError) Remedy() string {
	return lang.Sprintf("cicdctl backup discard %s %s removes it, and so does the next drill", e.Client, e.Copy)
}

// History lists how the drills of a client went, the last one first.
func History(ctx context.Context, o *cloud.Operator, client, region string) ([]DrillRecord, error) {
	home, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	bucket := aws.String(rules.AdminBucketName(home.Account, home.Region))
	var out []DrillRecord
	in := &s3.ListObjectsV2Input{Bucket: bucket, Prefix: aws.String(rules.DrillHistory(client, region))}
	for p := s3.NewListObjectsV2Paginator(home.API.S3, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, awsapi.IgnoreNotFound(err)
		}
		for _, object := range page.Contents {
			record, err := drillRecord(ctx, home, bucket, object.Key)
			if err != nil {
				return nil, lang.Errorf("read %s: %w", aws.ToString(object.Key), err)
			}
			out = append(out, record)
		}
	}
	slices.SortFunc(out, func(a, b DrillRecord) int { return b.At.Compare(a.At) })
	return out, nil
}

func drillRecord(ctx context.Context, home *provision.Scope, bucket, key *string) (record DrillRecord, err error) {
	out, err := home.API.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		return record, err
	}
	defer func() { err = errors.Join(err, out.Body.Close()) }()
	err = json.NewDecoder(out.Body).Decode(&record)
	return record, err
}
