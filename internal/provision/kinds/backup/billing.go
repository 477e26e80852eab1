package backup

import (
	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
	rdskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/rds"
)

// freeBackup: what is billed are the copies.
const freeBackup = "AWS Backup pricing: billed are the copies that are kept"

// billPoint: copies of Aurora are billed by RDS, for AWS Backup does not manage them in full
// (AWS Backup developer guide, "Metering, costs, and billing"). Of which engine a copy is AWS
// Backup does not tell: it is that of the client's database.
func billPoint(b *provision.Bill, _ *struct{}, have **recoveryPoint) []price.Item {
	engine := rdskinds.EngineOf(b)
	if engine == "" {
		b.Unknown("AWS Backup does not tell the engine of the copy, by which it is billed, and the database is gone")
		return nil
	}
	item := price.Item{What: "copies by AWS Backup", Product: price.Aurora(engine, "Storage Snapshot", "Aurora:BackupUsage"), Per: price.ByUse}
	if have != nil {
		// A GiB or less is what is told of copies whose size is not known.
		if size := aws.ToInt64((*have).BackupSizeInBytes); size > 1<<30 {
			item.Per, item.Quantity, item.Basis = price.ByMonth, price.Parts(size, 1<<30), "the size that AWS Backup tells"
		}
	}
	return []price.Item{item}
}
