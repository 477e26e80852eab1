package rules

import (
	"encoding/json"
	"slices"
	"testing"
)

// asked is one request to AWS, with what conditions look at.
type asked struct {
	action, resource string
	context          map[string]string
}

// allows evaluates a policy with nothing but allowing statements.
func allows(t *testing.T, text string, r asked) bool {
	t.Helper()
	type permission struct {
		Effect           string
		Action, Resource any
		Condition        map[string]map[string]any
	}
	var doc struct{ Statement []permission }
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	texts := func(v any) []string {
		if one, ok := v.(string); ok {
			return []string{one}
		}
		var out []string
		for _, each := range v.([]any) {
			out = append(out, each.(string))
		}
		return out
	}
	matches := func(v any, value string) bool {
		return slices.ContainsFunc(texts(v), func(pattern string) bool { return arnLike(pattern, value) })
	}
	return slices.ContainsFunc(doc.Statement, func(s permission) bool {
		ok := s.Effect == "Allow" && matches(s.Action, r.action) && matches(s.Resource, r.resource)
		for _, operator := range s.Condition {
			for key, want := range operator {
				ok = ok && matches(want, r.context[key])
			}
		}
		return ok
	})
}

var (
	backupPlace = Place{"aws", "eu-west-3", "123456789012"}
	ours        = map[string]string{"aws:ResourceTag/cicdctl:client": "ACME"}
	theirs      = map[string]string{"aws:ResourceTag/cicdctl:client": "ACME-TWO"}
	byService   = map[string]string{"kms:GrantIsForAWSResource": "true"}
)

func passedTo(service string) map[string]string {
	return map[string]string{"iam:PassedToService": service}
}

func TestSchedulesMayDoWhatTheyAreForAndNoMore(t *testing.T) {
	const dbKey, archiveKey = "arn:aws:kms:eu-west-3:123456789012:key/database", "arn:aws:kms:eu-west-3:123456789012:key/archive"
	regional := backupPlace.arn
	image := "arn:aws:ec2:eu-west-3::image/ami-1"
	parameter := "arn:aws:ssm:eu-west-3::parameter/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
	role := "arn:aws:iam::123456789012:role/"
	group := "autoScalingGroup:8f5d8ac1-0000-4000-8000-000000000000:autoScalingGroupName/"
	for name, c := range map[string]struct {
		asked
		with, without bool // archives
	}{
		"renew the hosts":                      {asked{"autoscaling:StartInstanceRefresh", regional("autoscaling", group+"acme-hosts"), nil}, true, true},
		"renew another client's hosts":         {asked{"autoscaling:StartInstanceRefresh", regional("autoscaling", group+"acme-two-hosts"), nil}, false, false},
		"change the group":                     {asked{"autoscaling:UpdateAutoScalingGroup", regional("autoscaling", group+"acme-hosts"), nil}, false, false},
		"take the template":                    {asked{"ec2:RunInstances", regional("ec2", "launch-template/lt-1"), ours}, true, true},
		"take another client's template":       {asked{"ec2:RunInstances", regional("ec2", "launch-template/lt-1"), theirs}, false, false},
		"start in the subnets":                 {asked{"ec2:RunInstances", regional("ec2", "subnet/subnet-1"), ours}, true, true},
		"start in another client's subnets":    {asked{"ec2:RunInstances", regional("ec2", "subnet/subnet-1"), theirs}, false, false},
		"start in a subnet without tags":       {asked{"ec2:RunInstances", regional("ec2", "subnet/subnet-1"), nil}, false, false},
		"start in another client's groups":     {asked{"ec2:RunInstances", regional("ec2", "security-group/sg-1"), theirs}, false, false},
		"start a host":                         {asked{"ec2:RunInstances", regional("ec2", "instance/*"), nil}, true, true},
		"start it from an image":               {asked{"ec2:RunInstances", image, nil}, true, true},
		"find the newest image":                {asked{"ssm:GetParameters", parameter, nil}, true, true},
		"read other parameters":                {asked{"ssm:GetParameters", regional("ssm", "parameter/secret"), nil}, false, false},
		"tag a host at birth":                  {asked{"ec2:CreateTags", regional("ec2", "instance/*"), map[string]string{"ec2:CreateAction": "RunInstances"}}, true, true},
		"tag a host later":                     {asked{"ec2:CreateTags", regional("ec2", "instance/i-1"), nil}, false, false},
		"stop a host":                          {asked{"ec2:TerminateInstances", regional("ec2", "instance/i-1"), ours}, false, false},
		"give a host its role":                 {asked{"iam:PassRole", role + "acme-ecs-host", passedTo("ec2.amazonaws.com")}, true, true},
		"give a host another client's role":    {asked{"iam:PassRole", role + "acme-two-ecs-host", passedTo("ec2.amazonaws.com")}, false, false},
		"give a host the export role":          {asked{"iam:PassRole", role + "acme-archive-export", passedTo("ec2.amazonaws.com")}, false, false},
		"tell of a failure":                    {asked{"sqs:SendMessage", regional("sqs", "acme-dead-letters"), nil}, true, true},
		"tell another client of it":            {asked{"sqs:SendMessage", regional("sqs", "acme-two-dead-letters"), nil}, false, false},
		"read failures":                        {asked{"sqs:ReceiveMessage", regional("sqs", "acme-dead-letters"), nil}, false, false},
		"export the database":                  {asked{"rds:StartExportTask", regional("rds", "cluster:acme"), nil}, true, false},
		"export another client's database":     {asked{"rds:StartExportTask", regional("rds", "cluster:acme-two"), nil}, false, false},
		"delete the database":                  {asked{"rds:DeleteDBCluster", regional("rds", "cluster:acme"), nil}, false, false},
		"give RDS the export role":             {asked{"iam:PassRole", role + "acme-archive-export", passedTo("export.rds.amazonaws.com")}, true, false},
		"give RDS another client's":            {asked{"iam:PassRole", role + "acme-two-archive-export", passedTo("export.rds.amazonaws.com")}, false, false},
		"let RDS use the archive's key":        {asked{"kms:CreateGrant", archiveKey, byService}, true, false},
		"let RDS use the database's key":       {asked{"kms:CreateGrant", dbKey, byService}, true, false},
		"let RDS use another client's key":     {asked{"kms:CreateGrant", regional("kms", "key/other"), byService}, false, false},
		"let anybody use the archive's key":    {asked{"kms:CreateGrant", archiveKey, nil}, false, false},
		"decrypt with the database's key":      {asked{"kms:Decrypt", dbKey, nil}, false, false},
		"delete the archive's key":             {asked{"kms:ScheduleKeyDeletion", archiveKey, nil}, false, false},
		"read an archive":                      {asked{"s3:GetObject", "arn:aws:s3:::acme-archive-123456789012-eu-west-3-an/x", nil}, false, false},
		"renew the hosts of another region":    {asked{"autoscaling:StartInstanceRefresh", "arn:aws:autoscaling:eu-west-1:123456789012:" + group + "acme-hosts", nil}, false, false},
		"export the database of other regions": {asked{"rds:StartExportTask", "arn:aws:rds:eu-west-1:123456789012:cluster:acme", nil}, false, false},
	} {
		if got := allows(t, SchedulerPolicy(backupPlace, "ACME", dbKey, archiveKey), c.asked); got != c.with {
			t.Errorf("%s: %v, want %v", name, got, c.with)
		}
		if got := allows(t, SchedulerPolicy(backupPlace, "ACME"), c.asked); got != c.without {
			t.Errorf("%s, without archives: %v, want %v", name, got, c.without)
		}
	}
}

func TestExportsWriteIntoTheirBucketOnly(t *testing.T) {
	const bucket, key = "acme-archive-123456789012-eu-west-3-an", "arn:aws:kms:eu-west-3:123456789012:key/archive"
	policy := ExportPolicy(bucket, key)
	for name, c := range map[string]struct {
		asked
		want bool
	}{
		"write":                        {asked{"s3:PutObject", "arn:aws:s3:::" + bucket + "/acme-1/x.parquet", nil}, true},
		"clean up":                     {asked{"s3:DeleteObject", "arn:aws:s3:::" + bucket + "/acme-1/x.parquet", nil}, true},
		"look":                         {asked{"s3:ListBucket", "arn:aws:s3:::" + bucket, nil}, true},
		"write into an app's bucket":   {asked{"s3:PutObject", "arn:aws:s3:::acme-shop-123456789012-eu-west-3-an/x", nil}, false},
		"write for another client":     {asked{"s3:PutObject", "arn:aws:s3:::acme-two-archive-123456789012-eu-west-3-an/x", nil}, false},
		"change the lifecycle":         {asked{"s3:PutLifecycleConfiguration", "arn:aws:s3:::" + bucket, nil}, false},
		"delete the bucket":            {asked{"s3:DeleteBucket", "arn:aws:s3:::" + bucket, nil}, false},
		"encrypt":                      {asked{"kms:GenerateDataKey", key, nil}, true},
		"encrypt with another key":     {asked{"kms:GenerateDataKey", key + "-two", nil}, false},
		"let a service use the key":    {asked{"kms:CreateGrant", key, byService}, true},
		"let anybody use the key":      {asked{"kms:CreateGrant", key, nil}, false},
		"turn the key off":             {asked{"kms:DisableKey", key, nil}, false},
		"start an export":              {asked{"rds:StartExportTask", "arn:aws:rds:eu-west-3:123456789012:cluster:acme", nil}, false},
		"hand its own permissions out": {asked{"iam:PassRole", "arn:aws:iam::123456789012:role/acme-archive-export", passedTo("export.rds.amazonaws.com")}, false},
	} {
		if got := allows(t, policy, c.asked); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestSchedulerTakesItsRoleForOneGroupOnly(t *testing.T) {
	const want = `{"Statement":[{"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012","aws:SourceArn":"arn:aws:scheduler:eu-west-3:123456789012:schedule-group/acme"}},"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"},"Sid":"Service"}],"Version":"2012-10-17"}`
	if got := Trust("scheduler.amazonaws.com", "123456789012", backupPlace.arn("scheduler", "schedule-group/acme")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
