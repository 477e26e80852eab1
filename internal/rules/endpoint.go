package rules

import "slices"

// packages are the buckets of AWS from which hosts in a region take what they need,
// without credentials or with an address that AWS has signed. Each name is one that
// AWS owns: a pattern would let in whoever has a name that fits.
func packages(region string) []string {
	return []string{
		// Layers of images (ECR user guide, "Minimum Amazon S3 bucket permissions for Amazon ECR").
		"prod-" + region + "-starport-layer-bucket",
		// Packages of Amazon Linux 2023; the end of the name is the same in all regions
		// (Application Migration Service user guide, "Network requirements").
		"al2023-repos-" + region + "-de612dc2",
		// The container agent (ECS developer guide, "Installing the Amazon ECS container agent").
		"amazon-ecs-agent-" + region,
		// Updates of the agent of Systems Manager, and what its documents bring along
		// (Systems Manager user guide, "SSM Agent communications with AWS managed S3 buckets").
		"amazon-ssm-" + region,
		"aws-ssm-" + region,
	}
}

// EndpointPolicy is what gets to S3 from the VPC of a region: the account's own
// buckets, with the account's own roles, and what hosts need of AWS's. A container
// that was taken over can neither take data to a bucket of somebody else's nor write
// into ours with credentials that it has brought along.
//
// The endpoint serves all clients of a region: which of them reaches which bucket is
// for their roles to say. Buckets of other regions are not reached over it (VPC user
// guide, "Gateway endpoints for Amazon S3").
func EndpointPolicy(p Place) string {
	var theirs []string
	for _, bucket := range packages(p.Region) {
		theirs = append(theirs, "arn:"+p.Partition+":s3:::"+bucket+"/*")
	}
	slices.Sort(theirs)
	return document(
		statement{
			Sid: "OwnBuckets", Effect: "Allow", Principal: "*", Action: []string{"s3:*"}, Resource: everywhere,
			Condition: object{"StringEquals": object{"aws:ResourceAccount": p.Account, "aws:PrincipalAccount": p.Account}},
		},
		statement{Sid: "PackagesOfAWS", Effect: "Allow", Principal: "*", Action: []string{"s3:GetObject"}, Resource: theirs},
	)
}
