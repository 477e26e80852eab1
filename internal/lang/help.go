package lang

import (
	"cmp"
	"maps"
	"sync"
)

// helps are the French texts of the help of commands: short texts, paragraphs, comments of
// examples, flags, and the words around them. They are no formats, and stand apart from what is
// said in a run.
var helps = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, part := range []map[string]string{
		frenchHelpWords(),
		frenchHelpData(),
		frenchHelpClients(),
		frenchHelpMore(),
		frenchHelpReports(),
		frenchHelpAccounts(),
		frenchHelpAccountInit(),
		frenchHelpFleet(),
		frenchHelpVersion(),
		frenchHelpFleetReport(),
	} {
		maps.Copy(all, part)
	}
	return all
})

// Help is a text of the help in the language.
func (l Lang) Help(text string) string {
	if l != French {
		return text
	}
	return cmp.Or(helps()[text], text)
}

// HelpTexts are the English texts of the help that have a French one.
func HelpTexts() []string {
	var out []string
	for text := range helps() {
		out = append(out, text)
	}
	return out
}

// frenchHelpWords are the headings of the help, what flags take, and the arguments of commands.
func frenchHelpWords() map[string]string {
	return map[string]string{
		"Usage:":              "Utilisation :",
		"Examples:":           "Exemples :",
		"Available Commands:": "Commandes :",
		"Flags:":              "Options :",
		"Global Flags:":       "Options globales :",
		"[command]":           "[commande]",
		"[flags]":             "[options]",
		`Use "%s [command] --help" for more information about a command.`: "Pour en savoir plus sur une commande : %s [commande] --help",
		" (default %q)": " (par défaut : %s)",
		" (default %s)": " (par défaut : %s)",

		"help for %s":                "afficher l'aide de %s",
		"Show the help of a command": "Afficher l'aide d'une commande",
		"Show the help of a command, as its flag --help does. No AWS access is needed.": "Afficher l'aide d'une commande, comme son option --help. Aucun accès à AWS n'est\nnécessaire.",

		"string":      "texte",
		"stringArray": "texte",
		"int":         "nombre",
		"duration":    "durée",

		"CODE":    "CODE",
		"COMMAND": "COMMANDE",
		"DOMAIN":  "DOMAINE",
		"FILE":    "FICHIER",
		"KIND":    "TYPE",
		"NAME":    "NOM",
		"PERSON":  "UTILISATEUR",
		"REGION":  "RÉGION",
		"ROLE":    "RÔLE",
		"TASKS":   "TÂCHES",
		"TIME":    "INSTANT",
		"VALUE":   "VALEUR",
		"WINDOW":  "FENÊTRE",
		"YYYY-MM": "AAAA-MM",
	}
}
