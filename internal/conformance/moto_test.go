package conformance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/awsapi/mototest"
	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// The same stack over real HTTP, judged by moto: an emulator kept by others.

// wire is an account of moto's.
type wire struct {
	*cloud.Operator
	server *mototest.Server
	id     string
}

func overHTTP(t *testing.T) *wire {
	t.Helper()
	server := mototest.Start(t)
	endpoint, credentials, id := server.Account(t)
	install := func(cfg *aws.Config) { cfg.BaseEndpoint, cfg.Credentials = &endpoint, credentials }
	o, err := cloud.Open(t.Context(), cloud.Config{}, cloud.Connection{Options: awsapi.Options{Install: install, Unlimited: true}, Pace: 20 * time.Millisecond, NewKey: quickKey})
	if err != nil {
		t.Fatal(err)
	}
	// The zone of the example's domains, so that its certificates are issued while a run waits.
	dns := route53.New(route53.Options{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials})
	zone, err := dns.CreateHostedZone(t.Context(), &route53.CreateHostedZoneInput{Name: aws.String("shop.example"), CallerReference: aws.String(id)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = dns.ChangeTagsForResource(t.Context(), &route53.ChangeTagsForResourceInput{
		ResourceType: route53types.TagResourceTypeHostedzone, ResourceId: aws.String(strings.TrimPrefix(aws.ToString(zone.HostedZone.Id), "/hostedzone/")),
		AddTags: []route53types.Tag{{Key: aws.String(provision.TagManagedBy), Value: aws.String(provision.ManagedBy)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &wire{o, server, id}
}

// onMoto is ACME with its site and without OpenVPN: moto has no Client VPN, which is tested
// in the sandbox alone.
func onMoto(tb testing.TB) *spec.Spec {
	tb.Helper()
	s := acme(tb)
	for i := range s.Apps[0].Services { // moto's Application Auto Scaling has no tags
		s.Apps[0].Services[i].MaxTasks = spec.Tasks{}
	}
	s.VPN.OpenVPN = nil
	return s
}

// wantNoChange fails when a second create writes anything, or a plan finds anything.
func (w *wire) wantNoChange(t *testing.T, s *spec.Spec) {
	t.Helper()
	w.server.ResetCalls(t, w.id)
	if err := create(t.Context(), w.Operator, s); err != nil {
		t.Fatal(err)
	}
	for name := range w.server.Calls(t, w.id) {
		_, operation, _ := strings.Cut(name, ":")
		read := false
		for _, verb := range []string{"Describe", "List", "Get", "Head"} {
			read = read || strings.HasPrefix(operation, verb)
		}
		if !read {
			t.Errorf("a second create called %s", name)
		}
	}
	for _, c := range plan(t.Context(), t, w.Operator, s).Changes() {
		if c.Op != provision.OpRetain {
			t.Errorf("a plan after create: %s", line(c))
		}
	}
}

func TestTheMainJobOverHTTP(t *testing.T) {
	t.Parallel()
	w, ctx := overHTTP(t), t.Context()
	if err := create(ctx, w.Operator, onMoto(t)); err != nil {
		t.Fatal(err)
	}
	w.wantNoChange(t, onMoto(t))
	byDefault, err := spec.Default("GLOBEX", region, w.Checks())
	if err != nil {
		t.Fatal(err)
	}
	if err := create(ctx, w.Operator, byDefault); err != nil {
		t.Fatal(err)
	}
	w.wantNoChange(t, onMoto(t))
	w.wantArchive(t, byDefault)
	w.wantDeploys(t, onMoto(t))
	w.wantNoChange(t, onMoto(t))
	want := map[string]string{"ACME": "10.20.0.0/21 10.20.8.0/21 10.20.16.0/21", "GLOBEX": "10.20.24.0/21 10.20.32.0/21 10.20.40.0/21"}
	clients, err := w.Clients(ctx, region)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		if got := texts(c.Subnets); got != want[c.Name] {
			t.Errorf("%s has %s, want %s", c.Name, got, want[c.Name])
		}
	}
	w.wantLosses(t)
	if err := destroy(ctx, w.Operator, "ACME", false); err != nil {
		t.Fatal(err)
	}
	if err := destroy(ctx, w.Operator, "ACME", false); err != nil {
		t.Errorf("destroying twice: %v", err)
	}
	w.server.WantSchemas(t, w.id)
	w.wantNoChange(t, byDefault)
	if clients, err = w.Clients(ctx, region); err != nil || len(clients) != 1 {
		t.Errorf("left are %v (%v), want GLOBEX alone", clients, err)
	}
	if cut := w.server.Hangups(t, w.id); len(cut) > 0 {
		t.Errorf("requests were cut off on the way: %v", cut)
	}
}

// wantLosses asks what would be lost with ACME.
func (w *wire) wantLosses(t *testing.T) {
	t.Helper()
	run, err := w.Remove(t.Context(), "ACME", region, false)
	if err != nil {
		t.Fatal(err)
	}
	p, err := run.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	removed, err := p.Removals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, r := range removed {
		for _, l := range r.Losses {
			told = append(told, r.Word+": "+l.String())
		}
	}
	for _, each := range []string{"shop/web: images: 3", "shop/web: tasks running in prod: 2", "shop/files: port 2222 of the load balancer"} {
		if !slices.Contains(told, each) {
			t.Errorf("a plan of destroy does not say %q: %q", each, told)
		}
	}
}

// wantArchive archives over HTTP and finds what it has made among the client's copies.
func (w *wire) wantArchive(t *testing.T, s *spec.Spec) {
	t.Helper()
	made, err := archived(t.Context(), w.Operator, s, false)
	if err != nil {
		t.Fatal(err)
	}
	p, err := backup.ReadPoints(t.Context(), w.Operator, s.Client, s.Region, s)
	if err != nil {
		t.Fatal(err)
	}
	for look, why := range p.Unknown {
		t.Errorf("%s: %s", look, why)
	}
	if !slices.ContainsFunc(p.Points, func(each backup.Point) bool {
		return each.Kind == rules.Archive && each.ID == made.Name && each.Until != nil
	}) {
		t.Errorf("%s is not among %+v", made.Name, p.Points)
	}
	for _, f := range p.Findings {
		t.Errorf("found %+v", f)
	}
}

// wantDeploys takes an image through preview to prod, another one after it, and goes back.
func (w *wire) wantDeploys(t *testing.T, s *spec.Spec) {
	t.Helper()
	ctx := t.Context()
	for _, tag := range []string{"v1", "v2"} {
		w.image(t, "acme/shop-web", tag)
		if _, err := deployImage(ctx, w.Operator, s, spec.Prod, tag, deploy.Request{}); !cloud.Refused(err) {
			t.Errorf("%s goes to prod before preview: %v", tag, err)
		}
		for _, env := range spec.Envs() {
			must(t)(deployImage(ctx, w.Operator, s, env, tag, deploy.Request{}))
			want(t, "again", must(t)(deployImage(ctx, w.Operator, s, env, tag, deploy.Request{})).State, deploy.DeployedBefore)
		}
	}
	must(t)(rollback(ctx, w.Operator, s, spec.Prod, ""))
	// moto has the rollouts of such images fail.
	w.image(t, "acme/shop-web", "fails-no-database")
	end, err := deployImage(ctx, w.Operator, s, spec.Preview, "fails-no-database", deploy.Request{})
	if failed, ok := errors.AsType[*deploy.DeployError](err); !ok || end.State != deploy.DeployFailed || !strings.Contains(failed.Reason, "ECS went back to acme-shop-web-preview:3 (v2 ") {
		t.Errorf("an image that does not run: %+v, %v", end, err)
	} else if why := end.Why; len(why.Tasks) != 3 || len(why.Unknown) > 0 || !slices.Equal(why.Log, []string{"fails-no-database"}) {
		t.Errorf("evidence %+v", why)
	}
	w.image(t, "acme/shop-files", "v1")
	if _, _, err := deployTo(ctx, w.Operator, s, "files", spec.Preview, "v1"); !cloud.Refused(err) {
		t.Errorf("files without people: %v", err)
	}
	letIn(ctx, t, w.Operator, s, "files", spec.Preview)
	must(t)(first(deployTo(ctx, w.Operator, s, "files", spec.Preview, "v1")))
	must(t)(first(restart(ctx, w.Operator, s, "files", spec.Preview)))
	all, err := deploy.Status(ctx, w.Operator, s, "shop", "web")
	if err != nil {
		t.Fatal(err)
	}
	for i, tag := range []string{"v2", "v1"} { // preview, prod
		if r := all[i]; r.Revision == nil || r.Revision.Tag != tag || r.State != cloud.StateRunning || r.Tasks != 2 {
			t.Errorf("%s: %+v, want %s", r.Unit, r, tag)
		}
	}
}

// image puts an image into a repository.
func (w *wire) image(t *testing.T, repository, tag string) {
	t.Helper()
	manifest := sandbox.ImageManifest(repository+tag, sandbox.ImageFate{})
	if _, err := w.Factory.Set(region).ECR.(*ecr.Client).PutImage(t.Context(), &ecr.PutImageInput{RepositoryName: &repository, ImageManifest: &manifest, ImageTag: &tag}); err != nil {
		t.Fatal(err)
	}
}

func texts(subnets []cloud.Subnet) string {
	var out []string
	for _, s := range subnets {
		out = append(out, s.CIDR.String())
	}
	return strings.Join(out, " ")
}

// TestTenFitOverHTTP takes the slots by their first subnets alone.
func TestTenFitOverHTTP(t *testing.T) {
	t.Parallel()
	w, ctx := overHTTP(t), t.Context()
	s, err := spec.Default("ACME", region, w.Checks())
	if err != nil {
		t.Fatal(err)
	}
	if err := create(ctx, w.Operator, s); err != nil {
		t.Fatal(err)
	}
	network := w.Factory.Set(region).EC2
	vpcs, err := network.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vpcs.Vpcs {
		if aws.ToString(v.CidrBlock) != "10.20.0.0/16" {
			continue
		}
		for _, slot := range w.Addr.Slots()[1:] {
			for _, subnet := range slot.Subnets() {
				if _, err := network.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: v.VpcId, CidrBlock: aws.String(subnet.String())}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	eleventh, err := spec.Default("ELEVENTH", region, w.Checks())
	if err != nil {
		t.Fatal(err)
	}
	var full *cloud.NoSlotError
	if _, err := w.Build(context.WithoutCancel(ctx), eleventh); !errors.As(err, &full) {
		t.Errorf("the eleventh client: %v, want no free slot", err)
	}
}
