package ecs

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	ec2kinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/ec2"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// launchTemplate is a template with the settings of its latest version.
type launchTemplate struct {
	ec2types.LaunchTemplate
	settings string
}

type wantTemplate struct{ name, instanceType string }

// LaunchTemplateKind says how hosts are made. Whoever launches from it takes the
// latest version; a version never changes, so every correction is a new one.
func LaunchTemplateKind() *provision.Type {
	id := func(l *launchTemplate) string { return aws.ToString(l.LaunchTemplateId) }
	return provision.Define(provision.Kind[wantTemplate, *launchTemplate]{
		Name:      "ec2/launch-template",
		ARN:       "ec2:launch-template/",
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[wantTemplate, *launchTemplate]{Free: freeTemplate},
		Impact:    provision.Impact[*launchTemplate]{Stateless: true},
		DependsOn: append(provision.Ready("kms/key", "iam/instance-profile"), provision.Existing("ec2/security-group", "ec2/key-pair")...),
		Want: kit.OneOf("hosts", func(s *provision.Scope) wantTemplate {
			return wantTemplate{rules.HostsName(s.Client), s.Spec.Hosts.InstanceType}
		}),
		List: ec2kinds.OfClient(ec2types.ResourceTypeLaunchTemplate, func(ctx context.Context, w *provision.Sweep) ([]*launchTemplate, error) {
			p := ec2.NewDescribeLaunchTemplatesPaginator(w.EC2, &ec2.DescribeLaunchTemplatesInput{})
			all, err := kit.All(ctx, p, func(o *ec2.DescribeLaunchTemplatesOutput) []ec2types.LaunchTemplate { return o.LaunchTemplates })
			return kit.Map(all, err, func(l ec2types.LaunchTemplate) *launchTemplate { return &launchTemplate{LaunchTemplate: l} })
		}),
		Hydrate: hydrateTemplates,
		Removal: provision.Removal[*launchTemplate]{Listed: true},
		ID:      id,
		Tags:    func(l *launchTemplate) provision.Tags { return ec2kinds.Tags.Of(l.Tags) },
		Naming: provision.Naming[wantTemplate, *launchTemplate]{
			Key:   func(l *launchTemplate) string { return aws.ToString(l.LaunchTemplateName) },
			KeyOf: kit.Name(func(d wantTemplate) string { return d.name }),
			Title: kit.Title(func(d wantTemplate) string { return d.name + ", " + d.instanceType }),
		},
		Create: func(ctx context.Context, s *provision.Step, d wantTemplate) (*launchTemplate, error) {
			data := templateData(s, d)
			in := &ec2.CreateLaunchTemplateInput{
				LaunchTemplateName: &d.name, LaunchTemplateData: data, TagSpecifications: ec2kinds.Tagged(s, ec2types.ResourceTypeLaunchTemplate),
			}
			return kit.Get(ctx, s.API.EC2.CreateLaunchTemplate, in, func(o *ec2.CreateLaunchTemplateOutput) *launchTemplate {
				return &launchTemplate{LaunchTemplate: *o.LaunchTemplate, settings: settingLines(data)}
			})
		},
		Delete: kit.Delete(ofEC2, awsapi.EC2.DeleteLaunchTemplate, func(l *launchTemplate, in *ec2.DeleteLaunchTemplateInput) { in.LaunchTemplateId = l.LaunchTemplateId }),
		Retag:  ec2kinds.Retag(id),
		Untag:  ec2kinds.Untag(id),
		Limits: provision.Limits[wantTemplate, *launchTemplate]{Offers: offeredHosts},
		Fields: []provision.Field[wantTemplate, *launchTemplate]{
			kit.Settable("settings", func(s *provision.Step, d wantTemplate) string { return settingLines(templateData(s, d)) }, func(l *launchTemplate) string { return l.settings },
				kit.Set(ofEC2, awsapi.EC2.CreateLaunchTemplateVersion, func(s *provision.Step, d wantTemplate, l *launchTemplate, in *ec2.CreateLaunchTemplateVersionInput) {
					in.LaunchTemplateId, in.LaunchTemplateData = l.LaunchTemplateId, templateData(s, d)
					// The version that is corrected makes this correction another one than the last.
					in.ClientToken = aws.String(s.Token(id(l), fmt.Sprint(aws.ToInt64(l.LatestVersionNumber)), settingLines(in.LaunchTemplateData)))
				})),
		},
	})
}

// hydrateTemplates reads the latest versions of all templates with one sweep.
func hydrateTemplates(ctx context.Context, w *provision.Sweep, templates []*launchTemplate) error {
	byID := map[string]*launchTemplate{}
	for _, l := range templates {
		byID[aws.ToString(l.LaunchTemplateId)] = l
	}
	p := ec2.NewDescribeLaunchTemplateVersionsPaginator(w.EC2, &ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"$Latest"}})
	listed, err := kit.All(ctx, p, func(o *ec2.DescribeLaunchTemplateVersionsOutput) []ec2types.LaunchTemplateVersion {
		return o.LaunchTemplateVersions
	})
	for _, v := range listed {
		if l := byID[aws.ToString(v.LaunchTemplateId)]; l != nil {
			l.settings, l.LatestVersionNumber = settingLines(v.LaunchTemplateData), v.VersionNumber
		}
	}
	return err
}

// templateData is everything about a host. Its credentials are one hop away, out
// of reach of containers; its tags tell whose it is should it ever be left behind.
func templateData(s *provision.Step, d wantTemplate) *ec2types.RequestLaunchTemplateData {
	tags := ec2kinds.Tags.To(s.Tags)
	return &ec2types.RequestLaunchTemplateData{
		ImageId:            aws.String(rules.HostImage(d.instanceType)),
		InstanceType:       ec2types.InstanceType(d.instanceType),
		KeyName:            aws.String(s.ID("ec2/key-pair", "ssh")),
		UserData:           aws.String(base64.StdEncoding.EncodeToString([]byte(rules.HostUserData(s.Client)))),
		Monitoring:         &ec2types.LaunchTemplatesMonitoringRequest{Enabled: aws.Bool(true)},
		IamInstanceProfile: &ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest{Name: aws.String(s.ID("iam/instance-profile", "ecs-host"))},
		MetadataOptions: &ec2types.LaunchTemplateInstanceMetadataOptionsRequest{
			HttpEndpoint: ec2types.LaunchTemplateInstanceMetadataEndpointStateEnabled, HttpTokens: ec2types.LaunchTemplateHttpTokensStateRequired, HttpPutResponseHopLimit: aws.Int32(1),
		},
		BlockDeviceMappings: []ec2types.LaunchTemplateBlockDeviceMappingRequest{{
			DeviceName: aws.String(rules.RootDevice),
			Ebs: &ec2types.LaunchTemplateEbsBlockDeviceRequest{
				Encrypted: aws.Bool(true), KmsKeyId: aws.String(s.ID("kms/key", "client")), VolumeType: ec2types.VolumeTypeGp3,
				VolumeSize: aws.Int32(rules.RootGiB), DeleteOnTermination: aws.Bool(true),
			},
		}},
		NetworkInterfaces: []ec2types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest{{
			DeviceIndex: aws.Int32(0), AssociatePublicIpAddress: aws.Bool(false), DeleteOnTermination: aws.Bool(true),
			Groups: []string{s.ID("ec2/security-group", rules.GroupHosts)},
		}},
		TagSpecifications: []ec2types.LaunchTemplateTagSpecificationRequest{
			{ResourceType: ec2types.ResourceTypeInstance, Tags: tags}, {ResourceType: ec2types.ResourceTypeVolume, Tags: tags},
		},
	}
}

// settingLines is the canonical text of a template's data, one attribute a line:
// all that there are, so that an unexpected one shows too. What comes in and what
// AWS gives out have the same names.
func settingLines[Data ec2types.RequestLaunchTemplateData | ec2types.ResponseLaunchTemplateData](data *Data) string {
	var room [128]byte
	return kit.Lines(appendSettings(nil, room[:0], reflect.ValueOf(data).Elem()))
}

// appendSettings adds a line for each setting under a path. It is given what a pointer leads to.
func appendSettings(out []string, path []byte, v reflect.Value) []string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return out
		}
		return appendSettings(out, path, v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			out = appendSettings(out, appendElement(path, v.Index(i), i), v.Index(i))
		}
		return out
	case reflect.Struct:
		if tag, ok := reflect.TypeAssert[*ec2types.Tag](v.Addr()); ok {
			return append(out, string(path)+": "+aws.ToString(tag.Value))
		}
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				continue // most are
			}
			if f := v.Type().Field(i); f.IsExported() {
				deeper := path
				if len(path) > 0 {
					deeper = append(path, '.') //nolint:gocritic // the field's path begins with that of what it is in
				}
				out = appendSettings(out, append(deeper, f.Name...), v.Field(i))
			}
		}
		return out
	}
	var text string
	switch v.Kind() {
	case reflect.String:
		text = v.String()
	case reflect.Bool:
		text = strconv.FormatBool(v.Bool())
	default:
		text = fmt.Sprint(v)
	}
	switch {
	case string(path) == "UserData":
		return append(out, scriptLines(text)...)
	case string(path) == "MetadataOptions.State": // whether hosts have the options yet
		return out
	case bytes.HasSuffix(path, []byte(".AssociatePublicIpAddress")): // unset is the subnet's choice
	case v.IsZero(), text == "disabled": // AWS may or may not spell out what is off
		return out
	}
	return append(out, string(path)+": "+text)
}

// appendElement tells the elements of a list apart, whatever their order.
func appendElement(path []byte, v reflect.Value, i int) []byte {
	name := ""
	switch e := v.Addr().Interface().(type) {
	case *string:
		return path
	case *ec2types.Tag:
		name = aws.ToString(e.Key)
	case *ec2types.LaunchTemplateTagSpecification:
		name = string(e.ResourceType)
	case *ec2types.LaunchTemplateTagSpecificationRequest:
		name = string(e.ResourceType)
	default:
		name = strconv.Itoa(i)
	}
	return append(append(append(path, '['), name...), ']')
}

// scriptLines numbers the lines of user data: their order matters.
func scriptLines(encoded string) []string {
	script, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		script = []byte(encoded)
	}
	var out []string
	for i, line := range strings.Split(strings.TrimRight(string(script), "\n"), "\n") {
		number := strconv.Itoa(i + 1)
		if i < 9 {
			number = "0" + number
		}
		out = append(out, "UserData "+number+": "+line)
	}
	return out
}
