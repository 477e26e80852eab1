package lang

// frenchVersion translates what is said of the versions of cicdctl that apply clients.
func frenchVersion() map[string]string {
	return map[string]string{
		"what all clients of the account share": "ce que partagent tous les clients du compte",
		"what the clients of %s share":          "ce que partagent les clients de %s",
		"nothing was changed: cicdctl %[1]s last applied %[2]s, and this is %[3]s, which does not know what %[1]s has changed":     "rien n'a été modifié : cicdctl %[1]s a appliqué %[2]s en dernier, et ceci est %[3]s, qui ne sait pas ce que %[1]s a changé",
		"install cicdctl %[1]s or newer; to go back to %[2]s all the same, read docs/upgrading.md and add --allow-downgrade %[1]s": "installer cicdctl %[1]s ou plus récent ; pour revenir quand même à %[2]s, lire docs/upgrading.md et ajouter --allow-downgrade %[1]s",
		"note on %s which cicdctl applied it: %w":                                                                                             "noter sur %s quel cicdctl l'a appliqué : %w",
		"it could not be noted on %s which cicdctl applied it: %s":                                                                            "il n'a pas pu être noté sur %s quel cicdctl l'a appliqué : %s",
		"something was to be changed before it was known which cicdctl last applied it (cloud.Operator.Admit)":                                "quelque chose allait être modifié sans que l'on sache quel cicdctl l'a appliqué en dernier (cloud.Operator.Admit)",
		"look which cicdctl last applied %s: %w":                                                                                              "chercher quel cicdctl a appliqué %s en dernier : %w",
		"cicdctl %[1]s last applied %[2]s; this is %[3]s, which may overwrite what it does not know":                                          "cicdctl %[1]s a appliqué %[2]s en dernier ; ceci est %[3]s, qui peut écraser ce qu'il ne connaît pas",
		"cicdctl %[1]s last applied %[2]s; this is %[3]s, which does not know all of it: to change it, install %[1]s or newer":                "cicdctl %[1]s a appliqué %[2]s en dernier ; ceci est %[3]s, qui n'en connaît pas tout : pour le modifier, installer %[1]s ou plus récent",
		"give the version that the refusal names, such as v1.4.0":                                                                             "donner la version que le refus nomme, par exemple v1.4.0",
		"--allow-downgrade %q is no version of cicdctl":                                                                                       "--allow-downgrade %q n'est pas une version de cicdctl",
		"the tag %s of %s says %q, which is no version: it is not known which cicdctl last applied %s, until the next change writes it again": "le tag %s de %s dit %q, qui n'est pas une version : on ne sait pas quel cicdctl a appliqué %s en dernier, jusqu'à ce que la prochaine modification l'écrive à nouveau",
		"it is not known which cicdctl last applied %s: %s has no tag %s":                                                                     "on ne sait pas quel cicdctl a appliqué %s en dernier : %s n'a pas de tag %s",
		"the spec of %s says what cicdctl %s applied: what differs comes from cicdctl %s (docs/upgrading.md tells what its versions change), from the configuration, or from a change on AWS": "la spec de %s dit ce que cicdctl %s a appliqué : ce qui diffère vient de cicdctl %s (docs/upgrading.md dit ce que ses versions changent), de la configuration, ou d'une modification sur AWS",
		"this takes %[1]s back from cicdctl %[2]s to %[3]s: what only %[2]s knows is not in this plan; it stays and is looked after by nobody, or is overwritten":                             "ceci ramène %[1]s de cicdctl %[2]s à %[3]s : ce que seul %[2]s connaît n'est pas dans ce plan ; cela reste sans que personne s'en occupe, ou est écrasé",

		"%s requires cicdctl %s, and this is %s":                                            "%s demande cicdctl %s, et ceci est %s",
		"%q is not a version of cicdctl such as v1.4.0":                                     "%q n'est pas une version de cicdctl comme v1.4.0",
		"%s still requires cicdctl %s: %s; set required_version: %s where the file is kept": "%s demande toujours cicdctl %s : %s ; mettre required_version: %s là où le fichier est conservé",
		"Last applied by cicdctl %s":                                                        "Appliqué en dernier par cicdctl %s",

		"a pipeline does not change it":                          "un pipeline ne le modifie pas",
		"wrote %s: it requires cicdctl %s, which has applied it": "%s écrit : il demande cicdctl %s, qui l'a appliqué",
	}
}

// frenchHelpVersion translates the help about them.
func frenchHelpVersion() map[string]string {
	return map[string]string{
		"change what this newer version of cicdctl has changed, see docs/upgrading.md": "modifier ce que cette version plus récente de cicdctl a changé, voir docs/upgrading.md",
	}
}
