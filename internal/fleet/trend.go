package fleet

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Night is one point of the trend.
type Night struct {
	Night      string `json:"night"` // its day, "2026-11-30"
	High       int    `json:"high"`
	Medium     int    `json:"medium"`
	Low        int    `json:"low"`
	Excepted   int    `json:"excepted"`
	NotAudited int    `json:"not_audited"`
	Clients    int    `json:"clients"` // that were audited
}

// MostNights is how many nights a history keeps: a quarter of a year fits on one plot.
const MostNights = 90

// ReportFile is the merged result, and what the next night's report reads.
const ReportFile = "fleet-report.json"

// history is that of an earlier report: a file, or the directory that holds one. The text says why
// there is none; lost is why there should be one.
func history(previous string) (nights []Night, anew, lost string) {
	if previous == "" {
		return nil, "", ""
	}
	path := previous
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, ReportFile)
	}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, lang.Sprintf("%s is not there: the trend starts anew", path), ""
	case err != nil:
		return nil, "", err.Error()
	}
	var old Report
	if err := one(data, &old, false); err != nil {
		return nil, "", lang.Sprintf("%s: %s", path, err.Error())
	}
	if old.Version != ReportVersion {
		return nil, "", lang.Sprintf("%s: version: %d, and this cicdctl reads %d only", path, old.Version, ReportVersion)
	}
	if len(old.History) == 0 {
		return nil, "", lang.Sprintf("%s: it has no history", path)
	}
	for i, n := range old.History {
		if _, err := time.Parse(day, n.Night); err != nil || min(n.High, n.Medium, n.Low, n.Excepted, n.NotAudited, n.Clients) < 0 || i > 0 && n.Night <= old.History[i-1].Night {
			return nil, "", lang.Sprintf("%s: its history is not in order at %q", path, n.Night)
		}
	}
	return old.History, "", ""
}

// remember adds this night to a history. A second report on the same night takes the place of the first.
func (r *Report) remember(old []Night) {
	c := r.Audit.Counts
	tonight := Night{r.Night, c.High, c.Medium, c.Low, c.Excepted, c.NotAudited, len(r.Audit.Clients)}
	all := slices.DeleteFunc(slices.Clone(old), func(n Night) bool { return n.Night == tonight.Night })
	all = append(all, tonight)
	slices.SortFunc(all, func(a, b Night) int { return cmp.Compare(a.Night, b.Night) })
	r.History = all[max(0, len(all)-MostNights):]
}
