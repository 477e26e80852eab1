package images_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ask sends a request as the load balancer does and does not follow redirects.
func ask(t *testing.T, b *box, method, path string, header ...string) (*http.Response, string) {
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
	answer, err := client.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
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
			answer, _ := ask(t, b, c.method, c.path)
			if answer.StatusCode != c.want {
				t.Errorf("%s: %s %s is answered with %d, want %d", name, c.method, c.path, answer.StatusCode, c.want)
			}
			if got := answer.Header.Get("Server"); got != "Apache" {
				t.Errorf("%s: the server calls itself %q", name, got)
			}
		}
		contains(t, "the page goes to the log", d.log.String(), `"GET / HTTP/1.1" 200`)
		if strings.Contains(d.log.String(), rules.HealthPath) {
			t.Error("the log is full of health checks")
		}
		ask(t, b, "GET", "/?from", "X-Forwarded-For", "203.0.113.9")
		eventually(t, "the visitor's address in the log", func() bool { return strings.Contains(d.log.String(), `"GET /?from`) })
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
			answer, _ := ask(t, b, "GET", "/docs", "X-Forwarded-Proto", scheme)
			if got := answer.Header.Get("Location"); got != want {
				t.Errorf("%s is sent to %q (%d), want %q", scheme, got, answer.StatusCode, want)
			}
		}
	}, copied{"testdata/site/a.txt", "/srv/www/docs/index.html"})
}

func TestNodeJS(t *testing.T) {
	inBox(t, spec.NodeJS, func(t *testing.T, b *box) {
		d := b.serve(t)
		if answer, body := ask(t, b, "GET", rules.HealthPath); answer.StatusCode != 200 || body != "ok\n" {
			t.Errorf("the health check is answered with %d %q", answer.StatusCode, body)
		}
		_, body := ask(t, b, "GET", "/api/x?y", "X-Forwarded-Proto", "https")
		contains(t, "the page", body, `{"environment":"preview","scheme":"https","path":"/api/x","received":0}`)

		// A request that is under way when the stop comes is answered.
		conn, err := net.DialTimeout("tcp", b.address(), patience)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, "POST /slow HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 2\r\n\r\n1")
		ask(t, b, "GET", "/after") // so the first one has been read
		b.stop(t, d)
		eventually(t, "no new connections", func() bool {
			c, err := net.DialTimeout("tcp", b.address(), time.Second)
			if err == nil {
				_ = c.Close()
			}
			return err != nil
		})
		fmt.Fprint(conn, "2")
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("the request under way is not answered: %v", err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		contains(t, "the request under way", string(text), `"received":2`)
		if status := d.wait(t); status != 0 {
			t.Errorf("ends with %d", status)
		}
	})
}
