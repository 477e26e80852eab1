package ec2

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type keyPair = *ec2types.KeyPairInfo

// KeyPairKind is the public half of the client's escrowed RSA key in EC2, with
// which the client's hosts are started.
func KeyPairKind() *provision.Type {
	name := func(k keyPair) string { return aws.ToString(k.KeyName) }
	return provision.Define(provision.Kind[string, keyPair]{
		Name:      "ec2/key-pair",
		ARN:       "ec2:key-pair/",
		Levels:    provision.ClientLevel,
		Impact:    provision.Impact[keyPair]{Stateless: true},
		DependsOn: provision.Ready("s3/escrow"),
		Want:      kit.OneOf("ssh", func(s *provision.Scope) string { return rules.KeyPairName(s.Client) }),
		List: func(ctx context.Context, w *provision.Sweep) ([]keyPair, error) {
			// AWS has no pages for key pairs.
			in := &ec2.DescribeKeyPairsInput{IncludePublicKey: aws.Bool(true)}
			return kit.Pointers(kit.Get(ctx, w.EC2.DescribeKeyPairs, in, func(o *ec2.DescribeKeyPairsOutput) []ec2types.KeyPairInfo { return o.KeyPairs }))
		},
		ID:     name,
		Tags:   func(k keyPair) provision.Tags { return Tags.Of(k.Tags) },
		State:  provision.AlwaysAvailable[keyPair],
		Naming: kit.Named(name),
		Create: func(ctx context.Context, s *provision.Step, name string) (keyPair, error) {
			e, ok := provision.Lookup[*s3.Escrow](s, "s3/escrow", "ssh")
			if !ok || e.Record() != s3.Recorded {
				return nil, errors.New("the escrowed key does not tell its public key")
			}
			in := &ec2.ImportKeyPairInput{
				KeyName: &name, PublicKeyMaterial: []byte(e.Public), TagSpecifications: Tagged(s, ec2types.ResourceTypeKeyPair),
			}
			return kit.Get(ctx, s.API.EC2.ImportKeyPair, in, func(o *ec2.ImportKeyPairOutput) keyPair {
				return &ec2types.KeyPairInfo{KeyPairId: o.KeyPairId, KeyName: o.KeyName, KeyFingerprint: o.KeyFingerprint, Tags: Tags.To(s.Tags), PublicKey: &e.Public}
			})
		},
		Delete: kit.Delete(ofEC2, awsapi.EC2.DeleteKeyPair, func(k keyPair, in *ec2.DeleteKeyPairInput) { in.KeyPairId = k.KeyPairId }),
		Retag:  Retag(func(k keyPair) string { return aws.ToString(k.KeyPairId) }),
		Untag:  Untag(func(k keyPair) string { return aws.ToString(k.KeyPairId) }),
		Fields: []provision.Field[string, keyPair]{
			kit.Immutable("public key", escrowedKey, func(k keyPair) string { return withoutComment(aws.ToString(k.PublicKey)) },
				"EC2 keeps the key of a pair as it is; if the escrowed key is the right one, delete the key pair in EC2 and run again (running hosts keep the old key until they are replaced), otherwise restore the escrowed key's earlier version in the admin bucket"),
		},
	})
}

// escrowedKey is the public key that the pair must have. A record that does not
// hold together is mended first, and the pair compared then.
func escrowedKey(s *provision.Step, _ string) string {
	e, ok := provision.Lookup[*s3.Escrow](s, "s3/escrow", "ssh")
	switch {
	case !ok:
		return s.ID("s3/escrow", "ssh")
	case e.Record() != s3.Recorded:
		return provision.Keep
	}
	return withoutComment(e.Public)
}

// withoutComment keeps the type and the key of an OpenSSH public key.
func withoutComment(public string) string {
	fields := strings.Fields(public)
	return strings.Join(fields[:min(len(fields), 2)], " ")
}
