package lang

import (
	"maps"
	"sync"
)

// catalogues are the French texts by what they are about. A text stands in one of them.
func catalogues() map[string]map[string]string {
	return map[string]map[string]string{
		"account":            frenchAccountInit(),
		"accounts":           frenchAccounts(),
		"audits":             frenchAudits(),
		"backups":            frenchBackups(),
		"checks":             frenchChecks(),
		"databases":          frenchDatabases(),
		"deploys":            frenchDeploys(),
		"keys":               frenchKeys(),
		"next steps":         frenchNextSteps(),
		"plans":              frenchPlans(),
		"prices":             frenchPrices(),
		"removals":           frenchRemovals(),
		"said commands":      frenchSaidCommands(),
		"said rules":         frenchSaidRules(),
		"said cloud":         frenchSaidCloud(),
		"said aws":           frenchSaidAws(),
		"said backups":       frenchSaidBackups(),
		"said clients":       frenchSaidClients(),
		"said deploys":       frenchSaidDeploys(),
		"said isolation":     frenchSaidIsolation(),
		"said pki":           frenchSaidPki(),
		"said engine":        frenchSaidEngine(),
		"said kinds data":    frenchSaidKindsData(),
		"said kinds network": frenchSaidKindsNetwork(),
		"said kinds tasks":   frenchSaidKindsTasks(),
		"said specs":         frenchSaidSpecs(),
		"said vpn":           frenchSaidVpn(),
		"vpns":               frenchVPNs(),
		"audited":            frenchAuditWords(),
		"controls":           frenchAuditControls(),
		"rules":              frenchAuditRules(),
		"dossiers":           frenchDossiers(),
		"alarms":             frenchAlarms(),
		"files":              frenchFiles(),
		"fleet report":       frenchFleetReport(),
		"flags":              frenchFlags(),
		"versions":           frenchVersion(),
		"fleet":              frenchFleet(),
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

// worded are the formats of values, made when the first is asked for.
var worded = sync.OnceValue(frenchValues)
