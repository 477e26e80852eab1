package conformance

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// vpnFields are the attributes of OpenVPN that a plan would change.
func vpnFields(ctx context.Context, r *rig) []string {
	r.tb.Helper()
	return slices.DeleteFunc(fieldsOf(plan(ctx, r.tb, r.Operator, acme(r.tb))), func(name string) bool {
		return !strings.HasPrefix(name, "ec2/client-vpn-endpoint ") && !strings.HasPrefix(name, "acm/imported-certificate ")
	})
}

// people is the index of ACME's certificates.
func (r *rig) people() *awsapi.Document {
	return awsapi.NewDocument(r.Factory.Set(region).S3, rules.AdminBucketName("123456789012", region), rules.VPNIndexKey("ACME", region))
}

// A certificate that was revoked is in the list after the next run, the list and the
// server's certificate are renewed in time, and nothing is left of a client that goes.
func TestRevocationListsFollowTheIndex(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		var alice pki.Entry
		if err := pki.Update(ctx, r.people(), func(x *pki.Index) (err error) {
			if alice, err = x.Reserve("alice", 200, time.Now()); err == nil {
				err = x.Issued(alice.Serial)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got := vpnFields(ctx, r); len(got) > 0 {
			t.Errorf("nobody is revoked, and a plan shows %v", got)
		}
		if err := pki.Update(ctx, r.people(), func(x *pki.Index) error { x.Revoke("alice", time.Now()); return nil }); err != nil {
			t.Fatal(err)
		}
		wants := func(when string, want ...string) {
			t.Helper()
			if got := vpnFields(ctx, r); !slices.Equal(got, want) {
				t.Errorf("%s a plan shows %v, want %v", when, got, want)
			}
			if err := create(ctx, r.Operator, acme(t)); err != nil {
				t.Fatal(err)
			}
			if got := vpnFields(ctx, r); len(got) > 0 {
				t.Errorf("%s a run leaves %v", when, got)
			}
		}
		const list, certificate = "ec2/client-vpn-endpoint revocation list", "acm/imported-certificate certificate"
		wants("after alice was revoked", list)
		if got := r.revoked(ctx); len(got.Serials) != 1 || got.Serials[0].Cmp(alice.Serial) != 0 || got.Number.Int64() != 2 {
			t.Errorf("the list is %+v, want the second one, with alice", got)
		}
		time.Sleep(91 * 24 * time.Hour)
		wants("91 days later", list)
		time.Sleep(89 * 24 * time.Hour)
		if got := vpnFields(ctx, r); len(got) > 0 {
			t.Errorf("89 days after that a plan shows %v", got)
		}
		time.Sleep(160 * 24 * time.Hour)
		wants("after the list has ended, and 57 days before the certificate does", certificate, list)
		if got := r.revoked(ctx); len(got.Serials) != 0 {
			t.Errorf("alice's certificate has ended, and the list still names it: %+v", got)
		}
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		if _, version, err := r.people().Load(ctx); err != nil || version != "" {
			t.Errorf("the index is left: %v", err)
		}
		versions, err := r.Factory.Set(region).S3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: aws.String(rules.AdminBucketName("123456789012", region)), Prefix: aws.String("vpn/")})
		if err != nil || len(versions.Versions)+len(versions.DeleteMarkers) > 0 {
			t.Errorf("%d versions of the index are left, %v", len(versions.Versions), err)
		}
	})
}

// revoked is the list that the endpoint goes by.
func (r *rig) revoked(ctx context.Context) pki.List {
	r.tb.Helper()
	api := r.Factory.Set(region)
	e, err := endpoint(ctx, api)
	if err != nil {
		r.tb.Fatal(err)
	}
	out, err := api.EC2.ExportClientVpnClientCertificateRevocationList(ctx, &ec2.ExportClientVpnClientCertificateRevocationListInput{ClientVpnEndpointId: e.ClientVpnEndpointId})
	if err != nil {
		r.tb.Fatal(err)
	}
	signer, err := awsapi.Signer(ctx, api.KMS, rules.VPNKeyAlias("ACME"))
	if err != nil {
		r.tb.Fatal(err)
	}
	authority, err := pki.NewAuthority(signer, "ACME", region, time.Now())
	if err != nil {
		r.tb.Fatal(err)
	}
	list, err := pki.ParseRevocationList([]byte(aws.ToString(out.CertificateRevocationList)), authority.Certificate, time.Now())
	if err != nil {
		r.tb.Fatal(err)
	}
	return list
}
