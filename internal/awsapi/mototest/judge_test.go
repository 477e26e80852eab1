package mototest

import (
	"bytes"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"
)

// meant takes the faults of an account and fails unless they are at these places,
// "operation member" with the elements of lists all alike.
func meant(t *testing.T, accountID string, places ...string) {
	t.Helper()
	found, places := []string{}, append([]string{}, places...)
	index := regexp.MustCompile(`\[\d+\]`)
	for _, f := range Start(t).Faults(t, accountID) {
		found = append(found, strings.TrimSpace(f.Operation+" "+index.ReplaceAllString(f.Member, "[]")))
	}
	slices.Sort(found)
	slices.Sort(places)
	if diff := cmp.Diff(places, slices.Compact(found)); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

// mistake is a request as no SDK sends it, or as only a program in error has one sent.
type mistake struct {
	service, method, path, target, body string
	want                                string // the fault; %s is the account
}

func (m mistake) send(t *testing.T, config aws.Config) {
	t.Helper()
	held, err := config.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), m.method, *config.BaseEndpoint+m.path, strings.NewReader(m.body))
	if err != nil {
		t.Fatal(err)
	}
	// moto reads who asks whom from this header and checks no signature.
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+held.AccessKeyID+"/20260101/"+Region+"/"+m.service+"/aws4_request, SignedHeaders=host, Signature=00")
	switch {
	case m.target != "":
		request.Header.Set("X-Amz-Target", m.target)
		request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	case m.method == http.MethodPost:
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
}

func form(service, body, want string) mistake {
	return mistake{service: service, method: http.MethodPost, path: "/", body: body, want: want}
}

func object(service, target, body, want string) mistake {
	return mistake{service: service, method: http.MethodPost, path: "/", target: target, body: body, want: want}
}

func TestEachSortOfMistakeIsFound(t *testing.T) {
	t.Parallel()
	const lifecycle = "/b?lifecycle"
	for name, m := range map[string]mistake{
		"a required member is missing":               form("ec2", "Action=CreateSubnet&CidrBlock=10.0.0.0/24", "ec2:CreateSubnet: VpcId is missing and required"),
		"a required member is missing further below": object("ecs", "X.RunTask", `{"taskDefinition":"f","overrides":{"inferenceAcceleratorOverrides":[],"containerOverrides":[{"environmentFiles":[{"type":"s3"}]}]}}`, "overrides.containerOverrides[0].environmentFiles[0].value is missing"),
		"a member is none of the operation":          form("ec2", "Action=CreateVpc&CidrBlok=10.0.0.0/16", "ec2:CreateVpc: CidrBlok is not in the model"),
		"a member of JSON is none":                   object("ecs", "X.CreateCluster", `{"ClusterName":"c"}`, "ecs:CreateCluster: ClusterName is not in the model"),
		"an element of XML is none":                  {service: "s3", method: http.MethodPut, path: "/b?versioning", body: "<VersioningConfiguration><State>Enabled</State></VersioningConfiguration>", want: "VersioningConfiguration.State is not in the model"},
		"a parameter of the query is none":           {service: "scheduler", method: http.MethodGet, path: "/schedules?NextTok=x", want: "NextTok is not in the model"},
		"a number is a text":                         object("ecs", "X.UpdateService", `{"service":"arn:x","desiredCount":"2"}`, "desiredCount is '2', not a integer"),
		"a number is none in a form":                 form("autoscaling", "Action=SetDesiredCapacity&AutoScalingGroupName=g&DesiredCapacity=many", "DesiredCapacity is 'many', not a integer"),
		"a number is too large to be one":            form("autoscaling", "Action=DescribeAutoScalingGroups&MaxRecords=3000000000", "MaxRecords is 3000000000, which is no integer"),
		"a switch is a number":                       object("ecs", "X.DeleteService", `{"service":"s","force":1}`, "force is 1, not a boolean"),
		"null":                                       object("ecs", "X.ListClusters", `{"maxResults":null}`, "maxResults is null"),
		"a value is none of the enum":                {service: "s3", method: http.MethodPut, path: "/b?versioning", body: "<VersioningConfiguration><Status>On</Status></VersioningConfiguration>", want: "Status is 'On', not one of Enabled, Suspended"},
		"a text is not of the pattern":               {service: "backup", method: http.MethodGet, path: "/backup-vaults/v/recovery-points/", want: `backup:ListRecoveryPointsByBackupVault: BackupVaultName is 'v', which is not ^[a-zA-Z0-9`},
		"only the beginning is of the pattern":       object("logs", "X.DescribeLogGroups", `{"logGroupNamePrefix":"a b"}`, "logGroupNamePrefix is 'a b', which is not [\\.\\-_/#A-Za-z0-9]+"),
		"an accent in a tag is no mistake":           object("ecs", "X.CreateCluster", `{"tags":[{"key":"é à","value":"ß"}]}`, ""),
		"a text is too short":                        object("kms", "X.DescribeKey", `{"KeyId":""}`, "KeyId has 0 characters, fewer than 1"),
		"a text is too long":                         form("iam", "Action=GetRole&RoleName="+strings.Repeat("x", 65), "RoleName has 65 characters, more than 64"),
		"a number is too small":                      object("kms", "X.EnableKeyRotation", `{"KeyId":"a","RotationPeriodInDays":89}`, "RotationPeriodInDays is 89, less than 90"),
		"a number is too large":                      object("kms", "X.ListKeys", `{"Limit":1001}`, "Limit is 1001, more than 1000"),
		"a list is too long":                         object("tagging", "X.GetResources", `{"TagFilters":[{"Key":"a","Values":[`+strings.TrimSuffix(strings.Repeat(`"v",`, 21), ",")+`]}]}`, "TagFilters[0].Values has 21 elements, more than 20"),
		"a list has a gap":                           form("ec2", "Action=DescribeVpcs&VpcId.1=a&VpcId.3=b", "VpcIds is numbered 1, 3"),
		"a field is there twice":                     form("ec2", "Action=DescribeVpcs&MaxResults=5&MaxResults=6", "MaxResults is there twice"),
		"a time is none":                             form("rds", "Action=DescribeEvents&StartTime=yesterday", "StartTime is 'yesterday', not a time"),
		"bytes are not base64":                       object("kms", "X.Decrypt", `{"CiphertextBlob":"?"}`, "CiphertextBlob is not base64"),
		"the body is no JSON":                        object("kms", "X.ListKeys", `{`, "the body is not JSON"),
		"a member is deprecated":                     {service: "s3", method: http.MethodPut, path: lifecycle, body: "<LifecycleConfiguration><Rule><Prefix>a</Prefix><Status>Enabled</Status></Rule></LifecycleConfiguration>", want: "LifecycleConfiguration.Rules[0].Prefix is deprecated"},
		"an operation is deprecated":                 object("logs", "X.TagLogGroup", `{"logGroupName":"g","tags":{"a":"b"}}`, "logs:TagLogGroup:  the operation is deprecated"),
		"an operation is none":                       object("kms", "X.ListKies", `{}`, "kms:ListKies:  is no operation in the model"),
		"a secret is not shown":                      object("secretsmanager", "X.PutSecretValue", `{"SecretId":"s","SecretString":7}`, "SecretString is a secret int, not a string"),
		"what is named is not there yet":             form("ec2", "Action=CreateSubnet&VpcId=vpc-0123456789abcdef0&CidrBlock=10.0.0.0/24", "VpcId names vpc-0123456789abcdef0, which no answer has told before"),
		"a role is not there yet":                    object("ecs", "X.RegisterTaskDefinition", `{"family":"f","containerDefinitions":[],"taskRoleArn":"arn:aws:iam::%s:role/app"}`, "taskRoleArn names arn:aws:iam::%s:role/app, which no answer has told before"),
		"a log group is not there yet":               object("ecs", "X.RegisterTaskDefinition", `{"family":"f","containerDefinitions":[{"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/a"}}}]}`, "options.awslogs-group names the log group /a, which no request has made before"),
		"a bucket is not there yet":                  object("cloudtrail", "X.CreateTrail", `{"Name":"trail","S3BucketName":"nowhere"}`, "S3BucketName names the bucket nowhere"),
		"a principal is not there yet":               object("kms", "X.CreateKey", `{"Policy":"{\"Statement\":[{\"Principal\":{\"AWS\":\"arn:aws:iam::%s:role/nobody\"},\"Resource\":\"arn:aws:iam::%s:role/other\"}]}"}`, "Policy names arn:aws:iam::%s:role/nobody"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, id := account(t)
			m.body, m.want = strings.ReplaceAll(m.body, "%s", id), strings.ReplaceAll(m.want, "%s", id)
			m.send(t, config)
			faults := Start(t).Faults(t, id)
			if m.want == "" && len(faults) == 0 {
				return
			}
			if !slices.ContainsFunc(faults, func(f Fault) bool { return m.want != "" && strings.Contains(f.String(), m.want) }) {
				t.Errorf("found %v, want %q", faults, m.want)
			}
		})
	}
}

// What is removed is there no more.
func TestWhatIsRemovedCannotBeNamed(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	client, ctx, name := iam.NewFromConfig(config), t.Context(), aws.String("r")
	trust := aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
	policy := aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`)
	put := func() error {
		_, err := client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("p"), PolicyDocument: policy})
		return err
	}
	must[*iam.CreateRoleOutput](t)(client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trust}))
	if err := put(); err != nil {
		t.Fatal(err)
	}
	must[*iam.DeleteRolePolicyOutput](t)(client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("p")}))
	if err := put(); err != nil { // the role is still there
		t.Fatal(err)
	}
	meant(t, id)
	must[*iam.DeleteRolePolicyOutput](t)(client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("p")}))
	must[*iam.DeleteRoleOutput](t)(client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name}))
	if err := put(); codeOf(err) != "NoSuchEntity" {
		t.Errorf("a policy for a role that is gone: %v", err)
	}
	meant(t, id, "iam:PutRolePolicy RoleName")
}

// recorder is a test that only counts its failures.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper()                   {}
func (r *recorder) Errorf(f string, a ...any) { r.failures = append(r.failures, fmt.Sprintf(f, a...)) }

func TestFaultsAndHangupsFailTheTest(t *testing.T) {
	t.Parallel()
	server := Start(t)
	config, id := account(t)
	judged := func(want string) {
		t.Helper()
		seen := &recorder{TB: t}
		server.judge(seen, id)
		if diff := cmp.Diff([]string{want}, seen.failures); diff != "" {
			t.Errorf("failures (-want +got):\n%s", diff)
		}
	}
	if _, err := ec2.NewFromConfig(config).CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: aws.String("vpc-01234567"), CidrBlock: aws.String("10.0.0.0/24")}); err == nil {
		t.Fatal("moto takes any VPC")
	}
	judged("what was sent to AWS: ec2:CreateSubnet: VpcId names vpc-01234567, which no answer has told before" +
		": let DependsOn name the kind that makes it, or add the request to test/moto/judges/accepted.py with a reason")
	hangUp(t, config)
	judged("requests were cut off on the way: map[ec2:1]")
}

// A judge that fails finds that, and not nothing.
func TestJudgeThatFails(t *testing.T) {
	t.Parallel()
	Start(t) // skips and installs like every other test
	interpreter, script, err := launcher()
	if err != nil {
		t.Fatal(err)
	}
	const program = `
import sys; sys.path.insert(0, sys.argv[1])
import judges
judges.shapes.check = None
all = judges.Judges()
request = all.before("1", "eu-west-3", "ec2", "DescribeVpcs", {}, b"")
all.known.clear(); request.input = 1
all.after(request, 200, None)
print(*[fault["problem"] for fault in all.found("1")])`
	out, err := exec.CommandContext(t.Context(), interpreter, "-c", program, filepath.Dir(script)).CombinedOutput()
	if err != nil || bytes.Count(out, []byte("the judge failed")) != 2 {
		t.Errorf("%v: %s", err, out)
	}
}
