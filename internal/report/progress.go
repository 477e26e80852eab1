package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Tally is what a run has done so far.
type Tally struct {
	Created int `json:"created"`
	Updated int `json:"updated"`
	Deleted int `json:"deleted"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

// Done counts the changes that were carried out.
func (t Tally) Done() int { return t.Created + t.Updated + t.Deleted }

// add counts a change that was carried out.
func (t *Tally) add(op provision.Op) {
	switch op {
	case provision.OpCreate:
		t.Created++
	case provision.OpDelete:
		t.Deleted++
	case provision.OpNone: // it was still being made, and is ready now
	default:
		t.Updated++
	}
}

// motion is one resource at work.
type motion struct {
	provision.Change
	start time.Time
	text  string // what it does or waits for
}

type resource struct{ scope, kind, role string }

// Progress draws a run while it is under way: on a terminal a live area, elsewhere
// a line for what is finished and, now and then, one for what takes long.
type Progress struct {
	p     *Printer
	c     Palette
	now   func() time.Time
	begun time.Time
	live  *live // nil without a terminal
	quit  chan struct{}
	idle  sync.WaitGroup

	mu     sync.Mutex
	total  int
	moving map[resource]*motion
	tally  Tally
	groups map[string]*groupTally // of a long plan, whose groups are told as a whole; else nil
}

// groupTally is how far a run is with a group of resources.
type groupTally struct {
	left int // of the plan
	done Tally
	at   time.Time // when the first of them was begun
}

// longWait is how often a run without a terminal says what it is waiting for.
const longWait = 30 * time.Second

// Progress starts to draw a run of so many changes. Close it before anything else is written.
func (p *Printer) Progress(total int) *Progress {
	g := p.progress(total, time.Now)
	if p.err.terminal && !p.Verbose {
		g.live = newLive(g)
		return g
	}
	g.idle.Go(func() {
		tick := time.NewTicker(longWait)
		defer tick.Stop()
		for {
			select {
			case <-g.quit:
				return
			case <-tick.C:
				g.stillWaiting()
			}
		}
	})
	return g
}

func (p *Printer) progress(total int, now func() time.Time) *Progress {
	return &Progress{
		p: p, c: p.Palette(p.err), now: now, begun: now(), quit: make(chan struct{}),
		total: total, moving: map[resource]*motion{},
	}
}

// Of says what a run is going to do. When that is more than a screen, a group has a line once all of
// it is done, rather than each resource.
func (g *Progress) Of(changes []provision.Change) *Progress {
	if g.p.Full || g.p.Verbose || len(changes) <= screen {
		return g
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.groups = map[string]*groupTally{}
	for _, ch := range changes {
		switch ch.Op {
		case provision.OpCreate, provision.OpUpdate, provision.OpDelete:
			name := groupOf(ch.Kind)
			if g.groups[name] == nil {
				g.groups[name] = &groupTally{}
			}
			g.groups[name].left++
		default: // nothing is done about it
		}
	}
	return g
}

// group notes that a resource is done, and returns the line of its group when that is the last.
// It is false for what is not told by group: what a run does beyond its plan.
func (g *Progress) group(c provision.Change) (line string, told bool) {
	name := groupOf(c.Kind)
	t := g.groups[name]
	if t == nil || t.left == 0 || c.Op == provision.OpNone {
		return "", t != nil && c.Op == provision.OpNone
	}
	t.done.add(c.Op)
	if t.left--; t.left > 0 {
		return "", true
	}
	return words(g.c.Check(true), g.p.Lang.Sayf("%s: %s", g.p.Lang.Say(name), g.p.Count(t.done, g.now().Sub(t.at)))), true
}

// Close stops drawing and returns what was done.
func (g *Progress) Close() Tally {
	close(g.quit)
	g.idle.Wait()
	if g.live != nil {
		g.live.close()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, name := range order {
		if t := g.groups[name]; t != nil && t.left > 0 && t.done.Done() > 0 { // cut short
			g.p.TellLine(words(g.c.Dim.Render("…"), g.p.Lang.Sayf("%s: %s", g.p.Lang.Say(name), g.p.Count(t.done, 0))))
		}
	}
	return g.tally
}

// Elapsed is how long the run has taken, in whole tenths of a second.
func (g *Progress) Elapsed() time.Duration { return g.now().Sub(g.begun).Round(100 * time.Millisecond) }

// Say writes a line above what is drawn.
func (g *Progress) Say(format string, args ...any) { g.write(g.p.Lang.Sayf(format, args...)) }

func (g *Progress) write(line string) {
	if g.live != nil {
		g.live.print(line)
		return
	}
	g.p.TellLine(line)
}

// Event is the sink of a run.
func (g *Progress) Event(e provision.Event) {
	line := g.take(e)
	if g.live != nil {
		g.mu.Lock()
		done, total := g.tally.Done(), g.total
		g.mu.Unlock()
		g.live.advance(done, total)
	}
	if line != "" {
		g.write(line)
	}
}

// take notes an event and returns the line to write for it, if any.
func (g *Progress) take(e provision.Event) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := resource{e.Scope.String(), e.Kind, e.Role}
	switch e.Phase {
	case provision.PhaseStart, provision.PhaseWorking:
		m := g.moving[key]
		if m == nil {
			m = &motion{start: g.now().Add(-e.Elapsed)}
			g.moving[key] = m
		}
		if t := g.groups[groupOf(e.Kind)]; t != nil && t.at.IsZero() {
			t.at = m.start
		}
		m.Change, m.text = e.Change, FirstLine(e.Text)
		g.total = max(g.total, g.tally.Done()+len(g.moving))
		if g.p.Verbose {
			return words(g.what(e.Change), nameAndID(g.p.Lang, e.Change), "("+seconds(e.Elapsed)+")", e.Text)
		}
		return ""
	case provision.PhaseSkipped:
		delete(g.moving, key)
		g.tally.Skipped++
		return ""
	case provision.PhaseFailed:
		delete(g.moving, key)
		g.tally.Failed++
		return fmt.Sprintf("%s %s (%s): %s", g.c.Check(false), words(g.what(e.Change), nameAndID(g.p.Lang, e.Change)), seconds(e.Elapsed), FirstLine(e.Text))
	default:
		delete(g.moving, key)
		g.tally.add(e.Op)
		if line, told := g.group(e.Change); told {
			return line
		}
		return words(g.c.Check(true), g.what(e.Change), nameAndID(g.p.Lang, e.Change), g.c.Dim.Render("("+seconds(e.Elapsed)+")"))
	}
}

// what names a resource and what is done: "create ec2/vpc vpc".
func (g *Progress) what(c provision.Change) string {
	verb := string(c.Op)
	if c.Op == provision.OpNone {
		verb = "wait for"
	}
	return words(g.p.Lang.Say(verb), c.Kind, c.Role)
}

// working lists what is at work, the longest first.
func (g *Progress) working() []motion {
	out := make([]motion, 0, len(g.moving))
	for _, m := range g.moving {
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b motion) int {
		return cmp.Or(a.start.Compare(b.start), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Role, b.Role))
	})
	return out
}

// stillWaiting says which resources have taken long.
func (g *Progress) stillWaiting() {
	g.mu.Lock()
	var long []string
	for _, m := range g.working() {
		if took := g.now().Sub(m.start); took >= longWait {
			long = append(long, fmt.Sprintf("%s %s (%s%s)", m.Kind, m.Role, seconds(took), Prefixed(", ", m.text)))
		}
	}
	g.mu.Unlock()
	if len(long) > 0 {
		g.Say("… still at work: %s", strings.Join(long, "; "))
	}
}

// words joins what is not empty.
func words(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// Prefixed is a text with something before it; nothing stays nothing.
func Prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// FirstLine is the first line of a text.
func FirstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// seconds is "2.1s" or "4m12s".
func seconds(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}
