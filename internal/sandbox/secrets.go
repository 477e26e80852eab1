package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// secretsState is Secrets Manager in one region, in the order of creation.
type secretsState struct{ Secrets table[secret] }

// secret is one secret. Of its values only the sums are kept: nobody can read them
// here, and the account's file holds none.
type secret struct {
	Name, ARN        string // the ARN ends with six characters of its own
	Description      string
	Key              string `json:"KmsKeyId"`
	Tags             []types.Tag
	Policy           string
	Versions         []secretVersion // the newest last
	Created, Changed time.Time
	Deleted          *time.Time // since when it waits for its deletion
	Forced           bool       // it does not wait for long
	meta                        // lists leave out what is new, and still have what is deleted for good
}

// secretVersion is a value of a secret. The token of the request is its name.
type secretVersion struct {
	Token, Sum string
	Stages     []string
}

const stageCurrent, stagePrevious = "AWSCURRENT", "AWSPREVIOUS"

var secretName = lazyregexp.New(`^[A-Za-z0-9/_+=.@-]{1,512}$`)

func (t *tx) secrets() *secretsState { return in(&t.Secrets, t.region) }

// secret finds one by name or ARN.
func (t *tx) secret(id *string) (*secret, error) {
	r := t.secrets().Secrets.first(func(s *secret) bool { return (s.Name == aws.ToString(id) || s.ARN == aws.ToString(id)) && !s.Forced })
	return found(r, apiError, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

// liveSecret is one that does not wait for its deletion.
func (t *tx) liveSecret(id *string) (*secret, error) {
	s, err := t.secret(id)
	if err == nil && s.Deleted != nil {
		err = apiError("InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.")
	}
	return s, err
}

// current is the value that counts, or nil.
func (s *secret) current() *secretVersion {
	for i := range s.Versions {
		if slices.Contains(s.Versions[i].Stages, stageCurrent) {
			return &s.Versions[i]
		}
	}
	return nil
}

func registerSecrets(a *Account) {
	registerSecretLooks(a)
	registerSecretRemoval(a)
	op(a, secretsmanager.ServiceID, func(t *tx, in *secretsmanager.CreateSecretInput) (*secretsmanager.CreateSecretOutput, error) {
		name := aws.ToString(in.Name)
		if !secretName.MatchString(name) {
			return nil, apiError("ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
		}
		if err := cmp.Or(secretTags.check(in.Tags), t.mayEncrypt(aws.ToString(in.KmsKeyId))); err != nil {
			return nil, err
		}
		state := t.secrets()
		if i := slices.IndexFunc(state.Secrets, func(s *secret) bool { return s.Name == name }); i >= 0 {
			old := state.Secrets[i]
			again := slices.IndexFunc(old.Versions, func(v secretVersion) bool { return v.Token == aws.ToString(in.ClientRequestToken) })
			switch {
			case old.Deleted != nil:
				return nil, apiError("InvalidRequestException", "You can't create this secret because a secret with this name is already scheduled for deletion.")
			case again >= 0 && in.SecretString != nil && old.Versions[again].Sum == sumOf(*in.SecretString):
				return &secretsmanager.CreateSecretOutput{ARN: &old.ARN, Name: &old.Name, VersionId: in.ClientRequestToken}, nil
			}
			return nil, apiError("ResourceExistsException", "The operation failed because the secret %s already exists.", name)
		}
		id := t.newID("secret")
		s := &secret{Name: name, ARN: t.arn("secretsmanager", "secret:"+name+"-"+id[len(id)-6:]), Key: aws.ToString(in.KmsKeyId), Description: aws.ToString(in.Description), Tags: in.Tags, Created: t.now, Changed: t.now, meta: t.lagging(nil)}
		if in.SecretString != nil {
			if err := s.put(aws.ToString(in.ClientRequestToken), *in.SecretString); err != nil {
				return nil, err
			}
		}
		state.Secrets.add(s)
		return &secretsmanager.CreateSecretOutput{ARN: &s.ARN, Name: &s.Name}, nil
	})
	opOn(on(a, secretsmanager.ServiceID, (*tx).liveSecret), func(in *secretsmanager.PutSecretValueInput) *string { return in.SecretId }, func(t *tx, s *secret, in *secretsmanager.PutSecretValueInput) (*secretsmanager.PutSecretValueOutput, error) {
		if in.SecretString == nil {
			return nil, apiError("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
		}
		if err := t.mayEncrypt(s.Key); err != nil {
			return nil, err
		}
		if err := s.put(aws.ToString(in.ClientRequestToken), *in.SecretString); err != nil {
			return nil, err
		}
		s.Changed = t.now
		return &secretsmanager.PutSecretValueOutput{ARN: &s.ARN, Name: &s.Name, VersionId: in.ClientRequestToken, VersionStages: []string{stageCurrent}}, nil
	})
	opOn(on(a, secretsmanager.ServiceID, (*tx).liveSecret), func(in *secretsmanager.UpdateSecretInput) *string { return in.SecretId }, func(t *tx, s *secret, in *secretsmanager.UpdateSecretInput) (*secretsmanager.UpdateSecretOutput, error) {
		if err := t.mayEncrypt(aws.ToString(in.KmsKeyId)); err != nil {
			return nil, err
		}
		setTo(&s.Key, in.KmsKeyId)
		setTo(&s.Description, in.Description)
		return &secretsmanager.UpdateSecretOutput{ARN: &s.ARN, Name: &s.Name}, nil
	})
	tags := tagsOn(on(a, secretsmanager.ServiceID, (*tx).secret), secretTags, func(s *secret) *[]types.Tag { return &s.Tags })
	opTag[secretsmanager.TagResourceOutput](tags, func(in *secretsmanager.TagResourceInput) (*string, []types.Tag) { return in.SecretId, in.Tags })
	opUntag[secretsmanager.UntagResourceOutput](tags, func(in *secretsmanager.UntagResourceInput) (*string, []string) { return in.SecretId, in.TagKeys })
	tagged(a, secretsmanager.ServiceID, secretTags, func(t *tx) []*secret { return t.secrets().Secrets }, func(_ *tx, s *secret) (string, []types.Tag) {
		if s.Deleted != nil {
			return "", nil
		}
		return s.ARN, s.Tags
	})
}

// put makes a value the current one. The same request again changes nothing.
func (s *secret) put(token, value string) error {
	if value == "" || len(value) > 65536 {
		return apiError("ValidationException", "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length between 1 and 65536")
	}
	if len(token) < 32 || len(token) > 64 {
		return apiError("InvalidParameterException", "ClientRequestToken must be 32-64 characters long.")
	}
	for _, v := range s.Versions {
		switch {
		case v.Token == token && v.Sum == sumOf(value):
			return nil
		case v.Token == token:
			return apiError("ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.", token, s.Name)
		}
	}
	s.Versions = slices.DeleteFunc(s.Versions, func(v secretVersion) bool { return slices.Contains(v.Stages, stagePrevious) })
	if old := s.current(); old != nil {
		old.Stages = []string{stagePrevious}
	}
	s.Versions = append(s.Versions, secretVersion{Token: token, Sum: sumOf(value), Stages: []string{stageCurrent}})
	return nil
}

func sumOf(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}

// mayEncrypt says why Secrets Manager cannot use a key.
func (t *tx) mayEncrypt(key string) error {
	if key == "" { // one of AWS's own
		return nil
	}
	if _, err := t.usableKey(key); err != nil {
		return apiError("EncryptionFailure", "Secrets Manager can't encrypt the protected secret text using the provided KMS key: %v", err)
	}
	return nil
}

var secretTags = tagList[types.Tag]{
	parts: func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: refuses(anyTagFault, func(key string) error {
		return apiError("InvalidParameterException", "Invalid or duplicate tag key '%s'", key)
	}),
}

// secretFor says why ECS cannot give a container its secret, in the agent's words.
func (t *tx) secretFor(arn string) error {
	s, err := t.liveSecret(&arn)
	if err == nil && s.current() == nil {
		err = apiError("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT")
	}
	if err == nil && s.Key != "" {
		_, err = t.usableKey(s.Key)
	}
	if err != nil {
		return fmt.Errorf("ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: %w", err)
	}
	return nil
}

// registerSecretLooks are the operations that tell of secrets. None tells a value.
func registerSecretLooks(a *Account) {
	all := on(a, secretsmanager.ServiceID, (*tx).secret)
	op(a, secretsmanager.ServiceID, func(t *tx, in *secretsmanager.ListSecretsInput) (*secretsmanager.ListSecretsOutput, error) {
		names, err := secretNames(in.Filters)
		if err != nil {
			return nil, err
		}
		state := t.secrets()
		if !t.more {
			state.Secrets.dropAll(func(s *secret) bool { return s.Forced && s.gone() })
		}
		var all []types.SecretListEntry
		for _, s := range state.Secrets {
			named := len(names) == 0 || slices.ContainsFunc(names, func(prefix string) bool { return strings.HasPrefix(s.Name, prefix) })
			if named && s.Lag == 0 && (s.Deleted == nil || aws.ToBool(in.IncludePlannedDeletion)) {
				all = append(all, t.secretEntry(s))
			}
		}
		part, next, err := page(t, all, in.NextToken)
		if err == nil && next == nil {
			for _, s := range state.Secrets {
				s.Lag = max(s.Lag-1, 0)
			}
		}
		return &secretsmanager.ListSecretsOutput{SecretList: part, NextToken: next}, err
	})
	opOn(all, func(in *secretsmanager.DescribeSecretInput) *string { return in.SecretId }, func(t *tx, s *secret, _ *secretsmanager.DescribeSecretInput) (*secretsmanager.DescribeSecretOutput, error) {
		e := t.secretEntry(s)
		return &secretsmanager.DescribeSecretOutput{
			ARN: e.ARN, Name: e.Name, Description: e.Description, KmsKeyId: e.KmsKeyId, Tags: e.Tags, CreatedDate: e.CreatedDate,
			LastChangedDate: e.LastChangedDate, DeletedDate: e.DeletedDate, VersionIdsToStages: e.SecretVersionsToStages,
		}, nil
	})
	opOn(all, func(in *secretsmanager.GetResourcePolicyInput) *string { return in.SecretId }, func(_ *tx, s *secret, _ *secretsmanager.GetResourcePolicyInput) (*secretsmanager.GetResourcePolicyOutput, error) {
		out := &secretsmanager.GetResourcePolicyOutput{ARN: &s.ARN, Name: &s.Name}
		if s.Policy != "" {
			out.ResourcePolicy = &s.Policy
		}
		return out, nil
	})
}

// secretNames are the prefixes that filters ask for.
func secretNames(filters []types.Filter) ([]string, error) {
	var names []string
	for _, f := range filters {
		if f.Key != types.FilterNameStringTypeName || len(f.Values) == 0 || len(f.Values) > 10 {
			return nil, apiError("ValidationException", "the sandbox filters secrets by 1 to 10 names only")
		}
		names = append(names, f.Values...)
	}
	return names, nil
}

func (t *tx) secretEntry(s *secret) types.SecretListEntry {
	e := types.SecretListEntry{
		ARN: &s.ARN, Name: &s.Name, Tags: s.Tags, CreatedDate: &s.Created, LastChangedDate: &s.Changed, DeletedDate: s.Deleted,
	}
	if s.Description != "" {
		e.Description = &s.Description
	}
	if s.Key != "" {
		e.KmsKeyId = &s.Key
	}
	for _, v := range s.Versions {
		if e.SecretVersionsToStages == nil {
			e.SecretVersionsToStages = map[string][]string{}
		}
		e.SecretVersionsToStages[v.Token] = v.Stages
	}
	return e
}

// registerSecretRemoval are the operations that take secrets and their policies away,
// and give them back.
func registerSecretRemoval(a *Account) {
	liveSecrets := on(a, secretsmanager.ServiceID, (*tx).liveSecret)
	op(a, secretsmanager.ServiceID, func(t *tx, in *secretsmanager.DeleteSecretInput) (*secretsmanager.DeleteSecretOutput, error) {
		days := int64(30)
		setTo(&days, in.RecoveryWindowInDays)
		force := aws.ToBool(in.ForceDeleteWithoutRecovery)
		if force && in.RecoveryWindowInDays != nil || days < 7 || days > 30 {
			return nil, apiError("InvalidParameterException", "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive), and not beside ForceDeleteWithoutRecovery.")
		}
		s, err := t.secret(in.SecretId)
		switch {
		case err != nil && force:
			return &secretsmanager.DeleteSecretOutput{Name: in.SecretId, DeletionDate: aws.Time(t.now)}, nil
		case err != nil:
			return nil, err
		case s.Deleted != nil && !force:
			return nil, apiError("InvalidRequestException", "You tried to perform the operation on a secret that's currently marked deleted.")
		}
		s.Deleted, s.Forced, s.Looks = aws.Time(t.now), force, t.opts.Looks
		at := t.now.AddDate(0, 0, int(days))
		return &secretsmanager.DeleteSecretOutput{ARN: &s.ARN, Name: &s.Name, DeletionDate: &at}, nil
	})
	opOn(on(a, secretsmanager.ServiceID, (*tx).secret), func(in *secretsmanager.RestoreSecretInput) *string { return in.SecretId }, func(_ *tx, s *secret, _ *secretsmanager.RestoreSecretInput) (*secretsmanager.RestoreSecretOutput, error) {
		s.Deleted = nil
		return &secretsmanager.RestoreSecretOutput{ARN: &s.ARN, Name: &s.Name}, nil
	})
	opOn(liveSecrets, func(in *secretsmanager.PutResourcePolicyInput) *string { return in.SecretId }, func(_ *tx, s *secret, in *secretsmanager.PutResourcePolicyInput) (*secretsmanager.PutResourcePolicyOutput, error) {
		if !isPolicy(aws.ToString(in.ResourcePolicy)) {
			return nil, apiError("MalformedPolicyDocumentException", "This resource policy contains invalid Json.")
		}
		s.Policy = *in.ResourcePolicy
		return &secretsmanager.PutResourcePolicyOutput{ARN: &s.ARN, Name: &s.Name}, nil
	})
	opOn(liveSecrets, func(in *secretsmanager.DeleteResourcePolicyInput) *string { return in.SecretId }, func(_ *tx, s *secret, _ *secretsmanager.DeleteResourcePolicyInput) (*secretsmanager.DeleteResourcePolicyOutput, error) {
		s.Policy = ""
		return &secretsmanager.DeleteResourcePolicyOutput{ARN: &s.ARN, Name: &s.Name}, nil
	})
}
