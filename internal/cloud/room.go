package cloud

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Room is what AWS has for a plan, as far as it can be asked before anything is made.
type Room struct {
	Quotas []QuotaCheck `json:"quotas"`
	Offers []OfferCheck `json:"offers"`
}

// QuotaCheck compares what a plan needs with what AWS allows.
type QuotaCheck struct {
	Name    string `json:"name"`
	Code    string `json:"code"` // of Service Quotas
	Region  string `json:"region"`
	Place   string `json:"place,omitempty"` // what it is about within the region
	Used    int    `json:"used"`
	Needed  int    `json:"needed"`
	Most    int    `json:"most"`              // that may be needed later, for hosts that come with the load
	Allowed int    `json:"allowed"`           // 0 when unknown
	Unknown string `json:"unknown,omitempty"` // why that is, or what is needed, is not known
}

// Short reports that the quota does not suffice.
func (q QuotaCheck) Short() bool { return q.Unknown == "" && q.Used+q.Needed > q.Allowed }

// Tight reports that it suffices for now, and not for all that may come.
func (q QuotaCheck) Tight() bool { return q.Unknown == "" && !q.Short() && q.Used+q.Most > q.Allowed }

// OfferCheck compares where a plan needs something with where AWS offers it.
type OfferCheck struct {
	Type    string   `json:"type"`
	Engine  string   `json:"engine,omitempty"` // of a database, with its major version
	Region  string   `json:"region"`
	Lacking []string `json:"lacking"`           // zones that do not have it
	Offered []string `json:"offered"`           // zones that have it
	Unknown string   `json:"unknown,omitempty"` // why AWS did not say
}

// Short reports that a zone lacks it.
func (o OfferCheck) Short() bool { return o.Unknown == "" && len(o.Lacking) > 0 }

// RoomTime is how long AWS is asked at most: what it has not told by then is unknown, and
// nobody waits for a service that only advises.
const RoomTime = 20 * time.Second

var errSlow = lang.Errorf("AWS did not answer within %s", RoomTime)

// Room asks AWS for the limits that the plan comes near to, and whether it offers what
// the plan needs. What AWS does not tell is reported as unknown. A plan that makes
// nothing of the kind asks nothing.
func (r *Run) Room(ctx context.Context, plan *provision.Plan) (Room, error) {
	needs, wanted := plan.Needs(), plan.Offers()
	room := Room{Quotas: make([]QuotaCheck, len(needs)), Offers: make([]OfferCheck, len(wanted))}
	asked, cancel := context.WithTimeoutCause(ctx, RoomTime, errSlow)
	defer cancel()
	limits := map[string]*limit{}
	var all sync.WaitGroup
	for i, n := range needs {
		api := r.Op.Factory.Set(n.Region)
		l, shared := limits[n.Region+n.Code] // one quota may be about several zones
		if !shared {
			l = &limit{told: make(chan struct{})}
			limits[n.Region+n.Code] = l
		}
		all.Go(func() {
			if !shared {
				l.allowed, l.err = quota(asked, api, n.Quota)
				close(l.told)
			}
			<-l.told
			room.Quotas[i] = checkQuota(asked, api, n, l)
		})
	}
	for i, w := range wanted {
		all.Go(func() { room.Offers[i] = checkOffer(asked, r.Op.Factory.Set(w.Region), w) })
	}
	all.Wait()
	return room, ctx.Err()
}

// limit is what a quota allows, once AWS has told.
type limit struct {
	told    chan struct{}
	allowed int
	err     error
}

// unknown is why AWS did not say.
func unknown(ctx context.Context, err error) string {
	if errors.Is(context.Cause(ctx), errSlow) {
		return errSlow.Error()
	}
	return awsapi.Explain(err)
}

func checkQuota(ctx context.Context, api *awsapi.Set, n provision.Need, l *limit) QuotaCheck {
	q := QuotaCheck{Name: n.Name, Code: n.Code, Region: n.Region, Place: n.Place, Used: n.Used, Needed: n.New, Most: n.Most}
	if n.Unsure != "" {
		q.Unknown = lang.Sprintf("not known: %s", n.Unsure)
		return q
	}
	err := l.err
	if q.Allowed = l.allowed; err == nil && n.VCPUs {
		q.Used, err = runningVCPUs(ctx, api)
	}
	if err != nil {
		q.Unknown = unknown(ctx, err)
	}
	return q
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
		return 0, lang.Errorf("AWS tells no value for quota %s", q.Code)
	}
	return int(aws.ToFloat64(standard.Quota.Value)), nil
}

// runningVCPUs are those of the instances that count for the limit on standard ones:
// whoever's, on demand, and running (EC2 user guide, "On-Demand Instance quotas").
func runningVCPUs(ctx context.Context, api *awsapi.Set) (int, error) {
	states := ec2types.Filter{Name: aws.String("instance-state-name"), Values: []string{"pending", "running"}}
	sum := 0
	for p := ec2.NewDescribeInstancesPaginator(api.EC2, &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{states}}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		for _, reservation := range page.Reservations {
			for _, i := range reservation.Instances {
				if i.CpuOptions != nil && i.InstanceLifecycle == "" && rules.StandardInstance(string(i.InstanceType)) {
					sum += int(aws.ToInt32(i.CpuOptions.CoreCount) * aws.ToInt32(i.CpuOptions.ThreadsPerCore))
				}
			}
		}
	}
	return sum, nil
}

func checkOffer(ctx context.Context, api *awsapi.Set, w provision.Wanted) OfferCheck {
	o := OfferCheck{Type: w.Type, Engine: strings.TrimSpace(w.Engine + " " + w.Major), Region: w.Region, Lacking: []string{}, Offered: []string{}}
	offered := hostZones
	if w.Engine != "" {
		offered = databaseZones
	}
	zones, err := offered(ctx, api, w)
	if err != nil {
		o.Unknown = unknown(ctx, err)
		return o
	}
	slices.Sort(zones)
	o.Offered = append(o.Offered, slices.Compact(zones)...)
	for _, zone := range w.Zones {
		if !slices.Contains(o.Offered, zone) {
			o.Lacking = append(o.Lacking, zone)
		}
	}
	return o
}

// hostZones are the zones that have an instance type.
func hostZones(ctx context.Context, api *awsapi.Set, w provision.Wanted) ([]string, error) {
	var out []string
	for p := ec2.NewDescribeInstanceTypeOfferingsPaginator(api.EC2, &ec2.DescribeInstanceTypeOfferingsInput{
		LocationType: ec2types.LocationTypeAvailabilityZone, Filters: []ec2types.Filter{{Name: aws.String("instance-type"), Values: []string{w.Type}}},
	}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range page.InstanceTypeOfferings {
			out = append(out, aws.ToString(o.Location))
		}
	}
	return out, nil
}

// databaseZones are the zones that have a class for any minor version of the engine.
func databaseZones(ctx context.Context, api *awsapi.Set, w provision.Wanted) ([]string, error) {
	engine := rules.EngineOf(w.Engine)
	var out []string
	for p := rds.NewDescribeOrderableDBInstanceOptionsPaginator(api.RDS, &rds.DescribeOrderableDBInstanceOptionsInput{
		Engine: &w.Engine, DBInstanceClass: &w.Type, Vpc: aws.Bool(true), MaxRecords: aws.Int32(100),
	}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range page.OrderableDBInstanceOptions {
			for _, zone := range o.AvailabilityZones {
				if engine.MajorOf(aws.ToString(o.EngineVersion)) == w.Major {
					out = append(out, aws.ToString(zone.Name))
				}
			}
		}
	}
	return out, nil
}
