package rules

import (
	"encoding/json"
	"slices"
	"strings"
)

// dashboardMark is in the text of every dashboard that cicdctl makes. Dashboards
// take no tags, so nothing else tells whose one is.
const dashboardMark = "Made and kept by cicdctl"

// OwnDashboard reports whether a dashboard's body is one that cicdctl made.
func OwnDashboard(body string) bool { return strings.Contains(body, dashboardMark) }

// Of the grid of a dashboard (CloudWatch API, "Dashboard body structure and syntax").
const (
	gridWidth    = 24
	graphWidth   = 6
	graphHeight  = 6
	headHeight   = 6
	widgetAlarms = 100 // that one widget shows at most
)

// widget has its parts in the order of their names, and so have its properties: as
// DashboardText has them.
type widget struct {
	Height     int        `json:"height"`
	Properties properties `json:"properties"`
	Type       string     `json:"type"`
	Width      int        `json:"width"`
	X          int        `json:"x"`
	Y          int        `json:"y"`
}

type properties struct {
	Alarms      []string    `json:"alarms,omitempty"`
	Annotations *properties `json:"annotations,omitempty"`
	Markdown    string      `json:"markdown,omitempty"`
	Region      string      `json:"region,omitempty"`
	Title       string      `json:"title,omitempty"`
	View        string      `json:"view,omitempty"`
}

// Dashboard is the body of the client's dashboard: the state of all its alarms,
// then a graph of each with its threshold. It names alarms only, which have names
// of ours, and so needs nothing that AWS makes up.
func Dashboard(p Place, client string, alarms []Alarm) string {
	arns := make([]string, len(alarms))
	begin := p.arn("cloudwatch", "alarm:"+AlarmName(client, ""))
	for i := range alarms {
		arns[i] = begin + alarms[i].Role
	}
	widgets := []widget{{Type: "text", Width: graphWidth, Height: headHeight, Properties: properties{
		Markdown: "# " + client + "\n" + Both("Made and kept by cicdctl: changes by hand are put back. See `cicdctl client show %s`.", client).lines(),
	}}}
	y := 0
	for some := range slices.Chunk(arns, widgetAlarms) {
		widgets = append(widgets, widget{Type: "alarm", X: graphWidth, Y: y, Width: gridWidth - graphWidth, Height: headHeight, Properties: properties{Title: Both("Alarms").String(), Alarms: some}})
		y += headHeight
	}
	for i, a := range alarms {
		widgets = append(widgets, widget{
			Type: "metric", X: i * graphWidth % gridWidth, Y: y + i*graphWidth/gridWidth*graphHeight, Width: graphWidth, Height: graphHeight,
			Properties: properties{Title: a.Role, Region: p.Region, View: "timeSeries", Annotations: &properties{Alarms: arns[i : i+1]}},
		})
	}
	return plainJSON(struct {
		Widgets []widget `json:"widgets"`
	}{widgets})
}

// DashboardText is the same text for bodies that say the same. Unlike in policies,
// the order of lists counts.
func DashboardText(body string) string {
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		return body // not JSON, so it shows as a difference
	}
	return plainJSON(v)
}
