package sandbox

import (
	"crypto/md5" //nolint:gosec // what EC2 prints as the fingerprint of an imported key
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/crypto/ssh"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// EC2 does not look whether what a launch template names exists: that shows when
// something is launched from it.

const latestVersion, defaultVersion = "$Latest", "$Default"

var templateName = lazyregexp.New(`^[a-zA-Z0-9().\-/_]{3,128}$`)

func registerTemplate(a *Account) {
	templates := on(a, ec2.ServiceID, (*tx).theTemplate)
	opOn(creating(a, types.ResourceTypeLaunchTemplate), func(in *ec2.CreateLaunchTemplateInput) []types.TagSpecification { return in.TagSpecifications }, func(t *tx, tags []types.Tag, in *ec2.CreateLaunchTemplateInput) (*ec2.CreateLaunchTemplateOutput, error) {
		s := t.ec2()
		name := aws.ToString(in.LaunchTemplateName)
		if !templateName.MatchString(name) {
			return nil, apiError("InvalidLaunchTemplateName.MalformedException", "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.")
		}
		if err := checkTemplateData(in.LaunchTemplateData); err != nil {
			return nil, err
		}
		for _, r := range s.Templates {
			switch {
			case in.ClientToken != nil && r.Token == *in.ClientToken && *r.V.LaunchTemplateName == name:
				return &ec2.CreateLaunchTemplateOutput{LaunchTemplate: &r.V}, nil
			case in.ClientToken != nil && r.Token == *in.ClientToken:
				return nil, apiError("IdempotentParameterMismatch", "The client token was used before with other parameters.")
			case *r.V.LaunchTemplateName == name:
				return nil, apiError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
			}
		}
		r := &row[types.LaunchTemplate]{meta: meta{Token: aws.ToString(in.ClientToken)}, V: types.LaunchTemplate{
			LaunchTemplateId: aws.String(t.newID("lt")), LaunchTemplateName: &name, Tags: tags, CreateTime: aws.Time(t.now), CreatedBy: t.caller(),
			DefaultVersionNumber: aws.Int64(1), LatestVersionNumber: aws.Int64(1),
		}}
		s.Templates.add(r)
		if _, err := t.addVersion(r, in.LaunchTemplateData, nil, in.VersionDescription, ""); err != nil {
			return nil, err
		}
		return &ec2.CreateLaunchTemplateOutput{LaunchTemplate: &r.V}, nil
	})
	opOn(templates, func(in *ec2.CreateLaunchTemplateVersionInput) templateRef {
		return templateRef{in.LaunchTemplateId, in.LaunchTemplateName}
	}, createTemplateVersion)
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeLaunchTemplatesInput) (*ec2.DescribeLaunchTemplatesOutput, error) {
		for _, name := range in.LaunchTemplateNames {
			if _, err := t.theTemplate(templateRef{nil, &name}); err != nil {
				return nil, err
			}
		}
		all, err := describeAll(t, launchTemplates, in.LaunchTemplateIds, in.Filters, func(v *types.LaunchTemplate) attributes {
			return attributes{"launch-template-name": {*v.LaunchTemplateName}}
		})
		if err != nil {
			return nil, err
		}
		if len(in.LaunchTemplateNames) > 0 {
			all = slices.DeleteFunc(all, func(v types.LaunchTemplate) bool {
				return !slices.Contains(in.LaunchTemplateNames, *v.LaunchTemplateName)
			})
		}
		part, next, err := page(t, all, in.NextToken)
		return &ec2.DescribeLaunchTemplatesOutput{LaunchTemplates: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, describeTemplateVersions)
	opOn(templates, func(in *ec2.DeleteLaunchTemplateInput) templateRef {
		return templateRef{in.LaunchTemplateId, in.LaunchTemplateName}
	}, func(t *tx, r *row[types.LaunchTemplate], _ *ec2.DeleteLaunchTemplateInput) (*ec2.DeleteLaunchTemplateOutput, error) {
		s := t.ec2()
		s.Templates.drop(r)
		s.Versions.dropAll(func(v *row[types.LaunchTemplateVersion]) bool {
			return *v.V.LaunchTemplateId == *r.V.LaunchTemplateId
		})
		return &ec2.DeleteLaunchTemplateOutput{LaunchTemplate: &r.V}, nil
	})
}

func createTemplateVersion(t *tx, r *row[types.LaunchTemplate], in *ec2.CreateLaunchTemplateVersionInput) (*ec2.CreateLaunchTemplateVersionOutput, error) {
	if err := checkTemplateData(in.LaunchTemplateData); err != nil {
		return nil, err
	}
	var source *types.ResponseLaunchTemplateData
	if in.SourceVersion != nil {
		v := t.version(r, *in.SourceVersion)
		if v == nil {
			return nil, unknownVersion(r, *in.SourceVersion)
		}
		source = v.LaunchTemplateData
	}
	for _, v := range t.ec2().Versions {
		if in.ClientToken == nil || v.Token != *in.ClientToken {
			continue
		}
		if *v.V.LaunchTemplateId != *r.V.LaunchTemplateId {
			return nil, apiError("IdempotentParameterMismatch", "The client token was used before with other parameters.")
		}
		return &ec2.CreateLaunchTemplateVersionOutput{LaunchTemplateVersion: &v.V}, nil
	}
	*r.V.LatestVersionNumber++
	v, err := t.addVersion(r, in.LaunchTemplateData, source, in.VersionDescription, aws.ToString(in.ClientToken))
	return &ec2.CreateLaunchTemplateVersionOutput{LaunchTemplateVersion: v}, err
}

func describeTemplateVersions(t *tx, in *ec2.DescribeLaunchTemplateVersionsInput) (*ec2.DescribeLaunchTemplateVersionsOutput, error) {
	templates := t.ec2().Templates
	if in.LaunchTemplateId != nil || in.LaunchTemplateName != nil {
		r, err := t.theTemplate(templateRef{in.LaunchTemplateId, in.LaunchTemplateName})
		if err != nil {
			return nil, err
		}
		for _, v := range in.Versions {
			if t.version(r, v) == nil {
				return nil, unknownVersion(r, v)
			}
		}
		templates = []*row[types.LaunchTemplate]{r}
	} else {
		if len(in.Versions) == 0 {
			return nil, apiError("MissingParameter", "To describe all launch templates, specify $Latest, $Default, or both.")
		}
		for _, v := range in.Versions {
			if v != latestVersion && v != defaultVersion {
				return nil, apiError("InvalidParameterValue", "Version numbers need the ID or the name of a launch template.")
			}
		}
	}
	var all []types.LaunchTemplateVersion
	for _, r := range templates {
		for _, v := range t.ec2().Versions {
			if *v.V.LaunchTemplateId != *r.V.LaunchTemplateId {
				continue
			}
			wanted := slices.ContainsFunc(in.Versions, func(ref string) bool { return t.version(r, ref) == &v.V })
			if len(in.Versions) == 0 || wanted {
				one := v.V
				one.DefaultVersion = aws.Bool(*one.VersionNumber == *r.V.DefaultVersionNumber)
				all = append(all, one)
			}
		}
	}
	part, next, err := page(t, all, in.NextToken)
	return &ec2.DescribeLaunchTemplateVersionsOutput{LaunchTemplateVersions: part, NextToken: next}, err
}

func (t *tx) caller() *string {
	return aws.String(fmt.Sprintf("arn:aws:sts::%s:assumed-role/operator/sandbox", t.opts.ID))
}

// templateRef names a template by its ID or its name.
type templateRef struct{ id, name *string }

// theTemplate finds a template by exactly one of id and name, as EC2 wants it.
func (t *tx) theTemplate(ref templateRef) (*row[types.LaunchTemplate], error) {
	id, name := ref.id, ref.name
	switch r := t.template(id, name); {
	case (id == nil) == (name == nil):
		return nil, apiError("InvalidParameterCombination", "Specify either the launch template ID or the launch template name, but not both.")
	case r != nil:
		return r, nil
	case id != nil:
		return nil, apiError("InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID %s, does not exist.", *id)
	default:
		return nil, apiError("InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name %s, does not exist.", *name)
	}
}

func (t *tx) template(id, name *string) *row[types.LaunchTemplate] {
	return t.ec2().Templates.first(func(r *row[types.LaunchTemplate]) bool {
		return *r.V.LaunchTemplateId == aws.ToString(id) || *r.V.LaunchTemplateName == aws.ToString(name)
	})
}

func unknownVersion(r *row[types.LaunchTemplate], version string) error {
	return apiError("InvalidLaunchTemplateId.VersionNotFound", "Could not find launch template version %s for launch template %s.", version, *r.V.LaunchTemplateId)
}

// version finds a version by number, "$Latest" or "$Default".
func (t *tx) version(r *row[types.LaunchTemplate], ref string) *types.LaunchTemplateVersion {
	number, err := strconv.ParseInt(ref, 10, 64)
	switch ref {
	case latestVersion:
		number = *r.V.LatestVersionNumber
	case "", defaultVersion:
		number = *r.V.DefaultVersionNumber
	default:
		if err != nil {
			return nil
		}
	}
	for _, v := range t.ec2().Versions {
		if *v.V.LaunchTemplateId == *r.V.LaunchTemplateId && *v.V.VersionNumber == number {
			return &v.V
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
	v := t.version(r, version)
	if v == nil {
		return nil, false
	}
	return v.LaunchTemplateData, true
}

// checkTemplateData refuses what EC2 refuses before anything is launched.
func checkTemplateData(d *types.RequestLaunchTemplateData) error {
	if _, err := base64.StdEncoding.DecodeString(aws.ToString(d.UserData)); err != nil {
		return apiError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
	}
	taggable := []types.ResourceType{types.ResourceTypeInstance, types.ResourceTypeVolume, types.ResourceTypeNetworkInterface, types.ResourceTypeSpotInstancesRequest}
	for _, s := range d.TagSpecifications {
		if !slices.Contains(taggable, s.ResourceType) {
			return apiError("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", s.ResourceType)
		}
		if err := ec2Tags.check(s.Tags); err != nil {
			return err
		}
	}
	if len(d.NetworkInterfaces) > 0 && len(d.SecurityGroupIds)+len(d.SecurityGroups) > 0 {
		return apiError("InvalidParameterCombination", "Network interfaces and an instance-level security groups may not be specified on the same request")
	}
	if p := d.IamInstanceProfile; p != nil && p.Arn != nil && p.Name != nil {
		return apiError("InvalidParameterCombination", "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'")
	}
	return nil
}

// addVersion keeps the data under the template's latest number. What the data
// leaves out is the source version's.
func (t *tx) addVersion(r *row[types.LaunchTemplate], d *types.RequestLaunchTemplateData, source *types.ResponseLaunchTemplateData, description *string, token string) (*types.LaunchTemplateVersion, error) {
	// What is given out has the fields of what came in, by the same names.
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	data := &types.ResponseLaunchTemplateData{}
	if err := json.Unmarshal(text, data); err != nil {
		return nil, err
	}
	if source != nil {
		into, from := reflect.ValueOf(data).Elem(), reflect.ValueOf(clone(source)).Elem()
		for i := range into.NumField() {
			if f := into.Field(i); f.CanSet() && f.IsZero() {
				f.Set(from.Field(i))
			}
		}
	}
	v := types.LaunchTemplateVersion{
		LaunchTemplateId: r.V.LaunchTemplateId, LaunchTemplateName: r.V.LaunchTemplateName, VersionNumber: aws.Int64(*r.V.LatestVersionNumber),
		VersionDescription: description, CreateTime: aws.Time(t.now), CreatedBy: t.caller(), LaunchTemplateData: data,
	}
	t.ec2().Versions.add(&row[types.LaunchTemplateVersion]{V: v, meta: meta{Token: token}})
	return &v, nil
}

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
		parts := each(sum[:], func(b byte) string { return hex.EncodeToString([]byte{b}) })
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
