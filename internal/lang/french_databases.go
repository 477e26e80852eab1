package lang

// frenchDatabases translates what is said of databases that are stopped or restarted.
func frenchDatabases() map[string]string {
	return map[string]string{
		"the database %s is away for some minutes: it has one instance only, which is restarted":                                                                                        "la base de données %s est absente quelques minutes : elle n'a qu'une instance, qui est redémarrée",
		"the database %s fails over: connections are cut for up to a minute; its instances are restarted one by one (%s), and each cuts its own connections":                            "la base de données %s bascule : les connexions sont coupées jusqu'à une minute ; ses instances sont redémarrées l'une après l'autre (%s), et chacune coupe ses propres connexions",
		"readers of the database %s are restarted one by one (%s): each cuts its own connections; the writer stays":                                                                     "les lecteurs de la base de données %s sont redémarrés l'un après l'autre (%s) : chacun coupe ses propres connexions ; l'instance d'écriture reste",
		"AWS changes the class of instances of the database %s in the maintenance window (%s %s), and cuts connections then: %s":                                                        "AWS change la classe d'instances de la base de données %s pendant la fenêtre de maintenance (%s %s), et coupe alors les connexions : %s",
		"instances of the database %s are removed and made again in the right zone, some ten minutes each: %s; the data is in the cluster":                                              "des instances de la base de données %s sont supprimées et recréées dans la bonne zone, une dizaine de minutes chacune : %s ; les données sont dans le cluster",
		"AWS did not tell when its standard support of %s ends: %s":                                                                                                                     "AWS n'a pas dit quand se termine son support standard de %s : %s",
		"AWS does not say when its standard support of %s ends":                                                                                                                         "AWS ne dit pas quand se termine son support standard de %s",
		"AWS's standard support of %s ends on %s; after that AWS bills Extended Support per vCPU and hour (database.extended_support: false has AWS upgrade the major version instead)": "le support standard de %s par AWS se termine le %s ; AWS facture ensuite le support étendu par vCPU et par heure (database.extended_support: false laisse AWS passer à la version majeure suivante)",
		"AWS's standard support of %s ends on %s, when AWS upgrades it with an interruption (database.extended_support: true keeps it, billed per vCPU and hour)":                       "fin du support standard de %s par AWS le %s : AWS passe à la suivante, avec une interruption (database.extended_support: true la garde, facturée par vCPU et par heure)",
		"%s was left as it is: %s": "%s a été laissé tel quel : %s",
	}
}
