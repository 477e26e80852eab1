package client

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// KeyOptions are those of the key show command.
type KeyOptions struct {
	Name, Region, Spec string
	ShowSecrets        bool
	Out                string // file for the private key
	Old                string // fingerprint of an earlier key, for its private key instead
}

// Key is a client's SSH key pair. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "fingerprint": "SHA256:…", "public_key": "ssh-rsa …", "since": "…",
//	 "bucket": "…", "object": "keys/eu-west-3/ACME.pem", "encryption": "aws:kms arn:…", "admins": ["arn:…"],
//	 "hosts": [{"id": "i-…", "pair": "acme", "current": true}], "old": [{"fingerprint": "SHA256:…", "replaced": "…"}],
//	 "next": ["…"]}
//
// With the private key, "private_key" or "file" is there as well.
type Key struct {
	Client      string    `json:"client"`
	Region      string    `json:"region"`
	Fingerprint string    `json:"fingerprint"`
	PublicKey   string    `json:"public_key"`
	Since       time.Time `json:"since"` // when the current version of the object was written
	Bucket      string    `json:"bucket"`
	Object      string    `json:"object"`
	Encryption  string    `json:"encryption"`
	Admins      []string  `json:"admins"` // who can read the private key
	Hosts       []KeyHost `json:"hosts"`
	Old         []OldKey  `json:"old"`
	PrivateKey  string    `json:"private_key,omitempty"` // PKCS#8 in PEM
	File        string    `json:"file,omitempty"`
	Next        []string  `json:"next"`
}

// KeyHost is an instance that was started with one of a client's key pairs. Which keys it lets
// in was settled then.
type KeyHost struct {
	ID      string `json:"id"`
	Pair    string `json:"pair"`
	Current bool   `json:"current"` // the pair is the one that the next host is started with
	managed bool   // it is one of the client's Auto Scaling group
}

// OldKey is a key that was replaced and is still in escrow.
type OldKey struct {
	Fingerprint string    `json:"fingerprint"`
	Replaced    time.Time `json:"replaced"`
}

// ShowKey shows a client's key pair, and the private key to who asks for it.
func ShowKey(ctx context.Context, a *session.Session, o KeyOptions) error {
	op, at, err := session.Locate(ctx, a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	account, err := op.Account(ctx)
	if err != nil {
		return err
	}
	who, err := op.Trusted(ctx, account)
	if err != nil {
		return err
	}
	scope := op.Within(op.Within(account, provision.RegionLevel, at.Region, ""), provision.ClientLevel, at.Region, o.Name)
	e, err := escrowOf(ctx, scope)
	if err != nil {
		return err
	}
	old, err := e.OldKeys(ctx, scope)
	if err != nil {
		return err
	}
	k := Key{
		Client: o.Name, Region: at.Region, Fingerprint: e.Fingerprint(), PublicKey: e.Public, Since: e.Since(),
		Bucket: rules.AdminBucketName(account.Account, account.Region), Object: e.Object(), Encryption: e.Encryption(), Admins: who.Admins,
	}
	pair, err := pairOf(ctx, scope, e)
	if err != nil {
		return err
	}
	if k.Hosts, err = hostsWithKey(ctx, scope, pair); err != nil {
		return err
	}
	for _, each := range old {
		k.Old = append(k.Old, OldKey{each.Fingerprint, each.Replaced.UTC()})
	}
	if replaced(e, old) != nil {
		k.Next = append(k.Next, a.Print.Sayf("finish the rotation of the key: %s", a.Next("key rotate %s", o.Name)))
	}
	if o.ShowSecrets || o.Out != "" || o.Old != "" {
		if err := k.reveal(ctx, scope, e, old, o); err != nil {
			return err
		}
	}
	return showKey(a.Print, k)
}

// reveal adds the private key that was asked for, or writes it into a file.
func (k *Key) reveal(ctx context.Context, scope *provision.Scope, e *s3.Escrow, old []s3.OldKey, o KeyOptions) (err error) {
	var which *s3.OldKey
	if o.Old != "" && o.Old != e.Fingerprint() {
		i := slices.IndexFunc(old, func(each s3.OldKey) bool { return each.Fingerprint == o.Old })
		if i < 0 {
			return session.Usagef(lang.Sprintf("cicdctl key show %s lists the keys there are", o.Name), "--old %s: the escrow of %s has no such key", o.Old, o.Name)
		}
		which = &old[i]
	}
	if !o.ShowSecrets && o.Out == "" {
		return session.Usagef("add --out FILE, or --show-secrets to print it", "--old is about a private key")
	}
	if o.Out == "" {
		private, err := e.Private(ctx, scope, which)
		k.PrivateKey = string(private)
		return err
	}
	// Made before the key is read: what cannot be written need not be read.
	file, err := os.OpenFile(filepath.Clean(o.Out), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return session.Usagef("give another file with --out; one that is there is never replaced", "--out: %w", err)
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	private, err := e.Private(ctx, scope, which)
	if err != nil {
		return err
	}
	_, err = file.Write(private)
	k.File = o.Out
	return errors.Join(err, file.Sync())
}

// escrowOf is a client's key in escrow; the error is a *cloud.GuardError where there is none.
func escrowOf(ctx context.Context, scope *provision.Scope) (*s3.Escrow, error) {
	e, err := s3.EscrowOf(ctx, provision.NewSweep(scope), scope.Client)
	if awsapi.Is(err, awsapi.NotFound) {
		return nil, cloud.Guardf("%s has no private key in the admin bucket for %s: cicdctl client create %s makes it", scope.Client, scope.Region, scope.Client)
	}
	if err != nil {
		return nil, lang.Errorf("the private key of %s: %w", scope.Client, err)
	}
	return e, nil
}

// replaced is the key that the current one has replaced, as long as it is in escrow; nil when
// no rotation is under way.
func replaced(e *s3.Escrow, old []s3.OldKey) *s3.OldKey {
	i := slices.IndexFunc(old, func(k s3.OldKey) bool { return e.Replaces != "" && k.Fingerprint == e.Replaces })
	if i < 0 {
		return nil
	}
	return &old[i]
}

// pairOf is the name of the EC2 key pair that has the escrowed key; empty while there is none.
func pairOf(ctx context.Context, scope *provision.Scope, e *s3.Escrow) (string, error) {
	out, err := scope.API.EC2.DescribeKeyPairs(ctx, &ec2.DescribeKeyPairsInput{IncludePublicKey: aws.Bool(true)})
	if err != nil {
		return "", lang.Errorf("list the key pairs of %s: %w", scope.Region, err)
	}
	for _, k := range out.KeyPairs {
		public := strings.Fields(aws.ToString(k.PublicKey))
		if cloud.Tag(k.Tags, provision.TagClient) == scope.Client && strings.Join(public[:min(len(public), 2)], " ") == e.Public {
			return aws.ToString(k.KeyName), nil
		}
	}
	return "", nil
}

// hostsWithKey are the instances that were started with a client's key pair, of whatever key,
// and are not gone.
func hostsWithKey(ctx context.Context, scope *provision.Scope, pair string) ([]KeyHost, error) {
	var out []KeyHost
	in := &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{
		{Name: aws.String("key-name"), Values: rules.KeyPairNames(scope.Client)},
		{Name: aws.String("instance-state-name"), Values: []string{"pending", "running", "stopping", "stopped"}},
	}}
	for p := ec2.NewDescribeInstancesPaginator(scope.API.EC2, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, lang.Errorf("list the hosts with the key of %s: %w", scope.Client, err)
		}
		for _, r := range page.Reservations {
			for _, i := range r.Instances {
				out = append(out, KeyHost{
					ID: aws.ToString(i.InstanceId), Pair: aws.ToString(i.KeyName), Current: aws.ToString(i.KeyName) == pair,
					managed: cloud.Tag(i.Tags, "aws:autoscaling:groupName") == rules.HostsName(scope.Client),
				})
			}
		}
	}
	slices.SortFunc(out, func(a, b KeyHost) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}
