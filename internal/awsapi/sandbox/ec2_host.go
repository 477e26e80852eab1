package sandbox

import (
	"crypto/md5" //nolint:gosec // what EC2 prints as the fingerprint of an imported key
	"crypto/x509"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/crypto/ssh"
)

func registerKeyPair(a *Account) {
	op(a, ec2.ServiceID, func(t *tx, in *ec2.ImportKeyPairInput) (*ec2.ImportKeyPairOutput, error) {
		s := t.ec2()
		tags, err := born(in.TagSpecifications, types.ResourceTypeKeyPair)
		if err != nil {
			return nil, err
		}
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
		s.KeyPairs = append(s.KeyPairs, &row[types.KeyPairInfo]{V: key})
		return &ec2.ImportKeyPairOutput{KeyPairId: key.KeyPairId, KeyName: key.KeyName, KeyFingerprint: key.KeyFingerprint, Tags: tags}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeKeyPairsInput) (*ec2.DescribeKeyPairsOutput, error) {
		all, err := list(t, t.ec2().KeyPairs, in.KeyPairIds, in.Filters, keyPairID, func(v *types.KeyPairInfo) []types.Tag { return v.Tags },
			func(v *types.KeyPairInfo) attributes { return attributes{"key-name": {*v.KeyName}} }, "InvalidKeyPair.NotFound")
		if !aws.ToBool(in.IncludePublicKey) {
			for i := range all {
				all[i].PublicKey = nil
			}
		}
		return &ec2.DescribeKeyPairsOutput{KeyPairs: all}, err // AWS does not page this list
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteKeyPairInput) (*ec2.DeleteKeyPairOutput, error) {
		s := t.ec2()
		s.KeyPairs = slices.DeleteFunc(s.KeyPairs, func(r *row[types.KeyPairInfo]) bool {
			return *r.V.KeyName == aws.ToString(in.KeyName) || *r.V.KeyPairId == aws.ToString(in.KeyPairId)
		})
		return &ec2.DeleteKeyPairOutput{Return: aws.Bool(true)}, nil // AWS says the same for one that is not there
	})
}

func registerTemplate(a *Account) {
	op(a, ec2.ServiceID, func(t *tx, in *ec2.CreateLaunchTemplateInput) (*ec2.CreateLaunchTemplateOutput, error) {
		s := t.ec2()
		tags, err := born(in.TagSpecifications, types.ResourceTypeLaunchTemplate)
		if err != nil {
			return nil, err
		}
		for _, r := range s.Templates {
			if in.ClientToken != nil && r.Token == *in.ClientToken {
				return &ec2.CreateLaunchTemplateOutput{LaunchTemplate: &r.V}, nil
			}
			if *r.V.LaunchTemplateName == aws.ToString(in.LaunchTemplateName) {
				return nil, apiError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
			}
		}
		template := types.LaunchTemplate{
			LaunchTemplateId: aws.String(t.newID("lt")), LaunchTemplateName: in.LaunchTemplateName, Tags: tags,
			DefaultVersionNumber: aws.Int64(1), LatestVersionNumber: aws.Int64(1),
		}
		s.Templates = append(s.Templates, &row[types.LaunchTemplate]{V: template, Token: aws.ToString(in.ClientToken)})
		t.addVersion(template, 1, in.LaunchTemplateData)
		return &ec2.CreateLaunchTemplateOutput{LaunchTemplate: &template}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.CreateLaunchTemplateVersionInput) (*ec2.CreateLaunchTemplateVersionOutput, error) {
		r := t.template(in.LaunchTemplateId, in.LaunchTemplateName)
		if r == nil {
			return nil, apiError("InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID %s, does not exist.", aws.ToString(in.LaunchTemplateId))
		}
		*r.V.LatestVersionNumber++
		v := t.addVersion(r.V, *r.V.LatestVersionNumber, in.LaunchTemplateData)
		return &ec2.CreateLaunchTemplateVersionOutput{LaunchTemplateVersion: v}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeLaunchTemplatesInput) (*ec2.DescribeLaunchTemplatesOutput, error) {
		all, err := list(t, t.ec2().Templates, in.LaunchTemplateIds, in.Filters, templateID, func(v *types.LaunchTemplate) []types.Tag { return v.Tags },
			func(v *types.LaunchTemplate) attributes {
				return attributes{"launch-template-name": {*v.LaunchTemplateName}}
			}, "InvalidLaunchTemplateId.NotFound")
		if err != nil {
			return nil, err
		}
		part, next, err := page(t, all, in.NextToken)
		return &ec2.DescribeLaunchTemplatesOutput{LaunchTemplates: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeLaunchTemplateVersionsInput) (*ec2.DescribeLaunchTemplateVersionsOutput, error) {
		var all []types.LaunchTemplateVersion
		for _, r := range t.ec2().Templates {
			if in.LaunchTemplateId != nil && *r.V.LaunchTemplateId != *in.LaunchTemplateId {
				continue
			}
			for _, v := range t.ec2().Versions {
				latest := *v.V.VersionNumber == *r.V.LatestVersionNumber && slices.Contains(in.Versions, "$Latest")
				fallback := *v.V.VersionNumber == *r.V.DefaultVersionNumber && slices.Contains(in.Versions, "$Default")
				if *v.V.LaunchTemplateId == *r.V.LaunchTemplateId && (latest || fallback || len(in.Versions) == 0) {
					all = append(all, v.V)
				}
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &ec2.DescribeLaunchTemplateVersionsOutput{LaunchTemplateVersions: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteLaunchTemplateInput) (*ec2.DeleteLaunchTemplateOutput, error) {
		s, r := t.ec2(), t.template(in.LaunchTemplateId, in.LaunchTemplateName)
		if r == nil {
			return nil, apiError("InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID %s, does not exist.", aws.ToString(in.LaunchTemplateId))
		}
		s.Templates = drop(s.Templates, r)
		s.Versions = slices.DeleteFunc(s.Versions, func(v *row[types.LaunchTemplateVersion]) bool {
			return *v.V.LaunchTemplateId == *r.V.LaunchTemplateId
		})
		return &ec2.DeleteLaunchTemplateOutput{LaunchTemplate: &r.V}, nil
	})
}

func (t *tx) template(id, name *string) *row[types.LaunchTemplate] {
	for _, r := range t.ec2().Templates {
		if *r.V.LaunchTemplateId == aws.ToString(id) || *r.V.LaunchTemplateName == aws.ToString(name) {
			return r
		}
	}
	return nil
}

// launchTemplate reads a version ("$Latest", "$Default" or a number) of a template, by id or name.
func (t *tx) launchTemplate(idOrName, version string) (*types.ResponseLaunchTemplateData, bool) {
	r := t.template(aws.String(idOrName), aws.String(idOrName))
	if r == nil {
		return nil, false
	}
	number := *r.V.DefaultVersionNumber
	switch version {
	case "$Latest":
		number = *r.V.LatestVersionNumber
	case "", "$Default":
	default:
		n, err := strconv.ParseInt(version, 10, 64)
		if err != nil {
			return nil, false
		}
		number = n
	}
	for _, v := range t.ec2().Versions {
		if *v.V.LaunchTemplateId == *r.V.LaunchTemplateId && *v.V.VersionNumber == number {
			return v.V.LaunchTemplateData, true
		}
	}
	return nil, false
}

func (t *tx) addVersion(of types.LaunchTemplate, number int64, d *types.RequestLaunchTemplateData) *types.LaunchTemplateVersion {
	data := &types.ResponseLaunchTemplateData{ImageId: d.ImageId, InstanceType: d.InstanceType, KeyName: d.KeyName, UserData: d.UserData, SecurityGroupIds: d.SecurityGroupIds}
	if p := d.IamInstanceProfile; p != nil {
		data.IamInstanceProfile = &types.LaunchTemplateIamInstanceProfileSpecification{Arn: p.Arn, Name: p.Name}
	}
	if m := d.MetadataOptions; m != nil {
		data.MetadataOptions = &types.LaunchTemplateInstanceMetadataOptions{HttpTokens: types.LaunchTemplateHttpTokensState(m.HttpTokens), HttpPutResponseHopLimit: m.HttpPutResponseHopLimit, HttpEndpoint: types.LaunchTemplateInstanceMetadataEndpointState(m.HttpEndpoint)}
	}
	if m := d.Monitoring; m != nil {
		data.Monitoring = &types.LaunchTemplatesMonitoring{Enabled: m.Enabled}
	}
	for _, b := range d.BlockDeviceMappings {
		mapping := types.LaunchTemplateBlockDeviceMapping{DeviceName: b.DeviceName}
		if b.Ebs != nil {
			mapping.Ebs = &types.LaunchTemplateEbsBlockDevice{Encrypted: b.Ebs.Encrypted, VolumeSize: b.Ebs.VolumeSize, VolumeType: b.Ebs.VolumeType, DeleteOnTermination: b.Ebs.DeleteOnTermination, KmsKeyId: b.Ebs.KmsKeyId}
		}
		data.BlockDeviceMappings = append(data.BlockDeviceMappings, mapping)
	}
	for _, n := range d.NetworkInterfaces {
		data.NetworkInterfaces = append(data.NetworkInterfaces, types.LaunchTemplateInstanceNetworkInterfaceSpecification{DeviceIndex: n.DeviceIndex, AssociatePublicIpAddress: n.AssociatePublicIpAddress, Groups: n.Groups, DeleteOnTermination: n.DeleteOnTermination})
	}
	for _, s := range d.TagSpecifications {
		data.TagSpecifications = append(data.TagSpecifications, types.LaunchTemplateTagSpecification{ResourceType: s.ResourceType, Tags: s.Tags})
	}
	v := types.LaunchTemplateVersion{LaunchTemplateId: of.LaunchTemplateId, LaunchTemplateName: of.LaunchTemplateName, VersionNumber: aws.Int64(number), LaunchTemplateData: data}
	t.ec2().Versions = append(t.ec2().Versions, &row[types.LaunchTemplateVersion]{V: v})
	return &v
}
