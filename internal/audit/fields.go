package audit

import (
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

func is(want string) func(string) bool { return func(have string) bool { return have == want } }

// has reports whether every one of the lines or pieces is in the text.
func has(pieces ...string) func(string) bool {
	return func(have string) bool {
		return !slices.ContainsFunc(pieces, func(p string) bool { return !strings.Contains(have, p) })
	}
}

const (
	blocked   = "public ACLs and policies blocked, existing ones ignored"
	tlsPolicy = `{"Statement":[{"Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny","Principal":"*","Resource":"*","Sid":"TLSOnly"}]}`
)

// fieldRules judge one attribute each. Every attribute of every kind has at most
// one, so that one defect is one finding.
func fieldRules() []judge.Rule {
	var out []judge.Rule
	for _, table := range [][]field{keyFields, storageFields, networkFields, accessFields, secretFields, databaseFields, backupFields, platformFields, watchFields, vpnFields, peopleFields} {
		for _, f := range table {
			out = append(out, f.rule())
		}
	}
	return out
}

const high, medium, low = rules.High, rules.Medium, rules.Low

// keyFields are about KMS keys and the client's RSA key.
var keyFields = []field{
	{
		id: "KMS.3", severity: high, kind: "kms/key", name: "enabled", title: "KMS keys are enabled and not waiting for their deletion",
		why:   "KMS.3: what is encrypted with a deleted key is lost for good",
		holds: is("on"), should: "on", pass: "on", fail: "waits for its deletion",
	},
	{
		id: "KMS.5", severity: high, kind: "kms/key", name: "policy", title: "Key policies let in only whom they name",
		why:  "KMS.5: a key's policy decides who can read what it encrypts",
		pass: `{"Statement":[{"Effect":"Allow"}]}`, fail: `{"Statement":[{"Effect":"Allow","Principal":"*"}]}`, breaks: public, should: "only principals that the policy names",
	},
	{
		id: "CICD-KEY-6", severity: high, kind: "kms/key", name: "policy", title: "Key policies are cicdctl's", unless: public,
		why: "a key's policy decides who can read what it encrypts", pass: `{"Statement":[{"Effect":"Allow"}]}`, fail: `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"}}]}`,
	},
	{
		id: "KMS.4", severity: medium, kind: "kms/key", name: "rotation", title: "Key material is renewed every year",
		why:   "KMS.4, CIS 3.6: rotation of customer-managed keys",
		holds: has("every "), should: "every 365 days", pass: "every 365 days", fail: "off",
	},
	{
		id: "CICD-KEY-1", severity: low, kind: "kms/key", name: "alias", title: "A key bears its own alias and no other",
		why: "keys are found by their alias", pass: "alias/cicdctl/client/acme", fail: "",
	},
	{
		id: "CICD-KEY-2", severity: high, kind: "s3/escrow", name: "private key", title: "The client's RSA key is kept where the admins can read it",
		why:   "document, Clés RSA: une clé par client stockée sur un bucket protégé S3 réservé aux admins",
		holds: is("readable"), should: "readable", pass: "readable", fail: "cannot be decrypted",
	},
	{
		id: "CICD-KEY-3", severity: high, kind: "s3/escrow", name: "encryption", title: "The client's RSA key is encrypted with the admins' key",
		why: "document, Clés RSA: un bucket protégé S3 réservé aux admins", pass: "aws:kms arn:admin", fail: "AES256",
	},
	{
		id: "CICD-KEY-4", severity: medium, kind: "s3/escrow", name: "public key", title: "The public key is recorded beside the private one",
		why: "without it nobody can tell whether a key pair fits", pass: "recorded beside the private key", fail: "missing",
	},
	{
		id: "CICD-KEY-5", severity: high, kind: "ec2/key-pair", name: "public key", title: "The key pair of the hosts is the escrowed one",
		why: "document, Clés RSA: who has another private key could get onto the hosts", pass: "ssh-rsa AAAA", fail: "ssh-rsa BBBB",
	},
}

// storageFields are about buckets, images and logs.
var storageFields = []field{
	{
		id: "S3.8", severity: high, kind: "s3/bucket", name: "public access block", title: "Buckets are closed to the public",
		why:   "S3.8, CIS 2.1.4: no client's files are public",
		holds: is(blocked), should: blocked, pass: blocked, fail: "off",
	},
	{
		id: "S3.12", severity: medium, kind: "s3/bucket", name: "object ownership", title: "Buckets have no access lists",
		why:   "S3.12: with access lists off, policies alone decide",
		holds: is("BucketOwnerEnforced"), should: "BucketOwnerEnforced", pass: "BucketOwnerEnforced", fail: "ObjectWriter",
	},
	{
		id: "S3.5", severity: medium, kind: "s3/bucket", name: "policy", title: "Bucket policies refuse requests without TLS",
		why: "S3.5, CIS 2.1.1", pass: tlsPolicy, fail: "", breaks: plainHTTP, should: "a Deny of s3:* to everybody where aws:SecureTransport is false",
	},
	{
		id: "CICD-S3-2", severity: high, kind: "s3/bucket", name: "policy", title: "Bucket policies are cicdctl's", unless: plainHTTP,
		why: "document, Clés RSA: the admins' bucket lets nobody else in; what a policy adds opens what roles keep closed", pass: tlsPolicy, fail: strings.Replace(tlsPolicy, "[{", `[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"},{`, 1),
	},
	{
		id: "S3.17", severity: medium, kind: "s3/bucket", name: "encryption", title: "Buckets are encrypted with their own KMS key",
		why: "S3.17: who may not use the client's key cannot read its files", pass: "aws:kms, with arn:a", fail: "AES256",
	},
	{
		id: "S3.14", severity: medium, kind: "s3/bucket", name: "versioning", title: "Buckets keep versions",
		why:   "S3.14: what was overwritten or deleted by mistake can be got back",
		holds: is("on"), should: "on", pass: "on", fail: "off",
	},
	{
		id: "S3.13", severity: low, kind: "s3/bucket", name: "lifecycle", not: "archive", title: "Old versions and broken uploads go",
		why: "S3.13: buckets do not grow for ever", pass: "{}", fail: "",
	},
	{
		id: "CICD-BACKUP-8", severity: high, kind: "s3/bucket", name: "lifecycle", roles: []string{"archive"}, title: "Archives move to S3 Glacier and are kept as agreed",
		why: docRPO + ": une sauvegarde par mois sera envoyée sur le service S3 Glacier pour une durée de 12 mois", pass: "{}", fail: "",
	},
	{
		id: "S3.9", severity: medium, kind: "s3/bucket", name: "access logs", title: "Buckets write who used them to the region's bucket of access logs",
		why: "S3.9; CloudTrail.7, CIS 3.4 for the trail's; that bucket itself writes none", pass: "s3://cicdctl-logs/acme/", fail: "off",
	},
	{
		id: "CICD-S3-1", severity: low, kind: "s3/bucket", name: "folders", title: "An app's bucket has the folders preview and prod",
		why: "document, S3: 1 bucket par app avec dossier preview et dossier prod", pass: "preview/\nprod/", fail: "prod/",
	},
	{
		id: "CICD-ECR-1", severity: medium, kind: "ecr/repository", name: "encryption", title: "Images are encrypted with the client's key",
		why: "the client's data is under the client's key", pass: "KMS arn:a", fail: "AES256", fix: "push the images to a new repository; encryption cannot be changed",
	},
	{
		id: "ECR.2", severity: medium, kind: "ecr/repository", name: "image tags", title: "Image tags cannot be moved",
		why:   "ECR.2: what was tested under a tag is what runs",
		holds: has("IMMUTABLE"), should: "IMMUTABLE", pass: "IMMUTABLE", fail: "MUTABLE",
	},
	{
		id: "ECR.1", severity: high, kind: "ecr/repository", name: "scan on push", title: "Images are scanned when they are pushed",
		why:   "ECR.1: known holes are found before they run",
		holds: is("on"), should: "on", pass: "on", fail: "off",
	},
	{
		id: "ECR.3", severity: low, kind: "ecr/repository", name: "lifecycle policy", title: "Old images go",
		why: "ECR.3: repositories do not grow for ever", pass: "{}", fail: "",
	},
	{
		id: "CICD-LOG-1", severity: medium, kind: "logs/log-group", name: "encryption key", title: "Logs are encrypted with the client's key",
		why: "the client's data is under the client's key", pass: "arn:a", fail: "none",
	},
	{
		id: "CloudWatch.16", severity: medium, kind: "logs/log-group", name: "retention", title: "Logs are kept as long as agreed, not for ever",
		why: "CloudWatch.16; document, Supervision: CloudWatch", pass: "365 days", fail: "for ever",
	},
}
