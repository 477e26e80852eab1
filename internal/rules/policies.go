package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// statement is one of an IAM, KMS or S3 policy document.
type statement struct {
	Sid       string
	Effect    string
	Principal any
	Action    []string
	NotAction []string
	Resource  []string
	Condition map[string]any
}

type object = map[string]any

// document is the canonical text of a policy, as CanonicalJSON would make it.
func document(statements ...statement) string {
	list := make([]any, len(statements))
	for i, s := range statements {
		tree := object{"Effect": s.Effect}
		for key, value := range map[string]any{"Sid": s.Sid, "Principal": s.Principal, "Action": s.Action, "NotAction": s.NotAction, "Resource": s.Resource, "Condition": s.Condition} {
			if value = canonical(value); value != nil && value != "" {
				tree[key] = value
			}
		}
		list[i] = tree
	}
	return plainJSON(object{"Version": "2012-10-17", "Statement": list})
}

// plainJSON leaves < and > as they are, which AWS looks for in some texts. It is
// for plain values, which always encode.
func plainJSON(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

// CanonicalJSON is the same text for policies that mean the same: keys sorted,
// lists of one as AWS likes to return them (the bare value), longer ones sorted.
func CanonicalJSON(s string) (string, error) {
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		return "", fmt.Errorf("not JSON: %w", err)
	}
	return plainJSON(canonical(v)), nil
}

func canonical(v any) any {
	switch v := v.(type) {
	case []string:
		switch len(v) {
		case 0:
			return nil
		case 1:
			return v[0]
		}
		return slices.Sorted(slices.Values(v))
	case map[string]any:
		if v == nil {
			return nil
		}
		fresh := make(map[string]any, len(v)) // the caller's may be shared
		for k := range v {
			fresh[k] = canonical(v[k])
		}
		v = fresh
		if list, ok := v["Statement"].(map[string]any); ok {
			v["Statement"] = []any{list} // statements stay a list
		}
		return v
	case []any:
		texts := true
		for i := range v {
			v[i] = canonical(v[i])
			_, text := v[i].(string)
			texts = texts && text
		}
		if texts {
			slices.SortFunc(v, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
			if len(v) == 1 {
				return v[0]
			}
		}
		return v
	default:
		return v
	}
}

// Trust lets one AWS service of this account take a role; if a source is given,
// only on behalf of the resource with this ARN.
func Trust(service, account, source string) string {
	return document(statement{
		Sid: "Service", Effect: "Allow", Principal: object{"Service": service}, Action: []string{"sts:AssumeRole"},
		Condition: trustCondition(service, account, source),
	})
}

// trustCondition guards against the confused deputy. EC2 does not send the account,
// and AWS Backup does not promise to when it takes a role (developer guide,
// "Cross-service confused deputy prevention"): it may be missing, but not another.
func trustCondition(service, account, source string) map[string]any {
	from := object{"aws:SourceAccount": account}
	switch {
	case service == "ec2.amazonaws.com":
		return nil
	case service == "backup.amazonaws.com":
		return object{"StringEqualsIfExists": from}
	case source != "":
		from["aws:SourceArn"] = source
	}
	return object{"StringEquals": from}
}

// AppPolicy is what an app's containers may do in an environment: its folder of
// their bucket, with the bucket's key.
func AppPolicy(bucket, keyARN string, env spec.Env, access Access) string {
	arn, folder := "arn:aws:s3:::"+bucket, string(env)+"/*"
	objects, key := []string{}, []string{"kms:Decrypt"} // parts of large uploads are read back
	var list []statement
	if access.Read {
		objects = append(objects, "s3:GetObject")
		list = []statement{{Sid: "List", Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: []string{arn}, Condition: object{"StringLike": object{"s3:prefix": []string{folder}}}}}
	}
	if access.Write {
		objects, key = append(objects, "s3:PutObject", "s3:DeleteObject"), append(key, "kms:GenerateDataKey")
	}
	return document(append(list,
		statement{Sid: "Objects", Effect: "Allow", Action: objects, Resource: []string{arn + "/" + folder}},
		statement{Sid: "Key", Effect: "Allow", Action: key, Resource: []string{keyARN}},
	)...)
}

// Place is where ARNs are built: the parts that all of them share.
type Place struct{ Partition, Region, Account string }

func (p Place) arn(service, resource string) string {
	return strings.Join([]string{"arn", p.Partition, service, p.Region, p.Account, resource}, ":")
}

// ExecutionPolicy is what ECS may do to start the client's tasks: pull its own
// images, write its own logs, read its own secrets.
func ExecutionPolicy(p Place, client, keyARN string) string {
	return document(
		statement{Sid: "Login", Effect: "Allow", Action: []string{"ecr:GetAuthorizationToken"}, Resource: []string{"*"}},
		statement{Sid: "Pull", Effect: "Allow", Action: []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}, Resource: []string{p.arn("ecr", "repository/"+Lower(client)+"/*")}},
		statement{Sid: "Logs", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resource: []string{p.arn("logs", "log-group:/cicdctl/"+Lower(client)+"/*")}},
		statement{Sid: "Secrets", Effect: "Allow", Action: []string{"secretsmanager:GetSecretValue"}, Resource: []string{p.arn("secretsmanager", "secret:"+SecretPrefix(client)+"*")}},
		statement{
			Sid: "DatabaseSecret", Effect: "Allow", Action: []string{"secretsmanager:GetSecretValue"}, Resource: []string{p.arn("secretsmanager", "secret:rds!cluster-*")},
			Condition: object{"StringEquals": object{"aws:ResourceTag/cicdctl:client": client}},
		},
		statement{Sid: "Key", Effect: "Allow", Action: []string{"kms:Decrypt"}, Resource: []string{keyARN}},
	)
}

// HostPolicy is what the ECS agent of a host may do, in the client's cluster
// only, and what Session Manager needs instead of an open SSH port.
func HostPolicy(p Place, client string) string {
	cluster := p.arn("ecs", "cluster/"+ClusterName(client))
	inCluster := object{"ArnEquals": object{"ecs:cluster": cluster}}
	return document(
		statement{Sid: "Register", Effect: "Allow", Action: []string{"ecs:RegisterContainerInstance", "ecs:DeregisterContainerInstance", "ecs:SubmitAttachmentStateChanges", "ecs:SubmitContainerStateChange", "ecs:SubmitTaskStateChange"}, Resource: []string{cluster}},
		statement{Sid: "Agent", Effect: "Allow", Action: []string{"ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"}, Resource: []string{p.arn("ecs", "container-instance/"+ClusterName(client)+"/*")}, Condition: inCluster},
		statement{Sid: "Discover", Effect: "Allow", Action: []string{"ecs:DiscoverPollEndpoint"}, Resource: []string{"*"}},
		statement{Sid: "Session", Effect: "Allow", Action: []string{"ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel", "ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage", "ec2messages:GetEndpoint", "ec2messages:GetMessages", "ec2messages:SendReply"}, Resource: []string{"*"}},
	)
}

var insecure = object{"Bool": object{"aws:SecureTransport": "false"}}

func tlsOnly(bucket string) statement {
	arn := "arn:aws:s3:::" + bucket
	return statement{Sid: "TLSOnly", Effect: "Deny", Principal: "*", Action: []string{"s3:*"}, Resource: []string{arn, arn + "/*"}, Condition: insecure}
}

// BucketPolicy refuses everything that does not come over TLS.
func BucketPolicy(bucket string) string { return document(tlsOnly(bucket)) }

// AdminBucketPolicy lets nobody but the admins and the account's root user in,
// and nothing into keys/ that is not encrypted with the admin key.
func AdminBucketPolicy(bucket, keyARN string, admins []string) string {
	arn := "arn:aws:s3:::" + bucket
	return document(
		tlsOnly(bucket),
		statement{Sid: "AdminsOnly", Effect: "Deny", Principal: "*", Action: []string{"s3:*"}, Resource: []string{arn, arn + "/*"}, Condition: object{"ArnNotLike": object{"aws:PrincipalArn": admins}}},
		statement{Sid: "KeysUnderTheAdminKey", Effect: "Deny", Principal: "*", Action: []string{"s3:PutObject"}, Resource: []string{arn + "/keys/*"}, Condition: object{"StringNotEquals": object{"s3:x-amz-server-side-encryption-aws-kms-key-id": keyARN}}},
	)
}

func root(p Place) object {
	return object{"AWS": "arn:" + p.Partition + ":iam::" + p.Account + ":root"}
}

// AdminKeyPolicy lets the admins alone use and manage the key of the admin bucket.
func AdminKeyPolicy(p Place, admins []string) string {
	return document(statement{Sid: "Admins", Effect: "Allow", Principal: root(p), Action: []string{"kms:*"}, Resource: []string{"*"}, Condition: object{"ArnLike": object{"aws:PrincipalArn": admins}}})
}

// ArchiveKeyPolicy lets IAM decide in the account: RDS writes archives with grants
// that the export role and the scheduler's role may give.
func ArchiveKeyPolicy(p Place) string {
	return document(statement{Sid: "Account", Effect: "Allow", Principal: root(p), Action: []string{"kms:*"}, Resource: []string{"*"}})
}

// KeyPolicy lets IAM decide in the account, CloudWatch Logs use the key for log
// groups whose names start with one of the prefixes, and Auto Scaling start hosts
// with volumes under it.
func KeyPolicy(p Place, logGroups ...string) string {
	return document(keyStatements(p, logGroups...)...)
}

func keyStatements(p Place, logGroups ...string) []statement {
	var arns []string
	for _, prefix := range logGroups {
		arns = append(arns, p.arn("logs", "log-group:"+prefix+"*"))
	}
	return []statement{
		{Sid: "Account", Effect: "Allow", Principal: root(p), Action: []string{"kms:*"}, Resource: []string{"*"}},
		{
			Sid: "Logs", Effect: "Allow", Principal: object{"Service": "logs." + p.Region + ".amazonaws.com"},
			Action: []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"}, Resource: []string{"*"},
			Condition: object{"ArnLike": object{"kms:EncryptionContext:aws:logs:arn": arns}},
		},
		// IAM gives Auto Scaling's own role nothing in KMS. The role cannot be named as
		// the principal: AWS makes it with the account's first group, and KMS refuses
		// principals that are not there.
		{
			Sid: "Hosts", Effect: "Allow", Principal: object{"AWS": "*"},
			Action:    []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"},
			Resource:  []string{"*"},
			Condition: autoScaling(p, nil),
		},
		{
			Sid: "HostVolumes", Effect: "Allow", Principal: object{"AWS": "*"}, Action: []string{"kms:CreateGrant"}, Resource: []string{"*"},
			Condition: autoScaling(p, object{"kms:GrantIsForAWSResource": "true"}),
		},
	}
}

// autoScaling is met by Auto Scaling's service-linked role of the account alone.
func autoScaling(p Place, flags object) map[string]any {
	c := object{
		"StringEquals": object{"kms:CallerAccount": p.Account},
		"ArnLike":      object{"aws:PrincipalArn": "arn:" + p.Partition + ":iam::" + p.Account + ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling*"},
	}
	if flags != nil {
		c["Bool"] = flags
	}
	return c
}

var sessionARN = regexp.MustCompile(`^arn:([a-z-]+):sts::(\d{12}):assumed-role/([^/]+)/.+$`)

// Principals are the patterns that aws:PrincipalArn has for a caller. A session's
// ARN leaves out the path of its role, so a role is named with and without one:
// role names are unique in an account, whatever their path.
func Principals(callerARN string) []string {
	m := sessionARN.FindStringSubmatch(callerARN)
	if m == nil {
		return []string{callerARN}
	}
	role := "arn:" + m[1] + ":iam::" + m[2] + ":role/"
	return []string{role + m[3], role + "*/" + m[3]}
}

// LocksOut reports whether none of the configured admins is the caller.
func LocksOut(admins []string, callerARN string) bool {
	caller := callerARN
	if m := sessionARN.FindStringSubmatch(callerARN); m != nil {
		caller = "arn:" + m[1] + ":iam::" + m[2] + ":role/" + m[3]
	}
	if strings.HasSuffix(caller, ":root") {
		return false
	}
	return !slices.ContainsFunc(admins, func(admin string) bool {
		if strings.Contains(caller, ":role/") && strings.Contains(admin, ":role/") {
			// The caller's path is unknown: compare account and name only.
			head, path, _ := strings.Cut(admin, ":role/")
			admin = head + ":role/" + path[strings.LastIndex(path, "/")+1:]
		}
		return arnLike(admin, caller)
	})
}

// arnLike matches a pattern with * and ? as IAM does.
func arnLike(pattern, arn string) bool {
	expr := regexp.QuoteMeta(pattern)
	expr = strings.ReplaceAll(strings.ReplaceAll(expr, `\*`, `.*`), `\?`, `.`)
	ok, err := regexp.MatchString("^"+expr+"$", arn)
	return err == nil && ok
}

var adminPattern = regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:(role|user)/.+$`)

// CheckAdmins says what is wrong with a configured list of admins.
func CheckAdmins(admins []string, callerARN string) error {
	for _, a := range admins {
		if !adminPattern.MatchString(a) {
			return fmt.Errorf("admins: %q is not the ARN of an IAM role or user, such as arn:aws:iam::123456789012:role/admin", a)
		}
	}
	if len(admins) > 0 && LocksOut(admins, callerARN) {
		return fmt.Errorf("admins: the list %s would lock you out (%s); add your own role or user", strings.Join(admins, ", "), strings.Join(Principals(callerARN), " or "))
	}
	return nil
}
