package audit

import (
	"slices"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/judge"
)

// Each control is held against what its documentation says, with the cases that its
// name does not tell.
func TestControlsJudgeAsPublished(t *testing.T) {
	t.Parallel()
	allow := func(rest string) string { return `{"Statement":[{"Effect":"Allow",` + rest + `}]}` }
	for control, c := range map[string]struct {
		judge func(string) []string
		cases map[string]struct {
			text   string
			breaks bool
		}
	}{
		"EC2.21": {remoteAdministration, map[string]struct {
			text   string
			breaks bool
		}{
			"SSH from everywhere":                        {"100 allow tcp 0.0.0.0/0 22", true},
			"a deny before it does not count":            {"90 deny tcp 0.0.0.0/0 3389\n100 allow tcp 0.0.0.0/0 1024-65535", true},
			"UDP counts":                                 {"100 allow udp 0.0.0.0/0 3389", true},
			"all protocols, which have no ports":         {"100 allow all 0.0.0.0/0", true},
			"IPv6":                                       {"100 allow tcp ::/0 22", true},
			"a range that begins at it":                  {"100 allow tcp 0.0.0.0/0 22-23", true},
			"a range that stops short of it":             {"100 allow tcp 0.0.0.0/0 1024-3388", false},
			"from somewhere":                             {"100 allow tcp 203.0.113.0/24 22", false},
			"half of everywhere is not everywhere to it": {"100 allow tcp 0.0.0.0/1 22", false},
			"ping":             {"100 allow icmp 0.0.0.0/0 type -1 code -1", false},
			"another protocol": {"100 allow protocol-50 0.0.0.0/0", false},
			"no rule":          {"", false},
		}},
		"EC2.18": {unrestricted, map[string]struct {
			text   string
			breaks bool
		}{
			"HTTP and HTTPS":            {"tcp 443 from 0.0.0.0/0\ntcp 80 from ::/0", false},
			"SSH (EC2.13)":              {"tcp 22 from 0.0.0.0/0", true},
			"RDP by IPv6 (EC2.14)":      {"tcp 3389 from ::/0", true},
			"a database (EC2.19)":       {"tcp 5432 from 0.0.0.0/0", true},
			"a range with a port of it": {"tcp 80-443 from 0.0.0.0/0", true},
			"no port of UDP is allowed": {"udp 443 from 0.0.0.0/0", true},
			"all protocols":             {"all from 0.0.0.0/0", true},
			"from a group":              {"all from sg-1", false},
			"from a list":               {"tcp 22 from pl-1", false},
			"from somewhere":            {"tcp 22 from 203.0.113.7/32", false},
			"ping":                      {"icmp -1 from 0.0.0.0/0", false},
		}},
		"IAM.21": {wildcardActions, map[string]struct {
			text   string
			breaks bool
		}{
			"all of a service":                  {allow(`"Action":"s3:*","Resource":"*"`), true},
			"on one resource all the same":      {allow(`"Action":["logs:PutLogEvents","ec2:*"],"Resource":"arn:aws:ec2:::x"`), true},
			"everything":                        {allow(`"Action":"*","Resource":"*"`), true},
			"everything but one service":        {allow(`"NotAction":"iam:*","Resource":"*"`), true},
			"one statement instead of a list":   {`{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}`, true},
			"a part of a service":               {allow(`"Action":"ec2:Describe*","Resource":"*"`), false},
			"a deny":                            {`{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`, false},
			"a deny of all but one":             {`{"Statement":[{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}]}`, false},
			"no policy":                         {"", false},
			"nothing that is known as a policy": {"?", false},
		}},
		"KMS.5, SNS.4, SQS.3": {public, map[string]struct {
			text   string
			breaks bool
		}{
			"everybody":                             {allow(`"Principal":"*","Action":"kms:*","Resource":"*"`), true},
			"every principal of AWS":                {allow(`"Principal":{"AWS":"*"},"Action":"sns:Publish"`), true},
			"in a list":                             {allow(`"Principal":{"AWS":["arn:aws:iam::123456789012:root","*"]}`), true},
			"everybody but one":                     {allow(`"NotPrincipal":{"AWS":"arn:aws:iam::123456789012:root"}`), true},
			"one statement instead of a list":       {`{"Statement":{"Effect":"Allow","Principal":"*"}}`, true},
			"from one account":                      {allow(`"Principal":"*","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}`), false},
			"through one service, as KMS writes it": {allow(`"Principal":{"AWS":"*"},"Condition":{"StringEquals":{"kms:CallerAccount":"123456789012","kms:ViaService":"rds.eu-west-3.amazonaws.com"}}`), false},
			"through a service from any account":    {allow(`"Principal":"*","Condition":{"StringEquals":{"kms:ViaService":"rds.eu-west-3.amazonaws.com"}}`), true},
			"from any account, by a pattern":        {allow(`"Principal":"*","Condition":{"StringLike":{"aws:SourceAccount":"*"}}`), true},
			"unless the key is missing":             {allow(`"Principal":"*","Condition":{"StringEqualsIfExists":{"aws:SourceAccount":"123456789012"}}`), true},
			"from all accounts but one":             {allow(`"Principal":"*","Condition":{"StringNotEquals":{"aws:SourceAccount":"123456789012"}}`), true},
			"with TLS":                              {allow(`"Principal":"*","Condition":{"Bool":{"aws:SecureTransport":true}}`), true},
			"the account":                           {allow(`"Principal":{"AWS":"arn:aws:iam::123456789012:root"}`), false},
			"a service":                             {allow(`"Principal":{"Service":"logs.eu-west-3.amazonaws.com"}`), false},
			"braces in a text":                      {allow(`"Resource":"a/${aws:username}","Principal":"*"`), true},
			"a bracket in a text":                   {allow(`"Resource":"a]}","Principal":"*"`), true},
			"an escape":                             {allow(`"Principal":"\u002a"`), true},
			"tied, before one that is not":          {`{"Statement":[{"Condition":{"StringEquals":{"aws:SourceAccount":["123456789012"]}},"Effect":"Allow","Principal":"*"},{"Effect":"Deny","Principal":"*"},{"Effect":"Allow","Principal":{"AWS":["*"]}}]}`, true},
			"from one account, as KMS writes it":    {`{"Statement":[{"Condition":{"StringEquals":{"kms:CallerAccount":"123456789012"}},"Effect":"Allow","Principal":{"AWS":"*"}}]}`, false},
			"from any account, as KMS writes it":    {`{"Statement":[{"Condition":{"StringEquals":{"kms:CallerAccount":"*"}},"Effect":"Allow","Principal":{"AWS":"*"}}]}`, true},
			"not from one account":                  {`{"Statement":[{"Condition":{"StringNotEquals":{"kms:CallerAccount":"123456789012"}},"Effect":"Allow","Principal":{"AWS":"*"}}]}`, true},
			"but one, from one account":             {`{"Statement":[{"Condition":{"StringEquals":{"kms:CallerAccount":"123456789012"}},"Effect":"Allow","NotPrincipal":{"AWS":"*"}}]}`, false},
			"tied, and a deny":                      {`{"Statement":[{"Condition":{"StringEquals":{"aws:SourceAccount":["123456789012"]}},"Effect":"Allow","Principal":"*"},{"Effect":"Deny","Principal":"*"}]}`, false},
			"a deny of everybody":                   {`{"Statement":[{"Effect":"Deny","Principal":"*"}]}`, false},
			"a second statement":                    {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"}},{"Sid":"All","Effect":"Allow","Principal":"*"}]}`, true},
		}},
		"S3.5": {plainHTTP, map[string]struct {
			text   string
			breaks bool
		}{
			"a deny without TLS":         {tlsPolicy, false},
			"for some actions only":      {strings.Replace(tlsPolicy, `"s3:*"`, `"s3:GetObject"`, 1), true},
			"for some people only":       {strings.Replace(tlsPolicy, `"Principal":"*"`, `"Principal":{"AWS":"arn:aws:iam::123456789012:root"}`, 1), true},
			"the value as a boolean":     {strings.Replace(tlsPolicy, `"false"`, `false`, 1), false},
			"an allow with TLS":          {allow(`"Principal":"*","Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"true"}}`), true},
			"no policy":                  {"", true},
			"one statement, not a list":  {strings.NewReplacer(`[{`, `{`, `}]`, `}`).Replace(tlsPolicy), false},
			"every principal, in a list": {strings.Replace(tlsPolicy, `"Principal":"*"`, `"Principal":{"AWS":["*"]}`, 1), false},
		}},
	} {
		for why, one := range c.cases {
			if got := c.judge(one.text); (len(got) > 0) != one.breaks {
				t.Errorf("%s: %s: %v", control, why, got)
			}
		}
	}
}

// A control speaks under its number where it is broken, whatever the spec asks for; of
// any other difference speaks the rule of the document, and of none both.
func TestControlsSpeakUnderTheirOwnNumber(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		kind, field, have, want string
		ids                     []string
	}{
		"as asked, and open":      {"ec2/network-acl", "inbound", "100 allow tcp 0.0.0.0/0 1-65535", "100 allow tcp 0.0.0.0/0 1-65535", []string{"EC2.21"}},
		"not as asked, and open":  {"ec2/network-acl", "inbound", "100 allow all 0.0.0.0/0", "", []string{"EC2.21"}},
		"another difference":      {"ec2/network-acl", "inbound", "100 allow tcp 203.0.113.0/24 22", "", []string{"CICD-NET-6"}},
		"in order":                {"ec2/network-acl", "inbound", "100 allow tcp 0.0.0.0/0 80", "100 allow tcp 0.0.0.0/0 80", nil},
		"a group open to all":     {"ec2/security-group", "ingress", "tcp 22 from 0.0.0.0/0", "", []string{"EC2.18"}},
		"a group open to some":    {"ec2/security-group", "ingress", "tcp 22 from 10.0.0.0/8", "", []string{"CICD-SG-1"}},
		"a role with a service":   {"iam/role", "policy", `{"Statement":[{"Effect":"Allow","Action":"s3:*"}]}`, "{}", []string{"IAM.21"}},
		"a role with less":        {"iam/role", "policy", "{}", `{"Statement":[]}`, []string{"CICD-IAM-2"}},
		"a key for everybody":     {"kms/key", "policy", `{"Statement":[{"Effect":"Allow","Principal":"*"}]}`, "{}", []string{"KMS.5"}},
		"a key for somebody else": {"kms/key", "policy", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:root"}}]}`, "{}", []string{"CICD-KEY-6"}},
		"only what was rejected":  {"ec2/flow-log", "traffic", "REJECT", "ALL", []string{"CICD-LOG-3"}},
		"only what was accepted":  {"ec2/flow-log", "traffic", "ACCEPT", "ALL", []string{"EC2.6"}},
	} {
		g := &judge.Group{Client: "ACME", Resources: []*judge.Resource{{Kind: c.kind, ID: "x", Tags: map[string]string{"Name": "ACME", "GroupName": "shop-web"}, Attributes: []judge.Attribute{{Name: c.field, Have: c.have, Want: c.want, Asked: true}}}}}
		var ids []string
		for _, f := range judge.All(All(), g) {
			ids = append(ids, f.ID)
		}
		if !slices.Equal(ids, c.ids) {
			t.Errorf("%s: %v, want %v", why, ids, c.ids)
		}
	}
}
