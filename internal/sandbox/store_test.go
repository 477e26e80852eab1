package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// TestNextProcessFindsTheAccount opens the file twice, one after the other and
// then both at once.
func TestNextProcessFindsTheAccount(t *testing.T) {
	path, ctx := filepath.Join(t.TempDir(), "dir", "sandbox.json"), context.Background()
	open := func() *ec2.Client {
		account, err := New(Options{Path: path, Lag: -1})
		if err != nil {
			t.Fatal(err)
		}
		cfg := aws.Config{Region: "eu-west-3"}
		account.Install(&cfg)
		return ec2.NewFromConfig(cfg)
	}
	vpcs := func(c *ec2.Client) int {
		n := 0
		for p := ec2.NewDescribeVpcsPaginator(c, &ec2.DescribeVpcsInput{}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			n += len(page.Vpcs)
		}
		return n
	}
	create := func(c *ec2.Client, cidr string) {
		if _, err := c.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: &cidr}); err != nil {
			t.Fatal(err)
		}
	}
	first := open()
	before := vpcs(first)
	create(first, "10.20.0.0/16")
	second := open()
	if got := vpcs(second); got != before+1 {
		t.Fatalf("the next process sees %d VPCs, not %d", got, before+1)
	}
	create(second, "10.21.0.0/16")
	if got := vpcs(first); got != before+2 {
		t.Errorf("the first process sees %d VPCs, not %d", got, before+2)
	}
}

// What parts leaves out is lost between two processes.
func TestEveryPartIsInTheFile(t *testing.T) {
	st := newState()
	var have []string
	for _, p := range st.parts() {
		have = append(have, p.name)
		if of := reflect.ValueOf(st).Elem().FieldByName(p.name); !of.IsValid() || of.Addr().Interface() != any(p.part) {
			t.Errorf("parts has something else under the name %s than the state", p.name)
		}
	}
	for f := range reflect.TypeFor[state]().Fields() {
		if f.Name != "Seq" && !slices.Contains(have, f.Name) {
			t.Errorf("%s is in state and not in parts: add it to parts in store.go", f.Name)
		}
	}
}

// TestFileLaidOutByOthers reads a file that another program has laid out anew, and
// tells of one that is damaged.
func TestFileLaidOutByOthers(t *testing.T) {
	path, ctx := filepath.Join(t.TempDir(), "sandbox.json"), context.Background()
	account, err := New(Options{Path: path, Lag: -1})
	if err != nil {
		t.Fatal(err)
	}
	cfg := aws.Config{Region: "eu-west-3"}
	account.Install(&cfg)
	client := ec2.NewFromConfig(cfg)
	if _, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.20.0.0/16")}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := account.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, data, "", "  "); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"its own lines": data, "indented": pretty.Bytes()} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := account.Snapshot(); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
	for name, text := range map[string]string{
		"cut off":      string(data[:len(data)/2]),
		"another type": strings.Replace(string(data), `,"EC2":{`, `,"EC2":{"eu-west-3":7},"was":{`, 1),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := client.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{}); err == nil || !strings.Contains(err.Error(), "remove") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
