package images_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request as the load balancer does and does not follow redirects.
func ask(t *testing.T, b *box, method, path string, header ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+b.address()+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "shop.example"
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return read(t, response)
}

func read(t *testing.T, response *http.Response) answer {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

func TestApache(t *testing.T) {
	inBox(t, spec.Apache, func(t *testing.T, b *box) {
		d := b.serve(t)
		for name, c := range map[string]struct {
			method, path string
			want         int
		}{
			"the page":                            {"GET", "/", 200},
			"the health check":                    {"GET", rules.HealthPath, 200},
			"no echo of headers":                  {"TRACE", "/", 405},
			"no lists of files":                   {"GET", "/files/", 404},
			"nothing beside the document root":    {"GET", "/../etc/passwd", 400},
			"but files":                           {"GET", "/files/a.txt", 200},
			"nothing that deployments drag along": {"GET", "/.git/config", 403},
			"even where it is":                    {"GET", "/.env", 403},
			"but well-known things":               {"GET", "/.well-known/security.txt", 404},
			"no status page":                      {"GET", "/server-status", 404},
		} {
			got := ask(t, b, c.method, c.path)
			if got.status != c.want {
				t.Errorf("%s: %s %s is answered with %d, want %d", name, c.method, c.path, got.status, c.want)
			}
			if server := got.header.Get("Server"); server != "Apache" {
				t.Errorf("%s: the server calls itself %q", name, server)
			}
		}
		eventually(t, "the page in the log", func() bool { return strings.Contains(d.log.String(), `"GET / HTTP/1.1" 200`) })
		if strings.Contains(d.log.String(), rules.HealthPath) {
			t.Error("the log is full of health checks")
		}
		ask(t, b, "GET", "/?liar", "X-Forwarded-For", "203.0.113.9") // not from the load balancer's network
		eventually(t, "the request in the log", func() bool { return strings.Contains(d.log.String(), `"GET /?liar`) })
		if strings.Contains(d.log.String(), "203.0.113.9") {
			t.Error("anybody can pretend to be somebody else")
		}
		b.stop(t, d)
		if status := d.wait(t); status != 0 {
			t.Errorf("ends with %d\n%s", status, d.log)
		}
	}, copied{"testdata/site/a.txt", "/srv/www/files/a.txt"}, copied{"testdata/site/a.txt", "/srv/www/.env"})
}

func TestApacheKeepsTheVisitorsScheme(t *testing.T) {
	inBox(t, spec.Apache, func(t *testing.T, b *box) {
		b.serve(t)
		for scheme, want := range map[string]string{"https": "https://shop.example/docs/", "http": "http://shop.example/docs/"} {
			got := ask(t, b, "GET", "/docs", "X-Forwarded-Proto", scheme)
			if to := got.header.Get("Location"); to != want {
				t.Errorf("%s is sent to %q (%d), want %q", scheme, to, got.status, want)
			}
		}
	}, copied{"testdata/site/a.txt", "/srv/www/docs/index.html"})
}

func TestNodeJS(t *testing.T) {
	inBox(t, spec.NodeJS, func(t *testing.T, b *box) {
		d := b.serve(t)
		if got := ask(t, b, "GET", rules.HealthPath); got.status != 200 || got.body != "ok\n" {
			t.Errorf("the health check is answered with %d %q", got.status, got.body)
		}
		page := ask(t, b, "GET", "/api/x?y", "X-Forwarded-Proto", "https")
		contains(t, "the page", page.body, `{"environment":"preview","scheme":"https","path":"/api/x","received":0}`)

		// A request that is under way when the stop comes is answered.
		conn, err := net.DialTimeout("tcp", b.address(), patience)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		send(t, conn, "POST /slow HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 2\r\n\r\n1")
		ask(t, b, "GET", "/after") // so the first one has been read
		b.stop(t, d)
		eventually(t, "no new connections", func() bool {
			c, err := net.DialTimeout("tcp", b.address(), time.Second)
			if err == nil {
				_ = c.Close()
			}
			return err != nil
		})
		send(t, conn, "2")
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("the request under way is not answered: %v", err)
		}
		contains(t, "the request under way", read(t, response).body, `"received":2`)
		if status := d.wait(t); status != 0 {
			t.Errorf("ends with %d", status)
		}
	})
}
