package sandbox

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// What a cluster is to do at the end of standard support of its major version.
const (
	dbExtended   = "open-source-rds-extended-support"
	dbUnextended = "open-source-rds-extended-support-disabled"
)

// dbSupported is how long the sandbox supports a major version: the dates are its own, and far
// away, so that no example grows old. Extended support lasts three years more, as with AWS.
var dbSupported = time.Date(2041, time.February, 28, 23, 59, 59, 0, time.UTC)

// EndSupport gives the standard support of a major version of an engine another end in a
// region: engine "aurora-postgresql", major "16".
func (a *Account) EndSupport(region, engine, major string, end time.Time) error {
	return a.byHandIn(region, func(t *tx) error {
		s := t.rds()
		if s.SupportEnds == nil {
			s.SupportEnds = map[string]time.Time{}
		}
		s.SupportEnds[engine+" "+major] = end
		return nil
	})
}

// supportEnd is when standard support of a version ends.
func (t *tx) supportEnd(engine, version string) time.Time {
	if end, ok := t.rds().SupportEnds[engine+" "+dbMajor(engine, version)]; ok {
		return end
	}
	return dbSupported
}

func dbMajor(engine, version string) string {
	return strings.Join(strings.Split(version, ".")[:dbEngines[engine].majors], ".")
}

func registerDBSupport(a *Account) {
	op(a, rds.ServiceID, func(t *tx, in *rds.DescribeDBMajorEngineVersionsInput) (*rds.DescribeDBMajorEngineVersionsOutput, error) {
		var all []types.DBMajorEngineVersion
		for _, engine := range []string{"aurora-mysql", "aurora-postgresql"} {
			if asked := aws.ToString(in.Engine); asked != "" && asked != engine {
				continue
			}
			var majors []string
			for _, v := range dbEngines[engine].versions {
				majors = append(majors, dbMajor(engine, v))
			}
			for _, major := range slices.Compact(majors) {
				if asked := aws.ToString(in.MajorEngineVersion); asked != "" && asked != major {
					continue
				}
				end := t.supportEnd(engine, major)
				all = append(all, types.DBMajorEngineVersion{Engine: aws.String(engine), MajorEngineVersion: aws.String(major), SupportedEngineLifecycles: []types.SupportedEngineLifecycle{
					{LifecycleSupportName: types.LifecycleSupportNameOpenSourceRdsStandardSupport, LifecycleSupportStartDate: aws.Time(end.AddDate(-5, 0, 0)), LifecycleSupportEndDate: aws.Time(end)},
					{LifecycleSupportName: types.LifecycleSupportNameOpenSourceRdsExtendedSupport, LifecycleSupportStartDate: aws.Time(end.Add(time.Second)), LifecycleSupportEndDate: aws.Time(end.AddDate(3, 0, 0))},
				}})
			}
		}
		part, next, err := dbPage(t, all, in.MaxRecords, in.Marker)
		return &rds.DescribeDBMajorEngineVersionsOutput{DBMajorEngineVersions: part, Marker: next}, err
	})
}

// unsupported reports whether a version is past its standard support, and extended support is
// not wanted: nothing new is made of it then ("CreateDBCluster", RDS API reference).
func (t *tx) unsupported(engine, version string, lifecycle *string) bool {
	return aws.ToString(lifecycle) == dbUnextended && !t.now.Before(t.supportEnd(engine, version))
}

// supportDB sets what a cluster is to do at the end of standard support.
func supportDB(c *types.DBCluster, asked *string) error {
	if asked != nil && *asked != dbExtended && *asked != dbUnextended {
		return apiError("InvalidParameterValue", "Invalid value for EngineLifecycleSupport: %s", *asked)
	}
	set(&c.EngineLifecycleSupport, asked)
	return nil
}
