package rules

import (
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

// document is the canonical text of a policy, as CanonicalJSON would make it: the
// parts of a statement are written in the order of their names.
func document(statements ...statement) string {
	var room [2048]byte // mostly enough, and off the heap
	b := append(room[:0], `{"Statement":[`...)
	for i := range statements {
		s := &statements[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		if len(s.Action) > 0 {
			b = appendNames(appendPart(b, "Action"), s.Action)
		}
		if s.Condition != nil {
			b = appendCanonical(appendPart(b, "Condition"), s.Condition)
		}
		b = appendText(appendPart(b, "Effect"), s.Effect)
		if len(s.NotAction) > 0 {
			b = appendNames(appendPart(b, "NotAction"), s.NotAction)
		}
		if s.Principal != nil {
			b = appendCanonical(appendPart(b, "Principal"), s.Principal)
		}
		if len(s.Resource) > 0 {
			b = appendNames(appendPart(b, "Resource"), s.Resource)
		}
		if s.Sid != "" {
			b = appendText(appendPart(b, "Sid"), s.Sid)
		}
		b = append(b, '}')
	}
	return string(append(b, `],"Version":"2012-10-17"}`...))
}

// appendPart begins a part of a statement.
func appendPart(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(appendText(b, name), ':')
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
	case service == "cloudtrail.amazonaws.com": // nor is CloudTrail documented to, when it writes to CloudWatch Logs
		from["aws:SourceArn"] = source
		return object{"StringEqualsIfExists": from}
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
		// What was begun in parts can be looked at and given up, or it is paid for until
		// the bucket's lifecycle ends it.
		objects, key = append(objects, "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"), append(key, "kms:GenerateDataKey")
	}
	return document(append(list,
		statement{Sid: "Objects", Effect: "Allow", Action: objects, Resource: []string{arn + "/" + folder}},
		statement{Sid: "Key", Effect: "Allow", Action: key, Resource: []string{keyARN}},
	)...)
}

// ExecPolicy is AppPolicy with what SSM's agent needs in the containers of an app into which
// operators may open shells: its channel, the key that sessions are encrypted with, which is
// the client's, and the log group of the sessions (ECS developer guide, "Monitor Amazon ECS
// containers with ECS Exec"). IAM knows no resources of channels, nor of lists of log groups.
func ExecPolicy(app, client string, p Place) string {
	group := p.arn("logs", "log-group:"+ExecLogGroupName(client))
	return joined(app,
		statement{Sid: "Exec", Effect: "Allow", Action: []string{"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"}, Resource: everywhere},
		statement{Sid: "FindExecLog", Effect: "Allow", Action: []string{"logs:DescribeLogGroups"}, Resource: everywhere},
		statement{Sid: "ExecLog", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}, Resource: []string{group, group + ":*"}},
	)
}

// joined is a document with more statements.
func joined(text string, more ...statement) string {
	begin := strings.TrimSuffix(text, `],"Version":"2012-10-17"}`)
	return begin + "," + strings.TrimPrefix(document(more...), `{"Statement":[`)
}

// Execs reports whether operators may open shells in containers of an app in an environment.
func Execs(app spec.App, env spec.Env) bool {
	return slices.ContainsFunc(app.Services, func(svc spec.Service) bool { return svc.Exec.Of(env) })
}

// AnyExec reports whether operators may open shells in any container of a client.
func AnyExec(s *spec.Spec) bool {
	return slices.ContainsFunc(s.Apps, func(app spec.App) bool { return Execs(app, spec.Preview) || Execs(app, spec.Prod) })
}

// Place is where ARNs are built: the parts that all of them share.
type Place struct{ Partition, Region, Account string }

func (p Place) arn(service, resource string) string {
	return strings.Join([]string{"arn", p.Partition, service, p.Region, p.Account, resource}, ":")
}

// ExecutionPolicy is what ECS may do to start an app's tasks: pull its images, write
// its logs, read its secrets. The app's pipeline says what is started, so another
// app's secrets would be open to it.
//
// Names are written out as in DeployPolicy: the app shop is not shop-two. What the
// app's people keep beside the platform's secrets of a service is read as well. The
// database is the client's, and so are its secret and those of its copies. They are
// told by the cluster, with which RDS marks every secret that it keeps (managed policy
// AmazonRDSServiceRolePolicy): the client's tags are given to a secret only when RDS
// makes it together with the cluster, and a copy's is made afterwards.
func ExecutionPolicy(p Place, client string, app spec.App, keyARN string) string {
	var repositories, logs, secrets []string
	for _, svc := range app.Services {
		repositories = append(repositories, p.arn("ecr", "repository/"+RepositoryName(client, app.Name, svc.Name)))
		logs = append(logs, p.arn("logs", "log-group:"+LogGroupName(client, app.Name, svc.Name)+":*"))
		for _, env := range spec.Envs() {
			secrets = append(secrets, p.arn("secretsmanager", "secret:"+SecretName(client, app.Name, svc.Name, env, "*")))
		}
	}
	return document(
		statement{Sid: "Login", Effect: "Allow", Action: []string{"ecr:GetAuthorizationToken"}, Resource: []string{"*"}},
		statement{Sid: "Pull", Effect: "Allow", Action: []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}, Resource: repositories},
		statement{Sid: "Logs", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resource: logs},
		statement{Sid: "Secrets", Effect: "Allow", Action: []string{"secretsmanager:GetSecretValue"}, Resource: secrets},
		statement{
			Sid: "DatabaseSecret", Effect: "Allow", Action: []string{"secretsmanager:GetSecretValue"}, Resource: []string{p.arn("secretsmanager", "secret:rds!cluster-*")},
			Condition: object{"StringLike": object{"aws:ResourceTag/aws:rds:primaryDBClusterArn": []string{
				p.arn("rds", "cluster:"+DatabaseName(client)), p.arn("rds", "cluster:"+CopyPrefix(client)+copyTimes),
			}}},
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

func root(p Place) object {
	return object{"AWS": "arn:" + p.Partition + ":iam::" + p.Account + ":root"}
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
