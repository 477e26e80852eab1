package main

import (
	"errors"

	"github.com/spf13/pflag"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// flagError says what is wrong with a flag, which pflag says in English only.
func flagError(err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if short := e.GetSpecifiedShortnames(); short != "" {
			return lang.Errorf("unknown flag: -%s in -%s", e.GetSpecifiedName(), short)
		}
		return lang.Errorf("unknown flag: --%s", e.GetSpecifiedName())
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		if short := e.GetSpecifiedShortnames(); short != "" {
			return lang.Errorf("flag needs an argument: -%s in -%s", e.GetSpecifiedName(), short)
		}
		return lang.Errorf("flag needs an argument: --%s", e.GetSpecifiedName())
	}
	if e, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return lang.Errorf("bad flag syntax: %s", e.GetSpecifiedFlag())
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		switch name := e.GetFlag().Name; e.GetFlag().Value.Type() {
		case "int":
			return lang.Errorf("invalid argument %q for --%s: it is no whole number", e.GetValue(), name)
		case "duration":
			return lang.Errorf("invalid argument %q for --%s: it is no duration such as 45m", e.GetValue(), name)
		case "bool":
			return lang.Errorf("invalid argument %q for --%s: it is neither true nor false", e.GetValue(), name)
		}
	}
	return err
}
