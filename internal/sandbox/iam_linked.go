package sandbox

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// linkedRoles are the services' own roles that the sandbox knows, with the policies
// that they have, by service. A new account has none of them.
var linkedRoles = map[string]struct{ name, policy string }{
	"autoscaling.amazonaws.com":          {"AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy"},
	"backup.amazonaws.com":               {"AWSServiceRoleForBackup", "AWSBackupServiceLinkedRolePolicyForBackup"},
	"ecs.amazonaws.com":                  {"AWSServiceRoleForECS", "AmazonECSServiceRolePolicy"},
	"elasticloadbalancing.amazonaws.com": {"AWSServiceRoleForElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy"},
	"rds.amazonaws.com":                  {"AWSServiceRoleForRDS", "AmazonRDSServiceRolePolicy"},
}

// linkedPath is where IAM keeps the roles of AWS's services.
const linkedPath = "/aws-service-role/"

func registerLinkedRoles(a *Account) {
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
}

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
