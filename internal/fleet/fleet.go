// Package fleet runs cicdctl on GitLab's runners for an estate of many clients: the Git repository
// that holds their specs, the pipelines that plan, apply and audit what is in it, and the report
// that puts the parts of an audit together.
//
// It stands above the other features, whose commands its pipelines run.
package fleet
