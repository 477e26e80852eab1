package lang

// frenchCommentsVPN are the comments of the files for the gateway of a site, as frenchComments.
func frenchCommentsVPN() map[string]string {
	return map[string]string{
		`IPsec tunnels of {{client}} between {{site}} and AWS {{region}}, {{connection}}; made by cicdctl.

BEFORE EVERY LOAD, check the files:

  STRONGSWAN_CONF=/etc/swanctl/swanctl.conf swanctl --help >/dev/null && swanctl --load-all --noprompt

The first command reads what the second one would, touches nothing, and fails with the line of a
mistake. Without it, a syntax error in any file of conf.d, this one or another's, makes
swanctl --load-all (and systemctl reload strongswan) take the configuration for empty: it unloads
ALL connections, closes ALL tunnels, says "no connections found" and ends with success. An
unknown option or value is another thing: the connection stays as it was, and the command fails.
A connection that was changed is closed and set up again; one that was not goes on.`: `Tunnels IPsec de {{client}} entre {{site}} et AWS {{region}}, {{connection}} ; écrit par cicdctl.

AVANT CHAQUE CHARGEMENT, vérifier les fichiers :

  STRONGSWAN_CONF=/etc/swanctl/swanctl.conf swanctl --help >/dev/null && swanctl --load-all --noprompt

La première commande lit ce que lirait la seconde, ne touche à rien, et échoue en donnant la ligne
de l'erreur. Sans elle, une erreur de syntaxe dans un fichier de conf.d, celui-ci ou un autre, fait
que swanctl --load-all (et systemctl reload strongswan) tient la configuration pour vide : il
décharge TOUTES les connexions, ferme TOUS les tunnels, affiche « no connections found » et se
termine avec succès. Une option ou une valeur inconnue, c'est autre chose : la connexion reste
telle quelle et la commande échoue. Une connexion modifiée est fermée puis rétablie ; une
connexion qui ne l'est pas continue.`,
		`
The pre-shared keys are in {{name}}-keys.conf.`: `
Les clés pré-partagées sont dans {{name}}-keys.conf.`,
		`
The pre-shared keys are not in here. Until they are, the log says "no shared key found". To get
the file that holds them:

  {{command}}`: `
Les clés pré-partagées ne sont pas ici. Tant qu'elles manquent, le journal dit « no shared key
found ». Pour obtenir le fichier qui les contient :

  {{command}}`,
		`
strongSwan 5.8 or later on Linux 4.19 or later, with its plugins openssl and gcm. Packets reach
the tunnels through the interfaces and routes of {{name}}-tunnels, not by this file alone.`: `
strongSwan 5.8 ou plus récent sous Linux 4.19 ou plus récent, avec ses greffons openssl et gcm.
Les paquets atteignent les tunnels par les interfaces et les routes de {{name}}-tunnels, ce
fichier seul n'y suffit pas.`,
		"Any local address, so that it works behind NAT too; then ESP goes in UDP by itself.": "Toute adresse locale, pour marcher aussi derrière un NAT ; ESP passe alors de lui-même dans UDP.",
		"MOBIKE would move this tunnel to the other's address.":                               "MOBIKE déplacerait ce tunnel vers l'adresse de l'autre.",
		"Try until AWS answers.": "Essayer jusqu'à ce qu'AWS réponde.",
		"Rekey before AWS does, and long before AWS ends the SA at {{ikeLifetime}}.":    "Renouveler les clés avant AWS, et bien avant qu'AWS ne termine la SA à {{ikeLifetime}}.",
		"Everything; what goes in is said by routes, and what comes out by a firewall.": "Tout ; ce qui entre est décidé par les routes, et ce qui sort par un pare-feu.",
		"A wrong group here shows at the first rekeying only, after {{espRekey}}.":      "Un mauvais groupe ne se voit qu'au premier renouvellement, après {{espRekey}}.",
		`How soon strongSwan takes AWS for dead: {{giveUp}} s instead of 175 s. It is read when strongSwan starts,
and holds for all connections of this gateway.`: `Au bout de combien de temps strongSwan tient AWS pour mort : {{giveUp}} s au lieu de 175 s. Lu au démarrage
de strongSwan, et valable pour toutes les connexions de cette passerelle.`,
		`Interfaces and routes of the IPsec tunnels of {{client}} between {{site}} and AWS {{region}}; made by cicdctl.

It makes an interface for each tunnel, and then keeps the routes where there is an answer. Two
routes of which one has the better metric are not enough: such an interface stays up when its
tunnel is down. A dead tunnel is left within {{failover}} s. The pings also keep the tunnels busy, which
AWS may close when they are idle.`: `Interfaces et routes des tunnels IPsec de {{client}} entre {{site}} et AWS {{region}} ; écrit par cicdctl.

Il crée une interface par tunnel, puis garde les routes là où l'on répond. Deux routes dont l'une
a la meilleure métrique ne suffisent pas : une telle interface reste active quand son tunnel est
tombé. Un tunnel mort est quitté en {{failover}} s au plus. Les pings occupent aussi les tunnels,
qu'AWS peut fermer quand ils sont inactifs.`,
		"The networks of {{client}} at AWS. Its neighbours there are not reachable, so nothing else goes in.": "Les réseaux de {{client}} chez AWS. Ses voisins n'y sont pas joignables : rien d'autre n'entre.",
		"AWS may answer through the other tunnel.":                                                            "AWS peut répondre par l'autre tunnel.",
		"While no tunnel answers both routes stay, so that nothing leaves in the clear.":                      "Tant qu'aucun tunnel ne répond, les deux routes restent, pour que rien ne sorte en clair.",
		"initiate CONNECTION: strongSwan does not try again what AWS has refused":                             "initiate CONNEXION : strongSwan ne réessaie pas ce qu'AWS a refusé",
		"route INTERFACE METRIC ITSELF OTHER: as the two tunnels answer":                                      "route INTERFACE MÉTRIQUE LUI-MÊME L'AUTRE : selon la réponse des deux tunnels",
		"interface NAME IF_ID ADDRESS":                                                                        "interface NOM IF_ID ADRESSE",
		"answers INTERFACE ADDRESS":                                                                           "answers INTERFACE ADRESSE",
		"TCP in packets that fit: AWS does not tell anybody that one does not.":                               "TCP en paquets qui passent : AWS ne dit à personne qu'un paquet est trop grand.",
		"Pre-shared keys of {{connection}}. Nobody but root may read this file.":                              "Clés pré-partagées de {{connection}}. Seul root doit pouvoir lire ce fichier.",
		`A tunnel that AWS has refused is not tried again by strongSwan itself when the key is right: the
script {{name}}-tunnels does so, or swanctl --initiate --child {{name}}-1 (or -2).`: `Un tunnel refusé par AWS n'est pas réessayé par strongSwan lui-même quand la clé est juste : le
script {{name}}-tunnels le fait, ou swanctl --initiate --child {{name}}-1 (ou -2).`,
	}
}
