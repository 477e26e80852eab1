package lang

import (
	"maps"
	"sync"
)

// catalogues are the French texts by what they are about. A text stands in one of them.
func catalogues() map[string]map[string]string {
	return map[string]map[string]string{
		"audits":    frenchAudits,
		"backups":   frenchBackups,
		"checks":    frenchChecks,
		"databases": frenchDatabases,
		"deploys":   frenchDeploys,
		"keys":      frenchKeys,
		"plans":     frenchPlans,
		"removals":  frenchRemovals,
		"vpns":      frenchVPNs,
	}
}

// french is all of them, joined when the first is asked for.
var french = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, part := range catalogues() {
		maps.Copy(all, part)
	}
	return all
})
