package s3

import (
	"sync"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Which buckets there are to be.

type wantBucket struct {
	name string
	app  string // empty for what is no app's
	key  string // role of the KMS key: "admin", "trail", "archive" or "client"; "access-logs" has none
	life lifecycle
}

// appFolders are what the document wants to find in an app's bucket.
var appFolders = []string{"preview/", "prod/"}

// appLifecycle is the same for the buckets of all apps.
var appLifecycle = sync.OnceValue(func() lifecycle {
	return newLifecycle(lifecycled{id: "uploads", abort: 7}, lifecycled{id: "versions", noncurrent: 90})
})

func wantBuckets(s *provision.Scope) map[provision.Role]wantBucket {
	if s.Level == provision.RegionLevel {
		if s.AccessLogDays == 0 || s.Region == s.Outer.Region {
			return nil
		}
		return map[provision.Role]wantBucket{kit.AccessLogsRole: logBucket(s, s.AccessLogDays)}
	}
	if s.Level == provision.AccountLevel {
		// Leases come and go; what was ever put under keys/ stays.
		want := map[provision.Role]wantBucket{"admin": {rules.AdminBucketName(s.Account, s.Region), "", "admin", newLifecycle(
			lifecycled{id: "uploads", abort: 7}, lifecycled{id: "leases", prefix: "leases/", noncurrent: 1},
		)}}
		if s.OrganizationTrail == "" {
			want[kit.TrailRole] = wantBucket{rules.TrailBucketName(s.Account, s.Region), "", kit.TrailRole, newLifecycle(
				lifecycled{id: "events", expire: rules.TrailDays}, lifecycled{id: "uploads", abort: 7}, lifecycled{id: "versions", noncurrent: 90},
			)}
		}
		if s.AccessLogDays > 0 {
			want[kit.AccessLogsRole] = logBucket(s, s.AccessLogDays)
		}
		return want
	}
	want := map[provision.Role]wantBucket{}
	if archive := s.Spec.Backup.Archive; archive.Monthly() {
		want[kit.ArchiveRole] = wantBucket{rules.ArchiveBucketName(s.Client, s.Region, s.Account), "", kit.ArchiveRole, newLifecycle(
			lifecycled{id: "archives", glacier: true, expire: int32(rules.ArchiveDays(archive.KeepMonths))},
			lifecycled{id: "uploads", abort: 7},
			lifecycled{id: "versions", noncurrent: 1}, // of what has expired
		)}
	}
	for _, app := range s.Spec.Apps {
		want[app.Name] = wantBucket{rules.BucketName(s.Client, app.Name, s.Region, s.Account), app.Name, "client", appLifecycle()}
	}
	return want
}

func bucketLabels(s *provision.Scope, d wantBucket) provision.Tags {
	if d.key == "admin" {
		return adminLabels(s)
	}
	return provision.Tags{provision.TagApp: d.app}
}

// adminLabels say on the admin bucket who the admins and the auditors are, so that
// the next operator, who has no list of them, neither takes their place nor shuts
// them out.
func adminLabels(s *provision.Scope) provision.Tags {
	labels := provision.Tags{provision.TagAdmins: rules.EncodeAdmins(kit.PlaceOf(s), s.Trusted.Admins)}
	if s.Trusted.Auditors != nil {
		labels[provision.TagAuditors] = rules.EncodeAuditors(kit.PlaceOf(s), s.Trusted.Auditors)
	}
	return labels
}
