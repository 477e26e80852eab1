package rules

import (
	"encoding/json"
	"fmt"
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

type widget struct {
	Type       string `json:"type"`
	X          int    `json:"x"`
	Y          int    `json:"y"`
	Width      int    `json:"width"`
	Height     int    `json:"height"`
	Properties object `json:"properties"`
}

// Dashboard is the body of the client's dashboard: the state of all its alarms,
// then a graph of each with its threshold. It names alarms only, which have names
// of ours, and so needs nothing that AWS makes up.
func Dashboard(p Place, client string, alarms []Alarm) string {
	arns := make([]string, len(alarms))
	for i, a := range alarms {
		arns[i] = p.arn("cloudwatch", "alarm:"+AlarmName(client, a.Role))
	}
	widgets := []widget{{"text", 0, 0, graphWidth, headHeight, object{
		"markdown": fmt.Sprintf("# %s\n%s: changes by hand are put back. See `cicdctl client show %s`.", client, dashboardMark, client),
	}}}
	y := 0
	for some := range slices.Chunk(arns, widgetAlarms) {
		widgets = append(widgets, widget{"alarm", graphWidth, y, gridWidth - graphWidth, headHeight, object{"title": "Alarms", "alarms": some}})
		y += headHeight
	}
	for i, a := range alarms {
		widgets = append(widgets, widget{
			"metric", i * graphWidth % gridWidth, y + i*graphWidth/gridWidth*graphHeight, graphWidth, graphHeight,
			object{"title": a.Role, "region": p.Region, "view": "timeSeries", "annotations": object{"alarms": arns[i : i+1]}},
		})
	}
	return DashboardText(plainJSON(object{"widgets": widgets}))
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
