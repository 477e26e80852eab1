// Command acceptance tries cicdctl in a real AWS account: it takes the smallest
// client through its whole life there, does the same in the account inside the
// program, and reports where AWS's answers are of another kind.
//
// It costs money and changes the account. See README.md, "Acceptance".
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	var o options
	flag.StringVar(&o.account, "account", "", "the account to try in, 12 digits; the credentials must be of it")
	flag.StringVar(&o.region, "region", "", "the region to try in; no client of cicdctl may live there")
	flag.StringVar(&o.client, "client", "ACCEPTANCE", "name of the client that is made and removed")
	flag.StringVar(&o.image, "image", "", "image of an Apache service on port 8080 that docker can pull; it is pushed to the client's repository")
	flag.StringVar(&o.out, "out", "acceptance", "directory for the recordings and the report")
	flag.StringVar(&o.tool, "tool", "bin/cicdctl", "the program to try")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o.in, o.stdout, o.push = os.Stdin, os.Stdout, dockerPush(o.image)
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "acceptance:", err)
		os.Exit(1) //nolint:gocritic // what stop undoes ends with the process
	}
}

// options say where to try, and with what.
type options struct {
	account, region, client, image, out, tool string

	in     io.Reader // who confirms
	stdout io.Writer
	push   push
}

// say tells whoever runs this how it goes. A terminal that is gone stops nothing.
func (o *options) say(format string, args ...any) { _, _ = fmt.Fprintf(o.stdout, format, args...) }

// push puts an image into a repository under a tag.
type push func(ctx context.Context, cfg aws.Config, repository, tag string) error

// errRefused is why nothing was begun.
var errRefused = errors.New("refused, nothing was changed")

func (o *options) check() error {
	var missing []string
	for name, value := range map[string]string{"ACCOUNT": o.account, "REGION": o.region, "IMAGE": o.image} {
		if value == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: say %s, as in make acceptance ACCOUNT=123456789012 REGION=eu-west-3 IMAGE=registry.example/web:1", errRefused, strings.Join(missing, ", "))
	}
	return nil
}

func run(ctx context.Context, o options) error {
	if err := o.check(); err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(o.region))
	if err != nil {
		return fmt.Errorf("read the AWS configuration: %w", err)
	}
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("ask AWS who is calling: %w", err)
	}
	if actual := aws.ToString(who.Account); actual != o.account {
		return fmt.Errorf("%w: the credentials are of account %s, ACCOUNT says %s", errRefused, actual, o.account)
	}
	if err := os.MkdirAll(o.out, 0o750); err != nil {
		return err
	}
	if o.tool, err = filepath.Abs(o.tool); err != nil {
		return err
	}
	if o.out, err = filepath.Abs(o.out); err != nil {
		return err
	}
	begun := time.Now()
	outside, inside := newPlace(o, "aws", cfg), newPlace(o, "sandbox", cfg)
	if err := inside.sandbox(); err != nil {
		return err
	}
	if err := outside.vacant(ctx); err != nil {
		return err
	}
	// The sandbox goes first: what fails there costs nothing.
	o.say("In the account inside the program, for comparison:\n")
	if err := inside.live(ctx, func() error { return nil }); err != nil {
		return err
	}
	o.say("\nIn account %s, %s:\n", o.account, o.region)
	failed := outside.live(ctx, func() error { return o.confirm(ctx) })
	if errors.Is(failed, errRefused) {
		return failed
	}
	if failed != nil {
		failed = fmt.Errorf("%w\nwhat was made is still there and costs money: mend the cause and run the same again, or remove it with\n  cicdctl client destroy %s --region %s --purge-data\n  cicdctl region destroy %s --purge-data", failed, o.client, o.region, o.region)
	}
	report, err := writeReport(o, inside, outside, time.Since(begun), failed)
	if err == nil {
		o.say("\nreport: %s\n", report)
	}
	return errors.Join(failed, err)
}

// confirm has the account typed: this costs money.
func (o *options) confirm(ctx context.Context) error {
	o.say("\nThis builds what the plan says in account %s, removes it with all its data, and costs about what is said above.\nType the account to go on: ", o.account)
	type answer struct {
		text string
		err  error
	}
	given := make(chan answer, 1)
	go func() {
		line, err := bufio.NewReader(o.in).ReadString('\n')
		given <- answer{strings.TrimSpace(line), err}
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case a := <-given:
		if a.text != o.account {
			return fmt.Errorf("%w: not confirmed", errRefused)
		}
		return nil
	}
}
