package ops

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/secrets"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// People is the secret that says who may send files to a service in an environment.
// Who they are is known to operators and to the server: it is never read.
type People struct {
	Unit
	Secret  string     `json:"secret"` // its name
	State   string     `json:"state"`
	Changed *time.Time `json:"changed,omitempty"` // when they were set last
	HostKey string     `json:"host_key,omitempty"`

	arn string
}

// States of people, beside [StateAbsent] and [StateForeign].
const (
	PeopleNone    = "none yet"
	PeopleSet     = "set"
	PeopleLeaving = "waits for its deletion"
)

// asks reports whether the unit's runtime has a secret of that name.
func (u Unit) asks(secret string) bool {
	return slices.ContainsFunc(rules.RuntimeOf(u.runtime).Secrets, func(s rules.Secret) bool { return s.Name == secret })
}

// lookAtSecret describes a secret of the unit, or says why it cannot be used: without
// its tags it is not the unit's.
func (u Unit) lookAtSecret(ctx context.Context, name string) (out *secretsmanager.DescribeSecretOutput, state string, err error) {
	full := rules.SecretName(u.Client, u.App, u.Service, u.Env, name)
	out, err = u.api.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &full})
	if awsapi.Is(err, awsapi.NotFound) {
		return nil, StateAbsent, nil
	}
	if err != nil {
		return nil, "", err
	}
	tags := provision.Tags{}
	for _, t := range out.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	own := ours(tags, u.Client, u.Region) && tags[provision.TagApp] == u.App && tags[provision.TagService] == u.Service && tags[provision.TagEnv] == string(u.Env)
	switch {
	case !own:
		return nil, StateForeign, nil
	case out.DeletedDate != nil:
		return nil, PeopleLeaving, nil
	case !secrets.HasValue(out):
		return out, PeopleNone, nil
	default:
		return out, PeopleSet, nil
	}
}

// ownSecret is a secret that can be used, and whether it has a value.
func (u Unit) ownSecret(ctx context.Context, name string) (*secretsmanager.DescribeSecretOutput, string, error) {
	full := rules.SecretName(u.Client, u.App, u.Service, u.Env, name)
	out, state, err := u.lookAtSecret(ctx, name)
	switch {
	case err != nil:
		return nil, "", err
	case state == StateAbsent:
		return nil, "", u.missing("secret (" + full + ")")
	case state == StateForeign:
		return nil, "", u.foreign("the secret " + full)
	case state == PeopleLeaving:
		return nil, "", &GuardError{fmt.Sprintf("the secret %s waits for its deletion: cicdctl client create %s keeps it", full, u.Client)}
	}
	return out, state, nil
}

// peopled refuses a server of files that nobody could use, and that would not start.
func (u Unit) peopled(ctx context.Context) error {
	if !u.asks(rules.PeopleSecret) {
		return nil
	}
	_, state, err := u.ownSecret(ctx, rules.PeopleSecret)
	if err != nil {
		return err
	}
	if state == PeopleNone {
		return &GuardError{fmt.Sprintf("nobody may send files to %s yet, and its server does not start without people: cicdctl app users set %s %s/%s --env %s --file users.json", u, u.Client, u.App, u.Service, u.Env)}
	}
	return nil
}

// PreparePeople finds the secret of a service's people. It only reads, and not the value.
func (o *Operator) PreparePeople(ctx context.Context, s *spec.Spec, app, service string, env spec.Env) (*People, error) {
	u, _, err := o.unit(ctx, s, app, service, env)
	if err != nil {
		return nil, err
	}
	if !u.asks(rules.PeopleSecret) {
		return nil, &GuardError{fmt.Sprintf("%s/%s is %s: only services of mysecureshell and proftpd have people", app, service, u.runtime)}
	}
	return u.people(ctx)
}

func (u Unit) people(ctx context.Context) (*People, error) {
	secret, state, err := u.ownSecret(ctx, rules.PeopleSecret)
	if err != nil {
		return nil, err
	}
	return &People{Unit: u, Secret: aws.ToString(secret.Name), State: state, arn: aws.ToString(secret.ARN)}, nil
}

// SetPeople makes the value the secret's. Tasks that run have the one before: they
// read it when they start. It reports whether there are such tasks.
func (o *Operator) SetPeople(ctx context.Context, p *People, value string) (running bool, err error) {
	if _, err := p.api.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &p.arn, SecretString: &value}); err != nil {
		return false, fmt.Errorf("set the people of %s: %w", p.Unit, err)
	}
	p.State = PeopleSet
	svc, err := p.service(ctx)
	if Refused(err) { // without the service there are none
		return false, nil
	}
	return err == nil && svc.DesiredCount > 0, err
}

// AllPeople tells of all servers of files of a client, or of one.
func (o *Operator) AllPeople(ctx context.Context, s *spec.Spec, app, service string) ([]People, error) {
	var all []People
	for _, a := range s.Apps {
		for _, svc := range a.Services {
			for _, env := range spec.Envs() {
				u, _, err := o.unit(ctx, s, a.Name, svc.Name, env)
				if err != nil {
					return nil, err
				}
				if u.asks(rules.PeopleSecret) && (app == "" || a.Name == app && svc.Name == service) {
					all = append(all, People{Unit: u, Secret: rules.SecretName(s.Client, a.Name, svc.Name, env, rules.PeopleSecret)})
				}
			}
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(describesAtOnce)
	for i := range all {
		g.Go(func() error { return all[i].look(ctx) })
	}
	return all, g.Wait()
}

// look fills in what AWS tells.
func (p *People) look(ctx context.Context) error {
	secret, state, err := p.lookAtSecret(ctx, rules.PeopleSecret)
	if err != nil {
		return fmt.Errorf("look at the secret %s: %w", p.Secret, err)
	}
	if p.State = state; state == PeopleSet {
		p.Changed = moment(secret.LastChangedDate)
	}
	if !p.asks(rules.HostKeySecret) {
		return nil
	}
	key, _, err := p.lookAtSecret(ctx, rules.HostKeySecret)
	if err != nil {
		return fmt.Errorf("look at the host key of %s: %w", p.Unit, err)
	}
	if key == nil {
		return nil
	}
	for _, t := range key.Tags {
		if aws.ToString(t.Key) == provision.TagFingerprint {
			p.HostKey = aws.ToString(t.Value)
		}
	}
	return nil
}
