package cloud

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	ec2kinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/ec2"
	s3kinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
	"gitlab.com/cicd/cicdctl/internal/version"
)

// Nothing is changed before it is known that no newer cicdctl last applied it. Runs read that
// with their plan, what writes without one asks by Admit, and the clients of the operator let no call
// through that changes something before one of the two was done.

// lookedAt is for how long it holds that no newer cicdctl was seen: a second operator needs
// longer for another version than that, and whoever was asked for an answer is asked again.
const lookedAt = 10 * time.Second

// gate holds back what changes something.
type gate struct {
	mu       sync.Mutex
	asked    bool // whether anything may be changed
	admitted []*provision.Scope
	at       time.Time // of the oldest look at one of them
	open     bool      // something was changed since
}

// admit notes that a scope may be changed, as of a moment.
func (g *gate) admit(at time.Time, scopes ...*provision.Scope) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.admitted) == 0 || at.Before(g.at) {
		g.at = at
	}
	g.admitted = append(g.admitted, scopes...)
	g.asked, g.open = true, false
}

// begin lets changes through from now on. What was looked at a while ago is looked at again.
func (o *Operator) begin(ctx context.Context) error {
	g := &o.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.open:
		return nil
	case !g.asked:
		return lang.New("something was to be changed before it was known which cicdctl last applied it (cloud.Operator.Admit)")
	case time.Since(g.at) > lookedAt:
		if _, err := o.look(awsapi.Remembering(ctx, &awsapi.Memory{}), g.admitted); err != nil {
			return err
		}
	}
	g.open, g.admitted = true, g.admitted[:0]
	return nil
}

// harmless are calls that change nothing of what cicdctl makes although they are no reading ones
// for IAM, or ones that a statement of their own allows: a shell, an image's manifest, a signature,
// what S3 retains, the value of a secret.
var harmless = []string{
	"ecs.ExecuteCommand", "ecr.BatchGetImage", "kms.Sign", "s3.GetObjectLegalHold", "s3.GetObjectLockConfiguration", "s3.GetObjectRetention",
	"secretsmanager.GetSecretValue",
}

// reading are the operations that change nothing, by the SDK's package.
var reading = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, s := range rules.Services() {
		for _, op := range s.Read {
			out[s.Package()+"."+op] = true
		}
	}
	for _, op := range harmless {
		out[op] = true
	}
	return out
})

// hold is asked about every call of the operator's clients. Before the first of them it is known
// that the account that is meant answers.
func (o *Operator) hold(ctx context.Context, service, operation string) error {
	if o.cfg.Account != "" && service != sts.ServiceID {
		if _, err := o.Identity(ctx); err != nil {
			return err
		}
	}
	if reading()[strings.ReplaceAll(strings.ToLower(service), " ", "")+"."+operation] {
		return nil
	}
	return o.begin(ctx)
}

// Release is the release of cicdctl that runs; empty for a development build, which compares
// nothing, writes no version and is never refused.
func (o *Operator) Release() string { return version.Release(o.cfg.Version) }

// Admit is for what changes something of a client without a Run: the error is a
// *provision.NewerError when a newer cicdctl last applied the client. What it returns was last
// applied by a newer one from which somebody has allowed to go back. A pipeline's role may not ask
// that: what it may change is bound by IAM to the services of one app.
func (o *Operator) Admit(ctx context.Context, client, region string) (newer []provision.Mark, err error) {
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	at, scope := time.Now(), o.Within(o.Within(account, provision.RegionLevel, region, ""), provision.ClientLevel, region, client)
	deploys, err := o.deploys(ctx, client)
	if err != nil {
		return nil, err
	}
	if deploys {
		o.gate.admit(at)
		return nil, nil
	}
	if newer, err = o.look(ctx, []*provision.Scope{scope}); err != nil {
		return nil, err
	}
	o.gate.admit(at, scope)
	return newer, nil
}

// deploys reports whether the caller has a role that a client's pipelines deploy with.
func (o *Operator) deploys(ctx context.Context, client string) (bool, error) {
	id, err := o.Identity(ctx)
	if err != nil {
		return false, err
	}
	_, role, assumed := strings.Cut(id.ARN, ":assumed-role/")
	role, _, _ = strings.Cut(role, "/")
	return assumed && rules.IsDeployRole(client, role), nil
}

// MarkOf is what the tags of a client tell of who last applied it.
func (o *Operator) MarkOf(c Client) provision.Mark {
	m := provision.Mark{Scope: provision.ScopeRef{Level: provision.ClientLevel, Name: c.Name}, Told: c.Version, Version: version.Parse(c.Version), Running: o.Release()}
	if len(c.Subnets) > 0 {
		m.ID = c.Subnets[0].ID
	}
	return m
}

// look reads who last applied scopes, and returns the marks of newer ones that are allowed. The error
// is a *provision.NewerError, or that of a read.
func (o *Operator) look(ctx context.Context, scopes []*provision.Scope) (newer []provision.Mark, err error) {
	if o.Release() == "" {
		return nil, nil
	}
	for _, s := range scopes {
		id, tags, err := bearer(ctx, s)
		if err != nil {
			return nil, err
		}
		if m := provision.NewMark(s, id, tags); id != "" && m.Newer() {
			newer = append(newer, m)
		}
	}
	return newer, provision.CheckMarks(newer, o.cfg.AllowDowngrade)
}

// bearer reads the tags of what tells who last applied a scope; there is none of a scope that
// is not there.
func bearer(ctx context.Context, s *provision.Scope) (id string, tags provision.Tags, err error) {
	own := []ec2types.Filter{
		{Name: aws.String("tag:" + provision.TagManagedBy), Values: []string{provision.ManagedBy}},
		{Name: aws.String("tag:" + provision.TagRegion), Values: []string{s.Region}},
	}
	switch s.Level {
	case provision.AccountLevel:
		name := rules.AdminBucketName(s.Account, s.Region)
		out, err := s.API.S3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &name})
		if awsapi.Is(err, awsapi.NotFound) {
			return "", nil, nil
		}
		if err != nil {
			return "", nil, lang.Errorf("read the tags of %s: %w", name, err)
		}
		return name, s3kinds.Tags.Of(out.TagSet), nil
	case provision.RegionLevel:
		for p := ec2.NewDescribeVpcsPaginator(s.API.EC2, &ec2.DescribeVpcsInput{Filters: own}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				return "", nil, lang.Errorf("list the VPC of %s: %w", s.Region, err)
			}
			for _, v := range page.Vpcs {
				return aws.ToString(v.VpcId), ec2kinds.Tags.Of(v.Tags), nil
			}
		}
		return "", nil, nil
	}
	own = append(own, ec2types.Filter{Name: aws.String("tag:" + provision.TagClient), Values: []string{s.Client}},
		ec2types.Filter{Name: aws.String("tag:" + provision.TagRole), Values: []string{leader}})
	for p := ec2.NewDescribeSubnetsPaginator(s.API.EC2, &ec2.DescribeSubnetsInput{Filters: own}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return "", nil, lang.Errorf("look which cicdctl last applied %s: %w", s.Client, err)
		}
		for _, n := range page.Subnets {
			return aws.ToString(n.SubnetId), ec2kinds.Tags.Of(n.Tags), nil
		}
	}
	return "", nil, nil
}

// admit settles that the run may change its scopes, by what its plan has read or, where that
// does not tell, by another look.
func (r *Run) admit(ctx context.Context, plan *Plan) error {
	at := r.planned
	if at.IsZero() {
		at = time.Now()
	}
	if err := plan.TooOld(); err != nil {
		return err
	}
	scopes := r.Request.Scopes
	if r.Types != nil && !slices.ContainsFunc(r.Types, func(t *provision.Type) bool { return t.Bears(r.Scope().Level) }) {
		scopes, at = []*provision.Scope{r.Scope()}, time.Now()
		if _, err := r.Op.look(ctx, scopes); err != nil {
			return err
		}
	}
	r.Op.gate.admit(at, scopes...)
	return r.Op.begin(ctx)
}

// Stopped is why nothing of a plan may be carried out: a *provision.NewerError, or a
// *provision.RefusedError.
func (r *Run) Stopped(plan *Plan) error {
	if err := plan.TooOld(); err != nil {
		return err
	}
	return plan.Stopped()
}

// Mark notes on a client that is as its spec says which cicdctl found it so, where the tags do not
// say it yet. Whoever may only look at what an admin's run would change notes nothing.
func (r *Run) Mark(ctx context.Context, plan *Plan) error {
	if r.guard != nil {
		if err := r.guard(ctx); err != nil {
			if _, only := errors.AsType[*GuardError](err); only {
				return nil
			}
			return err
		}
	}
	if err := r.admit(ctx, plan); err != nil {
		return err
	}
	return r.engine(nil).Mark(ctx, plan, r.Request, nil)
}

// SpecIs reports whether a client's file says what it said when the client was last applied.
func SpecIs(s *spec.Spec, m provision.Mark) bool {
	return s != nil && m.Spec != "" && m.Spec == s.Sum()
}
