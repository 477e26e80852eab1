package browser

import (
	_ "embed"
	"slices"
	"time"
)

//go:embed checks.js
var checks string

// Problems are what is wrong with the page as it is shown, with what it has asked for, and with what
// the browser has said about it.
func (p *Page) Problems() []string {
	p.t.Helper()
	var all []string
	p.eval(&all, checks)
	p.settle()
	p.mu.Lock()
	defer p.mu.Unlock()
	return append(all, slices.Clone(p.said)...)
}

// settle waits until nothing is being loaded, so that what a page asks for late is seen.
func (p *Page) settle() {
	p.t.Helper()
	timer := time.NewTimer(50 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.ctx.Done():
	}
	p.eval(nil, "document.readyState")
}
