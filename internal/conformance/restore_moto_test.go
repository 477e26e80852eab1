package conformance

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// A restore, a drill and their removal over real HTTP.
func TestRestoringOverHTTP(t *testing.T) {
	t.Parallel()
	w, ctx := overHTTP(t), t.Context()
	s, err := spec.Default("ACME", region, w.Checks())
	if err != nil {
		t.Fatal(err)
	}
	if err := create(ctx, w.Operator, s); err != nil {
		t.Fatal(err)
	}
	found, err := backup.DatabasesOf(ctx, w.Operator, "ACME", region)
	if err != nil {
		t.Fatal(err)
	}
	source, err := found.Source()
	if err != nil {
		t.Fatal(err)
	}
	ask := backup.RestoreAsk{At: backup.SpanOf(source).Earliest.Add(time.Millisecond).Truncate(time.Millisecond)}
	run, err := restoreCopy(ctx, w.Operator, s, ask)
	if err != nil {
		t.Fatal(err)
	}
	w.wantNoChange(t, s)
	plan, err := run.Plan(ctx)
	if err != nil || !plan.Settled() {
		t.Fatalf("a second restore would change something (%v)", err)
	}
	if e := run.Endpoints(plan); e.Writer == "" || e.Secret == "" || e.Secret == aws.ToString(source.MasterUserSecret.SecretArn) {
		t.Errorf("it answers at %+v", e)
	}
	d, err := backup.PrepareDrill(ctx, w.Operator, s, "")
	if err != nil {
		t.Fatal(err)
	}
	record, err := d.Conduct(ctx, nil, nil, func(string) {})
	if err != nil || !record.OK {
		t.Fatalf("%v: %+v", err, record)
	}
	if history, err := backup.History(ctx, w.Operator, "ACME", region); err != nil || len(history) != 1 {
		t.Errorf("the history is %+v (%v)", history, err)
	}
	if last, err := backup.LastDrill(ctx, w.Operator, "ACME", region); err != nil || last == nil {
		t.Errorf("the last drill is %+v (%v)", last, err)
	}
	w.wantNoChange(t, s)
	if err := discard(ctx, w.Operator, run.ID, false); err != nil {
		t.Fatal(err)
	}
	if found, err = backup.DatabasesOf(ctx, w.Operator, "ACME", region); err != nil || len(found.All) != 1 {
		t.Errorf("%d databases are left (%v)", len(found.All), err)
	}
	w.wantNoChange(t, s)
	// What a destroy leaves is enough to have the client again.
	if err := destroy(ctx, w.Operator, "ACME", false); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []rules.CopyKind{rules.Snapshot, rules.Retained} {
		back, err := restoreCopy(ctx, w.Operator, s, backup.RestoreAsk{From: sourceOf(ctx, t, w.Operator, kind)})
		if err != nil {
			t.Fatal(err)
		}
		if !back.Own {
			t.Errorf("the %s backup was restored as %s", kind, back.ID)
		}
		w.wantNoChange(t, s)
		wantBackedUp(ctx, t, w.Operator, s)
		if err := destroy(ctx, w.Operator, "ACME", kind == rules.Retained); err != nil {
			t.Fatal(err)
		}
	}
}
