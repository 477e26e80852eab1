package conformance

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
	"gitlab.com/cicd/cicdctl/test/policies"
)

// accepted are findings that are no mistakes, each with its reason. One that is found
// no longer has to go.
var accepted = map[string]string{
	"KMS.CreateKey Logs: kms:DescribeKey knows no condition key kms:EncryptionContext:aws:logs:arn, nor does what it takes": "the statement is AWS's own (CloudWatch Logs user guide, \"Encrypt log data using AWS KMS\"), and what the action would grant nobody asks for",
}

// judged fails for each finding that is not accepted.
func judged(t *testing.T, found []string, seen map[string]bool) {
	t.Helper()
	for _, finding := range found {
		seen[finding] = true
		if accepted[finding] == "" {
			t.Error(finding)
		}
	}
}

// The policies for operators, and all that a run gives to AWS, are held against AWS's
// own list of actions, resources and condition keys.
func TestPoliciesAreWhatAWSDocuments(t *testing.T) {
	t.Parallel()
	reference, seen := policies.Load(t), map[string]bool{}
	var printed []policies.Policy
	for _, d := range rules.OperatorPolicies() {
		printed = append(printed, policies.Policy{Name: d.Name, Kind: policies.Identity, Text: d.Text})
	}
	judged(t, reference.Judge(printed...), seen)
	reader := rules.ReadPolicy()
	judged(t, reference.Judge(policies.Policy{Name: reader.Name, Kind: policies.Identity, Text: reader.Text}), seen)

	place := rules.Place{Partition: "aws", Region: region, Account: "123456789012"}
	exec := rules.ExecPolicy(rules.AppPolicy("bucket", "arn:aws:kms:eu-west-3:123456789012:key/k", spec.Prod, rules.Access{Read: true, Write: true}), "ACME", place)
	judged(t, reference.Judge(policies.Policy{Name: "an app's with exec", Kind: policies.Identity, Text: exec}), seen)

	sent := sentPolicies(t)
	for _, kind := range []policies.Kind{policies.Identity, policies.Trust, policies.Bucket, policies.Key, policies.Queue, policies.Topic, policies.Endpoint} {
		if !slices.ContainsFunc(sent, func(p policies.Policy) bool { return p.Kind == kind }) {
			t.Errorf("no policy of a %s was sent", kind)
		}
	}
	for _, p := range sent {
		judged(t, reference.Judge(p), seen)
	}
	for finding, why := range accepted {
		if !seen[finding] {
			t.Errorf("%s is accepted (%s) and not found", finding, why)
		}
	}
}

// policyFields are the fields in which AWS is given policies, and what they are of.
var policyFields = map[string]policies.Kind{
	"IAM.CreateRole AssumeRolePolicyDocument":   policies.Trust,
	"IAM.UpdateAssumeRolePolicy PolicyDocument": policies.Trust,
	"IAM.PutRolePolicy PolicyDocument":          policies.Identity,
	"S3.PutBucketPolicy Policy":                 policies.Bucket,
	"KMS.CreateKey Policy":                      policies.Key,
	"KMS.PutKeyPolicy Policy":                   policies.Key,
	"SQS.CreateQueue Attributes.Policy":         policies.Queue,
	"SQS.SetQueueAttributes Attributes.Policy":  policies.Queue,
	"SNS.CreateTopic Attributes.Policy":         policies.Topic,
	"SNS.SetTopicAttributes AttributeValue":     policies.Topic,
	"EC2.CreateVpcEndpoint PolicyDocument":      policies.Endpoint,
	"EC2.ModifyVpcEndpoint PolicyDocument":      policies.Endpoint,
}

// sentPolicies are all texts that look like policies, in whatever field of whatever
// call that builds a client, with and without auditors.
func sentPolicies(t *testing.T) []policies.Policy {
	t.Helper()
	var mu sync.Mutex
	found := map[policies.Policy]bool{}
	for _, cfg := range []cloud.Config{{}, {Auditors: []string{"arn:aws:iam::123456789012:role/audit"}}} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, sandbox.Options{PageSize: 50})
			r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
				for field, text := range fieldTexts(t, c.Input) {
					if !strings.HasPrefix(text, "{") || !strings.Contains(text, `"Statement"`) {
						continue
					}
					kind, known := policyFields[c.Name()+" "+field]
					if !known {
						t.Errorf("%s is given a policy in %s: say what it is of", c.Name(), field)
						continue
					}
					mu.Lock()
					found[policies.Policy{Name: strings.TrimSpace(c.Name() + " " + nameOf(c.Input)), Kind: kind, Text: text}] = true
					mu.Unlock()
				}
				return sandbox.Fault{}
			})
			if err := create(t.Context(), operator(t, r.account, cfg), acme(t)); err != nil {
				t.Fatal(err)
			}
		})
	}
	return slices.Collect(maps.Keys(found))
}

// fieldTexts are the texts of an input by the names of their fields: "Attributes.Policy".
func fieldTexts(t *testing.T, input any) map[string]string {
	t.Helper()
	data, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	var walk func(at string, value any)
	walk = func(at string, value any) {
		switch v := value.(type) {
		case string:
			out[at] = v
		case []any:
			for _, each := range v {
				walk(at, each)
			}
		case map[string]any:
			for key, each := range v {
				walk(strings.TrimPrefix(at+"."+key, "."), each)
			}
		}
	}
	walk("", value)
	return out
}

// nameOf is what a call is about, for people.
func nameOf(input any) string {
	for _, field := range []string{"RoleName", "Bucket", "KeyId", "QueueUrl", "QueueName", "TopicArn", "Name", "ServiceName"} {
		v := reflect.ValueOf(input).Elem().FieldByName(field)
		if !v.IsValid() || v.Kind() != reflect.Pointer || v.IsNil() {
			continue
		}
		if text, ok := reflect.TypeAssert[string](v.Elem()); ok {
			return text
		}
	}
	return ""
}
