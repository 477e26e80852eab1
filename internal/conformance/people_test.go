package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
	"gitlab.com/cicd/cicdctl/internal/users"
)

// somebody is the value of a secret with one person.
const somebody = `[{"name":"alice","password_hash":"$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o"}]`

func letIn(ctx context.Context, tb testing.TB, o *cloud.Operator, s *spec.Spec, service string, env spec.Env) bool {
	tb.Helper()
	p, err := users.Prepare(ctx, o, s, s.Apps[0].Name, service, env)
	if err != nil {
		tb.Fatal(err)
	}
	running, err := users.Set(ctx, p, somebody)
	if err != nil {
		tb.Fatal(err)
	}
	return running
}

// deployTo deploys to a service of the first app and returns what ECS said.
func deployTo(ctx context.Context, o *cloud.Operator, s *spec.Spec, service string, env spec.Env, tag string) (*deploy.DeployEnd, []string, error) {
	d, err := deploy.Prepare(ctx, o, s, s.Apps[0].Name, service, env, deploy.Request{Image: rules.Image{Tag: tag}}, func(*deploy.DeployImage) {})
	if err != nil {
		return nil, nil, err
	}
	return ran(ctx, d)
}

func restart(ctx context.Context, o *cloud.Operator, s *spec.Spec, service string, env spec.Env) (*deploy.DeployEnd, []string, error) {
	d, err := deploy.PrepareRestart(ctx, o, s, s.Apps[0].Name, service, env)
	if err != nil {
		return nil, nil, err
	}
	return ran(ctx, d)
}

func ran(ctx context.Context, d *deploy.Deploy) (*deploy.DeployEnd, []string, error) {
	var said []string
	end, err := d.Run(ctx, func(s deploy.DeployStep) {
		if what, _, _ := strings.Cut(s.Event, ":"); s.Event != "" {
			said = append(said, what)
		}
	})
	return end, said, err
}

// A server of files has nobody in it until an operator says who, and is not deployed
// before. Nobody else's list is touched.
func TestServersOfFilesAskForPeople(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		s := acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		for _, service := range []string{"files", "ftp"} {
			r.push("ACME", "shop-"+service, "v1", sandbox.ImageFate{})
			_, _, err := deployTo(ctx, r.Operator, s, service, spec.Preview, "v1")
			if want := fmt.Sprintf("cicdctl app users set ACME shop/%s --env preview --file", service); !cloud.Refused(err) || !strings.Contains(err.Error(), want) {
				t.Fatalf("%s without people: %v, want %s", service, err, want)
			}
			if letIn(ctx, t, r.Operator, s, service, spec.Preview) {
				t.Errorf("%s has tasks that know other people", service)
			}
			must(t)(first(deployTo(ctx, r.Operator, s, service, spec.Preview, "v1")))
			if _, _, err := deployTo(ctx, r.Operator, s, service, spec.Prod, "v1"); !cloud.Refused(err) {
				t.Errorf("%s goes to prod with preview's people: %v", service, err)
			}
			if !letIn(ctx, t, r.Operator, s, service, spec.Preview) {
				t.Errorf("%s has no tasks that must be started again", service)
			}
			must(t)(first(restart(ctx, r.Operator, s, service, spec.Preview)))
		}
		r.wantNoChange(ctx, s)

		if _, err := users.Prepare(ctx, r.Operator, s, "shop", "web", spec.Prod); !cloud.Refused(err) || !strings.Contains(err.Error(), "shop/web is apache") {
			t.Errorf("people of a web server: %v", err)
		}
		all, err := users.All(ctx, r.Operator, s, "", "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range all {
			got = append(got, fmt.Sprintf("%s %s %s key:%v", p.Service, p.Env, p.State, strings.HasPrefix(p.HostKey, "SHA256:")))
		}
		if want := []string{"files preview set key:true", "files prod none yet key:true", "ftp preview set key:false", "ftp prod none yet key:false"}; !slices.Equal(got, want) {
			t.Errorf("they are %q, want %q", got, want)
		}
	})
}

func first(end *deploy.DeployEnd, _ []string, err error) (*deploy.DeployEnd, error) { return end, err }

// What an operator has set, and what was made once, is the same after everything that
// cicdctl does, and gone only when it is told to remove data.
func TestSecretsAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s := acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		letIn(ctx, t, r.Operator, s, "files", spec.Prod)
		users, key := rules.SecretName("ACME", "shop", "files", spec.Prod, rules.PeopleSecret), rules.SecretName("ACME", "shop", "files", spec.Prod, rules.HostKeySecret)
		version := func(name string) string {
			t.Helper()
			out, err := r.Factory.Set(region).Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(aws.ToString(out.ARN), out.VersionIdsToStages)
		}
		want := map[string]string{users: version(users), key: version(key)}
		check := func(when string) {
			t.Helper()
			for name, is := range want {
				if got := version(name); got != is {
					t.Errorf("%s, %s is %s and was %s", when, name, got, is)
				}
			}
		}
		r.wantNoChange(ctx, s)
		check("after client create")
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		check("after client destroy")
		api := r.Factory.Set(region).Secrets
		// Those that nobody has filled hold no data.
		if _, err := api.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: aws.String("cicdctl/acme/shop-files-preview/users")}); !awsapi.Is(err, awsapi.NotFound) {
			t.Errorf("an empty secret is left: %v", err)
		}
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, s)
		check("after the client came back")
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		left, err := api.ListSecrets(ctx, &secretsmanager.ListSecretsInput{IncludePlannedDeletion: aws.Bool(true)})
		if err != nil || len(left.SecretList) > 0 {
			t.Errorf("after --purge-data: %v, %v", left, err)
		}
		if err := create(ctx, r.Operator, s); err != nil { // the names are free again
			t.Fatal(err)
		}
		if got := version(key); got == want[key] {
			t.Error("a removed host key came back")
		}
	})
}

// A deploy goes on only with a secret that is the service's own.
func TestSecretsOfOthersAreNotUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Lag: -1})
		s := acme(t)
		name := rules.SecretName("ACME", "shop", "files", spec.Preview, rules.PeopleSecret)
		api := r.Factory.Set(region).Secrets
		theirs, err := api.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("theirs")})
		if err != nil {
			t.Fatal(err)
		}
		if err := plan(ctx, t, r.Operator, s).Refused(); err == nil || !strings.Contains(err.Error(), name+" exists already and carries none of cicdctl's tags") {
			t.Errorf("a plan over somebody's secret: %v", err)
		}
		if _, err := users.Prepare(ctx, r.Operator, s, "shop", "files", spec.Preview); !cloud.Refused(err) || !strings.Contains(err.Error(), "does not carry the tags") {
			t.Errorf("people into somebody's secret: %v", err)
		}
		if _, err := api.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: theirs.ARN}); err != nil {
			t.Fatal(err)
		}
		if _, err := users.Prepare(ctx, r.Operator, s, "shop", "files", spec.Preview); !cloud.Refused(err) {
			t.Errorf("people into a secret that goes: %v", err)
		}
	})
}

// FTP's control and data connections must reach one task: at no time are there two.
func TestFTPStopsBeforeItStarts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s := acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		for _, service := range []string{"web", "files", "ftp"} {
			for _, tag := range []string{"v1", "v2"} {
				r.push("ACME", "shop-"+service, tag, sandbox.ImageFate{})
			}
			if service != "web" {
				letIn(ctx, t, r.Operator, s, service, spec.Preview)
			}
			must(t)(first(deployTo(ctx, r.Operator, s, service, spec.Preview, "v1")))
			_, said, err := deployTo(ctx, r.Operator, s, service, spec.Preview, "v2")
			if err != nil {
				t.Fatal(err)
			}
			stops, starts := slices.Index(said, "has stopped 1 running tasks"), slices.Index(said, "has started 1 tasks")
			if first := stops >= 0 && stops < starts; first != (service == "ftp") {
				t.Errorf("%s: %q", service, said)
			}
		}
		// Somebody has scaled it by hand: two tasks would get each other's data connections.
		r.scale(ctx, "acme", "shop-ftp-preview", 3)
		end := must(t)(first(deployTo(ctx, r.Operator, s, "ftp", spec.Preview, "v2")))
		want(t, "tasks", fmt.Sprint(end.State, end.Wanted), fmt.Sprint(deploy.DeployedNow, 1))
		want(t, "again", must(t)(first(deployTo(ctx, r.Operator, s, "ftp", spec.Preview, "v2"))).State, deploy.DeployedBefore)
		r.wantNoChange(ctx, s)
	})
}

func TestRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		s := small(t)
		if _, _, err := restart(ctx, r.Operator, s, "web", spec.Preview); !cloud.Refused(err) || !strings.Contains(err.Error(), "nothing was deployed to app/web in preview yet: cicdctl deploy ACME app/web") {
			t.Errorf("before the first deploy: %v", err)
		}
		r.push("ACME", "app-web", "v1", sandbox.ImageFate{})
		must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "v1", deploy.Request{}))
		tasks := func() []string {
			out, err := r.Factory.Set(region).ECS.ListTasks(ctx, &ecs.ListTasksInput{Cluster: aws.String("acme"), ServiceName: aws.String("app-web-preview")})
			if err != nil {
				t.Fatal(err)
			}
			return out.TaskArns
		}
		before := tasks()
		want(t, "it ends", must(t)(first(restart(ctx, r.Operator, s, "web", spec.Preview))).State, deploy.DeployedNow)
		for _, task := range tasks() {
			if slices.Contains(before, task) {
				t.Errorf("%s was not started again", task)
			}
		}
		want(t, "history", r.deploys(ctx, s, spec.Preview), "2 v1 running")
		want(t, "the same image", must(t)(deployImage(ctx, r.Operator, s, spec.Preview, "v1", deploy.Request{})).State, deploy.DeployedBefore)
		r.wantNoChange(ctx, s)
		r.scale(ctx, "acme", "app-web-preview", 0)
		if _, _, err := restart(ctx, r.Operator, s, "web", spec.Preview); !cloud.Refused(err) || !strings.Contains(err.Error(), "is scaled to 0 tasks") {
			t.Errorf("scaled to 0: %v", err)
		}
	})
}

// A client with servers of files is built wherever a run is killed about their secrets.
func TestSecretsConvergeWhereverARunIsKilled(t *testing.T) {
	t.Parallel()
	s := client(t, "ACME")
	s.Apps[0].Services = slices.DeleteFunc(s.Apps[0].Services, func(svc spec.Service) bool { return svc.Runtime.HTTP() })
	var before any
	var kills []int // mutating calls that are about secrets, and the next ones
	var want map[string]int
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		before = r.tree()
		r.account.Forget()
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, c := range r.account.Calls() {
			if !c.Mutating {
				continue
			}
			if n++; c.Service == "Secrets Manager" {
				kills = append(kills, n)
			}
		}
		want = r.inventory(ctx)
	})
	if len(kills) != 6 {
		t.Fatalf("%d calls make secrets, want 6", len(kills))
	}
	for _, n := range kills {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d, after it %v", n, late), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
					r.restore(before)
					r.killAt(n, late)
					if err := create(ctx, r.Operator, s); err == nil {
						return
					}
					r.revive()
					if err := create(ctx, operator(t, r.account, cloud.Config{}), s); err != nil {
						t.Fatal(err)
					}
					compareInventories(t, r.inventory(ctx), want)
				})
			})
		}
	}
}

// No value of a secret can be read, but for the pre-shared keys of VPN connections, by operators.
func TestNoValueCanBeRead(t *testing.T) {
	for _, s := range rules.Services() {
		for _, op := range s.Read {
			if strings.Contains(op, "SecretValue") {
				t.Errorf("%s reads the values of secrets", op)
			}
		}
	}
	const vpnKeys = "arn:aws:secretsmanager:*:*:secret:s2svpn!*"
	for _, d := range append(rules.OperatorPolicies(), rules.ReadPolicy()) {
		for _, p := range parse(t, d) {
			reads := slices.ContainsFunc(p.Action, func(action string) bool {
				return strings.HasSuffix(action, "SecretValue") && !strings.Contains(action, "Put")
			})
			if reads && (!slices.Equal(p.Resource, []string{vpnKeys}) || strings.HasPrefix(d.Name, "cicdctl-read")) {
				t.Errorf("%s lets values of %v be read", d.Name, p.Resource)
			}
		}
	}
}
