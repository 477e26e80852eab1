package main

import (
	"cmp"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// versionText is what the linker was told, else what the Go tool noted of the module.
func versionText() string {
	built := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		built = info.Main.Version
	}
	return cmp.Or(version, built, "(devel)")
}

// versionResult is the result of version.
type versionResult struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func newVersion(a *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:         "version",
		Short:       "Print the version",
		Long:        "Print the versions of cicdctl and Go. No configuration is read.",
		Example:     "  cicdctl version --output json",
		Annotations: map[string]string{needsNoConfig: "yes"},
		Args:        named(),
		RunE: func(*cobra.Command, []string) error {
			if a.Print.Format == report.JSON {
				return a.Print.Document(versionResult{versionText(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH})
			}
			return a.Print.Line("cicdctl %s (%s %s/%s)", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}
