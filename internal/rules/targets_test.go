package rules

import (
	"net/netip"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/cidr"
)

// Exactly what Scheduler hands to the two APIs: nobody checks it before the first time.
func TestInputsOfSchedules(t *testing.T) {
	for name, c := range map[string]struct{ got, want string }{
		"the archive, with a keyword that is not escaped": {
			ArchiveInput("ACME", "arn:aws:rds:eu-west-3:123456789012:cluster:acme", "acme-archive-123456789012-eu-west-3-an", "arn:aws:iam::123456789012:role/acme-archive-export", "arn:aws:kms:eu-west-3:123456789012:key/1"),
			`{"ExportTaskIdentifier":"acme-<aws.scheduler.execution-id>","SourceArn":"arn:aws:rds:eu-west-3:123456789012:cluster:acme","S3BucketName":"acme-archive-123456789012-eu-west-3-an","IamRoleArn":"arn:aws:iam::123456789012:role/acme-archive-export","KmsKeyId":"arn:aws:kms:eu-west-3:123456789012:key/1"}`,
		},
		"the renewal of the hosts": {
			RefreshInput("acme-hosts"),
			`{"AutoScalingGroupName":"acme-hosts","Strategy":"Rolling","Preferences":{"MinHealthyPercentage":100,"MaxHealthyPercentage":150,"ScaleInProtectedInstances":"Refresh","StandbyInstances":"Ignore","SkipMatching":false,"InstanceWarmup":300}}`,
		},
		"the archive's target": {ArchiveTarget(Place{Partition: "aws"}), "arn:aws:scheduler:::aws-sdk:rds:startExportTask"},
		"the renewal's target": {RefreshTarget(Place{Partition: "aws"}), "arn:aws:scheduler:::aws-sdk:autoscaling:startInstanceRefresh"},
	} {
		if c.got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, c.got, c.want)
		}
	}
}

func TestTheLongestClientFitsIntoAnExportIdentifier(t *testing.T) {
	longest := strings.Repeat("A", 20)
	name := join(Lower(longest), strings.Repeat("0", 8)+strings.Repeat("-0000", 3)+"-000000000000")
	if err := checkName("export", name); err != nil {
		t.Error(err)
	}
}

// AWS runs five exports of an account at a time, whatever the pools of a region.
func TestNoMoreThanFiveArchivesStartTogether(t *testing.T) {
	p, err := cidr.NewPlan(cidr.DefaultPool, netip.MustParsePrefix("10.21.0.0/16"))
	if err != nil {
		t.Fatal(err)
	}
	minutes := map[string]int{}
	for _, slot := range p.Slots() {
		at := ArchiveCron(p.Number(slot))
		if minutes[at]++; minutes[at] > 1 { // in each of at most five regions
			t.Errorf("%d archives start at %s", minutes[at], at)
		}
	}
	if len(minutes) != 20 {
		t.Errorf("archives start at %v, want twenty times", minutes)
	}
}
