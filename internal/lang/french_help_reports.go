package lang

// frenchHelpReports is the help on reports.
func frenchHelpReports() map[string]string {
	return map[string]string{
		"Write the client's dossier: a document about what it has, from AWS": "Écrire le dossier du client : ce qu'il possède, d'après AWS",
		`Write a document to hand to the client, from what AWS holds now: who is responsible
for what, subnets, who reaches whom as a diagram, the way of requests through each
app, access rules, VPNs, versions, recovery times as the last restore drills measured
them, backups, maintenance windows, deployments, alarms, keys, the audit and what it
costs a month (--cost=false leaves that out).`: `Écrire un document à remettre au client, d'après ce qu'AWS contient maintenant : qui
répond de quoi, sous-réseaux, qui atteint qui en schéma, le chemin des requêtes dans
chaque app, règles d'accès, VPN, versions, RPO et RTO tels que les derniers exercices
de restauration les ont mesurés, sauvegardes, fenêtres de maintenance, déploiements,
alarmes, clés, audit et coût mensuel (--cost=false pour l'omettre).`,
		`The file is NAME-dossier.html in the current directory; html is one self-contained
file, which a browser prints as PDF. A report that is there is replaced, any other
file is left alone.`: `Le fichier est NOM-dossier.html dans le répertoire courant ; html est un seul fichier
autonome, qu'un navigateur imprime en PDF. Un rapport déjà présent est remplacé, tout
autre fichier est laissé tel quel.`,
		`Resources are called by their names: account numbers, ARNs and identifiers such as
vpc-... are in it only with --with-identifiers. Secrets never are, nor the names of
other clients. What AWS refuses to tell is named in its section as not read; the rest
is written, and the exit code is 1.`: `Les ressources portent leurs noms : numéros de compte, ARN et identifiants comme
vpc-... n'y sont qu'avec --with-identifiers. Les secrets n'y sont jamais, ni les noms
d'autres clients. Ce qu'AWS refuse de dire est signalé comme non lu dans sa section ;
le reste est écrit, et le code de sortie est 1.`,
		`Read-only. Requires what cicdctl audit requires; the history of restore drills and
the certificates of VPN users are read by admins only.`: `Lecture seule. Demande ce que demande cicdctl audit ; l'historique des exercices de
restauration et les certificats des utilisateurs du VPN ne sont lus que par les
admins.`,
		"Read-only. Requires what cicdctl audit requires.":               "Lecture seule. Demande ce que demande cicdctl audit.",
		"write what the client costs a month, by AWS's price list":       "écrire ce que le client coûte par mois, d'après les prix d'AWS",
		"write what the clients cost a month, by AWS's price list":       "écrire ce que les clients coûtent par mois, d'après les prix d'AWS",
		"also write account numbers, ARNs and resource identifiers":      "écrire aussi les numéros de compte, ARN et identifiants",
		"format of the report: html, md, json":                           "format du rapport : html, md, json",
		"language of the report: fr or en (default: that of the output)": "langue du rapport : fr ou en (par défaut : celle de la sortie)",
		"directory of the file; - writes the report to standard output":  "répertoire du fichier ; - écrit le rapport sur la sortie standard",
		"Write an overview over the clients of a region":                 "Écrire une vue d'ensemble des clients d'une région",
		`Write an overview over the clients of a region for the hosting company, from what AWS
holds now: slots, versions, restore drills, maintenance windows, audit findings and
costs. The file is REGION-report.html in the current directory. It names all clients:
a client's own document is written by cicdctl client report.`: `Écrire pour l'hébergeur une vue d'ensemble des clients d'une région, d'après ce
qu'AWS contient maintenant : emplacements, versions, exercices de restauration,
fenêtres de maintenance, constats d'audit et coûts. Le fichier est
RÉGION-report.html dans
le répertoire courant. Il nomme tous les clients : le document d'un client est écrit
par cicdctl client report.`,
		"Write an overview over all clients": "Écrire une vue d'ensemble de tous les clients",
		`Write an overview over the clients of all four regions for the hosting company:
slots, versions, restore drills, maintenance windows, audit findings and costs. The
file is clients-report.html in the current directory.`: `Écrire pour l'hébergeur une vue d'ensemble des clients des quatre régions :
emplacements, versions, exercices de restauration, fenêtres de maintenance et
constats d'audit, coûts. Le fichier est clients-report.html dans le répertoire
courant.`,
		"report on the clients of all regions": "porter sur les clients de toutes les régions",
		`With --cost, the plan ends with what it adds to the client's price per month, what it
takes away, and what there is after it, by AWS's price list. What depends on use has
its unit price. If AWS does not tell prices, one line says why.`: `Avec --cost, le plan se termine par ce qu'il ajoute au prix mensuel du client, ce
qu'il en retire et le total ensuite, au prix catalogue d'AWS. Ce qui dépend de
l'usage a son prix unitaire. Si AWS ne donne pas de prix, une ligne dit pourquoi.`,
		`With --cost, also what the client costs a month by AWS's price list: its fixed costs,
those that all clients share, and unit prices of what depends on use.`: `Avec --cost, aussi ce que le client coûte par mois au prix catalogue d'AWS : ses
coûts fixes, ceux que tous les clients partagent, et le prix unitaire de ce qui
dépend de l'usage.`,
		"also show what the plan costs a month, by AWS's price list":   "montrer aussi ce que le plan coûte par mois, au prix catalogue d'AWS",
		"also show what the client costs a month, by AWS's price list": "montrer aussi ce que le client coûte par mois, au prix catalogue d'AWS",
	}
}
