package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// moto is a running emulator.
type moto struct {
	url   string
	cmd   *exec.Cmd
	stdin io.Closer
}

// startMoto starts an emulator that adds some milliseconds to each answer, and has what some
// operations make pending for some seconds ("CreateDBCluster=30").
func startMoto(ctx context.Context, latency int, holds []string) (*moto, error) {
	ensure := exec.CommandContext(ctx, "sh", "test/python/ensure.sh", "moto", "test/moto/requirements.txt")
	ensure.Stderr = os.Stderr
	python, err := ensure.Output()
	if err != nil {
		return nil, fmt.Errorf("install moto: %w", err)
	}
	args := []string{"test/moto/launch.py", "--until-stdin-closes", "--latency-ms", strconv.Itoa(latency)}
	for _, hold := range holds {
		args = append(args, "--hold", hold)
	}
	cmd := exec.CommandContext(ctx, strings.TrimSpace(string(python)), args...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			return &moto{url, cmd, stdin}, nil
		}
	}
	return nil, errors.Join(errors.New("moto did not start"), lines.Err(), cmd.Wait())
}

func (m *moto) stop() error { return errors.Join(m.stdin.Close(), m.cmd.Wait()) }

// push puts an image into ACME's repository, as docker would.
func (m *moto) push(ctx context.Context, tag string) error {
	client := ecr.New(ecr.Options{Region: region, BaseEndpoint: &m.url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
	manifest := sandbox.ImageManifest(tag, sandbox.ImageFate{})
	_, err := client.PutImage(ctx, &ecr.PutImageInput{RepositoryName: aws.String("acme/app-web"), ImageTag: &tag, ImageManifest: &manifest})
	return err
}

// zone makes a hosted zone that is cicdctl's to write in, so that certificates of its names are issued.
func (m *moto) zone(ctx context.Context, name string) error {
	client := route53.New(route53.Options{Region: region, BaseEndpoint: &m.url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
	made, err := client.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{Name: &name, CallerReference: &name})
	if err != nil {
		return err
	}
	_, err = client.ChangeTagsForResource(ctx, &route53.ChangeTagsForResourceInput{
		ResourceType: route53types.TagResourceTypeHostedzone, ResourceId: aws.String(strings.TrimPrefix(*made.HostedZone.Id, "/hostedzone/")),
		AddTags: []route53types.Tag{{Key: aws.String(provision.TagManagedBy), Value: aws.String(provision.ManagedBy)}},
	})
	return err
}

func (m *moto) calls(ctx context.Context) (map[string]int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.url+"/cicdctl/calls", http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	return counts, errors.Join(json.NewDecoder(answer.Body).Decode(&counts), answer.Body.Close())
}
