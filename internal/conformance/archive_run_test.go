package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/dbcopy"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// archived prepares and runs, as backup run does.
func archived(ctx context.Context, o *cloud.Operator, s *spec.Spec, again bool) (*backup.ArchiveState, error) {
	a, err := backup.PrepareArchive(ctx, o, s, time.Now(), again)
	if err != nil {
		return nil, err
	}
	if a.Fresh != nil {
		return a.Fresh, nil
	}
	return a.Run(ctx, func(backup.ArchiveState) {})
}

// exportNames are all exports that the region ever had.
func (r *rig) exportNames(ctx context.Context) []string {
	r.tb.Helper()
	all, err := dbcopy.ExportsOf(ctx, r.Factory.Set(region).RDS, aws.String("arn:aws:rds:eu-west-3:123456789012:cluster:acme"))
	if err != nil {
		r.tb.Fatal(err)
	}
	var names []string
	for _, e := range all {
		names = append(names, aws.ToString(e.ExportTaskIdentifier)+" "+aws.ToString(e.Status))
	}
	return names
}

// protectedRig is an account with the client in it.
func protectedRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, sandbox.Options{PageSize: 50})
	if err := create(t.Context(), r.Operator, small(t)); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestArchiveIsMadeOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		r.account.Forget()
		s, err := archived(ctx, r.Operator, small(t), false)
		if err != nil {
			t.Fatal(err)
		}
		if s.Status != judge.ExportComplete || s.Percent != 100 || s.Until == nil || s.Place != "s3://acme-archive-123456789012-eu-west-3-an/"+s.Name+"/" {
			t.Errorf("it ends as %+v", s)
		}
		for _, c := range r.account.Calls() {
			if c.Mutating && c.Operation != "StartExportTask" {
				t.Errorf("%s was called", c.Name())
			}
		}
		// Again within the hour it is the same one; with --again, or later, another.
		if fresh, err := archived(ctx, operator(t, r.account, cloud.Config{}), small(t), false); err != nil || fresh.Name != s.Name {
			t.Errorf("run again: %+v, %v", fresh, err)
		}
		if other, err := archived(ctx, r.Operator, small(t), true); err != nil || other.Name == s.Name {
			t.Errorf("asked for another: %+v, %v", other, err)
		}
		time.Sleep(2 * time.Hour)
		if later, err := archived(ctx, r.Operator, small(t), false); err != nil || later.Name == s.Name {
			t.Errorf("run later: %+v, %v", later, err)
		}
		if names := r.exportNames(ctx); len(names) != 3 {
			t.Errorf("there are %v", names)
		}
		r.wantNoChange(ctx, small(t))
	})
}

// A run that dies before or after any of its calls leaves nothing that the next
// one makes twice.
func TestArchiveConvergesWhereverItIsKilled(t *testing.T) {
	t.Parallel()
	calls := 0
	var snapshot any
	synctest.Test(t, func(t *testing.T) {
		r := protectedRig(t)
		snapshot = r.tree()
		r.account.Forget()
		if _, err := archived(t.Context(), r.Operator, small(t), false); err != nil {
			t.Fatal(err)
		}
		calls = r.changes()
	})
	everyCall(t, calls, func(t *testing.T, n int, after bool) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(snapshot)
		r.killAt(n, after)
		_, _ = archived(ctx, r.Operator, small(t), false)
		r.revive()
		time.Sleep(10 * time.Second)
		s, err := archived(ctx, operator(t, r.account, cloud.Config{}), small(t), false)
		if err != nil {
			t.Fatal(err)
		}
		if names := r.exportNames(ctx); len(names) != 1 || names[0] != s.Name+" COMPLETE" {
			t.Errorf("there are %v", names)
		}
	})
}

func TestArchivesAtOnceAreOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		names := make(chan string, 4)
		for i := range cap(names) {
			go func() {
				time.Sleep(time.Duration(i) * 300 * time.Millisecond) // some before, some after the first has begun
				s, err := archived(ctx, operator(t, r.account, cloud.Config{}), small(t), false)
				if err != nil {
					names <- err.Error()
					return
				}
				names <- s.Name
			}()
		}
		first := <-names
		for range cap(names) - 1 {
			if other := <-names; other != first {
				t.Errorf("one run has %s, another %s", first, other)
			}
		}
		if all := r.exportNames(ctx); len(all) != 1 {
			t.Errorf("there are %v", all)
		}
	})
}

// AWS carried it out, and the answer was lost: the SDK asks again.
func TestLostAnswerOfAnArchive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		lost := 0
		r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
			if c.Operation == "StartExportTask" && lost < 2 {
				lost++
				return sandbox.Fault{After: sandbox.Broken()}
			}
			return sandbox.Fault{}
		})
		s, err := archived(ctx, r.Operator, small(t), false)
		if err != nil || lost == 0 {
			t.Fatalf("%v after %d lost answers", err, lost)
		}
		if names := r.exportNames(ctx); len(names) != 1 || !strings.HasPrefix(names[0], s.Name) {
			t.Errorf("there are %v", names)
		}
	})
}

func TestArchiveTellsWhatRDSLeftOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		if err := r.account.ExportsEnd(region, sandbox.ExportFate{Warning: sandbox.SkippedTables}); err != nil {
			t.Fatal(err)
		}
		s, err := archived(ctx, r.Operator, small(t), false)
		if err != nil {
			t.Fatal(err)
		}
		if want := "2 tables left out: shop.public.carts (UNSUPPORTED_COLUMN_NAME), shop.public.a/b (TABLE_NAME_CONTAINS_SLASH)"; s.Warning != want {
			t.Errorf("it tells %q, want %q", s.Warning, want)
		}
		p, err := backup.ReadPoints(ctx, r.Operator, "ACME", region, small(t))
		if err != nil {
			t.Fatal(err)
		}
		wantFinding(t, p, "CICD-BACKUP-7", s.Warning)
	})
}

func TestArchiveThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		if err := r.account.ExportsEnd(region, sandbox.ExportFate{Failure: "a BLOB is too large"}); err != nil {
			t.Fatal(err)
		}
		s, err := archived(ctx, r.Operator, small(t), false)
		if failed, ok := errors.AsType[*backup.ArchiveError](err); !ok || !strings.Contains(failed.Error(), "a BLOB is too large") || s == nil {
			t.Fatalf("%+v, %v", s, err)
		}
		p, err := backup.ReadPoints(ctx, r.Operator, "ACME", region, small(t))
		if err != nil {
			t.Fatal(err)
		}
		wantFinding(t, p, "CICD-BACKUP-6", "a BLOB is too large")
		if err := r.account.ExportsEnd(region, sandbox.ExportFate{}); err != nil {
			t.Fatal(err)
		}
		if _, err := archived(ctx, r.Operator, small(t), false); err != nil {
			t.Errorf("once more: %v", err)
		}
	})
}

// The sixth export of an account waits for one of the five.
func TestArchiveLimitIsExplained(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: 12})
		for i := range 6 {
			if err := create(ctx, r.Operator, client(t, fmt.Sprintf("C%d", i))); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 5 {
			a, err := backup.PrepareArchive(ctx, r.Operator, client(t, fmt.Sprintf("C%d", i)), time.Now(), false)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Begin(ctx); err != nil {
				t.Fatal(err)
			}
		}
		_, err := archived(ctx, r.Operator, client(t, "C5"), false)
		refused, ok := errors.AsType[*backup.ArchiveError](err)
		if !ok || !strings.Contains(err.Error(), "five exports of an account") || !strings.Contains(err.Error(), "c4-2") || refused.Remedy() == "" {
			t.Errorf("it says %v", err)
		}
	})
}

func TestArchiveStopsWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := protectedRig(t)
		ctx, cancel := context.WithCancel(t.Context())
		a, err := backup.PrepareArchive(ctx, r.Operator, small(t), time.Now(), false)
		if err != nil {
			t.Fatal(err)
		}
		s, err := a.Run(ctx, func(backup.ArchiveState) { cancel() })
		if !errors.Is(err, context.Canceled) || s == nil || !s.Runs() {
			t.Errorf("stopped at once: %+v, %v", s, err)
		}
	})
}

// AWS may be busy while an export runs; the wait for one that never ends is given up.
func TestArchiveWaitIsBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault error
		want  string
	}{
		"AWS is busy at times":      {nil, ""},
		"AWS never tells any more":  {sandbox.Throttled("RDS"), "AWS does not tell how far"},
		"AWS refuses to tell":       {refusal("AccessDenied"), "AccessDenied"},
		"RDS has never heard of it": {refusal("ExportTaskNotFound"), "AWS does not tell how far"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := protectedRig(t)
				a, err := backup.PrepareArchive(t.Context(), r.Operator, small(t), time.Now(), false)
				if err != nil {
					t.Fatal(err)
				}
				looks := 0
				r.account.OnCall(func(call sandbox.Call) sandbox.Fault {
					in, ok := call.Input.(*rds.DescribeExportTasksInput)
					if !ok || in.ExportTaskIdentifier == nil {
						return sandbox.Fault{}
					}
					if looks++; c.fault == nil && looks%15 > 0 { // more than the SDK tries
						return sandbox.Fault{Before: sandbox.Throttled("RDS")}
					}
					return sandbox.Fault{Before: c.fault}
				})
				s, err := a.Run(t.Context(), func(backup.ArchiveState) {})
				if s == nil || (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Errorf("%+v, %v", s, err)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{PageSize: 50})
		a := &backup.Archive{Client: "ACME", Region: region, API: neverDone{r.Factory.Set(region).RDS}, Pace: time.Minute, Running: &backup.ArchiveState{Name: "acme-1", Status: judge.ExportRunning}}
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		if _, err := a.Run(ctx, func(backup.ArchiveState) {}); !errors.Is(err, backup.ErrPatience) || time.Since(begun) > backup.ArchivePatience+time.Minute {
			t.Errorf("after %s: %v", time.Since(begun), err)
		}
	})
}

// neverDone is an RDS whose exports go on for ever.
type neverDone struct{ awsapi.RDS }

func (neverDone) DescribeExportTasks(context.Context, *rds.DescribeExportTasksInput, ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error) {
	return &rds.DescribeExportTasksOutput{ExportTasks: []rdstypes.ExportTask{{ExportTaskIdentifier: aws.String("acme-1"), Status: aws.String(judge.ExportRunning)}}}, nil
}

func TestArchiveRefusesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*testing.T, *rig, *spec.Spec)
		want  string
	}{
		"no archive agreed on": {func(_ *testing.T, _ *rig, s *spec.Spec) { s.Backup.Archive.Every = spec.EveryNone }, "its spec says every: none"},
		"nothing at all": {func(t *testing.T, r *rig, _ *spec.Spec) {
			if err := destroy(t.Context(), r.Operator, "ACME", true); err != nil {
				t.Fatal(err)
			}
		}, "cicdctl client create ACME makes it"},
		"a foreign database": {func(_ *testing.T, r *rig, _ *spec.Spec) {
			tree := r.tree()
			if stripTags(tree, "acme") == 0 {
				t.Error("no tags were there")
			}
			r.restore(tree)
		}, "does not carry ACME's tags"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r, s := t.Context(), protectedRig(t), small(t)
				c.spoil(t, r, s)
				r.account.Forget()
				_, err := archived(ctx, operator(t, r.account, cloud.Config{}), s, false)
				if !cloud.Refused(err) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("it says %v, want %q", err, c.want)
				}
				for _, call := range r.account.Calls() {
					if call.Mutating {
						t.Errorf("%s was called", call.Name())
					}
				}
			})
		})
	}
}

func TestLeftOut(t *testing.T) {
	t.Parallel()
	for warning, want := range map[string]string{
		"":                        "",
		"The disk is almost full": "The disk is almost full",
		`{"skippedTables":[],"skippedObjectives":[],"general":[]}`:                                                        "",
		`{"skippedTables":[],"skippedObjectives":[],"general":[{"reason":"FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE"}]}`: "FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE",
		`{"skippedTables":["shop.carts"]}`:                                                                                "1 table left out: shop.carts",
		`{"skippedTables":[{"tableName":"shop.carts"},{"reason":"X"}],"more":["y"]}`:                                      "2 tables left out: shop.carts, X; more: y",
	} {
		if got := dbcopy.LeftOut(warning); got != want {
			t.Errorf("%s is told as %q, want %q", warning, got, want)
		}
	}
}
