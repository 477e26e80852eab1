package provision

import (
	"context"
	"errors"
	"sync"
)

// memory is what was asked once, by name.
type memory struct {
	mu    sync.Mutex
	memos map[string]*memo
}

func newMemory() *memory { return &memory{memos: map[string]*memo{}} }

// memo is an answer that is being asked for, or is there.
type memo struct {
	done  chan struct{} // closed once it is there
	value any
	err   error
}

// Shared returns the answer of f, which is called once per sweep and name.
func Shared[T any](s *Sweep, name string, f func() (T, error)) (T, error) {
	return recall(s.memory, name, f)
}

// SharedByAll is Shared for what AWS says the same in all regions, such as IAM: f is
// called once for all sweeps of one look.
func SharedByAll[T any](s *Sweep, name string, f func() (T, error)) (T, error) {
	return recall(s.account, name, f)
}

// SharedByRun is Shared for what cannot change under a run that is about to create:
// f is called once for all its looks before and after that, until lasting says that the
// answer will stay. The looks from which a plan is made, or a success is told, ask anew.
func SharedByRun[T any](s *Sweep, name string, lasting func(T) bool, f func() (T, error)) (T, error) {
	if s.run == nil {
		return f()
	}
	s.run.mu.Lock()
	m, asked := s.run.memos[name]
	s.run.mu.Unlock()
	if asked {
		return m.value.(T), nil
	}
	value, err := f()
	if err == nil && lasting(value) {
		s.run.mu.Lock()
		s.run.memos[name] = &memo{value: value}
		s.run.mu.Unlock()
	}
	return value, err
}

// recall asks once for all. Whoever asked first may have left meanwhile, because of an error
// elsewhere; then the next one asks for itself.
func recall[T any](s *memory, name string, f func() (T, error)) (T, error) {
	var zero T
	for {
		s.mu.Lock()
		m, asked := s.memos[name]
		if !asked {
			m = &memo{done: make(chan struct{})}
			s.memos[name] = m
		}
		s.mu.Unlock()
		if asked {
			<-m.done
			if errors.Is(m.err, context.Canceled) {
				continue
			}
		} else {
			m.value, m.err = f()
			if errors.Is(m.err, context.Canceled) {
				s.mu.Lock()
				delete(s.memos, name)
				s.mu.Unlock()
			}
			close(m.done)
		}
		if m.err != nil {
			return zero, m.err
		}
		return m.value.(T), nil
	}
}
