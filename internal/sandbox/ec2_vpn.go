package sandbox

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// registerVPN answers who looks at site-to-site VPNs. Neither list has pages (EC2 API,
// DescribeVpnGateways and DescribeVpnConnections); of a connection that is there, the
// second one tells the tunnels' keys too.
func registerVPN(a *Account) {
	op(a, ec2.ServiceID, func(t *tx, _ *ec2.DescribeVpnGatewaysInput) (*ec2.DescribeVpnGatewaysOutput, error) {
		return &ec2.DescribeVpnGatewaysOutput{VpnGateways: t.ec2().VPNGateways}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, _ *ec2.DescribeVpnConnectionsInput) (*ec2.DescribeVpnConnectionsOutput, error) {
		return &ec2.DescribeVpnConnectionsOutput{VpnConnections: t.ec2().VPNs}, nil
	})
}

// blocks are the IPv4 ranges of some subnets: one may have IPv6 only.
func blocks(rows []*row[types.Subnet], of func(types.Subnet) bool) []string {
	var out []string
	for _, r := range rows {
		if r.V.CidrBlock != nil && of(r.V) {
			out = append(out, *r.V.CidrBlock)
		}
	}
	return out
}
