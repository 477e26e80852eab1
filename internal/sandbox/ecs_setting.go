package sandbox

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// registerSettings are the account settings of ECS in a region. Only the default of
// all principals can be set here: a principal's own is for itself and the root user.
func registerSettings(a *Account) {
	values := []string{"enabled", "disabled", "on", "off"}
	op(a, ecs.ServiceID, func(t *tx, in *ecs.PutAccountSettingDefaultInput) (*ecs.PutAccountSettingDefaultOutput, error) {
		switch {
		case !slices.Contains(types.SettingName("").Values(), in.Name):
			return nil, apiError("InvalidParameterException", "Invalid setting name: %s", in.Name)
		case !slices.Contains(values, aws.ToString(in.Value)):
			return nil, apiError("InvalidParameterException", "Invalid setting value: %s", aws.ToString(in.Value))
		}
		s := t.ecs()
		if s.Settings == nil {
			s.Settings = map[types.SettingName]string{}
		}
		s.Settings[in.Name] = *in.Value
		v := t.setting(in.Name)
		return &ecs.PutAccountSettingDefaultOutput{Setting: &v}, nil
	})
	op(a, ecs.ServiceID, func(t *tx, in *ecs.ListAccountSettingsInput) (*ecs.ListAccountSettingsOutput, error) {
		if in.PrincipalArn != nil && *in.PrincipalArn != aws.ToString(t.caller()) {
			return nil, apiError("AccessDeniedException", "Only the root user and the principal itself may ask for its settings.")
		}
		var all []types.Setting
		if in.EffectiveSettings { // nobody has settings of its own
			for _, name := range types.SettingName("").Values() {
				if in.Name == "" || in.Name == name {
					all = append(all, t.setting(name))
				}
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &ecs.ListAccountSettingsOutput{Settings: part, NextToken: next}, err
	})
}

// setting is what counts for whoever has none of its own. What nobody has set is
// off, but for the long ARNs, which all accounts have by now.
func (t *tx) setting(name types.SettingName) types.Setting {
	value := t.ecs().Settings[name]
	switch {
	case value != "":
	case name == types.SettingNameServiceLongArnFormat, name == types.SettingNameTaskLongArnFormat, name == types.SettingNameContainerInstanceLongArnFormat:
		value = "enabled"
	default:
		value = "disabled"
	}
	return types.Setting{Name: name, Value: aws.String(value), PrincipalArn: aws.String("arn:aws:iam::" + t.opts.ID + ":root"), Type: types.SettingTypeUser}
}
