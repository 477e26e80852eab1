package rules

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// condition evaluates an operator of a policy as IAM does. Context that is not sent
// is no match, except for those that say so.
func condition(t *testing.T, operator string, wanted any, value string, sent bool) bool {
	t.Helper()
	bare, ifExists := strings.CutSuffix(operator, "IfExists")
	if !sent && ifExists {
		return true
	}
	list, ok := wanted.([]any)
	if !ok {
		list = []any{wanted}
	}
	return slices.ContainsFunc(list, func(w any) bool {
		text := w.(string)
		switch bare {
		case "StringEquals":
			return sent && text == value
		case "StringLike":
			return sent && arnLike(text, value)
		case "ArnEquals", "ArnLike": // the same, says IAM
			return sent && arnLike(text, value)
		case "Null":
			return text == "true" && !sent || text == "false" && sent
		}
		t.Fatalf("the test knows no operator %s", operator)
		return false
	})
}

// permits evaluates a policy, of trust or of permissions, that only allows.
func permits(t *testing.T, text string, r asked) bool {
	t.Helper()
	var doc struct {
		Statement []struct {
			Effect           string
			Action, Resource any
			Principal        any
			Condition        map[string]map[string]any
		}
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	any1 := func(v any, value string) bool {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		return slices.ContainsFunc(list, func(p any) bool { return arnLike(p.(string), value) })
	}
	return slices.ContainsFunc(doc.Statement, func(s struct {
		Effect           string
		Action, Resource any
		Principal        any
		Condition        map[string]map[string]any
	},
	) bool {
		ok := s.Effect == "Allow" && any1(s.Action, r.action)
		if s.Principal == nil {
			ok = ok && any1(s.Resource, r.resource)
		} else {
			who, federated := s.Principal.(map[string]any)["Federated"]
			ok = ok && federated && who == r.resource
		}
		for operator, keys := range s.Condition {
			for key, wanted := range keys {
				value, sent := r.context[key]
				ok = ok && condition(t, operator, wanted, value, sent)
			}
		}
		return ok
	})
}

func TestOnlyOneBranchOfOneProjectTakesTheRole(t *testing.T) {
	p := Place{"aws", "eu-west-3", "123456789012"}
	const sub, gitlab, own = "project_path:acme/shop:ref_type:branch:ref:main", "https://gitlab.com", "arn:aws:iam::123456789012:oidc-provider/gitlab.com"
	for name, c := range map[string]struct {
		provider, aud, sub string
		want               bool
	}{
		"the branch":                      {own, gitlab, sub, true},
		"another branch":                  {own, gitlab, strings.Replace(sub, "ref:main", "ref:feature", 1), false},
		"a branch that begins alike":      {own, gitlab, sub + "-2", false},
		"a branch below it":               {own, gitlab, sub + "/x", false},
		"a branch in capitals":            {own, gitlab, strings.Replace(sub, "ref:main", "ref:Main", 1), false},
		"a tag of that name":              {own, gitlab, strings.Replace(sub, "type:branch", "type:tag", 1), false},
		"another project":                 {own, gitlab, strings.Replace(sub, "acme/shop", "acme/blog", 1), false},
		"another client's":                {own, gitlab, strings.Replace(sub, "acme/shop", "globex/shop", 1), false},
		"a project that begins alike":     {own, gitlab, strings.Replace(sub, "acme/shop", "acme/shop-2", 1), false},
		"a project that ends alike":       {own, gitlab, strings.Replace(sub, "acme/shop", "x/acme/shop", 1), false},
		"a project of a sub-group":        {own, gitlab, strings.Replace(sub, "acme/shop", "acme/shop/shop", 1), false},
		"a fork":                          {own, gitlab, strings.Replace(sub, "acme/shop", "eve/shop", 1), false},
		"a merge request's source branch": {own, gitlab, strings.Replace(sub, "ref:main", "ref:fix", 1), false},
		"a merge request's own ref":       {own, gitlab, strings.Replace(sub, "ref_type:branch:ref:main", "ref_type:merge_request:ref:refs/merge-requests/1/head", 1), false},
		"a pattern":                       {own, gitlab, "project_path:acme/*:ref_type:branch:ref:*", false},
		"a token for somebody else":       {own, "https://vault.example", sub, false},
		"another instance":                {"arn:aws:iam::123456789012:oidc-provider/gitlab.example", gitlab, sub, false},
		"another account's provider":      {strings.Replace(own, "123456789012", "999999999999", 1), gitlab, sub, false},
	} {
		r := asked{"sts:AssumeRoleWithWebIdentity", c.provider, map[string]string{"gitlab.com:aud": c.aud, "gitlab.com:sub": c.sub}}
		if got := permits(t, DeployTrust(p, gitlab, "acme/shop", "main"), r); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	// A project is the same in any case, and a branch is not.
	for token, want := range map[string]bool{
		sub: true,
		strings.Replace(sub, "acme/shop", "Acme/Shop", 1): true,
		strings.Replace(sub, "ref:main", "ref:Main", 1):   false,
		strings.Replace(sub, "acme/shop", "acme/blog", 1): false,
	} {
		r := asked{"sts:AssumeRoleWithWebIdentity", own, map[string]string{"gitlab.com:aud": gitlab, "gitlab.com:sub": token}}
		if got := permits(t, DeployTrust(p, gitlab, "Acme/Shop", "main"), r); got != want {
			t.Errorf("of Acme/Shop, %s: %v, want %v", token, got, want)
		}
	}
	hosted := DeployTrust(p, "https://git.acme.example/gitlab", "acme/shop", "main")
	if !permits(t, hosted, asked{"sts:AssumeRoleWithWebIdentity", "arn:aws:iam::123456789012:oidc-provider/git.acme.example/gitlab", map[string]string{"git.acme.example/gitlab:aud": "https://git.acme.example/gitlab", "git.acme.example/gitlab:sub": sub}}) {
		t.Errorf("an instance of one's own is refused: %s", hosted)
	}
	if permits(t, hosted, asked{"sts:AssumeRole", own, nil}) {
		t.Error("the role can be taken without a token")
	}
}

// appOf is an app of file servers: their pipelines may do the most.
func appOf(name string, services ...string) spec.App {
	app := spec.App{Name: name}
	for _, svc := range services {
		app.Services = append(app.Services, spec.Service{Name: svc, Runtime: spec.MySecureShell})
	}
	return app
}

// loose are the actions that AWS ties to no resource.
var loose = []string{"ecr:GetAuthorizationToken", "ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"}

// belongings are ARNs of what an app has, with the context that AWS sends along.
func belongings(p Place, client, app, service string) []asked {
	cluster := p.arn("ecs", "cluster/"+ClusterName(client))
	inside := map[string]string{"ecs:cluster": cluster}
	out := []asked{
		{"", p.arn("ecr", "repository/"+RepositoryName(client, app, service)), nil},
		{"", p.arn("logs", "log-group:"+LogGroupName(client, app, service)+":log-stream:prod/"+service+"/1"), nil},
		{"", cluster, inside},
		{"", p.arn("ecs", "task/"+ClusterName(client)+"/0123456789abcdef"), inside},
		{"", p.arn("ecs", "container-instance/"+ClusterName(client)+"/*"), inside},
	}
	for _, env := range spec.Envs() {
		family := p.arn("ecs", "task-definition/"+TaskFamily(client, app, service, env))
		running := p.arn("ecs", "service/"+ClusterName(client)+"/"+ServiceName(app, service, env))
		for _, secret := range []string{PeopleSecret, HostKeySecret} {
			out = append(out, asked{"", p.arn("secretsmanager", "secret:"+SecretName(client, app, service, env, secret)+"-a1B2c3"), nil})
		}
		out = append(out, asked{"", family + ":*", revision(client, app, "ecs:privileged", "false")},
			asked{"", family + ":7", noted(client, app)}, asked{"", running, map[string]string{"ecs:task-definition": family + ":7", "ecs:cluster": cluster}})
	}
	for _, role := range []string{RoleName(client, app), AppRoleName(client, app, spec.Preview), ExecutionRoleName(client, app), HostRoleName(client), DeployRoleName(client, app), SchedulerRoleName(client)} {
		out = append(out, asked{"", "arn:aws:iam::" + p.Account + ":role/" + role, passedTo("ecs-tasks.amazonaws.com")})
	}
	return out
}

// revision is what ECS tells of a registration that says whose it is, and noted what it
// tells of a revision that is tagged later. More are keys and values.
func revision(client, app string, more ...string) map[string]string {
	return with(map[string]string{"aws:RequestTag/cicdctl:managed-by": "cicdctl", "aws:RequestTag/cicdctl:client": client, "aws:RequestTag/cicdctl:app": app}, more)
}

func noted(client, app string, more ...string) map[string]string {
	return with(map[string]string{"aws:ResourceTag/cicdctl:managed-by": "cicdctl", "aws:ResourceTag/cicdctl:client": client, "aws:ResourceTag/cicdctl:app": app}, more)
}

func with(context map[string]string, more []string) map[string]string {
	for i := 0; i < len(more); i += 2 {
		context[more[i]] = more[i+1]
	}
	return context
}

func actionsOf(t *testing.T, policy string) []string {
	t.Helper()
	var doc struct{ Statement []struct{ Action any } }
	if err := json.Unmarshal([]byte(policy), &doc); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range doc.Statement {
		if one, ok := s.Action.(string); ok {
			out = append(out, one)
			continue
		}
		for _, a := range s.Action.([]any) {
			out = append(out, a.(string))
		}
	}
	return out
}

// Everything that the role may do is tried on everything that others have: other
// clients, with names as alike as they get, and the client's own other app.
func TestAPipelineReachesNothingOfOthers(t *testing.T) {
	p := Place{"aws", "eu-west-3", "123456789012"}
	policy := DeployPolicy(p, "ACME", appOf("shop", "web", "api"))
	reached := 0
	for _, action := range actionsOf(t, policy) {
		if strings.Contains(action, "*") {
			t.Errorf("%s is more than one action", action)
		}
		if slices.Contains(loose, action) {
			continue
		}
		for _, o := range []struct{ client, app, service string }{
			{"GLOBEX", "shop", "web"},
			{"ACME-2", "shop", "web"},
			{"ACME-SHOP", "web", "api"},
			{"ACME-SHOP", "web-prod", "x"},
			{"ACM", "e-shop", "web"},
			{"ACMES", "hop", "web"},
			{"ACME-SHOP-WEB", "prod", "x"},
			{"MY-ACME", "shop", "web"},
		} {
			for _, r := range belongings(p, o.client, o.app, o.service) {
				if r.action = action; permits(t, policy, r) {
					t.Errorf("%s on %s, which is %s's", action, r.resource, o.client)
				}
			}
		}
		for _, r := range belongings(p, "ACME", "blog", "web") {
			r.action = action
			shared := strings.HasSuffix(action, "Tasks") // of the client's one cluster
			if !shared && permits(t, policy, r) {
				t.Errorf("%s on %s, which is another app's", action, r.resource)
			}
		}
		for _, elsewhere := range []Place{{"aws", "eu-west-1", p.Account}, {"aws", p.Region, "999999999999"}} {
			for _, r := range belongings(elsewhere, "ACME", "shop", "web") {
				if r.action = action; permits(t, policy, r) && !strings.Contains(r.resource, "::123456789012:role/") {
					t.Errorf("%s on %s", action, r.resource)
				}
			}
		}
		used := false
		for _, r := range belongings(p, "ACME", "shop", "web") {
			r.action = action
			used = used || permits(t, policy, r)
		}
		if !used {
			t.Errorf("%s is allowed on nothing of the app's own", action)
		}
		reached++
	}
	if reached < 15 {
		t.Errorf("only %d actions were tried", reached)
	}
}

func TestAPipelineCannotTurnItsOwnIntoOthers(t *testing.T) {
	p := Place{"aws", "eu-west-3", "123456789012"}
	policy := DeployPolicy(p, "ACME", appOf("shop", "web"))
	family, running := p.arn("ecs", "task-definition/acme-shop-web-prod"), p.arn("ecs", "service/acme/shop-web-prod")
	role := "arn:aws:iam::123456789012:role/"
	in := func(pairs ...string) map[string]string {
		out := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = pairs[i+1]
		}
		return out
	}
	for name, c := range map[string]struct {
		asked
		want bool
	}{
		"register a revision":                          {asked{"ecs:RegisterTaskDefinition", family + ":*", revision("ACME", "shop")}, true},
		"register one that says nothing of privileges": {asked{"ecs:RegisterTaskDefinition", family + ":*", revision("ACME", "shop", "ecs:privileged", "false")}, true},
		"register one that nobody owns":                {asked{"ecs:RegisterTaskDefinition", family + ":*", nil}, false},
		"register one as another app's":                {asked{"ecs:RegisterTaskDefinition", family + ":*", revision("ACME", "blog")}, false},
		"register one as another client's":             {asked{"ecs:RegisterTaskDefinition", family + ":*", revision("GLOBEX", "shop")}, false},
		"register one that owns its host":              {asked{"ecs:RegisterTaskDefinition", family + ":*", revision("ACME", "shop", "ecs:privileged", "true")}, false},
		"note that it ran":                             {asked{"ecs:TagResource", family + ":7", noted("ACME", "shop")}, true},
		"tag it as it is registered":                   {asked{"ecs:TagResource", family + ":7", revision("ACME", "shop", "ecs:CreateAction", "RegisterTaskDefinition")}, true},
		"tag a service as it is made":                  {asked{"ecs:TagResource", family + ":7", in("ecs:CreateAction", "CreateService")}, false},
		"take up one that nobody owns":                 {asked{"ecs:TagResource", family + ":7", revision("ACME", "shop")}, false},
		"note it on another app's":                     {asked{"ecs:TagResource", p.arn("ecs", "task-definition/acme-blog-web-prod:7"), noted("ACME", "shop")}, false},
		"call it another app's":                        {asked{"ecs:TagResource", family + ":7", noted("ACME", "shop", "aws:RequestTag/cicdctl:app", "blog")}, false},
		"call it another client's":                     {asked{"ecs:TagResource", family + ":7", noted("ACME", "shop", "aws:RequestTag/cicdctl:client", "GLOBEX")}, false},
		"run it":                                       {asked{"ecs:UpdateService", running, in("ecs:task-definition", family+":7")}, true},
		"take back the tasks":                          {asked{"ecs:UpdateService", running, nil}, true},
		"run another client's":                         {asked{"ecs:UpdateService", running, in("ecs:task-definition", p.arn("ecs", "task-definition/globex-shop-web-prod:7"))}, false},
		"run another app's":                            {asked{"ecs:UpdateService", running, in("ecs:task-definition", p.arn("ecs", "task-definition/acme-blog-web-prod:7"))}, false},
		"move into other subnets":                      {asked{"ecs:UpdateService", running, in("ecs:task-definition", family+":7", "ecs:subnet", "subnet-globex")}, false},
		"give containers the app's role":               {asked{"iam:PassRole", role + "acme-shop", passedTo("ecs-tasks.amazonaws.com")}, true},
		"give containers the app's role of preview":    {asked{"iam:PassRole", role + "acme-shop-preview", passedTo("ecs-tasks.amazonaws.com")}, true},
		"ask whether there are people":                 {asked{"secretsmanager:DescribeSecret", p.arn("secretsmanager", "secret:cicdctl/acme/shop-web-prod/users-a1B2c3"), nil}, true},
		"ask about a secret whose name goes on":        {asked{"secretsmanager:DescribeSecret", p.arn("secretsmanager", "secret:cicdctl/acme/shop-web-prod/users-old-a1B2c3"), nil}, false},
		"ask about the host key":                       {asked{"secretsmanager:DescribeSecret", p.arn("secretsmanager", "secret:cicdctl/acme/shop-web-prod/host-key-a1B2c3"), nil}, false},
		"read the people":                              {asked{"secretsmanager:GetSecretValue", p.arn("secretsmanager", "secret:cicdctl/acme/shop-web-prod/users-a1B2c3"), nil}, false},
		"change the people":                            {asked{"secretsmanager:PutSecretValue", p.arn("secretsmanager", "secret:cicdctl/acme/shop-web-prod/users-a1B2c3"), nil}, false},
		"give ECS the execution role":                  {asked{"iam:PassRole", role + "acme-shop-execution", passedTo("ecs-tasks.amazonaws.com")}, true},
		"give ECS another app's execution role":        {asked{"iam:PassRole", role + "acme-blog-execution", passedTo("ecs-tasks.amazonaws.com")}, false},
		"give containers what starts them":             {asked{"iam:PassRole", role + "acme-shop-execution", passedTo("ec2.amazonaws.com")}, false},
		"give hosts the app's role":                    {asked{"iam:PassRole", role + "acme-shop", passedTo("ec2.amazonaws.com")}, false},
		"give containers its own role":                 {asked{"iam:PassRole", role + "acme-shop-deploy", passedTo("ecs-tasks.amazonaws.com")}, false},
		"give containers the hosts' role":              {asked{"iam:PassRole", role + "acme-ecs-host", passedTo("ecs-tasks.amazonaws.com")}, false},
		"delete an image":                              {asked{"ecr:BatchDeleteImage", p.arn("ecr", "repository/acme/shop-web"), nil}, false},
		"delete the service":                           {asked{"ecs:DeleteService", running, nil}, false},
		"run a command in a container":                 {asked{"ecs:ExecuteCommand", p.arn("ecs", "task/acme/1"), in("ecs:cluster", p.arn("ecs", "cluster/acme"))}, false},
		"look at the tasks of another client cluster":  {asked{"ecs:DescribeTasks", p.arn("ecs", "task/globex/1"), in("ecs:cluster", p.arn("ecs", "cluster/globex"))}, false},
		"read the app's files":                         {asked{"s3:GetObject", "arn:aws:s3:::acme-shop-123456789012-eu-west-3-an/prod/x", nil}, false},
		"read a secret":                                {asked{"secretsmanager:GetSecretValue", p.arn("secretsmanager", "secret:cicdctl/acme/x"), nil}, false},
	} {
		if got := permits(t, policy, c.asked); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestGitLabInstances(t *testing.T) {
	for _, good := range []string{DefaultGitLab, "https://git.acme.example", "https://acme.example/gitlab"} {
		if err := CheckGitLab(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "gitlab.com", "http://gitlab.com", "https://", "https://gitlab.com/", "https://gitlab.com:8443", "https://GitLab.com", "https://me@gitlab.com", "https://gitlab.com?x=1", "https://gitlab.com/*", "https://gitlab.com/${aws:x}"} {
		if err := CheckGitLab(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
