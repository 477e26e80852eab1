package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Whoever hears an alarm knows what has happened and what to do; nothing is left
// to CloudWatch's defaults.
func TestEveryAlarmSaysWhatItNeeds(t *testing.T) {
	s := *acme(t)
	s.Client = strings.Repeat("C", 20)
	roles := map[string]bool{}
	for _, a := range Alarms(&s, []string{"nat-a", "nat-b", "nat-c"}) {
		if roles[a.Role] {
			t.Errorf("%s is there twice", a.Role)
		}
		roles[a.Role] = true
		if a.What.English == "" || a.Todo.English == "" || !slices.Contains([]Severity{High, Medium, Low}, a.Severity) {
			t.Errorf("%s lacks words: %+v", a.Role, a)
		}
		if !slices.Contains([]Missing{MeansWell, MeansNothing, MustBeTold}, a.Missing) || !slices.Contains([]Comparison{AtLeast, Above, Below}, a.Over) {
			t.Errorf("%s leaves something open: %+v", a.Role, a)
		}
		if a.Period%60 != 0 || a.Period*a.Periods < 60 || a.Period*a.Periods > 24*3600 {
			t.Errorf("%s looks at %d times %d seconds", a.Role, a.Periods, a.Period)
		}
		if a.Metric.Namespace == "" || a.Metric.Name == "" || a.Metric.Stat == "" || len(a.Metric.Dimensions) == 0 {
			t.Errorf("%s watches %+v", a.Role, a.Metric)
		}
		if len(AlarmName(s.Client, a.Role)) > 255 || len(a.Description(s.Client)) > 1024 {
			t.Errorf("%s is longer than CloudWatch takes", a.Role)
		}
	}
	for _, role := range []string{"shop-web-prod-missing", "shop-web-preview-unhealthy", "shop-files-prod-missing", "shop-files-prod-unhealthy", "database-lag", "nat-c-ports", "dead-letters", "hosts-places"} {
		if !roles[role] {
			t.Errorf("nothing watches %s", role)
		}
	}
	s.Database.Instances = 1
	for _, a := range Alarms(&s, nil) {
		if a.Role == "database-lag" || strings.HasPrefix(a.Role, "nat-") {
			t.Errorf("%s watches what is not there", a.Role)
		}
	}
}

// TestAlarmsSpeakBothLanguages holds that an operator's language decides on nothing that is kept on
// AWS, and that either can be read out of it.
func TestAlarmsSpeakBothLanguages(t *testing.T) {
	s := *acme(t)
	all := slices.Concat(Alarms(&s, []string{"nat-a"}), TrailAlarms())
	for _, a := range all {
		text := a.Description("ACME")
		for what, said := range map[string]Said{"what": a.What, "todo": a.Todo} {
			if said.French == said.English || strings.Contains(said.String(), between+"/") || strings.Count(said.String(), between) != 1 {
				t.Errorf("%s, %s: %+v", a.Role, what, said)
			}
		}
		french, english := AlarmTold(text, lang.French), AlarmTold(text, lang.English)
		if french != fmt.Sprintf("[%s] ACME : %s. À faire : %s.", a.Severity, a.What.French, a.Todo.French) || english != fmt.Sprintf("[%s] ACME: %s. To do: %s.", a.Severity, a.What.English, a.Todo.English) {
			t.Errorf("%s is told as %q and %q", a.Role, french, english)
		}
		lang.Use(lang.French)
		again := a.Description("ACME")
		lang.Use(lang.English)
		if again != text || !strings.HasSuffix(text, AlarmMark) {
			t.Errorf("%s: %q, to a French operator %q", a.Role, text, again)
		}
	}
	if old := "[high] ACME: x. To do: y. (cicdctl)"; AlarmTold(old, lang.French) != old {
		t.Error("a description of an earlier version is not told as it is")
	}
}

// A preview wakes nobody up.
func TestPreviewsAreNoOutage(t *testing.T) {
	for _, a := range Alarms(acme(t), nil) {
		if strings.Contains(a.Role, "-preview-") && a.Severity != Low {
			t.Errorf("%s is %s", a.Role, a.Severity)
		}
	}
}

func TestMaxConnections(t *testing.T) {
	for class, want := range map[string][2]int{ // PostgreSQL, MySQL
		"db.t4g.medium":     {450, 90},
		"db.t3.large":       {901, 90},
		"db.r6g.large":      {1802, 1000},
		"db.r6g.xlarge":     {3604, 2000},
		"db.r6i.2xlarge":    {5000, 3000},
		"db.r6g.16xlarge":   {5000, 6000},
		"db.x2g.large":      {3604, 2000},
		"db.serverless":     {450, 90},
		"something strange": {450, 90},
	} {
		got := [2]int{MaxConnections(spec.Database{Engine: spec.AuroraPostgreSQL, Class: class}), MaxConnections(spec.Database{Engine: spec.AuroraMySQL, Class: class})}
		if got != want {
			t.Errorf("%s: %v, want %v", class, got, want)
		}
	}
}

func TestDashboardFitsTheGrid(t *testing.T) {
	var alarms []Alarm
	for i := range 120 {
		alarms = append(alarms, Alarm{Role: fmt.Sprintf("r%d", i)})
	}
	text := Dashboard(backupPlace, "ACME", alarms)
	if !OwnDashboard(text) || OwnDashboard(`{"widgets":[]}`) || DashboardText(text) != text {
		t.Error("the dashboard is not known as our own, or not canonical")
	}
	var body struct{ Widgets []widget }
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		t.Fatal(err)
	}
	taken := map[[2]int]bool{}
	for _, w := range body.Widgets {
		if w.X+w.Width > gridWidth {
			t.Errorf("%s at %d is wider than the grid", w.Type, w.X)
		}
		if shown := w.Properties.Alarms; len(shown) > widgetAlarms {
			t.Errorf("a widget shows %d alarms", len(shown))
		}
		for x := range w.Width {
			for y := range w.Height {
				at := [2]int{w.X + x, w.Y + y}
				if taken[at] {
					t.Fatalf("two widgets are at %v", at)
				}
				taken[at] = true
			}
		}
	}
}
