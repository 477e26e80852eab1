package report

import (
	"fmt"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/count"
)

// Lang is the language of reports. Names of AWS, errors and help stay English.
type Lang string

// The languages.
const (
	English Lang = "en"
	French  Lang = "fr"
)

// LangOf picks the language of an environment such as "fr_FR.UTF-8".
func LangOf(locales ...string) Lang {
	for _, l := range locales {
		switch {
		case strings.HasPrefix(l, "fr"):
			return French
		case l != "":
			return English
		}
	}
	return English
}

// Sayf is the sentence in the printer's language.
func (p *Printer) Sayf(format string, args ...any) string { return p.Lang.Sayf(format, args...) }

// Say translates a phrase; what has no translation stays as it is.
func (l Lang) Say(text string) string {
	if l == French {
		if fr, ok := FrenchTexts[text]; ok {
			return fr
		}
	}
	return text
}

// Sayf is a sentence in the language. What goes with a number has both forms: "%d {day|days}".
func (l Lang) Sayf(format string, args ...any) string {
	return fmt.Sprintf(count.In(l == French, l.Say(format), args), args...)
}

// Sayn is the sentence for one or for many, with the number in it.
func (l Lang) Sayn(n int, one, many string) string {
	if count.Singular(int64(n), l == French) {
		return l.Sayf(one, n)
	}
	return l.Sayf(many, n)
}

// FrenchTexts translates the headings and the sentences of reports.
var FrenchTexts = joined(frenchRemovals, frenchBackups, frenchAudits, frenchDeploys, frenchVPNs, frenchDatabases, frenchKeys, map[string]string{
	// plan
	"Network":           "Réseau",
	"Identity and keys": "Identités et clés",
	"Storage":           "Stockage",
	"Platform":          "Plate-forme",
	"Load balancer":     "Répartiteur de charge",
	"Data":              "Données",
	"Monitoring":        "Surveillance",
	"Other":             "Autres",
	"Notes":             "Remarques",

	"Client %s in %s":                                "Client %s à %s",
	"Shared resources of %s":                         "Ressources partagées de %s",
	"(sandbox: nothing leaves this machine)":         "(bac à sable : rien ne quitte cette machine)",
	"No change.":                                     "Aucun changement.",
	"Plan: %d to create, %d to change, %d to delete": "Plan : %d à créer, %d à modifier, %d à supprimer",

	"put this record into the DNS of %s, for its certificate: %s": "ajoutez cet enregistrement au DNS de %s, pour son certificat : %s",

	"the domain's name servers have to be those of its hosted zone, where AWS does not see the record of the certificate of %s: %s": "les serveurs de noms du domaine doivent être ceux de sa zone hébergée, où AWS ne voit pas l'enregistrement du certificat de %s : %s",

	"once AWS has seen it, turn HTTPS on: %s": "une fois vu par AWS, activez HTTPS : %s",
	"; %d later":            " ; %d plus tard",
	"; %d kept":             " ; %d {conservé|conservés}",
	"; %d in the way":       " ; %d {bloquant|bloquants}",
	"; %d waiting for that": " ; %d en attente de cela",
	"shared":                "partagé",
	"billed by the hour":    "facturé à l'heure",
	"(none)":                "(rien)",

	"private keys can be read by %s and the account's root user": "les clés privées sont lisibles par %s et l'utilisateur racine du compte",
	"private keys can be read by the account's root user alone":  "les clés privées ne sont lisibles que par l'utilisateur racine du compte",

	"role %s":           "le rôle %s",
	"user %s":           "l'utilisateur %s",
	"permission set %s": "le jeu d'autorisations %s",

	"only admins can run cicdctl audit; to let others, list them under auditors in the configuration, and run client create": "seuls les administrateurs peuvent lancer cicdctl audit ; pour d'autres, les inscrire sous auditors dans la configuration, puis lancer client create",
	"their bucket can be looked at by %s, who can read none of them":                                                         "leur bucket est consultable par %s, sans lire aucune clé",
	"if cicdctl made it and it has lost its tags, take it back with: %s":                                                     "si cicdctl l'a créée et qu'elle a perdu ses tags, reprenez-la avec : %s",
	"from now on cicdctl changes it, and may remove it, like all that it made":                                               "désormais cicdctl la modifie, et peut la supprimer, comme tout ce qu'il a créé",
	"%s is the %s %s of %s again.":                      "%s est de nouveau la ressource %s %s de %s.",
	"no spec file: the document's defaults are assumed": "pas de fichier : les valeurs par défaut du document s'appliquent",
	"the file %s will be written first":                 "le fichier %s sera d'abord écrit",

	// runs
	"create":                              "crée",
	"update":                              "modifie",
	"wait for":                            "attend",
	"delete":                              "supprime",
	"%d created":                          "%d {créé|créés}",
	"%d changed":                          "%d {modifié|modifiés}",
	"%d deleted":                          "%d {supprimé|supprimés}",
	"nothing done":                        "rien",
	"%d of %d":                            "%d sur %d",
	"%d of %d, reads back what AWS holds": "%d sur %d, relit ce que contient AWS",
	"and %d more":                         "et %d {autre|autres}",
	"%d {widget|widgets} removed: %s":     "%d {widget supprimé|widgets supprimés} : %s",
	"%d {widget|widgets} added: %s":       "%d {widget ajouté|widgets ajoutés} : %s",

	"%s is too long for a comment: see cicdctl client plan %s --full": "%s est trop long pour un commentaire : voir cicdctl client plan %s --full",

	// why a plan does something, as the engine and the kinds say it
	"no longer in the spec":                                "absent de la spécification",
	"no longer in the configuration":                       "absent de la configuration",
	"no longer in the spec; kept because it may hold data": "absent de la spécification ; conservé car il peut contenir des données",
	"AWS has made it again":                                "AWS l'a recréé",
	"after a final snapshot":                               "après un instantané final",
	"holds data; --purge-data removes it":                  "contient des données ; --purge-data le supprime",
	"nothing that stays needs it":                          "rien de ce qui reste n'en a besoin",
	"not ready yet":                                        "pas encore prêt",
	"until AWS has issued a certificate":                   "dès qu'AWS aura émis un certificat",
	"until there is a listener for HTTPS":                  "dès qu'il y aura un écouteur HTTPS",

	"Every line: --full":        "Toutes les lignes : --full",
	"reached from the internet": "joignable depuis Internet",

	"  … and %d more":                       "  … et %d {autre|autres}",
	"… still at work: %s":                   "… encore en cours : %s",
	"Carry out this plan?":                  "Exécuter ce plan ?",
	"Type %s to go on:":                     "Saisir %s pour continuer :",
	"Kept":                                  "Conservés",
	"Next steps":                            "Étapes suivantes",
	"%s is in order in %s: no change.":      "%s est en ordre à %s : aucun changement.",
	"%s is ready in %s: %s":                 "%s est prêt à %s : %s",
	"%s is removed from %s: %s":             "%s est retiré de %s : %s",
	"nothing of %s is on AWS":               "rien de %s n'est sur AWS",
	"nothing of %s is left to remove in %s": "plus rien de %s à supprimer à %s",
	"wrote %s":                              "%s écrit",
	"stopping: what was begun is finished, nothing new is begun; once more aborts": "arrêt : ce qui est commencé se termine, rien d'autre ne commence ; encore une fois pour abandonner",
	"aborting": "abandon",

	// what to do next
	"CloudWatch bills the alarms on the account's trail until they are removed: %s": "CloudWatch facture les alarmes sur le journal du compte tant qu'elles ne sont pas supprimées : %s",

	"account %s holds nothing that the configuration does not ask for": "le compte %s ne contient rien que la configuration ne demande pas",
	"account %s holds only what the configuration asks for: %s":        "le compte %s ne contient que ce que la configuration demande : %s",

	"the shared things of %s are removed: %s":   "les ressources partagées de %s sont supprimées : %s",
	"nothing is left to remove in %s":           "plus rien à supprimer à %s",
	"%d {client is|clients are} in the sandbox": "%d {client est|clients sont} dans le bac à sable",
	"zone %s has the ID %s":                     "la zone %s a l'identifiant %s",
	"the record of %s is in its owner's DNS":    "l'enregistrement de %s est dans le DNS de son propriétaire",
	"%s is ready in %s":                         "%s est prêt à %s",
	"until %s":                                  "jusqu'au %s",
	"copies expire by themselves until %s; after that, %s removes what held them":                        "les copies expirent d'elles-mêmes jusqu'au %s ; ensuite, %s supprime ce qui les contenait",
	"%s removes what was kept, for good":                                                                 "%s supprime définitivement ce qui a été conservé",
	"%s still describes %s: %s builds it again; remove the file when it is no longer needed":             "%s décrit toujours %s : %s le reconstruit ; supprimer le fichier s'il ne sert plus",
	"no client is left in %s: %s removes its network, whose NAT gateways cost money":                     "plus aucun client à %s : %s supprime son réseau, dont les passerelles NAT sont payantes",
	"point %s at the load balancer %s":                                                                   "faire pointer %s vers le répartiteur %s",
	"give the users of %s/%s (%s) its address: %s":                                                       "donner aux utilisateurs de %s/%s (%s) son adresse : %s",
	"push the image of %s/%s to %s":                                                                      "pousser l'image de %s/%s vers %s",
	"open the link in the mail that AWS Notifications has sent to %s: until then no alarm arrives there": "ouvrir le lien du courriel qu'AWS Notifications a envoyé à %s : d'ici là aucune alarme n'y arrive",
	"fetch the private key (admins only): %s":                                                            "récupérer la clé privée (administrateurs) : %s",

	// states
	"State:":                            "État :",
	"Spec:":                             "Fichier :",
	"in order":                          "en ordre",
	"changes pending":                   "changements en attente",
	"blocked":                           "bloqué",
	"not created":                       "non créé",
	" · what differs from the spec: %s": " · ce qui diffère du fichier : %s",
	"on AWS":                            "sur AWS",
	"invalid spec":                      "fichier invalide",
	"pending":                           "en cours",
	"deleting":                          "en suppression",
	"failed":                            "en échec",
	" (%d to create, %d to change, %d to delete)": " (%d à créer, %d à modifier, %d à supprimer)",
	"Subnets (slot %d)":                           "Sous-réseaux (place %d)",
	"Shared by the clients of %s":                 "Partagé par les clients de %s",
	"Slots: %d of %d taken":                       "Places : %d {prise|prises} sur %d",
	"zone":                                        "zone",
	"zone id":                                     "id de zone",
	"subnet":                                      "sous-réseau",
	"subnets":                                     "sous-réseaux",
	"client":                                      "client",
	"region":                                      "région",
	"slot":                                        "place",
	"slots":                                       "places",
	"state":                                       "état",
	"spec":                                        "fichier",
	"(no file)":                                   "(aucun)",
	"No clients.":                                 "Aucun client.",

	// backups and maintenance
	"Copies of the database of %s in %s": "Copies de la base de données de %s à %s",
	"Daily backup window: %s UTC":        "Fenêtre de sauvegarde quotidienne : %s UTC",
	"copy":                               "copie",
	"where":                              "où",
	"kept":                               "conservée",
	"restorable into Aurora":             "restaurable dans Aurora",
	"lost at worst (RPO)":                "perte au pire (RPO)",
	"how to get it back":                 "comment la récupérer",
	"continuous backup (point-in-time restore)":   "sauvegarde continue (restauration à un instant)",
	"restorable monthly copy":                     "copie mensuelle restaurable",
	"monthly archive for analysis (Parquet)":      "archive mensuelle pour analyse (Parquet)",
	"Aurora storage, in three zones":              "stockage Aurora, sur trois zones",
	"AWS Backup, vault %s":                        "AWS Backup, coffre %s",
	"S3 Glacier, bucket %s":                       "S3 Glacier, bucket %s",
	"no database: %s names its months":            "pas de base : %s nomme ses mois",
	"%s gives the word for backup restore --from": "%s donne le mot pour backup restore --from",
	"switch it on: %s":                            "l'activer : %s",
	"yes":                                         "oui",
	"no":                                          "non",
	"off":                                         "désactivée",
	"%d {day|days}":                               "%d {jour|jours}",
	"%d {month|months}":                           "%d mois",
	"%d {minute|minutes}":                         "%d {minute|minutes}",
	"%d {second|seconds}":                         "%d {seconde|secondes}",
	"Last restore drill: %s, state of %s, lost %s (RPO), usable after %s (RTO)":                                                                                "Dernier exercice de restauration : %s, état du %s, perte de %s (RPO), utilisable après %s (RTO)",
	"Last restore drill: unknown, AWS could not be asked: %s":                                                                                                  "Dernier exercice de restauration : inconnu, AWS n'a pas pu être interrogé : %s",
	"Last restore drill: never measured":                                                                                                                       "Dernier exercice de restauration : jamais mesuré",
	"access logs are kept for %d {day|days} in s3://%s, billed by S3 per GB (access_log_days: 0 in the configuration: none)":                                   "les journaux d'accès sont conservés %d {jour|jours} dans s3://%s, facturés par S3 au Go (access_log_days: 0 dans la configuration : aucun)",
	"up to 13 restorable monthly copies, which AWS Backup bills per GB and month":                                                                              "jusqu'à 13 copies mensuelles restaurables, facturées par AWS Backup au Go et au mois",
	"the continuous backup will go back %d {day|days} instead of %d: AWS drops what is older":                                                                  "la sauvegarde continue remontera à %d {jour|jours} au lieu de %d : AWS supprime ce qui est plus ancien",
	"the account's trail also goes to CloudWatch Logs, billed per GB, with %d {alarm|alarms}, billed each (trail_alarms: false in the configuration: neither)": "le journal du compte va aussi dans CloudWatch Logs, facturé au Go, avec %d {alarme|alarmes}, à l'unité (trail_alarms: false dans la configuration : ni l'un ni l'autre)",
	"Maintenance of %s in %s":   "Maintenance de %s à %s",
	"window":                    "fenêtre",
	"when":                      "quand",
	"clock":                     "heure",
	"maintenance":               "maintenance",
	"backup, every day":         "sauvegarde, chaque jour",
	"UTC, %s":                   "UTC, %s",
	"winter":                    "hiver",
	"summer":                    "été",
	"all year":                  "toute l'année",
	"most of the year":          "la plupart de l'année",
	"a part of the year":        "une partie de l'année",
	"Next: %s to %s (%s to %s)": "Prochaine : du %s au %s (du %s au %s)",
	"What happens in it":        "Ce qui s'y passe",
	"Aurora patches the cluster and its instances, %s UTC at present":                 "Aurora met à jour le cluster et ses instances, actuellement %s UTC",
	"its window is in UTC: after a clock change it moves with the next client create": "sa fenêtre est en UTC : après un changement d'heure elle se déplace au prochain client create",
	"the hosts are renewed with the newest image, by a schedule in the zone %s":       "les hôtes sont renouvelés avec l'image la plus récente, par une planification dans le fuseau %s",
	"that schedule follows the clock by itself":                                       "cette planification suit l'heure d'elle-même",

	// doctor
	"Is there room for one more client in %s?": "Y a-t-il de la place pour un client de plus à %s ?",
	"credentials":               "identifiants",
	"account":                   "compte",
	"zones":                     "zones",
	"admins":                    "administrateurs",
	"auditors":                  "auditeurs",
	"%d of %d taken":            "%d {prise|prises} sur %d",
	"Yes: nothing is short.":    "Oui : rien ne manque.",
	"No: see what is marked ✗.": "Non : voir les lignes marquées ✗.",
	"%d used, %d needed for one more client, %d allowed":                                                                     "%d {utilisé|utilisés}, %d {nécessaire|nécessaires} pour un client de plus, %d permis",
	"%d used, %d needed for one more client; AWS does not say how many are allowed (%s)":                                     "%d {utilisé|utilisés}, %d {nécessaire|nécessaires} pour un client de plus ; AWS ne dit pas combien sont permis (%s)",
	"%d used, %d needed for one more client, %d with its most hosts, %d allowed: ask for more in the Service Quotas console": "%d {utilisé|utilisés}, %d {nécessaire|nécessaires} pour un client de plus, %d avec le plus d'hôtes, %d permis : en demander plus dans la console Service Quotas",
	"AWS does not say where it is offered (%s)":                                                                              "AWS ne dit pas où cela est proposé (%s)",
	"not offered in %s": "non proposé dans %s",
	"offered in %s":     "proposé dans %s",
	"%s; nobody else can open them: list a second role or user under admins in the configuration, and run client create":                         "%s ; personne d'autre ne peut les ouvrir : inscrire un second rôle ou utilisateur sous admins dans la configuration, et lancer client create",
	"the account has an admin bucket in each of %s, for operators have different admin_region: agree on one of them in all configurations":       "le compte a un bucket d'administration dans chacune de %s, car les opérateurs ont des admin_region différents : se mettre d'accord sur une seule dans toutes les configurations",
	"%s in %s: with the most hosts %d {is|are} needed and %d {is|are} allowed (%d used); ask for more of quota %s in the Service Quotas console": "%s à %s : avec le plus d'hôtes, %d {est nécessaire|sont nécessaires} et %d permis (%d {utilisé|utilisés}) ; demander plus du quota %s dans la console Service Quotas",
	"%s (%s) is %d": "%s (%s) vaut %d",
	"not known whether AWS has room for: %s (cicdctl doctor says why)": "on ne sait pas si AWS a de la place pour : %s (cicdctl doctor dit pourquoi)",

	// failures
	"refused, nothing was changed:":       "refusé, rien n'a été changé :",
	"not finished; in the way:":           "inachevé ; bloquants :",
	"interrupted, nothing was changed":    "interrompu, rien n'a été changé",
	"stopped after %s, as --timeout says": "arrêté après %s, comme le demande --timeout",
	"interrupted":                         "interrompu",
	"%s is not valid:":                    "%s n'est pas valide :",
	"%d {thing|things} went wrong:":       "%d {erreur|erreurs} :",
	"done so far: %s":                     "déjà fait : %s",
	"not tried: %d":                       "{non tenté|non tentés} : %d",
	"go on with: %s":                      "continuer avec : %s",
	"%s is %q, wanted %q":                 "%s vaut %q, voulu %q",
})
