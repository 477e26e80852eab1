package lang

// frenchFlags translates what is wrong with flags, and the places of regions.
var frenchFlags = map[string]string{
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

	"Paris":     "Paris",
	"Ireland":   "Irlande",
	"Frankfurt": "Francfort",
	"London":    "Londres",
}
