package report

import (
	"fmt"
	"io"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// live is the moving area at the foot of a terminal: what is at work, then one
// bar for the whole run. Finished resources scroll away above it.
type live struct {
	err  stream
	area *mpb.Progress
	bar  *mpb.Bar
}

// liveLines is how many resources are shown at work: more would push the plan
// off the screen of a small terminal.
const liveLines = 12

func newLive(g *Progress) *live {
	out := struct{ io.Writer }{g.p.err.Writer} // no lines but fitting ones, and what moves the cursor
	l := &live{err: g.p.err, area: mpb.New(mpb.WithOutput(out), mpb.WithRefreshRate(200*time.Millisecond), mpb.WithAutoRefresh())}
	above := mpb.BarFillerFunc(func(w io.Writer, _ decor.Statistics) error {
		for _, line := range g.liveLines(g.p.err.width()) {
			if _, err := fmt.Fprintln(w, line); err != nil {
				return err
			}
		}
		return nil
	})
	l.bar = l.area.New(0, mpb.BarStyle().Lbound("").Rbound("").Filler("━").Tip("━").Padding("─"),
		mpb.BarExtender(above, true), mpb.BarRemoveOnComplete(), mpb.BarWidth(30),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return g.liveTotal() })),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + seconds(g.Elapsed()) })),
	)
	return l
}

// print writes a line above the area. Where the area is gone already there is
// nothing left to write above of.
func (l *live) print(line string) {
	above := l.err
	above.Writer = l.area
	_, _ = fmt.Fprintln(above, line)
}

func (l *live) close() {
	l.bar.Abort(true)
	l.area.Wait()
}

// advance moves the bar. It is one longer than the total, so that it ends when
// the run does and not with the last event.
func (l *live) advance(done, total int) {
	l.bar.SetTotal(int64(total)+1, false)
	l.bar.SetCurrent(int64(done))
}

// liveTotal is the count before the bar.
func (g *Progress) liveTotal() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.moving) == 0 && g.tally.Done() > 0 {
		return g.p.Lang.Sayf("%d of %d, reads back what AWS holds", g.tally.Done(), g.total) + " "
	}
	return g.p.Lang.Sayf("%d of %d", g.tally.Done(), g.total) + " "
}

// liveLines are the resources at work, each on a line that fits.
func (g *Progress) liveLines(width int) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	working := g.working()
	var out []string
	for i, m := range working {
		if i == liveLines {
			out = append(out, g.c.Dim.Render(g.p.Lang.Sayf("  … and %d more", len(working)-i)))
			break
		}
		head := g.what(m.Change)
		tail := Prefixed(" ", nameAndID(g.p.Lang, m.Change)) + fmt.Sprintf("  %s  %s", seconds(g.now().Sub(m.start)), m.text)
		tail = runewidth.Truncate(tail, max(width-runewidth.StringWidth(head)-3, 0), "…")
		out = append(out, g.c.mark(m.Op)+" "+head+g.c.Dim.Render(tail))
	}
	return out
}
