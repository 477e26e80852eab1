package schedule

import "testing"

func TestQueueLosses(t *testing.T) {
	t.Parallel()
	for waiting, want := range map[string]string{
		"":  "",
		"0": "",
		"3": "failed invocations of schedules that nobody has looked at: 3",
	} {
		losses, err := queueLosses(t.Context(), nil, nil, &queue{attributes: map[string]string{"ApproximateNumberOfMessages": waiting}})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, l := range losses {
			got += l.String()
		}
		if got != want {
			t.Errorf("with %q messages: %q, want %q", waiting, got, want)
		}
	}
}
