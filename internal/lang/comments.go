package lang

import (
	"cmp"
	"maps"
	"strings"
	"sync"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

var (
	// commented is a line that is nothing but a comment: its indentation and its mark.
	commented = lazyregexp.New(`^(\s*)(#|//)(?: .*)?$`)
	// remarked is a comment behind something else.
	remarked = lazyregexp.New(`^(.*\S +(?:#|//) )([A-Za-z(].*)$`)
)

// comments are those of the files that are written for other programs, made when the first is asked for.
var comments = sync.OnceValue(func() map[string]string {
	all := frenchComments()
	maps.Copy(all, frenchCommentsVPN())
	return all
})

// Comments is a file that is written for another program, with its comments in the language. They are
// looked up by whole blocks of lines; what is none of ours stays, and so does all that is no comment.
func (l Lang) Comments(text string) string {
	if l != French {
		return text
	}
	lines := strings.Split(text, "\n")
	var out []string
	for i := 0; i < len(lines); {
		at := commented.FindStringSubmatch(lines[i])
		if at == nil {
			if behind := remarked.FindStringSubmatch(lines[i]); behind != nil {
				lines[i] = behind[1] + comment(behind[2])
			}
			out = append(out, lines[i])
			i++
			continue
		}
		var block []string
		for ; i < len(lines); i++ {
			text, ours := strings.CutPrefix(lines[i], at[1]+at[2])
			if !ours || text != "" && !strings.HasPrefix(text, " ") {
				break
			}
			block = append(block, strings.TrimPrefix(text, " "))
		}
		for line := range strings.SplitSeq(comment(strings.Join(block, "\n")), "\n") {
			out = append(out, strings.TrimRight(at[1]+at[2]+" "+line, " "))
		}
	}
	return strings.Join(out, "\n")
}

func comment(text string) string { return cmp.Or(comments()[text], text) }
