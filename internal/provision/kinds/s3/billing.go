package s3

import (
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// freeEscrow: keys are objects.
const freeEscrow = "billed with the bucket that it is in, s3/bucket"

func billBucket(_ *provision.Bill, want *wantBucket, have **Bucket) []price.Item {
	archive := want != nil && slices.ContainsFunc(want.life.rules, func(l lifecycled) bool { return l.glacier })
	if want == nil {
		archive = strings.Contains((*have).lifecycle, `"StorageClass":"GLACIER"`)
	}
	items := []price.Item{
		{What: "storage in S3 Standard", Product: price.S3Storage(), Per: price.ByUse},
		{What: lang.Text("writing requests to S3") + " (PUT, COPY, POST, LIST)", Product: price.S3Requests("Tier1", ""), Per: price.ByUse},
		{What: "other requests to S3", Product: price.S3Requests("Tier2", ""), Per: price.ByUse},
	}
	if archive {
		items = append(items,
			price.Item{What: "storage in S3 Glacier Flexible Retrieval", Product: price.S3Glacier(), Per: price.ByUse},
			price.Item{What: "moves of objects to S3 Glacier", Product: price.S3Requests("Tier3", "S3-GlacierTransition"), Per: price.ByUse})
	}
	return items
}
