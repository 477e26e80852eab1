package deploy

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ScaleOptions are those of the scale command.
type ScaleOptions struct {
	session.Place
	session.Consent
	Tasks string
}

// Scale writes into the client's spec how many tasks a service has in an environment, and
// brings the client to what it then says.
func Scale(ctx context.Context, a *session.Session, o ScaleOptions) error {
	env, err := o.Environment()
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(o.Tasks)
	switch {
	case err != nil:
		return session.Usagef("give a number such as 3", "TASKS: %q is not a number", o.Tasks)
	case n < 1 && env == spec.Preview:
		return session.Usagef("cicdctl stop NAME --env preview stops all services of the environment", "TASKS: %d is less than one", n)
	case n < 1 || n > spec.MostTasks:
		return session.Usagef("", "TASKS: %d is not within 1-%d", n, spec.MostTasks)
	}
	t, err := session.FindPlace(a, &o.Place)
	if err != nil {
		return err
	}
	app := slices.IndexFunc(t.Spec.Apps, func(each spec.App) bool { return each.Name == o.App })
	svc := slices.Index(t.Spec.Apps[app].ServiceNames(), o.Service)
	path := fmt.Sprintf("apps[%d].services[%d].tasks.%s", app, svc, env)
	return session.ChangeSpec(ctx, a, o.Name, o.Spec, o.Consent, []spec.Change{{Path: path, Value: n}})
}
