package lang

// frenchSaidCommands translates how commands were typed, and the configuration.
func frenchSaidCommands() map[string]string {
	return map[string]string{
		"%q is not one of bash, zsh, fish, powershell": "%q n'est pas l'un de bash, zsh, fish, powershell",
		"%s %q is not one of en, fr":                   "%s %q n'est pas l'un de en, fr",
		"%s (known: %s)":                               "%s (connus : %s)",
		"%s: %v is not text":                           "%s : %v n'est pas du texte",
		"%s: must be a list, not %v":                   "%s : doit être une liste, pas %v",
		"%q is not a command of %s":                    "%q n'est pas une commande de %s",
		"%q is one argument too many":                  "%q est un argument de trop",
		"%s is missing":                                "%s manque",
		"--output %q is not one of %s":                 "--output %q n'est pas l'un de %s",
		"--timeout %s is negative":                     "--timeout %s est négatif",
		"give a duration such as 45m":                  "donnez une durée telle que 45m",
		"cicdctl schema lists what there is":           "cicdctl schema énumère ceux qui existent",
		"there is no schema of %q":                     "il n'y a pas de schéma de %q",
		"--client: %w":                                 "--client : %w",
		"DOMAIN: %w":                                   "DOMAIN : %w",
		"add --sandbox":                                "ajoutez --sandbox",
		"no certificate for %s waits for its record, and none for another domain either":                                              "aucun certificat pour %s n'attend son enregistrement, ni pour un autre domaine",
		"no certificate for %s waits for its record; those that do are for %s":                                                        "aucun certificat pour %s n'attend son enregistrement ; ceux qui attendent sont pour %s",
		"the sandbox has a zone %s already, for another client or for all: take another domain, or start with another --sandbox-file": "le bac à sable a déjà une zone %s, pour un autre client ou pour tous : prenez un autre domaine, ou partez d'un autre --sandbox-file",
		"--clients %d is not within 1-%d":                                                "--clients %d n'est pas entre 1 et %d",
		"remove it, or give another directory":                                           "supprimez-le, ou donnez un autre répertoire",
		"CODE: the sandbox knows no quota %q":                                            "CODE : le sandbox ne connaît pas de quota %q",
		"Interfaces and routes of the IPsec tunnels of %s between %s and AWS":            "Interfaces et routes des tunnels IPsec de %s entre %s et AWS",
		"VALUE: %q is not a quota":                                                       "VALUE : %q n'est pas un quota",
		"add --sandbox; of a real account, ask for quotas in the Service Quotas console": "ajoutez --sandbox ; pour un vrai compte, demandez les quotas dans la console Service Quotas",
		"cicdctl doctor --output json tells the codes":                                   "cicdctl doctor --output json donne les codes",
		"give a whole number, such as 64":                                                "donnez un nombre entier, tel que 64",
		"this is for the sandbox only":                                                   "ceci n'est que pour le bac à sable",
	}
}
