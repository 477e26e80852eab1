package deploy

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// LogEvent is one line that a task of a service wrote.
type LogEvent struct {
	Time    time.Time `json:"time"` // UTC, with milliseconds
	Task    string    `json:"task"` // its whole id
	Message string    `json:"message"`

	ID       string `json:"-"`
	ingested int64
}

// LogQuery says which lines are meant.
type LogQuery struct {
	Since  time.Time
	Grep   *regexp.Regexp // nil for all
	Follow bool           // go on with what is written from now on, until the context ends
}

const (
	// followEvery is how long there is between two looks. Each takes one call as a rule,
	// of the five a second that a region has for all who read logs.
	followEvery = 2 * time.Second
	// settling is how long a line waits for earlier ones of other tasks: Docker's driver
	// hands lines over every 5 seconds (moby, awslogs, "defaultForceFlushInterval").
	settling = 6 * time.Second
	// lateness is how far back each look reaches: what is later still does not show.
	lateness = 30 * time.Second
)

// logTail is how far somebody who follows a log is.
type logTail struct {
	from   int64            // milliseconds; where the next look begins
	newest int64            // of what was seen
	seen   map[string]int64 // by id, with the time: since from
	held   []heldEvent
}

type heldEvent struct {
	LogEvent
	seen time.Time
}

// Logs shows the lines that the unit's tasks wrote, each once and by their time. When it
// follows, it ends with the context, and that is no error.
func Logs(ctx context.Context, u cloud.Unit, q LogQuery, show func(LogEvent) error) error {
	tail := &logTail{from: q.Since.UnixMilli(), newest: q.Since.UnixMilli(), seen: map[string]int64{}}
	keep := func(e LogEvent) error {
		if q.Grep != nil && !q.Grep.MatchString(e.Message) {
			return nil
		}
		return show(e)
	}
	for {
		err := readLog(ctx, u, tail.from, func(page []LogEvent) error {
			if !q.Follow { // AWS tells all in order
				return eachEvent(page, keep)
			}
			tail.take(page, time.Now())
			return eachEvent(tail.settled(time.Now()), keep)
		})
		if err == nil && q.Follow {
			err = cloud.Pause(ctx, followEvery)
		}
		switch {
		case q.Follow && ctx.Err() != nil:
			return eachEvent(tail.rest(), keep)
		case err != nil:
			return err
		case !q.Follow:
			return nil
		}
		tail.advance()
	}
}

func eachEvent(events []LogEvent, do func(LogEvent) error) error {
	for _, e := range events {
		if err := do(e); err != nil {
			return err
		}
	}
	return nil
}

// readLog hands over the lines from a time on, page by page, each by time. Pages may be empty.
func readLog(ctx context.Context, u cloud.Unit, from int64, each func([]LogEvent) error) error {
	group := rules.LogGroupName(u.Client, u.App, u.Service)
	in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group, LogStreamNamePrefix: aws.String(logStream(u, "")), StartTime: &from}
	for p := cloudwatchlogs.NewFilterLogEventsPaginator(u.API.Logs, in); p.HasMorePages(); {
		out, err := p.NextPage(ctx)
		if awsapi.Is(err, awsapi.NotFound) {
			return u.Missing(lang.Sprintf("log group (%s)", group))
		}
		if err != nil {
			return lang.Errorf("read the log of %s: %w", u, err)
		}
		page := make([]LogEvent, len(out.Events))
		for i, e := range out.Events {
			page[i] = logEvent(e)
		}
		if err := each(page); err != nil {
			return err
		}
	}
	return nil
}

// logStream is the name of the stream of a task, or how those of all tasks begin.
func logStream(u cloud.Unit, task string) string {
	return fmt.Sprintf("%s/%s/%s", u.Env, u.Service, task)
}

func logEvent(e logtypes.FilteredLogEvent) LogEvent {
	return LogEvent{
		Time: time.UnixMilli(aws.ToInt64(e.Timestamp)).UTC(), Task: lastOf(aws.ToString(e.LogStreamName)),
		Message: strings.TrimRight(aws.ToString(e.Message), "\r\n"), ID: aws.ToString(e.EventId), ingested: aws.ToInt64(e.IngestionTime),
	}
}

// take remembers what was not seen before.
func (t *logTail) take(page []LogEvent, now time.Time) {
	for _, e := range page {
		if _, again := t.seen[e.ID]; again {
			continue
		}
		at := e.Time.UnixMilli()
		t.seen[e.ID] = at
		t.newest = max(t.newest, at)
		t.held = append(t.held, heldEvent{e, now})
	}
	slices.SortStableFunc(t.held, func(a, b heldEvent) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ingested, b.ingested), cmp.Compare(a.ID, b.ID))
	})
}

// settled are the lines before which no others are to be expected: there are much later
// ones, or they have waited. The clock of this machine is not held against AWS's.
func (t *logTail) settled(now time.Time) []LogEvent {
	ready := 0
	for i, e := range t.held {
		if time.Duration(t.newest-e.Time.UnixMilli())*time.Millisecond >= settling || now.Sub(e.seen) >= settling {
			ready = i + 1 // what is before it is due, too
		}
	}
	return t.release(ready)
}

// rest are all lines that were still held.
func (t *logTail) rest() []LogEvent { return t.release(len(t.held)) }

func (t *logTail) release(count int) []LogEvent {
	out := make([]LogEvent, count)
	for i, e := range t.held[:count] {
		out[i] = e.LogEvent
	}
	t.held = slices.Delete(t.held, 0, count)
	return out
}

// advance makes the next look begin a little before the newest line that was seen.
func (t *logTail) advance() {
	t.from = max(t.from, t.newest-lateness.Milliseconds())
	for id, at := range t.seen {
		if at < t.from {
			delete(t.seen, id)
		}
	}
}
