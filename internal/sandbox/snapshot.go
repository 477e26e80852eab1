package sandbox

import (
	"encoding/json"
	"fmt"
)

// Snapshot returns everything that the account holds, as JSON.
func (a *Account) Snapshot() (json.RawMessage, error) {
	out, err := a.locked(func(st **state) (any, error) { return json.Marshal(*st) })
	if err != nil {
		return nil, fmt.Errorf("snapshot of the sandbox: %w", err)
	}
	return out.([]byte), nil
}

// Restore replaces everything that the account holds by a snapshot, which may
// have been changed: it is how tests play the hand that changes things behind
// cicdctl's back.
func (a *Account) Restore(snapshot json.RawMessage) error {
	_, err := a.locked(func(st **state) (any, error) {
		fresh := newState()
		if err := json.Unmarshal(snapshot, fresh); err != nil {
			return nil, err
		}
		*st = fresh
		return nil, nil
	})
	if err != nil {
		return fmt.Errorf("restore the sandbox: %w", err)
	}
	return nil
}

func (a *Account) locked(f func(**state) (any, error)) (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.store == nil {
		return f(&a.state)
	}
	return a.store.transact(&a.state, func() (any, error) { return f(&a.state) })
}
