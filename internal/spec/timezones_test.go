package spec

import (
	"archive/zip"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// The list is that of the toolchain which builds the program, and every zone in it can be used.
func TestTimezonesAreThoseOfGo(t *testing.T) {
	for _, name := range timezones {
		if _, err := time.LoadLocation(name); err != nil {
			t.Error(err)
		}
	}
	all, err := zip.OpenReader(filepath.Join(runtime.GOROOT(), "lib", "time", "zoneinfo.zip")) //nolint:staticcheck // where the tests run, it is there
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = all.Close() }()
	var names []string
	for _, f := range all.File {
		if !strings.HasSuffix(f.Name, "/") && f.Name != "Factory" {
			names = append(names, f.Name)
		}
	}
	for _, name := range timezones {
		if !slices.Contains(names, name) {
			t.Errorf("%s is no zone any more", name)
		}
	}
	for _, name := range names {
		if !slices.Contains(timezones, name) {
			t.Errorf("%s is missing in timezones.txt", name)
		}
	}
}

// What only some machines take for a time zone is refused on all of them.
func TestTimezonesOfTheMachineAreRefused(t *testing.T) {
	for name, says := range map[string]string{
		"posixrules": "is not an IANA time zone such as", "Factory": "is not an IANA", "right/Europe/Paris": "is not an IANA", "Local": "is not an IANA", "": "is not an IANA",
		"europe/paris": "write Europe/Paris", "utc": "write UTC",
	} {
		if err := CheckTimezone(name); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %s", name, err, says)
		}
	}
	for _, name := range []string{"UTC", "Europe/Paris", "Etc/GMT+3"} {
		if err := CheckTimezone(name); err != nil {
			t.Error(err)
		}
	}
}
