package session

import (
	"errors"
	"os"

	"gitlab.com/cicd/cicdctl/internal/awsapi/recording"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// record is what --record writes; nothing without it.
type record struct {
	*recording.Recorder
	file *os.File
}

// Begin opens the file. What it holds already stays: several commands make one recording.
func (r *record) Begin(path string) error {
	if path == "" {
		return nil
	}
	// Masked or not, it tells how the account is built.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return Usagef("name a file that can be written", "--record: %w", err)
	}
	r.file, r.Recorder = file, recording.To(file)
	return nil
}

// End closes the file. The error is what could not be written.
func (r *record) End() error {
	if r.file == nil {
		return nil
	}
	if err := errors.Join(r.Err(), r.file.Close()); err != nil {
		return lang.Errorf("--record %s: %w", r.file.Name(), err)
	}
	return nil
}
