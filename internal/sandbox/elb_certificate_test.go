package sandbox

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// secureWorld is a load balancer with a listener on port 443.
type secureWorld struct {
	*elbWorld
	certificates *certificates
	first        *string // the default certificate
	second       *string // issued, and in no use
	secure       *string // the listener
}

func newSecureWorld(t *testing.T) *secureWorld {
	t.Helper()
	w := &secureWorld{elbWorld: newELBWorld(t)}
	w.certificates = &certificates{t, w.account, w.factory, w.api}
	w.first, w.second = w.certificates.issued("shop.acme.example"), w.certificates.issued("www.acme.example")
	// ELB has not heard yet that they were issued; the first call says so.
	for _, arn := range []*string{w.first, w.second} {
		if err := w.listenTLS(443, nil, *arn)(); awsapi.Code(err) != "UnsupportedCertificate" || !awsapi.Propagating(err) {
			t.Fatalf("a certificate that was just issued: %v", err)
		}
	}
	if err := w.listenTLS(443, nil, *w.first)(); err != nil {
		t.Fatal(err)
	}
	w.secure = w.listeners()[1].ListenerArn
	return w
}

func (w *secureWorld) listenTLS(port int32, policy *string, arns ...string) func() error {
	return func() error {
		in := &elb.CreateListenerInput{LoadBalancerArn: &w.balancer, Port: &port, Protocol: elbtypes.ProtocolEnumHttps, SslPolicy: policy, DefaultActions: answer("text/plain")}
		for _, arn := range arns {
			in.Certificates = append(in.Certificates, elbtypes.Certificate{CertificateArn: &arn})
		}
		_, err := w.api.ELB.CreateListener(w.t.Context(), in)
		return err
	}
}

func (w *secureWorld) listeners() []elbtypes.Listener {
	w.t.Helper()
	var out []elbtypes.Listener
	for pages := elb.NewDescribeListenersPaginator(w.api.ELB, &elb.DescribeListenersInput{LoadBalancerArn: &w.balancer}); pages.HasMorePages(); {
		out = append(out, must[*elb.DescribeListenersOutput](w.t)(pages.NextPage(w.t.Context())).Listeners...)
	}
	return out
}

// redirect makes a rule of the listener with a redirect.
func (w *secureWorld) redirect(listener *string, to elbtypes.RedirectActionConfig) func() error {
	return func() error {
		_, err := w.api.ELB.CreateRule(w.t.Context(), &elb.CreateRuleInput{
			ListenerArn: listener, Priority: aws.Int32(50), Actions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumRedirect, RedirectConfig: &to}},
			Conditions: []elbtypes.RuleCondition{{Field: aws.String("host-header"), Values: []string{"shop.acme.example"}}},
		})
		return err
	}
}

func (w *secureWorld) add(listener *string, certificates ...elbtypes.Certificate) func() error {
	return func() error {
		_, err := w.api.ELB.AddListenerCertificates(w.t.Context(), &elb.AddListenerCertificatesInput{ListenerArn: listener, Certificates: certificates})
		return err
	}
}

func (w *secureWorld) remove(listener, arn *string) func() error {
	return func() error {
		_, err := w.api.ELB.RemoveListenerCertificates(w.t.Context(), &elb.RemoveListenerCertificatesInput{ListenerArn: listener, Certificates: []elbtypes.Certificate{{CertificateArn: arn}}})
		return err
	}
}

func TestSecureListenerRefusals(t *testing.T) {
	t.Parallel()
	w := newSecureWorld(t)
	waiting := w.certificates.request("new.acme.example")
	elsewhere := *(&certificates{t, w.account, w.factory, w.factory.Set("eu-west-1")}).issued("eu.acme.example")
	protocol, port := aws.String("HTTPS"), aws.String("443")
	modify := func(in elb.ModifyListenerInput) func() error {
		return func() error {
			_, err := w.api.ELB.ModifyListener(t.Context(), &in)
			return err
		}
	}
	tests := map[string]refusal{
		"no certificate":                       {w.listenTLS(8443, nil), "ValidationError"},
		"two certificates at once":             {w.listenTLS(8443, nil, *w.first, *w.second), "ValidationError"},
		"a certificate that was not issued":    {w.listenTLS(8443, nil, *waiting), "UnsupportedCertificate"},
		"a certificate of another region":      {w.listenTLS(8443, nil, elsewhere), "CertificateNotFound"},
		"a policy that there is not":           {w.listenTLS(8443, aws.String("ELBSecurityPolicy-2099"), *w.first), "SSLPolicyNotFound"},
		"a port that is taken, another policy": {w.listenTLS(443, aws.String("ELBSecurityPolicy-TLS13-1-2-2021-06"), *w.first), "DuplicateListener"},
		"a policy without TLS":                 {modify(elb.ModifyListenerInput{ListenerArn: &w.listener, SslPolicy: aws.String(defaultPolicy)}), "ValidationError"},
		"TLS without a certificate":            {modify(elb.ModifyListenerInput{ListenerArn: &w.listener, Protocol: elbtypes.ProtocolEnumHttps}), "ValidationError"},
		"a certificate called the default":     {w.add(w.secure, elbtypes.Certificate{CertificateArn: w.second, IsDefault: aws.Bool(false)}), "ValidationError"},
		"two more certificates at once":        {w.add(w.secure, elbtypes.Certificate{CertificateArn: w.first}, elbtypes.Certificate{CertificateArn: w.second}), "ValidationError"},
		"a certificate more, not issued":       {w.add(w.secure, elbtypes.Certificate{CertificateArn: waiting}), "UnsupportedCertificate"},
		"a certificate more without TLS":       {w.add(&w.listener, elbtypes.Certificate{CertificateArn: w.second}), "ValidationError"},
		"removing the default":                 {w.remove(w.secure, w.first), "OperationNotPermitted"},
		"removing what is not there":           {w.remove(w.secure, w.second), "CertificateNotFound"},
		"a redirect with another code":         {w.redirect(&w.listener, elbtypes.RedirectActionConfig{StatusCode: "HTTP_308", Protocol: protocol, Port: port}), "ValidationError"},
		"a redirect to no port":                {w.redirect(&w.listener, elbtypes.RedirectActionConfig{StatusCode: "HTTP_301", Port: aws.String("0")}), "ValidationError"},
		"a redirect to no protocol":            {w.redirect(&w.listener, elbtypes.RedirectActionConfig{StatusCode: "HTTP_301", Protocol: aws.String("FTP")}), "ValidationError"},
		"a redirect of HTTPS to itself":        {w.redirect(w.secure, elbtypes.RedirectActionConfig{StatusCode: "HTTP_301", Protocol: protocol, Port: port}), "InvalidLoadBalancerAction"},
		"a redirect that changes the query":    {w.redirect(w.secure, elbtypes.RedirectActionConfig{StatusCode: "HTTP_301", Query: aws.String("x=1")}), "InvalidLoadBalancerAction"},
		"a redirect from HTTPS to HTTP":        {w.redirect(w.secure, elbtypes.RedirectActionConfig{StatusCode: "HTTP_301", Protocol: aws.String("HTTP"), Port: aws.String("80")}), "InvalidLoadBalancerAction"},
		"certificates of a listener that isn't": {func() error {
			_, err := w.api.ELB.DescribeListenerCertificates(t.Context(), &elb.DescribeListenerCertificatesInput{ListenerArn: &w.balancer})
			return err
		}, "ListenerNotFound"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := awsapi.Code(test.call()); got != test.want {
				t.Errorf("code %q, want %q", got, test.want)
			}
		})
	}
}

// told is the certificates of the listener, "*" before the default.
func (w *secureWorld) told() string {
	w.t.Helper()
	name := map[string]string{*w.first: "first ", *w.second: "second "}
	out := ""
	for pages := elb.NewDescribeListenerCertificatesPaginator(w.api.ELB, &elb.DescribeListenerCertificatesInput{ListenerArn: w.secure}); pages.HasMorePages(); {
		for _, c := range must[*elb.DescribeListenerCertificatesOutput](w.t)(pages.NextPage(w.t.Context())).Certificates {
			if *c.IsDefault {
				out += "*"
			}
			out += name[*c.CertificateArn]
		}
	}
	return out
}

func TestSecureListener(t *testing.T) {
	t.Parallel()
	w := newSecureWorld(t)
	if l := w.listeners()[1]; *l.SslPolicy != defaultPolicy || l.Certificates[0].IsDefault != nil {
		t.Errorf("a new listener has the policy %s, and its certificate IsDefault %v", *l.SslPolicy, l.Certificates[0].IsDefault)
	}
	for range 2 { // once more is no second one
		if err := w.add(w.secure, elbtypes.Certificate{CertificateArn: w.second})(); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.told(); got != "*first second " {
		t.Errorf("certificates are %q", got)
	}
	if got := w.certificates.look(w.second).InUseBy; len(got) != 1 || got[0] != w.balancer {
		t.Errorf("the second is in use by %v", got)
	}
	if err := w.remove(w.secure, w.second)(); err != nil {
		t.Fatal(err)
	}
	changed := must[*elb.ModifyListenerOutput](t)(w.api.ELB.ModifyListener(t.Context(), &elb.ModifyListenerInput{
		ListenerArn: w.secure, SslPolicy: aws.String("ELBSecurityPolicy-TLS13-1-2-2021-06"), Certificates: []elbtypes.Certificate{{CertificateArn: w.second}},
	})).Listeners[0]
	if got := w.told(); got != "*second " || *changed.SslPolicy != "ELBSecurityPolicy-TLS13-1-2-2021-06" {
		t.Errorf("after the change: certificates %q, policy %s", got, *changed.SslPolicy)
	}
	if err := w.redirect(&w.listener, elbtypes.RedirectActionConfig{StatusCode: "HTTP_301", Protocol: aws.String("HTTPS"), Port: aws.String("443")})(); err != nil {
		t.Fatal(err)
	}
	rules := must[*elb.DescribeRulesOutput](t)(w.api.ELB.DescribeRules(t.Context(), &elb.DescribeRulesInput{ListenerArn: &w.listener, Marker: aws.String("page-1")})).Rules
	if r := rules[0].Actions[0].RedirectConfig; *r.Host != "#{host}" || *r.Path != "/#{path}" || *r.Query != "#{query}" {
		t.Errorf("the redirect goes to %s %s %s", *r.Host, *r.Path, *r.Query)
	}
	plain := must[*elb.ModifyListenerOutput](t)(w.api.ELB.ModifyListener(t.Context(), &elb.ModifyListenerInput{ListenerArn: w.secure, Protocol: elbtypes.ProtocolEnumHttp})).Listeners[0]
	if plain.SslPolicy != nil || plain.Certificates != nil {
		t.Errorf("a listener without TLS has %v and %v", plain.SslPolicy, plain.Certificates)
	}
}

func TestListenersHearOfACertificate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newSecureWorld(t)
		third := w.certificates.issued("third.acme.example")
		time.Sleep(newsTime + time.Second)
		if err := w.listenTLS(8443, nil, *third)(); err != nil {
			t.Errorf("a certificate that was issued a while ago: %v", err)
		}
	})
}

func TestACertificateTooMany(t *testing.T) {
	t.Parallel()
	w := newSecureWorld(t)
	must[any](t)(w.account.byHand(func(tx *tx) (any, error) {
		tx.region = w.api.Region
		tx.elb().Certificates[*w.secure] = make([]string, certificatesOfOne)
		return nil, nil
	}))
	if err := w.add(w.secure, elbtypes.Certificate{CertificateArn: w.second})(); awsapi.Code(err) != "TooManyCertificates" || !awsapi.Is(err, awsapi.Quota) {
		t.Errorf("the 26th certificate: %v", err)
	}
}
