package rules

// Names of facts that more than one place reads: what a resource tells, and what
// operators are told with it.
const (
	FactDNSName = "DNS name"
	FactImages  = "URI" // of a repository
)
