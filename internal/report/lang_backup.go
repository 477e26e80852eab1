package report

import "maps"

// joined makes one translation of several that do not contradict each other.
func joined(parts ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// frenchBackups translates what is said of copies of data.
var frenchBackups = map[string]string{
	// copies
	"Backups of %s in %s":                    "Sauvegardes de %s à %s",
	"Not known, because AWS refused to tell": "Inconnu, car AWS a refusé de répondre",
	"No copy among what AWS tells.":          "Aucune copie parmi ce qu'AWS indique.",
	"No copy was found.":                     "Aucune copie trouvée.",
	"copy":                                   "copie",
	"as of (UTC)":                            "état du (UTC)",
	"age":                                    "âge",
	"kept until":                             "conservé jusqu'au",
	"restorable":                             "restaurable",
	"yes":                                    "oui",
	"no: for analysis only":                  "non : pour analyse seulement",
	"not yet":                                "pas encore",
	"How to bring data back":                 "Comment récupérer les données",
	"%s to %s":                               "%s à %s",
	"%d days each":                           "%d jours glissants",
	"it is deleted":                          "sa suppression",
	"Restored databases":                     "Bases restaurées",
	"restored":                               "restaurée",
	"restore drill":                          "exercice de restauration",
	"ready to use":                           "utilisable",
	"not complete (%s)":                      "incomplète (%s)",
	"made on %s":                             "créée le %s",
	"may be removed by anybody from %s":      "peut être supprimée par quiconque à partir du %s",
	"What is missing":                        "Ce qui manque",
	"without a spec file there is nothing to compare with": "sans fichier de spécification il n'y a rien à comparer",
	"%s: %s; should be: %s":                                "%s : %s ; attendu : %s",
	"nothing, as far as AWS tells":                         "rien, pour autant qu'AWS le dise",
	"nothing: all is as agreed with the client":            "rien : tout est conforme à ce qui est convenu avec le client",
	"by hand, into a new cluster: %s":                      "à la main, dans un nouveau cluster : %s",
	"not as a database: restore the files from S3 Glacier, then read the tables with Amazon Athena": "pas comme base de données : restaurer les fichiers depuis S3 Glacier, puis lire les tables avec Amazon Athena",

	// archives
	"Archive of %s in %s":      "Archive de %s à %s",
	"database":                 "base de données",
	"written to":               "écrite dans",
	"encrypted with":           "chiffrée avec",
	"kept for":                 "conservée",
	"%d months, in S3 Glacier": "%d mois, dans S3 Glacier",
	"An archive is for analysis: no database can be restored from it. RDS charges for the whole database's size.": "Une archive sert à l'analyse : aucune base ne peut en être restaurée. RDS facture la taille de la base entière.",
	"archive %s: %s, %d%%":                                                            "archive %s : %s, %d %%",
	"%s is archived: %s, %d GB":                                                       "%s est archivé : %s, %d Go",
	"%s was archived already, as of %s: %s":                                           "%s était déjà archivé, état du %s : %s",
	"kept until %s, in S3 Glacier":                                                    "conservée jusqu'au %s, dans S3 Glacier",
	"it is not complete: %s":                                                          "elle n'est pas complète : %s",
	"the archive %s is under way already: this waits for it":                          "l'archive %s est déjà en cours : attente de sa fin",
	"no longer waiting: RDS goes on with the archive %s (%d%%); look with: %s":        "attente terminée : RDS continue l'archive %s (%d %%) ; voir avec : %s",
	"no longer waiting: whether the archive %s was begun is not known; look with: %s": "attente terminée : on ne sait pas si l'archive %s a commencé ; voir avec : %s",
	"starting":    "démarrage",
	"in progress": "en cours",
	"complete":    "terminée",
	"canceling":   "en cours d'annulation",
	"canceled":    "annulée",

	// kinds of copies, what was looked at, and severities
	"continuous":            "continue",
	"monthly":               "mensuelle",
	"snapshot":              "instantané",
	"archive":               "archive",
	"instances":             "instances",
	"snapshots":             "instantanés",
	"archives":              "archives",
	"monthly copies":        "copies mensuelles",
	"archive schedule":      "planification de l'archive",
	"host refresh schedule": "planification du renouvellement des hôtes",
	"archive bucket":        "bucket des archives",
	"archive key":           "clé des archives",
	"client key":            "clé du client",
	"high":                  "grave",
	"medium":                "moyen",
	"low":                   "léger",

	// findings
	"backups are kept for another time than agreed":         "les sauvegardes ne sont pas gardées le temps convenu",
	"backups are kept for less than the document's 30 days": "les sauvegardes sont gardées moins que les 30 jours du document",
	"the newest restorable moment lies too far back":        "le dernier instant restaurable est trop ancien",
	"the monthly archive is not scheduled":                  "l'archive mensuelle n'est pas planifiée",
	"the last archive is older than a month":                "la dernière archive a plus d'un mois",
	"the last attempt to archive failed":                    "la dernière tentative d'archive a échoué",
	"the last archive is not complete":                      "la dernière archive n'est pas complète",
	"archives are not kept as agreed":                       "les archives ne sont pas gardées comme convenu",
	"there is no restorable copy of the last month":         "il n'y a pas de copie restaurable du dernier mois",
	"a restorable copy is not encrypted":                    "une copie restaurable n'est pas chiffrée",
	"AWS works on the database at other times than agreed":  "AWS intervient sur la base à d'autres heures que convenu",
	"backup and maintenance overlap":                        "sauvegarde et maintenance se chevauchent",
	"a key that backups need is not usable":                 "une clé dont dépendent les sauvegardes n'est pas utilisable",
	"nobody has measured a restore for half a year":         "aucune restauration n'a été mesurée depuis six mois",
	"the hosts are not renewed every week":                  "les hôtes ne sont pas renouvelés chaque semaine",
}
