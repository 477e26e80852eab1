package conformance

import (
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// What an account is like as a whole.

// linked counts the roles of AWS's services in the account.
func (r *rig) linked(t *testing.T) int {
	t.Helper()
	count := 0
	for pages := iam.NewGetAccountAuthorizationDetailsPaginator(r.Factory.Set(region).IAM, &iam.GetAccountAuthorizationDetailsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range page.RoleDetailList {
			if strings.HasPrefix(*role.Path, "/aws-service-role/") {
				count++
			}
		}
	}
	return count
}

// asked counts the calls of an operation since the last Forget.
func (r *rig) asked(name string) int {
	count := 0
	for _, c := range r.account.Calls() {
		if c.Name() == name {
			count++
		}
	}
	return count
}

// A new account has no role of any service: all that are needed are made before what
// needs them, once, and stay whatever is destroyed.
func TestServicesHaveTheirRolesBeforeTheyNeedThem(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"answered": false, "with answers lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{})
				want := len(rules.LinkedRoles())
				if lost {
					r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
						if c.Operation == "CreateServiceLinkedRole" {
							return sandbox.Fault{After: &smithyhttp.RequestSendError{Err: io.ErrUnexpectedEOF}}
						}
						return sandbox.Fault{}
					})
				}
				if err := create(ctx, r.Operator, client(t, "ACME")); err != nil {
					t.Fatal(err)
				}
				if n := r.linked(t); n != want {
					t.Errorf("%d roles of services, want %d", n, want)
				}
				if n := r.asked("IAM.CreateServiceLinkedRole"); n < want || !lost && n > want {
					t.Errorf("%d calls for %d roles", n, want)
				}
				r.account.OnCall(nil)
				r.wantNoChange(ctx, client(t, "ACME"))
				if p := plan(ctx, t, r.Operator, client(t, "ACME")); len(p.Borrowed) > 0 {
					t.Errorf("a plan speaks of %v", p.Borrowed)
				}
				if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
					t.Fatal(err)
				}
				if err := withoutRegion(ctx, r.Operator, nil); err != nil {
					t.Fatal(err)
				}
				if n := r.linked(t); n != want {
					t.Errorf("%d roles of services are left, want %d", n, want)
				}
			})
		})
	}
}

// What AWS or others have made is fine as it is.
func TestRolesOfServicesThatAreThereAreUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{Used: true})
		for _, c := range plan(ctx, t, r.Operator, acme(t)).Changes() {
			if c.Kind == "iam/service-linked-role" {
				t.Errorf("%s %s", c.Op, c.Role)
			}
		}
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		if n := r.asked("IAM.CreateServiceLinkedRole"); n != 0 {
			t.Errorf("%d roles were made again", n)
		}
	})
}

// Every role is listed by one call, whoever looks at it.
func TestRolesAreListedOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 1000})
		const far = "eu-west-1"
		r.account.Forget()
		run, err := r.Build(ctx, client(t, "ACME", "region: eu-west-3", "region: "+far))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.Plan(ctx); err != nil {
			t.Fatal(err)
		}
		if n := r.asked("IAM.GetAccountAuthorizationDetails"); n != 1 {
			t.Errorf("a plan lists all roles %d times", n)
		}
	})
}

func TestTheTrailsBucketHasNoBucketKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 100})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region)
		key := ""
		for bucket, want := range map[string]bool{rules.TrailBucketName("123456789012", region): false, rules.AdminBucketName("123456789012", region): true} {
			out, err := api.S3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &bucket})
			if err != nil {
				t.Fatal(err)
			}
			if !want {
				key = *out.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.KMSMasterKeyID
			}
			if got := aws.ToBool(out.ServerSideEncryptionConfiguration.Rules[0].BucketKeyEnabled); got != want {
				t.Errorf("%s has a bucket key: %v, want %v", bucket, got, want)
			}
		}
		policy, err := api.KMS.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &key})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(statements(t, *policy.Policy), func(s policyStatement) bool {
			of, _ := s.Principal.(map[string]any)
			return of["Service"] == "cloudtrail.amazonaws.com" && s.Action.match("kms:Decrypt")
		}) {
			t.Error("CloudTrail may not decrypt, so it takes no bucket with a bucket key")
		}
	})
}

// What ECS does without being told is an account's setting.
func TestContainersSayWhatBecomesOfTheirLogs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 100})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region).ECS
		list, err := api.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{})
		if err != nil || len(list.TaskDefinitionArns) == 0 {
			t.Fatalf("%d task definitions, %v", len(list.TaskDefinitionArns), err)
		}
		for _, arn := range list.TaskDefinitionArns {
			out, err := api.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range out.TaskDefinition.ContainerDefinitions {
				if l := c.LogConfiguration; l.LogDriver != types.LogDriverAwslogs || l.Options["mode"] != "non-blocking" || l.Options["max-buffer-size"] != "25m" {
					t.Errorf("%s logs with %v", arn, l.Options)
				}
			}
		}
	})
}

// A retention policy of the account replaces what a group says, for good.
func TestAnAccountsRetentionPolicyIsNoDrift(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 100})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		if err := r.account.PutLogRetention(region, "month", "/cicdctl/acme/", 30); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, acme(t))
		if err := create(ctx, r.Operator, client(t, "GLOBEX")); err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, h := range plan(ctx, t, r.Operator, acme(t)).Held() {
			if h.Kind == "logs/log-group" && slices.Contains(h.Facts, provision.Fact{Name: "kept", Value: "30 days"}) && slices.Contains(h.Facts, provision.Fact{Name: rules.FactOverruled, Value: "month"}) {
				told++
			}
		}
		if told == 0 {
			t.Error("nothing tells of the policy")
		}
	})
}

// What needs the role of a service waits for it, however long IAM takes to make it.
func TestWhatNeedsARoleWaitsForIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		tries := map[string]int{}
		r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
			if in, ok := c.Input.(*iam.CreateServiceLinkedRoleInput); ok {
				if tries[*in.AWSServiceName]++; tries[*in.AWSServiceName] < 6 {
					return sandbox.Fault{Before: sandbox.Throttled("IAM")}
				}
			}
			return sandbox.Fault{}
		})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		made, needed := map[string]int{}, map[string]int{}
		of := map[string]string{
			"CreateDBSubnetGroup": "rds.amazonaws.com", "CreateDBCluster": "rds.amazonaws.com", "CreateCluster": "ecs.amazonaws.com",
			"CreateLoadBalancer": "elasticloadbalancing.amazonaws.com", "CreateAutoScalingGroup": "autoscaling.amazonaws.com",
		}
		for i, c := range r.account.Calls() {
			if in, ok := c.Input.(*iam.CreateServiceLinkedRoleInput); ok {
				made[*in.AWSServiceName] = i // the last attempt
			}
			if service := of[c.Operation]; service != "" && needed[service] == 0 {
				needed[service] = i
			}
		}
		for _, role := range rules.LinkedRoles() {
			if m, n := made[role.Service], needed[role.Service]; m == 0 || n == 0 || m > n {
				t.Errorf("the role of %s was made by call %d and needed by call %d", role.Service, m, n)
			}
		}
	})
}
