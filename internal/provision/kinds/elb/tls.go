package elb

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The certificates of a listener for HTTPS. Whoever connects tells the name it wants:
// one certificate is the listener's own, for those that tell none, and the others are
// found by their names.

func (e entrance) tls() bool { return e.Protocol == elbtypes.ProtocolEnumHttps }

func (e entrance) policy() *string {
	if !e.tls() {
		return nil
	}
	return aws.String(rules.TLSPolicy)
}

// issued are the ARNs of the certificates that the listener is to have, its own first: that
// is any of them, and stays the same one. While none is left, after the last has expired,
// those that it has are better than none.
func (e entrance) issued(s *provision.Step) []string {
	if !e.tls() {
		return nil
	}
	arns := issuedFor(s, rules.Domains(s.Spec))
	if l, there := provision.Lookup[*listener](s, "elb/listener", s.Role); there {
		if i := slices.Index(arns, l.certificate()); i > 0 {
			arns = slices.Concat(arns[i:i+1], arns[:i], arns[i+1:])
		}
	}
	return arns
}

func (e entrance) certificates(s *provision.Step) []elbtypes.Certificate {
	if arns := e.issued(s); len(arns) > 0 {
		return []elbtypes.Certificate{{CertificateArn: &arns[0]}}
	}
	return nil
}

func (e entrance) certificate(s *provision.Step) string {
	if arns := e.issued(s); len(arns) > 0 {
		return arns[0]
	}
	return provision.Keep
}

func (e entrance) others(s *provision.Step) string {
	if arns := e.issued(s); len(arns) > 0 {
		return kit.Lines(arns[1:])
	}
	return provision.Keep
}

func (l *listener) tls() bool { return l.Protocol == elbtypes.ProtocolEnumHttps }

// What a listener without TLS has of this is not compared.

func (l *listener) policy() string {
	if !l.tls() {
		return provision.Keep
	}
	return aws.ToString(l.SslPolicy)
}

func (l *listener) certificate() string {
	switch {
	case !l.tls():
		return provision.Keep
	case len(l.Certificates) == 0:
		return ""
	default:
		return aws.ToString(l.Certificates[0].CertificateArn)
	}
}

func (l *listener) others() string {
	if !l.tls() {
		return provision.Keep
	}
	return kit.Lines(l.further)
}

// describeListener asks for the certificates beside the default one.
func describeListener(ctx context.Context, w *provision.Sweep, l *listener) error {
	if !l.tls() {
		return nil
	}
	p := elb.NewDescribeListenerCertificatesPaginator(w.ELB, &elb.DescribeListenerCertificatesInput{ListenerArn: l.ListenerArn})
	all, err := kit.All(ctx, p, func(o *elb.DescribeListenerCertificatesOutput) []elbtypes.Certificate { return o.Certificates })
	l.further = nil
	for _, c := range all {
		// The default one is listed twice when it was a further one before.
		if arn := aws.ToString(c.CertificateArn); arn != l.certificate() {
			l.further = append(l.further, arn)
		}
	}
	return err
}

func setFurtherCertificates(ctx context.Context, s *provision.Step, e entrance, l *listener) error {
	want, have := e.others(s), kit.Lines(l.further)
	err := kit.Each(kit.Missing(want, have), func(arn string) error {
		return kit.Do(ctx, s.API.ELB.AddListenerCertificates, &elb.AddListenerCertificatesInput{ListenerArn: l.ListenerArn, Certificates: []elbtypes.Certificate{{CertificateArn: &arn}}})
	})
	if err != nil {
		return err
	}
	return kit.Drop(kit.Missing(have, want), func(arn string) error {
		return kit.Do(ctx, s.API.ELB.RemoveListenerCertificates, &elb.RemoveListenerCertificatesInput{ListenerArn: l.ListenerArn, Certificates: []elbtypes.Certificate{{CertificateArn: &arn}}})
	})
}
