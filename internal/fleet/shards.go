package fleet

import "time"

// ShardsFile is what fleet pipeline writes beside the child pipeline: what the nightly audit has
// to deliver.
const ShardsFile = "fleet-shards.json"

// ShardsVersion is the version of the file's form; another one is not read.
const ShardsVersion = 1

// Shards are the parts of a nightly audit. As JSON:
//
//	{"version": 1, "created": "2026-11-30T02:00:00Z", "shards": [{"id": "audit-production-eu-west-3", …}]}
type Shards struct {
	Version int       `json:"version"`
	Created time.Time `json:"created"`
	Shards  []Shard   `json:"shards"`
}

// Shard is the audit of one account and region. It is never less than a whole region: the proof
// that no client reaches another needs all of them.
type Shard struct {
	ID      string   `json:"id"`                // of its job
	Account string   `json:"account,omitempty"` // a name of the configuration; "" for that of the credentials
	Region  string   `json:"region"`
	Clients []string `json:"clients"` // by the spec files, sorted
	File    string   `json:"file"`    // that its job writes: the JSON of cicdctl audit
}

// NewShard is the part for an account and a region. Its names begin with "audit-", and with the
// account's, if it has one.
func NewShard(account, region string, clients ...string) Shard {
	id := "audit-" + region
	if account != "" {
		id = "audit-" + account + "-" + region
	}
	return Shard{ID: id, Account: account, Region: region, Clients: append([]string{}, clients...), File: id + ".json"}
}
