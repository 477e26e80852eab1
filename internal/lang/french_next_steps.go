package lang

// frenchNextSteps translates commands that are to be run next, and other remedies.
func frenchNextSteps() map[string]string {
	return map[string]string{
		"cicdctl client create %s --region %s makes it; cicdctl client list shows the clients there are": "cicdctl client create %s --region %s le crée ; cicdctl client list montre les clients qui existent",
		"give --format %s; a PDF is what a browser prints of html":                                       "donner --format %s ; un PDF est ce qu'un navigateur imprime de html",
		"add %s to vpn.openvpn.users in the spec":                                                        "ajouter %s à vpn.openvpn.users dans la spécification",
		"to replace it, run: %s":                                                                         "pour le remplacer, lancer : %s",
		"time with its zone, as text":                                                                    "heure avec son fuseau, en texte",
		"run: %s":                                                                                        "lancer : %s",
		"cicdctl vpn user list %s shows who has":                                                         "cicdctl vpn user list %s montre qui en a un",
		"add it to vpn.ipsec.sites and run cicdctl client create %s":                                     "l'ajouter à vpn.ipsec.sites, puis lancer cicdctl client create %s",
		"compare them, or replace them: %s":                                                              "les comparer, ou les remplacer : %s",
		"install it: %s":                                                                                 "l'installer : %s",
		"install a newer one: %s":                                                                        "en installer un plus récent : %s",
		"to agree to that, run: %s":                                                                      "pour y consentir, lancer : %s",
		"cicdctl key show %s lists the keys there are":                                                   "cicdctl key show %s énumère les clés existantes",
		"choose a name such as %s":                                                                       "choisir un nom tel que %s",
		"configuration: %s":                                                                              "configuration : %s",
		"exact text, may be NaN; to count with it: %s":                                                   "texte exact, peut être NaN ; pour calculer avec : %s",
		"named %s, not made by cicdctl":                                                                  "nommée %s, pas faite par cicdctl",
		"not made by cicdctl":                                                                            "pas faite par cicdctl",
		"of client %s":                                                                                   "du client %s",
		"of the %s":                                                                                      "de niveau %s",
	}
}
