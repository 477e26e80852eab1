package document

import (
	"fmt"
	"strings"
	"time"
)

// words are the document's own, in its language.
type words struct {
	contents, asOf, inWords string
	tones                   map[Tone]string
	months, shortMonths     [12]string
	days                    [7]string // from Monday
	date                    func(day int, month string, year int) string
	colon                   string
	comma                   bool // before decimals
	value, limit, when      string
	from, until, what       string
}

var english = words{
	contents: "Contents", asOf: "As of", inWords: "In words", colon: ": ",
	tones:       map[Tone]string{Good: "OK", Warning: "Warning", Bad: "Problem", Muted: "Secondary"},
	months:      [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	shortMonths: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	days:        [7]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
	date:        func(day int, month string, year int) string { return fmt.Sprintf("%d %s %d", day, month, year) },
	value:       "Value", limit: "Limit", when: "Date", from: "From", until: "Until", what: "What",
}

var french = words{
	comma:    true,
	contents: "Sommaire", asOf: "État au", inWords: "En toutes lettres", colon: "\u00a0: ",
	tones:       map[Tone]string{Good: "Conforme", Warning: "Attention", Bad: "Problème", Muted: "Secondaire"},
	months:      [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	shortMonths: [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
	days:        [7]string{"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"},
	date: func(day int, month string, year int) string {
		if day == 1 {
			return fmt.Sprintf("1er\u00a0%s %d", month, year)
		}
		return fmt.Sprintf("%d\u00a0%s %d", day, month, year)
	},
	value: "Valeur", limit: "Limite", when: "Date", from: "Début", until: "Fin", what: "Quoi",
}

func wordsOf(lang string) words {
	if lang == "fr" || strings.HasPrefix(lang, "fr-") {
		return french
	}
	return english
}

// day is the date of a time, where it is told.
func (w *words) day(t time.Time) string {
	return w.date(t.Day(), w.months[t.Month()-1], t.Year())
}

// dayMonth is a date on an axis that spans so much: with its year where that is more than half a year.
func (w *words) dayMonth(t time.Time, span time.Duration) string {
	month := w.shortMonths[t.Month()-1]
	if span > 180*day {
		return month + "\u00a0" + fmt.Sprint(t.Year())
	}
	return fmt.Sprint(t.Day()) + "\u00a0" + month
}

// moment is a time where it is told, with its zone.
func (w *words) moment(t time.Time) string {
	return w.day(t) + ", " + t.Format("15:04") + "\u00a0(" + zone(t) + ")"
}

// zone is the name of a time zone with its distance to UTC, which says more than many names do.
func zone(t time.Time) string {
	name, seconds := t.Zone()
	utc := "UTC"
	if seconds != 0 {
		sign := '+'
		if seconds < 0 {
			sign = '-'
		}
		minutes := max(seconds, -seconds) / 60
		utc += fmt.Sprintf("%c%d", sign, minutes/60)
		if minutes%60 != 0 {
			utc += fmt.Sprintf(":%02d", minutes%60)
		}
	}
	if name == "" || name == "UTC" || name[0] == '+' || name[0] == '-' {
		return utc
	}
	return name + ", " + utc
}

// clock is a time of day. Midnight at the end of a day is 24:00.
func clock(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

// weekday is its place in a week that begins on Monday.
func weekday(d time.Weekday) int { return (int(d) + 6) % 7 }

const day = 24 * time.Hour
