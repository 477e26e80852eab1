package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// iamState is IAM, the same in every region. Slices are in the order of creation.
type iamState struct {
	Roles     table[iamRole]
	Profiles  table[iamProfile]
	Providers table[iamProvider]
}

type iamRole struct {
	Name, ID, Path, Description string
	Trust                       string
	Inline                      []iamInline
	Attached                    []string // ARNs
	MaxSession                  int32
	CreatedAt                   time.Time
	Tags                        []types.Tag
	// Unheard is like that of a profile.
	Unheard int `json:",omitempty"`
}

// iamInline is a policy of one role alone.
type iamInline struct{ Label, Policy string }

type iamProfile struct {
	Name, ID, Path string
	Roles          []string
	CreatedAt      time.Time
	Tags           []types.Tag
	// Unheard is how many more times other services say that they do not know the
	// profile: IAM's news takes seconds to get round.
	Unheard int `json:",omitempty"`
}

// Quotas of IAM ("IAM and STS quotas"); policies are counted without white space.
const (
	maxTrust, maxInline    = 2048, 10240
	maxAttached, maxTags   = 10, 50
	maxRole, maxProfile    = 64, 128
	sessionMin, sessionMax = 3600, 43200
)

var iamName = lazyregexp.New(`^[\w+=,.@-]+$`)

func registerIAM(a *Account) {
	registerRole(a)
	registerRolePolicies(a)
	op(a, iam.ServiceID, func(t *tx, in *iam.CreateServiceLinkedRoleInput) (*iam.CreateServiceLinkedRoleOutput, error) {
		service := aws.ToString(in.AWSServiceName)
		known, ok := linkedRoles[service]
		switch {
		case !ok:
			return nil, iamError("InvalidInput", "%s is not a valid service name for service-linked roles", service)
		case in.CustomSuffix != nil:
			return nil, iamError("InvalidInput", "Custom suffix is not allowed for %s", service)
		}
		if _, err := t.role(&known.name); err == nil {
			return nil, iamError("InvalidInput", "Service role name %s has been taken in this account, please try a different suffix.", known.name)
		}
		made := t.describeRole(t.linkRole(service, aws.ToString(in.Description)))
		return &iam.CreateServiceLinkedRoleOutput{Role: &made}, nil
	})
	registerProfile(a)
	registerProvider(a)
	op(a, iam.ServiceID, func(t *tx, in *iam.GetAccountAuthorizationDetailsInput) (*iam.GetAccountAuthorizationDetailsOutput, error) {
		out := &iam.GetAccountAuthorizationDetailsOutput{}
		if len(in.Filter) > 0 && !slices.Contains(in.Filter, types.EntityTypeRole) {
			return out, nil // the sandbox has no users, groups or policies of its own
		}
		part, next, err := page(t, t.IAM.use().Roles, in.Marker)
		out.RoleDetailList, out.Marker, out.IsTruncated = each(part, t.roleDetail), next, next != nil
		return out, err
	})
}

// iamError is a refusal with the HTTP status that IAM gives it.
func iamError(code, format string, args ...any) error {
	status := map[string]int{"NoSuchEntity": http.StatusNotFound, "EntityAlreadyExists": http.StatusConflict, "DeleteConflict": http.StatusConflict, "LimitExceeded": http.StatusConflict}[code]
	if status == 0 {
		status = http.StatusBadRequest
	}
	return httpError(status, code, fmt.Sprintf(format, args...))
}

// iamARN has no region.
func (t *tx) iamARN(what, path, name string) string {
	return fmt.Sprintf("arn:aws:iam::%s:%s%s%s", t.opts.ID, what, path, name)
}

// uniqueID looks like the ids that IAM gives: a prefix for the type and 17 more letters.
func (t *tx) uniqueID(prefix string) string {
	t.Seq++
	return fmt.Sprintf("%s%017X", prefix, t.Seq)
}

// encoded is a policy as IAM gives it out: URL-encoded by RFC 3986.
func encoded(policy string) *string {
	return aws.String(strings.ReplaceAll(url.QueryEscape(policy), "+", "%20"))
}

func (t *tx) role(name *string) (*iamRole, error) {
	r := t.IAM.use().Roles.first(func(r *iamRole) bool { return strings.EqualFold(r.Name, aws.ToString(name)) })
	return found(r, iamError, "NoSuchEntity", "The role with name %s cannot be found.", aws.ToString(name))
}

func (t *tx) describeRole(r *iamRole) types.Role {
	return types.Role{
		RoleName: aws.String(r.Name), RoleId: aws.String(r.ID), Arn: aws.String(t.iamARN("role", r.Path, r.Name)), Path: aws.String(r.Path),
		AssumeRolePolicyDocument: encoded(r.Trust), CreateDate: aws.Time(r.CreatedAt), MaxSessionDuration: aws.Int32(r.MaxSession),
	}
}

func (t *tx) roleDetail(r *iamRole) types.RoleDetail {
	d := t.describeRole(r)
	out := types.RoleDetail{
		RoleName: d.RoleName, RoleId: d.RoleId, Arn: d.Arn, Path: d.Path, AssumeRolePolicyDocument: d.AssumeRolePolicyDocument,
		CreateDate: d.CreateDate, Tags: r.Tags, RoleLastUsed: &types.RoleLastUsed{},
	}
	out.RolePolicyList = each(r.Inline, func(p iamInline) types.PolicyDetail {
		return types.PolicyDetail{PolicyName: aws.String(p.Label), PolicyDocument: encoded(p.Policy)}
	})
	out.AttachedManagedPolicies = each(r.Attached, func(arn string) types.AttachedPolicy {
		return types.AttachedPolicy{PolicyArn: aws.String(arn), PolicyName: aws.String(lastPart(arn))}
	})
	for _, p := range t.IAM.use().Profiles {
		if slices.Contains(p.Roles, r.Name) {
			profile := t.describeProfile(p)
			profile.Tags = nil // left out here
			out.InstanceProfileList = append(out.InstanceProfileList, profile)
		}
	}
	return out
}

// checkIAMName says what IAM would not take as a name or a path.
func checkIAMName(name, path *string, limit int) error {
	if n := aws.ToString(name); !iamName.MatchString(n) || len(n) > limit {
		return iamError("ValidationError", "The specified value for name is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_- and be at most %d long", limit)
	}
	if p := aws.ToString(path); path != nil && (!strings.HasPrefix(p, "/") || !strings.HasSuffix(p, "/")) {
		return iamError("ValidationError", "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return nil
}

func pathOr(path *string) string {
	if path == nil {
		return "/"
	}
	return *path
}

var iamTags = tagList[types.Tag]{
	parts: func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: tagRules{folded: true, faults: reservedTag | repeatedTag, refuse: func(fault tagFault, _ string) error {
		if fault == reservedTag {
			return iamError("InvalidInput", "System tags cannot be added/updated/deleted by users.")
		}
		return iamError("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	}}.firstUpTo(maxTags, iamError("LimitExceeded", "The number of tags has reached the maximum limit.")),
}

// checkDocument judges a policy document as IAM does on its way in. Trust
// policies name principals and no resources, identity policies the other way round.
func checkDocument(text string, trust bool) error {
	var doc struct {
		Version   string
		Statement json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil || len(doc.Statement) == 0 {
		return iamError("MalformedPolicyDocument", "Syntax errors in policy.")
	}
	if doc.Version != "" && doc.Version != "2012-10-17" && doc.Version != "2008-10-17" {
		return iamError("MalformedPolicyDocument", "The policy must contain a valid version string.")
	}
	var statements []map[string]json.RawMessage
	if err := json.Unmarshal(doc.Statement, &statements); err != nil {
		var single map[string]json.RawMessage
		if err := json.Unmarshal(doc.Statement, &single); err != nil {
			return iamError("MalformedPolicyDocument", "Syntax errors in policy.")
		}
		statements = append(statements, single)
	}
	sids := map[string]bool{}
	for _, st := range statements {
		has := func(names ...string) bool {
			return slices.ContainsFunc(names, func(n string) bool { _, ok := st[n]; return ok })
		}
		sid := string(st["Sid"])
		switch effect := string(st["Effect"]); {
		case effect != `"Allow"` && effect != `"Deny"`:
			return iamError("MalformedPolicyDocument", "Missing required field Effect")
		case !has("Action", "NotAction"):
			return iamError("MalformedPolicyDocument", "Policy statement must contain actions.")
		case trust && has("Resource", "NotResource"):
			return iamError("MalformedPolicyDocument", "Has prohibited field Resource")
		case trust && !has("Principal", "NotPrincipal"):
			return iamError("MalformedPolicyDocument", "Missing required field Principal")
		case !trust && has("Principal", "NotPrincipal"):
			return iamError("MalformedPolicyDocument", "Policy document should not specify a principal.")
		case !trust && !has("Resource", "NotResource"):
			return iamError("MalformedPolicyDocument", "Policy statement must contain resources.")
		case sid != "" && sids[sid]:
			return iamError("MalformedPolicyDocument", "Statement IDs (SID) in a single policy must be unique.")
		}
		sids[sid] = true
	}
	return nil
}

// policySize counts what IAM counts.
func policySize(text string) int {
	n := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// linkedRoles are the services' own roles that the sandbox knows, with the policies
// that they have, by service. A new account has none of them.
var linkedRoles = map[string]struct{ name, policy string }{
	"autoscaling.amazonaws.com":                 {"AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy"},
	"backup.amazonaws.com":                      {"AWSServiceRoleForBackup", "AWSBackupServiceLinkedRolePolicyForBackup"},
	"ecs.application-autoscaling.amazonaws.com": {"AWSServiceRoleForApplicationAutoScaling_ECSService", "AWSApplicationAutoscalingECSServicePolicy"},
	"ecs.amazonaws.com":                         {"AWSServiceRoleForECS", "AmazonECSServiceRolePolicy"},
	"elasticloadbalancing.amazonaws.com":        {"AWSServiceRoleForElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy"},
	"rds.amazonaws.com":                         {"AWSServiceRoleForRDS", "AmazonRDSServiceRolePolicy"},
}

// linkedPath is where IAM keeps the roles of AWS's services.
const linkedPath = "/aws-service-role/"

// linkRole makes a service's role, of which the service hears a little later.
func (t *tx) linkRole(service, description string) *iamRole {
	known := linkedRoles[service]
	r := &iamRole{
		Name: known.name, ID: t.uniqueID("AROA"), Path: linkedPath + service + "/", Description: description, MaxSession: sessionMin, CreatedAt: t.now, Unheard: t.opts.Lag,
		Trust:    fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":%q},"Action":"sts:AssumeRole"}]}`, service),
		Attached: []string{"arn:aws:iam::aws:policy/aws-service-role/" + known.policy},
	}
	t.IAM.use().Roles.add(r)
	return r
}

// linked reports whether a service has its role already. When there is none it makes
// one, in the caller's name, and goes on without: most services cannot.
func (t *tx) linked(service string) bool {
	r, err := t.role(aws.String(linkedRoles[service].name))
	switch {
	case err != nil:
		t.linkRole(service, "")
		return false
	case r.Unheard > 0:
		r.Unheard--
		return false
	}
	return true
}

// linkedDB refuses what RDS cannot do without its role.
func (t *tx) linkedDB() error {
	if t.linked("rds.amazonaws.com") {
		return nil
	}
	return apiError("InvalidParameterValue", "Unable to create the resource. Verify that you have permission to create service linked role. Otherwise wait and try again later")
}

// linkedECS refuses what ECS cannot do without its role.
func (t *tx) linkedECS() error {
	if t.linked("ecs.amazonaws.com") {
		return nil
	}
	return apiError("InvalidParameterException", "Unable to assume the service linked role. Please verify that the ECS service linked role exists.")
}

// ownRole finds a role that may be changed: those of AWS's services may not.
func (t *tx) ownRole(name *string) (*iamRole, error) {
	r, err := t.role(name)
	if err == nil && strings.HasPrefix(r.Path, linkedPath) {
		return nil, iamError("UnmodifiableEntity", "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", r.Name)
	}
	return r, err
}
