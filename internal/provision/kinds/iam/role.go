// Package iam holds the kinds of IAM: roles, instance profiles, and the identity
// provider that pipelines sign in with.
package iam

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// role is an IAM role with everything that decides what it may do.
type role struct {
	name, arn string
	tags      provision.Tags
	trust     string
	inline    map[string]string // policies by name
	attached  []string          // ARNs of managed policies
	profiles  []string
}

// ownPolicy is the name of the one inline policy that a role has.
const ownPolicy = "cicdctl"

type wantRole struct {
	name, app string
	trust     string // who may take the role
	policy    func(*provision.Step) string
}

// RoleKind is what the client's containers, their start, their hosts, schedules,
// archives and pipelines may do, and in a region AWS Backup and flow logs. The longest
// session is left at IAM's hour: services renew by themselves, and a job of a pipeline
// takes less.
func RoleKind() *provision.Type {
	names := namedAnyCase(func(r *role) string { return r.name }, func(d wantRole) string { return d.name })
	return provision.Define(provision.Kind[wantRole, *role]{
		Name:      "iam/role",
		ARN:       "iam:role/",
		Levels:    provision.AccountLevel | provision.RegionLevel | provision.ClientLevel,
		Billing:   provision.Billing[wantRole, *role]{Free: freeIAM},
		Impact:    provision.Impact[*role]{Stateless: true},
		DependsOn: append(provision.Existing("iam/oidc-provider"), provision.ForFields(provision.Existing("kms/key"))...),
		Want:      wantRoles,
		// AWS Backup removes what has expired with the role that made it.
		Data: provision.Data[*role]{Auxiliary: func(r *role) bool { return r.tags[provision.TagRole] == kit.BackupRole }},
		List: listRoles,
		ID:   func(r *role) string { return r.name },
		Tags: func(r *role) provision.Tags { return r.tags },
		Naming: provision.Naming[wantRole, *role]{
			Key: names.Key, KeyOf: names.KeyOf, Title: names.Title,
			ExtraTags: func(_ *provision.Scope, d wantRole) provision.Tags {
				return provision.Tags{provision.TagName: d.name, provision.TagApp: d.app}
			},
		},
		Create: func(ctx context.Context, s *provision.Step, d wantRole) (*role, error) {
			return kit.Get(ctx, s.API.IAM.CreateRole, &iam.CreateRoleInput{RoleName: &d.name, AssumeRolePolicyDocument: &d.trust, Tags: iamTags.To(s.Tags)}, func(o *iam.CreateRoleOutput) *role {
				return newRole(iamtypes.RoleDetail{RoleName: o.Role.RoleName, Arn: o.Role.Arn, AssumeRolePolicyDocument: o.Role.AssumeRolePolicyDocument, Tags: iamTags.To(s.Tags)})
			})
		},
		Delete: deleteRole,
		Removal: provision.Removal[*role]{
			Refused: refusesRole,
			// The client's own profile goes first; what is left was made by others.
			Blockers: func(_ context.Context, _ *provision.Step, r *role) (string, error) {
				return strings.Join(kit.Prefixed("instance profile ", slices.Clone(r.profiles)), ", "), nil
			},
		},
		Retag: kit.Retag(ofIAM, awsapi.IAM.TagRole, func(r *role, tags provision.Tags, in *iam.TagRoleInput) {
			in.RoleName, in.Tags = &r.name, iamTags.To(tags)
		}),
		Untag: kit.Untag(ofIAM, awsapi.IAM.UntagRole, func(r *role, keys []string, in *iam.UntagRoleInput) {
			in.RoleName, in.TagKeys = &r.name, keys
		}),
		Facts: func(r *role) []provision.Fact { return []provision.Fact{{Name: "ARN", Value: r.arn}} },
		Fields: []provision.Field[wantRole, *role]{
			kit.Settable("trust policy", kit.Wanted(func(d wantRole) string { return d.trust }), func(r *role) string { return r.trust },
				kit.Set(ofIAM, awsapi.IAM.UpdateAssumeRolePolicy, func(_ *provision.Step, d wantRole, r *role, in *iam.UpdateAssumeRolePolicyInput) {
					in.RoleName, in.PolicyDocument = &r.name, &d.trust
				})),
			kit.Settable("policy", func(s *provision.Step, d wantRole) string { return d.policy(s) }, func(r *role) string { return r.inline[ownPolicy] },
				kit.Set(ofIAM, awsapi.IAM.PutRolePolicy, func(s *provision.Step, d wantRole, r *role, in *iam.PutRolePolicyInput) {
					in.RoleName, in.PolicyName, in.PolicyDocument = &r.name, aws.String(ownPolicy), aws.String(d.policy(s))
				})),
			kit.Settable("other policies", kit.Const[wantRole](""), func(r *role) string { return kit.Lines(append(r.otherInline(), r.attached...)) },
				func(ctx context.Context, s *provision.Step, _ wantRole, r *role) error {
					return dropPolicies(ctx, s, r, r.otherInline())
				}),
		},
	})
}

func wantRoles(s *provision.Scope) map[provision.Role]wantRole {
	place := kit.PlaceOf(s)
	service := func(name string) string { return rules.Trust(name+".amazonaws.com", s.Account, "") }
	tasks := service("ecs-tasks")
	if s.Level == provision.AccountLevel {
		if !kit.WatchesTrail(s) {
			return nil
		}
		return map[provision.Role]wantRole{kit.TrailRole: {
			name: rules.TrailRoleName, trust: rules.Trust("cloudtrail.amazonaws.com", s.Account, rules.TrailARN(place)),
			policy: func(*provision.Step) string { return rules.TrailLogsPolicy(place) },
		}}
	}
	if s.Level == provision.RegionLevel {
		backups := func(*provision.Step) string { return rules.BackupPolicy(place, rules.MonthlyName) }
		flows := func(*provision.Step) string { return rules.FlowLogsPolicy(place) }
		return map[provision.Role]wantRole{
			kit.BackupRole: {name: rules.BackupRoleName(s.Region), trust: service("backup"), policy: backups},
			kit.FlowLogs:   {name: rules.FlowLogsRoleName(s.Region), trust: service("vpc-flow-logs"), policy: flows},
		}
	}
	key := func(s *provision.Step) string { return s.ID("kms/key", "client") }
	out := map[provision.Role]wantRole{
		"ecs-host": {name: rules.HostRoleName(s.Client), trust: service("ec2"), policy: func(*provision.Step) string { return rules.HostPolicy(place, s.Client) }},
	}
	for _, app := range s.Spec.Apps {
		bucket := rules.BucketName(s.Client, app.Name, s.Region, s.Account)
		for _, env := range spec.Envs() {
			out[AppRole(app.Name, env)] = wantRole{
				name: rules.AppRoleName(s.Client, app.Name, env), trust: tasks, app: app.Name,
				policy: func(at *provision.Step) string {
					policy := rules.AppPolicy(bucket, key(at), env, rules.AccessOf(app))
					if rules.Execs(app, env) {
						policy = rules.ExecPolicy(policy, s.Client, place)
					}
					return policy
				},
			}
		}
		out[ExecutionRole(app.Name)] = wantRole{
			name: rules.ExecutionRoleName(s.Client, app.Name), trust: tasks, app: app.Name,
			policy: func(at *provision.Step) string { return rules.ExecutionPolicy(place, s.Client, app, key(at)) },
		}
		out["deploy-"+app.Name] = wantRole{
			name: rules.DeployRoleName(s.Client, app.Name), trust: rules.DeployTrust(place, s.GitLab, app.Repository, app.Branch), app: app.Name,
			policy: func(*provision.Step) string { return rules.DeployPolicy(place, s.Client, app) },
		}
	}
	archived := s.Spec.Backup.Archive.Monthly()
	out["scheduler"] = wantRole{
		name: rules.SchedulerRoleName(s.Client), trust: rules.Trust("scheduler.amazonaws.com", s.Account, s.ARN("scheduler", "schedule-group/"+rules.ScheduleGroupName(s.Client))),
		policy: func(at *provision.Step) string {
			if !archived {
				return rules.SchedulerPolicy(place, s.Client)
			}
			return rules.SchedulerPolicy(place, s.Client, key(at), at.ID("kms/key", kit.ArchiveRole))
		},
	}
	if archived {
		out["archive-export"] = wantRole{
			name: rules.ExportRoleName(s.Client), trust: service("export.rds"),
			policy: func(at *provision.Step) string {
				return rules.ExportPolicy(rules.ArchiveBucketName(s.Client, s.Region, s.Account), at.ID("kms/key", kit.ArchiveRole))
			},
		}
	}
	return out
}

// ExecutionRole is the role in which the role is that starts an app's containers.
func ExecutionRole(app string) provision.Role { return "execution-" + app }

// AppRole is the role in which an app's containers' role is: "app-shop" in prod.
func AppRole(app string, env spec.Env) provision.Role {
	if env == spec.Prod {
		return "app-" + app
	}
	return "app-" + app + "-" + string(env)
}

func listRoles(ctx context.Context, w *provision.Sweep) ([]*role, error) {
	all, err := allRoles(ctx, w)
	return kit.Map(all, err, newRole)
}

func newRole(d iamtypes.RoleDetail) *role {
	r := &role{name: aws.ToString(d.RoleName), arn: aws.ToString(d.Arn), tags: iamTags.Of(d.Tags), trust: policyText(d.AssumeRolePolicyDocument), inline: map[string]string{}}
	for _, p := range d.RolePolicyList {
		r.inline[aws.ToString(p.PolicyName)] = policyText(p.PolicyDocument)
	}
	r.attached = kit.Texts(d.AttachedManagedPolicies, func(p iamtypes.AttachedPolicy) string { return aws.ToString(p.PolicyArn) })
	r.profiles = kit.Texts(d.InstanceProfileList, func(p iamtypes.InstanceProfile) string { return aws.ToString(p.InstanceProfileName) })
	return r
}

// policyText decodes a policy as IAM gives it out.
func policyText(encoded *string) string {
	text, err := url.PathUnescape(aws.ToString(encoded))
	if err != nil {
		text = aws.ToString(encoded) // no policy of ours, so it shows as a difference
	}
	return kit.CanonicalOr(text)
}

// otherInline names the inline policies that are not cicdctl's.
func (r *role) otherInline() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r.inline)), func(name string) bool { return name == ownPolicy })
}

// dropPolicies takes inline policies and all managed ones from the role.
func dropPolicies(ctx context.Context, s *provision.Step, r *role, inline []string) error {
	if err := kit.Drop(inline, func(name string) error {
		return kit.Do(ctx, s.API.IAM.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: &r.name, PolicyName: &name})
	}); err != nil {
		return err
	}
	return kit.Drop(r.attached, func(arn string) error {
		return kit.Do(ctx, s.API.IAM.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: &r.name, PolicyArn: &arn})
	})
}

func deleteRole(ctx context.Context, s *provision.Step, r *role) error {
	if err := dropPolicies(ctx, s, r, slices.Sorted(maps.Keys(r.inline))); err != nil {
		return err
	}
	return kit.Do(ctx, s.API.IAM.DeleteRole, &iam.DeleteRoleInput{RoleName: &r.name})
}

// iamTags are tags as IAM has them.
var iamTags = kit.TagCodec[iamtypes.Tag](func(t *iamtypes.Tag) (key, value **string) { return &t.Key, &t.Value })

// refusesRole names instance profiles of others that have a role.
func refusesRole(_ context.Context, s *provision.Step, _ *provision.Sweep, r *role) (string, error) {
	for _, name := range r.profiles {
		// A look at few clients reads their own profiles only, so that others' are not found.
		if !slices.ContainsFunc(s.Found("iam/instance-profile"), func(p *provision.Resource) bool { return p.ID == name && !p.Foreign() }) {
			return lang.Sprintf("the instance profile %s has it, which is not cicdctl's", name), nil
		}
	}
	return "", nil
}

func ofIAM(s *provision.Step) awsapi.IAM { return s.API.IAM }

// namedAnyCase is the naming of kinds of IAM, which does not tell names by their case.
func namedAnyCase[D, A any](name func(A) string, wanted func(D) string) provision.Naming[D, A] {
	return provision.Naming[D, A]{
		Key:   func(a A) string { return strings.ToLower(name(a)) },
		KeyOf: kit.Name(func(d D) string { return strings.ToLower(wanted(d)) }),
		Title: kit.Title(wanted),
	}
}
