package rules

import "strings"

// LinkedRole is a role with which a service of AWS works in the account (IAM user
// guide, "Create a service-linked role").
type LinkedRole struct {
	Service string // "rds.amazonaws.com"
	Name    string // that IAM gives it
}

// linkedRole begins the names of them all.
const linkedRole = "AWSServiceRoleFor"

// LinkedRoles are those that have to be there before a service is asked for its first
// resource. In an account without them
//
//   - RDS makes its role in the background and refuses the call: "Unable to create the
//     resource. Verify that you have permission to create service linked role. Otherwise
//     wait and try again later" (terraform-aws-modules/terraform-aws-rds#364);
//   - ECS likewise: "Unable to assume the service linked role. Please verify that the ECS
//     service linked role exists" (aws-cloudformation/cloudformation-coverage-roadmap#818);
//   - Elastic Load Balancing and Auto Scaling make theirs within the call, several at
//     once each their own (user guides, "Service-linked roles"), and Auto Scaling's is too
//     new then for the KMS key of the hosts' volumes, whose policy names it.
//
// AWS Backup makes its own when it first needs one and does without until then: plans
// work with a role of cicdctl's.
func LinkedRoles() []LinkedRole {
	return []LinkedRole{
		{"autoscaling.amazonaws.com", linkedRole + "AutoScaling"},
		{"ecs.amazonaws.com", linkedRole + "ECS"},
		{"elasticloadbalancing.amazonaws.com", linkedRole + "ElasticLoadBalancing"},
		{"rds.amazonaws.com", linkedRole + "RDS"},
	}
}

// Path is where IAM keeps the role; others cannot make any there.
func (r LinkedRole) Path() string { return "/aws-service-role/" + r.Service + "/" }

// IsLinkedRole reports whether a role's name is one that services' roles have.
func IsLinkedRole(name string) bool {
	return len(name) >= len(linkedRole) && strings.EqualFold(name[:len(linkedRole)], linkedRole)
}
