package policies

import (
	"slices"
	"strings"
	"testing"
)

// Each mistake that the judge is there for is seen once, beside what is right.
func TestMistakesAreSeen(t *testing.T) {
	reference := Load(t)
	const statement = `{"Version":"2012-10-17","Statement":[{"Sid":"S","Effect":"Allow",`
	for name, c := range map[string]struct {
		kind Kind
		text string
		want string // in the one finding; empty when there is to be none
	}{
		"all is right":                        {Identity, `"Action":["ecs:UpdateService"],"Resource":"arn:aws:ecs:eu-west-3:123456789012:service/acme/*","Condition":{"ArnLikeIfExists":{"ecs:task-definition":"*"},"Null":{"ecs:subnet":"true"}}`, ""},
		"an action that is none":              {Identity, `"Action":["ecs:RestartService"],"Resource":"*"`, "ecs:RestartService is no action"},
		"an action in another case":           {Identity, `"Action":["ecs:updateService"],"Resource":"*"`, "ecs:updateService is no action"},
		"an operation that is no action":      {Identity, `"Action":["s3:HeadObject"],"Resource":"*"`, "s3:HeadObject is no action"},
		"a service that is none":              {Identity, `"Action":["elbv2:CreateRule"],"Resource":"*"`, `no service has the prefix "elbv2"`},
		"a pattern of no action":              {Identity, `"Action":["kms:Encipher*"],"Resource":"*"`, "kms:Encipher* is no action"},
		"a pattern of actions":                {Identity, `"Action":["kms:GenerateDataKey*"],"Resource":"arn:aws:kms:eu-west-3:123456789012:key/1"`, ""},
		"a resource of another type":          {Identity, `"Action":["s3:GetObject"],"Resource":"arn:aws:s3:::bucket"`, "s3:GetObject is allowed or denied on arn:aws:s3:::bucket, and takes accesspointobject, object"},
		"a bucket's action on its objects":    {Identity, `"Action":["s3:ListBucket"],"Resource":"arn:aws:s3:::bucket/*"`, "s3:ListBucket is allowed or denied on"},
		"a resource of another service":       {Identity, `"Action":["sqs:SendMessage"],"Resource":"arn:aws:sns:eu-west-3:123456789012:acme"`, "and takes queue"},
		"an action that takes no resource":    {Identity, `"Action":["ecs:DeregisterTaskDefinition"],"Resource":"arn:aws:ecs:eu-west-3:123456789012:task-definition/a:1"`, "and takes nothing, so its resource is *"},
		"one resource that nothing takes":     {Identity, `"Action":["sqs:SendMessage"],"Resource":["arn:aws:sqs:eu-west-3:123456789012:acme","arn:aws:sns:eu-west-3:123456789012:acme"]`, "no action takes the resource arn:aws:sns:"},
		"half of what an action needs":        {Identity, `"Action":["ec2:RunInstances"],"Resource":["arn:aws:ec2:*:*:instance/*","arn:aws:ec2:*:*:image/*","arn:aws:ec2:*:*:network-interface/*","arn:aws:ec2:*:*:subnet/*"]`, "and needs security-group as well"},
		"one of two that an action may take":  {Identity, `"Action":["elasticloadbalancing:CreateRule"],"Resource":"arn:aws:elasticloadbalancing:*:*:listener/app/acme/1/2"`, ""},
		"a key that an action does not know":  {Identity, `"Action":["ecs:UpdateService"],"Resource":"*","Condition":{"StringEquals":{"ecs:CreateAction":"CreateService"}}`, "ecs:UpdateService knows no condition key ecs:CreateAction"},
		"a key of another service":            {Identity, `"Action":["sqs:SendMessage"],"Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"x"}}`, "sqs:SendMessage knows no condition key kms:ViaService"},
		"a key in another case":               {Identity, `"Action":["iam:PassRole"],"Resource":"*","Condition":{"StringEquals":{"iam:passedToService":"x"}}`, "no condition key iam:passedToService"},
		"tags of a resource that has none":    {Identity, `"Action":["cloudwatch:DeleteDashboards"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}`, "no condition key aws:ResourceTag/a"},
		"tags of the request, where none are": {Identity, `"Action":["ecs:UpdateService"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/a":"b"}}`, "no condition key aws:RequestTag/a"},
		"a key of the resource's type":        {Identity, `"Action":["rds:DeleteDBCluster"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}`, ""},
		"a key of all calls":                  {Identity, `"Action":["sqs:SendMessage"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-3"}}`, ""},
		"a key of all calls, misspelt":        {Identity, `"Action":["sqs:SendMessage"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestRegion":"eu-west-3"}}`, "no condition key aws:RequestRegion"},
		"one of several keys":                 {Identity, `"Action":["route53:ChangeResourceRecordSets"],"Resource":"*","Condition":{"StringEquals":{"route53:ChangeResourceRecordSetsRecordTypes":"CNAME"}}`, "has several values, and StringEquals compares one"},
		"several of one key":                  {Identity, `"Action":["sqs:SendMessage"],"Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:RequestedRegion":"x"}}`, "has one value, and ForAnyValue:StringEquals compares several"},
		"an operator for other values":        {Identity, `"Action":["kms:CreateGrant"],"Resource":"*","Condition":{"NumericEquals":{"kms:GrantIsForAWSResource":"1"}}`, "NumericEquals does not compare a Bool"},
		"an operator that is none":            {Identity, `"Action":["sqs:SendMessage"],"Resource":"*","Condition":{"StringMatches":{"aws:RequestedRegion":"x"}}`, "StringMatches is no operator"},
		"nothing to compare with":             {Identity, `"Action":["sqs:SendMessage"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":[]}}`, "compares with nothing"},
		"a role without principals":           {Trust, `"Action":["sts:AssumeRole"]`, "has principals or has not"},
		"a role that is trusted too much":     {Trust, `"Principal":"*","Action":["s3:GetObject"]`, "s3:GetObject is not about what a policy of a trust belongs to"},
		"claims of the provider":              {Trust, `"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/gitlab.com"},"Action":["sts:AssumeRoleWithWebIdentity"],"Condition":{"StringEquals":{"gitlab.com:sub":"a","gitlab.com:aud":"b"}}`, ""},
		"claims of another provider":          {Trust, `"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/gitlab.com"},"Action":["sts:AssumeRoleWithWebIdentity"],"Condition":{"StringEquals":{"gitlab.example:sub":"a"}}`, "no condition key gitlab.example:sub"},
		"a key's policy about no key":         {Key, `"Principal":"*","Action":["kms:ListAliases"],"Resource":"*"`, "kms:ListAliases is not about what a policy of a key belongs to"},
		"a queue's policy":                    {Queue, `"Principal":"*","Action":["sqs:SendMessage"],"Resource":"arn:aws:sqs:eu-west-3:123456789012:a"`, ""},
		"an endpoint's policy":                {Endpoint, `"Principal":"*","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::bucket/*"`, ""},
		"an endpoint's policy of a bucket":    {Endpoint, `"Principal":"*","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::bucket"`, "and takes accesspointobject, object"},
		"a policy without resources":          {Identity, `"Action":["sqs:SendMessage"]`, "has resources or has not"},
	} {
		t.Run(name, func(t *testing.T) {
			found := reference.Judge(Policy{"p", c.kind, statement + c.text + "}]}"})
			found = slices.DeleteFunc(found, func(f string) bool {
				// What nothing takes is told of the action and of the resource.
				return strings.Contains(f, "no action takes the resource") && !strings.HasPrefix(c.want, "no action takes")
			})
			if c.want == "" && len(found) > 0 || c.want != "" && (len(found) != 1 || !strings.Contains(found[0], c.want)) {
				t.Errorf("found %q\nwant %q", found, c.want)
			}
		})
	}
}

func TestAPolicyIsReadAsIAMReadsIt(t *testing.T) {
	reference := Load(t)
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":        {`{`, "cannot be read"},
		"an old version": {`{"Version":"2008-10-17","Statement":[]}`, "has the version"},
		"one name twice": {`{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"},{"Sid":"A","Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}`, "comes twice"},
		"no effect":      {`{"Version":"2012-10-17","Statement":[{"Action":"sqs:SendMessage","Resource":"*"}]}`, "has the effect"},
		"no action":      {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}`, "needs either Action or NotAction"},
	} {
		if found := reference.Judge(Policy{"p", Identity, c.text}); len(found) != 1 || !strings.Contains(found[0], c.want) {
			t.Errorf("%s: found %q, want %q", name, found, c.want)
		}
	}
}

// Resources of one action may be in several policies, as those of operators are.
func TestPoliciesAreJudgedTogether(t *testing.T) {
	reference := Load(t)
	on := func(types ...string) Policy {
		for i, of := range types {
			types[i] = `"arn:aws:ec2:*:*:` + of + `/*"`
		}
		return Policy{"p", Identity, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:RunInstances","Resource":[` + strings.Join(types, ",") + `]}]}`}
	}
	one, other := on("instance", "image", "subnet"), on("network-interface", "security-group")
	if found := reference.Judge(one, other); len(found) > 0 {
		t.Errorf("together: %q", found)
	}
	if found := reference.Judge(one); len(found) != 2 {
		t.Errorf("alone: %q, want what is missing", found)
	}
}

func TestPatternsOverlap(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"", "", true},
		{"", "*", true},
		{"a*", "*b", true},
		{"a*c", "b*", false},
		{"acme-?", "acme-1", true},
		{"acme-?", "acme-10", false},
		{"log-group:/cicdctl/*", "log-group:*:log-stream:*", true},
		{"instance/*", "volume/*", false},
		{strings.Repeat("*a", 30), strings.Repeat("a*", 30) + "b", false},
	} {
		if overlap(c.a, c.b) != c.want || overlap(c.b, c.a) != c.want {
			t.Errorf("%q and %q: want %v", c.a, c.b, c.want)
		}
	}
}
