package report

// frenchVPNs translates what is said of VPNs.
var frenchVPNs = map[string]string{
	"VPNs of %s in %s": "VPN de %s à %s",
	"No sites.":        "Aucun site.",
	"site":             "site",
	"connection":       "connexion",
	"tunnel":           "tunnel",
	"up":               "monté",
	"down":             "tombé",
	"AWS says":         "AWS indique",

	"New pre-shared key for tunnel %d of %s (%s) in %s":                                                                   "Nouvelle clé pré-partagée pour le tunnel %d de %s (%s) à %s",
	"The tunnel is down already; it stays down until the site's device has the new key.":                                  "Le tunnel est déjà tombé ; il le reste jusqu'à ce que l'équipement du site ait la nouvelle clé.",
	"This cuts tunnel %d, which is up, until the site's device has the new key; tunnel %d carries the traffic meanwhile.": "Cela coupe le tunnel %d, qui est monté, jusqu'à ce que l'équipement du site ait la nouvelle clé ; le tunnel %d porte le trafic entre-temps.",
	"Tunnel %d of %s has a new pre-shared key":                                                                            "Le tunnel %d de %s a une nouvelle clé pré-partagée",
}
