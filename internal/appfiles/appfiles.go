// Package appfiles writes the files that an app's repository starts with: the
// pipeline, the images of its services, and what they are developed in.
package appfiles

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Project is an app of a client, and the account that it is deployed to.
type Project struct {
	Spec    *spec.Spec
	App     spec.App
	Account string    // 12 digits
	GitLab  string    // URL of the instance
	Lang    lang.Lang // of the comments
}

// InOtherLanguage is the same project with comments in the other language.
func (p Project) InOtherLanguage() Project {
	if p.Lang == lang.French {
		p.Lang = lang.English
	} else {
		p.Lang = lang.French
	}
	return p
}

// PipelineFile is where GitLab looks for a pipeline.
const PipelineFile = ".gitlab-ci.yml"

var (
	//go:embed pipeline.yml
	pipelineText string
	//go:embed service.yml
	serviceText string
)

// fill puts values where @names@ are. It does without text/template for the reason
// that spec.New has.
func fill(text string, values map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		pairs = append(pairs, "@"+name+"@", values[name])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (p Project) platform() string {
	if rules.ARM(p.Spec.Hosts.InstanceType) {
		return "linux/arm64"
	}
	return "linux/amd64"
}

// Pipeline is the app's .gitlab-ci.yml.
func (p Project) Pipeline() []byte {
	values := map[string]string{
		"app": p.App.Name, "client": p.Spec.Client, "lower": rules.Lower(p.Spec.Client), "branch": p.App.Branch, "project": p.App.Repository,
		"region": p.Spec.Region, "gitlab": p.GitLab, "platform": p.platform(), "arm": "",
		"role":     "arn:aws:iam::" + p.Account + ":role/" + rules.DeployRoleName(p.Spec.Client, p.App.Name),
		"registry": rules.RegistryHost(p.Account, p.Spec.Region),
		"spec":     indent(p.extract(), 6),
	}
	if rules.ARM(p.Spec.Hosts.InstanceType) {
		values["arm"] = "\n" + p.Lang.Say("#                                                 and an ARM processor, as the client's hosts have")
	}
	var b strings.Builder
	b.WriteString(fill(p.Lang.Comments(pipelineText), values))
	for _, svc := range p.App.Services {
		each := maps.Clone(values)
		maps.Copy(each, p.service(svc))
		b.WriteString(fill(p.Lang.Comments(serviceText), each))
	}
	return []byte(b.String())
}

// service are the values of the jobs of one service.
func (p Project) service(svc spec.Service) map[string]string {
	r := rules.RuntimeOf(svc.Runtime)
	port := strconv.Itoa(int(r.Port))
	values := map[string]string{
		"service": svc.Name, "runtime": string(svc.Runtime), "repository": rules.RepositoryName(p.Spec.Client, p.App.Name, svc.Name),
		"context": p.context(svc), "port": port, "secrets": "", "probe": "nc -z docker " + port,
		"scratch": "--tmpfs " + strings.Join(scratch(r), " --tmpfs "),
	}
	if r.HealthPath != "" {
		values["probe"] = "wget -q -O /dev/null http://docker:" + port + r.HealthPath
	} else {
		// Servers of files do not start without people, and SFTP not without a host key:
		// these are made up, and end with the job.
		values["secrets"] = ` --env FILE_USERS='[{"name":"try","password_hash":"'"$(mkpasswd -m sha512 "$CI_JOB_ID")"'"}]'`
	}
	if svc.Runtime == spec.MySecureShell {
		values["secrets"] += ` --env HOST_KEY="$(apk add -q openssh-keygen && ssh-keygen -q -t ed25519 -N '' -f /tmp/host-key && cat /tmp/host-key)"`
	}
	for _, env := range spec.Envs() {
		values[string(env)] = ""
		if d := svc.Domains.Of(env); d != "" {
			values[string(env)] = ", url: \"https://" + d + "\""
		}
	}
	return values
}

// scratch are the directories that a container can write, as Docker takes them.
func scratch(r rules.Runtime) []string {
	var out []string
	for _, path := range slices.Sorted(maps.Keys(r.Task.Scratch)) {
		out = append(out, fmt.Sprintf("%s:size=%dm", path, r.Task.Scratch[path]))
	}
	return out
}

// context is the directory of a service: that of the app when it has one service.
func (p Project) context(svc spec.Service) string {
	if len(p.App.Services) == 1 {
		return "."
	}
	return svc.Name
}

// extract is as much of the client's spec as a deploy of the app needs. JSON's texts
// are YAML's too.
func (p Project) extract() string {
	quoted := func(text string) string {
		out, _ := json.Marshal(text) // a string always encodes
		return string(out)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "client: %s\nregion: %s\napps:\n  - name: %s\n    services:\n", quoted(p.Spec.Client), p.Spec.Region, quoted(p.App.Name))
	for _, svc := range p.App.Services {
		fmt.Fprintf(&b, "      - {name: %s, runtime: %s", quoted(svc.Name), svc.Runtime)
		if svc.Path != "" {
			fmt.Fprintf(&b, ", path: %s", quoted(svc.Path))
		}
		if svc.Domains != (spec.Domains{}) {
			fmt.Fprintf(&b, ", domains: {preview: %s, prod: %s}", quoted(svc.Domains.Preview), quoted(svc.Domains.Prod))
		}
		b.WriteString("}\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func indent(text string, by int) string {
	space := strings.Repeat(" ", by)
	return space + strings.ReplaceAll(text, "\n", "\n"+space)
}
