package lang

// frenchKeys translates what is said of clients' SSH keys.
func frenchKeys() map[string]string {
	return map[string]string{
		"SSH key of %s in %s": "Clé SSH de %s dans %s",
		"fingerprint":         "empreinte",
		"public key":          "clé publique",
		"private key":         "clé privée",
		"written (UTC)":       "écrite (UTC)",
		"encryption":          "chiffrement",
		"host":                "hôte",
		"key pair":            "paire de clés",
		"old key":             "ancienne clé",

		"replaced on %s, still in escrow: %s": "remplacée le %s, encore sous séquestre : %s",
		"finish the rotation of the key: %s":  "terminer la rotation de la clé : %s",
		"hosts with the new key: %d of %d":    "hôtes avec la nouvelle clé : %d sur %d",
		"%s has the SSH key %s (key pair %s)": "%s a la clé SSH %s (paire de clés %s)",
		"the private key is in %s (mode 0600): keep it safe and delete it when it is no longer needed": "la clé privée est dans %s (mode 0600) : la garder en lieu sûr et la supprimer quand elle ne sert plus",

		"New SSH key for %s in %s, in the place of %s":                                                                              "Nouvelle clé SSH pour %s dans %s, à la place de %s",
		"Goes on with the rotation of the SSH key of %s in %s: %s takes the place of %s.":                                           "Poursuit la rotation de la clé SSH de %s dans %s : %s prend la place de %s.",
		"The escrow gets a new version of the key, EC2 another key pair, and the launch template names it.":                         "Le séquestre reçoit une nouvelle version de la clé, EC2 une autre paire de clés, et le modèle de lancement la nomme.",
		"%d host keeps the old key until its weekly renewal in the maintenance window.":                                             "%d hôte garde l'ancienne clé jusqu'à son renouvellement hebdomadaire dans la fenêtre de maintenance.",
		"%d hosts keep the old key until their weekly renewal in the maintenance window.":                                           "%d hôtes gardent l'ancienne clé jusqu'à leur renouvellement hebdomadaire dans la fenêtre de maintenance.",
		"%d host is replaced once another is there and has taken over its tasks: some 10 minutes.":                                  "%d hôte est remplacé une fois qu'un autre est là et a repris ses tâches : une dizaine de minutes.",
		"%d hosts are replaced one after the other, each once another is there and has taken over its tasks: some 10 minutes each.": "%d hôtes sont remplacés l'un après l'autre, chacun une fois qu'un autre est là et a repris ses tâches : une dizaine de minutes chacun.",
		"%d other instance was started with the key and is not touched.":                                                            "%d autre instance a été démarrée avec la clé ; elle reste telle quelle.",
		"%d other instances were started with the key and are not touched.":                                                         "%d autres instances ont été démarrées avec la clé ; elles restent telles quelles.",
		"The old key is removed for good once no instance is left that was started with it.":                                        "L'ancienne clé est supprimée définitivement quand il ne reste aucune instance démarrée avec elle.",
		"the old key %s is removed: no instance has it":                                                                             "l'ancienne clé %s est supprimée : aucune instance ne l'a",
		"the old key %s stays in escrow: instances have it":                                                                         "l'ancienne clé %s reste sous séquestre : des instances l'ont",

		"no longer waiting: AWS goes on replacing hosts; finish with: %s":                                                "attente terminée : AWS continue de remplacer les hôtes ; finir avec : %s",
		"once all hosts have the new key, remove the old one: %s":                                                        "une fois que tous les hôtes ont la nouvelle clé, supprimer l'ancienne : %s",
		"terminate %s, which somebody has started with the key pair %s, or take the old key out of it and start it anew": "résilier %s, que quelqu'un a démarrée avec la paire de clés %s, ou en retirer l'ancienne clé et la démarrer à neuf",
	}
}
