package cloud

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/rds"

	rdskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/rds"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// StandardSupport is until when AWS supports the major version of a new database without a
// charge, as AWS tells it; zero when it does not.
func (r *Run) StandardSupport(ctx context.Context, engine rules.Engine) (time.Time, error) {
	out, err := r.Op.Factory.Set(r.Scope().Region).RDS.DescribeDBMajorEngineVersions(ctx, &rds.DescribeDBMajorEngineVersionsInput{
		Engine: &engine.Name, MajorEngineVersion: &engine.Major,
	})
	if err != nil {
		return time.Time{}, err
	}
	return rdskinds.StandardUntil(out.DBMajorEngineVersions, engine.Name, engine.Major), nil
}
