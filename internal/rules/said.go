package rules

import (
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Said is what people read on AWS, in both languages. It does not depend on the operator's: what is
// kept there would otherwise differ from one operator's run to the next one's.
type Said struct{ French, English string }

// Both says a sentence in both languages.
func Both(format string, args ...any) Said {
	if len(args) == 0 {
		return Said{lang.French.Say(format), format}
	}
	return Said{lang.French.Sayf(format, args...), lang.English.Sayf(format, args...)}
}

// with is the sentence with something behind it that both languages say alike.
func (s Said) with(text string) Said { return Said{s.French + text, s.English + text} }

// between stands between the languages.
const between = " / "

// String is the sentence in both languages, the French one first.
func (s Said) String() string { return s.French + between + s.English }

// lines is the same in paragraphs.
func (s Said) lines() string { return s.French + "\n\n" + s.English }

// AlarmMark ends the description of every alarm that cicdctl makes.
const AlarmMark = "(cicdctl)"

// Description is what the alarm tells, within the 1,024 characters that CloudWatch takes
// (PutMetricAlarm, "AlarmDescription"). whose is the client, or the account.
func (a *Alarm) Description(whose string) string {
	return "[" + string(a.Severity) + "] " + whose + " : " + a.What.French + ". À faire : " + a.Todo.French + "." +
		between + a.What.English + ". To do: " + a.Todo.English + ". " + AlarmMark
}

// AlarmTold is the half of a description that is in a language. One that is not of this form is
// told as it is.
func AlarmTold(description string, l lang.Lang) string {
	whose, said, ok := strings.Cut(description, " : ")
	french, english, also := strings.Cut(said, between)
	switch {
	case !ok || !also:
		return description
	case l == lang.French:
		return whose + " : " + french
	default:
		return whose + ": " + strings.TrimSuffix(english, " "+AlarmMark)
	}
}
