package rules

import (
	"math/bits"
	"strconv"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// instanceSize takes a class such as db.r6g.2xlarge apart.
var instanceSize = lazyregexp.New(`^db\.([a-z])[a-z0-9]*\.(medium|large|(\d*)xlarge)`)

// memoryGiB is the memory of an instance class of Aurora: 16 GiB for an r large and
// 32 for an x, twice as much with every size; t classes have 4 and 8. What is not
// known counts as the smallest, so that its alarm rings too early rather than never.
func memoryGiB(class string) int {
	m := instanceSize.FindStringSubmatch(class)
	if len(m) < 3 || m[2] == "medium" {
		return 4
	}
	large := map[string]int{"r": 16, "x": 32}[m[1]]
	if large == 0 {
		large = 8
	}
	if m[2] == "large" {
		return large
	}
	times, err := strconv.Atoi(m[3])
	if err != nil {
		times = 1 // "xlarge"
	}
	return 2 * times * large
}

// MaxConnections is about how many connections an instance takes with the engine's
// default (Aurora user guide, "Maximum connections"): PostgreSQL one for each
// 9,531,392 bytes of memory and 5,000 at most; MySQL 1,000 for 16 GiB and as many
// more with every doubling, and few on small instances.
func MaxConnections(d spec.Database) int {
	memory := memoryGiB(d.Class)
	switch {
	case d.Engine != spec.AuroraMySQL:
		return min(memory<<30/9531392, 5000)
	case memory < 16:
		return 90
	default:
		return 1000 * bits.Len(uint(memory/16))
	}
}
