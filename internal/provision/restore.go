package provision

import (
	"slices"
	"strconv"
	"strings"
)

// What copies of a client's database are called. They stand beside the client's
// own resources, with roles that tell them apart.
const (
	restoredRoles = "restored-"
	drillRoles    = "drill-"
	sourceRoles   = "source-"
)

// databaseRole is that of the client's own database.
const databaseRole = "database"

// Role is that of the copy's cluster: "restored-acme-20261124t101500".
func (r *Restore) Role() Role {
	switch {
	case r.Own:
		return databaseRole
	case r.Drill:
		return drillRoles + r.Name
	default:
		return restoredRoles + r.Name
	}
}

// Moves reports whether the snapshot has to be copied into a region before it can be
// restored there.
func (r *Restore) Moves(region string) bool { return r.From.Snapshot != "" && r.From.Region != region }

// SourceRole is that of the snapshot that is copied into the region first.
func (r *Restore) SourceRole() Role { return sourceRoles + r.Name }

// InstanceRole is that of one of the copy's instances, counted from 1.
func (r *Restore) InstanceRole(n int) Role { return r.Role() + "-" + strconv.Itoa(n) }

// IsRestored reports whether a role is that of a copy that somebody is to use, or
// of a part of it.
func IsRestored(role Role) bool { return strings.HasPrefix(role, restoredRoles) }

// IsDrill reports whether a role is that of a restore drill's copy, or of a part of it.
func IsDrill(role Role) bool { return strings.HasPrefix(role, drillRoles) }

// InstanceOf takes the role of a copy's instance apart: that of its cluster, and
// its number.
func InstanceOf(role Role) (cluster Role, n int, ok bool) {
	at := strings.LastIndexByte(role, '-')
	if at < 0 || !IsRestored(role) && !IsDrill(role) {
		return "", 0, false
	}
	n, err := strconv.Atoi(role[at+1:])
	return role[:at], n, err == nil && n > 0 && strconv.Itoa(n) == role[at+1:]
}

// Narrow picks from types the kinds named and those that they directly come
// after: all that a request about nothing else has to look at.
func Narrow(types []*Type, kinds ...string) []*Type {
	wanted := map[string]bool{}
	for _, t := range types {
		if slices.Contains(kinds, t.Name) {
			wanted[t.Name] = true
			for _, d := range t.DependsOn {
				wanted[d.Kind] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(types), func(t *Type) bool { return !wanted[t.Name] })
}

// narrow leaves everything that the request is not about as it is. What is missing of
// that stops the plan where something that the request is about is made in it.
func (p *Plan) narrow(request Request) error {
	rests := map[string]bool{}
	for _, n := range p.nodes {
		if n.bystander = !request.Only(n.Kind, n.Role) || request.Surplus != nil && n.have == nil; !n.bystander {
			for _, d := range n.typ.DependsOn {
				rests[d.Kind] = true
			}
		}
	}
	for _, n := range p.nodes {
		if !n.bystander {
			continue
		}
		if missing := n.have == nil || n.state == Deleting; missing && n.want != nil && rests[n.Kind] {
			return &LackingError{n.Change}
		}
		n.Op, n.Why, n.Until = OpNone, "", nil
	}
	return nil
}
