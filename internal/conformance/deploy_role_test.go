package conformance

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// pushing is what docker calls to push and pull an image, and PutImage stands for.
var pushing = strings.Fields(`ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:CompleteLayerUpload ecr:GetAuthorizationToken ecr:GetDownloadUrlForLayer
	ecr:InitiateLayerUpload ecr:PutImage ecr:UploadLayerPart`)

// A pipeline's role may do what deploys call, and what docker does, and no more.
func TestDeployRoleMayDoWhatDeploysCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s := acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		r.push("ACME", "shop-web", "v1", sandbox.ImageFate{})
		r.push("ACME", "shop-web", "v2", sandbox.ImageFate{Failure: "exit", Log: []string{"no"}})
		r.push("ACME", "shop-files", "v1", sandbox.ImageFate{})
		letIn(ctx, t, r.Operator, s, "files", spec.Preview)
		r.account.Forget()
		must(t)(first(deployTo(ctx, r.Operator, s, "files", spec.Preview, "v1")))
		must(t)(first(restart(ctx, r.Operator, s, "files", spec.Preview)))
		for _, env := range spec.Envs() {
			must(t)(deployImage(ctx, r.Operator, s, env, "v1", deploy.Request{}))
		}
		if _, err := deployImage(ctx, r.Operator, s, spec.Preview, "v2", deploy.Request{}); err == nil {
			t.Error("v2 runs")
		}
		if _, err := rollback(ctx, r.Operator, s, spec.Preview, "v1"); err != nil {
			t.Error(err)
		}
		prefix := map[string]string{"ECS": "ecs", "ECR": "ecr", "CloudWatch Logs": "logs", "STS": "sts", "Secrets Manager": "secretsmanager"}
		called := map[string]bool{}
		for _, c := range r.account.Calls() {
			called[prefix[c.Service]+":"+c.Operation] = true
		}
		delete(called, "sts:GetCallerIdentity") // takes no permission
		called["iam:PassRole"] = true           // asked for by RegisterTaskDefinition
		var doc struct{ Statement []struct{ Action any } }
		place := rules.Place{Partition: "aws", Region: region, Account: "123456789012"}
		if err := json.Unmarshal([]byte(rules.DeployPolicy(place, "ACME", s.Apps[0])), &doc); err != nil {
			t.Fatal(err)
		}
		may := map[string]bool{}
		for _, st := range doc.Statement {
			actions, ok := st.Action.([]any)
			if !ok {
				actions = []any{st.Action}
			}
			for _, a := range actions {
				may[a.(string)] = true
				if !called[a.(string)] && !slices.Contains(pushing, a.(string)) {
					t.Errorf("the role may %s, which no deploy calls", a)
				}
			}
		}
		for action := range called {
			if !may[action] {
				t.Errorf("deploys call %s, which the role may not", action)
			}
		}
	})
}

// AWS has room for one provider of a URL: what others have made is used as it is.
func TestAProviderOfOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		audiences []string
		refused   bool
	}{
		"with our audience":    {[]string{"theirs", rules.DefaultGitLab}, false},
		"without our audience": {[]string{"theirs"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				api := r.Factory.Set(region).IAM
				made, err := api.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String(rules.DefaultGitLab), ClientIDList: c.audiences})
				if err != nil {
					t.Fatal(err)
				}
				run, err := r.Build(ctx, small(t))
				if err != nil {
					t.Fatal(err)
				}
				p, err := run.Plan(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if refused := p.Refused(); (refused != nil) != c.refused {
					t.Fatalf("refused: %v, want %v", refused, c.refused)
				}
				if c.refused {
					return
				}
				if want := []provision.Borrowed{{Kind: "iam/oidc-provider", ID: *made.OpenIDConnectProviderArn}}; !slices.Equal(p.Borrowed, want) {
					t.Errorf("borrowed %v, want %v", p.Borrowed, want)
				}
				if err := create(ctx, r.Operator, small(t)); err != nil {
					t.Fatal(err)
				}
				r.wantNoChange(ctx, small(t))
				if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
					t.Fatal(err)
				}
				now, err := api.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: made.OpenIDConnectProviderArn})
				if err != nil || len(now.Tags) > 0 || !slices.Equal(now.ClientIDList, c.audiences) {
					t.Errorf("it was changed: %v %v %v", now, err, c.audiences)
				}
			})
		})
	}
}

// Another instance in the configuration would turn all pipelines away: that is for a
// person to decide.
func TestAnotherGitLabIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		err := create(ctx, operator(t, r.account, cloud.Config{GitLab: "https://git.acme.example"}), small(t))
		if err == nil || !strings.Contains(err.Error(), `GitLab instance is "gitlab.com", wanted "git.acme.example": pipelines of the other instance`) {
			t.Errorf("got %v", err)
		}
	})
}
