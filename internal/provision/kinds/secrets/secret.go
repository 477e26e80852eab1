// Package secrets holds the kind of Secrets Manager's secrets.
package secrets

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrettypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// secret is all that Secrets Manager tells of a secret without its value.
type secret struct {
	arn, name string
	tags      provision.Tags
	key       string
	policy    string
	valued    bool // it has a value
	deleted   bool // it waits for its deletion
}

// wantSecret is a secret of a workload.
type wantSecret struct {
	kit.Workload
	rules.Secret
}

func (d wantSecret) name() string {
	return rules.SecretName(d.Client, d.App.Name, d.Svc.Name, d.Env, d.Name)
}

// SecretRole is the role of a secret of a workload: "shop-files-prod-users".
func SecretRole(d kit.Workload, s rules.Secret) provision.Role { return d.Service() + "-" + s.Name }

// SecretKind is what servers of files must not have in their images: who may send
// files, which is an operator's to say, and the host key, which is made here once and
// goes nowhere but into Secrets Manager. Values are never read: they are data.
func SecretKind() *provision.Type {
	return provision.Define(provision.Kind[wantSecret, *secret]{
		Name:      "secretsmanager/secret",
		ARN:       "secretsmanager:secret:",
		Unlisted:  func(name string) bool { return !strings.HasPrefix(name, rules.AllSecrets) },
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[wantSecret, *secret]{Items: billSecret},
		Impact:    provision.Impact[*secret]{Losses: secretLosses},
		DependsOn: provision.Ready("kms/key"),
		Data: provision.Data[*secret]{
			Policy: provision.Retain,
			Empty:  func(s *secret) bool { return !s.valued },
			Needs:  func(s *secret) []string { return []string{s.key} },
		},
		Timing: provision.Timing{
			// Lists may be five minutes behind (ListSecrets), and a name is free some time
			// after its secret was deleted for good.
			Timeout:     10 * time.Minute,
			AsyncDelete: true,
		},
		Want:     wantSecrets,
		List:     listSecrets,
		Describe: func(ctx context.Context, w *provision.Sweep, s *secret) error { return s.read(ctx, w) },
		ID:       func(s *secret) string { return s.arn },
		Tags:     func(s *secret) provision.Tags { return s.tags },
		// Waiting for its deletion is somebody else's doing, and to be undone.
		Naming: provision.Naming[wantSecret, *secret]{
			Key:       func(s *secret) string { return s.name },
			KeyOf:     kit.Name(wantSecret.name),
			ExtraTags: func(s *provision.Scope, d wantSecret) provision.Tags { return kit.WorkloadTags(s, d.Workload) },
		},
		Create: createSecret,
		Delete: kit.Delete(ofSecrets, awsapi.Secrets.DeleteSecret, func(have *secret, in *secretsmanager.DeleteSecretInput) {
			in.SecretId, in.ForceDeleteWithoutRecovery = &have.arn, aws.Bool(true)
		}),
		Retag: kit.Retag(ofSecrets, awsapi.Secrets.TagResource, func(have *secret, tags provision.Tags, in *secretsmanager.TagResourceInput) {
			in.SecretId, in.Tags = &have.arn, secretTags.To(tags)
		}),
		Untag: kit.Untag(ofSecrets, awsapi.Secrets.UntagResource, func(have *secret, keys []string, in *secretsmanager.UntagResourceInput) {
			in.SecretId, in.TagKeys = &have.arn, keys
		}),
		Facts:  secretFacts,
		Fields: secretFields(),
	})
}

func secretFacts(s *secret) []provision.Fact {
	value := "none yet"
	if s.valued {
		value = "set"
	}
	return []provision.Fact{{Name: "value", Value: value}, {Name: "name", Value: s.name}, {Name: "fingerprint", Value: s.tags[provision.TagFingerprint]}}
}

// secretStays is the text of a secret that does not wait for its deletion.
const secretStays = "not scheduled"

func secretFields() []provision.Field[wantSecret, *secret] {
	return []provision.Field[wantSecret, *secret]{
		// First: a secret that waits for it refuses the rest.
		kit.Settable("deletion", kit.Const[wantSecret](secretStays), func(s *secret) string {
			if s.deleted {
				return "waits for its deletion"
			}
			return secretStays
		}, kit.Set(ofSecrets, awsapi.Secrets.RestoreSecret, func(_ *provision.Step, _ wantSecret, have *secret, in *secretsmanager.RestoreSecretInput) {
			in.SecretId = &have.arn
		})),
		// Secrets Manager encrypts the values anew.
		kit.Settable("encryption key", kit.IDOf[wantSecret]("kms/key", "client"), func(s *secret) string { return s.key },
			kit.Set(ofSecrets, awsapi.Secrets.UpdateSecret, func(s *provision.Step, _ wantSecret, have *secret, in *secretsmanager.UpdateSecretInput) {
				in.SecretId, in.KmsKeyId = &have.arn, aws.String(s.ID("kms/key", "client"))
			})),
		// One would let somebody in whom no role of the client's lets in.
		kit.Settable("resource policy", kit.Const[wantSecret](""), func(s *secret) string { return s.policy },
			kit.Set(ofSecrets, awsapi.Secrets.DeleteResourcePolicy, func(_ *provision.Step, _ wantSecret, have *secret, in *secretsmanager.DeleteResourcePolicyInput) {
				in.SecretId = &have.arn
			})),
	}
}

func wantSecrets(s *provision.Scope) map[provision.Role]wantSecret {
	out := map[provision.Role]wantSecret{}
	for _, d := range kit.Workloads(s) {
		for _, each := range rules.RuntimeOf(d.Svc.Runtime).Secrets {
			out[SecretRole(d, each)] = wantSecret{d, each}
		}
	}
	return out
}

func createSecret(ctx context.Context, s *provision.Step, d wantSecret) (*secret, error) {
	name, key, tags := d.name(), s.ID("kms/key", "client"), s.Tags
	in := &secretsmanager.CreateSecretInput{Name: &name, KmsKeyId: &key, Description: aws.String(d.description())}
	if d.Generated {
		private, fingerprint, err := rules.NewHostKey()
		if err != nil {
			return nil, err
		}
		in.SecretString = &private
		tags = maps.Clone(s.Tags)
		tags[provision.TagFingerprint] = fingerprint
	}
	in.Tags = secretTags.To(tags)
	return kit.Get(ctx, s.API.Secrets.CreateSecret, in, func(o *secretsmanager.CreateSecretOutput) *secret {
		return &secret{arn: aws.ToString(o.ARN), name: name, tags: tags, key: key, valued: d.Generated}
	})
}

// description tells who comes upon the secret what it is.
func (d wantSecret) description() string {
	if d.Generated {
		return rules.Both("cicdctl: host key of %s/%s in %s", d.App.Name, d.Svc.Name, d.Env).String()
	}
	return rules.Both("cicdctl: people who send files to %s/%s in %s", d.App.Name, d.Svc.Name, d.Env).String()
}

// namesAtOnce is how many names one filter takes.
const namesAtOnce = 10

// listSecrets lists what can be a client's by its name. Those about to be deleted are
// among them.
func listSecrets(ctx context.Context, w *provision.Sweep) ([]*secret, error) {
	prefixes := []string{rules.AllSecrets}
	if n := len(w.Clients); n > 0 && n <= namesAtOnce {
		prefixes = kit.Texts(w.Clients, rules.SecretPrefix)
	}
	p := secretsmanager.NewListSecretsPaginator(w.Secrets, &secretsmanager.ListSecretsInput{
		IncludePlannedDeletion: aws.Bool(true), MaxResults: aws.Int32(100),
		Filters: []secrettypes.Filter{{Key: secrettypes.FilterNameStringTypeName, Values: prefixes}},
	})
	all, err := kit.All(ctx, p, func(o *secretsmanager.ListSecretsOutput) []secrettypes.SecretListEntry { return o.SecretList })
	return kit.Map(all, err, func(e secrettypes.SecretListEntry) *secret {
		return &secret{arn: aws.ToString(e.ARN), name: aws.ToString(e.Name), tags: secretTags.Of(e.Tags)}
	})
}

// read asks for what lists leave out or tell late.
func (s *secret) read(ctx context.Context, w *provision.Sweep) error {
	out, err := w.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &s.arn})
	if err != nil {
		return err
	}
	s.tags, s.key, s.deleted = secretTags.Of(out.Tags), aws.ToString(out.KmsKeyId), out.DeletedDate != nil
	s.valued = HasValue(out)
	if w.Removing || w.Looking {
		return nil
	}
	policy, err := w.Secrets.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: &s.arn})
	if err == nil {
		s.policy = kit.CanonicalOr(aws.ToString(policy.ResourcePolicy))
	}
	return awsapi.IgnoreNotFound(err)
}

// HasValue reports whether a secret has a value that containers can get.
func HasValue(s *secretsmanager.DescribeSecretOutput) bool {
	for _, stages := range s.VersionIdsToStages {
		if slices.Contains(stages, "AWSCURRENT") {
			return true
		}
	}
	return false
}

// secretTags are tags as Secrets Manager has them.
var secretTags = kit.TagCodec[secrettypes.Tag](func(t *secrettypes.Tag) (key, value **string) { return &t.Key, &t.Value })

func ofSecrets(s *provision.Step) awsapi.Secrets { return s.API.Secrets }

// secretLosses: nobody can read a value to keep it.
func secretLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, have *secret) ([]provision.Loss, error) {
	switch {
	case !have.valued:
		return nil, nil
	case have.tags[provision.TagFingerprint] != "":
		return []provision.Loss{provision.Lost("the host key that users know, %s", have.tags[provision.TagFingerprint])}, nil
	default:
		return []provision.Loss{provision.Lost("the users who send files, in %s", have.name)}, nil
	}
}
