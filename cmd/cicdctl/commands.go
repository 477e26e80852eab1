package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// argument is the next word of a command line, without what ends a clause.
var argument = lazyregexp.New(`^ ('[^']*'|[^\s;,()]+)`)

// commandsIn finds the commands of cicdctl in a text, each as its first byte and its end: the
// words of a command, and then its arguments as far as they are no words of the sentence.
func commandsIn(root *cobra.Command, text string) [][]int {
	var found [][]int
	for _, at := range namedCommand.FindAllStringIndex(text, -1) {
		cmd, end := root, at[0]+len(root.Name())
		for {
			word := argument.FindStringSubmatch(text[end:])
			if word == nil {
				break
			}
			next := slices.IndexFunc(cmd.Commands(), func(sub *cobra.Command) bool { return sub.Name() == word[1] })
			if next < 0 {
				break
			}
			cmd, end = cmd.Commands()[next], end+len(word[0])
		}
		if cmd != root && (!cmd.HasSubCommands() || takes(cmd) > 0) { // no group, and no prose
			found = append(found, []int{at[0], argumentsEnd(cmd, text, end)})
		}
	}
	return found
}

// takes is how many arguments a command has, without those of flags.
func takes(cmd *cobra.Command) int {
	return len(placeholders.FindAllString(flagged.ReplaceAllString(cmd.Use, ""), -1))
}

// argumentsEnd is where the arguments end that follow a command's own words. The first is a
// name, which no word of a sentence looks like; of the others there are as many as it takes.
func argumentsEnd(cmd *cobra.Command, text string, end int) int {
	for given := 0; ; {
		next := argument.FindStringSubmatch(text[end:])
		if next == nil {
			return end
		}
		word := strings.TrimRight(next[1], ".:")
		name, isFlag := strings.CutPrefix(word, "--")
		switch {
		case isFlag:
			end += len(" ") + len(word)
			if flag := cmd.Flag(name); flag != nil && flag.NoOptDefVal == "" {
				end += len(strings.TrimRight(argument.FindString(text[end:]), ".:"))
			}
		case given < takes(cmd) && (given > 0 || strings.ContainsFunc(word, isNoProse)):
			given++
			end += len(" ") + len(word)
		default:
			return end
		}
		if len(word) < len(next[1]) { // the end of a clause
			return end
		}
	}
}

// placeholders are the arguments in how a command is used, and flagged those of flags.
var (
	placeholders = lazyregexp.New(`\b[A-Z][A-Z/-]+\b`)
	flagged      = lazyregexp.New(`--[a-z-]+[ =][A-Z/-]+`)
)

// isNoProse reports whether a character is one of names rather than of words.
func isNoProse(r rune) bool { return (r < 'a' || r > 'z') && r != '-' && r != '\'' && r < 0x80 }
