package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// keys of the configuration, as the file has them.
var configKeys = []string{"admin_region", "admins", "auditors", "pools", "accounts", "gitlab", "access_log_days", "alarm_emails", "trail_alarms", "spec_dir", "sandbox_file", "language"}

// loadSettings reads the configuration. The error is an *cloud.ConfigError that
// names the file.
func loadSettings(flags *pflag.FlagSet, file string) (session.Settings, error) {
	v := viper.New()
	v.SetEnvPrefix("CICDCTL")
	for _, key := range configKeys {
		if err := v.BindEnv(key); err != nil {
			return session.Settings{}, err
		}
	}
	v.SetDefault("spec_dir", session.DefaultSpecDir)
	if err := v.BindPFlag("spec_dir", flags.Lookup("spec-dir")); err != nil {
		return session.Settings{}, err
	}
	file, err := configFile(file)
	if err != nil {
		return session.Settings{}, err
	}
	if file != "" {
		values, err := readConfig(file)
		if err == nil {
			err = v.MergeConfigMap(values)
		}
		var path *fs.PathError // names the file already
		if err != nil && !errors.As(err, &path) {
			err = lang.Errorf("%s: %w", file, err)
		}
		if err != nil {
			return session.Settings{}, &cloud.ConfigError{Err: err}
		}
	}
	s, err := decodeSettings(v)
	if err == nil {
		s.Accounts, err = accountsIn(file)
	}
	if err != nil {
		return s, &cloud.ConfigError{Err: err}
	}
	return s, nil
}

// configFile finds the file to read: the one asked for, else the first there is.
func configFile(asked string) (string, error) {
	if asked == "" {
		asked = os.Getenv("CICDCTL_CONFIG")
	}
	if asked != "" {
		return asked, nil
	}
	places := []string{"cicdctl.yaml"}
	if dir, err := os.UserConfigDir(); err == nil { // without a home there is none
		places = append(places, filepath.Join(dir, "cicdctl", "config.yaml"))
	}
	for _, place := range places {
		_, err := os.Stat(place)
		switch {
		case err == nil:
			return place, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", &cloud.ConfigError{Err: err}
		}
	}
	return "", nil
}

// readConfig reads one file and refuses keys that nobody knows.
func readConfig(file string) (map[string]any, error) {
	v := viper.New()
	v.SetConfigFile(file)
	v.SetConfigType("yaml")
	if err := v.ReadInConfig(); err != nil {
		if parse, ok := errors.AsType[viper.ConfigParseError](err); ok {
			return nil, parse.Unwrap()
		}
		return nil, err
	}
	var unknown []string
	for _, key := range v.AllKeys() {
		if strings.HasPrefix(key, "accounts.") {
			continue // accountsIn knows them
		}
		if !slices.Contains(configKeys, key) {
			unknown = append(unknown, lang.Sprintf("unknown key %q%s", key, nearestOf(key, configKeys)))
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return nil, lang.Errorf("%s (known: %s)", strings.Join(unknown, "; "), strings.Join(configKeys, ", "))
	}
	return v.AllSettings(), nil
}

func decodeSettings(v *viper.Viper) (session.Settings, error) {
	var s session.Settings
	var wrong []string
	for key, to := range map[string]*string{
		"admin_region": &s.AdminRegion, "gitlab": &s.GitLab, "spec_dir": &s.SpecDir, "sandbox_file": &s.SandboxFile, "language": &s.Language,
	} {
		switch value := v.Get(key).(type) {
		case nil:
		case string:
			*to = value
		default:
			wrong = append(wrong, lang.Sprintf("%s: must be text, not %v", key, value))
		}
	}
	var err error
	if s.Admins, err = list("admins", v.Get("admins")); err != nil {
		wrong = append(wrong, err.Error())
	}
	if s.Auditors, err = list("auditors", v.Get("auditors")); err != nil {
		wrong = append(wrong, err.Error())
	}
	pools, err := list("pools", v.Get("pools"))
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	for _, text := range pools {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			wrong = append(wrong, lang.Sprintf("pools: %q is not a network such as 10.21.0.0/16", text))
		}
		s.Pools = append(s.Pools, p)
	}
	if s.AlarmEmails, err = list("alarm_emails", v.Get("alarm_emails")); err != nil {
		wrong = append(wrong, err.Error())
	}
	if v.IsSet("trail_alarms") {
		on, err := strconv.ParseBool(fmt.Sprint(v.Get("trail_alarms")))
		if err != nil {
			wrong = append(wrong, lang.Sprintf("trail_alarms: must be true or false, not %v", v.Get("trail_alarms")))
		}
		s.NoTrailAlarms = !on
	}
	if v.IsSet("access_log_days") {
		days, err := strconv.Atoi(fmt.Sprint(v.Get("access_log_days")))
		if err != nil {
			wrong = append(wrong, lang.Sprintf("access_log_days: must be a number of days, or 0 for no access logs, not %v", v.Get("access_log_days")))
		}
		s.AccessLogDays = &days
	}
	if s.SandboxFile == "" {
		s.SandboxFile = defaultSandboxFile()
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return s, lang.New(strings.Join(wrong, "; "))
	}
	return s, nil
}

// list reads a list of texts; the environment has them with commas or spaces between.
func list(key string, value any) ([]string, error) {
	switch value := value.(type) {
	case nil:
		return nil, nil
	case string:
		return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' }), nil
	case []any:
		out := []string{} // even an empty list says something
		for _, item := range value {
			text, ok := item.(string)
			if !ok {
				return nil, lang.Errorf("%s: %v is not text", key, item)
			}
			out = append(out, text)
		}
		return out, nil
	default:
		return nil, lang.Errorf("%s: must be a list, not %v", key, value)
	}
}

// defaultSandboxFile is in the user's state directory.
func defaultSandboxFile() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			home = os.TempDir() // without a home the account lives as long as the machine is up
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "cicdctl", "sandbox.json")
}

// language is that of the flag, the configuration or the environment.
func language(flag, configured string) (lang.Lang, error) {
	environment := lang.Of(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG"))
	for _, asked := range []struct{ what, value string }{{"--lang", flag}, {"language", configured}} {
		switch lang.Lang(asked.value) {
		case "":
		case lang.English, lang.French:
			return lang.Lang(asked.value), nil
		default:
			return environment, session.Usagef("", "%s %q is not one of en, fr", asked.what, asked.value)
		}
	}
	return environment, nil
}
