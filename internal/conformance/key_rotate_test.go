package conformance

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/crypto/ssh"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	clients "gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// rotator is another process, which makes another key whenever it makes one.
func rotator(tb testing.TB, account *sandbox.Account) *cloud.Operator {
	tb.Helper()
	o, err := cloud.Open(context.Background(), cloud.Config{}, cloud.Connection{
		Options: awsapi.Options{Install: account.Install, Unlimited: true}, Pace: 100 * time.Millisecond,
		NewKey: func(int) (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 1024) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

func rotateKey(ctx context.Context, o *cloud.Operator, s *spec.Spec, inWindow bool, looks ...func(done, all int)) (*clients.KeyRotation, error) {
	k, err := clients.PrepareKeyRotation(ctx, o, s)
	if err != nil {
		return nil, err
	}
	apply := func(ctx context.Context, run *cloud.Run, plan *cloud.Plan) (*cloud.Plan, error) {
		return run.Apply(ctx, plan, nil, nil)
	}
	return k, k.Run(ctx, inWindow, apply, func(done, all int) {
		for _, look := range looks {
			look(done, all)
		}
	})
}

// keys is what AWS tells of ACME's keys: the current one, those before it, the names of its key
// pairs, the one that the next host is started with, and those that hosts were started with.
type keys struct {
	current       string
	old           []string
	pairs, hosts  []string
	next, matches string
}

func (r *rig) keys(ctx context.Context) keys {
	r.tb.Helper()
	account, err := r.Account(ctx)
	if err != nil {
		r.tb.Fatal(err)
	}
	scope := r.Within(r.Within(account, provision.RegionLevel, region, ""), provision.ClientLevel, region, "ACME")
	e, err := s3.EscrowOf(ctx, provision.NewSweep(scope), "ACME")
	if err != nil {
		r.tb.Fatal(err)
	}
	k := keys{current: e.Fingerprint()}
	old, err := e.OldKeys(ctx, scope)
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, each := range old {
		k.old = append(k.old, each.Fingerprint)
	}
	pairs, err := scope.API.EC2.DescribeKeyPairs(ctx, &ec2.DescribeKeyPairsInput{IncludePublicKey: aws.Bool(true)})
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, p := range pairs.KeyPairs {
		k.pairs = append(k.pairs, *p.KeyName)
		if *p.PublicKey == e.Public {
			k.matches = *p.KeyName
		}
	}
	versions, err := scope.API.EC2.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateName: aws.String(rules.HostsName("ACME")), Versions: []string{"$Latest"},
	})
	if err != nil {
		r.tb.Fatal(err)
	}
	k.next = *versions.LaunchTemplateVersions[0].LaunchTemplateData.KeyName
	for p := ec2.NewDescribeInstancesPaginator(scope.API.EC2, &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{{Name: aws.String("instance-state-name"), Values: []string{"pending", "running"}}}}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			r.tb.Fatal(err)
		}
		for _, reservation := range page.Reservations {
			k.hosts = append(k.hosts, *reservation.Instances[0].KeyName)
		}
	}
	return k
}

// wantRotated fails unless everything has the current key and nothing another one.
func (r *rig) wantRotated(ctx context.Context) {
	r.tb.Helper()
	k := r.keys(ctx)
	if k.matches == "" || !slices.Equal(k.pairs, []string{k.matches}) || k.next != k.matches || len(k.old) > 0 {
		r.tb.Errorf("the keys are %+v", k)
	}
	if len(k.hosts) != 3 || slices.ContainsFunc(k.hosts, func(name string) bool { return name != k.matches }) {
		r.tb.Errorf("the hosts were started with %v, the key pair is %s", k.hosts, k.matches)
	}
}

// rotating is an account in which a service runs, before a rotation, and as a snapshot.
func rotating(t *testing.T) (*rig, any) {
	t.Helper()
	ctx, r := t.Context(), protectedRig(t)
	r.push("ACME", "app-web", "v1", sandbox.ImageFate{})
	must(t)(deployImage(ctx, r.Operator, small(t), spec.Preview, "v1", deploy.Request{}))
	return r, r.tree()
}

// The key is another one, and so are the hosts; the service runs all the time.
func TestAKeyIsRotatedWithItsHosts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		r, _ := rotating(t)
		before := r.keys(ctx)
		short, looked := false, 0
		looks := func(int, int) {
			ran := 0
			for _, task := range r.tree()["ECS"].(map[string]any)[region].(map[string]any)["Tasks"].([]any) {
				if task.(map[string]any)["V"].(map[string]any)["LastStatus"] == "RUNNING" {
					ran++
				}
			}
			short = short || ran < 2
			looked++
		}
		k, err := rotateKey(ctx, rotator(t, r.account), small(t), false, looks)
		if err != nil {
			t.Fatal(err)
		}
		after := r.keys(ctx)
		if short || looked < 3 {
			t.Errorf("fewer tasks ran than the service has, at one of %d looks", looked)
		}
		if k.Old != before.current || k.New != after.current || k.New == k.Old || !k.Removed || k.Pair != after.matches || k.Pair == before.matches || len(k.Hosts) != 3 {
			t.Errorf("it is said that %+v, of %+v and %+v", k, before, after)
		}
		r.wantRotated(ctx)
		r.wantNoChange(ctx, small(t))
		want(t, "it runs", r.runs(ctx, small(t), spec.Preview), "v1 running 2/2")
	})
}

// Hosts that are left to the maintenance window keep the old key in escrow, until another run
// finds them replaced.
func TestAnOldKeyStaysForItsHosts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		r, _ := rotating(t)
		before := r.keys(ctx)
		k, err := rotateKey(ctx, rotator(t, r.account), small(t), true)
		if err != nil {
			t.Fatal(err)
		}
		now := r.keys(ctx)
		if k.Removed || !slices.Equal(now.old, []string{before.current}) || !slices.Equal(now.hosts, before.hosts) || now.next != now.matches || len(now.pairs) != 1 {
			t.Errorf("it is said that %+v, of %+v", k, now)
		}
		r.wantNoChange(ctx, small(t))
		// Somebody goes on with it: no third key is made.
		if k, err = rotateKey(ctx, rotator(t, r.account), small(t), false); err != nil || !k.Removed || k.New != now.current {
			t.Errorf("the second run: %+v, %v", k, err)
		}
		r.wantRotated(ctx)
	})
}

// Killed at any call, hosts can be started, and no key is lost that one of them has. Whatever
// runs next, the rotation ends where an undisturbed one does.
func TestAKeyRotationConvergesWhereverItIsKilled(t *testing.T) {
	t.Parallel()
	calls := 0
	var snapshot any
	synctest.Test(t, func(t *testing.T) {
		r, tree := rotating(t)
		snapshot = tree
		r.account.Forget()
		if _, err := rotateKey(t.Context(), rotator(t, r.account), small(t), false); err != nil {
			t.Fatal(err)
		}
		calls = r.changes()
	})
	if calls < 5 {
		t.Fatalf("a rotation makes %d changes", calls)
	}
	everyCall(t, calls, func(t *testing.T, n int, after bool) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(snapshot)
		time.Sleep(time.Hour) // a bubble's clock starts anew, before what the snapshot tells
		before := r.keys(ctx)
		r.killAt(n, after)
		_, _ = rotateKey(ctx, rotator(t, r.account), small(t), false)
		r.revive()
		k := r.keys(ctx)
		if !slices.Contains(k.pairs, k.next) {
			t.Errorf("no host can be started: the template has %s, and there are %v", k.next, k.pairs)
		}
		if slices.Contains(k.hosts, before.matches) && !slices.Contains(append(k.old, k.current), before.current) {
			t.Errorf("the key of hosts is lost: %+v", k)
		}
		if n%2 == 0 { // a run of something else does no harm in between
			if err := create(ctx, rotator(t, r.account), small(t)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := rotateKey(ctx, rotator(t, r.account), small(t), false); err != nil {
			t.Fatal(err)
		}
		r.wantRotated(ctx)
		r.wantNoChange(ctx, small(t))
		want(t, "it runs", r.runs(ctx, small(t), spec.Preview), "v1 running 2/2")
	})
}

// A key pair that is not the one before is not replaced: somebody has changed one of the two.
func TestAnotherKeyPairIsNoRotation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		r, _ := rotating(t)
		private, err := rsa.GenerateKey(rand.Reader, 1024)
		if err != nil {
			t.Fatal(err)
		}
		other, err := ssh.NewPublicKey(&private.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		tree := r.tree()
		for _, pair := range tree["EC2"].(map[string]any)[region].(map[string]any)["KeyPairs"].([]any) {
			pair.(map[string]any)["V"].(map[string]any)["PublicKey"] = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(other)))
		}
		r.restore(tree)
		_, err = rotateKey(ctx, rotator(t, r.account), small(t), false)
		if !cloud.Refused(err) || !strings.Contains(err.Error(), "public key") {
			t.Errorf("another key pair: %v", err)
		}
	})
}
