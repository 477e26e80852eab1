package deploy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Ends of a deployment.
const (
	DeployedNow    = "deployed"
	DeployedBefore = "unchanged"  // it ran already
	DeployFailed   = "failed"     // its tasks do not run
	DeployReplaced = "replaced"   // by another deployment
	DeployGoesOn   = "unfinished" // it was no longer waited for
	DeployNotBegun = "not begun"
)

// DeployEnd is how a deployment ended.
type DeployEnd struct {
	State   string    `json:"state"`
	Running *Revision `json:"running,omitempty"` // what the service runs, or is going back to
	Tasks   int32     `json:"tasks"`             // of it that run
	Wanted  int32     `json:"wanted"`
	Why     *Evidence `json:"why,omitempty"` // of a failure
	Warning string    `json:"warning,omitempty"`
}

// DeployStep is news of a deployment: an event of ECS, or how many tasks run.
type DeployStep struct {
	Event           string // empty for news of the tasks
	At              time.Time
	Running, Wanted int32
	Failed          int32
}

// Run brings the deployment about and waits for its end; see is told of every step.
// ECS goes on when the waiting ends early. A deployment that did not come to run is
// a *DeployError, however well ECS has gone back by itself. With refusals that came
// up since it was prepared the error is a *GuardError.
func (d *Deploy) Run(ctx context.Context, see func(DeployStep)) (*DeployEnd, error) {
	end, waited := &DeployEnd{State: DeployNotBegun}, d.Waits
	// Somebody may have taken long to confirm.
	look := func() error {
		if err := d.look(ctx); err != nil {
			return err
		}
		return d.choose()
	}
	switch {
	case d.Back:
		look = func() error { return d.lookBack(ctx) }
	case d.Again:
		look = func() error { return d.lookSame(ctx) }
	}
	if err := look(); err != nil {
		return end, err
	}
	// Also of what runs already: it may have been deployed before images were kept so.
	if err := d.keep(ctx); err != nil {
		return end, err
	}
	if d.Done {
		if end.State = DeployedBefore; waited {
			end.State = DeployedNow // it came to its end since
		}
		end.Running, end.Tasks, end.Wanted = d.To, primary(d.svc).RunningCount, d.svc.DesiredCount
		return end, d.record(ctx, end, d.To.Deployed == nil || d.To.withdrawn())
	}
	if !d.Waits {
		if err := d.ready(ctx); err != nil {
			return end, err
		}
		if err := d.begin(ctx); err != nil {
			return end, err
		}
	}
	end.State = DeployGoesOn
	if err := d.watch(ctx, end, see); err != nil {
		return end, err
	}
	if end.State != DeployedNow {
		return end, d.failed(ctx, end)
	}
	return end, d.record(ctx, end, true)
}

// ready makes the revision that is to run, or marks the one that is left.
func (d *Deploy) ready(ctx context.Context) error {
	if d.Again {
		return nil
	}
	if d.Back {
		if d.To.Number < d.From.Number && !d.From.none() {
			return tagRevision(ctx, d.Unit, d.From, provision.TagWithdrawn, now())
		}
		return nil
	}
	if d.To == nil {
		var err error
		d.To, err = registerRevision(ctx, d.Unit, d.base, d.Image, d.request.Accept)
		return err
	}
	if d.request.Accept != "" && d.To.Accepted != d.request.Accept {
		return tagRevision(ctx, d.Unit, d.To, provision.TagAccepted, d.request.Accept)
	}
	return nil
}

// now is the moment as tags have it, fine enough to tell which of two came first.
func now() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// record remembers that the revision ran: prod asks for it, and so does rollback. A
// service without tasks proves nothing.
func (d *Deploy) record(ctx context.Context, end *DeployEnd, news bool) error {
	switch {
	case end.Wanted == 0:
		end.Warning = lang.Sprintf("%s is scaled to 0 tasks, so nothing runs, and it is not noted as having run", d.Unit)
		return nil
	case !news || end.Tasks < end.Wanted:
		return nil
	}
	if err := tagRevision(ctx, d.Unit, d.To, provision.TagDeployed, now()); err != nil {
		return &DeployError{Reason: lang.Sprintf("%s runs %s, but that could not be noted", d.Unit, d.To.what()), Fix: lang.Say("run the same command again to note it: prod and rollback ask for it"), Err: err}
	}
	return nil
}

var errDeployPatience = errors.New("deploy patience")

// watch waits until the deployment has ended one way or the other, and for the end
// of the way back.
func (d *Deploy) watch(ctx context.Context, end *DeployEnd, see func(DeployStep)) error {
	waiting, cancel := context.WithTimeoutCause(ctx, DeployPatience, errDeployPatience)
	defer cancel()
	unseen, last := 0, DeployStep{Running: -1}
	for {
		err := cloud.Pause(waiting, d.Pace)
		var svc *ecstypes.Service
		if err == nil {
			svc, err = d.ECSService(waiting)
		}
		switch {
		case waiting.Err() != nil && errors.Is(context.Cause(waiting), errDeployPatience):
			return d.late(ctx, end)
		case waiting.Err() != nil:
			return context.Cause(waiting)
		case err != nil && awsapi.Is(err, awsapi.Throttled, awsapi.Ambiguous) && unseen < cloud.Sightings:
			unseen++
			continue
		case err != nil:
			return err
		}
		unseen, d.svc = 0, svc
		d.tell(see)
		done, err := d.judge(ctx, end)
		p := primary(svc)
		if step := (DeployStep{Running: p.RunningCount, Wanted: svc.DesiredCount, Failed: p.FailedTasks}); step != last {
			last = step
			see(step)
		}
		if done || err != nil {
			return err
		}
	}
}

// tell passes on the events that came since the deployment was begun, the oldest first.
func (d *Deploy) tell(see func(DeployStep)) {
	for _, e := range slices.Backward(d.svc.Events) {
		if id := aws.ToString(e.Id); !d.told[id] && !cloud.At(e.CreatedAt).Before(d.since) {
			d.told[id] = true
			see(DeployStep{Event: strings.TrimPrefix(aws.ToString(e.Message), "(service "+d.Name()+") "), At: cloud.At(e.CreatedAt)})
		}
	}
}

// judge says whether the deployment has ended, and how.
func (d *Deploy) judge(ctx context.Context, end *DeployEnd) (bool, error) {
	p := primary(d.svc)
	var own *ecstypes.Deployment
	for i := range d.svc.Deployments {
		if aws.ToString(d.svc.Deployments[i].Id) == d.id {
			own = &d.svc.Deployments[i]
		}
	}
	state := p.RolloutState
	end.Tasks, end.Wanted = p.RunningCount, d.svc.DesiredCount
	switch {
	case own == nil && cloud.At(p.CreatedAt).Before(d.since):
		return false, nil // AWS has not heard of it everywhere
	case aws.ToString(p.Id) == d.id && state == ecstypes.DeploymentRolloutStateCompleted:
		end.State, end.Running = DeployedNow, d.To
		return true, nil
	case aws.ToString(p.Id) == d.id && state == ecstypes.DeploymentRolloutStateFailed:
		end.State, end.Running = DeployFailed, d.To
		return true, nil
	case aws.ToString(p.Id) == d.id:
		return false, nil
	case aws.ToString(p.TaskDefinition) == d.To.ARN && (own == nil || own.RolloutState != ecstypes.DeploymentRolloutStateFailed):
		d.id, d.since = aws.ToString(p.Id), cloud.At(p.CreatedAt) // begun anew, by a change of the service's network for one
		return false, nil
	}
	// The service goes to something else.
	if end.Running == nil || end.Running.ARN != aws.ToString(p.TaskDefinition) {
		r, err := ReadRevision(ctx, d.Unit, aws.ToString(p.TaskDefinition))
		if err != nil {
			return false, lang.Errorf("read what %s goes back to: %w", d.Unit, err)
		}
		end.Running = r
	}
	reason := aws.ToString(p.RolloutStateReason)
	backed := own != nil && own.RolloutState == ecstypes.DeploymentRolloutStateFailed || strings.Contains(reason, "rolling back") || strings.Contains(reason, "circuit breaker")
	if own == nil && end.Running.Number < d.To.Number {
		backed = true // AWS no longer tells of the deployment that failed
	}
	if end.State = DeployReplaced; backed {
		end.State = DeployFailed
	}
	over := state == ecstypes.DeploymentRolloutStateCompleted || state == ecstypes.DeploymentRolloutStateFailed
	return over || end.State == DeployReplaced || end.Running.none(), nil
}

// late is a deployment that is not complete after all that time.
func (d *Deploy) late(ctx context.Context, end *DeployEnd) error {
	end.Why = d.evidence(ctx)
	reason := lang.Sprintf("%s is not complete after %s", d.To.Name, DeployPatience)
	if len(d.svc.Events) > 0 {
		reason += lang.Sprintf("; ECS says last: %s", aws.ToString(d.svc.Events[0].Message))
	}
	fix := lang.Sprintf("ECS goes on trying; go back with %s", d.Command("rollback"))
	if d.First {
		fix = lang.Say("ECS goes on trying; deploy another image, which now takes the place of this one")
	}
	return &DeployError{Reason: reason, Fix: fix}
}

// failed explains a deployment that did not come to run, leaves a note of it, and
// takes the tasks back that the first one had asked for.
func (d *Deploy) failed(ctx context.Context, end *DeployEnd) error {
	if end.State == DeployReplaced {
		return &DeployError{
			Reason: lang.Sprintf("another deployment took the place of %s: %s is going to %s (%s)", d.To.Name, d.Unit, end.Running.Name, end.Running.what()),
			Fix:    lang.Sprintf("look with cicdctl deploy status %s %s/%s", d.Client, d.App, d.Service),
		}
	}
	end.Why = d.evidence(ctx)
	out := &DeployError{Reason: lang.Sprintf("%s does not run in %s", d.To.what(), d.Unit), Fix: lang.Say("put the image right, push it under another tag, and deploy that")}
	stuck := end.Running.ARN == d.To.ARN
	switch {
	case d.First || end.Running.none():
		out.Reason += lang.Say("; nothing ran before, so the service has no tasks again")
		out.Err = d.clear(ctx, end)
	case d.Again:
		out.Reason = lang.Sprintf("%s does not start again in %s", d.To.what(), d.Unit)
		out.Fix = lang.Say("put right what stopped its tasks, and run the same command again")
		return out // it ran before: it is not the revision's fault
	case stuck:
		out.Reason += lang.Say("; ECS did not go back by itself")
		out.Fix = lang.Sprintf("go back with %s", d.Command("rollback"))
	case primary(d.svc).RolloutState == ecstypes.DeploymentRolloutStateFailed:
		out.Reason += lang.Sprintf("; ECS went back to %s (%s), which does not run any more either", end.Running.Name, end.Running.what())
		out.Fix = lang.Sprintf("look for another one that ran with %s", d.Command("list"))
	default:
		out.Reason += lang.Sprintf("; ECS went back to %s (%s)", end.Running.Name, end.Running.what())
	}
	out.Err = errors.Join(out.Err, tagRevision(ctx, d.Unit, d.To, provision.TagWithdrawn, now()))
	return out
}

// clear puts a service that never ran back to no tasks: what it would go back to is
// an image that does not exist.
func (d *Deploy) clear(ctx context.Context, end *DeployEnd) error {
	in := &ecs.UpdateServiceInput{Cluster: d.Cluster(), Service: aws.String(d.Name()), DesiredCount: aws.Int32(0)}
	if !end.Running.none() {
		in.TaskDefinition = &d.From.ARN
	}
	out, err := d.API.ECS.UpdateService(ctx, in)
	if err != nil {
		return lang.Errorf("take back the tasks of %s: %w", d.Unit, err)
	}
	d.svc, end.Running, end.Wanted, end.Tasks = out.Service, nil, 0, 0
	return nil
}
