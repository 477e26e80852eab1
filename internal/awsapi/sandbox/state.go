package sandbox

// state is the whole account. It is kept as JSON, so every field is exported
// and of a plain type. Regional services are keyed by region.
type state struct {
	Seq int64

	EC2  map[string]*ec2State
	RDS  map[string]*rdsState
	ECS  map[string]*ecsState
	ECR  map[string]*ecrState
	ELB  map[string]*elbState
	ASG  map[string]*asgState
	KMS  map[string]*kmsState
	Logs map[string]*logsState
	S3   *s3State  // one namespace for all regions
	IAM  *iamState // one namespace for all regions
}

// services registers the handlers of each service.
var services = []func(*Account){
	registerEC2, registerRDS, registerECS, registerECR, registerELB, registerASG,
	registerKMS, registerLogs, registerS3, registerIAM, registerSmall,
}

// in returns a regional service's state, made on first use.
func in[S any](m *map[string]*S, region string) *S {
	if *m == nil {
		*m = map[string]*S{}
	}
	if (*m)[region] == nil {
		(*m)[region] = new(S)
	}
	return (*m)[region]
}

func newState() *state { return &state{S3: &s3State{}, IAM: &iamState{}} }
