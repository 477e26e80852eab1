package session

import (
	"slices"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// execNotes tell what a plan opens where it lets operators into containers.
func execNotes(a *Session, s *spec.Spec, changes []provision.Change) []string {
	var notes []string
	if s == nil {
		return nil
	}
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			for _, env := range spec.Envs() {
				role := rules.ServiceName(app.Name, svc.Name, env)
				if svc.Exec.Of(env) && slices.ContainsFunc(changes, func(c provision.Change) bool {
					return c.Kind == "ecs/service" && c.Role == role && (c.Op == provision.OpCreate || c.Op == provision.OpUpdate && differs(c, "exec"))
				}) {
					notes = append(notes, a.Print.Sayf("exec of %s/%s in %s: operators can open a shell in its containers, whose root file system can then be written (ECS.5); sessions are logged to %s; it takes effect with the next deployment: %s",
						app.Name, svc.Name, env, rules.ExecLogGroupName(s.Client), a.Next("deploy %s %s/%s --env %s --image TAG", s.Client, app.Name, svc.Name, env)))
				}
			}
		}
	}
	return notes
}
