package rules

import (
	"fmt"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// The containers of preview, where anything is tried, reach nothing of prod, and
// those of prod nothing of preview.
func TestContainersReachTheirEnvironmentOnly(t *testing.T) {
	const bucket, other = "arn:aws:s3:::acme-shop-123456789012-eu-west-3-an", "arn:aws:s3:::globex-shop-123456789012-eu-west-3-an"
	listed := func(prefix string) map[string]string { return map[string]string{"s3:prefix": prefix} }
	for _, env := range spec.Envs() {
		elsewhere := spec.Prod
		if env == spec.Prod {
			elsewhere = spec.Preview
		}
		own, foreign := string(env)+"/", string(elsewhere)+"/"
		policy := AppPolicy("acme-shop-123456789012-eu-west-3-an", "arn:aws:kms:eu-west-3:123456789012:key/acme", env, Access{Read: true, Write: true})
		for name, c := range map[string]struct {
			asked
			want bool
		}{
			"read its files":                {asked{"s3:GetObject", bucket + "/" + own + "a", nil}, true},
			"write its files":               {asked{"s3:PutObject", bucket + "/" + own + "a/b", nil}, true},
			"delete its files":              {asked{"s3:DeleteObject", bucket + "/" + own + "a", nil}, true},
			"give up an upload":             {asked{"s3:AbortMultipartUpload", bucket + "/" + own + "a", nil}, true},
			"see what came of an upload":    {asked{"s3:ListMultipartUploadParts", bucket + "/" + own + "a", nil}, true},
			"give up the other's upload":    {asked{"s3:AbortMultipartUpload", bucket + "/" + foreign + "a", nil}, false},
			"list its files":                {asked{"s3:ListBucket", bucket, listed(own)}, true},
			"use the client's key":          {asked{"kms:GenerateDataKey", "arn:aws:kms:eu-west-3:123456789012:key/acme", nil}, true},
			"read the other's files":        {asked{"s3:GetObject", bucket + "/" + foreign + "a", nil}, false},
			"write the other's files":       {asked{"s3:PutObject", bucket + "/" + foreign + "a", nil}, false},
			"delete the other's files":      {asked{"s3:DeleteObject", bucket + "/" + foreign + "a", nil}, false},
			"list the other's files":        {asked{"s3:ListBucket", bucket, listed(foreign)}, false},
			"list all files":                {asked{"s3:ListBucket", bucket, nil}, false},
			"write beside the folders":      {asked{"s3:PutObject", bucket + "/a", nil}, false},
			"write a folder named alike":    {asked{"s3:PutObject", bucket + "/" + string(env) + "-old/a", nil}, false},
			"delete versions":               {asked{"s3:DeleteObjectVersion", bucket + "/" + own + "a", nil}, false},
			"write another client's files":  {asked{"s3:PutObject", other + "/" + own + "a", nil}, false},
			"use another client's key":      {asked{"kms:Decrypt", "arn:aws:kms:eu-west-3:123456789012:key/globex", nil}, false},
			"read the people of a service":  {asked{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-3:123456789012:secret:cicdctl/acme/shop-files-prod/users-a1B2c3", nil}, false},
			"take the role of the other":    {asked{"sts:AssumeRole", "arn:aws:iam::123456789012:role/acme-shop", nil}, false},
			"change the policy of a bucket": {asked{"s3:PutBucketPolicy", bucket, nil}, false},
		} {
			if got := permits(t, policy, c.asked); got != c.want {
				t.Errorf("%s may %s: %v, want %v", env, name, got, c.want)
			}
		}
	}
}

func TestWhoOnlyReadsWritesNothing(t *testing.T) {
	const file = "arn:aws:s3:::b/prod/a"
	reads := AppPolicy("b", "KEY", spec.Prod, Access{Read: true})
	if !permits(t, reads, asked{"s3:GetObject", file, nil}) || permits(t, reads, asked{"s3:PutObject", file, nil}) || permits(t, reads, asked{"s3:AbortMultipartUpload", file, nil}) || permits(t, reads, asked{"kms:GenerateDataKey", "KEY", nil}) {
		t.Errorf("who reads has %s", reads)
	}
	writes := AppPolicy("b", "KEY", spec.Prod, Access{Write: true})
	if permits(t, writes, asked{"s3:GetObject", file, nil}) || permits(t, writes, asked{"s3:ListBucket", "arn:aws:s3:::b", map[string]string{"s3:prefix": "prod/"}}) || !permits(t, writes, asked{"s3:PutObject", file, nil}) {
		t.Errorf("who writes has %s", writes)
	}
	if got := AccessOf(spec.App{Services: []spec.Service{{Runtime: spec.Apache}, {Runtime: spec.ProFTPD}}}); got != (Access{Read: true, Write: true}) {
		t.Errorf("an app of both has %+v", got)
	}
}

// ECS reads an app's secrets to start its containers, and no other's: the app's
// pipeline says which containers that are.
func TestTheExecutionRoleReachesItsAppOnly(t *testing.T) {
	p := Place{"aws", "eu-west-3", "123456789012"}
	policy := ExecutionPolicy(p, "ACME", appOf("shop", "files", "web"), "arn:aws:kms:eu-west-3:123456789012:key/acme")
	type whose struct{ client, app, service string }
	for w, want := range map[whose]bool{
		{"ACME", "shop", "files"}:      true,
		{"ACME", "shop", "web"}:        true,
		{"ACME", "shop", "web-two"}:    false,
		{"ACME", "shop-files", "web"}:  false,
		{"ACME", "blog", "files"}:      false,
		{"ACME-TWO", "shop", "files"}:  false,
		{"ACME-SHOP", "files", "prod"}: false,
		{"ACM", "shop", "files"}:       false,
		{"GLOBEX", "shop", "files"}:    false,
	} {
		for _, env := range spec.Envs() {
			for _, secret := range []string{PeopleSecret, HostKeySecret, "of-its-own"} {
				r := asked{"secretsmanager:GetSecretValue", p.arn("secretsmanager", "secret:"+SecretName(w.client, w.app, w.service, env, secret)+"-a1B2c3"), nil}
				if got := permits(t, policy, r); got != want {
					t.Errorf("%s: %v, want %v", r.resource, got, want)
				}
			}
		}
		for _, r := range []asked{
			{"ecr:BatchGetImage", p.arn("ecr", "repository/"+RepositoryName(w.client, w.app, w.service)), nil},
			{"logs:PutLogEvents", p.arn("logs", "log-group:"+LogGroupName(w.client, w.app, w.service)+":log-stream:prod/web/1"), nil},
		} {
			if got := permits(t, policy, r); got != want {
				t.Errorf("%s on %s: %v, want %v", r.action, r.resource, got, want)
			}
		}
	}
	for _, action := range actionsOf(t, policy) {
		if action != "secretsmanager:GetSecretValue" && permits(t, policy, asked{action, p.arn("secretsmanager", "secret:cicdctl/acme/shop-files-prod/users-a1B2c3"), nil}) && action != "ecr:GetAuthorizationToken" {
			t.Errorf("%s is allowed on a secret", action)
		}
	}
}

// The limit of the pipeline's policy is checked (TestChecks), so that of the execution
// role's never comes first.
func TestTheExecutionPolicyIsTheShorterOne(t *testing.T) {
	p := Place{"aws", "eu-west-3", "123456789012"}
	for _, services := range []int{1, 5, 20} {
		var names []string
		for i := range services {
			names = append(names, fmt.Sprintf("service-%d", i))
		}
		app := appOf("shop", names...)
		for i := range app.Services { // of which the pipeline knows no secret
			app.Services[i].Runtime = spec.Apache
		}
		if run, deploy := len(ExecutionPolicy(p, "ACME", app, "KEY")), len(DeployPolicy(p, "ACME", app)); run >= deploy {
			t.Errorf("%d services: %d characters to run them, %d to deploy", services, run, deploy)
		}
	}
}
