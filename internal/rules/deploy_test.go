package rules

import (
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

func TestImages(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + strings.Repeat("a1", 32)
	const registry = "123456789012.dkr.ecr.eu-west-3.amazonaws.com"
	for ref, test := range map[string]struct {
		want   Image
		reason string // why it may not run as ACME's shop/web; empty when it may
	}{
		"v1.4.2":                                 {Image{Tag: "v1.4.2"}, ""},
		digest:                                   {Image{Digest: digest}, ""},
		"acme/shop-web:v1":                       {Image{Repository: "acme/shop-web", Tag: "v1"}, ""},
		"acme/shop-web@" + digest:                {Image{Repository: "acme/shop-web", Digest: digest}, ""},
		registry + "/acme/shop-web:v1":           {Image{registry, "acme/shop-web", "v1", ""}, ""},
		"acme/shop-web:v1@" + digest:             {Image{Repository: "acme/shop-web", Tag: "v1", Digest: digest}, ""},
		"globex/shop-web:v1":                     {Image{Repository: "globex/shop-web", Tag: "v1"}, "not ACME's"},
		"acme/shop-api:v1":                       {Image{Repository: "acme/shop-api", Tag: "v1"}, "another service's"},
		"docker.io/acme/shop-web:v1":             {Image{"docker.io", "acme/shop-web", "v1", ""}, "another registry"},
		"localhost:5000/acme/shop-web:v1":        {Image{"localhost:5000", "acme/shop-web", "v1", ""}, "another registry"},
		"nginx:latest":                           {Image{Repository: "nginx", Tag: "latest"}, "not ACME's"},
		"2" + registry[1:] + "/acme/shop-web:v1": {Image{"2" + registry[1:], "acme/shop-web", "v1", ""}, "another registry"},
	} {
		got, err := ParseImage(ref)
		if err != nil || got != test.want {
			t.Errorf("%s is %+v (%v), want %+v", ref, got, err, test.want)
			continue
		}
		err = CheckImage(got, "123456789012", "eu-west-3", "ACME", "shop", "web")
		if (err == nil) != (test.reason == "") || err != nil && !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%s: %v, want %q", ref, err, test.reason)
		}
	}
	for _, ref := range []string{"", "acme/shop-web", "acme/shop-web:", "acme/shop-web@sha256:12", "v1 2", "acme/Shop:v1", "@" + digest, "reg.example/:v1"} {
		if got, err := ParseImage(ref); err == nil {
			t.Errorf("%q is taken for %+v", ref, got)
		}
	}
}

func TestFirstTasks(t *testing.T) {
	t.Parallel()
	if web, files := FirstTasks(spec.Apache), FirstTasks(spec.MySecureShell); web != 2 || files != 1 {
		t.Errorf("%d web servers, %d for files", web, files)
	}
}
