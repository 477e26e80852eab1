package deploy

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Running is what a service runs.
type Running struct {
	cloud.Unit
	State    string     `json:"state"`
	Revision *Revision  `json:"running,omitempty"`
	Tasks    int32      `json:"tasks"`
	Wanted   int32      `json:"wanted"`
	Since    *time.Time `json:"since,omitempty"` // when its deployment was begun
	Event    string     `json:"event,omitempty"` // the last of ECS, unless all is well
}

// describeServicesBy is how many services one call describes.
const describeServicesBy = 10

// Status tells what the services of a client run: all of them, or one.
func Status(ctx context.Context, o *cloud.Operator, s *spec.Spec, app, service string) ([]Running, error) {
	var all []Running
	for _, a := range s.Apps {
		for _, svc := range a.Services {
			if app != "" && (a.Name != app || svc.Name != service) {
				continue
			}
			for _, env := range spec.Envs() {
				u, _, err := o.Unit(ctx, s, a.Name, svc.Name, env)
				if err != nil {
					return nil, err
				}
				all = append(all, Running{Unit: u, State: cloud.StateAbsent})
			}
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(cloud.DescribesAtOnce)
	for batch := range slices.Chunk(all, describeServicesBy) {
		g.Go(func() error { return describeRunning(ctx, batch) })
	}
	return all, g.Wait()
}

func describeRunning(ctx context.Context, batch []Running) error {
	var names []string
	for _, r := range batch {
		names = append(names, r.Name())
	}
	u := batch[0].Unit
	out, err := u.API.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: u.Cluster(), Services: names, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags}})
	if awsapi.Is(err, awsapi.NotFound) {
		return nil
	}
	if err != nil {
		return lang.Errorf("describe the services of %s: %w", u.Client, err)
	}
	for i := range batch {
		r := &batch[i]
		at := slices.IndexFunc(out.Services, func(s ecstypes.Service) bool {
			return aws.ToString(s.ServiceName) == r.Name() && aws.ToString(s.Status) == "ACTIVE"
		})
		if at < 0 {
			continue
		}
		if err := r.read(ctx, &out.Services[at]); err != nil {
			return err
		}
	}
	return nil
}

func (r *Running) read(ctx context.Context, s *ecstypes.Service) (err error) {
	tags := provision.Tags{}
	for _, t := range s.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	if !cloud.Ours(tags, r.Client, r.Region) || tags[provision.TagRole] != r.Name() {
		r.State = cloud.StateForeign
		return nil
	}
	p := primary(s)
	r.Tasks, r.Wanted, r.Since = s.RunningCount, s.DesiredCount, cloud.Moment(p.CreatedAt)
	if r.Revision, err = ReadRevision(ctx, r.Unit, aws.ToString(s.TaskDefinition)); err != nil {
		return lang.Errorf("read what %s runs: %w", r.Unit, err)
	}
	r.State = cloud.StateRunning
	switch {
	case r.Revision.none():
		r.State, r.Revision = cloud.StateNone, nil
	case p.RolloutState == ecstypes.DeploymentRolloutStateFailed:
		r.State = cloud.StateFailed
	case p.RolloutState == ecstypes.DeploymentRolloutStateInProgress:
		r.State = cloud.StateDeploying
	case s.DesiredCount == 0 && r.Stopped:
		r.State = cloud.StateOff
	case s.DesiredCount == 0:
		r.State = cloud.StateStopped
	case s.RunningCount < s.DesiredCount:
		r.State = cloud.StateShort
	}
	if r.State != cloud.StateRunning && r.State != cloud.StateNone && len(s.Events) > 0 {
		r.Event = aws.ToString(s.Events[0].Message)
	}
	return nil
}

// States of a revision in the list of deploys.
const (
	RevisionRunning   = "running"
	RevisionDeploying = "deploying"
	RevisionFailed    = "failed"
	RevisionBack      = "rolled back"
	RevisionRan       = "ran"
	RevisionUnused    = "never ran"
)

// History lists the revisions of a service in an environment, the newest first.
func History(ctx context.Context, o *cloud.Operator, s *spec.Spec, app, service string, env spec.Env, limit int) (cloud.Unit, []*Revision, error) {
	u, _, err := o.Unit(ctx, s, app, service, env)
	if err != nil {
		return u, nil, err
	}
	var all []*Revision
	var svc *ecstypes.Service
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { all, err = revisions(ctx, u, limit); return })
	g.Go(func() (err error) { svc, err = u.ECSService(ctx); return })
	if err := g.Wait(); err != nil {
		return u, nil, err
	}
	judgeRevisions(all, svc)
	return u, all, nil
}

// Since lists the revisions of a service that were registered since a time and, if it is older,
// the one that it runs; the newest first, at most limit of them.
func Since(ctx context.Context, u cloud.Unit, since time.Time, limit int) ([]*Revision, error) {
	svc, err := u.ECSService(ctx)
	if err != nil {
		return nil, err
	}
	all, err := revisionsSince(ctx, u, limit, &since)
	if err != nil {
		return nil, err
	}
	if running := aws.ToString(svc.TaskDefinition); !slices.ContainsFunc(all, func(r *Revision) bool { return r.ARN == running }) {
		r, err := ReadRevision(ctx, u, running)
		if err != nil {
			return nil, lang.Errorf("read what %s runs: %w", u, err)
		}
		if !r.none() {
			all = append(all, r)
		}
	}
	judgeRevisions(all, svc)
	return all, nil
}

// judgeRevisions says of revisions what became of them.
func judgeRevisions(all []*Revision, svc *ecstypes.Service) {
	for _, r := range all {
		here := r.ARN == aws.ToString(svc.TaskDefinition)
		switch state := primary(svc).RolloutState; {
		case here && state == ecstypes.DeploymentRolloutStateInProgress:
			r.State = RevisionDeploying
		case here && state != ecstypes.DeploymentRolloutStateFailed:
			r.State = RevisionRunning
		case r.withdrawn() && r.Deployed != nil:
			r.State = RevisionBack
		case r.withdrawn(), here:
			r.State = RevisionFailed
		case r.Deployed != nil:
			r.State = RevisionRan
		default:
			r.State = RevisionUnused
		}
	}
}
