package s3

import "testing"

// What is wanted has to read like what S3 tells of it.
func TestWantedLifecyclesReadLikeThoseOfS3(t *testing.T) {
	t.Parallel()
	all := []lifecycled{{id: "nothing"}, {id: "one", prefix: "a/"}}
	for _, days := range []int32{0, 1, 90} {
		for _, glacier := range []bool{false, true} {
			all = append(all, lifecycled{id: "uploads", abort: days, glacier: glacier}, lifecycled{id: "versions", noncurrent: days, glacier: glacier},
				lifecycled{id: "objects", expire: days, prefix: "logs/", glacier: glacier}, lifecycled{id: "both", noncurrent: 1, expire: days, abort: 2, glacier: glacier})
		}
	}
	for _, each := range all {
		if got, want := wantedText([]lifecycled{each}), lifecycleText(lifecycleRules([]lifecycled{each}), smallest([]lifecycled{each})); got != want {
			t.Errorf("%+v:\n%s\nwant\n%s", each, got, want)
		}
	}
	if got, want := wantedText(all), lifecycleText(lifecycleRules(all), smallest(all)); got != want {
		t.Errorf("all:\n%s\nwant\n%s", got, want)
	}
}
