package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
	"gitlab.com/cicd/cicdctl/internal/users"
)

var readVerb = regexp.MustCompile(`^(Describe|Export|Filter|Get|Head|List|Simulate)[A-Z]`)

// packageOf is the SDK's package that a type of an input is of.
func packageOf(input reflect.Type) string { return path.Base(input.Elem().PkgPath()) }

// TestEveryOperationHasItsPermission holds the lists that policies are made of
// against the interfaces through which AWS is called.
func TestEveryOperationHasItsPermission(t *testing.T) {
	called := map[string][]string{}
	for service := range reflect.TypeFor[awsapi.Set]().Fields() {
		if service.Type.Kind() != reflect.Interface {
			continue
		}
		for m := range service.Type.Methods() {
			p := packageOf(m.Type.In(1))
			called[p] = append(called[p], m.Name)
		}
	}
	for _, s := range rules.Services() {
		name := s.Package()
		var listed []string
		for _, op := range s.Read {
			if !readVerb.MatchString(op) {
				t.Errorf("%s %s is no reading operation", name, op)
			}
			listed = append(listed, op)
		}
		for _, op := range slices.Concat(s.Made, s.Ours, s.Free, s.Tied) {
			if readVerb.MatchString(op) && !slices.Contains(s.Tied, op) {
				t.Errorf("%s %s changes nothing: it belongs to Read", name, op)
			}
			listed = append(listed, op)
		}
		for _, op := range called[name] {
			if !slices.Contains(listed, op) {
				t.Errorf("%s %s has no permission: add it to rules.Services", name, op)
			}
		}
		for _, op := range listed {
			if !slices.Contains(called[name], op) {
				t.Errorf("%s %s has a permission that nothing needs", name, op)
			}
		}
		delete(called, name)
	}
	for name := range called {
		t.Errorf("%s has no permissions: add it to rules.Services", name)
	}
}

// What an operator is told to ask for is the action that the policies allow.
func TestRefusedCallsNameTheActionOfTheirPermission(t *testing.T) {
	stopped := errors.New("not sent")
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Unlimited: true, Install: func(cfg *aws.Config) {
		cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Stop", func(context.Context, middleware.InitializeInput, middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				return middleware.InitializeOutput{}, middleware.Metadata{}, stopped
			}), middleware.Before)
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	clients := reflect.ValueOf(factory.Set(region)).Elem()
	for f := range clients.Type().Fields() {
		if f.Type.Kind() != reflect.Interface {
			continue
		}
		for m := range f.Type.Methods() {
			input := reflect.New(m.Type.In(1).Elem())
			out := clients.FieldByIndex(f.Index).MethodByName(m.Name).Call([]reflect.Value{reflect.ValueOf(t.Context()), input})
			err, _ := reflect.TypeAssert[error](out[1])
			if !errors.Is(err, stopped) {
				t.Fatalf("%s.%s: %v", f.Name, m.Name, err)
			}
			i := slices.IndexFunc(rules.Services(), func(s rules.Service) bool { return s.Package() == packageOf(input.Type()) })
			if i < 0 {
				continue // see above
			}
			if s := rules.Services()[i]; !slices.Contains(s.Actions(m.Name), awsapi.Action(err)) {
				t.Errorf("%s.%s is refused as %s, but rules.Services allows %v: see iamPrefixes and iamActions in awsapi/errors.go", f.Name, m.Name, awsapi.Action(err), s.Actions(m.Name))
			}
		}
	}
}

func TestPoliciesFitIntoIAM(t *testing.T) {
	looking := map[string]bool{"elasticloadbalancing:DescribeAccountLimits": true, "rds:DescribeAccountAttributes": true}
	for _, action := range rules.BucketHandlerReads() {
		looking[action] = true
	}
	for _, s := range rules.Services() {
		for _, op := range s.Read {
			for _, action := range s.Actions(op) {
				looking[action] = true
			}
		}
	}
	for _, d := range append(rules.OperatorPolicies(), rules.ReadPolicy()) {
		if d.Size() > rules.MaxPolicy {
			t.Errorf("%s has %d characters, IAM takes %d", d.Name, d.Size(), rules.MaxPolicy)
		}
		for _, s := range parse(t, d) {
			for _, action := range s.Action {
				if strings.Contains(action, "*") {
					t.Errorf("%s allows %s", d.Name, action)
				}
				if strings.HasPrefix(d.Name, "cicdctl-read") && s.Effect == "Allow" && !looking[action] {
					t.Errorf("%s is for looking, but allows %s", d.Name, action)
				}
			}
		}
	}
}

// requests are what IAM would be asked about a call. What exists is taken to carry
// cicdctl's tags; what is made does if the request says so.
func requests(tb testing.TB, c sandbox.Call) []request {
	tb.Helper()
	i := slices.IndexFunc(rules.Services(), func(s rules.Service) bool { return s.Package() == packageOf(reflect.TypeOf(c.Input)) })
	if i < 0 {
		tb.Fatalf("%s has no permissions", c.Name())
	}
	s := rules.Services()[i]
	input, err := json.Marshal(c.Input)
	if err != nil {
		tb.Fatal(err)
	}
	// A look at the text will do: nothing but tags has this name.
	const ours = provision.TagManagedBy
	tagged := strings.Contains(string(input), `"`+ours+`"`) || strings.Contains(string(input), "cicdctl%3Amanaged-by=")
	made, kept := map[string]string{"aws:RequestedRegion": c.Region}, map[string]string{"aws:RequestedRegion": c.Region}
	if kept["aws:ResourceTag/"+ours] = provision.ManagedBy; tagged {
		made["aws:RequestTag/"+ours] = provision.ManagedBy
	}
	if in, ok := c.Input.(*route53.ChangeResourceRecordSetsInput); ok {
		maps.Copy(kept, recordContext(in.ChangeBatch.Changes))
	}
	if in, ok := c.Input.(*iam.CreateServiceLinkedRoleInput); ok {
		kept["iam:AWSServiceName"] = *in.AWSServiceName
	}
	if in, ok := c.Input.(*kms.SignInput); ok {
		kept["kms:MessageType"], kept["kms:SigningAlgorithm"] = string(in.MessageType), string(in.SigningAlgorithm)
	}
	if in, ok := c.Input.(*s3.CreateBucketInput); ok {
		kept["s3:x-amz-bucket-namespace"] = string(in.BucketNamespace)
	}
	if in, ok := c.Input.(*ecs.PutAccountSettingDefaultInput); ok {
		kept["ecs:account-setting"] = string(in.Name)
	}
	// A template's data has the tags of its hosts.
	if later := []string{"CreateTags", "DeleteTags", "CreateLaunchTemplateVersion"}; tagged && c.Mutating && s.Prefix != "s3" && !slices.Contains(s.Made, c.Operation) && !slices.Contains(later, c.Operation) {
		tb.Errorf("%s carries cicdctl's tags: it belongs to Made", c.Name())
	}
	contexts := []map[string]string{kept}
	switch isMade, isKept := slices.Contains(s.Made, c.Operation), slices.Contains(s.Ours, c.Operation); {
	case isMade && isKept && s.Prefix == "ec2": // asks about the new one and about what it is in
		contexts = append(contexts, made)
	case isMade && (!isKept || tagged): // elsewhere both are tags: at birth, and later
		contexts = []map[string]string{made}
	}
	var out []request
	for _, action := range s.Actions(c.Operation) {
		for _, context := range contexts {
			out = append(out, request{action, resourceOf(c.Input, action), context})
		}
	}
	if s.Birth != "" && tagged && slices.Contains(s.Made, c.Operation) {
		born := maps.Clone(made)
		born[s.Birth] = c.Operation
		out = append(out, request{s.Actions(s.Tag)[0], "*", born})
	}
	return out
}

// recordContext is what Route 53 tells of a batch of changes: names in lower case and
// without the last dot ("Normalizing the Route 53 condition key values").
func recordContext(changes []route53types.Change) map[string]string {
	var actions, names, types []string
	for _, change := range changes {
		actions = append(actions, string(change.Action))
		names = append(names, strings.ToLower(strings.TrimSuffix(aws.ToString(change.ResourceRecordSet.Name), ".")))
		types = append(types, string(change.ResourceRecordSet.Type))
	}
	return map[string]string{
		"route53:ChangeResourceRecordSetsActions":               strings.Join(actions, "\n"),
		"route53:ChangeResourceRecordSetsNormalizedRecordNames": strings.Join(names, "\n"),
		"route53:ChangeResourceRecordSetsRecordTypes":           strings.Join(types, "\n"),
	}
}

// resourceOf is the ARN that a call is about, where policies are tied to ARNs.
func resourceOf(input any, action string) string {
	of := func(field string) string {
		v := reflect.ValueOf(input).Elem().FieldByName(field)
		if !v.IsValid() || v.Kind() != reflect.Pointer || v.IsNil() {
			return ""
		}
		text, _ := reflect.TypeAssert[string](v.Elem())
		return text
	}
	bucket := of("Bucket")
	switch {
	case of("AWSServiceName") != "":
		return "arn:aws:iam::123456789012:role/aws-service-role/" + of("AWSServiceName") + "/AWSServiceRoleForIt"
	case of("HostedZoneId") != "":
		return "arn:aws:route53:::hostedzone/" + strings.TrimPrefix(of("HostedZoneId"), "/hostedzone/")
	case bucket != "" && strings.Contains(action, "Object") && action != "s3:GetBucketObjectLockConfiguration":
		key := of("Key")
		if key == "" {
			key = "any" // of DeleteObjects
		}
		return "arn:aws:s3:::" + bucket + "/" + key
	case bucket != "":
		return "arn:aws:s3:::" + bucket
	case strings.HasPrefix(action, "kms:") && of("KeyId") != "":
		return of("KeyId")
	default:
		return "*"
	}
}

// enforce has the account refuse what the policies do not allow, as IAM would.
func (r *rig) enforce(docs ...rules.PolicyDocument) (denied func() []string) {
	policy := parse(r.tb, docs...)
	r.account.Judged(func(action, resource string, context map[string]string) bool {
		return allowed(policy, request{action, resource, context})
	})
	var refused []string
	r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
		for _, q := range requests(r.tb, c) {
			if !allowed(policy, q) {
				refused = append(refused, c.Name()+" needs "+q.action+" on "+q.resource)
				return sandbox.Fault{Before: &smithy.GenericAPIError{Code: "AccessDenied", Message: "not authorized to perform " + q.action}}
			}
		}
		return sandbox.Fault{}
	})
	return func() []string { return refused }
}

func TestLookingNeedsTheReadPolicyOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		denied := r.enforce(rules.ReadPolicy())
		o := operator(t, r.account, cloud.Config{})
		if n := plan(ctx, t, o, acme(t)).Mutations(); n != 0 {
			t.Errorf("a plan with the read policy finds %d changes", n)
		}
		if _, err := o.Clients(ctx, region); err != nil {
			t.Errorf("list: %v", err)
		}
		if _, err := account.Diagnose(ctx, o, region); err != nil {
			t.Errorf("doctor: %v", err)
		}
		if p, err := backup.ReadPoints(ctx, o, "ACME", region, acme(t)); err != nil || len(p.Unknown) > 0 {
			t.Errorf("backup list: %v, not known: %v", err, p.Unknown)
		}
		if _, err := users.All(ctx, o, acme(t), "", ""); err != nil {
			t.Errorf("app users list: %v", err)
		}
		if _, err := backup.LastDrill(ctx, o, "ACME", region); err != nil {
			t.Errorf("backup-policy show: %v", err)
		}
		if a := r.examine(t, acme(t)); len(a.NotAudited) > 0 || len(a.Findings) > 0 {
			t.Errorf("audit: not audited %v, findings %v", a.NotAudited, a.Findings)
		}
		if got := denied(); len(got) > 0 {
			t.Errorf("looking was refused: %s", strings.Join(got, "; "))
		}
		r.account.Forget()
		if err := create(ctx, operator(t, r.account, cloud.Config{}), client(t, "GLOBEX")); !awsapi.Is(err, awsapi.Denied) {
			t.Errorf("create with the read policy: %v, want a denial", err)
		}
		if len(denied()) == 0 {
			t.Error("create with the read policy was not refused")
		}
		for _, c := range r.account.Calls() {
			if c.Mutating && !slices.ContainsFunc(denied(), func(d string) bool { return strings.HasPrefix(d, c.Name()+" ") }) {
				t.Errorf("%s was let through", c.Name())
			}
		}
	})
}

func TestOperatorsNeedTheirPoliciesOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		denied := r.enforce(rules.OperatorPolicies()...)
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatalf("create: %v", err)
		}
		if _, err := archived(ctx, r.Operator, acme(t), false); err != nil {
			t.Errorf("backup run: %v", err)
		}
		letIn(ctx, t, r.Operator, acme(t), "files", spec.Preview)
		r.push("ACME", "shop-files", "v1", sandbox.ImageFate{})
		must(t)(first(deployTo(ctx, r.Operator, acme(t), "files", spec.Preview, "v1")))
		must(t)(first(restart(ctx, r.Operator, acme(t), "files", spec.Preview)))
		drill, err := backup.PrepareDrill(ctx, r.Operator, acme(t), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := drill.Conduct(ctx, nil, nil, func(string) {}); err != nil {
			t.Errorf("backup drill: %v", err)
		}
		if err := destroy(ctx, operator(t, r.account, cloud.Config{}), "ACME", true); err != nil {
			t.Errorf("destroy: %v", err)
		}
		if err := withoutRegion(ctx, operator(t, r.account, cloud.Config{}), nil); err != nil {
			t.Errorf("region destroy: %v", err)
		}
		if err := r.account.LockObjects(region, rules.AdminBucketName("123456789012", region), time.Now().Add(-time.Hour)); err != nil { // which is over
			t.Fatal(err)
		}
		if err := endAccount(ctx, operator(t, r.account, cloud.Config{}), true); err != nil {
			t.Errorf("account destroy: %v", err)
		}
		if err := initAccount(ctx, operator(t, r.account, cloud.Config{})); err != nil {
			t.Errorf("account init: %v", err)
		}
		if got := denied(); len(got) > 0 {
			t.Errorf("refused: %s", strings.Join(got, "; "))
		}
	})
}

// A private key is read with S3 and KMS together: the read policy has the one for
// the facts beside the key, and denies the other, whatever else the reader may do.
func TestTheReadPolicyReadsNoPrivateKey(t *testing.T) {
	everything := policyStatement{Effect: "Allow", Action: patterns{"*"}, Resource: patterns{"*"}}
	policy := append(parse(t, rules.ReadPolicy()), everything)
	for name, c := range map[string]struct {
		request
		want bool
	}{
		"the facts beside a key": {request{"s3:GetObject", "arn:aws:s3:::cicdctl-admin-123456789012-eu-west-3-an/keys/eu-west-3/ACME.pem", nil}, true},
		"a client's key":         {request{"kms:Decrypt", "arn:aws:kms:eu-west-3:123456789012:key/1", map[string]string{"kms:ResourceAliases": rules.KeyAlias("ACME")}}, true},
		"the admin key":          {request{"kms:Decrypt", "arn:aws:kms:eu-west-3:123456789012:key/1", map[string]string{"kms:ResourceAliases": rules.AdminAlias}}, false},
	} {
		if got := allowed(policy, c.request); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	alone := parse(t, rules.ReadPolicy())
	for _, c := range []request{
		{"s3:GetObject", "arn:aws:s3:::acme-shop-123456789012-eu-west-3-an/prod/x", nil},
		{"kms:Decrypt", "arn:aws:kms:eu-west-3:123456789012:key/1", map[string]string{"kms:ResourceAliases": rules.KeyAlias("ACME")}},
		{"ssm:GetParameter", "arn:aws:ssm:eu-west-3:123456789012:parameter/secret", map[string]string{"aws:RequestedRegion": "eu-west-3"}},
		{"ec2:DescribeVpcs", "*", map[string]string{"aws:RequestedRegion": "us-east-1"}},
	} {
		if allowed(alone, c) {
			t.Errorf("%s on %s is allowed", c.action, c.resource)
		}
	}
}
