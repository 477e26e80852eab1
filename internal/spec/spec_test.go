package spec

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gitlab.com/cicd/cicdctl/examples"
)

func yamlToAny(text string, into *any) error { return yaml.Unmarshal([]byte(text), into) }

// Windows ends lines with two characters and may begin a file with a mark.
func TestFilesOfWindowsAreRead(t *testing.T) {
	for _, text := range []string{"client: ACME\r\nregion: eu-west-3\r\n", "\ufeffclient: ACME\nregion: eu-west-3\n"} {
		s, err := Parse("acme.yaml", []byte(text))
		if err != nil || s.Client != "ACME" || s.Region != "eu-west-3" {
			t.Errorf("%q: %+v %v", text, s, err)
		}
	}
}

// The parser counts a line twice that ends in a comment and the two characters of Windows.
func TestProblemsOfFilesOfWindowsHaveTheirLine(t *testing.T) {
	_, err := Parse("acme.yaml", []byte("client: ACME # upper case\r\n# Paris\r\nregion: eu-west-3\r\nhosts: {min: 0}\r\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "acme.yaml:4:14: hosts.min:") {
		t.Error(err)
	}
}

// Every testdata/spec/*.yaml is a file that is refused; the .txt beside it is what the operator reads.
func TestProblemsAreToldWithTheirPlace(t *testing.T) {
	files, err := filepath.Glob("../../testdata/spec/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(filepath.Base(file), data)
			if err == nil {
				t.Fatal("accepted")
			}
			got := err.Error() + "\n"
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDefaultsAreThoseOfTheDocument(t *testing.T) {
	s, err := Default("ACME", "eu-west-3")
	if err != nil {
		t.Fatal(err)
	}
	want := defaults()
	want.Client, want.Region = "ACME", "eu-west-3"
	want.Apps = []App{{Name: "app", Repository: "acme/app", Branch: "main", Services: []Service{{Name: "web", Runtime: Apache, Path: "/*"}}}}
	if diff := cmp.Diff(want, s, cmpopts.IgnoreUnexported(Spec{})); diff != "" {
		t.Error(diff)
	}
	if s.Backup.RetentionDays != 30 || s.Backup.Archive.KeepMonths != 12 {
		t.Errorf("backup is %+v", s.Backup)
	}
}

func TestTheExampleIsValid(t *testing.T) {
	s, err := Parse("acme.yaml", examples.ACME)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Apps[0].Services) != 4 || s.Apps[0].Services[1].Path != "/api/*" || s.Network.Allow[0].Ports.From != 9100 {
		t.Errorf("read as %+v", s)
	}
}

func TestUnreadableFileSaysWhich(t *testing.T) {
	_, err := Load("testdata/nowhere/acme.yml")
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "testdata/nowhere/acme.yml") {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(examples.ACME))
	f.Add("client: ACME\nregion: eu-west-3\napps: [{name: a, services: [{name: b, runtime: nodejs}]}]\n")
	f.Add("a: &x [*x]\n--- \n? {}\n: !!binary x")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse("f.yaml", []byte(text))
		var invalid *InvalidError
		if err != nil && (!errors.As(err, &invalid) || len(invalid.Problems) == 0) {
			t.Fatalf("%q: %v is not a list of problems", text, err)
		}
		if err == nil && (CheckClient(s.Client) != nil || len(s.Apps) == 0) {
			t.Fatalf("%q: read as %+v", text, s)
		}
	})
}

func FuzzWindows(f *testing.F) {
	for _, s := range []string{"22:30-23:00", "23:45-00:15", "sun:03:30-sun:05:00", "sat:23:30-sun:00:30", "25:00-26:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if w, err := ParseDailyWindow(text); err == nil && w.String() != text {
			t.Errorf("%q reads back as %q", text, w)
		}
		if w, err := ParseWeeklyWindow(text); err == nil && w.String() != strings.ToLower(text) {
			t.Errorf("%q reads back as %q", text, w)
		}
	})
}
