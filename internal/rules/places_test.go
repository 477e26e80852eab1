package rules

import (
	"fmt"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/examples"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// The figures are those of AWS's table "Supported instances for increased Amazon ECS
// container network interfaces".
func TestWhatHostsOffer(t *testing.T) {
	for name, want := range map[string]Instance{
		"m6i.large":    {2, 8 << 10, 3, 10},
		"m5.large":     {2, 8 << 10, 3, 10},
		"m6g.medium":   {1, 4 << 10, 2, 4},
		"m5.8xlarge":   {32, 128 << 10, 8, 60},
		"m6i.8xlarge":  {32, 128 << 10, 8, 90},
		"c6i.12xlarge": {48, 96 << 10, 8, 120},
		"c5.18xlarge":  {72, 144 << 10, 15, 120},
		"r6g.xlarge":   {4, 32 << 10, 4, 20},
		"r5.8xlarge":   {32, 256 << 10, 8, 0},
		"t3a.small":    {2, 2 << 10, 2, 0}, // one interface less than t3.small
	} {
		if got, known := InstanceOf(name); !known || got != want {
			t.Errorf("%s: %+v, %t, want %+v", name, got, known, want)
		}
	}
	for _, name := range []string{"m99.huge", "m6i", "m6i.", "m6i.9xlarge", "m5.metal", "m6i.xlarge 2xlarge", ""} {
		if got, known := InstanceOf(name); known {
			t.Errorf("%q: %+v, want nothing", name, got)
		}
	}
	for name, places := range map[string]int{"m6i.large": 10, "t3.medium": 2, "t3a.small": 1, "r5.8xlarge": 7} {
		if i, _ := InstanceOf(name); i.Places() != places {
			t.Errorf("%s has %d places, want %d", name, i.Places(), places)
		}
	}
	// What the sizes of a family name is in the table of sizes.
	for name, family := range instanceFamilies {
		for size := range strings.FieldsSeq(family.sizes) {
			i, known := InstanceOf(name + "." + size)
			if !known || i.VCPU == 0 || i.Interfaces < 2 || i.Trunked < i.Interfaces && name+"."+size != "r5.8xlarge" {
				t.Errorf("%s.%s: %+v, %t", name, size, i, known)
			}
		}
	}
}

func TestDemandOfTheExample(t *testing.T) {
	s, err := spec.Parse("acme.yaml", examples.ACME, Checks(plan(t), "123456789012", now))
	if err != nil {
		t.Fatal(err)
	}
	// Two web services of 2 tasks, two file services of 1, in two environments.
	d := DemandOf(s)
	if d.Steady.Tasks != 12 || d.Surge.Tasks != 2 || d.Peak().Tasks != 14 || d.Steady.CPU != 2560 || d.Peak().Memory != 6144 {
		t.Errorf("%+v", d)
	}
	if notes := PlacesNotes(s); len(notes) > 0 {
		t.Errorf("the example surely fits, and yet: %s", notes)
	}
}

func TestPlacesForTasks(t *testing.T) {
	web := func(count int) string {
		text := "apps:\n  - name: shop\n    services:\n"
		for i := range count {
			text += fmt.Sprintf("      - {name: s%d, runtime: apache, path: /s%d/*}\n", i, i)
		}
		return text
	}
	ftps := "      - {name: f1, runtime: proftpd}\n      - {name: f2, runtime: proftpd}\n"
	ftp := "apps: [{name: shop, services: [{name: ftp, runtime: proftpd}]}]\n"
	for name, c := range map[string]struct{ hosts, apps, problem, note string }{
		"with room":                     {"{instance_type: m6i.large, min: 1, max: 1}", web(1), "", ""},
		"too few interfaces":            {"{instance_type: t3.medium, min: 1, max: 2}", web(1), "hosts.max: 2 is too few: 2 hosts of t3.medium have network interfaces for 4 tasks, 4096 CPU units and 7808 MiB of memory; all services in both environments need 6, 1536 and 3072, with 2 tasks more while shop-s0-prod is replaced; give at least 3", ""},
		"just enough interfaces":        {"{instance_type: t3.medium, min: 1, max: 3}", web(1), "", ""},
		"too little CPU":                {"{instance_type: m6i.large, min: 1, max: 1}", web(2), "2 tasks more while shop-s1-prod is replaced; give at least 2", ""},
		"too little memory":             {"{instance_type: t3.small, min: 2, max: 2}", web(1), "give at least 3", ""},
		"enough, but for the spreading": {"{instance_type: m6i.large, min: 1, max: 1}", web(1) + ftps, "", "1 host of m6i.large surely has room for 8 tasks of the largest size; with shop-s0-prod being replaced there are 10"},
		"what is stopped first":         {"{instance_type: t3.small, min: 1, max: 1}", ftp, "", ""},
		"a type that nobody knows":      {"{instance_type: m99.huge, min: 1, max: 1}", web(1), "", "hosts.instance_type m99.huge is not in cicdctl's table"},
	} {
		t.Run(name, func(t *testing.T) {
			text := "client: A\nregion: eu-west-3\nhosts: " + c.hosts + "\n" + c.apps
			s, err := spec.Parse("x.yaml", []byte(text), Checks(plan(t), "123456789012", now))
			if c.problem != "" {
				if err == nil || !strings.Contains(err.Error(), c.problem) {
					t.Errorf("got %v\nwant %s", err, c.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if notes := strings.Join(PlacesNotes(s), "\n"); (c.note == "") != (notes == "") || !strings.Contains(notes, c.note) {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}

func TestWithoutNATNothingRuns(t *testing.T) {
	_, err := spec.Parse("x.yaml", []byte("client: A\nregion: eu-west-3\nnetwork: {nat: none}\n"), Checks(plan(t), "123456789012", now))
	if err == nil || !strings.Contains(err.Error(), `3:16: network.nat: "none" leaves the hosts no way to ECS`) || !strings.Contains(err.Error(), "give single (one NAT gateway)") {
		t.Error(err)
	}
}
