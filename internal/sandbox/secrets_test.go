package sandbox_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// TestRefusalsOfSecrets walks through the life of a secret and tries, on the way,
// what AWS refuses.
func TestRefusalsOfSecrets(t *testing.T) {
	t.Parallel()
	account, err := sandbox.New(sandbox.Options{Looks: 1, Lag: -1, Used: true})
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	api, ctx := factory.Set("eu-west-3"), t.Context()
	client, name, token := api.Secrets.(*secretsmanager.Client), aws.String("cicdctl/acme/a"), aws.String(strings.Repeat("t", 32))
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := func(code string, err error) {
		t.Helper()
		if awsapi.Code(err) != code {
			t.Errorf("%v, want %s", err, code)
		}
	}
	create := func(change func(*secretsmanager.CreateSecretInput)) error {
		in := &secretsmanager.CreateSecretInput{Name: name, ClientRequestToken: token, SecretString: aws.String("first")}
		change(in)
		_, err := client.CreateSecret(ctx, in)
		return err
	}
	put := func(token, value string) error {
		_, err := client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: name, ClientRequestToken: aws.String(strings.Repeat(token, 32)), SecretString: &value})
		return err
	}
	key, err := api.KMS.CreateKey(ctx, &kms.CreateKeyInput{})
	ok(err)
	refused("ValidationException", create(func(in *secretsmanager.CreateSecretInput) { in.Name = aws.String("a b") }))
	refused("EncryptionFailure", create(func(in *secretsmanager.CreateSecretInput) { in.KmsKeyId = aws.String("alias/none") }))
	refused("InvalidParameterException", create(func(in *secretsmanager.CreateSecretInput) {
		in.Tags = []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("y")}}
	}))
	ok(create(func(in *secretsmanager.CreateSecretInput) { in.KmsKeyId = key.KeyMetadata.Arn }))
	ok(create(func(*secretsmanager.CreateSecretInput) {})) // the same request again
	refused("ResourceExistsException", create(func(in *secretsmanager.CreateSecretInput) {
		in.ClientRequestToken = aws.String(strings.Repeat("u", 32))
	}))

	ok(put("u", "second"))
	ok(put("u", "second"))
	refused("ResourceExistsException", put("u", "third"))
	refused("ValidationException", put("v", strings.Repeat("x", 65537)))
	out, err := client.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: name})
	ok(err)
	if got := out.VersionIdsToStages; len(got) != 2 || got[*token][0] != "AWSPREVIOUS" || got[strings.Repeat("u", 32)][0] != "AWSCURRENT" {
		t.Errorf("versions %v", got)
	}
	_, err = client.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: name, ResourcePolicy: aws.String("{")})
	refused("MalformedPolicyDocumentException", err)
	if raw, err := account.Snapshot(); err != nil || strings.Contains(string(raw), `"second"`) {
		t.Errorf("the account keeps the value: %v", err)
	}

	remove := func(force bool, days *int64) error {
		_, err := client.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: name, ForceDeleteWithoutRecovery: &force, RecoveryWindowInDays: days})
		return err
	}
	refused("InvalidParameterException", remove(false, aws.Int64(3)))
	refused("InvalidParameterException", remove(true, aws.Int64(7)))
	ok(remove(false, aws.Int64(7)))
	refused("InvalidRequestException", remove(false, nil))
	refused("InvalidRequestException", put("w", "fourth"))
	refused("InvalidRequestException", create(func(*secretsmanager.CreateSecretInput) {}))
	_, err = client.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: name})
	ok(err)
	ok(remove(true, nil))
	ok(remove(true, nil)) // what is gone may be gone
	refused("ResourceNotFoundException", put("w", "fourth"))
	refused("InvalidRequestException", create(func(*secretsmanager.CreateSecretInput) {})) // the name is free later
	for range 2 {
		_, err = client.ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
		ok(err)
	}
	ok(create(func(*secretsmanager.CreateSecretInput) {}))
}
