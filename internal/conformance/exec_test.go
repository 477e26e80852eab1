package conformance

import (
	"strings"
	"testing"
	"testing/synctest"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// What a spec opens with exec is kept as it is to be: the sessions' log and key, the agent's
// permissions, a root file system that can be written. Without it, the same is shut again.
func TestExecIsOpenedAndShut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		before := r.inventory(ctx)
		open := small(t)
		open.Apps[0].Services[0].Exec = spec.Exec{Preview: true}
		if err := create(ctx, r.Operator, open); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, open)
		r.push("ACME", "app-web", "v1", sandbox.ImageFate{})
		must(t)(deployImage(ctx, r.Operator, open, spec.Preview, "v1", deploy.Request{}))
		agents := 0
		for _, task := range r.tree()["ECS"].(map[string]any)[region].(map[string]any)["Tasks"].([]any) {
			for _, c := range task.(map[string]any)["V"].(map[string]any)["Containers"].([]any) {
				agent := c.(map[string]any)["ManagedAgents"].([]any)[0].(map[string]any)
				if agent["LastStatus"] == "RUNNING" {
					agents++
				}
			}
		}
		if agents != 2 {
			t.Errorf("%d agents run in the tasks of the deployment, want 2", agents)
		}

		// Somebody turns the sessions' log off.
		tree := r.tree()
		for _, c := range tree["ECS"].(map[string]any)[region].(map[string]any)["Clusters"].([]any) {
			c.(map[string]any)["V"].(map[string]any)["Configuration"].(map[string]any)["ExecuteCommandConfiguration"].(map[string]any)["Logging"] = "NONE"
		}
		r.restore(tree)
		changes := plan(ctx, t, r.Operator, open).Changes()
		if len(changes) != 1 || changes[0].Kind != "ecs/cluster" || len(changes[0].Diffs) != 1 || changes[0].Diffs[0].Field != "exec" || !strings.Contains(changes[0].Diffs[0].Have, "logging: NONE") {
			t.Errorf("the log of sessions is off: %+v", changes)
		}
		if err := create(ctx, r.Operator, open); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, open)

		// An audit tells of it, although the spec allows it.
		found, err := audit.Examine(ctx, r.Operator, audit.Examined{Specs: []*spec.Spec{open}, Regions: []string{region}})
		if err != nil {
			t.Fatal(err)
		}
		told := map[string]int{}
		for _, f := range found.Findings {
			told[f.ID]++
		}
		if told["CICD-ECS-4"] != 1 || told["ECS.5"] != 1 {
			t.Errorf("an audit tells of %v", told)
		}

		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, small(t))
		compareInventories(t, r.inventory(ctx), before)
	})
}
