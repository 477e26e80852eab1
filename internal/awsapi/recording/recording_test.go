package recording

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

func TestMasked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"identifiers keep what they are of": {&ec2.DescribeVpcsInput{VpcIds: []string{"vpc-0123456789abcdef0"}}, `{"VpcIds":["vpc-ID"]}`},
		"a false that was said is kept, what was not said is left out": {
			&ec2types.Vpc{IsDefault: aws.Bool(false), CidrBlock: aws.String("10.20.0.0/16")}, `{"CidrBlock":"10.20.0.0/16","IsDefault":false}`,
		},
		"accounts, public addresses and times": {
			&ec2types.Address{NetworkInterfaceOwnerId: aws.String("123456789012"), PublicIp: aws.String("198.51.100.7")},
			`{"NetworkInterfaceOwnerId":"ACCOUNT","PublicIp":"ADDRESS"}`,
		},
		"a point in time": {&ec2types.NatGateway{CreateTime: aws.Time(time.Unix(1, 0))}, `{"CreateTime":"TIME"}`},
		"secrets, whatever they look like": {
			&secretsmanager.CreateSecretInput{Name: aws.String("cicdctl/acme/x"), SecretString: aws.String(`{"a":"b"}`), ClientRequestToken: aws.String("x")},
			`{"ClientRequestToken":"TOKEN","Name":"cicdctl/acme/x","SecretString":"SECRET"}`,
		},
		"bodies are not read":      {&s3.PutObjectInput{Key: aws.String("keys/ACME.pem"), Body: strings.NewReader("x")}, `{"Body":"STREAM","Key":"keys/ACME.pem"}`},
		"a key in a text":          {map[string]string{"Note": "x -----BEGIN RSA PRIVATE KEY-----\nabc"}, `{"Note":"x SECRET"}`},
		"an account within a name": {map[string]string{"LogStreamName": "123456789012_CloudTrail_eu-west-3"}, `{"LogStreamName":"ACCOUNT_CloudTrail_eu-west-3"}`},
		"the session of a caller":  {map[string]string{"Arn": "arn:aws:sts::123456789012:assumed-role/Admin/jane@acme.example"}, `{"Arn":"arn:aws:sts::ACCOUNT:assumed-role/CALLER"}`},
		"policies become what they say": {
			map[string]string{"Policy": `{"Statement": [{"Effect": "Deny", "Resource": "arn:aws:s3:::b-123456789012"}]}`},
			`{"Policy":{"Statement":[{"Effect":"Deny","Resource":"arn:aws:s3:::b-ACCOUNT"}]}}`,
		},
		"policies of IAM are escaped for URLs": {
			map[string]string{"PolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D"}, `{"PolicyDocument":{"Statement":[]}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(Masked(c.value))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestRecorderWritesEveryAttempt records a call that is throttled once, and one that fails.
func TestRecorderWritesEveryAttempt(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r, tries := To(&out), 0
	answer := func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("Answer", func(context.Context, middleware.FinalizeInput, middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			switch tries++; tries {
			case 1:
				return middleware.FinalizeOutput{}, middleware.Metadata{}, &smithy.GenericAPIError{Code: "RequestLimitExceeded"}
			case 2:
				return middleware.FinalizeOutput{Result: &ec2.DescribeVpcsOutput{Vpcs: []ec2types.Vpc{{VpcId: aws.String("vpc-0123456789abcdef0")}}}}, middleware.Metadata{}, nil
			default:
				return middleware.FinalizeOutput{}, middleware.Metadata{}, &smithy.GenericAPIError{Code: "UnauthorizedOperation"}
			}
		}), "Retry", middleware.After)
	}
	client := ec2.New(ec2.Options{
		Region: "eu-west-3", APIOptions: []func(*middleware.Stack) error{r.Add, answer},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) { o.RateLimiter, o.MaxBackoff = ratelimit.None, time.Millisecond }),
	})
	if _, err := client.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}); err == nil {
		t.Fatal("the refusal is lost")
	}
	const want = `{"service":"EC2","operation":"DescribeVpcs","region":"eu-west-3","request":{},"answer":{"Vpcs":[{"VpcId":"vpc-ID"}]},"codes":["RequestLimitExceeded"]}
{"service":"EC2","operation":"DescribeVpcs","region":"eu-west-3","request":{},"codes":["UnauthorizedOperation"],"failed":true}
`
	if out.String() != want || r.Err() != nil {
		t.Errorf("recorded (%v)\n%s\nwant\n%s", r.Err(), out.String(), want)
	}
	read, err := Read(&out)
	if err != nil || len(read) != 2 || read[1].Name() != "EC2.DescribeVpcs" || !read[1].Failed {
		t.Errorf("read %+v, %v", read, err)
	}
}

type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestRecorderTellsWhatItCouldNotWrite(t *testing.T) {
	t.Parallel()
	r := To(full{})
	r.write(Exchange{Service: "EC2", Operation: "CreateVpc"})
	if err := r.Err(); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "EC2.CreateVpc") {
		t.Errorf("got %v", err)
	}
}
