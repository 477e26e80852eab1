package ops

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// QuotaCheck compares what a plan needs with what AWS allows.
type QuotaCheck struct {
	Name    string `json:"name"`
	Code    string `json:"code"` // of Service Quotas
	Region  string `json:"region"`
	Used    int    `json:"used"`
	Needed  int    `json:"needed"`
	Allowed int    `json:"allowed"`           // 0 when unknown
	Unknown string `json:"unknown,omitempty"` // why AWS did not say what is allowed
}

// Short reports that the quota does not suffice.
func (q QuotaCheck) Short() bool { return q.Unknown == "" && q.Used+q.Needed > q.Allowed }

// Quotas asks AWS for the limits that the plan comes near to. A limit that AWS
// does not tell is reported as unknown.
func (r *Run) Quotas(ctx context.Context, plan *provision.Plan) ([]QuotaCheck, error) {
	needs := plan.Needs()
	out := make([]QuotaCheck, len(needs))
	g, ctx := errgroup.WithContext(ctx)
	for i, n := range needs {
		g.Go(func() error {
			allowed, err := quota(ctx, r.op.factory.Set(n.Region), n.Quota)
			out[i] = QuotaCheck{Name: n.Name, Code: n.Code, Region: n.Region, Used: n.Used, Needed: n.New, Allowed: allowed}
			if err != nil {
				out[i].Unknown = awsapi.Explain(err)
			}
			return ctx.Err()
		})
	}
	return out, g.Wait()
}

// quota is the account's own limit, or AWS's default where none was ever asked for.
func quota(ctx context.Context, api *awsapi.Set, q *provision.Quota) (int, error) {
	own, err := api.Quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &q.Service, QuotaCode: &q.Code})
	if err == nil && own.Quota != nil {
		return int(aws.ToFloat64(own.Quota.Value)), nil
	}
	if err != nil && !awsapi.Is(err, awsapi.NotFound) {
		return 0, err
	}
	standard, err := api.Quotas.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &q.Service, QuotaCode: &q.Code})
	if err != nil {
		return 0, err
	}
	if standard.Quota == nil {
		return 0, fmt.Errorf("AWS tells no value for quota %s", q.Code)
	}
	return int(aws.ToFloat64(standard.Quota.Value)), nil
}

// Health is what doctor finds out about an account and a region.
type Health struct {
	Identity awsapi.Identity  `json:"identity"`
	Region   string           `json:"region"`
	Zones    []provision.Zone `json:"zones"`
	Clients  []Client         `json:"clients"`
	Slots    int              `json:"slots"` // in all
	Admins   []string         `json:"admins"`
	Auditors []string         `json:"auditors"`
	Quotas   []QuotaCheck     `json:"quotas"`
}

// imagined is the client that doctor plans, to see what one more would need.
const imagined = "NEWCOMER"

// Doctor looks whether one more client, with the document's defaults, would fit
// into the account and the region. It only reads. A *NoSlotError comes with all
// that was found out before.
func (o *Operator) Doctor(ctx context.Context, region string) (*Health, error) {
	id, err := o.Identity(ctx)
	if err != nil {
		return nil, err
	}
	h := &Health{Identity: id, Region: region, Slots: len(o.addr.Slots())}
	account, scope, err := o.region(ctx, region)
	if err != nil {
		return h, err
	}
	h.Admins, h.Auditors, h.Zones = account.Trusted.Admins, append([]string{}, account.Trusted.Auditors...), scope.Zones
	if h.Clients, err = o.Clients(ctx, region); err != nil {
		return h, err
	}
	s, err := spec.Default(imagined, region, o.Checks())
	if err != nil {
		return h, err
	}
	run, err := o.Build(ctx, s)
	if err != nil {
		return h, err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return h, err
	}
	h.Quotas, err = run.Quotas(ctx, plan)
	return h, err
}
