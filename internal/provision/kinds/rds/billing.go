package rds

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Where AWS says that it bills nothing.
const (
	freeSettings = "Amazon Aurora pricing has no charge for groups of subnets and parameters"
	freeEvents   = "Amazon RDS user guide, \"Working with Amazon RDS event notification\": billed are the messages of Amazon SNS"
)

// optimized is the storage of a cluster that is billed without its I/O, with dearer instances.
const optimized = "aurora-iopt1"

// serverless is the class of instances that grow and shrink by themselves.
const serverless = "db.serverless"

// engineName is what the price list calls an engine.
func engineName(engine string) string {
	if engine == spec.AuroraPostgreSQL {
		return "Aurora PostgreSQL"
	}
	return "Aurora MySQL"
}

// EngineOf is what the price list calls the engine of a client's database; empty when nobody
// knows it.
func EngineOf(b *provision.Bill) string {
	if c, ok := provision.BilledWith[dbCluster](b, "rds/cluster", databaseRole); ok {
		return engineName(aws.ToString(c.Engine))
	}
	if b.Spec != nil {
		return engineName(b.Spec.Database.Engine)
	}
	return ""
}

// billCluster: storage and I/O are known to CloudWatch only, and change with use. So do
// backups, of which as much as the database is free.
func billCluster(b *provision.Bill, want *wantDBCluster, have *dbCluster) []price.Item {
	var engine, storage string
	if want != nil {
		engine = engineName(want.engine.Name)
	}
	if have != nil {
		c := *have
		engine, storage = engineName(aws.ToString(c.Engine)), aws.ToString(c.StorageType)
		if !c.standardUntil.IsZero() && time.Now().After(c.standardUntil) {
			b.Unknown("RDS Extended Support of the engine's old version is billed by vCPU and hour; cicdctl does not count it")
		}
	}
	items := []price.Item{{What: "storage of databases", Product: price.Aurora(engine, "Database Storage", "Aurora:StorageUsage"), Per: price.ByUse}}
	if storage == optimized {
		items[0] = price.Item{What: lang.Text("storage of databases") + " (I/O-Optimized)", Product: price.Aurora(engine, "Database Storage", "Aurora:IO-OptimizedStorageUsage"), Per: price.ByUse}
	} else {
		items = append(items, price.Item{What: "I/O requests of databases", Product: price.Aurora(engine, "System Operation", "Aurora:StorageIOUsage"), Per: price.ByUse})
	}
	return append(items,
		price.Item{What: "backups of databases", Product: price.Aurora(engine, "Storage Snapshot", "Aurora:BackupUsage"), Per: price.ByUse},
		price.Item{What: "exports of snapshots to S3", Product: price.Aurora(engine, "System Operation", "Aurora:SnapshotExportToS3"), Per: price.ByUse})
}

// billInstance: one that is stopped is not billed (Aurora user guide, "Stopping and starting
// an Amazon Aurora DB cluster": storage and backups are).
func billInstance(b *provision.Bill, want *wantDBInstance, have *dbInstance) []price.Item {
	var class, engine, storage, cluster string
	if want != nil {
		class, engine, cluster = want.class, engineName(want.engine.Name), want.cluster
	}
	if have != nil {
		i := *have
		if want == nil {
			class = aws.ToString(i.DBInstanceClass)
		}
		engine, cluster = engineName(aws.ToString(i.Engine)), clusterRoleOf(i)
		if status := aws.ToString(i.DBInstanceStatus); want == nil && (status == "stopped" || status == "stopping") {
			return nil
		}
	}
	if c, ok := provision.BilledWith[dbCluster](b, "rds/cluster", cluster); ok {
		storage = aws.ToString(c.StorageType)
	}
	usage, acu, note := "InstanceUsage:", "Aurora:ServerlessV2Usage", ""
	if storage == optimized {
		usage, acu, note = "InstanceUsageIOOptimized:", "Aurora:ServerlessV2IOOptimizedUsage", ", I/O-Optimized"
	}
	if class == serverless {
		return []price.Item{{What: lang.Text("capacity units of database instances") + " (ACU" + note + ")", Product: price.Aurora(engine, "ServerlessV2", acu), Per: price.ByUse}}
	}
	product := price.Aurora(engine, "Database Instance", usage+class)
	product.Filters["instanceType"], product.Filters["deploymentOption"] = class, "Single-AZ"
	items := []price.Item{{What: lang.Text("database instances") + " (" + class + note + ")", Product: product, Quantity: price.Count(1)}}
	if family, _, _ := strings.Cut(strings.TrimPrefix(class, "db."), "."); strings.HasPrefix(family, "t") {
		items = append(items, price.Item{What: lang.Text("CPU credits of databases beyond those earned") + " (" + family + ")", Product: price.Aurora(engine, "CPU Credits", "CPUCredits:db."+family), Per: price.ByUse})
	}
	return items
}

// leastSnapshot is more GiB than RDS tells of a snapshot whose size it does not know.
const leastSnapshot = 2

// billSnapshot: a snapshot is billed once it is older than the backups of its cluster, or that
// is gone (Aurora user guide, "Understanding Amazon Aurora backup storage usage").
func billSnapshot(b *provision.Bill, _ *wantDBSnapshot, have *dbSnapshot) []price.Item {
	engine := EngineOf(b)
	if have != nil {
		engine = engineName(aws.ToString((*have).Engine))
	}
	item := price.Item{What: "snapshots of databases", Product: price.Aurora(engine, "Storage Snapshot", "Aurora:BackupUsage"), Per: price.ByUse}
	if have == nil {
		return []price.Item{item}
	}
	if size := aws.ToInt32((*have).AllocatedStorage); size >= leastSnapshot {
		item.Per, item.Quantity, item.Basis = price.ByMonth, price.Count(int64(size)), "the size that RDS tells; free while backups of its cluster reach back as far"
	}
	return []price.Item{item}
}
