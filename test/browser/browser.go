// Package browser opens documents in headless Chromium, as those who read them do, and tells what is
// wrong with them. It is for tests.
package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds what is done with one page; on a busy machine a start takes seconds.
const patience = 90 * time.Second

// View is how a page is looked at.
type View struct {
	Width, Height int
	Dark          bool
	Font          string // in place of the page's own, where it is not empty
}

// Phone and Desk are the screens that documents must fit.
var (
	Phone = View{Width: 360, Height: 800}
	Desk  = View{Width: 1280, Height: 900}
)

func (v View) String() string {
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	return fmt.Sprintf("%d-%s", v.Width, scheme)
}

// InDark is the same in the dark scheme.
func (v View) InDark() View { v.Dark = true; return v }

// Browser is a running Chromium.
type Browser struct {
	ctx context.Context //nolint:containedctx // what chromedp runs is a context
}

// Start runs Chromium until the test is over. Without one the test is skipped, on CI it fails.
func Start(t *testing.T) *Browser {
	t.Helper()
	for _, program := range []string{"chromium", "pdftotext"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%v: .ci/run installs it (Debian: chromium, fonts-liberation, fonts-dejavu-core, poppler-utils)", err)
			}
			t.Skipf("%v: install Debian's chromium, fonts-liberation, fonts-dejavu-core and poppler-utils", err)
		}
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("chromium"),
		chromedp.NoSandbox, // root has none, and the pages are ours
		chromedp.DisableGPU,
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("force-device-scale-factor", "1"),
		chromedp.Flag("font-render-hinting", "none"),
		// Neither a page nor the browser itself reaches anything.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // starts it
		t.Fatal(err)
	}
	return &Browser{ctx}
}

// Page is an open document.
type Page struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // a tab of chromedp is a context
	file string

	mu   sync.Mutex
	said []string // requests, messages, exceptions
}

// Open opens a file in a tab of its own.
func (b *Browser) Open(t *testing.T, file string, v View) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, patience)
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx, file: "file://" + file}
	p.must(chromedp.Listen(ctx, p.listen))
	p.must(chromedp.Do(ctx, chromedp.EmulateViewport(int64(v.Width), int64(v.Height))))
	p.emulate("", v.Dark)
	p.must(chromedp.Do(ctx, chromedp.Navigate(p.file)))
	if v.Font != "" {
		// A style sheet of the document's own would be refused by its policy, this is the browser's.
		p.eval(nil, `const s = new CSSStyleSheet(); s.replaceSync('*:not(code, code *) { font-family: ' + `+quoted(v.Font)+` + ' !important }'); document.adoptedStyleSheets = [s]`)
	}
	return p
}

func (p *Page) emulate(media string, dark bool) {
	p.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	p.must(err)
}

// listen takes down every request but that for the file itself, and all that is said on the console.
func (p *Page) listen(event any) {
	said := ""
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if url := e.Request.URL; url != p.file && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, p.file+"#") {
			said = "request: " + url
		}
	case *runtime.EventConsoleAPICalled:
		said = "console: " + string(e.Type)
		for _, a := range e.Args {
			said += " " + string(a.Value)
		}
	case *runtime.EventExceptionThrown:
		said = "exception: " + e.ExceptionDetails.Text
	case *log.EventEntryAdded: //nolint:forbidigo // the browser's log
		said = "console: " + e.Entry.Text //nolint:forbidigo // as above
	}
	if said != "" {
		p.mu.Lock()
		p.said = append(p.said, said)
		p.mu.Unlock()
	}
}

func (p *Page) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", p.file, err)
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s) //nolint:errchkjson // strings always can be
	return string(b)
}

// eval runs a script in the page.
func (p *Page) eval(into any, script string) {
	p.t.Helper()
	out, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]byte](script))
	p.must(err)
	if into != nil {
		p.must(json.Unmarshal(out, into))
	}
}
