package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"gitlab.com/cicd/cicdctl/internal/awsapi/mototest"
	"gitlab.com/cicd/cicdctl/internal/awsapi/recording"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// tool is the program to try.
var tool string

func TestMain(m *testing.M) {
	code, err := withTool(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withTool(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "acceptance")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	tool = filepath.Join(dir, "cicdctl")
	if out, err := exec.CommandContext(context.Background(), "go", "build", "-o", tool, "../../cmd/cicdctl").CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build: %w: %s", err, out)
	}
	return m.Run(), nil
}

// onMoto are options for an account of moto's, which stands for AWS.
func onMoto(t *testing.T) options {
	t.Helper()
	endpoint, provider, account := mototest.Start(t).Account(t)
	credentials, err := provider.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ENDPOINT_URL", endpoint)
	t.Setenv("AWS_ACCESS_KEY_ID", credentials.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", credentials.SecretAccessKey)
	t.Setenv("AWS_SESSION_TOKEN", credentials.SessionToken)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return options{
		account: account, region: mototest.Region, client: "ACCEPTANCE", image: "none", out: t.TempDir(), tool: tool,
		in: strings.NewReader(account + "\n"), stdout: &bytes.Buffer{},
		push: func(ctx context.Context, cfg aws.Config, repository, tag string) error {
			manifest := sandbox.ImageManifest(tag, sandbox.ImageFate{})
			_, err := ecr.NewFromConfig(cfg).PutImage(ctx, &ecr.PutImageInput{RepositoryName: &repository, ImageTag: &tag, ImageManifest: &manifest})
			return err
		},
	}
}

// TestAClientsLife keeps the acceptance from rotting: moto stands for AWS.
func TestAClientsLife(t *testing.T) {
	o := onMoto(t)
	err := run(t.Context(), o)
	said := o.stdout.(*bytes.Buffer).String()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	t.Log(said)
	if !strings.Contains(said, "USD") || !strings.Contains(said, "ec2/nat-gateway") {
		t.Error("neither plan nor cost was shown")
	}
	report, err := os.ReadFile(filepath.Join(o.out, "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	// moto has states that the sandbox has not, and the other way round.
	for _, want := range []string{"| sweep |", "| shape |", "| values |", "EC2.Describe"} {
		if !strings.Contains(string(report), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	secrets := regexp.MustCompile(regexp.QuoteMeta(o.account) + `|BEGIN [A-Z ]*PRIVATE KEY|` + regexp.QuoteMeta(os.Getenv("AWS_SECRET_ACCESS_KEY")) + `|\b(vpc|subnet|sg|acl)-[0-9a-f]{8,}`)
	recordings, err := filepath.Glob(filepath.Join(o.out, "*", "*.jsonl"))
	if err != nil || len(recordings) < 20 {
		t.Fatalf("%d recordings, %v", len(recordings), err)
	}
	for _, path := range append(recordings, filepath.Join(o.out, "report.md")) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if leak := secrets.Find(text); leak != nil {
			t.Errorf("%s holds %q", filepath.Base(path), leak)
		}
	}
}

func TestAcceptanceRefuses(t *testing.T) {
	o := onMoto(t)
	for name, c := range map[string]struct {
		change func(*options)
		want   string
	}{
		"an account that the credentials are not of": {func(o *options) { o.account = "999999999999" }, "ACCOUNT says 999999999999"},
		"no image":        {func(o *options) { o.image = "" }, "say IMAGE"},
		"no confirmation": {func(o *options) { o.in = strings.NewReader("yes\n") }, "not confirmed"},
	} {
		tried := o
		c.change(&tried)
		if err := run(t.Context(), tried); !errors.Is(err, errRefused) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want a refusal with %q", name, err, c.want)
		}
	}
}

func TestCompareTellsWhatIsOfAnotherKind(t *testing.T) {
	t.Parallel()
	vpcs := func(answer map[string]any, codes ...string) []recording.Exchange {
		return []recording.Exchange{{Service: "EC2", Operation: "DescribeVpcs", Answer: answer, Codes: codes}}
	}
	one := func(more map[string]any) map[string]any {
		vpc := map[string]any{"State": "available"}
		maps.Copy(vpc, more)
		return map[string]any{"Vpcs": []any{vpc}}
	}
	for name, c := range map[string]struct {
		outside, inside []recording.Exchange
		want            []difference
	}{
		"the same":                 {vpcs(one(nil)), vpcs(one(nil)), nil},
		"a member that AWS adds":   {vpcs(one(map[string]any{"Mode": map[string]any{"On": true}})), vpcs(one(nil)), []difference{{"EC2.DescribeVpcs", shape, "Vpcs[].Mode", "told", "not told"}}},
		"a member that AWS lacks":  {vpcs(one(nil)), vpcs(one(map[string]any{"OwnerId": "ACCOUNT"})), []difference{{"EC2.DescribeVpcs", shape, "Vpcs[].OwnerId", "not told", "told: ACCOUNT"}}},
		"another default":          {vpcs(one(map[string]any{"IsDefault": true})), vpcs(one(map[string]any{"IsDefault": false})), []difference{{"EC2.DescribeVpcs", values, "Vpcs[].IsDefault", "true", "false"}}},
		"names are not compared":   {vpcs(one(map[string]any{"Name": "a/1"})), vpcs(one(map[string]any{"Name": "b/2"})), nil},
		"another order":            {vpcs(map[string]any{"Names": []any{"b", "a"}}), vpcs(map[string]any{"Names": []any{"a", "b"}}), []difference{{"EC2.DescribeVpcs", inOrder, "Names", `["b","a"]`, `["a","b"]`}}},
		"another code":             {vpcs(nil, "UnauthorizedOperation"), vpcs(nil, "AccessDenied"), []difference{{"EC2.DescribeVpcs", codeSort, "", "UnauthorizedOperation", "AccessDenied"}}},
		"what only AWS was asked":  {vpcs(one(nil)), nil, []difference{{"EC2.DescribeVpcs", asked, "", "1 calls", "never called"}}},
		"nothing below what lacks": {vpcs(map[string]any{"A": map[string]any{"B": map[string]any{"C": "x"}}}), vpcs(map[string]any{}), []difference{{"EC2.DescribeVpcs", shape, "A", "told", "not told"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := compare(profiles(c.outside), profiles(c.inside))
			if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}
