package sandbox

import (
	"errors"
	"fmt"
)

// Together runs f with the account in memory: its file is read before and written after it, and
// other processes wait for as long. Each call of its own would write the whole file, which for
// hundreds of clients takes longer than all else. What f has done counts, also where it fails.
func (a *Account) Together(f func() error) error {
	if a.store == nil {
		return f()
	}
	s := a.store
	unlock, err := s.lock.Lock()
	if err != nil {
		return fmt.Errorf("lock %s: %w", s.path, err)
	}
	defer unlock()
	a.mu.Lock()
	if err := s.reload(&a.state); err != nil {
		a.mu.Unlock()
		return err
	}
	a.store = nil
	a.mu.Unlock()
	err = f()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.store = s
	return errors.Join(err, s.save(a.state))
}
