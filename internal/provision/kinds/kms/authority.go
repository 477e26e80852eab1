package kms

import (
	"bytes"
	"context"
	"crypto/x509"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The certificate authority of a client's VPN, which is a key.

// Authority is the step's own client's, ready to sign. Its certificate follows from the key
// and from when that was made, and is kept nowhere.
func Authority(ctx context.Context, s *provision.Step) (*pki.Authority, error) {
	key, ok := provision.Lookup[*Key](s, "kms/key", kit.VPNRole)
	if !ok {
		return nil, lang.New("the key of the certificate authority is not there")
	}
	if key.Made.IsZero() {
		return AuthorityOf(ctx, s.API.KMS, key.arn, s.Client, s.Region)
	}
	return authority(ctx, s.API.KMS, key.arn, s.Client, s.Region, key.Made)
}

// AuthorityOf is the authority of a client whose key is known by its ARN or its alias only.
func AuthorityOf(ctx context.Context, api awsapi.KMS, key, client, region string) (*pki.Authority, error) {
	out, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	if err != nil {
		return nil, err
	}
	return authority(ctx, api, aws.ToString(out.KeyMetadata.Arn), client, region, aws.ToTime(out.KeyMetadata.CreationDate))
}

func authority(ctx context.Context, api awsapi.KMS, arn, client, region string, made time.Time) (*pki.Authority, error) {
	signer, err := awsapi.Signer(ctx, api, arn)
	if err != nil {
		return nil, err
	}
	return pki.NewAuthority(signer, client, region, made)
}

// Signs reports whether a certificate is of the authority's key of a client; false, false
// when there is no telling, because that key cannot be used for now.
func Signs(ctx context.Context, w *provision.Sweep, client string, ca *x509.Certificate) (same, known bool, err error) {
	public, err := publicKey(ctx, w, client)
	if err != nil || public == nil {
		return false, false, err
	}
	der, err := x509.MarshalPKIXPublicKey(ca.PublicKey)
	if err != nil {
		return false, false, lang.Errorf("encode the public key of an authority: %w", err)
	}
	return bytes.Equal(der, public.PublicKey), true, nil
}

// publicKey asks for the public half of the key of a client's authority, once a sweep; nil
// when there is none that can be used for now.
func publicKey(ctx context.Context, w *provision.Sweep, client string) (*kms.GetPublicKeyOutput, error) {
	alias := rules.VPNKeyAlias(client)
	return provision.Shared(w, "public key of "+alias, func() (*kms.GetPublicKeyOutput, error) {
		out, err := w.KMS.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &alias})
		if awsapi.Is(err, awsapi.NotFound) || awsapi.Code(err) == "DisabledException" || awsapi.Code(err) == "KMSInvalidStateException" {
			return nil, nil // which is told of the key itself
		}
		return out, err
	})
}

// askPublic fills in the state and the type of an authority's key from what is asked of it
// anyway: KMS tells the public half of keys that are enabled only, and their type with it
// (GetPublicKey, "Errors"). It reports whether that was to be had.
func (k *Key) askPublic(ctx context.Context, w *provision.Sweep) bool {
	client := k.tags[provision.TagClient]
	if k.tags[provision.TagRole] != kit.VPNRole || !slices.Contains(k.aliases, rules.VPNKeyAlias(client)) {
		return false
	}
	out, err := publicKey(ctx, w, client)
	if err != nil || out == nil || aws.ToString(out.KeyId) != k.arn {
		return false // DescribeKey says more
	}
	k.State, k.use = kmstypes.KeyStateEnabled, useOf(out.KeySpec, out.KeyUsage)
	return true
}
