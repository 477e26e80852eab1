// Package deploy brings images to services, and back: what runs, what may run, and how
// a deployment ends.
package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// DeployPatience is how long a deployment is waited for. The circuit breaker needs
// three tasks that fail, each after its image was pulled, its grace and its health
// checks; a new host, where one is wanted, takes five minutes more.
const DeployPatience = 30 * time.Minute

// Request is what a deploy is to bring about.
type Request struct {
	Image       rules.Image
	SkipPreview bool   // prod takes an image that did not run in preview
	Accept      string // why critical findings, or a missing scan, are accepted
}

// Deploy is a deployment that is to be begun, is under way, or is not needed.
type Deploy struct {
	cloud.Unit
	Back  bool         // it goes back to an earlier revision
	Again bool         // it starts the same revision once more
	Image *DeployImage // nil when going back, or when starting again
	From  *Revision    // what the service is told to run now
	To    *Revision    // what it is to run; nil while it is not registered
	First bool         // nothing ran before
	Tasks int32        // wanted

	Waits bool // the same deployment is under way already
	Done  bool // the service runs it already

	Scope   *provision.Scope
	request Request
	target  string // of a rollback, as asked for
	base    *Revision
	svc     *ecstypes.Service
	id      string // of the deployment that is waited for
	since   time.Time
	told    map[string]bool // events
}

// DeployError is a deployment that failed, and what can be done about it.
type DeployError struct {
	Reason, Fix string
	Err         error // may be nil
}

func (e *DeployError) Error() string {
	if e.Err == nil {
		return e.Reason
	}
	return e.Reason + ": " + awsapi.Explain(e.Err)
}

func (e *DeployError) Unwrap() error { return e.Err }

// Remedy is what a person can do.
func (e *DeployError) Remedy() string { return e.Fix }

// Prepare finds out what a deploy takes and whether it may be, waiting for the
// image's scan. It only reads. The error is a *GuardError when it may not.
func Prepare(ctx context.Context, o *cloud.Operator, s *spec.Spec, app, service string, env spec.Env, request Request, waits func(*DeployImage)) (*Deploy, error) {
	u, scope, err := o.Unit(ctx, s, app, service, env)
	if err != nil {
		return nil, err
	}
	if err := u.Awake(); err != nil {
		return nil, err
	}
	if err := rules.CheckImage(request.Image, u.Account, u.Region, u.Client, app, service); err != nil {
		return nil, &cloud.GuardError{Reason: "--image: " + err.Error()}
	}
	d := &Deploy{Unit: u, Scope: scope, request: request, told: map[string]bool{}}
	g, each := errgroup.WithContext(ctx)
	g.Go(func() (err error) { d.Image, err = findImage(each, u, request.Image); return })
	g.Go(func() error { return ownRepository(each, u, scope) })
	g.Go(func() error { return d.look(each) })
	g.Go(func() error { return u.Peopled(each) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if err := d.choose(); err != nil {
		return nil, err
	}
	if d.Done || d.Waits {
		return d, nil
	}
	if err := judgeImage(ctx, u, d.Image, request.Accept, waits); err != nil {
		return nil, err
	}
	if env == spec.Prod && !request.SkipPreview {
		return d, ranInPreview(ctx, u.In(spec.Preview), d.Image)
	}
	return d, nil
}

// look reads the service, what it is told to run, and the newest revision.
func (d *Deploy) look(ctx context.Context) error {
	g, each := errgroup.WithContext(ctx)
	g.Go(func() (err error) { d.svc, err = d.ECSService(each); return })
	g.Go(func() (err error) { d.base, err = NewestRevision(each, d.Unit); return })
	if err := g.Wait(); err != nil {
		return err
	}
	return d.readFrom(ctx)
}

// readFrom reads the revision that the service is told to run.
func (d *Deploy) readFrom(ctx context.Context) (err error) {
	arn := aws.ToString(d.svc.TaskDefinition)
	if d.From = d.base; d.base == nil || arn != d.base.ARN {
		if d.From, err = ReadRevision(ctx, d.Unit, arn); err != nil {
			return lang.Errorf("read what %s runs: %w", d.Unit, err)
		}
	}
	d.First, d.Tasks = d.From.none(), d.svc.DesiredCount
	if d.First {
		d.Tasks = rules.FirstTasks(d.Runtime)
	}
	if d.Asked > 0 {
		d.Tasks = d.Asked
	}
	if d.Most > 0 {
		d.Tasks = max(d.Least, min(d.Most, d.Tasks))
	}
	if most := rules.RuntimeOf(d.Runtime).MaxTasks; most > 0 {
		d.Tasks = min(d.Tasks, most)
	}
	return nil
}

// primary is the deployment that a service is going to, or has come to.
func primary(s *ecstypes.Service) *ecstypes.Deployment {
	for i, d := range s.Deployments {
		if aws.ToString(d.Status) == "PRIMARY" {
			return &s.Deployments[i]
		}
	}
	return &ecstypes.Deployment{}
}

// choose settles what is to run and whether that is under way, or another deployment is.
func (d *Deploy) choose() error {
	d.To, d.Done, d.Waits = nil, false, false
	switch p := primary(d.svc); {
	case p.RolloutState == ecstypes.DeploymentRolloutStateInProgress && d.From.Digest == d.Image.Digest && ownsRevision(d.Unit, d.From):
		d.To = d.From // begun by a run of the same command
	case d.base.Digest == d.Image.Digest:
		d.To = d.base
	case d.From.Digest == d.Image.Digest && ownsRevision(d.Unit, d.From) && SameButImage(d.Unit, d.base, d.From):
		d.To = d.From // a later deploy, which failed, has left the newest one
	}
	return d.settle()
}

// settle compares what is to run with what the service is told to run.
func (d *Deploy) settle() error {
	p := primary(d.svc)
	same := d.To != nil && d.To.ARN == d.From.ARN
	switch {
	case same && p.RolloutState == ecstypes.DeploymentRolloutStateInProgress:
		d.Waits, d.id, d.since = true, aws.ToString(p.Id), cloud.At(p.CreatedAt)
	case same && p.RolloutState != ecstypes.DeploymentRolloutStateFailed && d.Tasks == d.svc.DesiredCount:
		d.Done = true
	case p.RolloutState == ecstypes.DeploymentRolloutStateInProgress && !d.Back && !d.From.none():
		if time.Since(cloud.At(p.CreatedAt)) > DeployPatience {
			return nil // it hangs: what is asked for now takes its place
		}
		return d.beside(p)
	}
	return nil
}

// beside refuses to begin a deployment beside another.
func (d *Deploy) beside(p *ecstypes.Deployment) error {
	by := ""
	if d.From.By != "" {
		by = lang.Sprintf(", registered by %s", d.From.By)
	}
	return cloud.Guardf("another deployment of %s is in progress: %s runs %s, begun at %s UTC%s; look with %s, or go back with %s",
		d.Unit, d.From.Name, d.From.what(), cloud.At(p.CreatedAt).Format(time.TimeOnly), by, fmt.Sprintf("cicdctl deploy status %s %s/%s", d.Client, d.App, d.Service), d.Command("rollback"))
}

// ranInPreview refuses an image that never ran in the unit. What ran is known from the tag
// that a deploy leaves once all tasks ran, and from what runs now: the run that was
// to write the tag may have died.
func ranInPreview(ctx context.Context, u cloud.Unit, image *DeployImage) error {
	svc, err := u.ECSService(ctx)
	if err != nil {
		return err
	}
	if p := primary(svc); p.RolloutState == ecstypes.DeploymentRolloutStateCompleted && svc.RunningCount > 0 {
		now, err := ReadRevision(ctx, u, aws.ToString(p.TaskDefinition))
		if err != nil {
			return lang.Errorf("read what %s runs: %w", u, err)
		}
		if now.Digest == image.Digest {
			return nil
		}
	}
	all, err := revisions(ctx, u, historyRead)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(r *Revision) bool { return r.Digest == image.Digest && r.Deployed != nil }) {
		return nil
	}
	ref := image.Tag
	if ref == "" {
		ref = image.Digest
	}
	return cloud.Guardf("prod accepts only images that ran in preview, and %s never did: %s first, or give --skip-preview", image.what(), u.Command("", "--image", ref))
}

// historyRead is how many revisions are looked at: more than a repository keeps images.
const historyRead = 200

// PrepareRollback finds the revision to go back to: the one asked for (its number, its
// name, its image's tag or digest), or the last that ran before. It only reads.
func PrepareRollback(ctx context.Context, o *cloud.Operator, s *spec.Spec, app, service string, env spec.Env, to string) (*Deploy, error) {
	u, scope, err := o.Unit(ctx, s, app, service, env)
	if err != nil {
		return nil, err
	}
	if err := u.Awake(); err != nil {
		return nil, err
	}
	d := &Deploy{Unit: u, Scope: scope, Back: true, target: to, told: map[string]bool{}}
	if err := d.lookBack(ctx); err != nil {
		return nil, err
	}
	if d.Done || d.Waits {
		return d, nil
	}
	if _, err := findImage(ctx, u, rules.Image{Digest: d.To.Digest}); err != nil {
		if _, refused := err.(*cloud.GuardError); refused { //nolint:errorlint // image makes it
			return nil, cloud.Guardf("the image of %s is no longer in %s: %s shows the others", d.To.Name, u.Repository(), u.Command("list"))
		}
		return nil, err
	}
	return d, nil
}

// lookBack reads the service and its history, and chooses.
func (d *Deploy) lookBack(ctx context.Context) error {
	var all []*Revision
	g, each := errgroup.WithContext(ctx)
	g.Go(func() (err error) { d.svc, err = d.ECSService(each); return })
	g.Go(func() (err error) { all, err = revisions(each, d.Unit, historyRead); return })
	if err := g.Wait(); err != nil {
		return err
	}
	if err := d.readFrom(ctx); err != nil {
		return err
	}
	d.To, d.Done, d.Waits = nil, false, false
	if err := d.chooseBack(all); err != nil {
		return err
	}
	return d.settle()
}

func (d *Deploy) chooseBack(all []*Revision) error {
	if d.target != "" {
		return d.chooseNamed(all)
	}
	// With a later image there, it is gone back already, by a run of the same command
	// or by the circuit breaker: going further back must be asked for.
	back := slices.ContainsFunc(all, func(r *Revision) bool { return r.Number > d.From.Number && r.Digest != d.From.Digest })
	if back && !d.From.none() {
		d.To = d.From
		return nil
	}
	for _, r := range all { // the newest first
		if r.Number < d.From.Number && r.Deployed != nil && !r.withdrawn() && r.Digest != d.From.Digest {
			d.To = r
			return nil
		}
	}
	return cloud.Guardf("%s has no earlier revision that ran: it runs %s; deploy another image with %s", d.Unit, d.From.what(), d.Command("", "--image", "TAG"))
}

func (d *Deploy) chooseNamed(all []*Revision) error {
	var ran []string
	for _, r := range all {
		named := slices.Contains([]string{fmt.Sprint(r.Number), r.Name, r.Digest, r.Tag}, d.target)
		switch {
		case r.Deployed != nil && named:
			d.To = r
			return nil
		case r.Deployed != nil:
			ran = append(ran, fmt.Sprintf("%d: %s", r.Number, r.what()))
		}
	}
	there := lang.Say("none did")
	if len(ran) > 0 {
		there = lang.Sprintf("these did: %s", strings.Join(ran[:min(len(ran), namesShown)], ", "))
	}
	return cloud.Guardf("--to %s: no revision of %s with that number, name, tag or digest ever ran; %s", d.target, d.Unit, there)
}

// begin has ECS go to the revision.
func (d *Deploy) begin(ctx context.Context) error {
	in := &ecs.UpdateServiceInput{Cluster: d.Cluster(), Service: aws.String(d.Name()), TaskDefinition: &d.To.ARN}
	if d.Tasks != d.svc.DesiredCount { // the first, or more than the runtime can have
		in.DesiredCount = &d.Tasks
	}
	// ECS takes the same revision once more only if told to: its deployment had failed.
	in.ForceNewDeployment = d.To.ARN == d.From.ARN
	out, err := d.API.ECS.UpdateService(ctx, in)
	if err != nil {
		return lang.Errorf("begin the deployment of %s: %w", d.Unit, err)
	}
	d.svc = out.Service
	p := primary(out.Service)
	d.id, d.since = aws.ToString(p.Id), cloud.At(p.CreatedAt)
	return nil
}
