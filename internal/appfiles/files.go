package appfiles

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/configs"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// File is a file of the app's repository.
type File struct {
	Path string // with slashes, from the repository's root
	Data []byte
	// Runs marks what is executed, which Docker copies with its mode.
	Runs bool
}

// Files are all that the app's repository starts with.
func (p Project) Files() ([]File, error) {
	out := []File{{Path: PipelineFile, Data: p.Pipeline()}, {Path: "compose.yaml", Data: p.compose()}, {Path: ".devcontainer/devcontainer.json", Data: p.devcontainer()}}
	out = append(out, p.workspace()...)
	for _, svc := range p.App.Services {
		image, err := p.image(svc)
		if err != nil {
			return nil, err
		}
		out = append(out, image...)
	}
	return out, nil
}

// image is the definition of the runtime's image, with what it copies: the service's
// own from now on.
func (p Project) image(svc spec.Service) ([]File, error) {
	text, err := fs.ReadFile(configs.Images, "images/"+string(svc.Runtime)+"/Dockerfile")
	if err != nil {
		return nil, lang.Errorf("read the image of %s: %w", svc.Runtime, err)
	}
	_, body, _ := strings.Cut(string(text), "\n") // the first line tells how to build it there
	head := p.Lang.Sayf("# %s/%s: %s on port %d. docker build %s\n", p.App.Name, svc.Name, svc.Runtime, rules.ContainerPort(svc.Runtime), p.context(svc))
	out := []File{{Path: path.Join(p.context(svc), "Dockerfile"), Data: []byte(head + p.Lang.Comments(body))}}
	for line := range strings.SplitSeq(body, "\n") {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "COPY" || strings.HasPrefix(words[1], "--from=") { // of another stage
			continue
		}
		for _, source := range words[1 : len(words)-1] {
			data, err := fs.ReadFile(configs.Images, "images/"+source)
			if err != nil {
				return nil, lang.Errorf("read the image of %s: %w", svc.Runtime, err)
			}
			out = append(out, File{Path: path.Join(p.context(svc), source), Data: []byte(p.Lang.Comments(string(data))), Runs: strings.HasPrefix(string(data), "#!")})
		}
	}
	return out, nil
}

// published are the ports of the services on the developer's machine: the
// container's own, or the next that is free.
func (p Project) published() map[string]uint16 {
	taken, out := map[uint16]bool{}, map[string]uint16{}
	for _, svc := range p.App.Services {
		port := rules.ContainerPort(svc.Runtime)
		for taken[port] {
			port++
		}
		taken[port], out[svc.Name] = true, port
	}
	return out
}

// compose runs the services as ECS does: as confined, and as preview.
func (p Project) compose() []byte {
	var b strings.Builder
	b.WriteString(p.Lang.Sayf("# The services of %s, as confined as on ECS: docker compose up --build\n", p.App.Name))
	b.WriteString(p.Lang.Say("# Without BUCKET, nothing is kept in S3. Secrets and more of the environment go into .env,\n# which belongs into .gitignore.\n"))
	fmt.Fprintf(&b, "name: %s\nservices:\n", rules.RoleName(p.Spec.Client, p.App.Name))
	ports := p.published()
	for _, svc := range p.App.Services {
		r := rules.RuntimeOf(svc.Runtime)
		fmt.Fprintf(&b, "  %s:\n    build: %s\n    init: true\n    read_only: true\n", svc.Name, p.context(svc))
		fmt.Fprintf(&b, "    tmpfs: [\"%s\"]\n    mem_limit: %dm\n", strings.Join(scratch(r), `", "`), r.Task.Memory)
		fmt.Fprintf(&b, "    ports: [\"127.0.0.1:%d:%d\"", ports[svc.Name], r.Port)
		for _, data := range r.Data { // the server tells these to its clients
			fmt.Fprintf(&b, ", \"127.0.0.1:%d:%d\"", data, data)
		}
		fmt.Fprintf(&b, "]\n    environment: {APP_ENV: preview}\n    env_file: [{path: .env, required: false}]")
		if r.HealthPath == "" {
			secrets := "FILE_USERS"
			if svc.Runtime == spec.MySecureShell {
				secrets = p.Lang.Say("FILE_USERS and HOST_KEY")
			}
			b.WriteString(" # " + secrets)
		}
		b.WriteString("\n")
	}
	return []byte(b.String())
}

// devcontainer is a place to develop in, with Docker for compose.yaml inside.
func (p Project) devcontainer() []byte {
	type object = map[string]any
	features := object{"ghcr.io/devcontainers/features/docker-in-docker:2": object{}}
	if p.runs(spec.NodeJS) {
		features["ghcr.io/devcontainers/features/node:1"] = object{}
	}
	var ports []uint16
	for _, port := range p.published() {
		ports = append(ports, port)
	}
	slices.Sort(ports)
	out, _ := json.MarshalIndent(struct { // plain values always encode
		Name           string   `json:"name"`
		Image          string   `json:"image"`
		Features       object   `json:"features"`
		ForwardPorts   []uint16 `json:"forwardPorts"`
		PostStart      string   `json:"postStartCommand"`
		Customizations object   `json:"customizations"`
	}{
		p.Spec.Client + " " + p.App.Name, "mcr.microsoft.com/devcontainers/base:bookworm", features, ports,
		"docker compose up --build --detach",
		object{"vscode": object{"extensions": p.extensions()}},
	}, "", "  ")
	return append(out, '\n')
}
