package sandbox

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	quotatypes "github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// quotaState is what AWS has granted to the account, in all regions.
type quotaState struct{ Granted map[string]float64 }

// quota is what the account has of a limit: what was granted, or else the value given.
func (t *tx) quota(code string, otherwise float64) float64 {
	if granted, ok := t.Quotas.use().Granted[code]; ok {
		return granted
	}
	if set, ok := t.opts.Quotas[code]; ok {
		return set
	}
	return otherwise
}

// SetQuota grants the account a value of a quota in all regions, as AWS does when it is
// asked; a new account has less of some than the sandbox. The name is empty where no quota has
// the code.
func (a *Account) SetQuota(code string, value float64) (name string, err error) {
	for _, service := range quotas {
		if q, known := service[code]; known {
			name = q.name
		}
	}
	if name == "" {
		return "", nil
	}
	_, err = a.byHand(func(t *tx) (any, error) {
		s := t.Quotas.use()
		if s.Granted == nil {
			s.Granted = map[string]float64{}
		}
		s.Granted[code] = value
		return nil, nil
	})
	return name, err
}

// quota is one limit of AWS: what every account starts with, and what this one has.
type quota struct {
	name              string
	standard, applied float64
}

// quotas are the published defaults. Only the vCPU limit is higher here: AWS
// raises it by itself as soon as an account is in use. A new account has what
// [Options.Quotas] and [Account.SetQuota] say.
var quotas = map[string]map[string]quota{
	"vpc": {
		"L-F678F1CE": {"VPCs per Region", vpcQuota, vpcQuota},
		"L-407747CB": {"Subnets per VPC", 200, 200},
		"L-FE5A380F": {"NAT gateways per Availability Zone", 5, 5},
		"L-A4707A72": {"Internet gateways per Region", 5, 5},
		"L-589F43AA": {"Route tables per VPC", 200, 200},
		"L-93826ACB": {"Routes per route table", 50, 50},
		"L-B4A6D682": {"Network ACLs per Region", 200, 200},
		"L-2AEEBF1A": {"Rules per network ACL", 20, 20},
		"L-E79EC296": {"VPC security groups per Region", 2500, 2500},
		"L-0EA8095F": {"Inbound or outbound rules per security group", groupRules, groupRules},
		"L-2AFB9258": {"Security groups per network interface", 5, 5},
		"L-DF5E4CA3": {"Network interfaces per Region", 5000, 5000},
		"L-1B52E74A": {"Gateway VPC endpoints per Region", 20, 20},
		"L-83CA0A9D": {"IPv4 CIDR blocks per VPC", 5, 5},
	},
	"ec2": {
		"L-0263D0A3": {"EC2-VPC Elastic IPs", 5, 5},
		"L-7029FAB6": {"Virtual private gateways per region", vpnGatewayQuota, vpnGatewayQuota},
		"L-4FB7FF5D": {"Customer gateways per region", customerGatewayQuota, customerGatewayQuota},
		"L-3E6EC3A3": {"VPN connections per region", vpnQuota, vpnQuota},
		"L-B91E5754": {"VPN connections per VGW", vpnsOfGatewayQuota, vpnsOfGatewayQuota},
		"L-8EA77D34": {"Client VPN endpoints per Region", clientVPNQuota, clientVPNQuota},
		"L-1216C47A": {"Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5, 128},
	},
	"rds": {
		"L-952B80B8": {"DB clusters", 40, 40},
		"L-7B6409FD": {"DB instances", 40, 40},
		"L-48C6BF61": {"DB subnet groups", 50, 50},
		"L-E4C808A8": {"DB cluster parameter groups", 50, 50},
		"L-A59F4C87": {"Event subscriptions", dbSubscriptionQuota, dbSubscriptionQuota},
		"L-9B510759": {"Manual DB cluster snapshots", 100, 100},
	},
	"elasticloadbalancing": {
		"L-53DA6B97": {"Application Load Balancers per Region", 50, 50},
		"L-69A177A2": {"Network Load Balancers per Region", 50, 50},
		"L-B22855CB": {"Target Groups per Region", 3000, 3000},
	},
	"ecs": {
		"L-21C621EB": {"Clusters per account", 10000, 10000},
		"L-9EF96962": {"Services per cluster", 5000, 5000},
	},
	"autoscaling": {"L-CDE20ADC": {"Auto Scaling groups per region", 500, 500}},
	"ecr":         {"L-CFEB8E8D": {"Registered repositories", 100000, 100000}},
}

// ecsImages is where AWS publishes the newest image for ECS hosts.
const ecsImages = "/aws/service/ecs/optimized-ami/amazon-linux-2023/"

// images are the ids in each region, for Intel and for Graviton.
var images = map[string][2]string{
	"eu-west-3":    {"ami-0c5a1e3f7b9d00001", "ami-0c5a1e3f7b9d0a001"},
	"eu-west-1":    {"ami-0c5a1e3f7b9d00002", "ami-0c5a1e3f7b9d0a002"},
	"eu-central-1": {"ami-0c5a1e3f7b9d00003", "ami-0c5a1e3f7b9d0a003"},
	"eu-west-2":    {"ami-0c5a1e3f7b9d00004", "ami-0c5a1e3f7b9d0a004"},
}

func registerSmall(a *Account) {
	op(a, sts.ServiceID, func(t *tx, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
		return &sts.GetCallerIdentityOutput{Account: aws.String(t.opts.ID), Arn: t.caller(), UserId: aws.String("AROASANDBOX:sandbox")}, nil
	})
	op(a, ssm.ServiceID, func(t *tx, in *ssm.GetParameterInput) (*ssm.GetParameterOutput, error) {
		name := aws.ToString(in.Name)
		image, known := t.imageID(name)
		if !known {
			return nil, apiError("ParameterNotFound", "Parameter %s not found.", name)
		}
		return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{
			Name: in.Name, Value: aws.String(image), Type: ssmtypes.ParameterTypeString, DataType: aws.String("text"), Version: 1,
			ARN: aws.String(fmt.Sprintf("arn:aws:ssm:%s::parameter%s", t.region, name)),
		}}, nil
	})
	find := func(t *tx, service, code *string, value func(quota) float64) (*quotatypes.ServiceQuota, error) {
		q, known := quotas[aws.ToString(service)][aws.ToString(code)]
		q.applied = t.quota(aws.ToString(code), q.applied)
		if !known {
			return nil, httpError(http.StatusNotFound, "NoSuchResourceException", "The request failed because the specified quota does not exist.")
		}
		return &quotatypes.ServiceQuota{
			ServiceCode: service, QuotaCode: code, QuotaName: aws.String(q.name), Value: aws.Float64(value(q)), Adjustable: true, GlobalQuota: false, Unit: aws.String("None"),
			QuotaArn: aws.String(t.arn("servicequotas", *service+"/"+*code)),
		}, nil
	}
	op(a, servicequotas.ServiceID, func(t *tx, in *servicequotas.GetServiceQuotaInput) (*servicequotas.GetServiceQuotaOutput, error) {
		q, err := find(t, in.ServiceCode, in.QuotaCode, func(q quota) float64 { return q.applied })
		return &servicequotas.GetServiceQuotaOutput{Quota: q}, err
	})
	op(a, servicequotas.ServiceID, func(t *tx, in *servicequotas.GetAWSDefaultServiceQuotaInput) (*servicequotas.GetAWSDefaultServiceQuotaOutput, error) {
		q, err := find(t, in.ServiceCode, in.QuotaCode, func(q quota) float64 { return q.standard })
		return &servicequotas.GetAWSDefaultServiceQuotaOutput{Quota: q}, err
	})
	registerTagging(a)
}

// imageID resolves a parameter of AWS's own that holds the id of an image.
func (t *tx) imageID(parameter string) (string, bool) {
	ids, known := images[t.region]
	switch strings.TrimPrefix(parameter, ecsImages) {
	case "recommended/image_id":
		return ids[0], known
	case "arm64/recommended/image_id":
		return ids[1], known
	}
	return "", false
}
