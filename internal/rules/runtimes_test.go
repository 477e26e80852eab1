package rules

import (
	"slices"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

func TestRuntimesCanBeRun(t *testing.T) {
	ports := map[uint16]spec.Runtime{}
	for _, r := range Runtimes() {
		if got := RuntimeOf(r.Name); got.Port != r.Port {
			t.Errorf("%s is found as %+v", r.Name, got)
		}
		if r.Name.HTTP() != (r.Balancer == ByHostAndPath) || r.Name.HTTP() != (r.HealthPath != "") {
			t.Errorf("%s: the spec and the table do not agree on what it speaks", r.Name)
		}
		for i, p := range r.Ports() {
			if p < 1024 {
				t.Errorf("%s needs root for port %d", r.Name, p)
			}
			if other, taken := ports[p]; taken {
				t.Errorf("%s and %s both have port %d, so that a security group could mean either", r.Name, other, p)
			}
			ports[p] = r.Name
			if i > 1 && p != r.Data[i-2]+1 {
				t.Errorf("%s: the data ports %v have a gap", r.Name, r.Data)
			}
		}
		if n := len(r.Ports()); n > MaxTargetGroups {
			t.Errorf("%s needs %d target groups, and a service can have %d", r.Name, n, MaxTargetGroups)
		}
		if len(r.Data) > 0 && (r.MaxTasks != 1 || !r.StopFirst) {
			t.Errorf("%s: control and data connections can reach different tasks", r.Name)
		}
		if r.Network != awsvpc {
			t.Errorf("%s: in %s mode a task has no security group of its own", r.Name, r.Network)
		}
		for _, path := range []string{"/run", "/tmp"} {
			if r.Task.Scratch[path] == 0 {
				t.Errorf("%s cannot write to %s", r.Name, path)
			}
		}
		if !r.Bucket.Read && !r.Bucket.Write {
			t.Errorf("%s has a role that may do nothing", r.Name)
		}
		if n := FirstTasks(r.Name); r.MaxTasks > 0 && n > r.MaxTasks {
			t.Errorf("%s starts with %d tasks, and has %d at most", r.Name, n, r.MaxTasks)
		}
		if people := slices.ContainsFunc(r.Secrets, func(s Secret) bool { return s.Name == PeopleSecret && !s.Generated }); people == r.Name.HTTP() {
			t.Errorf("%s has the secrets %+v", r.Name, r.Secrets)
		}
		if r.Name.HTTP() == (r.Task.Files != "") {
			t.Errorf("%s keeps files at %q", r.Name, r.Task.Files)
		}
	}
}

func TestEveryRuntimeOfASpecIsInTheTable(t *testing.T) {
	var names []spec.Runtime
	for _, r := range Runtimes() {
		names = append(names, r.Name)
	}
	if want := []spec.Runtime{spec.Apache, spec.NodeJS, spec.MySecureShell, spec.ProFTPD}; !slices.Equal(names, want) {
		t.Errorf("the table has %v, want %v", names, want)
	}
}
