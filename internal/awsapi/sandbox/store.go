package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// store keeps the account in one file that several processes may use at once:
// an exclusive lock on a file beside it makes each call a transaction.
type store struct {
	path string
	lock *os.File
	last []byte      // what was read or written last
	info os.FileInfo // of that file
}

// openStore opens the file and reads the account in it into st.
func openStore(path string, st **state) (*store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	s := &store{path: path, lock: lock}
	_, err = s.transact(st, func() (any, error) { return nil, nil })
	return s, err
}

// transact reads the state if another process has changed it, runs f, and writes
// it back if f has. The file is replaced whole, so that a crash leaves the old one.
func (s *store) transact(st **state, f func() (any, error)) (out any, err error) {
	fd := int(s.lock.Fd())
	if err := syscall.Flock(fd, syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("lock %s: %w", s.path, err)
	}
	defer func() { err = errors.Join(err, syscall.Flock(fd, syscall.LOCK_UN)) }()
	if err := s.reload(st); err != nil {
		return nil, err
	}
	out, callErr := f()
	data, err := json.Marshal(*st)
	if err != nil {
		return nil, fmt.Errorf("encode the sandbox: %w", err)
	}
	if bytes.Equal(data, s.last) {
		return out, callErr
	}
	if err := s.write(data); err != nil {
		return nil, err
	}
	return out, callErr
}

func (s *store) reload(st **state) error {
	info, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		if s.last != nil { // somebody reset the account
			*st, s.last, s.info = newState(), nil, nil
		}
		return nil
	}
	if err != nil {
		return err
	}
	if s.info != nil && os.SameFile(info, s.info) && info.ModTime().Equal(s.info.ModTime()) && info.Size() == s.info.Size() {
		return nil
	}
	data, err := os.ReadFile(s.path)
	if err != nil {
		return err
	}
	fresh := newState()
	if err := json.Unmarshal(data, fresh); err != nil {
		return fmt.Errorf("%s is not a sandbox account (%w); remove it to start with an empty one", s.path, err)
	}
	*st, s.last, s.info = fresh, data, info
	return nil
}

func (s *store) write(data []byte) error {
	temporary := s.path + ".new"
	if err := os.WriteFile(temporary, data, 0o600); err != nil {
		return err
	}
	if err := os.Rename(temporary, s.path); err != nil {
		return err
	}
	info, err := os.Stat(s.path)
	s.last, s.info = data, info
	return err
}
