package deploy

import (
	"context"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// PrepareRestart finds out whether a service's tasks can be replaced by others of the
// same revision, which read their secrets anew. It only reads.
func PrepareRestart(ctx context.Context, o *cloud.Operator, s *spec.Spec, app, service string, env spec.Env) (*Deploy, error) {
	u, scope, err := o.Unit(ctx, s, app, service, env)
	if err != nil {
		return nil, err
	}
	d := &Deploy{Unit: u, Again: true, Scope: scope, told: map[string]bool{}}
	return d, d.lookSame(ctx)
}

// lookSame reads the service and what it runs, which is what it is to run.
func (d *Deploy) lookSame(ctx context.Context) (err error) {
	if d.svc, err = d.ECSService(ctx); err != nil {
		return err
	}
	if err := d.readFrom(ctx); err != nil {
		return err
	}
	d.To = d.From
	switch p := primary(d.svc); {
	case d.From.none():
		return cloud.Guardf("nothing was deployed to %s yet: %s", d.Unit, d.Command("", "--image", "TAG"))
	case d.svc.DesiredCount == 0 && d.Stopped:
		return d.Awake()
	case d.svc.DesiredCount == 0:
		return cloud.Guardf("%s is scaled to 0 tasks: there are none to restart", d.Unit)
	case p.RolloutState == ecstypes.DeploymentRolloutStateInProgress:
		// Its tasks may have read their secrets before they were changed.
		return d.beside(p)
	}
	return nil
}
