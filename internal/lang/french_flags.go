package lang

// frenchFlags translates what is wrong with flags and configurations, and the places of regions.
func frenchFlags() map[string]string {
	return map[string]string{
		"unknown flag: -%s in -%s":                                    "option inconnue : -%s dans -%s",
		"unknown flag: --%s":                                          "option inconnue : --%s",
		"flag needs an argument: -%s in -%s":                          "il manque une valeur à l'option -%s dans -%s",
		"flag needs an argument: --%s":                                "il manque une valeur à l'option --%s",
		"bad flag syntax: %s":                                         "option mal écrite : %s",
		"invalid argument %q for --%s: it is no whole number":         "valeur incorrecte %q pour --%s : ce n'est pas un nombre entier",
		"invalid argument %q for --%s: it is no duration such as 45m": "valeur incorrecte %q pour --%s : ce n'est pas une durée comme 45m",
		"invalid argument %q for --%s: it is neither true nor false":  "valeur incorrecte %q pour --%s : ce n'est ni true ni false",

		"see %s --help":       "voir %s --help",
		"did you mean %s %s?": "vouliez-vous dire %s %s ?",

		"unknown key %q%s":                                                           "clé inconnue %q%s",
		"%s: must be text, not %v":                                                   "%s : doit être un texte, pas %v",
		"pools: %q is not a network such as 10.21.0.0/16":                            "pools: %q n'est pas un réseau comme 10.21.0.0/16",
		"trail_alarms: must be true or false, not %v":                                "trail_alarms: doit être true ou false, pas %v",
		"access_log_days: must be a number of days, or 0 for no access logs, not %v": "access_log_days: doit être un nombre de jours, ou 0 pour aucun journal d'accès, pas %v",

		"Paris":     "Paris",
		"Ireland":   "Irlande",
		"Frankfurt": "Francfort",
		"London":    "Londres",
	}
}
