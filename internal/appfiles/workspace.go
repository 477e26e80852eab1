package appfiles

import (
	"encoding/json"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// extensions are those of VS Code that an app's developers want.
func (p Project) extensions() []string {
	out := []string{"GitLab.gitlab-workflow", "ms-azuretools.vscode-containers", "redhat.vscode-yaml"}
	if p.runs(spec.NodeJS) {
		out = append(out, "dbaeumer.vscode-eslint")
	}
	return out
}

// runs reports whether a service of the app has the runtime.
func (p Project) runs(r spec.Runtime) bool {
	return slices.ContainsFunc(p.App.Services, func(s spec.Service) bool { return s.Runtime == r })
}

// task is one of VS Code's, which runs a program and looks for no problems in what it says.
type task struct {
	Label   string   `json:"label"`
	Type    string   `json:"type"`
	Command string   `json:"command"`
	Args    []string `json:"args"`
	Problem []string `json:"problemMatcher"`
}

func process(label, command string, args ...string) task {
	return task{label, "process", command, args, []string{}}
}

// workspace is what VS Code reads of a folder that is opened without a container: extensions to
// recommend, how to read YAML, and tasks. The YAML extension knows the schemas of pipelines and
// compose files by their names, but not the tag that GitLab adds to YAML.
func (p Project) workspace() []File {
	type object = map[string]any
	files := []struct {
		name string
		data any
	}{
		{"extensions.json", object{"recommendations": p.extensions()}},
		{"settings.json", object{
			"yaml.customTags": []string{"!reference sequence"},
			"[yaml]":          object{"editor.insertSpaces": true, "editor.tabSize": 2},
		}},
		{"tasks.json", object{
			"version": "2.0.0",
			"inputs":  []object{{"id": "specs", "type": "promptString", "description": "Directory with the specs / Dossier des spécifications", "default": "../clients"}},
			"tasks": []task{
				process(p.App.Name+": run it here", "docker", "compose", "up", "--build"),
				process("cicdctl: plan", "cicdctl", "client", "plan", p.Spec.Client, "--spec-dir", "${input:specs}"),
				process("cicdctl: audit", "cicdctl", "audit", p.Spec.Client, "--spec-dir", "${input:specs}"),
			},
		}},
	}
	var out []File
	for _, f := range files {
		data, _ := json.MarshalIndent(f.data, "", "  ") // plain values always encode
		out = append(out, File{Path: ".vscode/" + f.name, Data: append(data, '\n')})
	}
	return out
}
