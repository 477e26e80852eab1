package price

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"time"
)

// Cache keeps answers of the price list in files, one for each question. The price list is
// public and the same for everybody: nothing in the files tells of an account.
type Cache struct{ dir string }

// keeps is how long an answer is used: AWS changes prices at most daily, mostly at the
// beginning of a month.
const keeps = 24 * time.Hour

// UserCache is the cache of the user that runs the program, below $XDG_CACHE_HOME or what the
// system has in its place; nil where the user has no such directory, and nothing is kept then.
func UserCache() *Cache {
	dir, err := os.UserCacheDir()
	if err != nil {
		return nil
	}
	return NewCache(filepath.Join(dir, "cicdctl", "prices"))
}

// NewCache keeps answers in a directory, which is made when it is needed.
func NewCache(dir string) *Cache { return &Cache{dir} }

// kept is a file.
type kept struct {
	Asked   time.Time         `json:"asked"`
	Service string            `json:"service"`
	Filters map[string]string `json:"filters"`
	Offers  []offer           `json:"offers"`
}

func (c *Cache) path(q question) string {
	sum := sha256.Sum256([]byte(q.key()))
	return filepath.Join(c.dir, fmt.Sprintf("%s-%s.json", q.service, hex.EncodeToString(sum[:8])))
}

// read is what is known. A file that is too old, or from the future, or that is not what it
// should be, is as good as none: the question is asked again.
func (c *Cache) read(q question, now time.Time) ([]offer, bool) {
	text, err := os.ReadFile(c.path(q))
	if err != nil {
		return nil, false
	}
	var k kept
	if json.Unmarshal(text, &k) != nil || k.Service != q.service || !maps.Equal(k.Filters, q.filters) || k.Offers == nil {
		return nil, false
	}
	if age := now.Sub(k.Asked); age < 0 || age >= keeps {
		return nil, false
	}
	return k.Offers, true
}

// write keeps an answer. Where it cannot, for a full disk or a directory of somebody else's,
// the answer is only asked again the next time.
func (c *Cache) write(q question, now time.Time, offers []offer) {
	text, err := json.Marshal(kept{now.UTC(), q.service, q.filters, offers})
	if err != nil {
		return
	}
	_ = replace(c.path(q), text)
}

// replace gives a file a content, whole or not at all: others may read it meanwhile.
func replace(path string, text []byte) error {
	// 0700 is what the XDG Base Directory Specification asks of directories that are made.
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".cicdctl-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // renamed by then, or of no use
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
