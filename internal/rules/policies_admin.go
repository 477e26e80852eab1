package rules

import "slices"

// lookAtBucket are the actions with which one bucket and what is in it can be looked
// at: those of the operations that read (Services). s3:GetObject is among them,
// because HeadObject has no action of its own; see AdminKeyPolicy. S3 refuses bucket
// policies that name an action about no bucket, which listing all of them is.
func lookAtBucket() []string {
	var out []string
	for _, s := range Services() {
		if s.Prefix == "s3" {
			out = s.actions(s.Read)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(action string) bool { return action == listBuckets })
}

// AdminBucketPolicy lets nobody but the admins, the account's root user and the
// auditors in, auditors only to look, and nothing into keys/ that is not encrypted
// with the admin key.
//
// It only denies: what is left is for IAM's policies to allow. The second Deny is
// for everybody who is no admin, and not for the auditors by name, so that who is
// in both lists is an admin, and no list of auditors, however wide its patterns,
// can lock an admin out.
func AdminBucketPolicy(bucket, keyARN string, who Trusted) string {
	arn := "arn:aws:s3:::" + bucket
	everything := []string{arn, arn + "/*"}
	noneOf := func(principals []string) object { return object{"ArnNotLike": object{"aws:PrincipalArn": principals}} }
	only := []statement{{Sid: "AdminsOnly", Effect: "Deny", Principal: "*", Action: []string{"s3:*"}, Resource: everything, Condition: noneOf(who.Admins)}}
	if len(who.Auditors) > 0 {
		only = []statement{
			{Sid: "AdminsAndAuditorsOnly", Effect: "Deny", Principal: "*", Action: []string{"s3:*"}, Resource: everything, Condition: noneOf(who.all())},
			{Sid: "AuditorsOnlyLook", Effect: "Deny", Principal: "*", NotAction: lookAtBucket(), Resource: everything, Condition: noneOf(who.Admins)},
		}
	}
	statements := append([]statement{tlsOnly(bucket)}, only...)
	return document(append(statements, statement{
		Sid: "KeysUnderTheAdminKey", Effect: "Deny", Principal: "*", Action: []string{"s3:PutObject"}, Resource: []string{arn + "/keys/*"},
		Condition: object{"StringNotEquals": object{"s3:x-amz-server-side-encryption-aws-kms-key-id": keyARN}},
	})...)
}

// AdminKeyPolicy lets the admins alone use and manage the key of the admin bucket.
// It is what keeps private keys from auditors: S3 lets them ask for the objects, as
// it must for their heads and tags, but gives out the bytes only to those for whom
// KMS decrypts. A key has no other gate than its policy, so auditors are allowed
// what shows its settings and nothing is denied: who is in both lists is an admin.
func AdminKeyPolicy(p Place, who Trusted) string {
	return adminsOnly(p, who, "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags")
}

// adminsOnly is the policy of a key that is the admins'; auditors have only what shows it.
func adminsOnly(p Place, who Trusted, shows ...string) string {
	grant := func(sid string, principals []string, actions ...string) statement {
		return statement{Sid: sid, Effect: "Allow", Principal: root(p), Action: actions, Resource: everywhere, Condition: object{"ArnLike": object{"aws:PrincipalArn": principals}}}
	}
	out := []statement{grant("Admins", who.Admins, "kms:*")}
	if len(who.Auditors) > 0 {
		out = append(out, grant("AuditorsOnlyLook", who.Auditors, shows...))
	}
	return document(out...)
}
