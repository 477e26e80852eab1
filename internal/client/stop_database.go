package client

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// States of a cluster between which stop and start move it.
const (
	databaseRuns     = "available"
	databaseStopping = "stopping"
	databaseStopped  = "stopped"
	databaseStarting = "starting"
)

// DatabaseSwitch is what became of a client's database. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "database": "acme", "state": "stopping", "changed": true, "starts": "…"}
//
// Starts is when RDS starts it by itself.
type DatabaseSwitch struct {
	Client   string     `json:"client"`
	Region   string     `json:"region"`
	Database string     `json:"database"`
	State    string     `json:"state"`
	Changed  bool       `json:"changed"`
	Starts   *time.Time `json:"starts,omitempty"`

	api  awsapi.RDS
	arn  *string
	note string // the tag that says since when it is stopped on purpose
}

// findDatabase reads the cluster of a client, which must carry the client's tags.
func findDatabase(ctx context.Context, a *session.Session, name, asked string) (*DatabaseSwitch, error) {
	op, region, err := session.FindRegion(ctx, a, name, asked)
	if err != nil {
		return nil, err
	}
	if region == "" {
		return nil, session.RefuseUnknown(name)
	}
	d := &DatabaseSwitch{Client: name, Region: region, Database: rules.DatabaseName(name), api: op.Factory.Set(region).RDS}
	out, err := d.api.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: &d.Database})
	if awsapi.Is(err, awsapi.NotFound) || err == nil && len(out.DBClusters) == 0 {
		return nil, session.Refuse(lang.Sprintf("%s makes it", a.Next("client create %s", name)), "%s has no database in %s", name, region)
	}
	if err != nil {
		return nil, lang.Errorf("read the database of %s: %w", name, err)
	}
	c, tags := out.DBClusters[0], provision.Tags{}
	for _, tag := range c.TagList {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if !cloud.Ours(tags, name, region) {
		return nil, session.Refuse("", "the cluster %s does not carry the tags of %s: it is not cicdctl's to stop or start", d.Database, name)
	}
	if err := session.Admit(ctx, a, op, name, region); err != nil {
		return nil, err
	}
	d.State, d.arn, d.note, d.Starts = aws.ToString(c.Status), c.DBClusterArn, tags[provision.TagStopped], cloud.Moment(c.AutomaticRestartTime)
	return d, nil
}

// stopDatabase has RDS stop the cluster, for seven days at most. The tag comes first: once it
// is stopped, everybody is to see that somebody wanted it.
func stopDatabase(ctx context.Context, a *session.Session, o StopOptions) error {
	d, err := findDatabase(ctx, a, o.Name, o.Region)
	if err != nil {
		return err
	}
	switch d.State {
	case databaseRuns:
	case databaseStopping, databaseStopped:
		return d.show(a)
	default:
		return session.Refuse("run the same command again when it is available", "the database of %s is %s: RDS stops only one that is available", d.Client, d.State)
	}
	a.Print.Tell("the database of %s stops: nobody can connect to it, and RDS starts it by itself after seven days", d.Client)
	if err := session.Confirm(ctx, a, o.Yes); err != nil {
		return err
	}
	since := time.Now().UTC().Format(time.RFC3339)
	if _, err := d.api.AddTagsToResource(ctx, &rds.AddTagsToResourceInput{ResourceName: d.arn, Tags: []rdstypes.Tag{{Key: aws.String(provision.TagStopped), Value: &since}}}); err != nil {
		return lang.Errorf("note on the database of %s that it is stopped: %w", d.Client, err)
	}
	out, err := d.api.StopDBCluster(ctx, &rds.StopDBClusterInput{DBClusterIdentifier: &d.Database})
	if err != nil {
		return lang.Errorf("stop the database of %s: %w", d.Client, err)
	}
	d.Changed, d.State, d.Starts = true, databaseStopping, cloud.Moment(out.DBCluster.AutomaticRestartTime)
	return d.show(a)
}

// startDatabase is the way back. The tag goes last, and also when RDS was first.
func startDatabase(ctx context.Context, a *session.Session, o StopOptions) error {
	d, err := findDatabase(ctx, a, o.Name, o.Region)
	if err != nil {
		return err
	}
	switch d.State {
	case databaseStopped:
		if err := session.Confirm(ctx, a, o.Yes); err != nil {
			return err
		}
		if _, err := d.api.StartDBCluster(ctx, &rds.StartDBClusterInput{DBClusterIdentifier: &d.Database}); err != nil {
			return lang.Errorf("start the database of %s: %w", d.Client, err)
		}
		d.Changed, d.State, d.Starts = true, databaseStarting, nil
	case databaseStopping:
		return session.Refuse("run the same command again in some minutes", "the database of %s is stopping: RDS starts only one that is stopped", d.Client)
	}
	if d.note != "" {
		if _, err := d.api.RemoveTagsFromResource(ctx, &rds.RemoveTagsFromResourceInput{ResourceName: d.arn, TagKeys: []string{provision.TagStopped}}); err != nil {
			return lang.Errorf("take the note from the database of %s that it is stopped: %w", d.Client, err)
		}
	}
	return d.show(a)
}

func (d *DatabaseSwitch) show(a *session.Session) error {
	if a.Print.Format == report.JSON {
		return a.Print.WriteJSON(d)
	}
	if d.Starts != nil {
		return a.Print.Line("The database of %s is %s; RDS starts it by itself on %s.", d.Client, d.State, d.Starts.Format(time.DateOnly))
	}
	return a.Print.Line("The database of %s is %s.", d.Client, d.State)
}
