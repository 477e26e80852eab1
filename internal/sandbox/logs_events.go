package sandbox

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// WriteLog is a task that writes a line into its stream: at is when it wrote it, which may
// be long before CloudWatch Logs takes it, now.
func (a *Account) WriteLog(region, group, stream string, at time.Time, line string) error {
	return a.byHandIn(region, func(t *tx) error {
		g, err := t.logGroup(&group)
		if err == nil {
			t.append(g, stream, at, line)
		}
		return err
	})
}

// append adds a line to a stream, which is kept in the order in which it came.
func (t *tx) append(g *logGroup, stream string, at time.Time, line string) {
	if g.Streams == nil {
		g.Streams = map[string][]types.OutputLogEvent{}
	}
	// An event counts 26 bytes more than its text (PutLogEvents). AWS counts hours later.
	g.V.StoredBytes = aws.Int64(aws.ToInt64(g.V.StoredBytes) + int64(len(line)) + 26)
	g.Streams[stream] = append(g.Streams[stream], types.OutputLogEvent{Timestamp: aws.Int64(at.UnixMilli()), IngestionTime: aws.Int64(t.now.UnixMilli()), Message: aws.String(line)})
}

// mostEvents is how many events a page can have (API reference, FilterLogEvents).
const mostEvents = 10_000

func registerLogEvents(a *Account) {
	op(a, cloudwatchlogs.ServiceID, filterLogEvents)
}

// filterLogEvents looks through the streams a page at a time: a page may have no events
// although there are more to come, as AWS's may.
func filterLogEvents(t *tx, in *cloudwatchlogs.FilterLogEventsInput) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	invalid := func(format string, args ...any) error { return apiError("InvalidParameterException", format, args...) }
	switch {
	case in.LogGroupName != nil && in.LogGroupIdentifier != nil:
		return nil, invalid("LogGroup name and LogGroup ARN are mutually exclusive parameters.")
	case in.LogGroupName == nil:
		return nil, invalid("1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not be null")
	case in.LogStreamNamePrefix != nil && len(in.LogStreamNames) > 0:
		return nil, invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.")
	case in.LogStreamNamePrefix != nil && *in.LogStreamNamePrefix == "":
		return nil, invalid("1 validation error detected: Value '' at 'logStreamNamePrefix' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case in.Limit != nil && (*in.Limit < 1 || *in.Limit > mostEvents):
		return nil, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value less than or equal to %d", *in.Limit, mostEvents)
	case aws.ToInt64(in.StartTime) < 0 || in.EndTime != nil && *in.EndTime < aws.ToInt64(in.StartTime):
		return nil, invalid("endTime should be greater than startTime")
	case in.FilterPattern != nil: // nothing here asks for one, so nothing here can be wrong about them
		return nil, invalid("the sandbox knows no filter patterns")
	}
	g, err := t.logGroup(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	all := g.events(func(stream string) bool {
		return strings.HasPrefix(stream, aws.ToString(in.LogStreamNamePrefix)) && (len(in.LogStreamNames) == 0 || slices.Contains(in.LogStreamNames, stream))
	})
	part, next, err := page(t, all, in.NextToken)
	if err != nil {
		return nil, err
	}
	part = slices.DeleteFunc(slices.Clone(part), func(e types.FilteredLogEvent) bool {
		return *e.Timestamp < aws.ToInt64(in.StartTime) || in.EndTime != nil && *e.Timestamp > *in.EndTime
	})
	return &cloudwatchlogs.FilterLogEventsOutput{Events: part, NextToken: next}, nil
}

// events are those of some streams by their time, then by when they were taken.
func (g *logGroup) events(of func(stream string) bool) []types.FilteredLogEvent {
	var out []types.FilteredLogEvent
	for _, stream := range slices.Sorted(maps.Keys(g.Streams)) {
		if !of(stream) {
			continue
		}
		for i, e := range g.Streams[stream] {
			sum := fnv.New64a()
			_, _ = fmt.Fprintf(sum, "%s %d", stream, i) // a hash takes all
			out = append(out, types.FilteredLogEvent{
				EventId: aws.String(fmt.Sprintf("%056d", sum.Sum64())), LogStreamName: aws.String(stream),
				Timestamp: e.Timestamp, IngestionTime: e.IngestionTime, Message: e.Message,
			})
		}
	}
	slices.SortStableFunc(out, func(a, b types.FilteredLogEvent) int {
		return cmp.Or(cmp.Compare(*a.Timestamp, *b.Timestamp), cmp.Compare(*a.IngestionTime, *b.IngestionTime))
	})
	return out
}
