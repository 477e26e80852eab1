package awsapi_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

const documentKey = "vpn/acme/certificates.json"

func TestDocument(t *testing.T) {
	t.Parallel()
	w := newLeaseWorld(t)
	d := awsapi.NewDocument(w.s3, leaseBucket, documentKey)
	if _, _, err := d.Load(t.Context()); awsapi.Code(errors.Unwrap(err)) != "NoSuchBucket" && awsapi.Code(err) != "NoSuchBucket" {
		t.Errorf("without a bucket: %v", err)
	}
	w.mustFind(t)
	data, none, err := d.Load(t.Context())
	if err != nil || data != nil || none != "" {
		t.Fatalf("before the first: %q, %q, %v", data, none, err)
	}
	save := func(text, version string) error { return d.Save(t.Context(), []byte(text), version) }
	load := func() (string, string) {
		data, version, err := d.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return string(data), version
	}
	if err := save("one", none); err != nil {
		t.Fatal(err)
	}
	text, first := load()
	if err := save("two", first); err != nil || text != "one" {
		t.Fatalf("after %q: %v", text, err)
	}
	for name, version := range map[string]string{"as the first one": none, "over the first one": first} {
		if err := save("three", version); !errors.Is(err, pki.ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	text, second := load()
	if text != "two" {
		t.Errorf("it is %q", text)
	}
	if _, err := w.s3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(leaseBucket), Key: aws.String(documentKey)}); err != nil {
		t.Fatal(err)
	}
	if err := save("three", second); !errors.Is(err, pki.ErrConflict) {
		t.Errorf("over one that was deleted: %v", err)
	}
	w.OnCall(func(sandbox.Call) sandbox.Fault {
		return sandbox.Fault{Before: &smithy.GenericAPIError{Code: "AccessDenied", Message: "no"}}
	})
	if err := save("three", none); errors.Is(err, pki.ErrConflict) || !awsapi.Is(err, awsapi.Denied) {
		t.Errorf("refused: %v", err)
	}
	if _, _, err := d.Load(t.Context()); !awsapi.Is(err, awsapi.Denied) {
		t.Errorf("refused: %v", err)
	}
}

// Two people give out and revoke certificates at the same time, and S3 loses answers and
// has puts that meet. Every update that was told to be done is there.
func TestIndexInS3LosesNoUpdate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newLeaseWorld(t)
		w.mustFind(t)
		puts := 0
		w.OnCall(func(c sandbox.Call) sandbox.Fault {
			if c.Operation != "PutObject" {
				return sandbox.Fault{}
			}
			puts++
			switch puts % 5 {
			case 1:
				return sandbox.Fault{After: sandbox.Broken()} // the SDK puts it again, and meets its own
			case 3:
				return sandbox.Fault{Before: &smithy.GenericAPIError{Code: "ConditionalRequestConflict", Message: "The conditional request cannot succeed due to a conflicting operation against this resource."}}
			default:
				return sandbox.Fault{}
			}
		})
		var mu sync.Mutex
		told := map[string]pki.Entry{}
		var wg sync.WaitGroup
		for _, admin := range []string{"ann", "bob"} {
			store := awsapi.NewDocument(w.s3, leaseBucket, documentKey)
			wg.Go(func() {
				for i := range 10 {
					person := fmt.Sprintf("%s.%d", admin, i)
					entry, err := give(t.Context(), store, person, i%2 == 0)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					told[entry.Serial.Text(16)] = entry
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		index, err := pki.Read(t.Context(), awsapi.NewDocument(w.s3, leaseBucket, documentKey))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range index.Entries {
			want, known := told[e.Serial.Text(16)]
			if !known {
				if e.State != pki.StatePending && e.State != pki.StateRevoked {
					t.Errorf("nobody was told of %v", e)
				}
				continue // reserved twice, since the first answer was lost
			}
			if e.State != want.State || e.Person != want.Person {
				t.Errorf("it is %v, but %v was told", e, want)
			}
			delete(told, e.Serial.Text(16))
		}
		if len(told) != 0 {
			t.Errorf("lost: %v", told)
		}
	})
}

// give gives a person a certificate, and revokes it when it shall.
func give(ctx context.Context, store pki.Store, person string, revoke bool) (entry pki.Entry, err error) {
	now := time.Now()
	err = pki.Update(ctx, store, func(x *pki.Index) (err error) { entry, err = x.Reserve(person, 1, now); return err })
	if err != nil {
		return entry, err
	}
	entry.State = pki.StateIssued
	err = pki.Update(ctx, store, func(x *pki.Index) error { return x.Issued(entry.Serial) })
	if err == nil && revoke {
		entry.State = pki.StateRevoked
		err = pki.Update(ctx, store, func(x *pki.Index) error { x.Revoke(person, now); return nil })
	}
	return entry, err
}
