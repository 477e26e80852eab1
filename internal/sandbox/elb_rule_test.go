package sandbox

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// Of a value of a host condition, only letters may follow the last dot (API reference,
// HostHeaderConditionConfig); regular expressions match anything else.
func TestHostConditions(t *testing.T) {
	t.Parallel()
	w := newELBWorld(t)
	values := func(hosts ...string) *elbtypes.HostHeaderConditionConfig {
		return &elbtypes.HostHeaderConditionConfig{Values: hosts}
	}
	regexes := func(expressions ...string) *elbtypes.HostHeaderConditionConfig {
		return &elbtypes.HostHeaderConditionConfig{RegexValues: expressions}
	}
	tests := map[string]struct {
		hosts *elbtypes.HostHeaderConditionConfig
		want  string
	}{
		"a name":                        {values("shop.example"), ""},
		"a wildcard in front":           {values("*.shop.example"), ""},
		"a wildcard after the last dot": {values("preview.*"), "ValidationError"},
		"digits after the last dot":     {values("shop.xn--p1ai"), "ValidationError"},
		"no dot":                        {values("localhost"), "ValidationError"},
		"an expression":                 {regexes(`^preview\..*$`), ""},
		"an expression that looks back": {regexes(`(?<=a)b`), "ValidationError"},
		"a class of Unicode":            {regexes(`\p{L}`), "ValidationError"},
		"an expression of 129":          {regexes(strings.Repeat("a", 129)), "ValidationError"},
		"both":                          {&elbtypes.HostHeaderConditionConfig{Values: []string{"shop.example"}, RegexValues: []string{"x"}}, "ValidationError"},
		"neither":                       {&elbtypes.HostHeaderConditionConfig{}, "ValidationError"},
		"six expressions":               {regexes("a", "b", "c", "d", "e", "f"), "ValidationError"},
	}
	priority := int32(100)
	for name, test := range tests {
		priority++
		out, err := w.api.ELB.CreateRule(t.Context(), &elb.CreateRuleInput{
			ListenerArn: &w.listener, Priority: aws.Int32(priority), Actions: answer("text/plain"),
			Conditions: []elbtypes.RuleCondition{{Field: aws.String("host-header"), HostHeaderConfig: test.hosts}},
		})
		if got := awsapi.Code(err); got != test.want {
			t.Errorf("%s: code %q, want %q", name, got, test.want)
		}
		if err == nil && !slices.Equal(out.Rules[0].Conditions[0].HostHeaderConfig.RegexValues, test.hosts.RegexValues) {
			t.Errorf("%s: reads back as %v", name, out.Rules[0].Conditions[0].HostHeaderConfig.RegexValues)
		}
	}
}
