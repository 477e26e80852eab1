package rules

// Names of facts that more than one place reads: what a resource tells, and what
// operators are told with it.
const (
	FactDNSName = "DNS name"
	FactImages  = "URI" // of a repository
	// FactUnconfirmed is the addresses that alarms do not reach yet.
	FactUnconfirmed = "not confirmed yet"
	FactImage       = "image" // that a service runs
	// NoDeploy stands for an image where nothing was deployed yet.
	NoDeploy = "no deploy yet"
)
