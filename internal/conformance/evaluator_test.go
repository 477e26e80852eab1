package conformance

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// What IAM, S3 and KMS decide, from the policies that the account really holds.

// request is a call as IAM sees it.
type request struct {
	action, resource string
	context          map[string]string // keys with several values have them a line each
}

type patterns []string

// UnmarshalJSON takes a bare text for a list of one, as IAM does.
func (l *patterns) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		*l = patterns{""}
		return json.Unmarshal(data, &(*l)[0])
	}
	return json.Unmarshal(data, (*[]string)(l))
}

func (l patterns) match(value string) bool {
	return slices.ContainsFunc(l, func(pattern string) bool { return compiled(pattern).MatchString(value) })
}

// compiledPatterns are those that were asked for before, by their text: policies have the
// same few, and every call asks for many.
var compiledPatterns sync.Map

func compiled(pattern string) *regexp.Regexp {
	if known, ok := compiledPatterns.Load(pattern); ok {
		return known.(*regexp.Regexp)
	}
	quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	made := regexp.MustCompile("^" + quoted + "$")
	compiledPatterns.Store(pattern, made)
	return made
}

// is compares as StringEquals does, for which patterns are only text.
func (l patterns) is(value string) bool { return slices.Contains(l, value) }

type policyStatement struct {
	Effect                      string
	Principal                   any
	Action, NotAction, Resource patterns
	Condition                   map[string]map[string]patterns
}

func (s policyStatement) applies(r request) bool {
	ok := s.Resource.match(r.resource) && (s.Action.match(r.action) || s.NotAction != nil && !s.NotAction.match(r.action))
	for operator, keys := range s.Condition {
		for key, want := range keys {
			value, sent := r.context[key]
			ok = meets(operator, key, want, value, sent) && ok
		}
	}
	return ok
}

// sentKeys are the condition keys that requests are given here, as AWS sends them. A
// policy that asks for another one would be judged as if AWS never sent it, which is
// wrong for all that AWS does send: so nothing is judged by it.
var sentKeys = regexp.MustCompile(`^(aws:(RequestedRegion|PrincipalA(ccount|rn)|ResourceAccount|SecureTransport|(Request|Resource)Tag/cicdctl:[a-z-]+|ResourceTag/aws:rds:primaryDBClusterArn)` +
	`|(ec2|ecs|elasticloadbalancing):CreateAction|ecs:account-setting|route53:ChangeResourceRecordSets(Actions|NormalizedRecordNames|RecordTypes)` +
	`|kms:(CallerAccount|GrantIsForAWSResource|ResourceAliases|EncryptionContext:.*|MessageType|SigningAlgorithm)|iam:(PassedToService|AWSServiceName)|s3:x-amz-(server-side-encryption-aws-kms-key-id|bucket-namespace))$`)

// meets is a condition as IAM takes it (IAM user guide, "IAM JSON policy elements:
// Condition operators"): a key that is not sent meets only what is negated, what ends
// in IfExists, and ForAllValues.
func meets(operator, key string, want patterns, value string, sent bool) bool {
	if !sentKeys.MatchString(key) {
		panic("the evaluator knows no condition key " + key + ": have requests send it as AWS does")
	}
	bare, ifExists := strings.CutSuffix(operator, "IfExists")
	set, base, several := strings.Cut(bare, ":")
	if !several {
		set, base = "", bare
	}
	if base == "Null" && !several && !ifExists {
		return want.is(strconv.FormatBool(!sent))
	}
	one, negated := want.is, false
	switch base {
	case "StringEquals", "Bool":
	case "StringNotEquals":
		negated = true
	case "StringLike", "ArnLike", "ArnEquals": // the last two are the same, says IAM
		one = want.match
	case "StringNotLike", "ArnNotLike", "ArnNotEquals":
		one, negated = want.match, true
	default:
		panic("the evaluator knows no operator " + operator)
	}
	ok := func(value string) bool { return one(value) != negated }
	switch {
	case !sent:
		return negated && set == "" || ifExists || set == "ForAllValues"
	case set == "ForAllValues":
		return !slices.ContainsFunc(strings.Split(value, "\n"), func(v string) bool { return !ok(v) })
	case set == "ForAnyValue":
		return slices.ContainsFunc(strings.Split(value, "\n"), ok)
	case set != "" || strings.Contains(value, "\n"):
		panic(operator + " is no operator for " + key)
	default:
		return ok(value)
	}
}

// concerns reports whether a statement of a bucket's or a key's policy is about
// the principals of the account, rather than about a service.
func (s policyStatement) concerns() bool {
	if of, ok := s.Principal.(map[string]any); ok {
		return of["AWS"] != nil
	}
	return s.Principal == "*"
}

func parse(tb testing.TB, docs ...rules.PolicyDocument) []policyStatement {
	tb.Helper()
	var out []policyStatement
	for _, d := range docs {
		out = append(out, statements(tb, d.Text)...)
	}
	return out
}

func statements(tb testing.TB, document string) []policyStatement {
	tb.Helper()
	var p struct{ Statement []policyStatement }
	if err := json.Unmarshal([]byte(document), &p); err != nil {
		tb.Fatal(err)
	}
	return p.Statement
}

func allowed(policy []policyStatement, r request) bool {
	is := func(effect string) func(policyStatement) bool {
		return func(s policyStatement) bool { return s.Effect == effect && s.applies(r) }
	}
	return slices.ContainsFunc(policy, is("Allow")) && !slices.ContainsFunc(policy, is("Deny"))
}

// principal is somebody of the account who is held to all policies: to their own, and
// to those of the buckets and keys that are there when they begin.
type principal struct {
	arn     string // as aws:PrincipalArn has it
	own     []policyStatement
	buckets map[string][]policyStatement // by ARN
	keys    map[string][]policyStatement // by ARN
	sealed  map[string]string            // ARNs of the keys under which buckets put objects, by ARN
}

// allOfAWS is what an administrator of IAM may be given.
var allOfAWS = rules.PolicyDocument{Name: "everything", Text: `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}

// as works as another role of the account. From here on, the account holds all
// its callers to the policies that are given and to those of the resources.
func (r *rig) as(ctx context.Context, role string, cfg cloud.Config, docs ...rules.PolicyDocument) (o *cloud.Operator, denied func() []string) {
	r.tb.Helper()
	p := r.principal(ctx, "arn:aws:iam::123456789012:role/"+role, docs...)
	var refused []string
	r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
		asked := requests(r.tb, c)
		if c.Name() == "S3.GetObject" { // S3 has KMS decrypt the bytes, in the caller's name
			bucket, _, _ := strings.Cut(asked[0].resource, "/")
			open := strings.HasPrefix(aws.ToString(c.Input.(*s3.GetObjectInput).Key), "vpn/") // indexes of certificates are under no key of ours
			if key := p.sealed[bucket]; key != "" && !open {
				asked = append(asked, request{"kms:Decrypt", key, asked[0].context})
			}
		}
		for _, q := range asked {
			if put, ok := c.Input.(*s3.PutObjectInput); ok {
				q.context["s3:x-amz-server-side-encryption-aws-kms-key-id"] = aws.ToString(put.SSEKMSKeyId)
			}
			if !p.may(q) {
				refused = append(refused, c.Name()+" needs "+q.action+" on "+q.resource)
				return sandbox.Fault{Before: &smithy.GenericAPIError{Code: "AccessDenied", Message: "not authorized to perform " + q.action + p.because(q)}}
			}
		}
		return sandbox.Fault{}
	})
	o = operator(r.tb, r.account, cfg)
	o.Identify = func() (awsapi.Identity, error) {
		name := role[strings.LastIndex(role, "/")+1:]
		return awsapi.Identity{Partition: "aws", Account: "123456789012", ARN: "arn:aws:sts::123456789012:assumed-role/" + name + "/eve"}, nil
	}
	return o, func() []string { return refused }
}

// principal reads all policies of buckets and keys in the region.
func (r *rig) principal(ctx context.Context, arn string, docs ...rules.PolicyDocument) *principal {
	r.tb.Helper()
	p := &principal{arn: arn, own: parse(r.tb, docs...), buckets: map[string][]policyStatement{}, keys: map[string][]policyStatement{}, sealed: map[string]string{}}
	must := func(err error) {
		r.tb.Helper()
		if err != nil {
			r.tb.Fatal(err)
		}
	}
	api := r.Factory.Set(region)
	for pages := s3.NewListBucketsPaginator(api.S3, &s3.ListBucketsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		must(err)
		for _, b := range page.Buckets {
			policy, err := api.S3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b.Name})
			must(err)
			encryption, err := api.S3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: b.Name})
			must(err)
			arn := "arn:aws:s3:::" + *b.Name
			p.buckets[arn] = statements(r.tb, *policy.Policy)
			p.sealed[arn] = aws.ToString(encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.KMSMasterKeyID)
		}
	}
	for pages := kms.NewListKeysPaginator(api.KMS, &kms.ListKeysInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		must(err)
		for _, k := range page.Keys {
			policy, err := api.KMS.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: k.KeyArn})
			if awsapi.Is(err, awsapi.Denied) {
				continue // AWS's own
			}
			must(err)
			p.keys[*k.KeyArn] = statements(r.tb, *policy.Policy)
		}
	}
	return p
}

// may is the rule within one account: a Deny anywhere refuses; otherwise one of the
// principal's own policies has to allow it, and for a key the key's policy too.
func (p *principal) may(q request) bool { return p.because(q) == "" }

// because is why a request is refused, in AWS's words; empty when it is not.
func (p *principal) because(q request) string {
	q.context = maps.Clone(q.context)
	if q.context == nil {
		q.context = map[string]string{}
	}
	q.context["aws:PrincipalArn"], q.context["aws:SecureTransport"], q.context["kms:CallerAccount"] = p.arn, "true", "123456789012"
	bucket, _, _ := strings.Cut(q.resource, "/")
	key, isKey := p.keys[q.resource]
	var resource []policyStatement
	for _, s := range append(slices.Clone(key), p.buckets[bucket]...) {
		if s.concerns() {
			resource = append(resource, s)
		}
	}
	is := func(effect string) func(policyStatement) bool {
		return func(s policyStatement) bool { return s.Effect == effect && s.applies(q) }
	}
	switch {
	case slices.ContainsFunc(resource, is("Deny")):
		return " with an explicit deny in a resource-based policy"
	case !allowed(p.own, q):
		return " because no identity-based policy allows the " + q.action + " action"
	case isKey && !slices.ContainsFunc(resource, is("Allow")):
		return " because no resource-based policy allows the " + q.action + " action"
	}
	return ""
}
