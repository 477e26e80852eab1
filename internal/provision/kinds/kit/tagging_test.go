package kit

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// A filter of the tagging service takes 20 values; there may be more clients.
func TestTheTagsOfMoreThanTwentyClientsAreAskedForInParts(t *testing.T) {
	t.Parallel()
	account, err := sandbox.New(sandbox.Options{Lag: -1, Used: true})
	if err != nil {
		t.Fatal(err)
	}
	f, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	w := provision.NewSweep(&provision.Scope{API: f.Set("eu-west-3")})
	for i := range 45 {
		client := fmt.Sprintf("C%02d", i)
		w.Clients = append(w.Clients, client)
		if _, err := w.SNS.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: &client, Tags: []snstypes.Tag{
			{Key: aws.String(provision.TagManagedBy), Value: aws.String(provision.ManagedBy)}, {Key: aws.String(provision.TagClient), Value: &client},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	w.Clients = w.Clients[:43]
	shown, err := ShownTags(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if len(shown) != 43 {
		t.Errorf("%d resources are shown, want one for each of 43 clients", len(shown))
	}
}
