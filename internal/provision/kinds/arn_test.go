package kinds

import "testing"

// What the tagging service still tells of is an orphan only if no kind's own list would
// have told of it.
func TestWhatListsTellOf(t *testing.T) {
	here := "eu-west-3:123456789012:"
	for arn, want := range map[string]string{
		"arn:aws:ec2:" + here + "subnet/subnet-1":                                   "ec2/subnet",
		"arn:aws:ec2:" + here + "natgateway/nat-1":                                  "ec2/nat-gateway",
		"arn:aws:ec2:" + here + "vpc/vpc-1":                                         "ec2/vpc",
		"arn:aws:ec2:" + here + "vpc-endpoint/vpce-1":                               "ec2/vpc-endpoint",
		"arn:aws:ec2:" + here + "instance/i-1":                                      "",
		"arn:aws:elasticloadbalancing:" + here + "listener/app/acme-web/1/2":        "elb/listener",
		"arn:aws:elasticloadbalancing:" + here + "listener-rule/app/acme-web/1/2/3": "elb/listener-rule",
		"arn:aws:ecs:" + here + "task-definition/acme-shop-web-prod:3":              "ecs/task-definition",
		"arn:aws:rds:" + here + "cluster:acme":                                      "rds/cluster",
		"arn:aws:rds:" + here + "cluster-snapshot:acme-final-1":                     "rds/cluster-snapshot",
		"arn:aws:rds:" + here + "snapshot:somebody":                                 "",
		"arn:aws:logs:" + here + "log-group:/aws/rds/cluster/acme/postgresql":       "logs/log-group",
		"arn:aws:logs:" + here + "log-group:/somebody/else":                         "",
		"arn:aws:s3:::acme-shop-123456789012-eu-west-3-an":                          "s3/bucket",
		"arn:aws:s3:::somebodys":                                                    "",
		"arn:aws:secretsmanager:" + here + "secret:cicdctl/acme/shop-AbCdEf":        "secretsmanager/secret",
		"arn:aws:secretsmanager:" + here + "secret:other-AbCdEf":                    "",
		"arn:aws:sns:" + here + "acme-alarms":                                       "sns/topic",
		"arn:aws:lambda:" + here + "function:f":                                     "",
		"no ARN at all":                                                             "",
	} {
		got := ""
		for _, k := range All() {
			if k.Tells(arn) {
				got += k.Name
			}
		}
		if got != want {
			t.Errorf("%s is told by %q, want %q", arn, got, want)
		}
	}
}
