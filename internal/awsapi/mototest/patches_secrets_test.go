package mototest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

func TestNamesOfSecretsThatGoAreTaken(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client, name := secretsmanager.NewFromConfig(config), aws.String("cicdctl/acme/x")
	create := func() error {
		_, err := client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: name})
		return err
	}
	if err := create(); err != nil {
		t.Fatal(err)
	}
	must[*secretsmanager.DeleteSecretOutput](t)(client.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: name}))
	if code := codeOf(create()); code != "InvalidRequestException" {
		t.Errorf("a secret that waits for its deletion: %q", code)
	}
	must[*secretsmanager.DeleteSecretOutput](t)(client.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: name, ForceDeleteWithoutRecovery: aws.Bool(true)}))
	if err := create(); err != nil {
		t.Errorf("once it is gone: %v", err)
	}
}
