package sandbox

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// store keeps the account in one file that several processes may use at once:
// an exclusive lock on a file beside it makes each call a transaction.
//
// The file is one JSON object with a line for each part of the state, so that a
// process finds the parts that others have changed by comparing lines, and
// decodes only those that it needs. JSON laid out in another way is read too.
type store struct {
	path  string
	lock  *lockedfile.Mutex
	saved saved
	info  os.FileInfo // of the file that was read or written last; nil without one
	// behind reports that reading calls may have changed what the file does not have yet.
	behind bool
}

// large is the size of a file from which reading calls do not write what they change: how often
// something was looked at. That is written with the next change, or by Flush; to find out after
// each call that nothing has changed takes most of the time of an audit of a hundred clients.
const large = 4 << 20

// saved is what the file holds.
type saved struct {
	revision string // differs after every write
	seq      int64
	parts    [][]byte // as state.parts; nil when the file isn't laid out in lines
}

// openStore opens the file and reads the account in it into st.
func openStore(path string, st **state) (*store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	s := &store{path: path, lock: lockedfile.MutexAt(path + ".lock")}
	_, err := s.transact(st, true, func() (any, error) { return nil, nil })
	return s, err
}

// transact reads what another process has changed, runs f, and writes what f has
// changed. The file is replaced whole, so that a crash leaves the old one.
func (s *store) transact(st **state, mutating bool, f func() (any, error)) (out any, err error) {
	unlock, err := s.lock.Lock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", s.path, err)
	}
	defer unlock()
	if err := s.reload(st); err != nil {
		return nil, err
	}
	out, callErr := f()
	if s.behind = !mutating && s.info != nil && s.info.Size() > large; s.behind {
		return out, callErr
	}
	if err := s.save(*st); err != nil {
		*st, s.saved, s.info = newState(), saved{}, nil // back to what the file says
		return nil, err
	}
	return out, callErr
}

func (s *store) reload(st **state) error {
	file, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		if s.info != nil { // somebody reset the account
			*st, s.saved, s.info = newState(), saved{}, nil
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil {
		return err
	}
	// Times and inodes can be the same again after quick writes; revisions can't.
	if s.saved.parts != nil && os.SameFile(info, s.info) && info.ModTime().Equal(s.info.ModTime()) && info.Size() == s.info.Size() {
		head := make([]byte, len(opening(s.saved.revision)))
		if n, _ := file.ReadAt(head, 0); string(head[:n]) == opening(s.saved.revision) {
			return nil
		}
	}
	data, err := os.ReadFile(s.path)
	if err != nil {
		return err
	}
	before := s.saved
	now, ok := parse(data)
	if !ok || before.parts == nil {
		*st, s.saved, s.info = newState(), saved{}, nil
	}
	if !ok {
		if err := json.Unmarshal(data, *st); err != nil {
			*st = newState()
			return fmt.Errorf("%s is not a sandbox account (%w); remove it to start with an empty one", s.path, err)
		}
		s.info = info
		return nil
	}
	for i, p := range (*st).parts() {
		if len(before.parts) == 0 || !bytes.Equal(now.parts[i], before.parts[i]) {
			p.part.load(now.parts[i])
		}
	}
	(*st).Seq, s.saved, s.info = now.seq, now, info
	return nil
}

// save writes the state unless the file holds it already.
func (s *store) save(st *state) error {
	parts := st.parts()
	now := saved{revision: rand.Text(), seq: st.Seq, parts: make([][]byte, len(parts))}
	changed := s.saved.parts == nil || s.saved.seq != st.Seq
	for i, p := range parts {
		data, err := p.part.MarshalJSON()
		if err != nil {
			return fmt.Errorf("encode the sandbox: %s: %w", p.name, err)
		}
		now.parts[i] = data
		changed = changed || !bytes.Equal(data, s.saved.parts[i])
	}
	if !changed {
		return nil
	}
	var out bytes.Buffer
	out.WriteString(opening(now.revision))
	out.WriteString(strconv.FormatInt(now.seq, 10) + "\n")
	for i, p := range parts {
		out.WriteString(leader(p.name))
		out.Write(now.parts[i])
		out.WriteByte('\n')
	}
	out.WriteString("}\n")
	temporary := s.path + ".new"
	if err := os.WriteFile(temporary, out.Bytes(), 0o600); err != nil {
		return err
	}
	if err := os.Rename(temporary, s.path); err != nil {
		return err
	}
	info, err := os.Stat(s.path)
	s.saved, s.info = now, info
	return err
}

// opening is how the file begins, up to the number that follows.
func opening(revision string) string { return `{"Revision":"` + revision + `","Seq":` }

// leader is how the line of a part begins.
func leader(name string) string { return `,"` + name + `":` }

// parse takes apart a file that save has written; otherwise ok is false.
func parse(data []byte) (out saved, ok bool) {
	lines := bytes.Split(data, []byte("\n"))
	parts := newState().parts()
	if len(lines) != len(parts)+3 || string(lines[len(parts)+1]) != "}" || len(lines[len(parts)+2]) != 0 {
		return out, false
	}
	var head struct {
		Revision string
		Seq      int64
	}
	if json.Unmarshal(append(bytes.Clone(lines[0]), '}'), &head) != nil || !bytes.HasPrefix(lines[0], []byte(opening(head.Revision))) {
		return out, false
	}
	out = saved{revision: head.Revision, seq: head.Seq, parts: make([][]byte, len(parts))}
	for i, p := range parts {
		if out.parts[i], ok = bytes.CutPrefix(lines[i+1], []byte(leader(p.name))); !ok {
			return saved{}, false
		}
	}
	return out, true
}

// Snapshot returns everything that the account holds, as JSON.
func (a *Account) Snapshot() (json.RawMessage, error) {
	out, err := a.locked(func(st **state) (any, error) { return json.Marshal(*st) })
	if err != nil {
		return nil, fmt.Errorf("snapshot of the sandbox: %w", err)
	}
	return out.([]byte), nil
}

// Flush writes what reading calls have changed in an account of many clients: without it, the next
// process starts with what was there before them.
func (a *Account) Flush() error {
	a.mu.Lock()
	behind := a.store != nil && a.store.behind
	a.mu.Unlock()
	if !behind {
		return nil
	}
	_, err := a.locked(func(**state) (any, error) { return nil, nil })
	return err
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
	return a.store.transact(&a.state, true, func() (any, error) { return f(&a.state) })
}

// state is the whole account. It is kept as JSON, so every field of a part is
// exported and of a plain type. Regional services are keyed by region.
type state struct {
	Seq int64

	EC2        part[map[string]*ec2State]
	RDS        part[map[string]*rdsState]
	ECS        part[map[string]*ecsState]
	ECR        part[map[string]*ecrState]
	ELB        part[map[string]*elbState]
	ASG        part[map[string]*asgState]
	KMS        part[map[string]*kmsState]
	Logs       part[map[string]*logsState]
	Scheduler  part[map[string]*schedulerState]
	SQS        part[map[string]*sqsState]
	Backup     part[map[string]*backupState]
	SNS        part[map[string]*snsState]
	CloudWatch part[map[string]*cloudwatchState]
	CloudTrail part[map[string]*cloudtrailState]
	ACM        part[map[string]*acmState]
	Secrets    part[map[string]*secretsState]
	Events     part[map[string]*eventsState]
	AppScaling part[map[string]*appScalingState]
	S3         part[s3State]  // one namespace for all regions
	IAM        part[iamState] // one namespace for all regions
	Route53    part[route53State]
	Quotas     part[quotaState]
	Tagging    part[map[string]*taggingState]
}

// parts are the parts of the state under their names, in the order of the file.
func (st *state) parts() []namedPart {
	return []namedPart{
		{"EC2", &st.EC2},
		{"RDS", &st.RDS},
		{"ECS", &st.ECS},
		{"ECR", &st.ECR},
		{"ELB", &st.ELB},
		{"ASG", &st.ASG},
		{"KMS", &st.KMS},
		{"Logs", &st.Logs},
		{"Scheduler", &st.Scheduler},
		{"SQS", &st.SQS},
		{"Backup", &st.Backup},
		{"SNS", &st.SNS},
		{"CloudWatch", &st.CloudWatch},
		{"CloudTrail", &st.CloudTrail},
		{"ACM", &st.ACM},
		{"Secrets", &st.Secrets},
		{"Events", &st.Events},
		{"AppScaling", &st.AppScaling},
		{"S3", &st.S3},
		{"IAM", &st.IAM},
		{"Route53", &st.Route53},
		{"Quotas", &st.Quotas},
		{"Tagging", &st.Tagging},
	}
}

type namedPart struct {
	name string
	part interface {
		json.Marshaler
		load(data []byte)
	}
}

// part is what one service keeps. A call needs few of them: a part that was read
// from a file is decoded when it is first used, and encoded again only after a use.
type part[T any] struct {
	value T
	raw   []byte // its JSON; nil when it isn't known
	state partState
}

type partState int

const (
	partUsed   partState = iota // value counts, raw may be out of date
	partSaved                   // both are the same
	partLoaded                  // raw counts, value isn't decoded yet
)

// use returns the part to be read or changed.
func (p *part[T]) use() *T {
	if p.state == partLoaded {
		var fresh T
		if err := json.Unmarshal(p.raw, &fresh); err != nil {
			panic(fmt.Errorf("decode: %w", err)) // told as damage by transact
		}
		p.value = fresh
	}
	p.state = partUsed
	return &p.value
}

// load takes the part from JSON that a process has saved.
func (p *part[T]) load(data []byte) { p.raw, p.state = data, partLoaded }

// MarshalJSON encodes the part if it was used since the last time.
func (p *part[T]) MarshalJSON() ([]byte, error) {
	if p.state != partUsed {
		return p.raw, nil
	}
	data, err := json.Marshal(p.value)
	if err != nil {
		return nil, err
	}
	p.raw, p.state = data, partSaved
	return data, nil
}

// UnmarshalJSON takes the part from JSON that anybody may have written.
func (p *part[T]) UnmarshalJSON(data []byte) error {
	var fresh T
	err := json.Unmarshal(data, &fresh)
	p.value, p.raw, p.state = fresh, nil, partUsed
	return err
}

// services registers the handlers of each service.
var services = []func(*Account){
	registerEC2, registerRDS, registerECS, registerECR, registerELB, registerASG,
	registerKMS, registerLogs, registerS3, registerIAM, registerSmall,
	registerACM, registerRoute53,
	registerScheduler, registerSQS, registerBackup, registerSNS, registerCloudWatch, registerCloudTrail, registerCloudControl,
	registerSecrets, registerEvents, registerAppScaling, registerPricing,
}

// in returns a regional service's state, made on first use.
func in[S any](p *part[map[string]*S], region string) *S {
	m := p.use()
	if *m == nil {
		*m = map[string]*S{}
	}
	if (*m)[region] == nil {
		(*m)[region] = new(S)
	}
	return (*m)[region]
}

func newState() *state { return &state{} }
