package conformance

import (
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// An archive goes to S3 Glacier at midnight, is brought out of it, and is read.
func TestAnArchiveIsBroughtOutOfGlacier(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 2})
		s := small(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		a, err := backup.PrepareArchive(ctx, r.Operator, s, time.Now(), false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Run(ctx, func(backup.ArchiveState) {}); err != nil {
			t.Fatal(err)
		}
		month := time.Now().UTC().Format("2006-01")
		warm, err := backup.FindStored(ctx, r.Operator, "ACME", region, month)
		if err != nil || !warm.Ready() || len(warm.Tables) != 1 || len(warm.Tables[0].Columns) != 4 {
			t.Fatalf("%v: %+v", err, warm)
		}
		if _, err := backup.FindStored(ctx, r.Operator, "ACME", region, "1999-01"); err == nil {
			t.Error("an archive of a month without one was found")
		}
		time.Sleep(25 * time.Hour)
		cold, err := backup.FindStored(ctx, r.Operator, "ACME", region, month)
		if err != nil || cold.Ready() || cold.Cold != warm.Objects || len(cold.Tables) != 1 || len(cold.Tables[0].Columns) != 0 {
			t.Fatalf("%v: %+v", err, cold)
		}
		// Asking twice is asking once: a run that died is run again.
		for range 2 {
			if err := cold.Thaw(ctx, "standard", 7); err != nil {
				t.Fatal(err)
			}
		}
		steps := 0
		if err := cold.Await(ctx, func(int) { steps++ }); err != nil || steps == 0 {
			t.Fatalf("%v after %d looks", err, steps)
		}
		if !cold.Ready() || cold.Until == nil || len(cold.Tables[0].Columns) != 4 || cold.Tables[0].Athena == "" {
			t.Errorf("%+v", cold)
		}
		time.Sleep(10 * 24 * time.Hour)
		if err := cold.Look(ctx); err != nil || cold.Cold != cold.Objects {
			t.Errorf("%v: after its days, %d of %d are in Glacier again", err, cold.Cold, cold.Objects)
		}
	})
}
