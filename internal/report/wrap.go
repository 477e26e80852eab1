package report

import (
	"slices"
	"strings"
	"sync"

	"github.com/jedib0t/go-pretty/v6/text"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// leastWidth is the narrowest terminal that lines are wrapped for: the names of kinds and
// roles alone take half of it.
const leastWidth = 40

// kept are the texts that no line is broken inside: people copy them as they are printed.
type kept struct {
	mu    sync.Mutex
	texts map[string]bool
	named func(string) [][]int
}

// Keep notes a text to be copied, such as a command or a DNS record, and returns it: lines are
// broken before and after it only.
func (p *Printer) Keep(text string) string {
	if strings.Contains(text, " ") {
		p.kept.mu.Lock()
		defer p.kept.mu.Unlock()
		if p.kept.texts == nil {
			p.kept.texts = map[string]bool{}
		}
		p.kept.texts[text] = true
	}
	return text
}

// KeepNamed sets what finds commands in sentences, as pairs of first byte and end.
func (p *Printer) KeepNamed(find func(text string) [][]int) { p.kept.named = find }

// awsCommand is a command of the AWS CLI in a sentence, with its options.
var awsCommand = lazyregexp.New(`\baws [a-z][a-z0-9-]+ [a-z][a-z0-9-]+(?: (?:--[a-z][a-z0-9-]*(?: [^\s;,)-][^\s;,)]*)?|s3://[^\s;,)]+|-))*`)

// in reports for each byte of a line whether it is inside what is kept.
func (k *kept) in(line string) []bool {
	inside := make([]bool, len(line))
	mark := func(from, to int) {
		for i := from; i < to; i++ {
			inside[i] = true
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for text := range k.texts {
		for from := 0; ; {
			at := strings.Index(line[from:], text)
			if at < 0 {
				break
			}
			mark(from+at, from+at+len(text))
			from += at + len(text)
		}
	}
	found := awsCommand.FindAllStringIndex(line, -1)
	if k.named != nil {
		found = append(found, k.named(line)...)
	}
	for _, each := range found {
		mark(each[0], each[1])
	}
	return inside
}

// word is what a line is not broken inside, with the spaces before it.
type word struct {
	gap   int
	text  string
	width int
}

// displayed is how many columns a text takes, without escape sequences.
func displayed(s string) int { return text.StringWidthWithoutEscSequences(s) }

// clings reports whether a word stays with the one before it: French has a space before
// these, and a separator ends a line rather than beginning one.
func clings(s string) bool { return slices.Contains([]string{":", ";", "?", "!", "»", "·", "%"}, s) }

// escape is a sequence that colours.
var escape = lazyregexp.New("\x1b\\[[0-9;]*m")

// number is a word that stays with the one after it: "30 days".
var number = lazyregexp.New(`(^|[ (])\d+$`)

func plain(s string) string { return escape.ReplaceAllString(s, "") }

// words splits a line at the spaces that it may be broken at.
func (k *kept) words(line string) []word {
	inside := k.in(line)
	var out []word
	for from := 0; from < len(line); {
		start := from
		for start < len(line) && line[start] == ' ' {
			start++
		}
		end := start
		for end < len(line) && (line[end] != ' ' || inside[end]) {
			end++
		}
		w := word{gap: start - from, text: line[start:end], width: displayed(line[start:end])}
		last := len(out) - 1
		switch {
		case w.text == "": // spaces at the end
		case last >= 0 && w.gap == 1 && (last > 0 && clings(plain(w.text)) || number.MatchString(plain(out[last].text))):
			out[last].text += " " + w.text
			out[last].width += 1 + w.width
		default:
			out = append(out, w)
		}
		from = end
	}
	return out
}

// fold breaks a line at a width. All lines but the first begin with so many spaces. What is
// wider than a line and may not be broken stays as it is, on a line of its own.
func (k *kept) fold(line string, width, hang int) []string {
	if displayed(line) <= width {
		return []string{line}
	}
	return lay(k.words(line), width, hang)
}

func lay(list []word, width, hang int) []string {
	var lines []string
	var b strings.Builder
	used, colour := 0, ""
	for i, w := range list {
		if i > 0 && used+w.gap+w.width > width && !(i == 1 && list[0].width == 1) { // a mark stays with its text
			if colour != "" {
				b.WriteString("\x1b[0m")
			}
			lines = append(lines, b.String())
			b.Reset()
			b.WriteString(strings.Repeat(" ", hang) + colour)
			used = hang
		} else {
			b.WriteString(strings.Repeat(" ", w.gap))
			used += w.gap
		}
		b.WriteString(w.text)
		used += w.width
		for _, code := range escape.FindAllString(w.text, -1) {
			if colour += code; code == "\x1b[0m" || code == "\x1b[m" {
				colour = ""
			}
		}
	}
	return append(lines, b.String())
}

// wrap breaks a line of a report at a width. What follows is indented below the line's last
// column where it has columns and they leave room, and otherwise a little deeper than it begins.
func (k *kept) wrap(line string, width int) []string {
	if displayed(line) <= width {
		return []string{line}
	}
	list := k.words(line)
	if len(list) == 0 {
		return []string{line}
	}
	hang := list[0].gap + 2
	used, longest, column := list[0].gap+list[0].width, 0, 0
	for i, w := range list[1:] {
		used += w.gap
		if w.gap > 1 {
			column, longest = used, 0
			if i == 0 && list[0].width == 1 {
				column = 0 // a mark is no column
			}
		}
		used, longest = used+w.width, max(longest, w.width)
	}
	if column > 0 && column+max(longest, leastWidth/2) <= width {
		return lay(list, width, column)
	}
	return lay(list, width, min(hang, width/2))
}

// Write writes to the stream; on a terminal, lines that are too long are wrapped.
func (s stream) Write(data []byte) (int, error) {
	if !s.terminal {
		return s.Writer.Write(data)
	}
	width, b := max(s.width(), leastWidth), strings.Builder{}
	for line := range strings.Lines(string(data)) {
		body, ended := strings.CutSuffix(line, "\n")
		b.WriteString(strings.Join(s.kept.wrap(body, width), "\n"))
		if ended {
			b.WriteByte('\n')
		}
	}
	if _, err := s.Writer.Write([]byte(b.String())); err != nil {
		return 0, err
	}
	return len(data), nil
}

// Prose writes text that was broken at a width of its own. A terminal that is narrower gets its
// paragraphs, which are not indented, broken anew.
func (p *Printer) Prose(text string) error {
	if p.Out.terminal {
		width := max(p.Out.width(), leastWidth)
		blocks := strings.Split(text, "\n\n")
		for i, block := range blocks {
			tooLong := func(line string) bool { return displayed(line) > width }
			if lines := strings.Split(block, "\n"); !strings.Contains(block, "\n ") && slices.ContainsFunc(lines, tooLong) {
				blocks[i] = strings.Join(p.kept.fold(strings.Join(lines, " "), width, 0), "\n")
			}
		}
		text = strings.Join(blocks, "\n\n")
	}
	_, err := p.Out.Write([]byte(text))
	return err
}

// Kept reports whether a text is one to be copied as a whole.
func (p *Printer) Kept(text string) bool {
	return !slices.Contains(p.kept.in(text), false)
}
