package elb

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// What listeners and rules do with requests, and the canonical texts of it.

func forwardTo(arn string) elbtypes.Action {
	return elbtypes.Action{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: aws.String(arn)}
}

// toHTTPS sends the same request to HTTPS, for good.
func toHTTPS() elbtypes.Action {
	return elbtypes.Action{Type: elbtypes.ActionTypeEnumRedirect, RedirectConfig: &elbtypes.RedirectActionConfig{
		StatusCode: elbtypes.RedirectActionStatusCodeEnumHttp301, Protocol: aws.String(string(elbtypes.ProtocolEnumHttps)), Port: aws.String(strconv.Itoa(httpsPort)),
		Host: aws.String("#{host}"), Path: aws.String("/#{path}"), Query: aws.String("#{query}"),
	}}
}

// actionText is the canonical text of what a listener or a rule does. AWS repeats
// a forward to one target group in two places.
func actionText(actions []elbtypes.Action) string {
	var out []string
	for _, a := range actions {
		switch {
		case a.Type == elbtypes.ActionTypeEnumForward:
			out = append(out, forwardText(a)...)
		case a.Type == elbtypes.ActionTypeEnumFixedResponse && a.FixedResponseConfig != nil:
			f := a.FixedResponseConfig
			out = append(out, fmt.Sprintf("answer %s %s %q", aws.ToString(f.StatusCode), aws.ToString(f.ContentType), aws.ToString(f.MessageBody)))
		case a.Type == elbtypes.ActionTypeEnumRedirect && a.RedirectConfig != nil:
			r := a.RedirectConfig
			out = append(out, fmt.Sprintf("redirect %s to %s://%s:%s%s?%s", r.StatusCode, aws.ToString(r.Protocol), aws.ToString(r.Host), aws.ToString(r.Port), aws.ToString(r.Path), aws.ToString(r.Query)))
		default:
			out = append(out, string(a.Type))
		}
	}
	return kit.Lines(out)
}

func forwardText(a elbtypes.Action) []string {
	if a.ForwardConfig == nil || len(a.ForwardConfig.TargetGroups) == 0 {
		return []string{"forward to " + aws.ToString(a.TargetGroupArn)}
	}
	var out []string
	for _, g := range a.ForwardConfig.TargetGroups {
		text := "forward to " + aws.ToString(g.TargetGroupArn)
		if len(a.ForwardConfig.TargetGroups) > 1 {
			text += fmt.Sprintf(" weight %d", aws.ToInt32(g.Weight))
		}
		out = append(out, text)
	}
	if sticky := a.ForwardConfig.TargetGroupStickinessConfig; sticky != nil && aws.ToBool(sticky.Enabled) {
		out = append(out, fmt.Sprintf("sticky for %d s", aws.ToInt32(sticky.DurationSeconds)))
	}
	return out
}

// conditionText is the canonical text of a rule's conditions, one value a line.
func conditionText(conditions []elbtypes.RuleCondition) string {
	var out []string
	for _, c := range conditions {
		field, values := aws.ToString(c.Field), c.Values
		switch {
		case c.HostHeaderConfig != nil && len(c.HostHeaderConfig.RegexValues) > 0 && len(c.HostHeaderConfig.Values) == 0:
			field, values = field+" matches", c.HostHeaderConfig.RegexValues
		case c.HostHeaderConfig != nil && len(c.HostHeaderConfig.RegexValues) == 0:
			values = c.HostHeaderConfig.Values
		case c.PathPatternConfig != nil && len(c.PathPatternConfig.RegexValues) == 0:
			values = c.PathPatternConfig.Values
		}
		if len(values) == 0 { // a condition that cicdctl never makes
			text, err := json.Marshal(c)
			if err != nil {
				text = []byte(err.Error())
			}
			values = []string{string(text)}
		}
		for _, v := range values {
			out = append(out, field+" "+v)
		}
	}
	return kit.Lines(out)
}
