package session

import (
	"context"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// Consent is what an operator has agreed to on the command line.
type Consent struct {
	Yes bool
	// Remove are the words of what may be removed although something runs in it or is held
	// by it. Yes never covers that.
	Remove []string
}

// removals are what a plan takes away, and the first lines of the plan that say so.
func removals(ctx context.Context, a *Session, plan *cloud.Plan) ([]report.Removal, []string, error) {
	removed, err := plan.Removals(ctx)
	if err != nil {
		return nil, nil, err
	}
	var out []report.Removal
	for _, r := range removed {
		out = append(out, report.Removal{ID: r.ID, Flag: removeFlag(r.Word), What: lossText(a, r.Losses), Word: r.Word, Key: r.Key()})
	}
	var lines []string
	for _, word := range wordsOf(out) {
		lines = append(lines, a.Print.Sayf("%s is removed, and with it: %s", word, whatOf(out, word)))
	}
	for _, r := range plan.Renames() {
		lines = append(lines, a.Print.Sayf("%s is removed and %s is created: a rename is both", r.From, strings.Join(r.To, ", ")))
	}
	return out, lines, nil
}

func lossText(a *Session, losses []provision.Loss) string {
	texts := make([]string, len(losses))
	for i, l := range losses {
		texts[i] = a.Print.Sayf(l.Format, l.Args...)
	}
	return strings.Join(texts, "; ")
}

// removeFlag is the flag that agrees to the removal of what has a word.
func removeFlag(word string) string { return "--remove " + quoted(word) }

// wordsOf are the words of removals, each once.
func wordsOf(all []report.Removal) []string {
	var words []string
	for _, r := range all {
		if !slices.Contains(words, r.Word) {
			words = append(words, r.Word)
		}
	}
	return words
}

// whatOf is all that goes by a word; first what was made last, which is what runs.
func whatOf(all []report.Removal, word string) string {
	var texts []string
	for _, r := range slices.Backward(all) {
		if r.Word == word {
			texts = append(texts, r.What)
		}
	}
	return strings.Join(texts, "; ")
}

// agree asks whether a plan that was shown may be carried out, and by name for whatever of
// it runs or holds something. The run removes no more than was agreed to.
func agree(ctx context.Context, a *Session, run *cloud.Run, plan *cloud.Plan, all []report.Removal, c Consent) error {
	if err := Agree(ctx, a, all, plan.Wants, c); err != nil {
		return err
	}
	run.Request.Agreed = map[string]bool{}
	for _, r := range all {
		run.Request.Agreed[r.Key] = true
	}
	return nil
}

// Agree is Confirm for what takes something away, each by its name; wants says of a word
// whether what it names stays. Without a terminal the refusal names the flags to give.
func Agree(ctx context.Context, a *Session, all []report.Removal, wants func(word string) bool, c Consent) error {
	words := wordsOf(all)
	var missing, unknown []string
	for _, word := range words {
		if !slices.Contains(c.Remove, word) {
			missing = append(missing, word)
		}
	}
	for _, word := range c.Remove {
		switch {
		case slices.Contains(words, word):
		case wants(word):
			return Refuse(removable(words), "not confirmed, nothing was changed: --remove %s: this removes no such thing, the spec has it", word)
		default:
			unknown = append(unknown, word)
		}
	}
	if len(missing) > 0 && !a.Print.Asks {
		return lacking(a, all, missing, unknown, c)
	}
	for _, word := range unknown { // a run that is gone on with may have removed it
		a.Print.Tell("--remove %s: there is nothing of that name to remove", word)
	}
	if err := Confirm(ctx, a, c.Yes); err != nil {
		return err
	}
	for _, word := range missing {
		answer, err := a.Print.Ask(ctx, "This removes %s (%s). Type %s to go on:", word, whatOf(all, word), word)
		if err != nil {
			return err
		}
		if answer != word {
			return Refuse("", "not confirmed, nothing was changed: %s was to be removed", word)
		}
	}
	return nil
}

// lacking is the refusal of removals that no flag agrees to.
func lacking(a *Session, all []report.Removal, missing, unknown []string, c Consent) error {
	var flags, texts []string
	if !c.Yes {
		flags = append(flags, "--yes")
	}
	for _, word := range missing {
		flags = append(flags, "--remove", word)
		texts = append(texts, "\n  ! "+word+": "+whatOf(all, word))
	}
	also := ""
	if len(unknown) > 0 {
		also = lang.Sprintf("--remove %s names nothing that this removes; ", strings.Join(unknown, ", "))
	}
	return Refuse(lang.Sprintf("to agree to that, run: %s", a.without("--remove", unknown).Command(flags...)),
		"not confirmed, nothing was changed: %sthis removes what --yes does not cover:%s", also, strings.Join(texts, ""))
}

// removable says what --remove could name.
func removable(words []string) string {
	if len(words) == 0 {
		return lang.Say("this removes nothing that runs or holds something: leave --remove out")
	}
	return lang.Sprintf("it removes %s", strings.Join(words, ", "))
}

// without is a session whose command line does not have a flag with some values.
func (a *Session) without(flag string, values []string) *Session {
	out := &Session{Print: a.Print}
	for i := 0; i < len(a.Args); i++ {
		next := i+1 < len(a.Args) && a.Args[i] == flag && slices.Contains(values, a.Args[i+1])
		value, joined := strings.CutPrefix(a.Args[i], flag+"=")
		switch {
		case next:
			i++
		case joined && slices.Contains(values, value):
		default:
			out.Args = append(out.Args, a.Args[i])
		}
	}
	return out
}
