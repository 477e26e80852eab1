package kinds

import (
	"context"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

const lastRule = 32766

func detached(error) bool { panic("stub") }
func networkACLs(context.Context, *provision.Sweep) ([]ec2types.NetworkAcl, error) {
	panic("stub")
}
func securityGroups(context.Context, *provision.Sweep) ([]ec2types.SecurityGroup, error) {
	panic("stub")
}
func aclLines([]ec2types.NetworkAclEntry, bool) []string                       { panic("stub") }
func permissionLines(string, []ec2types.IpPermission) []string                 { panic("stub") }
func revokeAll(context.Context, *provision.Step, ec2types.SecurityGroup) error { panic("stub") }
