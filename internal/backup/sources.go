package backup

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/dbcopy"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	rdskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/rds"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Source is a backup from which a database can be restored although the one that it
// was made of may be gone.
type Source struct {
	Kind    rules.CopyKind
	Word    string // for --from, within its region
	ID, ARN string
	Region  string
	Span    Span // both ends are the same but for retained backups
	Engine  string
	Version string
	Key     string // ARN; empty where the data is not encrypted
	Status  string
	Usable  bool
	tags    provision.Tags
}

// told is the word with the region, where that is another than the reader's.
func (s *Source) told(region string) string {
	if s.Region == region {
		return s.Word
	}
	return s.Region + "/" + s.Word
}

// from is what the engine makes the copy of.
func (s *Source) from(region string) provision.RestoreFrom {
	from := provision.RestoreFrom{ID: s.told(region), Region: s.Region}
	if s.Kind == rules.Retained {
		from.Resource = s.ID
	} else {
		from.Snapshot = s.ARN
	}
	return from
}

// backupsOf are the retained automated backups of a database that is gone: RDS keeps them
// as long as it would have with the database.
func backupsOf(ctx context.Context, api awsapi.RDS, client string) ([]rdstypes.DBClusterAutomatedBackup, error) {
	var out []rdstypes.DBClusterAutomatedBackup
	in := &rds.DescribeDBClusterAutomatedBackupsInput{DBClusterIdentifier: aws.String(rules.DatabaseName(client)), MaxRecords: aws.Int32(dbcopy.RdsPage)}
	for p := rds.NewDescribeDBClusterAutomatedBackupsPaginator(api, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, b := range page.DBClusterAutomatedBackups {
			if aws.ToString(b.Status) == "retained" && b.RestoreWindow != nil && b.RestoreWindow.LatestTime != nil {
				out = append(out, b)
			}
		}
	}
	return out, nil
}

// snapshotsOf are the snapshots of a type of the client's own database.
func snapshotsOf(ctx context.Context, api awsapi.RDS, client, kind string) ([]rdstypes.DBClusterSnapshot, error) {
	var out []rdstypes.DBClusterSnapshot
	in := &rds.DescribeDBClusterSnapshotsInput{DBClusterIdentifier: aws.String(rules.DatabaseName(client)), SnapshotType: &kind, MaxRecords: aws.Int32(dbcopy.RdsPage)}
	for p := rds.NewDescribeDBClusterSnapshotsPaginator(api, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, page.DBClusterSnapshots...)
	}
	return out, nil
}

func snapshotSource(s rdstypes.DBClusterSnapshot, region string) Source {
	at := cloud.At(s.SnapshotCreateTime)
	return Source{
		Kind: rules.Snapshot, Word: aws.ToString(s.DBClusterSnapshotIdentifier), ID: aws.ToString(s.DBClusterSnapshotIdentifier), ARN: aws.ToString(s.DBClusterSnapshotArn),
		Region: region, Span: Span{at, at}, Engine: aws.ToString(s.Engine), Version: aws.ToString(s.EngineVersion), Key: aws.ToString(s.KmsKeyId),
		Status: aws.ToString(s.Status), Usable: aws.ToString(s.Status) == dbAvailable, tags: rdskinds.TagsOf(s.TagList),
	}
}

// sourcesOf reads all backups of the client's database in a region, but for the
// continuous backup of one that is there.
func sourcesOf(ctx context.Context, api *awsapi.Set, client string, database *string) ([]Source, error) {
	var out []Source
	for _, kind := range []string{"manual", "awsbackup"} {
		listed, err := snapshotsOf(ctx, api.RDS, client, kind)
		if err != nil {
			return nil, lang.Errorf("list the snapshots of %s: %w", client, err)
		}
		for _, s := range listed {
			source := snapshotSource(s, api.Region)
			if kind == "awsbackup" {
				source.Kind, source.Word = rules.Monthly, ""
			}
			out = append(out, source)
		}
	}
	points, err := dbcopy.RecoveryPoints(ctx, api, database)
	if err != nil {
		return nil, lang.Errorf("list the monthly copies of %s: %w", client, err)
	}
	for _, p := range points {
		word := rules.SourceWord(rules.Monthly, cloud.At(p.CreationDate))
		at := slices.IndexFunc(out, func(s Source) bool { return s.ARN == aws.ToString(p.RecoveryPointArn) })
		switch {
		case aws.ToString(p.ResourceArn) != aws.ToString(database):
		case at >= 0:
			out[at].Word = word
		default: // RDS does not promise to list these
			arn := aws.ToString(p.RecoveryPointArn)
			made := cloud.At(p.CreationDate)
			out = append(out, Source{
				Kind: rules.Monthly, Word: word, ID: arn[strings.LastIndex(arn, "snapshot:")+len("snapshot:"):], ARN: arn, Region: api.Region, Span: Span{made, made},
				Key: aws.ToString(p.EncryptionKeyArn), Status: string(p.Status), Usable: dbcopy.CopyFacts(p).Complete,
			})
		}
	}
	out = slices.DeleteFunc(out, func(s Source) bool { return s.Word == "" }) // of another vault
	retained, err := backupsOf(ctx, api.RDS, client)
	if err != nil {
		return nil, lang.Errorf("list the retained backups of %s: %w", client, err)
	}
	for _, b := range retained {
		span := Span{cloud.At(b.RestoreWindow.EarliestTime), cloud.At(b.RestoreWindow.LatestTime)}
		out = append(out, Source{
			Kind: rules.Retained, Word: rules.SourceWord(rules.Retained, span.Latest), ID: aws.ToString(b.DbClusterResourceId), ARN: aws.ToString(b.DBClusterAutomatedBackupsArn),
			Region: api.Region, Span: span, Engine: aws.ToString(b.Engine), Version: aws.ToString(b.EngineVersion), Key: aws.ToString(b.KmsKeyId),
			Status: aws.ToString(b.Status), Usable: true, tags: rdskinds.TagsOf(b.TagList),
		})
	}
	return out, nil
}

// FindSource finds the backup that a word names, which may have its region in front:
// "eu-west-3/acme-final-20261124101500". It is nil for the continuous backup of the
// client's database. The error is a *GuardError for a word that names nothing that a
// database of the client comes of.
func FindSource(ctx context.Context, o *cloud.Operator, client, home, word string) (*Source, error) {
	region := home
	if before, after, has := strings.Cut(word, "/"); has && rules.CheckRegion(before) == nil {
		region, word = before, after
	}
	if word == "" || word == string(rules.Continuous) || word == rules.DatabaseName(client) {
		if region != home {
			return nil, elsewhere(client, region)
		}
		return nil, nil
	}
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	scope := o.Within(o.Within(account, provision.RegionLevel, region, ""), provision.ClientLevel, region, client)
	database := scope.ARN("rds", "cluster:"+rules.DatabaseName(client))
	all, err := sourcesOf(ctx, scope.API, client, &database)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(all, func(s Source) bool { return !slices.Contains([]string{s.Word, s.ID, s.ARN}, word) })
	if len(found) == 0 {
		if found, err = otherSnapshot(ctx, scope.API, client, word); err != nil {
			return nil, err
		}
	}
	list := "cicdctl backup list " + client + " --region " + region
	switch len(found) {
	case 1:
	case 0:
		exports, err := dbcopy.ExportsOf(ctx, scope.API.RDS, &database)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(exports, func(e rdstypes.ExportTask) bool { return aws.ToString(e.ExportTaskIdentifier) == word }) {
			return nil, cloud.Guardf("%s is an archive: Parquet, from which AWS restores no database; cicdctl backup archive %s --month YYYY-MM tells how to read it, and %s lists what can be restored", word, client, list)
		}
		return nil, cloud.Guardf("%s has no backup %q in %s: %s lists those there are", client, word, region, list)
	default:
		var ids []string
		for _, s := range found {
			ids = append(ids, s.ARN)
		}
		return nil, cloud.Guardf("%q is several backups of %s: say --from with one of %s", word, client, strings.Join(ids, ", "))
	}
	s := &found[0]
	if len(s.tags) == 0 {
		out, err := scope.API.RDS.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: &s.ARN})
		if err != nil {
			return nil, lang.Errorf("read the tags of %s: %w", s.ARN, err)
		}
		s.tags = rdskinds.TagsOf(out.TagList)
	}
	switch {
	case !cloud.Ours(s.tags, client, region):
		return nil, cloud.Guardf("%s does not carry %s's tags: it is not cicdctl's to restore", s.ARN, client)
	case !s.Usable:
		return nil, cloud.Guardf("%s is %s: it can be restored once it is available", s.Word, stateText(s.Status))
	}
	return s, nil
}

// otherSnapshot finds a snapshot by its name that is of a restored copy.
func otherSnapshot(ctx context.Context, api *awsapi.Set, client, name string) ([]Source, error) {
	if !strings.HasPrefix(name, rules.CopyPrefix(client)) {
		return nil, nil
	}
	out, err := api.RDS.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{DBClusterSnapshotIdentifier: &name})
	if err != nil {
		return nil, awsapi.IgnoreNotFound(err)
	}
	var found []Source
	for _, s := range out.DBClusterSnapshots {
		found = append(found, snapshotSource(s, api.Region))
	}
	return found, nil
}

// elsewhere refuses what AWS restores in its own region only, and says what it does copy.
func elsewhere(client, region string) error {
	return cloud.Guardf("AWS restores automated backups in their own region only, here %s: a snapshot can be restored in another region, as can a monthly copy; cicdctl backup list %s --region %s lists them, and of a database that runs, a snapshot is taken with aws rds create-db-cluster-snapshot --region %s --db-cluster-identifier %s --db-cluster-snapshot-identifier %smove",
		region, client, region, region, rules.DatabaseName(client), rules.CopyPrefix(client))
}

// moment is the one to restore, of those that the backup has.
func (s *Source) moment(at time.Time) (time.Time, error) {
	switch {
	case s.Kind == rules.Retained && !at.IsZero():
		return at, s.Span.check(s.Word, at)
	case !at.IsZero():
		return at, cloud.Guardf("%s is the data of %s and of no other moment: leave --to-time out", s.Word, Stamp(s.Span.Latest))
	default:
		return s.Span.Latest.UTC().Truncate(time.Millisecond), nil
	}
}

// fits checks that a database as the spec has it can be made of the backup, in the
// spec's region.
func (s *Source) fits(ctx context.Context, o *cloud.Operator, want *spec.Spec) error {
	engine := rules.EngineOf(want.Database.Engine)
	switch {
	case s.Kind == rules.Retained && s.Region != want.Region:
		return elsewhere(want.Client, s.Region)
	case s.Engine != "" && (s.Engine != engine.Name || engine.MajorOf(s.Version) != engine.Major):
		return cloud.Guardf("%s is of %s %s, but %s is to have %s %s: a restore keeps engine and major version, so set database.engine in its spec to what the backup is of", s.Word, s.Engine, s.Version, want.Client, engine.Name, engine.Major)
	case s.Key == "":
		return nil
	}
	state, err := keyState(ctx, o.Factory.Set(s.Region).KMS, s.Key)
	switch {
	case awsapi.Is(err, awsapi.Denied):
		return nil // it may be used all the same
	case err != nil:
		return lang.Errorf("look at the key of %s: %w", s.Word, err)
	case state == "":
		return cloud.Guardf("the key %s of %s is gone, and nothing can be read without it: choose another backup", s.Key, s.Word)
	case state == "PendingDeletion":
		return cloud.Guardf("the key %s of %s is scheduled for deletion: aws kms cancel-key-deletion --region %s --key-id %s and aws kms enable-key with the same options bring it back", s.Key, s.Word, s.Region, s.Key)
	case state != "Enabled":
		return cloud.Guardf("the key %s of %s is %s: aws kms enable-key --region %s --key-id %s makes it usable", s.Key, s.Word, state, s.Region, s.Key)
	}
	return nil
}

// retained lists the automated backups that are left of databases that are gone.
func (c *collector) retained(ctx context.Context) error {
	all, err := backupsOf(ctx, c.api.RDS, c.client)
	for _, b := range all {
		latest := cloud.At(b.RestoreWindow.LatestTime)
		until := latest.AddDate(0, 0, int(aws.ToInt32(b.BackupRetentionPeriod)))
		c.add(Point{
			Kind: rules.Retained, ID: aws.ToString(b.DbClusterResourceId), Source: rules.SourceWord(rules.Retained, latest), At: latest,
			Since: cloud.Moment(b.RestoreWindow.EarliestTime), Until: &until, Status: aws.ToString(b.Status), Restorable: true,
		})
	}
	return err
}
