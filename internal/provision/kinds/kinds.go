package kinds

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// All lists every kind, in the order in which plans show them.
func All() []*provision.Type {
	return []*provision.Type{vpcKind(), internetGatewayKind()}
}

// FoundAdminBucket stub.
func FoundAdminBucket(context.Context, *provision.Scope) error { panic("stub") }
