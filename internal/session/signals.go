package session

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"gitlab.com/cicd/cicdctl/internal/report"
)

// signals turns Ctrl-C, SIGTERM and the timeout into an orderly end. While a plan
// is carried out, the first one closes stop: nothing new is begun and what was
// begun returns. The second one, or the first at any other time, cancels the context.
type signals struct {
	Stop   chan struct{}
	cancel context.CancelFunc
	print  *report.Printer
	caught chan os.Signal
	done   chan struct{}

	mu                   sync.Mutex
	progress             *report.Progress // while a plan is carried out
	stopping             bool
	interrupted, expired bool
}

// grace is how long calls may take to return after the timeout.
const grace = 30 * time.Second

// WatchSignals makes a context that the first interrupt ends gently and the second at once.
func WatchSignals(parent context.Context, printer *report.Printer) (*signals, context.Context) {
	ctx, cancel := context.WithCancel(parent)
	s := &signals{
		Stop: make(chan struct{}), cancel: cancel, print: printer,
		caught: make(chan os.Signal, 2), done: make(chan struct{}),
	}
	signal.Notify(s.caught, os.Interrupt, syscall.SIGTERM)
	go func() {
		for {
			select {
			case <-s.caught:
				s.end(&s.interrupted)
			case <-s.done:
				return
			}
		}
	}()
	return s, ctx
}

func (s *signals) Close() {
	signal.Stop(s.caught)
	close(s.done)
	s.cancel()
}

// Limit ends the command after d.
func (s *signals) Limit(d time.Duration) {
	if d <= 0 {
		return
	}
	go func() {
		for _, wait := range []time.Duration{d, grace} {
			timer := time.NewTimer(wait)
			select {
			case <-timer.C:
				s.end(&s.expired)
			case <-s.done:
				timer.Stop()
				return
			}
		}
	}()
}

// end takes one step towards the end; why is what to remember of it.
func (s *signals) end(why *bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*why = true
	say := s.print.Tell
	if s.progress != nil {
		say = s.progress.Say
	}
	if s.progress != nil && !s.stopping {
		s.stopping = true
		close(s.Stop)
		say("stopping: what was begun is finished, nothing new is begun; once more aborts")
		return
	}
	if s.progress != nil {
		say("aborting")
	}
	s.cancel()
	signal.Stop(s.caught) // whoever insists kills the process
}

// During marks the time in which a plan is carried out; nil ends it.
func (s *signals) During(p *report.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress = p
}

// Aside runs f, which hands the terminal to another program: Ctrl-C is that program's until f
// returns.
func (s *signals) Aside(f func() error) error {
	signal.Stop(s.caught)
	own := make(chan os.Signal, 1)
	signal.Notify(own, os.Interrupt, syscall.SIGQUIT) // or they would end this process
	defer func() {
		signal.Stop(own)
		signal.Notify(s.caught, os.Interrupt, syscall.SIGTERM)
	}()
	return f()
}

func (s *signals) How() (interrupted, expired bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.interrupted, s.expired
}
