package ec2

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/crypto/ssh"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// keyPair is a key pair, and whether its key has been rotated out.
type keyPair = *KeyPair

// KeyPair is a key pair of EC2.
type KeyPair struct {
	ec2types.KeyPairInfo
	rotated bool // the escrow has another key in its place
}

// KeyPairKind is the public half of the client's escrowed RSA key in EC2, with
// which the client's hosts are started. After a rotation of the key, there is another pair
// beside it under a name of its own, and the old one goes once the launch template has the
// new one: hosts can be started at any time.
func KeyPairKind() *provision.Type {
	name := func(k keyPair) string { return aws.ToString(k.KeyName) }
	return provision.Define(provision.Kind[string, keyPair]{
		Name:      "ec2/key-pair",
		ARN:       "ec2:key-pair/",
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[string, keyPair]{Free: freeKeyPair},
		Impact:    provision.Impact[keyPair]{Stateless: true},
		DependsOn: provision.Ready("s3/escrow"),
		Want:      kit.OneOf("ssh", func(s *provision.Scope) string { return rules.KeyPairName(s.Client) }),
		List: OfClient(ec2types.ResourceTypeKeyPair, func(ctx context.Context, w *provision.Sweep) ([]keyPair, error) {
			// AWS has no pages for key pairs.
			in := &ec2.DescribeKeyPairsInput{IncludePublicKey: aws.Bool(true)}
			all, err := kit.Get(ctx, w.EC2.DescribeKeyPairs, in, func(o *ec2.DescribeKeyPairsOutput) []ec2types.KeyPairInfo { return o.KeyPairs })
			return kit.Map(all, err, func(k ec2types.KeyPairInfo) keyPair { return &KeyPair{KeyPairInfo: k} })
		}),
		Describe: describeKeyPair,
		Defunct:  func(k keyPair) bool { return k.rotated },
		Removal:  provision.Removal[keyPair]{Listed: true, WaitFor: templateWith},
		ID:       name,
		Tags:     func(k keyPair) provision.Tags { return Tags.Of(k.Tags) },
		Naming:   kit.Named(name),
		Create: func(ctx context.Context, s *provision.Step, name string) (keyPair, error) {
			e, ok := provision.Lookup[*s3.Escrow](s, "s3/escrow", "ssh")
			if !ok || e.Record() != s3.Recorded {
				return nil, lang.New("the escrowed key does not tell its public key")
			}
			if e.Replaces != "" {
				name = rules.RotatedKeyPairName(name, e.Public)
			}
			in := &ec2.ImportKeyPairInput{
				KeyName: &name, PublicKeyMaterial: []byte(e.Public), TagSpecifications: Tagged(s, ec2types.ResourceTypeKeyPair),
			}
			return kit.Get(ctx, s.API.EC2.ImportKeyPair, in, func(o *ec2.ImportKeyPairOutput) keyPair {
				return &KeyPair{KeyPairInfo: ec2types.KeyPairInfo{KeyPairId: o.KeyPairId, KeyName: o.KeyName, KeyFingerprint: o.KeyFingerprint, Tags: Tags.To(s.Tags), PublicKey: &e.Public}}
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

// describeKeyPair says whether the escrow has the client's next key, which it says to be in the
// place of this one. Any other difference is for a person to decide.
func describeKeyPair(ctx context.Context, w *provision.Sweep, k keyPair) error {
	client := Tags.Of(k.Tags)[provision.TagClient]
	e, err := s3.EscrowOf(ctx, w, client)
	if awsapi.Is(err, awsapi.NotFound) || client == "" {
		return nil // the pair may be there without
	}
	if err != nil {
		return lang.Errorf("the escrowed key of %s: %w", client, err)
	}
	have, _, _, _, err := ssh.ParseAuthorizedKey([]byte(aws.ToString(k.PublicKey)))
	k.rotated = err == nil && e.Replaces != "" && ssh.FingerprintSHA256(have) == e.Replaces
	return nil
}

// templateWith names the launch template whose hosts would be started with the key pair.
func templateWith(ctx context.Context, w *provision.Sweep, k keyPair) (string, error) {
	if w.Removing {
		return "", nil // it went before, and its group with it
	}
	versions, err := provision.Shared(w, "newest launch template versions", func() ([]ec2types.LaunchTemplateVersion, error) {
		p := ec2.NewDescribeLaunchTemplateVersionsPaginator(w.EC2, &ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"$Latest"}})
		return kit.All(ctx, p, func(o *ec2.DescribeLaunchTemplateVersionsOutput) []ec2types.LaunchTemplateVersion {
			return o.LaunchTemplateVersions
		})
	})
	for _, v := range versions {
		if v.LaunchTemplateData != nil && aws.ToString(v.LaunchTemplateData.KeyName) == aws.ToString(k.KeyName) {
			return "the launch template " + aws.ToString(v.LaunchTemplateName), nil
		}
	}
	return "", err
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
