package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
)

func ranges(a *account) []string {
	return each(a.vpcs, func(v types.Vpc) string {
		if tagOf(v.Tags, "cicdctl:managed-by") == "" {
			return ""
		}
		return aws.ToString(v.CidrBlock)
	})
}

// definitionOf is the task definition that a service runs.
func (a *account) definitionOf(s ecstypes.Service) *ecstypes.TaskDefinition {
	for _, r := range a.revisions {
		if *r.TaskDefinition.TaskDefinitionArn == *s.TaskDefinition {
			return r.TaskDefinition
		}
	}
	return nil
}

func (a *account) tagOfDefinition(s ecstypes.Service, key string) string {
	for _, r := range a.revisions {
		if *r.TaskDefinition.TaskDefinitionArn == *s.TaskDefinition {
			return tagged(r.Tags, key)
		}
	}
	return ""
}

func (a *account) tagOfImage(s ecstypes.Service) string {
	return a.tagOfDefinition(s, "cicdctl:image-tag")
}

// routes are "app|service|env|balancer|listener|redirects", or with conditions "service|env|listener|condition".
func (a *account) routes(conditions bool) []string {
	var out []string
	for _, s := range a.services {
		leads := func(actions []elbtypes.Action) bool {
			return slices.ContainsFunc(actions, func(x elbtypes.Action) bool {
				return slices.ContainsFunc(s.LoadBalancers, func(b ecstypes.LoadBalancer) bool {
					return aws.ToString(b.TargetGroupArn) == aws.ToString(x.TargetGroupArn)
				})
			})
		}
		for _, l := range a.listeners {
			listener := fmt.Sprintf("%s %d", l.Protocol, *l.Port)
			balancer := strings.TrimPrefix(strings.Split(*l.ListenerArn, "/")[2], "acme-")
			if leads(l.DefaultActions) && !conditions {
				out = append(out, unitOf(s.Tags)+"|"+balancer+"|"+listener+"|false")
			}
			for _, r := range a.rules {
				if !strings.HasPrefix(strings.Replace(*r.RuleArn, "listener-rule/", "listener/", 1), *l.ListenerArn+"/") || aws.ToBool(r.IsDefault) {
					continue
				}
				host, path := "", ""
				for _, c := range r.Conditions {
					if c.HostHeaderConfig != nil {
						host = c.HostHeaderConfig.Values[0]
					}
					if c.PathPatternConfig != nil {
						path = c.PathPatternConfig.Values[0]
					}
				}
				env := map[string]string{"shop.example": "prod", "preview.shop.example": "preview"}[host]
				service := map[string]string{"/api/*": "api", "/*": "web"}[path]
				redirect := r.Actions[0].Type == elbtypes.ActionTypeEnumRedirect && unitOf(s.Tags) == "shop|"+service+"|"+env
				switch {
				case !redirect && !leads(r.Actions):
				case conditions:
					unit := tagged(s.Tags, "cicdctl:service") + "|" + tagged(s.Tags, "cicdctl:env") + "|" + listener
					out = append(out, unit+"|host-header "+host, unit+"|path-pattern "+path)
				default:
					out = append(out, fmt.Sprintf("%s|%s|%s|%t", unitOf(s.Tags), balancer, listener, redirect))
				}
			}
		}
	}
	return out
}

// drill is what the tag of the database says of the last one.
func (a *account) drill() string {
	for _, t := range a.cluster.TagList {
		if *t.Key == "cicdctl:last-drill" {
			words := map[string]string{}
			for word := range strings.FieldsSeq(*t.Value) {
				name, value, _ := strings.Cut(word, "=")
				words[name] = value
			}
			return strings.Join([]string{words["at"], words["restored"], strings.TrimSuffix(words["rpo"], "s"), strings.TrimSuffix(words["rto"], "s"), "true"}, "|")
		}
	}
	return "no tag"
}

// certificates are those of the object that VPN users are kept in.
func (a *account) certificates() []string {
	out, err := a.api.S3.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("cicdctl-admin-123456789012-eu-west-3-an"), Key: aws.String("vpn/eu-west-3/ACME.json")})
	if err != nil {
		return []string{err.Error()}
	}
	defer func() { _ = out.Body.Close() }() // it was read, or the test fails for that
	var index struct {
		Certificates []struct{ Person, State, Issued, Expires string }
	}
	if err := json.NewDecoder(out.Body).Decode(&index); err != nil {
		return []string{err.Error()}
	}
	var all []string
	for _, c := range index.Certificates {
		all = append(all, c.Person+"|"+c.State+"|"+c.Issued+"|"+c.Expires)
	}
	return all
}

// schedule is the expression and the time zone of one.
func (a *account) schedule(name string) []string {
	out, err := a.api.Scheduler.GetSchedule(context.Background(), &scheduler.GetScheduleInput{GroupName: aws.String("acme"), Name: &name})
	if err != nil {
		return []string{err.Error(), ""}
	}
	return []string{*out.ScheduleExpression, *out.ScheduleExpressionTimezone}
}
