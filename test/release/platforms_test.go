// Package release_test looks at what a release is made of. run.sh beside it makes one.
package release_test

import (
	"os"
	"testing"

	"golang.org/x/tools/go/packages"
)

// CI builds and runs cicdctl on Linux alone. Whether it would compile for the other systems that a
// release is for, types tell, in a tenth of the time that compilers take.
func TestCompilesOnEverySystem(t *testing.T) {
	for _, system := range []string{"darwin", "windows"} {
		t.Run(system, func(t *testing.T) {
			found, err := packages.Load(&packages.Config{
				Mode:    packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedCompiledGoFiles,
				Context: t.Context(),
				Dir:     "../..",
				Env:     append(os.Environ(), "GOOS="+system, "GOARCH=arm64", "CGO_ENABLED=0"),
			}, "./cmd/...", "./internal/...")
			if err != nil {
				t.Fatal(err)
			}
			packages.Visit(found, nil, func(p *packages.Package) {
				for _, wrong := range p.Errors {
					t.Errorf("%s: %v", p.PkgPath, wrong)
				}
			})
		})
	}
}
