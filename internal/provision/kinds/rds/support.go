package rds

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// How long AWS supports a major version, and what it does after that: who has Extended Support
// keeps the version and pays by the vCPU and hour, the clusters of others are upgraded "on or
// shortly after" the end of standard support ("Creating an Aurora DB cluster with Amazon RDS
// Extended Support", Aurora user guide).

// Lifecycles of a cluster, as RDS calls them.
const (
	extendedSupport   = "open-source-rds-extended-support"
	noExtendedSupport = "open-source-rds-extended-support-disabled"
)

// lifecycle is what RDS is told of Extended Support; told nothing, it switches it on.
func lifecycle(extended bool) *string {
	if extended {
		return aws.String(extendedSupport)
	}
	return aws.String(noExtendedSupport)
}

// Extended reports whether the cluster keeps its major version after standard support, which
// is so wherever nothing else was said.
func (c *Cluster) Extended() bool { return aws.ToString(c.EngineLifecycleSupport) != noExtendedSupport }

// StandardSupport is the major version of the cluster and when AWS's standard support of it
// ends, which is zero where AWS does not say.
func (c *Cluster) StandardSupport() (version string, until time.Time) {
	return aws.ToString(c.Engine) + " " + majorOf(&c.DBCluster), c.standardUntil
}

// afterSupport is what AWS does at the end of standard support.
func (c *Cluster) afterSupport() string {
	if c.Extended() {
		return "Extended Support, billed per vCPU and hour"
	}
	return "AWS upgrades the major version by itself"
}

// noteOfCluster is what there is to know of a cluster that is in order.
func noteOfCluster(c dbCluster) string {
	if note := noteOfStopped(c); note != "" {
		return note
	}
	if version, until := c.StandardSupport(); rules.SupportEnding(until, time.Now()) {
		return fmt.Sprintf("standard support of %s ends on %s, then %s", version, until.Format(time.DateOnly), c.afterSupport())
	}
	return ""
}

// readSupport adds until when the major versions of the clusters have standard support.
func readSupport(ctx context.Context, w *provision.Sweep, clusters []dbCluster) error {
	if len(clusters) == 0 {
		return nil
	}
	all, err := kit.Shared(ctx, w, "major versions of databases", rds.NewDescribeDBMajorEngineVersionsPaginator(w.RDS, &rds.DescribeDBMajorEngineVersionsInput{MaxRecords: RdsPage}),
		func(o *rds.DescribeDBMajorEngineVersionsOutput) []rdstypes.DBMajorEngineVersion {
			return o.DBMajorEngineVersions
		})
	if err != nil {
		return err
	}
	for _, c := range clusters {
		c.standardUntil = StandardUntil(all, aws.ToString(c.Engine), majorOf(&c.DBCluster))
	}
	return nil
}

// StandardUntil is when the standard support of a major version ends, by what RDS tells of all;
// zero when it does not say.
func StandardUntil(all []rdstypes.DBMajorEngineVersion, engine, major string) time.Time {
	for _, v := range all {
		if aws.ToString(v.Engine) != engine || aws.ToString(v.MajorEngineVersion) != major {
			continue
		}
		for _, l := range v.SupportedEngineLifecycles {
			if l.LifecycleSupportName == rdstypes.LifecycleSupportNameOpenSourceRdsStandardSupport {
				return aws.ToTime(l.LifecycleSupportEndDate).UTC()
			}
		}
	}
	return time.Time{}
}

func majorOf(c *rdstypes.DBCluster) string {
	return rules.EngineOf(aws.ToString(c.Engine)).MajorOf(aws.ToString(c.EngineVersion))
}
