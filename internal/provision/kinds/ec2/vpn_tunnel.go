package ec2

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The options of tunnels as AWS takes and describes them.

type (
	tunnel     = ec2types.TunnelOption
	tunnelSpec = ec2types.VpnTunnelOptionsSpecification
)

// tunnelMember is where an option is, in what AWS tells and in what it takes.
type tunnelMember struct {
	have func(*tunnel) []string
	put  func(*tunnelSpec, []string)
}

// textsOf is a list of names.
func textsOf[H, W any](have func(*tunnel) []H, value func(H) *string, member func(*tunnelSpec) *[]W, as func(*string) W) tunnelMember {
	return tunnelMember{
		have: func(t *tunnel) []string {
			return kit.Texts(have(t), func(h H) string { return aws.ToString(value(h)) })
		},
		put: func(in *tunnelSpec, want []string) {
			*member(in) = nil
			for _, text := range want {
				*member(in) = append(*member(in), as(aws.String(text)))
			}
		},
	}
}

// groupsOf is a list of numbers of Diffie-Hellman groups.
func groupsOf[H, W any](have func(*tunnel) []H, value func(H) *int32, member func(*tunnelSpec) *[]W, as func(*int32) W) tunnelMember {
	return tunnelMember{
		have: func(t *tunnel) []string { return kit.Texts(have(t), func(h H) string { return kit.Number(value(h)) }) },
		put: func(in *tunnelSpec, want []string) {
			*member(in) = nil
			for _, text := range want {
				*member(in) = append(*member(in), as(number(text)))
			}
		},
	}
}

func textOf(have func(*tunnel) *string, member func(*tunnelSpec) **string) tunnelMember {
	return tunnelMember{
		have: func(t *tunnel) []string {
			return slices.DeleteFunc([]string{aws.ToString(have(t))}, func(text string) bool { return text == "" })
		},
		put: func(in *tunnelSpec, want []string) { *member(in) = aws.String(want[0]) },
	}
}

func numberOf(have func(*tunnel) *int32, member func(*tunnelSpec) **int32) tunnelMember {
	return tunnelMember{
		have: func(t *tunnel) []string {
			if have(t) == nil {
				return nil
			}
			return []string{kit.Number(have(t))}
		},
		put: func(in *tunnelSpec, want []string) { *member(in) = number(want[0]) },
	}
}

// number reads one of the rules' numbers.
func number(text string) *int32 {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return nil // AWS refuses a call without it
	}
	return aws.Int32(int32(n))
}

// tunnelMembers are the options of the rules' table.
var tunnelMembers = map[string]tunnelMember{
	rules.TunnelIKE: textsOf(func(t *tunnel) []ec2types.IKEVersionsListValue { return t.IkeVersions }, func(v ec2types.IKEVersionsListValue) *string { return v.Value },
		func(in *tunnelSpec) *[]ec2types.IKEVersionsRequestListValue { return &in.IKEVersions }, func(v *string) ec2types.IKEVersionsRequestListValue {
			return ec2types.IKEVersionsRequestListValue{Value: v}
		}),
	rules.TunnelEncryption1: textsOf(func(t *tunnel) []ec2types.Phase1EncryptionAlgorithmsListValue { return t.Phase1EncryptionAlgorithms }, func(v ec2types.Phase1EncryptionAlgorithmsListValue) *string { return v.Value },
		func(in *tunnelSpec) *[]ec2types.Phase1EncryptionAlgorithmsRequestListValue {
			return &in.Phase1EncryptionAlgorithms
		}, func(v *string) ec2types.Phase1EncryptionAlgorithmsRequestListValue {
			return ec2types.Phase1EncryptionAlgorithmsRequestListValue{Value: v}
		}),
	rules.TunnelEncryption2: textsOf(func(t *tunnel) []ec2types.Phase2EncryptionAlgorithmsListValue { return t.Phase2EncryptionAlgorithms }, func(v ec2types.Phase2EncryptionAlgorithmsListValue) *string { return v.Value },
		func(in *tunnelSpec) *[]ec2types.Phase2EncryptionAlgorithmsRequestListValue {
			return &in.Phase2EncryptionAlgorithms
		}, func(v *string) ec2types.Phase2EncryptionAlgorithmsRequestListValue {
			return ec2types.Phase2EncryptionAlgorithmsRequestListValue{Value: v}
		}),
	rules.TunnelIntegrity1: textsOf(func(t *tunnel) []ec2types.Phase1IntegrityAlgorithmsListValue { return t.Phase1IntegrityAlgorithms }, func(v ec2types.Phase1IntegrityAlgorithmsListValue) *string { return v.Value },
		func(in *tunnelSpec) *[]ec2types.Phase1IntegrityAlgorithmsRequestListValue {
			return &in.Phase1IntegrityAlgorithms
		}, func(v *string) ec2types.Phase1IntegrityAlgorithmsRequestListValue {
			return ec2types.Phase1IntegrityAlgorithmsRequestListValue{Value: v}
		}),
	rules.TunnelIntegrity2: textsOf(func(t *tunnel) []ec2types.Phase2IntegrityAlgorithmsListValue { return t.Phase2IntegrityAlgorithms }, func(v ec2types.Phase2IntegrityAlgorithmsListValue) *string { return v.Value },
		func(in *tunnelSpec) *[]ec2types.Phase2IntegrityAlgorithmsRequestListValue {
			return &in.Phase2IntegrityAlgorithms
		}, func(v *string) ec2types.Phase2IntegrityAlgorithmsRequestListValue {
			return ec2types.Phase2IntegrityAlgorithmsRequestListValue{Value: v}
		}),
	rules.TunnelGroups1: groupsOf(func(t *tunnel) []ec2types.Phase1DHGroupNumbersListValue { return t.Phase1DHGroupNumbers }, func(v ec2types.Phase1DHGroupNumbersListValue) *int32 { return v.Value },
		func(in *tunnelSpec) *[]ec2types.Phase1DHGroupNumbersRequestListValue { return &in.Phase1DHGroupNumbers }, func(v *int32) ec2types.Phase1DHGroupNumbersRequestListValue {
			return ec2types.Phase1DHGroupNumbersRequestListValue{Value: v}
		}),
	rules.TunnelGroups2: groupsOf(func(t *tunnel) []ec2types.Phase2DHGroupNumbersListValue { return t.Phase2DHGroupNumbers }, func(v ec2types.Phase2DHGroupNumbersListValue) *int32 { return v.Value },
		func(in *tunnelSpec) *[]ec2types.Phase2DHGroupNumbersRequestListValue { return &in.Phase2DHGroupNumbers }, func(v *int32) ec2types.Phase2DHGroupNumbersRequestListValue {
			return ec2types.Phase2DHGroupNumbersRequestListValue{Value: v}
		}),
	rules.TunnelLifetime1:   numberOf(func(t *tunnel) *int32 { return t.Phase1LifetimeSeconds }, func(in *tunnelSpec) **int32 { return &in.Phase1LifetimeSeconds }),
	rules.TunnelLifetime2:   numberOf(func(t *tunnel) *int32 { return t.Phase2LifetimeSeconds }, func(in *tunnelSpec) **int32 { return &in.Phase2LifetimeSeconds }),
	rules.TunnelMargin:      numberOf(func(t *tunnel) *int32 { return t.RekeyMarginTimeSeconds }, func(in *tunnelSpec) **int32 { return &in.RekeyMarginTimeSeconds }),
	rules.TunnelFuzz:        numberOf(func(t *tunnel) *int32 { return t.RekeyFuzzPercentage }, func(in *tunnelSpec) **int32 { return &in.RekeyFuzzPercentage }),
	rules.TunnelReplay:      numberOf(func(t *tunnel) *int32 { return t.ReplayWindowSize }, func(in *tunnelSpec) **int32 { return &in.ReplayWindowSize }),
	rules.TunnelPeerTimeout: numberOf(func(t *tunnel) *int32 { return t.DpdTimeoutSeconds }, func(in *tunnelSpec) **int32 { return &in.DPDTimeoutSeconds }),
	rules.TunnelPeerAction:  textOf(func(t *tunnel) *string { return t.DpdTimeoutAction }, func(in *tunnelSpec) **string { return &in.DPDTimeoutAction }),
	rules.TunnelStartup:     textOf(func(t *tunnel) *string { return t.StartupAction }, func(in *tunnelSpec) **string { return &in.StartupAction }),
	rules.TunnelLifecycle: {
		have: func(t *tunnel) []string { return []string{kit.OnOff(aws.ToBool(t.EnableTunnelLifecycleControl))} },
		put: func(in *tunnelSpec, want []string) {
			in.EnableTunnelLifecycleControl = aws.Bool(want[0] == kit.OnOff(true))
		},
	},
	rules.TunnelLogs: {have: logsOf, put: putLogs},
}

// logsOf is "json to <ARN of the log group>", or nothing where nothing is logged.
func logsOf(t *tunnel) []string {
	if t.LogOptions == nil || t.LogOptions.CloudWatchLogOptions == nil {
		return nil
	}
	logs := t.LogOptions.CloudWatchLogOptions
	if !aws.ToBool(logs.LogEnabled) {
		return nil
	}
	return []string{aws.ToString(logs.LogOutputFormat) + " to " + strings.TrimSuffix(aws.ToString(logs.LogGroupArn), ":*")}
}

func putLogs(in *tunnelSpec, want []string) {
	format, group, _ := strings.Cut(want[0], " to ")
	in.LogOptions = &ec2types.VpnTunnelLogOptionsSpecification{CloudWatchLogOptions: &ec2types.CloudWatchLogOptionsSpecification{
		LogEnabled: aws.Bool(true), LogOutputFormat: &format, LogGroupArn: &group,
	}}
}

// tunnelText is the canonical text of an option; what AWS does not tell is its default.
func tunnelText(t *tunnel, o rules.TunnelOption) string {
	have := tunnelMembers[o.Name].have(t)
	if len(have) == 0 {
		have = o.Default
	}
	return kit.Lines(have)
}

// tunnelInput is all options as AWS takes them.
func tunnelInput(options []rules.TunnelOption) tunnelSpec {
	var in tunnelSpec
	for _, o := range options {
		tunnelMembers[o.Name].put(&in, o.Want)
	}
	return in
}
