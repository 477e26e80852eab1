package images_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/rules"
)

// bucketName has the region that the container must find in it.
var bucketName = rules.BucketName("ACME", "shop", "eu-west-3", "123456789012")

// store is as much of S3, and of the task's credentials, as copying to it needs.
type store struct {
	mu      sync.Mutex
	objects map[string]string
	scopes  map[string]bool // who signed, for which region
}

// serveS3 starts one and returns the environment that leads a container to it.
func serveS3(t *testing.T) (s *store, env []string) {
	t.Helper()
	s = &store{objects: map[string]string{}, scopes: map[string]bool{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, []string{
		"BUCKET=" + bucketName, "BUCKET_PREFIX=preview/", "EVERY=0.2", "OLD_ENOUGH=1s",
		"RCLONE_S3_PROVIDER=Other", "RCLONE_S3_ENDPOINT=" + server.URL, // addresses without the bucket's name in the host
		"AWS_CONTAINER_CREDENTIALS_FULL_URI=" + server.URL + "/credentials",
	}
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/credentials" {
		_, _ = fmt.Fprintf(w, `{"AccessKeyId":"TASKROLE","SecretAccessKey":"s","Token":"t","Expiration":%q}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, scope, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		parts := strings.Split(scope, "/") // TASKROLE/20260101/eu-west-3/s3/aws4_request
		s.scopes[parts[0]+" "+parts[2]] = true
	}
	key, ok := strings.CutPrefix(r.URL.Path, "/"+bucketName+"/")
	switch {
	case strings.TrimSuffix(r.URL.Path, "/") == "/"+bucketName && r.Method == http.MethodGet:
		s.list(w, r.URL.Query().Get("prefix"), r.URL.Query().Get("delimiter"))
	case !ok:
		http.Error(w, "no such bucket", http.StatusNotFound)
	case r.Method == http.MethodPut:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.objects[key] = string(body)
		w.Header().Set("ETag", `"not-a-digest"`)
	case r.Method == http.MethodHead:
		body, there := s.objects[key]
		if !there {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
	default:
		http.Error(w, "not allowed", http.StatusForbidden)
	}
}

func (s *store) list(w http.ResponseWriter, prefix, delimiter string) {
	type content struct {
		Key, LastModified, ETag, StorageClass string
		Size                                  int
	}
	type folder struct{ Prefix string }
	answer := struct {
		XMLName        xml.Name `xml:"ListBucketResult"`
		Name           string
		IsTruncated    bool
		Contents       []content
		CommonPrefixes []folder
	}{Name: bucketName}
	for key, body := range s.objects {
		rest, below := strings.CutPrefix(key, prefix)
		if first, _, deeper := strings.Cut(rest, "/"); below && deeper && delimiter == "/" {
			if f := (folder{prefix + first + "/"}); !slices.Contains(answer.CommonPrefixes, f) {
				answer.CommonPrefixes = append(answer.CommonPrefixes, f)
			}
		} else if below {
			answer.Contents = append(answer.Contents, content{key, time.Now().UTC().Format(time.RFC3339), `"x"`, "STANDARD", len(body)})
		}
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(answer)
}

// has reports whether an object has this content.
func (s *store) has(key, want string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.objects[key] == want
}

func (s *store) keys() (keys, scopes []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.objects {
		keys = append(keys, k)
	}
	for k := range s.scopes {
		scopes = append(scopes, k)
	}
	return keys, scopes
}
