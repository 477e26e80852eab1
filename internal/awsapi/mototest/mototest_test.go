package mototest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// account gives a test the configuration of an account of its own.
func account(t *testing.T) (aws.Config, string) {
	t.Helper()
	endpoint, provider, id := Start(t).Account(t)
	return aws.Config{Region: Region, BaseEndpoint: aws.String(endpoint), Credentials: provider}, id
}

func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	one, id := account(t)
	other, _ := account(t)

	who, err := sts.NewFromConfig(one).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(who.Account); got != id {
		t.Errorf("the credentials belong to account %s, want %s", got, id)
	}

	made, err := ec2.NewFromConfig(one).CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	seen, err := ec2.NewFromConfig(other).DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, vpc := range seen.Vpcs {
		if aws.ToString(vpc.VpcId) == aws.ToString(made.Vpc.VpcId) {
			t.Errorf("%s is seen from another account", aws.ToString(vpc.VpcId))
		}
	}
}

func TestCallsAreCountedPerAccount(t *testing.T) {
	t.Parallel()
	server := Start(t)
	config, id := account(t)
	network := ec2.NewFromConfig(config)
	storage := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	bucket := aws.String("cicdctl") // also the path of the counts

	var errs []error
	call := func(_ any, err error) { errs = append(errs, err) }
	call(network.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}))
	call(network.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}))
	call(storage.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket:                    bucket,
		CreateBucketConfiguration: location(),
	}))
	call(storage.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String("calls"), Body: strings.NewReader("x")}))
	call(storage.GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: aws.String("cicdctl")}))
	call(storage.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: bucket}))
	call(storage.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("b"), CopySource: aws.String("cicdctl/calls")}))
	call(storage.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("calls")}))
	call(storage.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: bucket}))
	var missing smithy.APIError
	if err := errors.Join(errs...); !errors.As(err, &missing) || missing.ErrorCode() != "NoSuchLifecycleConfiguration" {
		t.Fatalf("only the lifecycle configuration is missing, got %v", err)
	}

	want := map[string]int{
		"ec2:DescribeVpcs": 2, "s3:CreateBucket": 1, "s3:PutObject": 1, "s3:GetBucketLifecycleConfiguration": 1,
		"s3:ListObjectsV2": 1, "s3:CopyObject": 1, "s3:HeadObject": 1, "s3:HeadBucket": 1,
	}
	if diff := cmp.Diff(want, server.Calls(t, id)); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	server.ResetCalls(t, id)
	if got := server.Calls(t, id); len(got) != 0 {
		t.Errorf("after the reset: %v", got)
	}
}

// A request that announces a body and is cut off before it was sent is told apart from
// calls.
func TestRequestsThatHangUpAreCounted(t *testing.T) {
	t.Parallel()
	server := Start(t)
	config, id := account(t)
	hangUp(t, config)
	if diff := cmp.Diff(map[string]int{"ec2": 1}, server.Hangups(t, id)); diff != "" {
		t.Errorf("requests that hung up (-want +got):\n%s", diff)
	}
	if got := server.Calls(t, id); len(got) != 0 {
		t.Errorf("counted as calls: %v", got)
	}
}

// hangUp announces a body, sends a part of it, and waits for the server to be done with it.
func hangUp(t *testing.T, config aws.Config) {
	t.Helper()
	keys, err := config.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(aws.ToString(config.BaseEndpoint), "http://")
	wire, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(wire, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 45\r\n"+
		"Authorization: AWS4-HMAC-SHA256 Credential=%s/20261129/%s/ec2/aws4_request, SignedHeaders=host, Signature=0\r\n\r\nAction=", address, keys.AccessKeyID, Region)
	if err := errors.Join(err, wire.(*net.TCPConn).CloseWrite()); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(wire); err != nil { // until the server is done with it
		t.Fatal(err)
	}
	if err := wire.Close(); err != nil {
		t.Fatal(err)
	}
}

// An operation that moto lacks must neither be retried for seconds nor pass for
// a refusal of AWS.
func TestMissingOperationFailsAtOnce(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	_, err := ec2.NewFromConfig(config).GetSecurityGroupsForVpc(t.Context(), &ec2.GetSecurityGroupsForVpcInput{VpcId: aws.String("vpc-1")})
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || refusal.ErrorCode() != "MotoLacksOperation" {
		t.Errorf("got %v, want the code MotoLacksOperation", err)
	}
	if got := Start(t).Calls(t, id)["ec2:GetSecurityGroupsForVpc"]; got != 1 {
		t.Errorf("%d attempts, want 1", got)
	}
}

func TestServerEndsWhenItsInputCloses(t *testing.T) {
	t.Parallel()
	Start(t) // skips and installs like every other test
	server, err := launch()
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now()
	if err := server.stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(before); took > 10*time.Second {
		t.Errorf("took %v to end", took)
	}
}

func TestAnnouncement(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		writes []string
		want   string
	}{
		"in one piece":            {[]string{"listening on http://127.0.0.1:1\n"}, "http://127.0.0.1:1"},
		"cut in the port":         {[]string{"listening on http://127.0.0.1:1", "2\n"}, "http://127.0.0.1:12"},
		"after other lines":       {[]string{"a warning\nlistening on http://x\nmore\n"}, "http://x"},
		"not before its line end": {[]string{"listening on http://x"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &announcement{found: make(chan string, 1)}
			for _, text := range test.writes {
				if n, err := a.Write([]byte(text)); n != len(text) || err != nil {
					t.Fatalf("Write: %d, %v", n, err)
				}
			}
			got := ""
			select {
			case got = <-a.found:
			default:
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	log := &tail{}
	for _, text := range []string{"start", strings.Repeat("x", logSize), "end"} {
		if _, err := log.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	got := log.String()
	if len(got) != logSize || !strings.HasSuffix(got, "xend") || strings.Contains(got, "start") {
		t.Errorf("kept %d bytes, from %q to %q", len(got), got[:5], got[len(got)-5:])
	}
}
