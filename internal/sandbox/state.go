package sandbox

import (
	"encoding/json"
	"fmt"
)

// state is the whole account. It is kept as JSON, so every field of a part is
// exported and of a plain type. Regional services are keyed by region.
type state struct {
	Seq int64

	EC2        part[map[string]*ec2State]
	RDS        part[map[string]*rdsState]
	ECS        part[map[string]*ecsState]
	ECR        part[map[string]*ecrState]
	ELB        part[map[string]*elbState]
	ASG        part[map[string]*asgState]
	KMS        part[map[string]*kmsState]
	Logs       part[map[string]*logsState]
	Scheduler  part[map[string]*schedulerState]
	SQS        part[map[string]*sqsState]
	Backup     part[map[string]*backupState]
	SNS        part[map[string]*snsState]
	CloudWatch part[map[string]*cloudwatchState]
	CloudTrail part[map[string]*cloudtrailState]
	ACM        part[map[string]*acmState]
	Secrets    part[map[string]*secretsState]
	S3         part[s3State]  // one namespace for all regions
	IAM        part[iamState] // one namespace for all regions
	Route53    part[route53State]
	Quotas     part[quotaState]
	Tagging    part[map[string]*taggingState]
}

// parts are the parts of the state under their names, in the order of the file.
func (st *state) parts() []namedPart {
	return []namedPart{
		{"EC2", &st.EC2},
		{"RDS", &st.RDS},
		{"ECS", &st.ECS},
		{"ECR", &st.ECR},
		{"ELB", &st.ELB},
		{"ASG", &st.ASG},
		{"KMS", &st.KMS},
		{"Logs", &st.Logs},
		{"Scheduler", &st.Scheduler},
		{"SQS", &st.SQS},
		{"Backup", &st.Backup},
		{"SNS", &st.SNS},
		{"CloudWatch", &st.CloudWatch},
		{"CloudTrail", &st.CloudTrail},
		{"ACM", &st.ACM},
		{"Secrets", &st.Secrets},
		{"S3", &st.S3},
		{"IAM", &st.IAM},
		{"Route53", &st.Route53},
		{"Quotas", &st.Quotas},
		{"Tagging", &st.Tagging},
	}
}

type namedPart struct {
	name string
	part interface {
		json.Marshaler
		load(data []byte)
	}
}

// part is what one service keeps. A call needs few of them: a part that was read
// from a file is decoded when it is first used, and encoded again only after a use.
type part[T any] struct {
	value T
	raw   []byte // its JSON; nil when it isn't known
	state partState
}

type partState int

const (
	partUsed   partState = iota // value counts, raw may be out of date
	partSaved                   // both are the same
	partLoaded                  // raw counts, value isn't decoded yet
)

// use returns the part to be read or changed.
func (p *part[T]) use() *T {
	if p.state == partLoaded {
		var fresh T
		if err := json.Unmarshal(p.raw, &fresh); err != nil {
			panic(fmt.Errorf("decode: %w", err)) // told as damage by transact
		}
		p.value = fresh
	}
	p.state = partUsed
	return &p.value
}

// load takes the part from JSON that a process has saved.
func (p *part[T]) load(data []byte) { p.raw, p.state = data, partLoaded }

// MarshalJSON encodes the part if it was used since the last time.
func (p *part[T]) MarshalJSON() ([]byte, error) {
	if p.state != partUsed {
		return p.raw, nil
	}
	data, err := json.Marshal(p.value)
	if err != nil {
		return nil, err
	}
	p.raw, p.state = data, partSaved
	return data, nil
}

// UnmarshalJSON takes the part from JSON that anybody may have written.
func (p *part[T]) UnmarshalJSON(data []byte) error {
	var fresh T
	err := json.Unmarshal(data, &fresh)
	p.value, p.raw, p.state = fresh, nil, partUsed
	return err
}

// services registers the handlers of each service.
var services = []func(*Account){
	registerEC2, registerRDS, registerECS, registerECR, registerELB, registerASG,
	registerKMS, registerLogs, registerS3, registerIAM, registerSmall,
	registerACM, registerRoute53,
	registerScheduler, registerSQS, registerBackup, registerSNS, registerCloudWatch, registerCloudTrail, registerCloudControl,
	registerSecrets,
}

// in returns a regional service's state, made on first use.
func in[S any](p *part[map[string]*S], region string) *S {
	m := p.use()
	if *m == nil {
		*m = map[string]*S{}
	}
	if (*m)[region] == nil {
		(*m)[region] = new(S)
	}
	return (*m)[region]
}

func newState() *state { return &state{} }
