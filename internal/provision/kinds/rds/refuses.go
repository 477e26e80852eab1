package rds

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kms"
)

// What AWS would refuse to remove, as far as it can be told before anything is gone.
// Nearly all of it is in what a plan has read already.

// A region's quota of manual snapshots of clusters, and its default, which is never
// lower ("Quotas and constraints for Amazon Aurora").
const (
	snapshotQuota     = "L-9B510759"
	snapshotsAnywhere = 100
)

// refusesDBCluster is about the one removal that must not stop half way: without its
// instances a database answers nobody, and its last copy is still to be made.
func refusesDBCluster(ctx context.Context, s *provision.Step, w *provision.Sweep, c dbCluster) (string, error) {
	status := aws.ToString(c.Status)
	for _, m := range c.DBClusterMembers {
		name := aws.ToString(m.DBInstanceIdentifier)
		theirs := func(r *provision.Resource) bool { return r.ID == name && r.Foreign() }
		if slices.ContainsFunc(s.Found("rds/instance"), theirs) {
			return lang.Sprintf("its instance %s is not cicdctl's: ask whose it is; it goes with the others once it carries their tags (those that begin with cicdctl:, with a cicdctl:role of its own)", name), nil
		}
	}
	switch {
	case status == keyless:
		return lang.Sprintf("RDS says %s: it cannot reach its KMS key; cicdctl client create %s enables the key and starts the database", status, s.Client), nil
	case isStopped(c): // it is started first
		if why, err := keyRefuses(ctx, s, w, aws.ToString(c.KmsKeyId)); why != "" || err != nil {
			return why, err
		}
	}
	switch {
	case aws.ToString(c.GlobalClusterIdentifier) != "":
		return lang.Sprintf("it is part of the global cluster %s: take it out first", *c.GlobalClusterIdentifier), nil
	case s.Purge || isDrill(Tags.Of(c.TagList)):
		return "", nil // no last copy
	case dbState(c.Status) == provision.Failed:
		return lang.Sprintf("RDS calls it %s, and makes no final snapshot of it: repair it first; --purge-data removes it without a last copy", status), nil
	}
	if why, err := keyRefuses(ctx, s, w, aws.ToString(c.KmsKeyId)); why != "" || err != nil {
		return why, err
	}
	if taken := len(s.Found("rds/cluster-snapshot")); taken >= snapshotsAnywhere {
		out, err := w.Quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: aws.String("rds"), QuotaCode: aws.String(snapshotQuota)})
		if err != nil {
			return "", err
		}
		if most := int(aws.ToFloat64(out.Quota.Value)); taken >= most {
			return lang.Sprintf("the region holds %d manual {snapshot|snapshots} of clusters and may hold %d, so there is no room for the final one: delete some, or ask for more (%s)", taken, most, snapshotQuota), nil
		}
	}
	return "", nil
}

// keyRefuses is why nothing can be written that is encrypted with a key.
func keyRefuses(ctx context.Context, s *provision.Step, w *provision.Sweep, arn string) (string, error) {
	if arn == "" {
		return "", nil
	}
	state := kmstypes.KeyState("")
	for _, r := range s.Found("kms/key") {
		if k, ok := r.Object.(*kms.Key); ok && r.ID == arn && !k.Made.IsZero() {
			state = k.State
		}
	}
	if state == "" {
		about, err := kms.DescribeKey(ctx, w, w.KMS, arn)
		switch {
		case awsapi.Is(err, awsapi.NotFound):
			return lang.Sprintf("its KMS key %s is not there any more", arn), nil
		case awsapi.Is(err, awsapi.Denied):
			return "", nil // it may be used all the same
		case err != nil:
			return "", err
		}
		state = about.KeyState
	}
	if state == kmstypes.KeyStateEnabled {
		return "", nil
	}
	return lang.Sprintf("its KMS key %s is %s, and the final snapshot is encrypted with it: enable it first", arn, state), nil
}

// usedByClusters is a Refused: a group stays while somebody else's cluster or instance
// is in it.
func usedByClusters[A any](name func(A) string, ofCluster func(dbCluster) *string, ofInstance func(dbInstance) string) func(context.Context, *provision.Step, *provision.Sweep, A) (string, error) {
	return func(_ context.Context, s *provision.Step, _ *provision.Sweep, a A) (string, error) {
		for _, r := range append(slices.Clone(s.Found("rds/cluster")), s.Found("rds/instance")...) {
			in := ""
			switch o := r.Object.(type) {
			case dbCluster:
				in = aws.ToString(ofCluster(o))
			case dbInstance:
				in = ofInstance(o)
			}
			if r.Foreign() && in == name(a) {
				return lang.Sprintf("the %s %s uses it and is not cicdctl's", strings.TrimPrefix(r.Type.Name, "rds/"), r.ID), nil
			}
		}
		return "", nil
	}
}
