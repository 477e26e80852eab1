package s3

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The index of the certificates of a client's people, in the admin bucket beside the
// private keys. There is nothing secret in it, and it is under no key of ours, so that
// auditors can compare it with what an endpoint refuses.

// ReadVPNIndex reads the index; nil when nobody was ever given a certificate.
func ReadVPNIndex(ctx context.Context, home *awsapi.Set, account, client, region string) (*pki.Index, error) {
	data, version, err := VPNIndex(home, account, client, region).Load(ctx)
	if err != nil || version == "" {
		return nil, err
	}
	return pki.DecodeIndex(data)
}

// VPNIndex is where the index is kept.
func VPNIndex(home *awsapi.Set, account, client, region string) *awsapi.Document {
	return awsapi.NewDocument(home.S3, rules.AdminBucketName(account, home.Region), rules.VPNIndexKey(client, region))
}

// DropVPNIndex deletes all versions of the step's client's index.
func DropVPNIndex(ctx context.Context, s *provision.Step) error {
	return dropObject(ctx, s, rules.VPNIndexKey(s.Client, s.Region))
}
