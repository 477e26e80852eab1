package session

import (
	"context"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Preflight refuses a plan that AWS would not let come to an end.
func Preflight(ctx context.Context, run *cloud.Run, plan *cloud.Plan) error {
	room, err := run.Room(ctx, plan)
	if err != nil {
		return err
	}
	return RefusedFor(room)
}

// RefusedFor is a refusal over the first thing that AWS lacks for a plan, or nil.
func RefusedFor(room cloud.Room) error {
	for _, q := range room.Quotas {
		if q.Short() {
			return Refuse(lang.Sprintf("ask for %d or more of quota %s in the Service Quotas console of %s, or remove what is not needed", q.Used+max(q.Needed, q.Most), q.Code, q.Region),
				"not enough room, nothing was changed: %s in %s: %d used, %d needed, %d allowed", lang.Current().Value(q.Name), placeOf(q), q.Used, q.Needed, q.Allowed)
		}
	}
	for _, o := range room.Offers {
		if !o.Short() {
			continue
		}
		what, key := o.Type, "hosts.instance_type"
		if o.Engine != "" {
			what, key = o.Type+" for "+o.Engine, "database.class"
		}
		fix := lang.Sprintf("choose another %s; AWS has this one in %s", key, strings.Join(o.Offered, ", "))
		if len(o.Offered) == 0 {
			fix = lang.Sprintf("choose another %s: AWS has no such one in %s", key, o.Region)
		}
		return Refuse(fix, "not offered, nothing was changed: AWS has no %s in %s", what, strings.Join(o.Lacking, ", "))
	}
	return nil
}

func placeOf(q cloud.QuotaCheck) string {
	if q.Place != "" {
		return q.Place
	}
	return q.Region
}

// RoomNotes are what a plan's reader should know of AWS's room for it: what will be short
// one day, and what AWS did not tell.
func RoomNotes(a *Session, room cloud.Room) []string {
	var notes, silent []string
	for _, q := range room.Quotas {
		switch {
		case q.Tight():
			notes = append(notes, a.Print.Sayf("%s in %s: with the most hosts %d {is|are} needed and %d {is|are} allowed (%d used); ask for more of quota %s in the Service Quotas console", a.Print.Lang.Value(q.Name), placeOf(q), q.Most, q.Allowed, q.Used, q.Code))
		case q.Unknown != "":
			silent = append(silent, a.Print.Lang.Value(q.Name))
		}
	}
	for _, o := range room.Offers {
		if o.Unknown != "" {
			silent = append(silent, o.Type)
		}
	}
	if len(silent) > 0 {
		notes = append(notes, a.Print.Sayf("not known whether AWS has room for: %s (cicdctl doctor says why)", strings.Join(silent, ", ")))
	}
	return notes
}
