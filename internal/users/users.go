// Package users is who may send files to the services that take them.
package users

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// People is the secret that says who may send files to a service in an environment.
// Who they are is known to operators and to the server: it is never read.
type People struct {
	cloud.Unit
	Secret  string     `json:"secret"` // its name
	State   string     `json:"state"`
	Changed *time.Time `json:"changed,omitempty"` // when they were set last
	HostKey string     `json:"host_key,omitempty"`

	arn string
}

// Prepare finds the secret of a service's people. It only reads, and not the value.
func Prepare(ctx context.Context, o *cloud.Operator, s *spec.Spec, app, service string, env spec.Env) (*People, error) {
	u, _, err := o.Unit(ctx, s, app, service, env)
	if err != nil {
		return nil, err
	}
	if !u.Asks(rules.PeopleSecret) {
		return nil, cloud.Guardf("%s/%s is %s: only mysecureshell and proftpd services have users", app, service, u.Runtime)
	}
	return secretOf(ctx, u)
}

func secretOf(ctx context.Context, u cloud.Unit) (*People, error) {
	secret, state, err := u.OwnSecret(ctx, rules.PeopleSecret)
	if err != nil {
		return nil, err
	}
	return &People{Unit: u, Secret: aws.ToString(secret.Name), State: state, arn: aws.ToString(secret.ARN)}, nil
}

// Set makes the value the secret's. Tasks that run have the one before: they
// read it when they start. It reports whether there are such tasks.
func Set(ctx context.Context, p *People, value string) (running bool, err error) {
	if _, err := p.API.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &p.arn, SecretString: &value}); err != nil {
		return false, lang.Errorf("set the users of %s: %w", p.Unit, err)
	}
	p.State = cloud.StateSet
	svc, err := p.ECSService(ctx)
	if cloud.Refused(err) { // without the service there are none
		return false, nil
	}
	return err == nil && svc.DesiredCount > 0, err
}

// All tells of all servers of files of a client, or of one.
func All(ctx context.Context, o *cloud.Operator, s *spec.Spec, app, service string) ([]People, error) {
	var all []People
	for _, a := range s.Apps {
		for _, svc := range a.Services {
			for _, env := range spec.Envs() {
				u, _, err := o.Unit(ctx, s, a.Name, svc.Name, env)
				if err != nil {
					return nil, err
				}
				if u.Asks(rules.PeopleSecret) && (app == "" || a.Name == app && svc.Name == service) {
					all = append(all, People{Unit: u, Secret: rules.SecretName(s.Client, a.Name, svc.Name, env, rules.PeopleSecret)})
				}
			}
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(cloud.DescribesAtOnce)
	for i := range all {
		g.Go(func() error { return all[i].look(ctx) })
	}
	return all, g.Wait()
}

// look fills in what AWS tells.
func (p *People) look(ctx context.Context) error {
	secret, state, err := p.LookAtSecret(ctx, rules.PeopleSecret)
	if err != nil {
		return lang.Errorf("look at the secret %s: %w", p.Secret, err)
	}
	if p.State = state; state == cloud.StateSet {
		p.Changed = cloud.Moment(secret.LastChangedDate)
	}
	if !p.Asks(rules.HostKeySecret) {
		return nil
	}
	key, _, err := p.LookAtSecret(ctx, rules.HostKeySecret)
	if err != nil {
		return lang.Errorf("look at the host key of %s: %w", p.Unit, err)
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
