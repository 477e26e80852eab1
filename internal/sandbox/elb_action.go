package sandbox

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

var (
	fixedStatus = regexp.MustCompile(`^[245][0-9]{2}$`)
	fixedTypes  = []string{"text/plain", "text/css", "text/html", "application/javascript", "application/json"}
)

// checkActions checks the actions of a listener or a rule, and fills in what
// AWS does: a forward to one target group reads both ways.
func (t *tx) checkActions(l *types.Listener, actions []types.Action) error {
	if len(actions) != 1 {
		return apiError("InvalidLoadBalancerAction", "Exactly one forward, redirect or fixed-response action is needed, not %d", len(actions))
	}
	act := &actions[0]
	switch act.Type {
	case types.ActionTypeEnumForward:
		return t.checkForward(*l.LoadBalancerArn, act)
	case types.ActionTypeEnumFixedResponse:
		f := act.FixedResponseConfig
		switch {
		case f == nil || !fixedStatus.MatchString(aws.ToString(f.StatusCode)):
			return apiError("ValidationError", "A fixed-response action must specify a status code of 2XX, 4XX or 5XX")
		case len(aws.ToString(f.MessageBody)) > 1024:
			return apiError("ValidationError", "The message body is longer than 1024 characters")
		case f.ContentType != nil && !slices.Contains(fixedTypes, *f.ContentType):
			return apiError("ValidationError", "The content type '%s' is not one of %s", *f.ContentType, strings.Join(fixedTypes, ", "))
		}
	case types.ActionTypeEnumRedirect:
		return checkRedirect(l, act.RedirectConfig)
	default:
		return apiError("InvalidLoadBalancerAction", "the sandbox does not know the action type '%s'", act.Type)
	}
	return nil
}

// checkRedirect checks a redirect, and fills in what AWS does: parts that stay.
func checkRedirect(l *types.Listener, r *types.RedirectActionConfig) error {
	if r == nil {
		return apiError("InvalidLoadBalancerAction", "For actions of type 'redirect', you must specify the following fields: 'RedirectConfig'")
	}
	stays := func(part **string, keyword string) bool {
		if aws.ToString(*part) == "" {
			*part = aws.String(keyword)
		}
		return **part == keyword
	}
	stays(&r.Query, "#{query}") // alone it leads back to the same rule
	sameHost, samePath := stays(&r.Host, "#{host}"), stays(&r.Path, "/#{path}")
	sameProtocol := stays(&r.Protocol, "#{protocol}") || *r.Protocol == string(l.Protocol)
	samePort := stays(&r.Port, "#{port}") || *r.Port == strconv.Itoa(int(aws.ToInt32(l.Port)))
	port, err := strconv.Atoi(*r.Port)
	switch {
	case r.StatusCode != types.RedirectActionStatusCodeEnumHttp301 && r.StatusCode != types.RedirectActionStatusCodeEnumHttp302:
		return apiError("ValidationError", "The redirect status code '%s' must be one of 'HTTP_301, HTTP_302'", r.StatusCode)
	case !slices.Contains([]string{"HTTP", "HTTPS", "#{protocol}"}, *r.Protocol):
		return apiError("ValidationError", "The redirect protocol '%s' must be one of 'HTTP, HTTPS, #{protocol}'", *r.Protocol)
	case *r.Port != "#{port}" && (err != nil || port < 1 || port > 65535):
		return apiError("ValidationError", "The redirect port '%s' must be between 1 and 65535, or '#{port}'", *r.Port)
	case !strings.HasPrefix(*r.Path, "/"), len(*r.Path) > 128, len(*r.Host) > 128, len(*r.Query) > 128, strings.HasPrefix(*r.Query, "?"):
		return apiError("ValidationError", "The host, path or query of the redirect is not valid")
	case l.Protocol == types.ProtocolEnumHttps && *r.Protocol == "HTTP":
		return apiError("InvalidLoadBalancerAction", "You cannot redirect HTTPS to HTTP")
	case sameProtocol && samePort && sameHost && samePath:
		return apiError("InvalidLoadBalancerAction", "The redirect configuration is not valid because it creates a loop.")
	}
	return nil
}

func (t *tx) checkForward(balancer string, act *types.Action) error {
	groups := forwardsTo([]types.Action{*act})
	if len(groups) == 0 || len(groups) > 5 {
		return apiError("ValidationError", "A forward action must specify one to five target groups")
	}
	lb := balancers.find(t, balancer)
	for _, arn := range groups {
		g := targetGroups.find(t, arn)
		if g == nil {
			return apiError("TargetGroupNotFound", "One or more target groups not found: '%s' does not exist", arn)
		}
		if lb != nil && *g.V.VpcId != *lb.V.VpcId {
			return apiError("InvalidConfigurationRequest", "The target group '%s' is not in the VPC of the load balancer", arn)
		}
		if lb != nil && (g.V.Protocol == types.ProtocolEnumTcp) != (lb.V.Type == types.LoadBalancerTypeEnumNetwork) {
			return apiError("InvalidConfigurationRequest", "The target group '%s' with the protocol '%s' cannot be used by a load balancer of type '%s'", arn, g.V.Protocol, lb.V.Type)
		}
		if used := t.balancersOf(arn); len(used) > 0 && used[0] != balancer {
			return apiError("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", arn)
		}
	}
	act.ForwardConfig = cmp.Or(act.ForwardConfig, &types.ForwardActionConfig{})
	if len(act.ForwardConfig.TargetGroups) == 0 {
		act.ForwardConfig.TargetGroups = []types.TargetGroupTuple{{TargetGroupArn: act.TargetGroupArn}}
	}
	for i := range act.ForwardConfig.TargetGroups {
		if tuple := &act.ForwardConfig.TargetGroups[i]; tuple.Weight == nil {
			tuple.Weight = aws.Int32(1)
		}
	}
	act.ForwardConfig.TargetGroupStickinessConfig = cmp.Or(act.ForwardConfig.TargetGroupStickinessConfig, &types.TargetGroupStickinessConfig{Enabled: aws.Bool(false)})
	if len(groups) == 1 {
		act.TargetGroupArn = aws.String(groups[0])
	}
	return nil
}

// forwardsTo lists the target groups of actions.
func forwardsTo(actions []types.Action) []string {
	var out []string
	for _, act := range actions {
		if act.TargetGroupArn != nil {
			out = append(out, *act.TargetGroupArn)
		}
		if act.ForwardConfig != nil {
			for _, tuple := range act.ForwardConfig.TargetGroups {
				if arn := aws.ToString(tuple.TargetGroupArn); !slices.Contains(out, arn) {
					out = append(out, arn)
				}
			}
		}
	}
	return out
}

// jsonText is a text by which two values of the SDK can be compared.
func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error() // plain structs of strings and numbers: it cannot fail
	}
	return string(text)
}
