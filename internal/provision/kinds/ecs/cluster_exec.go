package ecs

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// What becomes of the sessions that operators open in containers: they are encrypted with the
// client's key, and what is typed and shown is logged. Where no service allows them, the
// cluster's setting means nothing, and is left as it is.

// sessions is the cluster's configuration with that.
func sessions(s *provision.Step, have *ecstypes.ClusterConfiguration) *ecstypes.ClusterConfiguration {
	out := ecstypes.ClusterConfiguration{}
	if have != nil {
		out.ManagedStorageConfiguration = have.ManagedStorageConfiguration
	}
	out.ExecuteCommandConfiguration = &ecstypes.ExecuteCommandConfiguration{
		KmsKeyId: aws.String(s.ID("kms/key", "client")), Logging: ecstypes.ExecuteCommandLoggingOverride,
		LogConfiguration: &ecstypes.ExecuteCommandLogConfiguration{CloudWatchLogGroupName: aws.String(s.ID("logs/log-group", kit.ExecRole)), CloudWatchEncryptionEnabled: true},
	}
	return &out
}

func wantedSessions(s *provision.Step, _ string) string {
	if !rules.AnyExec(s.Spec) {
		return provision.Keep
	}
	return sessionsText(sessions(s, nil))
}

func sessionsText(c *ecstypes.ClusterConfiguration) string {
	if c == nil || c.ExecuteCommandConfiguration == nil {
		return "not configured"
	}
	e := c.ExecuteCommandConfiguration
	l := e.LogConfiguration
	if l == nil {
		l = &ecstypes.ExecuteCommandLogConfiguration{}
	}
	text := []string{
		"logging: " + string(e.Logging), "encryption key: " + aws.ToString(e.KmsKeyId),
		fmt.Sprintf("log group: %s, encrypted: %s", aws.ToString(l.CloudWatchLogGroupName), kit.OnOff(l.CloudWatchEncryptionEnabled)),
	}
	if l.S3BucketName != nil {
		text = append(text, "bucket: "+*l.S3BucketName)
	}
	return kit.Lines(text)
}
