package conformance

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

const (
	homeLogs = "cicdctl-logs-123456789012-eu-west-3-an"
	awayLogs = "cicdctl-logs-123456789012-eu-west-1-an"
)

// logsOf says where the region's load balancers and buckets write who used them.
func logsOf(ctx context.Context, r *rig, region string) map[string]string {
	r.tb.Helper()
	api, out := r.Factory.Set(region), map[string]string{}
	buckets, err := api.S3.ListBuckets(ctx, &s3.ListBucketsInput{BucketRegion: &region})
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, b := range buckets.Buckets {
		got, err := api.S3.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: b.Name})
		if err != nil {
			r.tb.Fatal(err)
		}
		out[*b.Name] = "none"
		if l := got.LoggingEnabled; l != nil {
			out[*b.Name] = *l.TargetBucket + "/" + *l.TargetPrefix
		}
	}
	balancers, err := api.ELB.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, b := range balancers.LoadBalancers {
		got, err := api.ELB.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn})
		if err != nil {
			r.tb.Fatal(err)
		}
		values := map[string]string{}
		for _, a := range got.Attributes {
			values[*a.Key] = *a.Value
		}
		out[*b.LoadBalancerName] = "none"
		if values["access_logs.s3.enabled"] == "true" {
			out[*b.LoadBalancerName] = values["access_logs.s3.bucket"] + "/" + values["access_logs.s3.prefix"]
		}
	}
	return out
}

// Each region has one bucket of access logs, in which each client has a place of its own;
// it does not log to itself.
func TestAccessLogsGoToTheirRegionUnderTheirClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		away := client(t, "GLOBEX", "region: eu-west-3", "region: eu-west-1")
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		if err := create(ctx, r.Operator, away); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, acme(t))
		r.wantNoChange(ctx, away)
		home, far := logsOf(ctx, r, region), logsOf(ctx, r, "eu-west-1")
		for name, want := range map[string]string{
			homeLogs: "none", "cicdctl-admin-123456789012-eu-west-3-an": homeLogs + "/_account/cicdctl-admin-123456789012-eu-west-3-an/",
			"cicdctl-trail-123456789012-eu-west-3-an": homeLogs + "/_account/cicdctl-trail-123456789012-eu-west-3-an/",
			"acme-shop-123456789012-eu-west-3-an":     homeLogs + "/acme/acme-shop-123456789012-eu-west-3-an/",
			"acme-web":                                homeLogs + "/acme/load-balancer",
			"acme-transfer":                           "none", // no TLS listener
		} {
			if home[name] != want {
				t.Errorf("%s writes to %q, want %q", name, home[name], want)
			}
		}
		for name, want := range map[string]string{
			awayLogs: "none", "globex-shop-123456789012-eu-west-1-an": awayLogs + "/globex/globex-shop-123456789012-eu-west-1-an/", "globex-web": awayLogs + "/globex/load-balancer",
		} {
			if far[name] != want {
				t.Errorf("%s writes to %q, want %q", name, far[name], want)
			}
		}
		if _, second := far[homeLogs]; second || home[awayLogs] != "" {
			t.Errorf("buckets of access logs outside of their regions: %v %v", home, far)
		}
	})
}

// Logs that are switched off are no longer written, and those that there are stay until they
// have expired.
func TestAccessLogsCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		s := client(t, "ACME", "region: eu-west-3", "region: eu-west-1")
		month, none, century := 30, 0, 36500
		if err := create(ctx, operator(t, r.account, cloud.Config{AccessLogDays: &month}), s); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set("eu-west-1")
		if _, err := api.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(awayLogs), Key: aws.String("acme/load-balancer/AWSLogs/1"), Body: strings.NewReader("GET /")}); err != nil {
			t.Fatal(err)
		}
		off := operator(t, r.account, cloud.Config{AccessLogDays: &none})
		if err := create(ctx, off, s); err != nil {
			t.Fatal(err)
		}
		if p := plan(ctx, t, off, s); !p.Settled() {
			t.Errorf("once switched off: %+v", p.Changes())
		}
		for _, at := range []string{region, "eu-west-1"} {
			for name, to := range logsOf(ctx, r, at) {
				if to != "none" {
					t.Errorf("%s still writes to %s", name, to)
				}
			}
		}
		life, err := api.S3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: aws.String(awayLogs)})
		if err != nil {
			t.Fatal(err)
		}
		if days := aws.ToInt32(life.Rules[0].Expiration.Days); days != 30 {
			t.Errorf("the logs that there are expire after %d days, want 30", days)
		}
		_, err = cloud.Open(ctx, cloud.Config{AccessLogDays: &century}, cloud.Connection{})
		if err == nil || !strings.Contains(err.Error(), "access_log_days: 36500 is not between 1 and 3650 days") {
			t.Errorf("36500 days: %v", err)
		}
	})
}

// The sandbox refuses logs where AWS does: without a policy, and with a key of KMS.
func TestAccessLogsAreRefusedWhereTheyCannotBeWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region)
		found, err := api.ELB.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{Names: []string{rules.LoadBalancerName("ACME")}})
		if err != nil {
			t.Fatal(err)
		}
		logTo := func(bucket, prefix string) error {
			_, err := api.ELB.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: found.LoadBalancers[0].LoadBalancerArn, Attributes: []elbtypes.LoadBalancerAttribute{
				{Key: aws.String("access_logs.s3.enabled"), Value: aws.String("true")}, {Key: aws.String("access_logs.s3.bucket"), Value: &bucket}, {Key: aws.String("access_logs.s3.prefix"), Value: &prefix},
			}})
			return err
		}
		write := func(bucket, to string) error {
			_, err := api.S3.PutBucketLogging(ctx, &s3.PutBucketLoggingInput{Bucket: &bucket, BucketLoggingStatus: &s3types.BucketLoggingStatus{LoggingEnabled: &s3types.LoggingEnabled{TargetBucket: &to, TargetPrefix: aws.String("x/")}}})
			return err
		}
		const own = "acme-shop-123456789012-eu-west-3-an"
		for what, test := range map[string]struct {
			got  error
			want string
		}{
			"a load balancer into a bucket without a policy for it": {logTo(own, "acme/load-balancer"), "Access Denied for bucket"},
			"a load balancer under a prefix of no client":           {logTo(homeLogs, "elsewhere"), "Access Denied for bucket"},
			"a load balancer into no bucket":                        {logTo("nowhere", ""), "does not exist"},
			"a bucket into one without a policy for it":             {write(homeLogs, own), "InvalidTargetBucketForLogging"},
			"a bucket into no bucket":                               {write(own, "nowhere"), "InvalidTargetBucketForLogging"},
		} {
			if test.got == nil || !strings.Contains(test.got.Error(), test.want) {
				t.Errorf("%s: %v, want %s", what, test.got, test.want)
			}
		}
		if _, err := api.S3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: aws.String(homeLogs), ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
			Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAwsKms}}},
		}}); err != nil {
			t.Fatal(err)
		}
		if err := logTo(homeLogs, "acme/load-balancer"); err == nil || !strings.Contains(err.Error(), "Access Denied for bucket") {
			t.Errorf("into a bucket that is encrypted with KMS: %v", err)
		}
	})
}
