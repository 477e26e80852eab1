package lang

// frenchAudits translates what is said of audits and of the policies of operators.
func frenchAudits() map[string]string {
	return map[string]string{
		"%d {rule|rules}; with --output json they say why": "%d {règle|règles} ; avec --output json elles disent pourquoi",
		"%d {control|controls} of AWS Foundational Security Best Practices and CIS AWS Foundations v5.0.0 {concerns|concern} the services in use: %d {is|are} met, %d not chosen": "%d {contrôle|contrôles} d'AWS Foundational Security Best Practices et de CIS AWS Foundations v5.0.0 {concerne|concernent} les services utilisés : %d {est rempli|sont remplis}, %d {n'est pas retenu|ne sont pas retenus}",
		"met, rule %s":      "rempli, règle %s",
		"met, %s":           "rempli, %s",
		"not chosen, %s":    "non retenu, %s",
		"%d client":         "%d client",
		"%d clients":        "%d clients",
		"Audit of %s in %s": "Audit de %s dans %s",
		"The account":       "Le compte",
		"nothing found":     "rien à signaler",
		"nothing found in what could be looked at": "rien à signaler dans ce qui a pu être examiné",
		"why: %s":             "pourquoi : %s",
		"fix: %s":             "remède : %s",
		"Accepted for a time": "Acceptés pour un temps",
		"NOT AUDITED: AWS did not let this be read, so it may be in order or not": "NON AUDITÉ : AWS n'a pas permis de lire ce qui suit, qui peut être en ordre ou non",
		"Isolation of clients": "Isolation des clients",
		"%s: no client reaches another; proved for all %s combinations of addresses, protocols and ports between %d {client|clients}":      "%s : aucun client n'en atteint un autre ; prouvé pour les %s combinaisons d'adresses, de protocoles et de ports entre %d {client|clients}",
		"%s: clients reach each other; of %s combinations of addresses, protocols and ports between %d {client|clients}, some get through": "%s : des clients s'atteignent ; sur %s combinaisons d'adresses, de protocoles et de ports entre %d {client|clients}, certaines passent",
		"%s: there is no other client to reach":     "%s : il n'y a pas d'autre client à atteindre",
		"not read, taken as open: %s":               "non lu, considéré comme ouvert : %s",
		"Nothing found.":                            "Rien à signaler.",
		"Nothing found in what could be looked at.": "Rien à signaler dans ce qui a pu être examiné.",
		"%d finding":                                "%d constat",
		"%d findings":                               "%d constats",
		": %d high, %d medium, %d low":              " (%d {grave|graves}, %d {moyen|moyens}, %d {léger|légers})",
		"%d accepted for a time":                    "{accepté|acceptés} pour un temps : %d",
		"%d NOT AUDITED":                            "{NON AUDITÉ|NON AUDITÉS} : %d",
		"%d rule":                                   "%d règle",
		"%d rules":                                  "%d règles",
		"%d call":                                   "%d appel",
		"%d calls":                                  "%d appels",

		// IAM policies
		"%d {policy|policies}: attach all of them; IAM takes %d {character|characters} each": "%d {politique|politiques} : les attacher toutes ; IAM en accepte %d {caractère|caractères} chacune",
	}
}
