package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The part of SARIF 2.1.0 that audits need (OASIS standard, "Static Analysis Results
// Interchange Format"). Libraries write every list of it, empty ones too, and bring a
// validator along: this is a tenth of the size. Tests hold it against the schema.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Automation  sarifAutomation   `json:"automationDetails"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifAutomation struct {
		ID string `json:"id"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
		Notifications  []sarifRule `json:"notifications"`
	}
	sarifRule struct {
		ID            string           `json:"id"`
		Short         sarifText        `json:"shortDescription"`
		Full          *sarifText       `json:"fullDescription,omitempty"`
		HelpURI       string           `json:"helpUri,omitempty"`
		Configuration sarifLevel       `json:"defaultConfiguration"`
		Properties    *sarifProperties `json:"properties,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifProperties struct {
		Tags []string `json:"tags"`
		// Severity is what code scanning sorts by: from 9 critical, 7 high, 4 medium.
		Severity string `json:"security-severity"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Start         string              `json:"startTimeUtc"`
		End           string              `json:"endTimeUtc"`
		Notifications []sarifNotification `json:"toolExecutionNotifications"`
	}
	sarifNotification struct {
		Level      string          `json:"level"`
		Message    sarifText       `json:"message"`
		Descriptor sarifDescriptor `json:"descriptor"`
	}
	sarifDescriptor struct {
		ID string `json:"id"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		Line int `json:"startLine"`
	}
	sarifLogical struct {
		Name string `json:"name"`
		Full string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
)

const (
	sarifSchema     = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	informationURI  = "https://gitlab.com/cicd/cicdctl"
	notAuditedID    = "CICD-NOT-AUDITED"
	fingerprintName = "cicdctl/v1" // other ways to work it out get another number
)

// sarifLevels and sarifScores say how grave a finding is, in SARIF's words and in
// those of code scanning.
var (
	sarifLevels = map[rules.Severity]string{rules.High: "error", rules.Medium: "warning", rules.Low: "note"}
	sarifScores = map[rules.Severity]string{rules.High: "8.0", rules.Medium: "5.0", rules.Low: "2.0"}
)

// SARIF is the audit for code scanning, to be written as JSON.
func (a *Audit) SARIF() any { return a.sarif() }

// sarif is the audit for code scanning.
func (a *Audit) sarif() sarifLog {
	driver := sarifDriver{
		Name: "cicdctl", Version: a.Version, InformationURI: informationURI, Rules: a.sarifRules(),
		Notifications: []sarifRule{{ID: notAuditedID, Short: sarifText{lang.Say("Something could not be read, so it was not audited")}, Configuration: sarifLevel{"error"}}},
	}
	index := map[string]int{}
	for i, r := range driver.Rules {
		index[r.ID] = i
	}
	results, seen := []sarifResult{}, map[string]int{}
	add := func(f judge.Finding, suppressed ...sarifSuppression) {
		results = append(results, sarifResult{
			RuleID: f.ID, RuleIndex: index[f.ID], Level: sarifLevels[f.Severity],
			Message:   sarifText{lang.Sprintf("%s: %s; should be: %s. Rule: %s. Fix: %s", f.Resource, f.Is, f.Should, f.Title, f.Fix)},
			Locations: []sarifLocation{a.sarifLocation(f)}, Fingerprints: map[string]string{fingerprintName: fingerprint(f, seen)},
			Suppressions: report.Some(suppressed), // where one result tells, all have to
		})
	}
	for _, f := range a.Findings {
		add(f)
	}
	for _, e := range a.Excepted {
		add(e.Finding, sarifSuppression{"external", "accepted", lang.Sprintf("%s (until %s)", e.Reason, e.Until.Format(time.DateOnly))})
	}
	return sarifLog{sarifSchema, "2.1.0", []sarifRun{{
		Tool: sarifTool{driver}, Invocations: []sarifInvocation{a.sarifInvocation()}, Automation: sarifAutomation{"cicdctl/audit/"}, Results: results,
	}}}
}

// sarifRules are the rules, and what was found beside them, each ID once.
func (a *Audit) sarifRules() []sarifRule {
	all := slices.Clone(a.Rules)
	for _, f := range a.all() {
		all = append(all, AuditRule{ID: f.ID, Severity: f.Severity, Title: f.Title, Why: f.Why})
	}
	slices.SortStableFunc(all, func(x, y AuditRule) int { return cmp.Compare(x.ID, y.ID) })
	all = slices.CompactFunc(all, func(x, y AuditRule) bool { return x.ID == y.ID })
	out := []sarifRule{}
	for _, r := range all {
		rule := sarifRule{
			ID: r.ID, Short: sarifText{r.Title}, HelpURI: helpURI(r.ID), Configuration: sarifLevel{sarifLevels[r.Severity]},
			Properties: &sarifProperties{[]string{"security"}, sarifScores[r.Severity]},
		}
		if r.Why != "" {
			rule.Full = &sarifText{r.Why}
		}
		out = append(out, rule)
	}
	return out
}

var controlID = lazyregexp.New(`^([A-Z][A-Za-z0-9]*)\.\d+$`)

// helpURI is the page of Security Hub's user guide about one of its controls.
func helpURI(id string) string {
	m := controlID.FindStringSubmatch(id)
	if m == nil {
		return ""
	}
	return "https://docs.aws.amazon.com/securityhub/latest/userguide/" + strings.ToLower(m[1]) + "-controls.html#" + strings.ToLower(strings.ReplaceAll(id, ".", "-"))
}

func (a *Audit) sarifInvocation() sarifInvocation {
	// The time of an audit is that of its beginning.
	end := a.At.Add(time.Duration(a.Seconds * float64(time.Second)))
	i := sarifInvocation{
		Successful: len(a.NotAudited) == 0, Start: a.At.UTC().Format(time.RFC3339), End: end.UTC().Format(time.RFC3339),
		Notifications: []sarifNotification{},
	}
	for _, n := range a.NotAudited {
		i.Notifications = append(i.Notifications, sarifNotification{
			"error", sarifText{lang.Sprintf("not audited: %s: %s", a.in(n), n.Why) + report.Prefixed("; ", n.Fix)}, sarifDescriptor{notAuditedID},
		})
	}
	return i
}

// in is what was not audited, and where.
func (a *Audit) in(n NotAudited) string {
	if place := a.place(lang.Current(), n.Account, n.Region); place != "" {
		return lang.Sprintf("%s in %s", n.What, place)
	}
	return n.What
}

// sarifLocation is the resource, and the file that a person would open: code
// scanning shows only results that are in one.
func (a *Audit) sarifLocation(f judge.Finding) sarifLocation {
	kind, id, found := strings.Cut(f.Resource, " ")
	if !found {
		kind, id = "", f.Resource
	}
	whole := []string{f.Account, cmp.Or(f.Client, f.Region, "account"), kind, id}
	whole = slices.DeleteFunc(whole, func(part string) bool { return part == "" })
	return sarifLocation{
		Physical: sarifPhysical{sarifArtifact{fileURI(a.fileOf(f))}, sarifRegion{1}},
		Logical:  []sarifLogical{{Name: id, Full: strings.Join(whole, "/"), Kind: "resource"}},
	}
}

// fileOf is the client's spec; for what has none, that of the region's first client,
// or the configuration.
func (a *Audit) fileOf(f judge.Finding) string {
	own := a.specOf(audienceOf(f))
	for _, c := range a.Clients {
		if own == "" && c.Account == f.Account && (c.Region == f.Region || f.Region == "") {
			own = c.Spec
		}
	}
	return cmp.Or(own, "cicdctl.yaml")
}

func fileURI(path string) string {
	u := url.URL{Path: filepath.ToSlash(filepath.Clean(path))}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
	}
	return u.String()
}

// fingerprint is the same in every run for the same defect of the same resource,
// whatever its value is by then.
func fingerprint(f judge.Finding, seen map[string]int) string {
	parts := []string{f.Region, f.Client, f.ID, f.Resource}
	if f.Account != "" { // else it is what it was before there were accounts
		parts = append(parts, f.Account)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	key := hex.EncodeToString(sum[:16])
	seen[key]++
	return fmt.Sprintf("%s:%d", key, seen[key])
}
