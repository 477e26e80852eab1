package client

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// StopOptions are those of the stop and the start command.
type StopOptions struct {
	Name, Env, Spec, Region string
	Database                bool // instead of an environment
	session.Consent
}

// Stop writes into a client's spec that an environment is stopped, and stops its tasks; or
// it stops the database.
func Stop(ctx context.Context, a *session.Session, o StopOptions) error {
	if o.Database && o.Env == "" {
		return stopDatabase(ctx, a, o)
	}
	return o.set(ctx, a, true)
}

// Start is the way back.
func Start(ctx context.Context, a *session.Session, o StopOptions) error {
	if o.Database && o.Env == "" {
		return startDatabase(ctx, a, o)
	}
	return o.set(ctx, a, false)
}

func (o StopOptions) set(ctx context.Context, a *session.Session, stopped bool) error {
	if o.Database {
		return session.Usagef("run the command once for each", "--env and --database are two things")
	}
	switch spec.Env(o.Env) {
	case spec.Preview:
	case spec.Prod:
		return session.Usagef("to have fewer tasks of a service: cicdctl scale", "--env prod: only preview can be stopped as a whole")
	case "":
		return session.Usagef("give --env preview, or --database", "--env is missing")
	default:
		return session.Usagef("give --env preview", "--env %q is no environment", o.Env)
	}
	return session.ChangeSpec(ctx, a, o.Name, o.Spec, o.Consent, []spec.Change{{Path: "stopped.preview", Value: stopped}})
}
