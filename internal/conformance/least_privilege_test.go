package conformance

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	ecskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/ecs"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// Whoever may tag what is somebody else's makes it cicdctl's, and may then remove it.
func TestOperatorsTagWhatIsOursOnly(t *testing.T) {
	policy := parse(t, rules.OperatorPolicies()...)
	for action, c := range map[string]struct{ key, makes, changes string }{
		"ec2:CreateTags":               {"ec2:CreateAction", "CreateSubnet", "ModifySubnetAttribute"},
		"ecs:TagResource":              {"ecs:CreateAction", "CreateService", "UpdateService"},
		"elasticloadbalancing:AddTags": {"elasticloadbalancing:CreateAction", "CreateRule", "ModifyRule"},
	} {
		// What is asked for carries cicdctl's tags each time.
		asking := func(pairs ...string) map[string]string {
			context := map[string]string{"aws:RequestedRegion": region, "aws:RequestTag/cicdctl:managed-by": "cicdctl"}
			for i := 0; i < len(pairs); i += 2 {
				context[pairs[i]] = pairs[i+1]
			}
			return context
		}
		for name, q := range map[string]struct {
			context map[string]string
			want    bool
		}{
			"somebody else's":                    {asking(), false},
			"another tool's":                     {asking("aws:ResourceTag/cicdctl:managed-by", "terraform"), false},
			"ours":                               {asking("aws:ResourceTag/cicdctl:managed-by", "cicdctl"), true},
			"what is being made":                 {asking(c.key, c.makes), true},
			"what a call that makes nothing has": {asking(c.key, c.changes), false},
			"ours, in a region of nobody":        {map[string]string{"aws:RequestedRegion": "us-east-1", "aws:ResourceTag/cicdctl:managed-by": "cicdctl"}, false},
		} {
			if got := allowed(policy, request{action, "*", q.context}); got != q.want {
				t.Errorf("%s of %s: %v, want %v", action, name, got, q.want)
			}
		}
	}
}

// Zones hold the mail and the hosts of a domain; cicdctl puts the records that prove
// to ACM whose a domain is, and no others.
func TestOperatorsPutValidationRecordsOnly(t *testing.T) {
	const zone = "arn:aws:route53:::hostedzone/Z1"
	policy := parse(t, rules.OperatorPolicies()...)
	change := func(actions, names, types string) map[string]string {
		return map[string]string{
			"route53:ChangeResourceRecordSetsActions": actions, "route53:ChangeResourceRecordSetsNormalizedRecordNames": names, "route53:ChangeResourceRecordSetsRecordTypes": types,
		}
	}
	for name, c := range map[string]struct {
		context map[string]string
		want    bool
	}{
		"a record of validation":               {change("UPSERT", "_0a1b.shop.example", "CNAME"), true},
		"two of them":                          {change(strings.Repeat("\nUPSERT", 2)[1:], "_0a.shop.example\n_0b.www.shop.example", strings.Repeat("\nCNAME", 2)[1:]), true},
		"the domain's own address":             {change("UPSERT", "shop.example", "A"), false},
		"a host's name":                        {change("UPSERT", "www.shop.example", "CNAME"), false},
		"a host's name behind a record":        {change(strings.Repeat("\nUPSERT", 2)[1:], "_0a.shop.example\nwww.shop.example", strings.Repeat("\nCNAME", 2)[1:]), false},
		"a policy of mail":                     {change("UPSERT", "_dmarc.shop.example", "TXT"), false},
		"a service's record":                   {change("UPSERT", "_sip._tcp.shop.example", "SRV"), false},
		"the removal of a record":              {change("DELETE", "_0a1b.shop.example", "CNAME"), false},
		"a name with an underscore further on": {change("UPSERT", "a._domainkey.shop.example", "CNAME"), false},
		"nothing that AWS tells of":            {nil, false},
	} {
		if got := allowed(policy, request{"route53:ChangeResourceRecordSets", zone, c.context}); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// A bucket outside of the account's own namespace could be had by others before.
func TestOperatorsMakeBucketsInTheAccountsNamespaceOnly(t *testing.T) {
	policy := parse(t, rules.OperatorPolicies()...)
	bucket := "arn:aws:s3:::" + rules.BucketName("ACME", "shop", region, "123456789012")
	for name, c := range map[string]struct {
		context map[string]string
		want    bool
	}{
		"the account's own": {map[string]string{"s3:x-amz-bucket-namespace": "account-regional"}, true},
		"everybody's":       {map[string]string{"s3:x-amz-bucket-namespace": "global"}, false},
		"not told":          {map[string]string{}, false},
	} {
		if got := allowed(policy, request{"s3:CreateBucket", bucket, c.context}); got != c.want {
			t.Errorf("a bucket in a namespace that is %s: %v, want %v", name, got, c.want)
		}
	}
}

// A policy that names a key or an operator of which the evaluator knows nothing fails
// the test that asks, rather than being judged by chance.
func TestTheEvaluatorJudgesNothingItDoesNotKnow(t *testing.T) {
	for name, condition := range map[string]string{
		"a key":                   `{"StringEquals":{"ec2:Tenancy":"default"}}`,
		"an operator":             `{"StringEqualsIgnoreCase":{"aws:RequestedRegion":"eu-west-3"}}`,
		"a misspelt set operator": `{"ForAll:StringEquals":{"aws:RequestedRegion":"eu-west-3"}}`,
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is taken", name)
				}
			}()
			policy := statements(t, `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":`+condition+`}]}`)
			allowed(policy, request{"ec2:CreateVpc", "*", map[string]string{"aws:RequestedRegion": region}})
		}()
	}
}

// One role that starts the containers of all apps would open the secrets of each to
// the pipelines of the others. A client that still has it loses it.
func TestEachAppHasItsOwnExecutionRole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s := client(t, "ACME", "\ndatabase:", `
  - name: blog
    repository: acme/blog
    services: [{name: web, runtime: nodejs, path: /blog/*}]

database:`)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region)
		for _, app := range s.Apps {
			family := rules.TaskFamily("ACME", app.Name, app.Services[0].Name, "prod")
			d, err := api.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &family})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := aws.ToString(d.TaskDefinition.ExecutionRoleArn), "arn:aws:iam::123456789012:role/acme-"+app.Name+"-execution"; got != want {
				t.Errorf("%s is started by %s, want %s", family, got, want)
			}
		}
		const old = "acme-ecs-execution"
		own, err := api.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("acme-shop-execution")})
		if err != nil {
			t.Fatal(err)
		}
		tags := map[string]string{}
		for _, tag := range own.Role.Tags {
			tags[aws.ToString(tag.Key)] = strings.ReplaceAll(aws.ToString(tag.Value), "acme-shop-execution", old)
		}
		tags["cicdctl:role"] = "ecs-execution"
		delete(tags, "cicdctl:app")
		var list []iamtypes.Tag
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			list = append(list, iamtypes.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
		}
		if _, err := api.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String(old), AssumeRolePolicyDocument: aws.String(rules.Trust("ecs-tasks.amazonaws.com", "123456789012", "")), Tags: list}); err != nil {
			t.Fatal(err)
		}
		if err := create(ctx, operator(t, r.account, cloud.Config{}), s); err != nil {
			t.Fatal(err)
		}
		if _, err := api.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(old)}); !awsapi.Is(err, awsapi.NotFound) {
			t.Errorf("the client's one execution role is still there: %v", err)
		}
		r.wantNoChange(ctx, s)
	})
}

// All clients of a region reach S3 over one endpoint. Nobody takes data over it to a
// bucket of another account, or brings another account's credentials along.
func TestTheEndpointLeadsToOurBucketsOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		look := func() (id *string, policy []policyStatement) {
			out, err := r.Factory.Set(region).EC2.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range out.VpcEndpoints {
				if strings.HasSuffix(aws.ToString(e.ServiceName), ".s3") {
					return e.VpcEndpointId, statements(t, aws.ToString(e.PolicyDocument))
				}
			}
			t.Fatal("there is no endpoint of S3")
			return nil, nil
		}
		const own, stranger = "123456789012", "999999999999"
		by := func(principal, resource string) map[string]string {
			context := map[string]string{"aws:ResourceAccount": resource}
			if principal != "" { // nobody's call tells of no account
				context["aws:PrincipalAccount"] = principal
			}
			return context
		}
		bucket := "arn:aws:s3:::" + rules.BucketName("ACME", "shop", region, own)
		id, policy := look()
		for name, c := range map[string]struct {
			request
			want bool
		}{
			"a container writes its files":       {request{"s3:PutObject", bucket + "/prod/a", by(own, own)}, true},
			"a container lists its files":        {request{"s3:ListBucket", bucket, by(own, own)}, true},
			"a container gives up an upload":     {request{"s3:AbortMultipartUpload", bucket + "/prod/a", by(own, own)}, true},
			"a layer of an image is pulled":      {request{"s3:GetObject", "arn:aws:s3:::prod-eu-west-3-starport-layer-bucket/a", by(stranger, stranger)}, true},
			"a host installs a package":          {request{"s3:GetObject", "arn:aws:s3:::al2023-repos-eu-west-3-de612dc2/core/a", by("", stranger)}, true},
			"a host renews its agent":            {request{"s3:GetObject", "arn:aws:s3:::amazon-ssm-eu-west-3/latest/a", by("", stranger)}, true},
			"data leaves for another's bucket":   {request{"s3:PutObject", "arn:aws:s3:::loot/a", by(own, stranger)}, false},
			"data leaves with another's key":     {request{"s3:PutObject", "arn:aws:s3:::loot/a", by(stranger, stranger)}, false},
			"another's key reads ours":           {request{"s3:GetObject", bucket + "/prod/a", by(stranger, own)}, false},
			"nobody reads ours":                  {request{"s3:GetObject", bucket + "/prod/a", by("", own)}, false},
			"a tool comes from another's bucket": {request{"s3:GetObject", "arn:aws:s3:::tools/a", by("", stranger)}, false},
			"data goes to where layers are":      {request{"s3:PutObject", "arn:aws:s3:::prod-eu-west-3-starport-layer-bucket/a", by(own, stranger)}, false},
			"a bucket named like AWS's packages": {request{"s3:GetObject", "arn:aws:s3:::al2023-repos-eu-west-3-00000000/core/a", by("", stranger)}, false},
			"layers of another region":           {request{"s3:GetObject", "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/a", by(stranger, stranger)}, false},
		} {
			if got := allowed(policy, c.request); got != c.want {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
		if _, err := r.Factory.Set(region).EC2.(*ec2.Client).ModifyVpcEndpoint(ctx, &ec2.ModifyVpcEndpointInput{VpcEndpointId: id, ResetPolicy: aws.Bool(true)}); err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, c := range plan(ctx, t, r.Operator, small(t)).Changes() {
			for _, d := range c.Diffs {
				told = append(told, c.Kind+" "+d.Field)
			}
		}
		if !slices.Equal(told, []string{"ec2/vpc-endpoint policy"}) {
			t.Errorf("a policy that was opened by hand shows as %v", told)
		}
		if err := create(ctx, operator(t, r.account, cloud.Config{}), small(t)); err != nil {
			t.Fatal(err)
		}
		if _, healed := look(); allowed(healed, request{"s3:PutObject", "arn:aws:s3:::loot/a", by(own, stranger)}) {
			t.Error("the endpoint is still open")
		}
		r.wantNoChange(ctx, small(t))
	})
}

// What IAM cannot refuse a pipeline is told, and taken back with the next run.
func TestWhatATaskTakesOfItsHostIsFound(t *testing.T) {
	t.Parallel()
	sidecar := func(change func(*ecstypes.ContainerDefinition)) func(*ecs.RegisterTaskDefinitionInput) {
		return func(in *ecs.RegisterTaskDefinitionInput) {
			c := ecstypes.ContainerDefinition{Name: aws.String("helper"), Image: aws.String("helper"), Memory: aws.Int32(64)}
			change(&c)
			in.ContainerDefinitions = append(in.ContainerDefinitions, c)
		}
	}
	mount := func(v ecstypes.Volume) func(*ecs.RegisterTaskDefinitionInput) {
		return func(in *ecs.RegisterTaskDefinitionInput) {
			v.Name = aws.String("root")
			in.Volumes = append(in.Volumes, v)
			c := &in.ContainerDefinitions[0]
			c.MountPoints = append(c.MountPoints, ecstypes.MountPoint{SourceVolume: aws.String("root"), ContainerPath: aws.String("/host")})
		}
	}
	for name, c := range map[string]struct {
		change func(*ecs.RegisterTaskDefinitionInput)
		told   string
	}{
		"a directory":                        {mount(ecstypes.Volume{Host: &ecstypes.HostVolumeProperties{SourcePath: aws.String("/var/run")}}), "mounts of the host: /var/run"},
		"a directory by Docker's own driver": {mount(ecstypes.Volume{DockerVolumeConfiguration: &ecstypes.DockerVolumeConfiguration{DriverOpts: map[string]string{"type": "none", "o": "bind", "device": "/"}}}), "mounts of the host: /"},
		"its processes":                      {func(in *ecs.RegisterTaskDefinitionInput) { in.PidMode = ecstypes.PidModeHost }, "shares the host's processes or memory"},
		"all of it, in a second container":   {sidecar(func(c *ecstypes.ContainerDefinition) { c.Privileged = aws.Bool(true) }), "helper is privileged"},
		"a capability": {sidecar(func(c *ecstypes.ContainerDefinition) {
			c.LinuxParameters = &ecstypes.LinuxParameters{Capabilities: &ecstypes.KernelCapabilities{Add: []string{"SYS_ADMIN"}, Drop: []string{"CHOWN"}}}
		}), "helper has SYS_ADMIN"},
		"a device": {sidecar(func(c *ecstypes.ContainerDefinition) {
			c.LinuxParameters = &ecstypes.LinuxParameters{Devices: []ecstypes.Device{{HostPath: aws.String("/dev/xvda")}}}
		}), "helper has the host's device /dev/xvda"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				s := acme(t)
				if err := create(ctx, r.Operator, s); err != nil {
					t.Fatal(err)
				}
				api := r.Factory.Set(region).ECS
				family := aws.String("acme-shop-web-prod")
				newest := func() *ecs.DescribeTaskDefinitionOutput {
					d, err := api.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: family, Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags}})
					if err != nil {
						t.Fatal(err)
					}
					return d
				}
				old := newest()
				in := ecskinds.Registration(*old.TaskDefinition, nil)
				in.Tags = old.Tags
				c.change(in)
				if _, err := api.RegisterTaskDefinition(ctx, in); err != nil {
					t.Fatal(err)
				}
				var told string
				for _, change := range plan(ctx, t, r.Operator, s).Changes() {
					for _, d := range change.Diffs {
						told += change.Kind + " " + d.Field + ": " + d.Have + "\n"
					}
				}
				if !strings.HasPrefix(told, "ecs/task-definition confinement: ") || !strings.Contains(told, c.told) {
					t.Errorf("the plan tells %q, want %q", told, c.told)
				}
				if err := create(ctx, operator(t, r.account, cloud.Config{}), s); err != nil {
					t.Fatal(err)
				}
				if d := newest().TaskDefinition; d.Revision != 3 || len(d.ContainerDefinitions) != len(in.ContainerDefinitions) {
					t.Errorf("revision %d has %d containers, want the third with all %d", d.Revision, len(d.ContainerDefinitions), len(in.ContainerDefinitions))
				}
				r.wantNoChange(ctx, s)
			})
		})
	}
}
