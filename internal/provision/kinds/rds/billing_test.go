package rds

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// billed is what items are for: usage type, and quantity where it is fixed.
func billed(items []price.Item) string {
	var out []string
	for _, i := range items {
		line := i.Product.Usage + " of " + strings.Join(i.Product.Either["databaseEngine"], " or ")
		if i.Per != price.ByUse {
			line += fmt.Sprintf(" × %s", i.Quantity)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestInstancesAreBilledByClassAndState(t *testing.T) {
	t.Parallel()
	instance := func(class, engine, status string) *dbInstance {
		i := &Instance{DBInstance: rdstypes.DBInstance{DBInstanceClass: &class, Engine: &engine, DBInstanceStatus: &status}}
		return &i
	}
	larger := &wantDBInstance{class: "db.r6g.xlarge", engine: rules.EngineOf(spec.AuroraMySQL)}
	for what, c := range map[string]struct {
		want *wantDBInstance
		have *dbInstance
		is   string
	}{
		"one that is there":          {nil, instance("db.r6g.large", "aurora-mysql", "available"), "InstanceUsage:db.r6g.large of Aurora MySQL or Any × 1"},
		"one of the other engine":    {nil, instance("db.r6g.large", "aurora-postgresql", "available"), "InstanceUsage:db.r6g.large of Aurora PostgreSQL or Any × 1"},
		"one that is to be made":     {larger, nil, "InstanceUsage:db.r6g.xlarge of Aurora MySQL or Any × 1"},
		"one that is to be larger":   {larger, instance("db.r6g.large", "aurora-mysql", "available"), "InstanceUsage:db.r6g.xlarge of Aurora MySQL or Any × 1"},
		"one that somebody stopped":  {nil, instance("db.r6g.large", "aurora-mysql", "stopped"), ""},
		"one that is being started":  {nil, instance("db.r6g.large", "aurora-mysql", "starting"), "InstanceUsage:db.r6g.large of Aurora MySQL or Any × 1"},
		"one that earns CPU credits": {nil, instance("db.t4g.medium", "aurora-mysql", "available"), "InstanceUsage:db.t4g.medium of Aurora MySQL or Any × 1\nCPUCredits:db.t4g of Aurora MySQL or Any"},
		"one that grows by its load": {nil, instance("db.serverless", "aurora-mysql", "available"), "Aurora:ServerlessV2Usage of Aurora MySQL or Any"},
	} {
		if got := billed(billInstance(&provision.Bill{Scope: &provision.Scope{}}, c.want, c.have)); got != c.is {
			t.Errorf("%s: %s, not %s", what, got, c.is)
		}
	}
}

func TestClustersAreBilledByTheirStorage(t *testing.T) {
	t.Parallel()
	cluster := func(storage *string) *dbCluster {
		c := &Cluster{DBCluster: rdstypes.DBCluster{Engine: aws.String("aurora-mysql"), StorageType: storage}, standardUntil: time.Now().AddDate(1, 0, 0)}
		return &c
	}
	plain := billed(billCluster(&provision.Bill{Scope: &provision.Scope{}}, nil, cluster(nil)))
	if !strings.Contains(plain, "Aurora:StorageUsage") || !strings.Contains(plain, "Aurora:StorageIOUsage") {
		t.Errorf("standard storage: %s", plain)
	}
	if same := billed(billCluster(&provision.Bill{Scope: &provision.Scope{}}, nil, cluster(aws.String("aurora")))); same != plain {
		t.Errorf("standard storage by its name: %s", same)
	}
	dear := billed(billCluster(&provision.Bill{Scope: &provision.Scope{}}, nil, cluster(aws.String("aurora-iopt1"))))
	if !strings.Contains(dear, "Aurora:IO-OptimizedStorageUsage") || strings.Contains(dear, "StorageIOUsage") {
		t.Errorf("I/O-Optimized storage: %s", dear)
	}
}

func TestSnapshotsAreBilledByTheSizeThatIsTold(t *testing.T) {
	t.Parallel()
	for size, want := range map[int32]string{
		0:   "Aurora:BackupUsage of Aurora MySQL or Any",
		1:   "Aurora:BackupUsage of Aurora MySQL or Any", // what RDS tells where it does not know
		100: "Aurora:BackupUsage of Aurora MySQL or Any × 100",
	} {
		s := &rdstypes.DBClusterSnapshot{Engine: aws.String("aurora-mysql"), AllocatedStorage: &size}
		if got := billed(billSnapshot(&provision.Bill{Scope: &provision.Scope{}}, nil, &s)); got != want {
			t.Errorf("%d GiB: %s, not %s", size, got, want)
		}
	}
}
