package sandbox

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

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
