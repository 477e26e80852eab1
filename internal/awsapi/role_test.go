package awsapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// sessions is an STS that lets a role be assumed, and tells who calls.
type sessions struct {
	mu      sync.Mutex
	asked   []url.Values // of AssumeRole
	lasting time.Duration
	refuse  string // AWS's words
}

func (s *sessions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	const space = ` xmlns="https://sts.amazonaws.com/doc/2011-06-15/"`
	switch action := r.PostForm.Get("Action"); {
	case action == "AssumeRole" && s.refuse != "":
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, `<ErrorResponse%s><Error><Code>AccessDenied</Code><Message>%s</Message></Error></ErrorResponse>`, space, s.refuse)
	case action == "AssumeRole":
		s.asked = append(s.asked, r.PostForm)
		_, _ = fmt.Fprintf(w, `<AssumeRoleResponse%s><AssumeRoleResult><Credentials><AccessKeyId>ASIA%d</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
			space, len(s.asked), time.Now().Add(s.lasting).UTC().Format(time.RFC3339))
	default:
		arn := "arn:aws:iam::123456789012:user/eve"
		if key := r.Header.Get("Authorization"); strings.Contains(key, "Credential=ASIA") && r.Header.Get("X-Amz-Security-Token") == "token" {
			arn = "arn:aws:sts::111111111111:assumed-role/cicdctl/alice"
		}
		_, _ = fmt.Fprintf(w, `<GetCallerIdentityResponse%s><GetCallerIdentityResult><Arn>%s</Arn><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, space, arn, strings.Split(arn, ":")[4])
	}
}

// assuming makes clients that assume a role at an STS.
func assuming(t *testing.T, s *sessions, externalID string) *awsapi.Factory {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	for key, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": ""} {
		t.Setenv(key, value)
	}
	role := &awsapi.Role{Account: "production", ARN: "arn:aws:iam::111111111111:role/cicdctl", ExternalID: externalID, Session: "alice@client-create,job=4711"}
	f, err := awsapi.Load(t.Context(), awsapi.Options{Role: role, Hold: func(_ context.Context, service, operation string) error {
		if operation != "GetCallerIdentity" { // to assume a role is no change that could be held back
			t.Errorf("%s.%s was to be held back", service, operation)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRolesAreAssumedOnceAndSayWhy(t *testing.T) {
	s := &sessions{lasting: time.Hour}
	f := assuming(t, s, "cicdctl-production")
	for range 3 {
		id, err := f.Identity(t.Context(), "eu-west-1")
		if err != nil || id.Account != "111111111111" || id.ARN != "arn:aws:sts::111111111111:assumed-role/cicdctl/alice" {
			t.Fatal(id, err)
		}
	}
	if len(s.asked) != 1 {
		t.Fatalf("the role was assumed %d times", len(s.asked))
	}
	for key, want := range map[string]string{
		"RoleArn": "arn:aws:iam::111111111111:role/cicdctl", "RoleSessionName": "alice@client-create,job=4711", "ExternalId": "cicdctl-production", "DurationSeconds": "3600",
		"SourceIdentity": "", // needs sts:SetSourceIdentity
	} {
		if got := s.asked[0].Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if f := assuming(t, s, ""); f != nil {
		if _, err := f.Identity(t.Context(), "eu-west-1"); err != nil || s.asked[1].Has("ExternalId") {
			t.Error("an external ID is sent that is not configured", err)
		}
	}
}

func TestRolesAreAssumedAgainBeforeTheyEnd(t *testing.T) {
	s := &sessions{lasting: 4 * time.Minute} // within the renewal's window
	f := assuming(t, s, "")
	for range 2 {
		if _, err := f.Identity(t.Context(), "eu-west-1"); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.asked) != 2 {
		t.Errorf("the role was assumed %d times", len(s.asked))
	}
}

func TestRefusedRolesAreExplained(t *testing.T) {
	s := &sessions{refuse: "User: arn:aws:iam::123456789012:user/eve is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111111111111:role/cicdctl"}
	for configured, word := range map[string]string{"": "which is not configured", "secret-id": "which is configured"} {
		_, err := assuming(t, s, configured).Identity(t.Context(), "eu-west-1")
		var own interface{ Remedy() string }
		if err == nil || !errors.As(err, &own) {
			t.Fatal(err)
		}
		said := awsapi.Explain(err) + "\n" + own.Remedy()
		for _, want := range []string{
			"assume arn:aws:iam::111111111111:role/cicdctl, the role of account production: User: arn:aws:iam::123456789012:user/eve is not authorized to perform: sts:AssumeRole",
			"accounts.production.role", "accounts.production.external_id", word, "cicdctl iam-policy --trust production", "sts:AssumeRole",
		} {
			if !strings.Contains(said, want) {
				t.Errorf("%q lacks %q", said, want)
			}
		}
		if configured != "" && strings.Contains(said, configured) {
			t.Errorf("%q tells the external ID", said)
		}
	}
}
