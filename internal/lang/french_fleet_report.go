package lang

// frenchFleetReport translates the report that puts the audits of a night together, and the estate of
// the sandbox.
func frenchFleetReport() map[string]string {
	return map[string]string{
		// finding and reading results
		"give the directories that hold the artifacts of the audits' jobs":            "donnez les répertoires des artefacts des jobs d'audit",
		"%s: there is no such directory":                                              "%s : ce répertoire n'existe pas",
		"look for results in %s: %w":                                                  "chercher les résultats dans %s : %w",
		"give a directory that holds it, or the file with --shards":                   "donnez un répertoire qui le contient, ou le fichier avec --shards",
		"%s is in none of the directories: it says which audits were to be delivered": "%s n'est dans aucun des répertoires : il dit quels audits étaient à remettre",
		"give the one that counts with --shards":                                      "donnez celui qui compte avec --shards",
		"there are several files %s: %s":                                              "il y a plusieurs fichiers %s : %s",
		"version: %d, and this cicdctl reads %d only":                                 "version : %d, et ce cicdctl ne lit que %d",
		"created: missing: it tells results of this night from older ones":            "created : absent : il distingue les résultats de cette nuit de plus anciens",
		"shards: none, so that nothing was to be audited":                             "shards : aucun, de sorte que rien n'était à auditer",
		"shard %q: %w": "shard %q : %w",
		"shard %q: file %q is not the name of a file":                         "shard %q : file %q n'est pas le nom d'un fichier",
		"shard %q: another one has the same %s":                               "shard %q : un autre a le même %s",
		"%s is not there: its job did not run, or did not end":                "%s est absent : son job ne s'est pas exécuté, ou n'a pas abouti",
		"there are several files for it, and nobody knows which counts: %s":   "il y a plusieurs fichiers pour lui, et nul ne sait lequel compte : %s",
		"its audit failed, and does not say why":                              "son audit a échoué, et ne dit pas pourquoi",
		"its audit failed: %s":                                                "son audit a échoué : %s",
		"%s is missing: it is no audit, or one of another version of cicdctl": "%s manque : ce n'est pas un audit, ou c'est celui d'une autre version de cicdctl",
		"it is an audit of another version of cicdctl: %w":                    "c'est l'audit d'une autre version de cicdctl : %w",
		"its counts are not those of what it lists: something is missing":     "ses nombres ne sont pas ceux de ce qu'il énumère : il manque quelque chose",
		"it is empty: its job ended before it wrote anything":                 "il est vide : son job s'est terminé avant d'écrire quoi que ce soit",
		"it is cut off after %d {byte|bytes}":                                 "il est coupé après %d {octet|octets}",
		"it is no JSON of this form: %w":                                      "ce n'est pas du JSON de cette forme : %w",
		"it holds more than one JSON document":                                "il contient plus d'un document JSON",
		"it is of %s UTC, an earlier night":                                   "il date du %s UTC, une nuit précédente",
		"it is an audit of %s, and not of %s alone":                           "c'est un audit de %s, et non de %s seulement",
		"no region":                                                   "aucune région",
		"%s is of the account %q, and not of %q":                      "%s est du compte %q, et non de %q",
		"%s is of the region %q, and not of %s":                       "%s est de la région %q, et non de %s",
		"the finding %q has the severity %q":                          "le constat %q a la gravité %q",
		"it has %s twice":                                             "il a deux fois %s",
		"its clients reach each other, and it lists no finding of it": "ses clients s'atteignent, et il n'en liste aucun constat",
		"the finding %q is accepted until %s, which is over":          "le constat %q est accepté jusqu'au %s, ce qui est passé",
		"the finding %q is accepted, and no reason is given":          "le constat %q est accepté, et aucune raison n'est donnée",
		"it has clients, and no proof of their isolation":             "il a des clients, et aucune preuve de leur isolation",
		"the whole region (%s) with %d {client|clients}":              "toute la région (%s) avec %d {client|clients}",
		"run its job again, and then that of the report":              "relancez son job, puis celui du rapport",
		"it has a spec file, and %s does not name it":                 "il a un fichier de spécification, et %s ne le nomme pas",

		// the trend
		"%s is not there: the trend starts anew":                               "%s est absent : la tendance repart de zéro",
		"%s: version: %d, and this cicdctl reads %d only":                      "%s : version : %d, et ce cicdctl ne lit que %d",
		"%s: it has no history":                                                "%s : il n'a pas d'historique",
		"%s: its history is not in order at %q":                                "%s : son historique n'est pas en ordre à %q",
		"the earlier report cannot be read, so that the trend starts anew: %s": "le rapport précédent ne peut être lu, de sorte que la tendance repart de zéro : %s",
		"The earlier report cannot be read, so that the trend starts anew: %s": "Le rapport précédent ne peut être lu, de sorte que la tendance repart de zéro : %s",

		// the estate of the sandbox
		"give 1 or more":         "donnez 1 ou plus",
		"--accounts is negative": "--accounts est négatif",
		"--accounts and --clients make %d {client|clients}, and an estate has at most %d": "--accounts et --clients font %d {client|clients}, et un parc en a au plus %d",
		"add to it:\n%s": "ajoutez-y :\n%s",
		"%s has %d {account|accounts}, and --accounts asks for %d":   "%s a %d {compte|comptes}, et --accounts en demande %d",
		"%s has the clients %s to %s":                                "%s a les clients %s à %s",
		"give another directory with --spec-dir, or remove the file": "donnez un autre répertoire avec --spec-dir, ou supprimez le fichier",
		"%s is of a client in another place":                         "%s est d'un client ailleurs",

		// the verdict and the page
		"%d {client|clients} in %d of %d {part|parts}": "%d {client|clients} dans %d de %d {partie|parties}",
		"%d {account|accounts}":                        "%d {compte|comptes}",
		"all other rules":                              "toutes les autres règles",
		"Audit of the night of %s":                     "Audit de la nuit du %s",
		"Verdict":                                      "Verdict",
		"Not audited":                                  "Non audité",
		"Accounts and regions":                         "Comptes et régions",
		"Trend":                                        "Tendance",
		"clients":                                      "clients",
		"regions":                                      "régions",
		"begun":                                        "début",
		"begun (UTC)":                                  "début (UTC)",
		"took":                                         "durée",
		"calls to AWS":                                 "appels à AWS",
		"accounts":                                     "comptes",
		"of the credentials":                           "des identifiants",
		"why":                                          "pourquoi",
		"what to do":                                   "que faire",
		"is → should be":                               "état → attendu",
		"not delivered":                                "non remis",
		"pairs":                                        "paires",
		"what there is to say":                         "ce qu'il y a à dire",
		"proved":                                       "prouvé",
		"clients reach each other":                     "des clients s'atteignent",
		"night":                                        "nuit",
		"Findings by night":                            "Constats par nuit",
		"Nothing was found.":                           "Rien n'a été trouvé.",
		"Nothing was found in what could be looked at.":                                                                                       "Rien n'a été trouvé dans ce qui a pu être examiné.",
		"What follows was not looked at, so that it may be in order or not.":                                                                  "Ce qui suit n'a pas été examiné : cela peut être en ordre ou non.",
		"The trend begins with this night.":                                                                                                   "La tendance commence cette nuit.",
		"What a night did not audit may have had findings: its numbers are lower than they would be.":                                         "Ce qu'une nuit n'a pas audité a pu avoir des constats : ses nombres sont plus bas qu'ils ne le seraient.",
		"From %s to %s, findings went from %d to %d (high), from %d to %d (medium) and from %d to %d (low). The table below has every night.": "Du %s au %s, les constats sont passés de %d à %d (high), de %d à %d (medium) et de %d à %d (low). Le tableau ci-dessous contient chaque nuit.",
	}
}

// frenchHelpFleetReport is the help on it.
func frenchHelpFleetReport() map[string]string {
	return map[string]string{
		"DIR": "RÉPERTOIRE",
		`With --accounts, the clients are in as many accounts of the configuration. Without a
configuration, cicdctl.yaml is written with the accounts and pools. Only the first
account is made call by call; the others, if they are empty, are made like it, under
other names. All clients of an estate share one private key.`: `Avec --accounts, les clients sont dans autant de comptes de la configuration. Sans
configuration, cicdctl.yaml est écrit avec les comptes et les pools. Seul le premier
compte est fait appel par appel ; les autres, s'ils sont vides, sont faits à son
image, sous d'autres noms. Tous les clients du parc ont la même clé privée.`,
		"number of accounts (default: only that of the credentials)": "nombre de comptes (par défaut : seulement celui des identifiants)",
		"Put the results of a sharded audit together":                "Réunir les résultats d'un audit en plusieurs parties",
		`Put together what the jobs of a nightly audit have written with cicdctl audit
--output json, one for each account and region. DIR are the directories of their
artifacts; fleet-shards.json, which cicdctl fleet pipeline writes, says what is
expected there.`: `Réunir ce que les jobs d'un audit nocturne ont écrit avec cicdctl audit --output
json, un par compte et région. RÉPERTOIRE : les répertoires de leurs artefacts ;
fleet-shards.json, que cicdctl fleet pipeline écrit, dit ce qui y est attendu.`,
		`Written into --out: fleet-report.html (one page, self-contained), fleet-report.json,
fleet-report.sarif (code scanning) and fleet-report.xml (JUnit). The standard output
has one line, the verdict.`: `Écrits dans --out : fleet-report.html (une page autonome), fleet-report.json,
fleet-report.sarif (analyse de code) et fleet-report.xml (JUnit). La sortie standard
reçoit une ligne, le verdict.`,
		`What an audit did not deliver is reported as not audited, never as passed: a file
that is missing, cut off, empty, of another night, account, region or version, given
twice, or that only tells of an error; and a client that has a spec and that its
audit does not name.`: `Ce qu'un audit n'a pas remis est signalé comme non audité, jamais comme réussi : un
fichier absent, coupé, vide, d'une autre nuit, d'un autre compte, d'une autre région
ou version, donné deux fois, ou qui ne dit qu'une erreur ; et un client qui a une
spécification et que son audit ne nomme pas.`,
		`With --previous, the report goes on with the trend of the night before: the last 90
nights are in fleet-report.json and drawn on the page.`: `Avec --previous, le rapport continue la tendance de la nuit précédente : les 90
dernières nuits sont dans fleet-report.json et tracées sur la page.`,
		`No call is made to AWS. Exit codes are those of cicdctl audit: 0 no findings, 3
findings of severity --fail-on or higher, 1 something was not audited.`: `Aucun appel n'est fait à AWS. Codes de sortie, ceux de cicdctl audit : 0 aucun
constat, 3 constats de gravité --fail-on ou plus, 1 quelque chose n'a pas été audité.`,
		"file that says what is expected (default: fleet-shards.json in DIR)": "fichier qui dit ce qui est attendu (par défaut : fleet-shards.json dans RÉPERTOIRE)",
		"directory of the files that are written":                             "répertoire des fichiers écrits",
		"report of the night before: its directory or its fleet-report.json":  "rapport de la nuit précédente : son répertoire ou son fleet-report.json",
	}
}
