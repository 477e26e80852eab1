package client

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// RotateKeyOptions are those of the key rotate command.
type RotateKeyOptions struct {
	Name, Spec string
	InWindow   bool // leave the hosts to the weekly renewal
	Yes        bool
}

// KeyRotation is the replacement of a client's SSH key pair. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "old": "SHA256:…", "new": "SHA256:…", "pair": "acme.1f2e3d4c", "began": true,
//	 "hosts": [{"id": "i-…", "pair": "acme.1f2e3d4c", "current": true}], "removed": true, "next": ["…"]}
//
// Its steps are those of the escrow, the key pair and launch template, the hosts, and the escrow again. What has been
// done shows on AWS, so that another run goes on where one has ended.
type KeyRotation struct {
	Client  string    `json:"client"`
	Region  string    `json:"region"`
	Old     string    `json:"old"`  // fingerprint of the key that goes
	New     string    `json:"new"`  // of the one in its place; empty before it is made
	Pair    string    `json:"pair"` // the key pair that hosts are started with
	Began   bool      `json:"began"`
	Hosts   []KeyHost `json:"hosts"`
	Removed bool      `json:"removed"` // the old key is in escrow no longer
	Next    []string  `json:"next"`

	op     *cloud.Operator
	run    *cloud.Run
	escrow *s3.Escrow
}

// RotateKey gives a client another key, its hosts with it, and then forgets the old one.
func RotateKey(ctx context.Context, a *session.Session, o RotateKeyOptions) error {
	file, s, err := session.LoadSpec(a, o.Name, o.Spec)
	if err != nil {
		return err
	}
	if s == nil { // the defaults may be another client's: its hosts would change with the key
		return session.NoFile(a, o.Name, file)
	}
	a.Client = o.Name
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	if err := session.Admit(ctx, a, op, o.Name, s.Region); err != nil {
		return err
	}
	k, err := PrepareKeyRotation(ctx, op, s)
	if err != nil {
		return err
	}
	if err := showKeyRotationPlan(a.Print, k, o.InWindow); err != nil {
		return err
	}
	if err := session.Confirm(ctx, a, o.Yes); err != nil {
		return err
	}
	apply := func(ctx context.Context, run *cloud.Run, plan *cloud.Plan) (*cloud.Plan, error) {
		if plan.Settled() {
			return plan, nil
		}
		var out report.Outcome
		done, _, err := session.CarryOut(ctx, a, run, plan, &out)
		return done, err
	}
	told := -1
	replacing := func(done, all int) {
		if done != told {
			told = done
			a.Print.Tell("hosts with the new key: %d of %d", done, all)
		}
	}
	if err := k.Run(ctx, o.InWindow, apply, replacing); err != nil {
		if ctx.Err() != nil && k.Began {
			a.Print.Tell("no longer waiting: AWS goes on replacing hosts; finish with: %s", a.Next("key rotate %s", o.Name))
			return session.Stopped(a)
		}
		return err
	}
	k.Next = k.steps(a)
	return showKeyRotation(a.Print, k)
}

// steps are what is left to do.
func (k *KeyRotation) steps(a *session.Session) []string {
	var steps []string
	for _, h := range k.Hosts {
		if !h.Current && !h.managed {
			steps = append(steps, a.Print.Sayf("terminate %s, which somebody has started with the key pair %s, or take the old key out of it and start it anew", h.ID, h.Pair))
		}
	}
	if !k.Removed {
		steps = append(steps, a.Print.Sayf("once all hosts have the new key, remove the old one: %s", a.Next("key rotate %s", k.Client)))
	}
	return append(steps, a.Next("key show %s --out %s.pem", k.Client, rules.Lower(k.Client)))
}

// PrepareKeyRotation looks how far a rotation is, if one has begun, and what it would change. It
// only reads. The error is a *cloud.GuardError when the client is not in order.
func PrepareKeyRotation(ctx context.Context, op *cloud.Operator, s *spec.Spec) (*KeyRotation, error) {
	run, err := op.Build(ctx, s)
	if err != nil {
		return nil, err
	}
	run.Types = provision.Narrow(op.Types, "ec2/key-pair", "ec2/launch-template")
	run.Request.Only = func(kind string, _ provision.Role) bool {
		return kind == "ec2/key-pair" || kind == "ec2/launch-template"
	}
	scope := run.Scope()
	id, err := op.Identity(ctx)
	if err != nil {
		return nil, err
	}
	if why := rules.MayOnlyLook(run.Admitted, id.ARN); why != "" {
		return nil, &cloud.GuardError{Reason: why}
	}
	e, err := escrowOf(ctx, scope)
	if err != nil {
		return nil, err
	}
	if e.Record() != s3.Recorded {
		return nil, cloud.Guardf("the escrow of %s does not tell its public key: cicdctl client create %s mends that", s.Client, s.Client)
	}
	old, err := e.OldKeys(ctx, scope)
	if err != nil {
		return nil, err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return nil, err
	}
	k := &KeyRotation{Client: s.Client, Region: s.Region, Old: e.Fingerprint(), op: op, run: run, escrow: e}
	if was := replaced(e, old); was != nil {
		k.Began, k.Old, k.New = true, was.Fingerprint, e.Fingerprint()
	}
	if err := run.Stopped(plan); err != nil {
		return nil, err
	}
	if !k.Began && !plan.Settled() {
		return nil, cloud.Guardf("the key pair or the launch template of %s is not as the spec says: cicdctl client create %s comes first", s.Client, s.Client)
	}
	k.look(plan)
	k.Hosts, err = hostsWithKey(ctx, scope, k.Pair)
	return k, err
}

// look takes over which key pair hosts are started with.
func (k *KeyRotation) look(plan *cloud.Plan) {
	for _, h := range plan.Held() {
		if h.Kind == "ec2/key-pair" && h.Role == "ssh" {
			k.Pair = h.ID
		}
	}
}

// Run carries the rotation out, or goes on with it. Apply carries out a plan; replacing is told
// how many hosts have the new key, of how many. With inWindow, hosts are left to the weekly
// renewal, and the old key stays until a later run.
func (k *KeyRotation) Run(ctx context.Context, inWindow bool, apply func(context.Context, *cloud.Run, *cloud.Plan) (*cloud.Plan, error), replacing func(done, all int)) error {
	scope := k.run.Scope()
	if !k.Began {
		next, err := k.escrow.Rotate(ctx, scope)
		if awsapi.Is(err, awsapi.Exists, awsapi.InUse) {
			return cloud.Guardf("the key of %s was replaced by another run just now: run again to go on with that", k.Client)
		}
		if err != nil {
			return lang.Errorf("put another key of %s into the admin bucket: %w", k.Client, err)
		}
		k.escrow, k.New, k.Began = next, next.Fingerprint(), true
	}
	// The new pair first, then the launch template, and only then the old pair goes: at any
	// time hosts can be started.
	plan, err := k.run.Plan(ctx)
	if err != nil {
		return err
	}
	if plan, err = apply(ctx, k.run, plan); err != nil {
		return err
	}
	k.look(plan)
	if !inWindow {
		if err := k.replaceHosts(ctx, scope, replacing); err != nil {
			return err
		}
	}
	if k.Hosts, err = hostsWithKey(ctx, scope, k.Pair); err != nil {
		return err
	}
	if slices.ContainsFunc(k.Hosts, func(h KeyHost) bool { return !h.Current }) {
		return nil // with the old key one can still get into it
	}
	e, err := escrowOf(ctx, scope)
	if err != nil {
		return err
	}
	old, err := e.OldKeys(ctx, scope)
	if err != nil {
		return err
	}
	if was := replaced(e, old); was != nil {
		if err := e.Forget(ctx, scope, []s3.OldKey{*was}); err != nil {
			return lang.Errorf("remove the old key of %s: %w", k.Client, err)
		}
	}
	k.Removed = true
	return nil
}

// refreshLooks is how many of the usual pauses there are between two looks at hosts, which take
// minutes each.
const refreshLooks = 8

// replaceHosts replaces the group's hosts that were started with another key, as the weekly
// renewal does: each once another one is there, and has taken over its tasks.
func (k *KeyRotation) replaceHosts(ctx context.Context, scope *provision.Scope, replacing func(done, all int)) error {
	group, started := aws.String(rules.HostsName(k.Client)), ""
	for {
		hosts, err := hostsWithKey(ctx, scope, k.Pair)
		if err != nil {
			return err
		}
		hosts = slices.DeleteFunc(hosts, func(h KeyHost) bool { return !h.managed })
		left := slices.DeleteFunc(slices.Clone(hosts), func(h KeyHost) bool { return h.Current })
		newest, err := newestRefresh(ctx, scope, group)
		if err != nil {
			return err
		}
		active := newest != nil && slices.Contains(refreshing, newest.Status)
		switch {
		case len(left) == 0 && (!active || started == ""):
			return nil
		case active:
			replacing(len(hosts)-len(left), len(hosts))
		case started != "" && aws.ToString(newest.InstanceRefreshId) == started:
			return cloud.Guardf("Auto Scaling did not replace the hosts of %s (%s): %s; hosts with the old key, which stays: %d; once the cause is mended, run again: cicdctl key rotate %s",
				k.Client, newest.Status, aws.ToString(newest.StatusReason), len(left), k.Client)
		default:
			if started, err = startRefresh(ctx, scope, group); err != nil {
				return err
			}
			replacing(len(hosts)-len(left), len(hosts))
		}
		if err := cloud.Pause(ctx, refreshLooks*k.op.Pace); err != nil {
			return errors.Join(lang.Errorf("hosts of %s were still being replaced", k.Client), err)
		}
	}
}

// refreshing are the states of a refresh that is under way.
var refreshing = []asgtypes.InstanceRefreshStatus{
	asgtypes.InstanceRefreshStatusPending, asgtypes.InstanceRefreshStatusInProgress, asgtypes.InstanceRefreshStatusCancelling,
	asgtypes.InstanceRefreshStatusRollbackInProgress, asgtypes.InstanceRefreshStatusBaking,
}

// newestRefresh is the group's last refresh, whoever started it; nil when there was none.
func newestRefresh(ctx context.Context, scope *provision.Scope, group *string) (*asgtypes.InstanceRefresh, error) {
	out, err := scope.API.ASG.DescribeInstanceRefreshes(ctx, &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: group, MaxRecords: aws.Int32(1)})
	if err != nil {
		return nil, lang.Errorf("look at the replacement of %s: %w", *group, err)
	}
	if len(out.InstanceRefreshes) == 0 {
		return nil, nil
	}
	return &out.InstanceRefreshes[0], nil
}

// startRefresh has the group replace all of its hosts. One that another run has started
// meanwhile does as well.
func startRefresh(ctx context.Context, scope *provision.Scope, group *string) (string, error) {
	p := rules.RefreshPreferences()
	out, err := scope.API.ASG.StartInstanceRefresh(ctx, &autoscaling.StartInstanceRefreshInput{
		AutoScalingGroupName: group, Strategy: asgtypes.RefreshStrategyRolling, Preferences: &asgtypes.RefreshPreferences{
			MinHealthyPercentage: &p.MinHealthyPercentage, MaxHealthyPercentage: &p.MaxHealthyPercentage, InstanceWarmup: &p.InstanceWarmup,
			ScaleInProtectedInstances: asgtypes.ScaleInProtectedInstances(p.ScaleInProtectedInstances), StandbyInstances: asgtypes.StandbyInstances(p.StandbyInstances),
			SkipMatching: &p.SkipMatching,
		},
	})
	if awsapi.Code(err) == "InstanceRefreshInProgress" || awsapi.Code(err) == "InstanceRefreshInProgressFault" {
		return "", nil
	}
	if err != nil {
		return "", lang.Errorf("replace the hosts of %s: %w", *group, err)
	}
	return aws.ToString(out.InstanceRefreshId), nil
}
