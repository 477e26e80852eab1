package kit

import (
	"testing"

	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// A sweep that was refused once does without; what is not found is an answer. Thorough looks
// never ask.
func TestCloudControlIsGivenUp(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		code      string
		shortcuts bool
		want      int // calls for two resources, repeated ones included
	}{
		"denied":          {"AccessDeniedException", true, 1},
		"not there":       {"UnknownOperationException", true, 1},
		"throttled":       {"ThrottlingException", true, shortcutAttempts},
		"not found":       {"ResourceNotFoundException", true, 2},
		"a thorough look": {"", false, 0},
	} {
		account, err := sandbox.New(sandbox.Options{})
		if err != nil {
			t.Fatal(err)
		}
		account.OnCall(func(sandbox.Call) sandbox.Fault {
			return sandbox.Fault{Before: &smithy.GenericAPIError{Code: c.code, Message: "as the test wants it"}}
		})
		f, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
		if err != nil {
			t.Fatal(err)
		}
		w := provision.NewSweep(&provision.Scope{API: f.Set("eu-west-3")})
		w.Shortcuts = c.shortcuts
		for _, name := range []string{"one", "two"} {
			if p := ToldOf(t.Context(), w, "AWS::S3::Bucket", name); p != nil {
				t.Errorf("%s: told %v", why, p)
			}
		}
		if got := len(account.Calls()); got != c.want {
			t.Errorf("%s: %d calls, want %d", why, got, c.want)
		}
	}
}

// shortcutAttempts is how often Cloud Control is tried when it is busy.
const shortcutAttempts = 2
