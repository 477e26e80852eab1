package examples_test

import (
	"io/fs"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/examples"
	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

func TestExamplesAreValid(t *testing.T) {
	plan, err := cidr.NewPlan()
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(examples.All, "*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		data, err := fs.ReadFile(examples.All, file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := spec.Parse(file, data, rules.Checks(plan, "123456789012", time.Date(2026, time.November, 30, 0, 0, 0, 0, time.UTC))); err != nil {
			t.Error(err)
		}
	}
}
