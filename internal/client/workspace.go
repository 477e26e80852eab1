package client

import (
	"bytes"
	"embed"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"

	"gitlab.com/cicd/cicdctl/configs"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// schemaName is the file that editors check the specs beside it with.
const schemaName = "client.schema.json"

// modeline tells the YAML language server, which VS Code and others use, where the schema is.
const modeline = "# yaml-language-server: $schema=./" + schemaName + "\n"

//go:embed workspace
var workspace embed.FS

// writeSchema puts the schema of this version beside the specs, and returns the file if that has
// changed anything.
func writeSchema(dir string) (string, error) {
	file := filepath.Join(dir, schemaName)
	old, err := os.ReadFile(file)
	switch {
	case err == nil && bytes.Equal(old, configs.ClientSchema):
		return "", nil
	case err == nil:
		return file, session.Rewrite(file, old, configs.ClientSchema)
	default:
		return file, session.WriteNew(file, configs.ClientSchema)
	}
}

// writeWorkspace writes what VS Code wants to know of a directory with specs in one below it. What
// is there already is the operator's, and stays.
func writeWorkspace(specDir string) (written []string, err error) {
	entries, err := workspace.ReadDir("workspace")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := workspace.ReadFile(path.Join("workspace", e.Name()))
		if err != nil {
			return written, err
		}
		file := filepath.Join(".vscode", e.Name())
		err = session.WriteNew(file, []byte(strings.ReplaceAll(string(text), "@dir@", filepath.ToSlash(filepath.Clean(specDir)))))
		switch {
		case err == nil:
			written = append(written, file)
		case !errors.Is(err, session.ErrWritten):
			return written, err
		}
	}
	return written, nil
}
