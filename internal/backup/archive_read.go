package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

const (
	gib = 1 << 30
	// requests are made at a time to S3, which takes 3,500 a second for each prefix.
	requests = 16
)

// Stored is the archived Parquet of one month, as it lies in S3.
type Stored struct {
	Client  string          `json:"client"`
	Region  string          `json:"region"`
	Month   string          `json:"month"`
	Name    string          `json:"name"`
	Written time.Time       `json:"written"`
	Place   string          `json:"place"`
	Objects int             `json:"objects"`
	Bytes   int64           `json:"bytes"`
	Cold    int             `json:"cold"`    // objects in S3 Glacier that nobody has asked for
	Thawing int             `json:"thawing"` // that are on their way
	Until   *time.Time      `json:"until,omitempty"`
	Tables  []ArchivedTable `json:"tables"`

	cold   []string
	size   int64 // of the cold ones
	bucket string
	api    *awsapi.Set
	pace   time.Duration
}

// Ready reports whether all of it can be read.
func (s *Stored) Ready() bool { return s.Cold == 0 && s.Thawing == 0 }

// FindStored finds the newest archive of a month, in UTC. It only reads. The error is a
// *GuardError when there is none.
func FindStored(ctx context.Context, o *cloud.Operator, client, region, of string) (*Stored, error) {
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	s := &Stored{Client: client, Region: region, Month: of, bucket: rules.ArchiveBucketName(client, region, account.Account), api: o.Factory.Set(region), pace: o.Pace * archiveLooks}
	folders, months, err := s.folders(ctx)
	switch {
	case awsapi.Code(err) == "NoSuchBucket":
		return nil, cloud.Guardf("%s has no archive in %s: there is no bucket %s", client, region, s.bucket)
	case err != nil:
		return nil, lang.Errorf("list the archives in %s: %w", s.bucket, err)
	}
	for name, at := range folders {
		if at.UTC().Format("2006-01") == of && at.After(s.Written) {
			s.Name, s.Written = name, at.UTC()
		}
	}
	if s.Name == "" {
		have := lang.Say("it has none")
		if len(months) > 0 {
			have = lang.Sprintf("there are those of %s", strings.Join(months, ", "))
		}
		return nil, cloud.Guardf("%s has no archive of %s in %s: %s", client, of, region, have)
	}
	s.Place = "s3://" + s.bucket + "/" + s.Name + "/"
	return s, s.Look(ctx)
}

// folders are the exports in the bucket and when each was written, and their months.
func (s *Stored) folders(ctx context.Context) (map[string]time.Time, []string, error) {
	out, months := map[string]time.Time{}, []string{}
	for p := s3.NewListObjectsV2Paginator(s.api.S3, &s3.ListObjectsV2Input{Bucket: &s.bucket, Delimiter: aws.String("/")}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, folder := range page.CommonPrefixes {
			// RDS writes it first, and again at the end.
			info, err := s.api.S3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: aws.String(aws.ToString(folder.Prefix) + "export_info_")})
			if err != nil {
				return nil, nil, err
			}
			for _, object := range info.Contents {
				out[strings.TrimSuffix(aws.ToString(folder.Prefix), "/")] = aws.ToTime(object.LastModified)
				months = append(months, aws.ToTime(object.LastModified).UTC().Format("2006-01"))
			}
		}
	}
	slices.Sort(months)
	return out, slices.Compact(months), nil
}

// Look sees what is in the archive and how much of it is in S3 Glacier; once nothing is,
// it reads which columns the tables have.
func (s *Stored) Look(ctx context.Context) error {
	s.Objects, s.Bytes, s.Cold, s.Thawing, s.Until, s.cold, s.size, s.Tables = 0, 0, 0, 0, nil, nil, 0, nil
	var infos []string
	tables := map[string]bool{}
	in := &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: aws.String(s.Name + "/"), OptionalObjectAttributes: []s3types.OptionalObjectAttributes{s3types.OptionalObjectAttributesRestoreStatus}}
	for p := s3.NewListObjectsV2Paginator(s.api.S3, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return lang.Errorf("list the files of %s: %w", s.Place, err)
		}
		for _, object := range page.Contents {
			key := aws.ToString(object.Key)
			s.Objects, s.Bytes = s.Objects+1, s.Bytes+aws.ToInt64(object.Size)
			s.see(object)
			rest := strings.TrimPrefix(key, s.Name+"/")
			parts := strings.Split(rest, "/") // DATABASE/SCHEMA.TABLE/1/part-…
			switch {
			case strings.HasPrefix(rest, "export_tables_info_"):
				infos = append(infos, key)
			case len(parts) > 2 && strings.HasSuffix(key, ".parquet"):
				tables[parts[0]+"."+parts[1]] = true
			}
		}
	}
	columns, left := map[string][]ArchivedColumn{}, map[string]string{}
	if s.Ready() {
		for _, key := range infos {
			if err := s.readInfo(ctx, key, columns, left); err != nil {
				return lang.Errorf("read %s: %w", path.Base(key), err)
			}
		}
	}
	for name := range left {
		tables[name] = true
	}
	for name := range tables {
		database, table, _ := strings.Cut(name, ".")
		t := ArchivedTable{Name: name, Place: s.Place + database + "/" + table + "/", Columns: columns[name], Left: left[name]}
		if t.Left == "" {
			t.DuckDB, t.Athena = duckDB(t.Place, s.Region, t.Columns), athena(athenaName(s.Client, s.Month, name), t.Place, t.Columns)
		}
		s.Tables = append(s.Tables, t)
	}
	slices.SortFunc(s.Tables, func(a, b ArchivedTable) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// see counts an object by where it is.
func (s *Stored) see(object s3types.Object) {
	if class := object.StorageClass; class != s3types.ObjectStorageClassGlacier && class != s3types.ObjectStorageClassDeepArchive {
		return
	}
	switch r := object.RestoreStatus; {
	case r != nil && aws.ToBool(r.IsRestoreInProgress):
		s.Thawing++
	case r != nil && r.RestoreExpiryDate != nil:
		if s.Until == nil || r.RestoreExpiryDate.Before(*s.Until) {
			s.Until = cloud.Moment(r.RestoreExpiryDate)
		}
	default:
		s.Cold, s.size = s.Cold+1, s.size+aws.ToInt64(object.Size)
		s.cold = append(s.cold, aws.ToString(object.Key))
	}
}

// readInfo reads a file in which RDS tells of tables.
func (s *Stored) readInfo(ctx context.Context, key string, columns map[string][]ArchivedColumn, left map[string]string) (err error) {
	out, err := s.api.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: &key})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Body.Close()) }()
	text, err := io.ReadAll(out.Body)
	if err != nil {
		return err
	}
	var info struct {
		Tables []struct {
			Target   string `json:"target"`
			Status   string `json:"status"`
			Warning  any    `json:"warningMessage"`
			Metadata struct {
				Columns []ArchivedColumn `json:"originalTypeMappings"`
			} `json:"schemaMetadata"`
		} `json:"perTableStatus"`
	}
	if err := json.Unmarshal(text, &info); err != nil {
		return err
	}
	for _, t := range info.Tables {
		columns[t.Target] = t.Metadata.Columns
		if t.Status != "COMPLETE" {
			left[t.Target] = strings.TrimSpace(strings.ToLower(t.Status) + " " + itemText(t.Warning))
		}
	}
	return nil
}

func itemText(warning any) string {
	if warning == nil {
		return ""
	}
	return fmt.Sprint(warning)
}

// Thaw asks S3 to bring everything out of Glacier for some days. What is on its way
// already is no error.
func (s *Stored) Thaw(ctx context.Context, tier string, days int) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(requests)
	for _, key := range s.cold {
		g.Go(func() error {
			_, err := s.api.S3.RestoreObject(ctx, &s3.RestoreObjectInput{Bucket: &s.bucket, Key: &key, RestoreRequest: &s3types.RestoreRequest{
				Days: aws.Int32(int32(days)), GlacierJobParameters: &s3types.GlacierJobParameters{Tier: s3types.Tier(strings.ToUpper(tier[:1]) + tier[1:])},
			}})
			if err != nil && awsapi.Code(err) != "RestoreAlreadyInProgress" {
				return lang.Errorf("ask for %s: %w", path.Base(key), err)
			}
			return nil
		})
	}
	return g.Wait()
}

// Await looks again and again until all of it can be read; see is told how many files are
// still on their way.
func (s *Stored) Await(ctx context.Context, see func(left int)) error {
	for !s.Ready() {
		see(s.Thawing + s.Cold)
		if err := cloud.Pause(ctx, s.pace); err != nil {
			return err
		}
		if err := s.Look(ctx); err != nil {
			return err
		}
	}
	return nil
}
