package cloud

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Unit is a service of the spec in one of its environments.
type Unit struct {
	Client  string   `json:"client"`
	Region  string   `json:"region"`
	App     string   `json:"app"`
	Service string   `json:"service"`
	Env     spec.Env `json:"env"`

	Runtime spec.Runtime  `json:"runtime"`
	Asked   int32         `json:"-"` // tasks that the spec asks for; 0 where it does not
	Least   int32         `json:"-"` // and between which numbers they follow the load; both are 0 where
	Most    int32         `json:"-"` // they do not
	Stopped bool          `json:"-"` // the spec says that the environment is
	Account string        `json:"account"`
	API     *awsapi.Set   `json:"-"`
	Pace    time.Duration `json:"-"`
}

// Unit finds a service of the spec. It asks AWS who is calling, and nothing else.
func (o *Operator) Unit(ctx context.Context, s *spec.Spec, app, service string, env spec.Env) (Unit, *provision.Scope, error) {
	account, err := o.Account(ctx)
	if err != nil {
		return Unit{}, nil, err
	}
	scope := o.Within(o.Within(account, provision.RegionLevel, s.Region, ""), provision.ClientLevel, s.Region, s.Client)
	var names []string
	for _, a := range s.Apps {
		for _, svc := range a.Services {
			names = append(names, a.Name+"/"+svc.Name)
			if a.Name == app && svc.Name == service {
				n, _ := rules.Tasks(s, svc, env)
				u := Unit{
					Client: s.Client, Region: s.Region, App: app, Service: service, Env: env, Runtime: svc.Runtime,
					Asked: n, Stopped: s.Stopped.Of(env), Account: scope.Account, API: scope.API, Pace: o.Pace,
				}
				if least, most, scales := rules.TaskRange(s, svc, env); scales {
					u.Least, u.Most = least, most
				}
				return u, scope, nil
			}
		}
	}
	has := "none"
	if len(names) > 0 {
		has = strings.Join(names, ", ")
	}
	return Unit{}, nil, Guardf("%s has no service %s/%s: its spec has %s", s.Client, app, service, has)
}

// ECSService reads the unit's ECS service.
func (u Unit) ECSService(ctx context.Context) (*ecstypes.Service, error) {
	out, err := u.API.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: u.Cluster(), Services: []string{u.Name()}, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags}})
	if awsapi.Is(err, awsapi.NotFound) || err == nil && (len(out.Services) == 0 || aws.ToString(out.Services[0].Status) != "ACTIVE") {
		return nil, u.Missing("service")
	}
	if err != nil {
		return nil, err
	}
	tags := provision.Tags{}
	for _, t := range out.Services[0].Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	if !Ours(tags, u.Client, u.Region) || tags[provision.TagRole] != u.Name() {
		return nil, u.Foreign(lang.Sprintf("the service %s/%s", aws.ToString(u.Cluster()), u.Name()))
	}
	return &out.Services[0], nil
}

// String is "shop/web in prod".
func (u Unit) String() string { return lang.Sprintf("%s/%s in %s", u.App, u.Service, u.Env) }

// Cluster is the name of its ECS cluster.
func (u Unit) Cluster() *string { return aws.String(rules.ClusterName(u.Client)) }

// Name is that of its ECS service.
func (u Unit) Name() string { return rules.ServiceName(u.App, u.Service, u.Env) }

// Family is the name of its task definitions.
func (u Unit) Family() string { return rules.TaskFamily(u.Client, u.App, u.Service, u.Env) }

// Repository is the name of its ECR repository.
func (u Unit) Repository() string { return rules.RepositoryName(u.Client, u.App, u.Service) }

// In is the same service in another environment.
func (u Unit) In(env spec.Env) Unit {
	u.Env = env
	return u
}

// Command is a deploy command about the unit.
func (u Unit) Command(verb string, more ...string) string {
	words := append([]string{"cicdctl deploy", verb, u.Client, u.App + "/" + u.Service, "--env", string(u.Env)}, more...)
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// Awake refuses while the unit's environment is stopped: nothing may run there.
func (u Unit) Awake() error {
	if !u.Stopped {
		return nil
	}
	return Guardf("the environment %s of %s is stopped: cicdctl start %s --env %s", u.Env, u.Client, u.Client, u.Env)
}

// Missing refuses for want of something that client create makes.
func (u Unit) Missing(what string) error {
	return Guardf("%s has no %s for %s: cicdctl client create %s makes it", u.Client, what, u, u.Client)
}

// Foreign refuses what is not the unit's own.
func (u Unit) Foreign(what string) error {
	return Guardf("%s does not carry the tags of %s's %s: it is not cicdctl's to deploy", what, u.Client, u)
}

// DescribesAtOnce is how many revisions are asked for at a time: AWS describes them
// one by one.
const DescribesAtOnce = 8

// Sightings is how many looks something new may take to be found.
const Sightings = 10

// States of a service.
const (
	StateAbsent    = "not created"
	StateForeign   = "not ours"
	StateNone      = "not deployed"
	StateDeploying = "deploying"
	StateRunning   = "running"
	StateShort     = "tasks missing"
	StateStopped   = "scaled to 0"
	StateOff       = "switched off" // with its environment
	StateFailed    = "failed"
)
