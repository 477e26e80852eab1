package rules

import (
	"net/url"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// DefaultGitLab is where the clients' projects are unless the configuration names
// another instance.
const DefaultGitLab = "https://gitlab.com"

// CheckGitLab says what is wrong with the URL of a GitLab instance. IAM compares it
// with the issuer of tokens as it is written, and takes neither a port nor a query
// (CreateOpenIDConnectProvider). GitLab writes its own without a slash at the end.
func CheckGitLab(text string) error {
	u, err := url.Parse(text)
	plain := err == nil && u.Scheme == "https" && u.Hostname() != "" && u.Port() == "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
	switch {
	case !plain || u.Opaque != "" || strings.ContainsAny(text, "?#%*$ "):
		return lang.Errorf("gitlab: %q is not the address of a GitLab instance such as %s: https, a host name, no port", text, DefaultGitLab)
	case strings.HasSuffix(text, "/"):
		return lang.Errorf("gitlab: %q ends with a slash, which the issuer of GitLab's tokens does not", text)
	case text != strings.ToLower(text):
		return lang.Errorf("gitlab: %q must be in lower case, as the issuer of GitLab's tokens is: %s", text, strings.ToLower(text))
	case len(text) > 255:
		return lang.Errorf("gitlab: %q has more than the 255 characters that IAM takes", text)
	}
	return nil
}

// GitLabHost is the instance as IAM names its provider and the claims of its
// tokens: the URL without https://.
func GitLabHost(gitlab string) string { return strings.TrimPrefix(gitlab, "https://") }

// GitLabProviderARN is the account's provider of the instance's tokens.
func GitLabProviderARN(p Place, gitlab string) string {
	return "arn:" + p.Partition + ":iam::" + p.Account + ":oidc-provider/" + GitLabHost(gitlab)
}

// GitLabSubject is the claim `sub` of a token of GitLab for a job on a branch.
func GitLabSubject(project, branch string) string {
	return "project_path:" + project + ":ref_type:branch:ref:" + branch
}

// ExecutionRoleName is the role with which ECS starts an app's tasks: "acme-shop-execution".
func ExecutionRoleName(client, app string) string { return RoleName(client, app) + executionSuffix }

const executionSuffix = "-execution"

// DeployRoleName is the role of an app's pipeline: "acme-shop-deploy".
func DeployRoleName(client, app string) string { return RoleName(client, app) + deploySuffix }

const deploySuffix = "-deploy"

// IsDeployRole reports whether a role is what the pipelines of a client's app work as.
func IsDeployRole(client, role string) bool {
	app, deploys := strings.CutSuffix(role, deploySuffix)
	return deploys && len(app) > len(RoleName(client, "")) && strings.HasPrefix(app, RoleName(client, ""))
}

// DeployTrust lets the pipelines of one branch of one project take a role, and
// nothing else that the instance gives tokens to: the whole subject is compared, so
// neither another branch, a tag of that name, a fork, nor a project whose path only
// begins alike can. A merge request's pipeline has its source branch as ref, which
// is another one; unless it comes from a fork, from a branch of the same name, and a
// member runs it in the project: no claim that AWS compares tells that one apart.
//
// GitLab finds projects in any case, and its tokens have the project's own spelling: that of the
// spec, or small letters, as in most paths; both name the same project. The case of a branch,
// which the subject ends with, counts: another case is another branch, which anybody may push.
func DeployTrust(p Place, gitlab, project, branch string) string {
	host := GitLabHost(gitlab)
	subjects := []string{GitLabSubject(project, branch)}
	if small := strings.ToLower(project); small != project {
		subjects = append(subjects, GitLabSubject(small, branch))
	}
	return document(statement{
		Sid: "GitLab", Effect: "Allow", Principal: object{"Federated": GitLabProviderARN(p, gitlab)}, Action: []string{"sts:AssumeRoleWithWebIdentity"},
		Condition: object{"StringEquals": object{host + ":aud": gitlab, host + ":sub": subjects}},
	})
}

// MaxRolePolicy is how many characters a role's own policies may have (IAM quotas);
// white space is free.
const MaxRolePolicy = 10240

// DeployPolicy is what an app's pipeline may do: what `docker push` and `cicdctl
// deploy` call, on the app's own services.
//
// Names are written out, for both environments: a pattern that begins with the
// client and the app would also match those of a client whose name goes on.
//
// AWS ties three actions to nothing: the login to the registry, which gives no
// access by itself, and the two that read task definitions, which hold no secrets
// but the names of those in Secrets Manager. Of these it may know whether they have
// a value, and no more. Tasks are tied to the client's cluster:
// their ARNs do not name a service.
func DeployPolicy(p Place, client string, app spec.App) string {
	var repositories, families, running, logs, secrets, roles []string
	role := "arn:" + p.Partition + ":iam::" + p.Account + ":role/"
	for _, env := range spec.Envs() {
		roles = append(roles, role+AppRoleName(client, app.Name, env))
	}
	for _, svc := range app.Services {
		repositories = append(repositories, p.arn("ecr", "repository/"+RepositoryName(client, app.Name, svc.Name)))
		logs = append(logs, p.arn("logs", "log-group:"+LogGroupName(client, app.Name, svc.Name)+":*"))
		for _, env := range spec.Envs() {
			families = append(families, p.arn("ecs", "task-definition/"+TaskFamily(client, app.Name, svc.Name, env)+":*"))
			running = append(running, p.arn("ecs", "service/"+ClusterName(client)+"/"+ServiceName(app.Name, svc.Name, env)))
			for _, secret := range RuntimeOf(svc.Runtime).Secrets {
				if !secret.Generated {
					secrets = append(secrets, p.arn("secretsmanager", "secret:"+SecretName(client, app.Name, svc.Name, env, secret.Name)+secretSuffix))
				}
			}
		}
	}
	return document(append(lookAtSecrets(secrets),
		statement{Sid: "Login", Effect: "Allow", Action: []string{"ecr:GetAuthorizationToken"}, Resource: everywhere},
		statement{
			Sid: "Images", Effect: "Allow", Resource: repositories,
			Action: words(`ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:CompleteLayerUpload ecr:DescribeImageScanFindings ecr:DescribeImages
				ecr:GetDownloadUrlForLayer ecr:InitiateLayerUpload ecr:ListTagsForResource ecr:PutImage ecr:UploadLayerPart`),
		},
		statement{Sid: "LookAtRevisions", Effect: "Allow", Action: words("ecs:DescribeTaskDefinition ecs:ListTaskDefinitions"), Resource: everywhere},
		statement{
			// Tags say whose a revision is, so each has them. A privileged container would have
			// its host, and so the role of the host. IAM has no key for mounts of the host, for
			// its namespaces or for capabilities (service authorization reference).
			Sid: "Revisions", Effect: "Allow", Action: words("ecs:RegisterTaskDefinition"), Resource: families,
			Condition: object{
				"StringEquals":         object{"aws:RequestTag/" + tagKey: "cicdctl", "aws:RequestTag/cicdctl:client": client, "aws:RequestTag/cicdctl:app": app.Name},
				"StringEqualsIfExists": object{"ecs:privileged": "false"},
			},
		},
		statement{
			// Which families is said above: ECS asks with the same call.
			Sid: "TagAtBirth", Effect: "Allow", Action: words("ecs:TagResource"), Resource: []string{p.arn("ecs", "task-definition/*")},
			Condition: object{"StringEquals": object{"ecs:CreateAction": "RegisterTaskDefinition"}},
		},
		statement{
			// What is noted on a revision later cannot make it another's.
			Sid: "TagRevisions", Effect: "Allow", Action: words("ecs:TagResource"), Resource: families,
			Condition: object{
				"StringEquals":         object{"aws:ResourceTag/cicdctl:client": client, "aws:ResourceTag/cicdctl:app": app.Name},
				"StringEqualsIfExists": object{"aws:RequestTag/" + tagKey: "cicdctl", "aws:RequestTag/cicdctl:client": client, "aws:RequestTag/cicdctl:app": app.Name},
			},
		},
		statement{Sid: "LookAtServices", Effect: "Allow", Action: words("ecs:DescribeServices"), Resource: running},
		statement{
			// ECS starts whatever revision a service is told to run, with the roles in it,
			// and asks for no permission to pass them: another client's must not be named.
			// Nor may the service be moved into other subnets or groups.
			Sid: "Services", Effect: "Allow", Action: words("ecs:UpdateService"), Resource: running,
			Condition: object{"ArnLikeIfExists": object{"ecs:task-definition": families}, "Null": object{"ecs:subnet": "true"}},
		},
		statement{
			Sid: "Tasks", Effect: "Allow", Action: words("ecs:DescribeTasks ecs:ListTasks"), Resource: everywhere,
			Condition: object{"ArnEquals": object{"ecs:cluster": p.arn("ecs", "cluster/"+ClusterName(client))}},
		},
		statement{
			Sid: "Roles", Effect: "Allow", Action: words("iam:PassRole"), Resource: append(roles, role+ExecutionRoleName(client, app.Name)),
			Condition: object{"StringEquals": object{"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
		},
		statement{Sid: "Logs", Effect: "Allow", Action: words("logs:GetLogEvents"), Resource: logs},
	)...)
}

// lookAtSecrets is for apps with servers of files: others have no secrets of the platform's.
func lookAtSecrets(arns []string) []statement {
	if len(arns) == 0 {
		return nil
	}
	return []statement{{Sid: "Secrets", Effect: "Allow", Action: words("secretsmanager:DescribeSecret"), Resource: arns}}
}

// secretSuffix is what Secrets Manager puts behind a secret's name in its ARN: six
// characters, which nobody chooses.
const secretSuffix = "-??????"
