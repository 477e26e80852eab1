package lang

// frenchSaidKindsData translates data, keys and alarms.
var frenchSaidKindsData = map[string]string{
	"%s is not cicdctl's to delete":                     "cicdctl ne peut pas supprimer %s",
	"encode the public key of an authority: %w":         "encoder la clé publique d'une autorité : %w",
	"the key of the certificate authority is not there": "la clé de l'autorité de certification n'est pas là",
	"the region holds %d manual {snapshot|snapshots} of clusters and may hold %d, so there is no room for the final one: delete some, or ask for more (%s)":                                                     "la région contient %d {instantané manuel|instantanés manuels} de clusters et peut en contenir %d : il n'y a pas de place pour le dernier instantané ; supprimez-en, ou demandez plus (%s)",
	"%s is the only instance of its cluster, and AWS moves none to another zone: nothing has to be done, as it serves where it is; with database.instances: 2 the next run moves it while the other one serves": "%s est la seule instance de son cluster, et AWS n'en déplace aucune vers une autre zone : rien n'est à faire, car elle sert là où elle est ; avec database.instances: 2 la prochaine exécution la déplace pendant que l'autre sert",
	"%s writes, and none of the other instances is available to take over: it is left as it is":                                                                                                                 "%s écrit, et aucune des autres instances n'est disponible pour prendre le relais : elle est laissée telle quelle",
	"%s holds %s, which came after the plan was made; it is deleted with --purge-data only":                                                                                                                     "%s contient %s, arrivé après le plan ; cela n'est supprimé qu'avec --purge-data",
	"objects of %s are not deleted: %w":                                    "des objets de %s ne sont pas supprimés : %w",
	"%s in the admin bucket: %w; restore an earlier version of the object": "%s dans le bucket d'administration : %w ; restaurez une version antérieure de l'objet",
	"encode the RSA key: %w":                                               "encoder la clé RSA : %w",
	"encode the public key: %w":                                            "encoder la clé publique : %w",
	"is no PEM file":                                                       "n'est pas un fichier PEM",
	"is no RSA key":                                                        "n'est pas une clé RSA",
	"is no private key in PKCS#8":                                          "n'est pas une clé privée en PKCS#8",
	"make the RSA key: %w":                                                 "faire la clé RSA : %w",
	"list the versions of %s: %w":                                          "lister les versions de %s : %w",
	"read %s in the admin bucket: %w":                                      "lire %s dans le bucket d'administration : %w",
	"read version %s of %s: %w":                                            "lire la version %s de %s : %w",
	"version %s of %s: %w":                                                 "version %s de %s : %w",
	"close the admin bucket %s to the public: %w":                          "fermer le bucket d'administration %s au public : %w",
	"create the admin bucket %s: %w":                                       "créer le bucket d'administration %s : %w",
	"AWS tells of a target %s of the rule %s that was not put":             "AWS parle d'une cible %s de la règle %s qui n'a pas été posée",
}
