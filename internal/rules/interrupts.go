package rules

// What tells which changes of a database interrupt it, and how. A plan says so first.
const (
	FieldInstanceClass      = "class" // of an instance
	FieldInstanceZone       = "availability zone"
	FieldInstanceParameters = "parameters"      // of an instance: pending-reboot
	FieldParameterGroup     = "parameter group" // of a cluster: another one takes a restart of its instances
	FieldPort               = "port"            // of a cluster: RDS restarts its instances

	// FactServesAs names what an instance does for its cluster.
	FactServesAs   = "serves as"
	ServesAsWriter = "writer"
)
