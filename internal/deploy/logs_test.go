package deploy

import (
	"context"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

const logRegion = "eu-west-3"

// logged is a service with a log, and the pen of its tasks.
func logged(t *testing.T) (u cloud.Unit, write func(task string, late time.Duration, line string)) {
	t.Helper()
	account, err := sandbox.New(sandbox.Options{PageSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install})
	if err != nil {
		t.Fatal(err)
	}
	u = cloud.Unit{Client: "ACME", Region: logRegion, App: "shop", Service: "web", Env: spec.Prod, API: factory.Set(logRegion)}
	group := rules.LogGroupName("ACME", "shop", "web")
	if _, err := u.API.Logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group}); err != nil {
		t.Fatal(err)
	}
	return u, func(stream string, late time.Duration, line string) {
		if err := account.WriteLog(logRegion, group, stream, time.Now().Add(-late), line); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFollowedLogHasEachLineOnceAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, write := logged(t)
		var got []string
		begun := time.Now()
		write("prod/web/a1", 2*time.Hour, "too old")
		write("prod/web/a1", time.Minute, "1 before")
		write("preview/web/c3", time.Minute, "of preview")
		write("prod/webserver/d4", time.Minute, "of another service")
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- Logs(ctx, u, LogQuery{Since: begun.Add(-time.Hour), Follow: true}, func(e LogEvent) error {
				got = append(got, e.Task+" "+e.Message)
				return nil
			})
		}()
		time.Sleep(3 * time.Second)
		write("prod/web/a1", 0, "3 now")
		time.Sleep(2 * time.Second)
		write("prod/web/b2", 4*time.Second, "2 earlier, but handed over later")
		for range 20 { // looks without anything new
			time.Sleep(followEvery)
		}
		write("prod/web/b2", 0, "4 much later")
		time.Sleep(10 * time.Second)
		write("prod/web/a1", time.Hour/2, "not looked for any more")
		time.Sleep(10 * time.Second)
		write("prod/web/a1", 0, "5 at the end")
		time.Sleep(followEvery)
		stop()
		if err := <-ended; err != nil {
			t.Errorf("whoever stops following is told %v", err)
		}
		want := []string{"a1 1 before", "b2 2 earlier, but handed over later", "a1 3 now", "b2 4 much later", "a1 5 at the end"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// A second line with the same text at the same moment is another line.
func TestALogIsReadToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, write := logged(t)
		for _, line := range []string{"GET /a", "GET /a", "POST /b", "POST /c\r\n"} {
			write("prod/web/a1", 0, line)
		}
		var got []string
		err := Logs(t.Context(), u, LogQuery{Since: time.Now().Add(-time.Hour), Grep: regexp.MustCompile(`GET|/c`)}, func(e LogEvent) error {
			got = append(got, e.Message)
			return nil
		})
		if want := []string{"GET /a", "GET /a", "POST /c"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q and %v, want %q", got, err, want)
		}
	})
}

func TestALogOfNobodyIsRefused(t *testing.T) {
	u, _ := logged(t)
	u.Client = "GLOBEX"
	err := Logs(t.Context(), u, LogQuery{Since: time.Now(), Follow: true}, func(LogEvent) error { return nil })
	if !cloud.Refused(err) {
		t.Errorf("the log of a client without one: %v", err)
	}
}
