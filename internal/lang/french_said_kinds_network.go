package lang

// frenchSaidKindsNetwork translates networks and load balancers.
var frenchSaidKindsNetwork = map[string]string{
	"there are no addresses left for the people of %s: give a range of its own in vpn.openvpn.cidr": "il n'y a plus d'adresses pour les personnes de %s : donnez une plage propre dans vpn.openvpn.cidr",
	"AWS has the customer gateway %s for %s already, %s: delete it, or give the site another name":  "AWS a déjà la passerelle client %s pour %s, %s : supprimez-la, ou donnez un autre nom au site",
	"CreateFlowLogs of %s answered with %d {flow log|flow logs}":                                    "CreateFlowLogs de %s a répondu avec %d {journal de flux|journaux de flux}",
	"the escrowed key does not tell its public key":                                                 "la clé séquestrée ne donne pas sa clé publique",
	"the escrowed key of %s: %w": "la clé séquestrée de %s : %w",
	"%s leads to S3 through %s, which cicdctl did not make: take the table out of that endpoint and run again":                    "%s mène à S3 par %s, que cicdctl n'a pas créé : retirez la table de ce point de terminaison, puis relancez",
	"%s has subnets but is not among the pools of the configuration; add it, or empty it first (%v)":                              "%s a des sous-réseaux mais n'est pas parmi les pools de la configuration ; ajoutez-le, ou videz-le d'abord (%v)",
	"no pair of inside ranges is free for site %s: all %d of the client's slot are taken":                                         "aucune paire de plages intérieures n'est libre pour le site %s : les %d de la place du client sont prises",
	"%s; set the site's gateway up for both tunnels and run again":                                                                "%s ; configurez la passerelle du site pour les deux tunnels, puis relancez",
	"AWS has made %d {certificate|certificates} for %s within an hour, and all of them are gone or refused; run again in an hour": "AWS a fait %d {certificat|certificats} pour %s en une heure, et tous ont disparu ou ont été refusés ; relancez dans une heure",
}
