package fleet

import (
	"cmp"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Report is the audits of a night, put together. As JSON it is what fleet report writes to
// fleet-report.json, and reads of the night before:
//
//	{"version": 1, "cicdctl": "v1.2.3", "night": "2026-11-30", "ok": false,
//	 "shards": [{"id": "audit-production-eu-west-3", "account": "production", "region": "eu-west-3", "clients": 12, "delivered": true, "at": "…", "seconds": 61.2},
//	            {"id": "audit-production-eu-west-1", …, "delivered": false, "why": "audit-production-eu-west-1.json is not there: …"}],
//	 "audit": {…as cicdctl audit writes it…},
//	 "history": [{"night": "2026-11-29", "high": 0, "medium": 2, "low": 1, "excepted": 0, "not_audited": 0, "clients": 24}, …]}
//
// The audit holds what the shards delivered; what they did not is among its not_audited.
type Report struct {
	Version int         `json:"version"` // of this form
	Cicdctl string      `json:"cicdctl"` // the version that put it together
	Night   string      `json:"night"`   // the day in UTC on which the audits began
	Shards  []ShardDone `json:"shards"`
	Audit   audit.Audit `json:"audit"`
	History []Night     `json:"history"` // by night
	// HistoryLost is why the history does not go on from an earlier report that was asked for.
	HistoryLost string `json:"history_lost,omitempty"`
	OK          bool   `json:"ok"`
}

// ReportVersion is the version of a report's form; another one is not read.
const ReportVersion = 1

// ShardDone is what came of a shard.
type ShardDone struct {
	ID        string    `json:"id"`
	Account   string    `json:"account,omitempty"`
	Region    string    `json:"region"`
	Clients   int       `json:"clients"` // that were expected
	Delivered bool      `json:"delivered"`
	Why       string    `json:"why,omitempty"` // it was not
	At        time.Time `json:"at,omitzero"`
	Seconds   float64   `json:"seconds,omitempty"`
}

// day is how nights are written.
const day = time.DateOnly

// merge puts together what the shards delivered. What they did not is not audited.
func merge(all *Shards, files found, version string) *Report {
	r := &Report{Version: ReportVersion, Cicdctl: version, Shards: []ShardDone{}}
	m := merger{out: audit.Audit{
		Regions: []string{}, Clients: []audit.AuditedClient{}, Findings: []judge.Finding{}, Excepted: []audit.Excepted{},
		NotAudited: []audit.NotAudited{}, Isolation: []audit.Isolation{}, Rules: audit.Rules(), Version: version, Brief: true,
	}}
	shards := slices.SortedFunc(slices.Values(all.Shards), func(a, b Shard) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
	})
	var end time.Time
	for _, s := range shards {
		done := ShardDone{ID: s.ID, Account: s.Account, Region: s.Region, Clients: len(s.Clients)}
		a, err := files.read(s, all.Created)
		if err != nil {
			done.Why = err.Error()
			m.undelivered(s, done.Why)
		} else {
			done.Delivered, done.At, done.Seconds = true, a.At, a.Seconds
			m.add(a)
			m.missing(s, a)
			if last := a.At.Add(time.Duration(a.Seconds * float64(time.Second))); last.After(end) {
				end = last
			}
		}
		r.Shards = append(r.Shards, done)
	}
	r.Audit = m.merged()
	for _, s := range shards {
		if !slices.Contains(r.Audit.Accounts, s.Account) {
			r.Audit.Accounts = append(r.Audit.Accounts, s.Account)
		}
	}
	if r.Audit.At.IsZero() {
		r.Audit.At, end = all.Created, all.Created
	}
	r.Audit.At, r.Audit.Seconds = r.Audit.At.UTC(), end.Sub(r.Audit.At).Seconds()
	r.Night, r.OK = r.Audit.At.Format(day), r.Audit.OK
	return r
}

// merger puts audits together.
type merger struct {
	out        audit.Audit
	findings   once[judge.Finding]
	excepted   once[audit.Excepted]
	notAudited once[audit.NotAudited]
}

// about is what a finding is about, however it is worded: every shard of an account looks at what
// the account's regions share, and tells of it.
type about struct{ account, region, client, id, resource string }

func of(f judge.Finding) any { return about{f.Account, f.Region, f.Client, f.ID, f.Resource} }

func (m *merger) add(a *audit.Audit) {
	if m.out.At.IsZero() || a.At.Before(m.out.At) {
		m.out.At = a.At
	}
	for _, region := range a.Regions {
		if !slices.Contains(m.out.Regions, region) {
			m.out.Regions = append(m.out.Regions, region)
		}
	}
	m.out.Clients, m.out.Isolation, m.out.Calls = append(m.out.Clients, a.Clients...), append(m.out.Isolation, a.Isolation...), m.out.Calls+a.Calls
	for _, note := range a.Notes { // shards of an account may all tell the same of it
		if !slices.Contains(m.out.Notes, note) {
			m.out.Notes = append(m.out.Notes, note)
		}
	}
	m.findings.add(a.Findings, of)
	m.excepted.add(a.Excepted, func(e audit.Excepted) any { return of(e.Finding) })
	m.notAudited.add(a.NotAudited, func(n audit.NotAudited) any { return about{n.Account, n.Region, "", "", n.What} })
}

// undelivered tells of a shard of which nothing is known.
func (m *merger) undelivered(s Shard, why string) {
	m.notAudited.all = append(m.notAudited.all, audit.NotAudited{
		Account: s.Account, Region: s.Region, What: lang.Sprintf("the whole region (%s) with %d {client|clients}", s.ID, len(s.Clients)),
		Why: why, Fix: lang.Say("run its job again, and then that of the report"),
	})
}

// missing tells of clients that have a spec and that an audit does not name at all.
func (m *merger) missing(s Shard, a *audit.Audit) {
	named := map[string]bool{}
	for _, c := range a.Clients {
		named[c.Name] = true
	}
	for _, f := range a.Findings {
		named[f.Client] = true
	}
	for _, e := range a.Excepted {
		named[e.Client] = true
	}
	for _, client := range s.Clients {
		if !named[client] {
			m.notAudited.all = append(m.notAudited.all, audit.NotAudited{
				Account: s.Account, Region: s.Region, What: client, Why: lang.Sprintf("it has a spec file, and %s does not name it", s.File),
				Fix: lang.Say("run its job again, and then that of the report"),
			})
		}
	}
}

// merged is the whole audit, in an order that does not depend on that of the shards.
func (m *merger) merged() audit.Audit {
	a := &m.out
	a.Findings, a.Excepted, a.NotAudited = append(a.Findings, m.findings.all...), append(a.Excepted, m.excepted.all...), append(a.NotAudited, m.notAudited.all...)
	slices.Sort(a.Regions)
	slices.SortFunc(a.Clients, func(x, y audit.AuditedClient) int {
		return cmp.Or(cmp.Compare(x.Account, y.Account), cmp.Compare(x.Region, y.Region), cmp.Compare(x.Name, y.Name))
	})
	slices.SortStableFunc(a.Isolation, func(x, y audit.Isolation) int {
		return cmp.Or(cmp.Compare(x.Account, y.Account), cmp.Compare(x.Region, y.Region))
	})
	slices.SortStableFunc(a.Findings, inOrder)
	slices.SortStableFunc(a.Excepted, func(x, y audit.Excepted) int { return inOrder(x.Finding, y.Finding) })
	slices.SortStableFunc(a.NotAudited, func(x, y audit.NotAudited) int {
		return cmp.Or(cmp.Compare(x.Account, y.Account), cmp.Compare(x.Region, y.Region), cmp.Compare(x.What, y.What), cmp.Compare(x.Why, y.Why))
	})
	a.Settle()
	return *a
}

func inOrder(x, y judge.Finding) int {
	return cmp.Or(cmp.Compare(x.Account, y.Account), cmp.Compare(x.Region, y.Region), cmp.Compare(x.Client, y.Client),
		cmp.Compare(x.ID, y.ID), cmp.Compare(x.Resource, y.Resource), cmp.Compare(x.Is, y.Is), cmp.Compare(x.Should, y.Should))
}

// once gathers what several shards may tell of the same thing. Of each thing it keeps as much as
// the shard that tells most of it.
type once[T any] struct {
	all  []T
	have map[any]int
}

func (o *once[T]) add(told []T, key func(T) any) {
	if o.have == nil {
		o.have = map[any]int{}
	}
	here := map[any]int{}
	for _, t := range told {
		k := key(t)
		if here[k]++; here[k] > o.have[k] {
			o.all, o.have[k] = append(o.all, t), here[k]
		}
	}
}
