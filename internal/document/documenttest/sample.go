// Package documenttest has documents for tests: one as a client gets it, in both languages, and one
// that is full of traps.
package documenttest

import (
	"fmt"
	"time"

	d "gitlab.com/cicd/cicdctl/internal/document"
)

// Langs are the languages of the sample.
var Langs = []string{"en", "fr"}

// Sample has every type of block.
func Sample(lang string) d.Document {
	t := func(en, fr string) string {
		if lang == "fr" {
			return fr
		}
		return en
	}
	paris := time.FixedZone("CET", 3600)
	at := time.Date(2026, time.November, 30, 14, 5, 0, 0, paris)
	return d.Document{
		Lang:     lang,
		Title:    t("Infrastructure of ACME", "Infrastructure d’ACME"),
		Subtitle: t("Technical dossier", "Dossier technique"),
		Made:     at,
		Sections: []d.Section{
			{ID: "summary", Title: t("Summary", "Synthèse"), AsOf: at, Blocks: summary(t)},
			{ID: "network", Title: t("Network", "Réseau"), AsOf: at, Blocks: []d.Block{
				d.Paragraph{Text: d.Text{
					{Text: t("Three subnets of one VPC, one in each availability zone. The range is ", "Trois sous-réseaux d’un VPC, un par zone de disponibilité. La plage est ")},
					{Text: "10.20.0.0/16", Code: true},
					{Text: t("; see also ", "\u202f; voir aussi ")},
					{Text: t("Backups", "Sauvegardes"), Href: "#backups"},
					{Text: "."},
				}},
				Network(t),
				d.Heading{Text: t("Open ports", "Ports ouverts")},
				ports(t),
			}},
			{ID: "services", Title: t("Services", "Services"), AsOf: at, Blocks: []d.Block{services(t)}},
			{ID: "backups", Title: t("Backups and recovery", "Sauvegardes et reprise"), AsOf: at.Add(-3 * time.Hour), Blocks: []d.Block{
				d.Paragraph{Text: d.Text{{Text: t("Each drill restores the latest backup as a new cluster and measures how long that takes.",
					"Chaque exercice restaure la dernière sauvegarde dans un nouveau cluster et mesure la durée.")}}},
				drills(t, at),
			}},
			{ID: "maintenance", Title: t("Maintenance windows", "Fenêtres de maintenance"), Blocks: []d.Block{windows(t)}},
			{ID: "resources", Title: t("List of resources", "Inventaire des ressources"), AsOf: at, Blocks: []d.Block{resources(t)}},
		},
	}
}

type say func(en, fr string) string

func summary(t say) []d.Block {
	return []d.Block{
		d.Facts{Facts: []d.Fact{
			{Name: t("Client", "Client"), Value: d.Text{{Text: "ACME", Strong: true}}},
			{Name: t("Region", "Région"), Value: d.Text{{Text: "Paris, "}, {Text: "eu-west-3", Code: true}}},
			{Name: t("Account", "Compte"), Value: d.Text{{Text: "123456789012", Code: true}}},
			{Name: t("Audit", "Audit"), Value: d.Text{{Text: t("1 problem", "1 problème"), Tone: d.Bad}, {Text: ", "}, {Text: t("27 controls met", "27 contrôles conformes"), Tone: d.Good}}},
		}},
		d.Notice{Tone: d.Bad, Text: d.Text{
			{Text: t("Port 22 of ", "Le port 22 de ")},
			{Text: "acme-web", Code: true},
			{Text: t(" is open to the whole internet. Remove the rule from the security group.", " est ouvert à tout internet. Supprimez la règle du groupe de sécurité.")},
		}},
		d.Notice{Tone: d.Warning, Text: d.Text{{Text: t("The certificate of www.acme.example expires in 21 days.", "Le certificat de www.acme.example expire dans 21\u00a0jours.")}}},
		d.Paragraph{Text: d.Text{
			{Text: t("AWS and the hosting company share the responsibility: ", "AWS et l’hébergeur partagent la responsabilité\u00a0: ")},
			{Text: t("shared responsibility model", "modèle de responsabilité partagée"), Href: "https://aws.amazon.com/compliance/shared-responsibility-model/"},
			{Text: "."},
		}},
		d.List{Items: []d.Text{
			{{Text: t("2 applications with 5 services", "2 applications de 5 services")}},
			{{Text: t("1 Aurora cluster in two zones, encrypted with ", "1 cluster Aurora dans deux zones, chiffré avec ")}, {Text: "arn:aws:kms:eu-west-3:123456789012:key/0f2d3c4b-5a69-4788-9a0b-1c2d3e4f5a6b", Code: true}},
			{{Text: t("backups are kept for 30 days", "sauvegardes conservées 30\u00a0jours")}},
		}},
	}
}

// Network is a VPC with three zones, two load balancers, a NAT gateway, a VPN, and one thing that
// must not be.
func Network(t say) d.Graph {
	g := d.Graph{
		Title: t("What reaches what", "Qui joint quoi"),
		Description: t("The internet reaches the load balancers on port 443. They reach the web services in three zones, which reach the database on port 3306. The site in Lyon reaches the network by VPN. Problem: the internet reaches the host acme-web on port 22.",
			"Internet joint les répartiteurs de charge sur le port 443. Ils joignent les services web de trois zones, qui joignent la base de données sur le port 3306. Le site de Lyon joint le réseau par VPN. Problème\u00a0: internet joint l’hôte acme-web sur le port 22."),
		Groups: []d.GraphGroup{
			{ID: "vpc", Label: []string{"VPC", "10.20.0.0/16"}},
			{ID: "public", Parent: "vpc", Label: []string{t("Public subnets", "Sous-réseaux publics")}},
		},
		Nodes: []d.GraphNode{
			{ID: "internet", Label: []string{"Internet"}, Shape: d.Cloud},
			{ID: "lyon", Label: []string{t("Site Lyon", "Site de Lyon"), "192.0.2.10"}, Shape: d.Cloud},
			{ID: "admin", Label: []string{t("Operators", "Exploitants")}, Shape: d.Person},
			{ID: "shop", Group: "public", Label: []string{t("Load balancer shop", "Répartiteur shop"), "443, 80"}, Tone: d.Good},
			{ID: "intra", Group: "public", Label: []string{t("Load balancer intranet", "Répartiteur intranet"), "443"}, Tone: d.Good},
			{ID: "nat", Group: "public", Label: []string{t("NAT gateway", "Passerelle NAT"), "198.51.100.7"}},
			{ID: "vpn", Group: "vpc", Label: []string{t("VPN gateway", "Passerelle VPN"), t("2 tunnels", "2 tunnels")}},
			{ID: "db", Group: "vpc", Label: []string{"Aurora MySQL", "acme-db", "3306"}, Shape: d.Cylinder},
			{ID: "files", Label: []string{"S3", "acme-shop-files"}, Shape: d.Cylinder},
		},
		Edges: []d.GraphEdge{
			{From: "internet", To: "shop", Label: []string{"HTTPS 443"}},
			{From: "internet", To: "intra", Label: []string{"HTTPS 443"}},
			{From: "lyon", To: "vpn", Label: []string{"IPsec"}},
			{From: "admin", To: "vpn", Label: []string{"OpenVPN"}},
			{From: "nat", To: "files", Dashed: true, Label: []string{t("planned", "prévu")}, Tone: d.Muted},
		},
	}
	for i, zone := range []string{"a", "b", "c"} {
		id := "zone-" + zone
		g.Groups = append(g.Groups, d.GraphGroup{ID: id, Parent: "vpc", Label: []string{"eu-west-3" + zone, fmt.Sprintf("10.20.%d.0/21", 8*i)}})
		g.Nodes = append(g.Nodes, d.GraphNode{ID: "web-" + zone, Group: id, Label: []string{"acme-web", "i-0a1b2c3d4e5f6071" + zone, "10.20." + fmt.Sprint(8*i) + ".14"}})
		g.Edges = append(g.Edges,
			d.GraphEdge{From: "shop", To: "web-" + zone, Label: []string{"8080"}},
			d.GraphEdge{From: "web-" + zone, To: "db", Label: []string{"3306"}})
	}
	g.Edges = append(g.Edges,
		d.GraphEdge{From: "intra", To: "web-b", Label: []string{"8081"}},
		d.GraphEdge{From: "vpn", To: "db"},
		d.GraphEdge{From: "web-c", To: "nat", Dashed: true},
		d.GraphEdge{From: "internet", To: "web-a", Label: []string{"SSH 22"}, Tone: d.Bad})
	g.Nodes[len(g.Nodes)-3].Tone = d.Bad
	return g
}

func ports(t say) d.Table {
	return d.Table{
		Caption: t("What is let in", "Ce qui est autorisé"),
		Head:    []string{t("From", "Depuis"), t("To", "Vers"), t("Ports", "Ports"), t("State", "État")},
		Numbers: []int{2},
		Rows: [][]d.Text{
			{{{Text: "0.0.0.0/0", Code: true}}, {{Text: "ACME-lb-shop", Code: true}}, {{Text: "443"}}, {{Text: t("as wanted", "conforme"), Tone: d.Good}}},
			{{{Text: "0.0.0.0/0", Code: true}}, {{Text: "acme-web", Code: true}}, {{Text: "22"}}, {{Text: t("open to all", "ouvert à tous"), Tone: d.Bad}}},
			{{{Text: "192.168.40.0/24", Code: true}}, {{Text: "acme-db", Code: true}}, {{Text: "3\u202f306"}}, {{Text: t("not used for 90 days", "inutilisé depuis 90\u00a0jours"), Tone: d.Warning}}},
		},
	}
}

func services(t say) d.Table {
	table := d.Table{
		Caption: t("Services and their sizes", "Services et leurs tailles"),
		Head:    []string{"Service", "Image", t("Tasks", "Tâches"), "CPU", t("Memory (MiB)", "Mémoire (Mio)"), t("Address", "Adresse"), t("State", "État")},
		Numbers: []int{2, 3, 4},
	}
	for i, name := range []string{"shop/web", "shop/worker", "shop/sftp", "intranet/web", "intranet/api"} {
		table.Rows = append(table.Rows, []d.Text{
			{{Text: name, Code: true}},
			{{Text: "123456789012.dkr.ecr.eu-west-3.amazonaws.com/acme/" + name + ":v" + fmt.Sprint(i+1), Code: true}},
			{{Text: fmt.Sprint(i%3 + 1)}},
			{{Text: fmt.Sprint(256 << (i % 3))}},
			{{Text: fmt.Sprint(512 << (i % 3))}},
			{{Text: "www.acme.example", Href: "https://www.acme.example/"}},
			{{Text: t("running", "en service"), Tone: d.Good}},
		})
	}
	return table
}

func drills(t say, at time.Time) d.Plot {
	p := d.Plot{
		Title:       t("Time to restore", "Durée de restauration"),
		Description: t("Six drills took between 18 and 47 minutes. The one of September took 74 minutes, longer than the limit of 60.", "Six exercices ont duré de 18 à 47\u00a0minutes. Celui de septembre a duré 74\u00a0minutes, plus que la limite de 60."),
		Unit:        "min",
		Limits:      []d.Limit{{Name: "RTO", Value: 60}},
	}
	shop := d.Series{Name: "shop"}
	for i, v := range []float64{18, 22.5, 31, 47, 74, 38, 35} {
		shop.Points = append(shop.Points, d.Point{At: at.AddDate(0, i-6, 0), Value: v, Bad: v > 60})
	}
	intra := d.Series{Name: "intranet"}
	for i, v := range []float64{12, 11, 14, 13} {
		intra.Points = append(intra.Points, d.Point{At: at.AddDate(0, 2*i-6, 4), Value: v})
	}
	p.Series = []d.Series{shop, intra}
	return p
}

func windows(t say) d.Calendar {
	week := func(name string, shift time.Duration) d.Week {
		return d.Week{Name: name, Slots: []d.Slot{
			{Day: time.Monday, From: 2*time.Hour + shift, Duration: 30 * time.Minute, Label: t("Backup", "Sauvegarde")},
			{Day: time.Wednesday, From: 23*time.Hour + 30*time.Minute, Duration: 2 * time.Hour, Label: t("Hosts", "Hôtes"), Tone: d.Warning},
			{Day: time.Sunday, From: 22*time.Hour + shift, Duration: 4 * time.Hour, Label: t("Database", "Base de données"), Tone: d.Warning},
		}}
	}
	return d.Calendar{
		Title:       t("Maintenance in local time", "Maintenance en heure locale"),
		Description: t("Hosts on Wednesday from 23:30 to 01:30, the database on Sunday evening; one hour later in summer.", "Les hôtes le mercredi de 23:30 à 01:30, la base de données le dimanche soir\u202f; une heure plus tard en été."),
		Weeks:       []d.Week{week(t("Winter (UTC+1)", "Hiver (UTC+1)"), 0), week(t("Summer (UTC+2)", "Été (UTC+2)"), time.Hour)},
	}
}

func resources(t say) d.Table {
	table := d.Table{
		Caption: t("All resources", "Toutes les ressources"),
		Head:    []string{"ARN", "Type", t("Zone", "Zone")},
	}
	for i := range 60 {
		table.Rows = append(table.Rows, []d.Text{
			{{Text: fmt.Sprintf("arn:aws:ec2:eu-west-3:123456789012:network-interface/eni-%017x", 0x0a1b2c3d4e5f6071+int64(i)), Code: true}},
			{{Text: t("Network interface", "Interface réseau")}},
			{{Text: "eu-west-3" + string(rune('a'+i%3)), Code: true}},
		})
	}
	return table
}
