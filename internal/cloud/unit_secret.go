package cloud

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/secrets"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// States of people, beside [StateAbsent] and [StateForeign].
const (
	StateUnset    = "none yet"
	StateSet      = "set"
	StateDeleting = "waits for its deletion"
)

// Asks reports whether the unit's runtime has a secret of that name.
func (u Unit) Asks(secret string) bool {
	return slices.ContainsFunc(rules.RuntimeOf(u.Runtime).Secrets, func(s rules.Secret) bool { return s.Name == secret })
}

// LookAtSecret describes a secret of the unit, or says why it cannot be used: without
// its tags it is not the unit's.
func (u Unit) LookAtSecret(ctx context.Context, name string) (out *secretsmanager.DescribeSecretOutput, state string, err error) {
	full := rules.SecretName(u.Client, u.App, u.Service, u.Env, name)
	out, err = u.API.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &full})
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
	own := Ours(tags, u.Client, u.Region) && tags[provision.TagApp] == u.App && tags[provision.TagService] == u.Service && tags[provision.TagEnv] == string(u.Env)
	switch {
	case !own:
		return nil, StateForeign, nil
	case out.DeletedDate != nil:
		return nil, StateDeleting, nil
	case !secrets.HasValue(out):
		return out, StateUnset, nil
	default:
		return out, StateSet, nil
	}
}

// OwnSecret is a secret that can be used, and whether it has a value.
func (u Unit) OwnSecret(ctx context.Context, name string) (*secretsmanager.DescribeSecretOutput, string, error) {
	full := rules.SecretName(u.Client, u.App, u.Service, u.Env, name)
	out, state, err := u.LookAtSecret(ctx, name)
	switch {
	case err != nil:
		return nil, "", err
	case state == StateAbsent:
		return nil, "", u.Missing("secret (" + full + ")")
	case state == StateForeign:
		return nil, "", u.Foreign(lang.Sprintf("the secret %s", full))
	case state == StateDeleting:
		return nil, "", Guardf("the secret %s waits for its deletion: cicdctl client create %s keeps it", full, u.Client)
	}
	return out, state, nil
}

// Peopled refuses a server of files that nobody could use, and that would not start.
func (u Unit) Peopled(ctx context.Context) error {
	if !u.Asks(rules.PeopleSecret) {
		return nil
	}
	_, state, err := u.OwnSecret(ctx, rules.PeopleSecret)
	if err != nil {
		return err
	}
	if state == StateUnset {
		return Guardf("%s has no users yet, and its server does not start without any: cicdctl app users set %s %s/%s --env %s --file users.json", u, u.Client, u.App, u.Service, u.Env)
	}
	return nil
}
