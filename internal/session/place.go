package session

import (
	"context"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Place is the service that a command is about.
type Place struct {
	Name, Unit, Env, Region, Spec string

	App, Service string // of the unit, once it was found in the spec
}

// FindPlace finds the service in the client's spec.
func FindPlace(a *Session, p *Place) (*Target, error) {
	t, err := Wanted(a, p.Name, p.Region, p.Spec)
	if err != nil {
		return nil, err
	}
	var units []string
	for _, each := range t.Spec.Apps {
		for _, svc := range each.Services {
			unit := each.Name + "/" + svc.Name
			if unit == p.Unit {
				p.App, p.Service = each.Name, svc.Name
			}
			units = append(units, unit)
		}
	}
	if p.App == "" {
		return nil, Usagef(lang.Sprintf("its spec has %s", strings.Join(units, ", ")), "APP/SERVICE: %q is no service of %s", p.Unit, p.Name)
	}
	return t, nil
}

// Runtime is that of the service, once it was found.
func (p *Place) Runtime(s *spec.Spec) spec.Runtime {
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			if app.Name == p.App && svc.Name == p.Service {
				return svc.Runtime
			}
		}
	}
	return ""
}

// Environment is the one that is asked for.
func (p *Place) Environment() (spec.Env, error) {
	switch env := spec.Env(p.Env); env {
	case spec.Preview, spec.Prod:
		return env, nil
	case "":
		return "", Usagef("give --env preview or --env prod", "--env is missing")
	default:
		return "", Usagef("give --env preview or --env prod", "--env %q is no environment", p.Env)
	}
}

// OpenPlace finds the service that is meant, and opens its account.
func OpenPlace(ctx context.Context, a *Session, p *Place) (*cloud.Operator, *Target, error) {
	t, err := FindPlace(a, p)
	if err != nil {
		return nil, nil, err
	}
	op, err := a.Open(ctx)
	return op, t, err
}

// OpenPlaces is OpenPlace, for all services of the client where none is named.
func OpenPlaces(ctx context.Context, a *Session, p *Place) (*cloud.Operator, *Target, error) {
	if p.Unit != "" {
		return OpenPlace(ctx, a, p)
	}
	t, err := Wanted(a, p.Name, p.Region, p.Spec)
	if err != nil {
		return nil, nil, err
	}
	op, err := a.Open(ctx)
	return op, t, err
}
