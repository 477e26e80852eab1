package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
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

// give has some people certificates, as vpn user add does.
func (r *rig) give(ctx context.Context, people ...string) (given []pki.Entry) {
	r.tb.Helper()
	for _, person := range people {
		err := pki.Update(ctx, r.people(), func(x *pki.Index) error {
			e, err := x.Reserve(person, 200, time.Now())
			if err == nil {
				given, err = append(given, e), x.Issued(e.Serial)
			}
			return err
		})
		if err != nil {
			r.tb.Fatal(err)
		}
	}
	return given
}

// withUsers is ACME with some users of OpenVPN.
func withUsers(tb testing.TB, users ...string) *spec.Spec {
	tb.Helper()
	s := acme(tb)
	s.VPN.OpenVPN.Users = users
	return s
}

// Who is removed from the spec loses all certificates and all sessions, and nobody else loses
// any; who comes back has none.
func TestUsersWhoLeaveTheSpecAreRevoked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		given := r.give(ctx, "alice", "bob", "bob")
		r.connect("alice", "bob", "bob")
		changes := plan(ctx, t, r.Operator, withUsers(t, "alice")).Changes()
		if len(changes) != 1 || len(changes[0].Diffs) != 1 {
			t.Fatalf("without bob a plan shows %+v, want one difference", changes)
		}
		if d := changes[0].Diffs[0]; d.Field != "users with certificates" || d.Have != "alice: 1 certificate\nbob: 2 certificates" || d.Want != "alice: 1 certificate" {
			t.Errorf("the difference is %+v", d)
		}
		if err := create(ctx, r.Operator, withUsers(t, "alice")); err != nil {
			t.Fatal(err)
		}
		r.wantRevoked(ctx, given[1:])
		if got := r.connected(ctx); !slices.Equal(got, []string{"alice"}) {
			t.Errorf("connected are %v, want alice alone", got)
		}
		r.wantNoChange(ctx, withUsers(t, "alice"))
		r.wantNoChange(ctx, acme(t))
		r.wantRevoked(ctx, given[1:])
		if err := create(ctx, r.Operator, withUsers(t)); err != nil {
			t.Fatal(err)
		}
		r.wantRevoked(ctx, given)
		r.wantNoChange(ctx, withUsers(t))
	})
}

// Wherever a run is stopped that revokes a user, the next one ends with the user revoked: nobody
// is in a list and not in the index, and nothing is left that no plan shows.
func TestRevokingConvergesWhereverItIsKilled(t *testing.T) {
	t.Parallel()
	var ready any
	var given []pki.Entry
	calls := 0
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		given = r.give(ctx, "alice", "bob", "bob")
		r.connect("alice", "bob")
		ready = r.tree()
		r.account.Forget()
		if err := create(ctx, r.Operator, withUsers(t, "alice")); err != nil {
			t.Fatal(err)
		}
		if calls = r.changes(); calls < 3 {
			t.Fatalf("%d calls changed something, want the index, the session and the list", calls)
		}
	})
	everyCall(t, calls, func(t *testing.T, n int, after bool) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		r.restore(ready)
		r.killAt(n, after)
		if err := create(ctx, r.Operator, withUsers(t, "alice")); err == nil {
			return
		}
		r.revive()
		if err := create(ctx, operator(t, r.account, cloud.Config{}), withUsers(t, "alice")); err != nil {
			t.Fatal(err)
		}
		r.wantRevoked(ctx, given[1:])
		r.wantNoChange(ctx, withUsers(t, "alice"))
		if got := r.connected(ctx); !slices.Equal(got, []string{"alice"}) {
			t.Errorf("connected are %v, want alice alone", got)
		}
	})
}

// wantRevoked checks that the list and the index name some certificates and no others.
func (r *rig) wantRevoked(ctx context.Context, want []pki.Entry) {
	r.tb.Helper()
	list := r.revoked(ctx)
	index, err := pki.Read(ctx, r.people())
	if err != nil {
		r.tb.Fatal(err)
	}
	if revoked := index.Revoked(); len(list.Serials) != len(want) || len(revoked) != len(want) || len(list.Lacks(revoked, time.Now())) > 0 {
		r.tb.Errorf("the index revokes %d certificates and the list names %d, want %d", len(revoked), len(list.Serials), len(want))
	}
	for _, e := range want {
		if !list.Has(e.Serial) {
			r.tb.Errorf("the list lacks a certificate of %s", e.Person)
		}
	}
}

// connect has people connected to the endpoint.
func (r *rig) connect(people ...string) {
	r.tb.Helper()
	tree := r.tree()
	var open []any
	for i, person := range people {
		open = append(open, object{"ConnectionId": fmt.Sprintf("cvpn-connection-%d", i), "CommonName": person, "Status": object{"Code": "active"}})
	}
	strangers{tree, ""}.in("EC2")["ClientVPNs"].([]any)[0].(object)["V"].(object)["Connections"] = open
	r.restore(tree)
}

// connected are the people with an open session.
func (r *rig) connected(ctx context.Context) []string {
	r.tb.Helper()
	api := r.Factory.Set(region)
	e, err := endpoint(ctx, api)
	if err != nil {
		r.tb.Fatal(err)
	}
	out, err := api.EC2.DescribeClientVpnConnections(ctx, &ec2.DescribeClientVpnConnectionsInput{ClientVpnEndpointId: e.ClientVpnEndpointId})
	if err != nil {
		r.tb.Fatal(err)
	}
	var people []string
	for _, c := range out.Connections {
		if c.Status.Code == ec2types.ClientVpnConnectionStatusCodeActive {
			people = append(people, *c.CommonName)
		}
	}
	return people
}
