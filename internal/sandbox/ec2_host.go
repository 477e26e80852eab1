package sandbox

import (
	"crypto/md5" //nolint:gosec // what EC2 prints as the fingerprint of an imported key
	"crypto/x509"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/crypto/ssh"
)

func registerKeyPair(a *Account) {
	opOn(creating(a, types.ResourceTypeKeyPair), func(in *ec2.ImportKeyPairInput) []types.TagSpecification { return in.TagSpecifications }, func(t *tx, tags []types.Tag, in *ec2.ImportKeyPairInput) (*ec2.ImportKeyPairOutput, error) {
		s := t.ec2()
		name := aws.ToString(in.KeyName)
		if slices.ContainsFunc(s.KeyPairs, func(r *row[types.KeyPairInfo]) bool { return *r.V.KeyName == name }) {
			return nil, apiError("InvalidKeyPair.Duplicate", "The keypair '%s' already exists.", name)
		}
		public, _, _, _, err := ssh.ParseAuthorizedKey(in.PublicKeyMaterial)
		if err != nil {
			return nil, apiError("InvalidKey.Format", "Key is not in valid OpenSSH public key format")
		}
		crypto, ok := public.(ssh.CryptoPublicKey)
		if !ok {
			return nil, apiError("InvalidKey.Format", "Key is not in valid OpenSSH public key format")
		}
		der, err := x509.MarshalPKIXPublicKey(crypto.CryptoPublicKey())
		if err != nil {
			return nil, apiError("InvalidKey.Format", "%v", err)
		}
		sum := md5.Sum(der) //nolint:gosec // see above
		var parts []string
		for _, b := range sum {
			parts = append(parts, hex.EncodeToString([]byte{b}))
		}
		key := types.KeyPairInfo{
			KeyPairId: aws.String(t.newID("key")), KeyName: in.KeyName, KeyFingerprint: aws.String(strings.Join(parts, ":")), KeyType: types.KeyTypeRsa,
			Tags: tags, PublicKey: aws.String(strings.TrimSpace(string(in.PublicKeyMaterial))), CreateTime: aws.Time(t.now),
		}
		s.KeyPairs.add(&row[types.KeyPairInfo]{V: key})
		return &ec2.ImportKeyPairOutput{KeyPairId: key.KeyPairId, KeyName: key.KeyName, KeyFingerprint: key.KeyFingerprint, Tags: tags}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeKeyPairsInput) (*ec2.DescribeKeyPairsOutput, error) {
		all, err := describeAll(t, keyPairs, in.KeyPairIds, in.Filters, func(v *types.KeyPairInfo) attributes { return attributes{"key-name": {*v.KeyName}} })
		if !aws.ToBool(in.IncludePublicKey) {
			for i := range all {
				all[i].PublicKey = nil
			}
		}
		return &ec2.DescribeKeyPairsOutput{KeyPairs: all}, err // AWS does not page this list
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteKeyPairInput) (*ec2.DeleteKeyPairOutput, error) {
		t.ec2().KeyPairs.dropAll(func(r *row[types.KeyPairInfo]) bool {
			return *r.V.KeyName == aws.ToString(in.KeyName) || *r.V.KeyPairId == aws.ToString(in.KeyPairId)
		})
		return &ec2.DeleteKeyPairOutput{Return: aws.Bool(true)}, nil // AWS says the same for one that is not there
	})
}
