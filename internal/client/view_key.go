package client

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"gitlab.com/cicd/cicdctl/internal/report"
)

// showKey shows a key pair, with the private key where that was asked for.
func showKey(p *report.Printer, k Key) error {
	if p.Format == report.JSON {
		k.Hosts, k.Old, k.Admins, k.Next = report.Some(k.Hosts), report.Some(k.Old), report.Some(k.Admins), report.Some(k.Next)
		return p.WriteJSON(k)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Bold.Render(p.Lang.Sayf("SSH key of %s in %s", k.Client, k.Region)))
	for _, line := range [][2]string{
		{p.Lang.Say("fingerprint"), k.Fingerprint},
		{p.Lang.Say("public key"), k.PublicKey},
		{p.Lang.Say("private key"), "s3://" + k.Bucket + "/" + k.Object},
		{p.Lang.Say("written (UTC)"), report.Clock(k.Since)},
		{p.Lang.Say("encryption"), k.Encryption},
	} {
		fmt.Fprintf(b, "  %-16s %s\n", line[0], line[1])
	}
	fmt.Fprintln(b, report.Admins(p.Lang, k.Admins))
	if len(k.Hosts) > 0 {
		t := p.Table(p.Out, p.Lang.Say("host"), p.Lang.Say("key pair"), "")
		for _, h := range k.Hosts {
			note := ""
			if !h.Current {
				note = p.Lang.Say("old key")
			}
			t.AppendRow(table.Row{h.ID, h.Pair, note})
		}
		fmt.Fprintln(b, t.Render())
	}
	for _, old := range k.Old {
		fmt.Fprintln(b, p.Lang.Sayf("replaced on %s, still in escrow: %s", report.Clock(old.Replaced), old.Fingerprint))
	}
	if k.File != "" {
		fmt.Fprintln(b, style.Check(true), p.Lang.Sayf("the private key is in %s (mode 0600): keep it safe and delete it when it is no longer needed", k.File))
	}
	p.Next(b, style, k.Next)
	b.WriteString(k.PrivateKey)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// showKeyRotationPlan says what a rotation does, before it is confirmed.
func showKeyRotationPlan(p *report.Printer, k *KeyRotation, inWindow bool) error {
	if p.Format == report.JSON {
		return nil
	}
	b := &strings.Builder{}
	left, others := 0, 0
	for _, h := range k.Hosts {
		switch {
		case k.Began && h.Current:
		case h.managed:
			left++
		default:
			others++
		}
	}
	if k.Began {
		fmt.Fprintln(b, p.Lang.Sayf("Goes on with the rotation of the SSH key of %s in %s: %s takes the place of %s.", k.Client, k.Region, k.New, k.Old))
	} else {
		fmt.Fprintln(b, p.Lang.Sayf("New SSH key for %s in %s, in the place of %s", k.Client, k.Region, k.Old))
		fmt.Fprintln(b, p.Lang.Say("The escrow gets a new version of the key, EC2 another key pair, and the launch template names it."))
	}
	switch {
	case left == 0:
	case inWindow:
		fmt.Fprintln(b, p.Lang.Sayn(left, "%d host keeps the old key until its weekly renewal in the maintenance window.", "%d hosts keep the old key until their weekly renewal in the maintenance window."))
	default:
		fmt.Fprintln(b, p.Lang.Sayn(left, "%d host is replaced once another is there and has taken over its tasks: some 10 minutes.", "%d hosts are replaced one after the other, each once another is there and has taken over its tasks: some 10 minutes each."))
	}
	if others > 0 {
		fmt.Fprintln(b, p.Lang.Sayn(others, "%d other instance was started with the key and is not touched.", "%d other instances were started with the key and are not touched."))
	}
	fmt.Fprintln(b, p.Lang.Say("The old key is removed for good once no instance is left that was started with it."))
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// showKeyRotation says how far a rotation has come.
func showKeyRotation(p *report.Printer, k *KeyRotation) error {
	if p.Format == report.JSON {
		k.Hosts, k.Next = report.Some(k.Hosts), report.Some(k.Next)
		return p.WriteJSON(k)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Check(true), style.Bold.Render(p.Lang.Sayf("%s has the SSH key %s (key pair %s)", k.Client, k.New, k.Pair)))
	if k.Removed {
		fmt.Fprintln(b, p.Lang.Sayf("the old key %s is removed: no instance has it", k.Old))
	} else {
		fmt.Fprintln(b, p.Lang.Sayf("the old key %s stays in escrow: instances have it", k.Old))
	}
	p.Next(b, style, k.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}
