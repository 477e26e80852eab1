package dossier

import (
	"cmp"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

func (c *composer) runtimes() []document.Block {
	r := c.d.Runtimes
	var out []document.Block
	var facts document.Facts
	fact := func(name string, value document.Text) {
		facts.Facts = append(facts.Facts, document.Fact{Name: name, Value: value})
	}
	if d := r.Database; d != nil {
		value := codes(d.Engine + " " + d.Version)
		switch {
		case d.Support == nil:
			value = append(value, plain(" · "+c.Say("AWS does not say until when it supports it")))
		case rules.SupportEnding(*d.Support, c.d.Made):
			value = append(value, plain(" · "), toned(c.Sayf("standard support until %s", day(d.Support)), document.Warning))
		default:
			value = append(value, plain(" · "+c.Sayf("standard support until %s", day(d.Support))))
		}
		fact(c.Say("database"), value)
		fact(c.Say("minor versions of the database"), words(c.Sayf("upgraded by AWS in the maintenance window: %s", c.Say(d.Automatic))))
	}
	for _, h := range r.Hosts {
		fact(c.Sayf("machines (%s)", h.Name), append(codes(h.Type), plain(" · "+c.Say(h.Size)+" · "+c.Say("image, looked up at every launch:")+" "), code(h.Image)))
	}
	for _, l := range r.Listeners {
		fact(c.Sayf("TLS policy of %s", l.Name), codes(l.Policy))
	}
	if len(facts.Facts) > 0 {
		out = append(out, facts)
	}
	t := document.Table{Caption: c.Say("Images that run"), Head: []string{c.Say("service"), c.Say("environment"), c.Say("state"), c.Say("tag"), c.Say("digest"), c.Say("deployed (UTC)")}}
	for _, i := range r.Images {
		t.Rows = append(t.Rows, []document.Text{words(i.App + "/" + i.Service), words(i.Env), words(c.Say(i.State)), codes(i.Tag), codes(short(i.Digest)), words(when(i.Deployed))})
	}
	if len(t.Rows) > 0 {
		out = append(out, t)
	}
	t = document.Table{Caption: c.Say("Certificates"), Head: []string{c.Say("domain"), c.Say("validity")}}
	for _, x := range r.Certificates {
		t.Rows = append(t.Rows, []document.Text{codes(x.Domain), words(c.Say(x.Validity))})
	}
	if len(t.Rows) > 0 {
		out = append(out, t)
	}
	if len(out) == 0 {
		out = append(out, c.none(r.Told, c.Say("Nothing runs.")))
	}
	return out
}

func (c *composer) deployments() []document.Block {
	d := c.d.Deployments
	t := document.Table{Head: []string{c.Say("registered (UTC)"), c.Say("service"), c.Say("environment"), c.Say("revision"), c.Say("tag"), c.Say("digest"), c.Say("what became of it"), c.Say("by")}, Numbers: []int{3}}
	for _, one := range d.Deployments {
		tone := document.Plain
		switch one.State {
		case "running":
			tone = document.Good
		case "failed", "rolled back":
			tone = document.Warning
		}
		what := document.Text{toned(c.Say(one.State), tone)}
		if one.Withdrawn != nil {
			what = append(what, plain(" "+c.Sayf("withdrawn %s", when(one.Withdrawn))))
		}
		if one.Accepted != "" {
			what = append(what, plain(" "+c.Sayf("with accepted vulnerabilities: %s", one.Accepted)))
		}
		t.Rows = append(t.Rows, []document.Text{words(when(one.Registered)), words(one.App + "/" + one.Service), words(one.Env), words(c.Sayf("%d", one.Revision)), codes(one.Tag), codes(short(one.Digest)), what, codes(one.By)})
	}
	if len(t.Rows) == 0 {
		return []document.Block{c.none(d.Told, c.Sayf("Nothing was deployed since %s.", day(&d.Since)))}
	}
	return []document.Block{t}
}

func (c *composer) alarms() []document.Block {
	a := c.d.Alarms
	t := document.Table{Head: []string{c.Say("alarm"), c.Say("severity"), c.Say("what it is about"), c.Say("state"), c.Say("since (UTC)")}}
	for _, ringing := range []bool{true, false} {
		for _, one := range a.Alarms {
			if (one.State == "ALARM") != ringing {
				continue
			}
			state := toned(c.Say("in order"), document.Good)
			switch one.State {
			case "ALARM":
				state = toned(c.Say("rings"), document.Bad)
			case "INSUFFICIENT_DATA":
				state = toned(c.Say("no data yet"), document.Muted)
			case "":
				state = toned(c.Say("not told"), document.Warning)
			}
			cell := document.Text{state}
			if one.Silent {
				cell = append(cell, plain(" "), toned(c.Say("tells nobody"), document.Warning))
			}
			t.Rows = append(t.Rows, []document.Text{words(one.Name), words(c.Say(one.Severity)), words(c.about(one.About)), cell, words(when(one.Since))})
		}
	}
	out := []document.Block{t}
	if len(t.Rows) == 0 {
		out = []document.Block{c.none(a.Told, c.Say("The client has no alarms."))}
	}
	switch {
	case len(a.Addresses) > 0:
		out = append(out, paragraph(c.Sayf("They are told to: %s", strings.Join(a.Addresses, ", "))))
	case len(a.NotRead) == 0:
		out = append(out, document.Notice{Tone: document.Warning, Text: words(c.Say("Nobody is told of them: no e-mail address is subscribed."))})
	}
	if len(a.Pending) > 0 {
		out = append(out, document.Notice{Tone: document.Warning, Text: words(c.Sayf("Not confirmed yet, so that nothing arrives there: %s", strings.Join(a.Pending, ", ")))})
	}
	return out
}

// about is what an alarm is about; those of sites have their names in it.
func (c *composer) about(text string) string {
	for _, format := range []string{lang.Text("one of the two tunnels to the site %s is down: the next failure cuts it off"), lang.Text("both tunnels to the site %s are down: it is cut off")} {
		before, after, _ := strings.Cut(format, "%s")
		if rest, ok := strings.CutPrefix(text, before); ok && strings.HasSuffix(rest, after) {
			return c.Sayf(format, strings.TrimSuffix(rest, after))
		}
	}
	return c.Say(text)
}

func (c *composer) keys() []document.Block {
	k := c.d.Keys
	var out []document.Block
	t := document.Table{Caption: c.Say("Keys of AWS KMS"), Head: []string{c.Say("key"), c.Say("for"), c.Say("enabled"), c.Say("renewed"), c.Say("its policy lets in")}}
	for _, key := range k.Keys {
		t.Rows = append(t.Rows, []document.Text{words(key.Name), c.purpose(key.Purpose), words(c.Say(key.State)), words(c.Say(key.Rotation)), c.openers(key.OpenTo)})
		c.identified(&t, key.ID)
	}
	if len(t.Rows) > 0 {
		out = append(out, t)
	}
	if p := k.Pair; p != nil {
		out = append(out, document.Facts{Facts: []document.Fact{
			{Name: c.Say("RSA key of the client's hosts"), Value: codes(p.Name, p.Type)},
			{Name: c.Say("its private key, in the bucket for admins"), Value: words(c.Say(cmp.Or(p.PrivateKey, "not kept")))},
			{Name: c.Say("encrypted with"), Value: codes(p.Encryption)},
			{Name: c.Say("who can read it"), Value: c.openers(k.Admins)},
		}})
	}
	if len(out) == 0 {
		out = append(out, c.none(k.Told, c.Say("The client has no keys.")))
	}
	return out
}

// purpose is what a key is for; as AWS says it, where it is another than cicdctl's own have.
func (c *composer) purpose(of string) document.Text {
	switch of {
	case "SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT":
		return words(c.Say("encryption"))
	case "RSA_2048 for SIGN_VERIFY":
		return words(c.Say("signatures (RSA, 2048 bits)"))
	default:
		return codes(of)
	}
}

// openers are who can use or read something: names, and words where AWS has none.
func (c *composer) openers(all []string) document.Text {
	var out document.Text
	for i, who := range all {
		if i > 0 {
			out = append(out, plain(", "))
		}
		if strings.Contains(who, " ") || who == everybody {
			out = append(out, plain(c.Say(who)))
		} else {
			out = append(out, code(who))
		}
	}
	return out
}

func (c *composer) audit() []document.Block {
	a := c.d.Audit
	var out []document.Block
	if len(a.Findings) == 0 {
		notice := document.Notice{Tone: document.Good, Text: words(c.Sayf("Nothing found: held against %d {rule|rules}.", a.Rules))}
		if len(a.NotRead) > 0 {
			notice = document.Notice{Tone: document.Warning, Text: words(c.Say("Nothing found in what could be looked at."))}
		}
		out = append(out, notice)
	} else {
		t := document.Table{Caption: c.Sayf("Findings, of %d {rule|rules}", a.Rules), Head: []string{c.Say("rule"), c.Say("severity"), c.Say("what it asks for"), c.Say("resource"), c.Say("is"), c.Say("should be")}}
		for _, f := range a.Findings {
			t.Rows = append(t.Rows, c.finding(f))
		}
		out = append(out, t)
	}
	t := document.Table{Caption: c.Say("Accepted for a time"), Head: []string{c.Say("rule"), c.Say("severity"), c.Say("what it asks for"), c.Say("resource"), c.Say("is"), c.Say("should be"), c.Say("until"), c.Say("reason")}}
	for _, e := range a.Excepted {
		t.Rows = append(t.Rows, append(c.finding(e.Finding), words(day(&e.Until)), words(c.spoken(e.Reason))))
	}
	if len(t.Rows) > 0 {
		out = append(out, t)
	}
	return out
}

func (c *composer) finding(f Finding) []document.Text {
	tone := document.Muted
	switch rules.Severity(f.Severity) {
	case rules.High:
		tone = document.Bad
	case rules.Medium:
		tone = document.Warning
	case rules.Low:
	}
	resource := words(c.spoken(f.Resource))
	if f.Shared {
		resource = append(resource, plain(" "+c.Say("(shared)")))
	}
	return []document.Text{codes(f.ID), {toned(c.Say(f.Severity), tone)}, words(c.Say(f.Title)), resource, words(c.spoken(f.Is)), words(c.spoken(f.Should))}
}
