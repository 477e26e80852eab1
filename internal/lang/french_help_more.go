package lang

// frenchHelpMore is the help on regions, the sandbox, specs and VPNs.
func frenchHelpMore() map[string]string {
	return map[string]string{
		// cicdctl region
		"Show and destroy the shared resources of a region": "Afficher et supprimer les ressources partagées d'une région",
		`The clients of a region share a VPC, public subnets with NAT gateways, the default
network ACL and a KMS key. The first client create in a region creates them.`: `Les clients d'une région partagent un VPC, des sous-réseaux publics avec des
passerelles NAT, l'ACL réseau par défaut et une clé KMS. Le premier client create
dans une région les crée.`,

		// cicdctl region destroy
		"Destroy the shared resources of a region without clients": "Supprimer les ressources partagées d'une région sans clients",
		`Delete the shared resources of a region. The command shows the plan and asks you to
type the region. It is refused while the region has clients.`: `Supprimer les ressources partagées d'une région. La commande affiche le plan et
demande de saisir la région. Elle est refusée tant que la région a des clients.`,
		`Account-level resources (the private key bucket and its KMS key) are never deleted.
The region's KMS key is kept unless --purge-data is given, because snapshots need it.`: `Les ressources du compte (le bucket des clés privées et sa clé KMS) ne sont jamais
supprimées. La clé KMS de la région est conservée, sauf avec --purge-data, car des
instantanés en ont besoin.`,
		"name of the region, skips the prompt":               "nom de la région, évite la question",
		"also delete resources kept because data needs them": "supprimer aussi ce qui est conservé parce que des données en ont besoin",

		// cicdctl region show
		"Show the shared resources of a region": "Afficher les ressources partagées d'une région",
		"Show the shared resources of a region, its clients, and any drift. Read-only.": `Afficher les ressources partagées d'une région, ses clients, et toute dérive.
Lecture seule.`,

		// cicdctl sandbox
		"Simulate external actions in the sandbox": "Simuler des actions extérieures dans le bac à sable",
		`Simulate actions that happen outside cicdctl in a real account, such as pushing an
image, so that all commands can be tried in the sandbox. Requires --sandbox.`: `Simuler des actions qui, dans un vrai compte, se passent hors de cicdctl, comme
l'envoi d'une image, pour que toutes les commandes puissent être essayées dans le
bac à sable. Exige --sandbox.`,

		// cicdctl sandbox estate
		"Create many clients in the sandbox": "Créer de nombreux clients dans le bac à sable",
		`Create clients CLIENT1, CLIENT2, … with default settings in the sandbox, in one or
all four regions, and write their spec files; for example to try audits of many
clients. Existing clients are left unchanged. More than ten clients per region need
additional pools in the configuration.`: `Créer dans le bac à sable les clients CLIENT1, CLIENT2… avec les valeurs par défaut,
dans une région ou dans les quatre, et écrire leurs fichiers de spécification ; par
exemple pour essayer des audits de nombreux clients. Les clients existants restent
tels quels. Plus de dix clients par région exigent des plages d'adresses
supplémentaires (pools) dans la configuration.`,
		"number of clients per region, 1 to 50":    "nombre de clients par région, de 1 à 50",
		"use only this region (default: all four)": "n'utiliser que cette région (par défaut : les quatre)",

		// cicdctl sandbox issue
		"Simulate the validation of a domain's certificate": "Simuler la validation du certificat d'un domaine",
		`Simulate that the owner of a domain has added the validation record of its
certificate at an external DNS provider. The certificate is issued within the next
few requests to the sandbox, in all regions.`: `Simuler que le propriétaire d'un domaine a ajouté chez un fournisseur DNS externe
l'enregistrement qui valide son certificat. Le certificat est émis dans les toutes
prochaines requêtes au bac à sable, dans toutes les régions.`,

		// cicdctl sandbox push
		"Simulate pushing an image to a service's repository": "Simuler l'envoi d'une image dans le dépôt d'un service",
		`Add an image with a tag to a service's ECR repository in the sandbox; stands in for
docker push. The image has no content. Flags define how it behaves: whether
containers fail, what they log, and which vulnerabilities its scan finds.`: `Ajouter une image avec un tag au dépôt ECR d'un service dans le bac à sable ; tient
lieu de docker push. L'image n'a pas de contenu. Les options disent comment elle se
comporte : si ses conteneurs échouent, ce qu'ils journalisent, et les vulnérabilités
que trouve son analyse.`,
		"critical vulnerability found by the image scan; can be repeated": "vulnérabilité critique que trouve l'analyse de l'image ; répétable",
		"reason for which its containers stop (default: they run)":        "raison pour laquelle ses conteneurs s'arrêtent (par défaut : ils tournent)",
		"log line written before containers stop; can be repeated":        "ligne de journal écrite avant l'arrêt des conteneurs ; répétable",

		// cicdctl sandbox quota
		"Set a service quota in the sandbox": "Fixer un quota de service dans le bac à sable",
		`Set an AWS service quota of the sandbox account in all regions. A new AWS account has
5 vCPUs (L-1216C47A), fewer than a client's hosts need; the sandbox has 128.`: `Fixer un quota de service AWS du compte simulé, dans toutes les régions. Un compte
AWS neuf a 5 vCPU (L-1216C47A), moins que n'en demandent les hôtes d'un client ; le
bac à sable en a 128.`,

		// cicdctl sandbox zone
		"Add a Route 53 hosted zone to the sandbox": "Ajouter une zone hébergée Route 53 au bac à sable",
		`Add a public hosted zone to the sandbox's Route 53, with the tags that allow cicdctl
to write records to it, for all clients or for one. The zone counts as delegated, so
that certificates of its names can be validated. An existing zone with the same tags
is left unchanged.`: `Ajouter une zone hébergée publique au Route 53 du bac à sable, avec les tags qui
autorisent cicdctl à y écrire des enregistrements, pour tous les clients ou pour un
seul. La zone compte comme déléguée, si bien que les certificats de ses noms peuvent
être validés. Une zone existante avec les mêmes tags reste telle quelle.`,
		"restrict the zone to this client (default: all clients)": "réserver la zone à ce client (par défaut : tous les clients)",

		// cicdctl scale
		"Set the number of tasks of a service, or its range": "Fixer le nombre de tâches d'un service, ou sa plage",
		`Write the number of tasks of a service in one environment into the client's spec file
and apply the spec, as client create does. Other values and all comments in the file
are preserved. The plan is shown first, and the file is written after confirmation.`: `Écrire le nombre de tâches d'un service dans un environnement dans le fichier de
spécification du client et appliquer celui-ci, comme le fait client create. Les
autres valeurs et tous les commentaires du fichier sont conservés. Le plan est
d'abord affiché, et le fichier écrit après confirmation.`,
		`TASKS is a number, or a range such as 2..6: then the number follows the average CPU
of the tasks (Application Auto Scaling, target tracking at 60%) within the range, and
any number in it is in order. The spec file has the range as tasks and max_tasks. It
counts once something was deployed to the environment.`: `TASKS est un nombre, ou une plage comme 2..6 : le nombre suit alors la charge CPU
moyenne des tâches (Application Auto Scaling, cible de 60 %) dans cette plage, et
tout nombre de la plage est en ordre. Le fichier de spécification note la plage sous
tasks et max_tasks. Elle prend effet une fois que quelque chose a été déployé dans
l'environnement.`,
		`From then on, a different number is drift and is restored, and deployments use the
number. Services without tasks in the spec keep the number of their first deployment
or of whoever scales them by hand. FTP services can have only one task.`: `Dès lors, un autre nombre est une dérive et est rétabli, et les déploiements
utilisent ce nombre. Les services sans tasks dans la spécification gardent le nombre
de leur premier déploiement, ou de qui les règle à la main. Les services FTP ne
peuvent avoir qu'une tâche.`,

		// cicdctl schema
		"Print the JSON schema of what a command writes with --output json": "Afficher le schéma JSON de ce qu'écrit --output json",
		`Print the JSON schema (draft 2020-12) of what a command writes with --output json,
or, without arguments, list the commands that have one. "error" is the schema of
errors. The schema of spec files is printed by cicdctl spec schema.`: `Afficher le schéma JSON (draft 2020-12) de ce qu'une commande écrit avec --output
json ou, sans argument, lister les commandes qui en ont un. « error » est le schéma
des erreurs. Le schéma des fichiers de spécification s'affiche avec cicdctl spec
schema.`,

		// cicdctl spec
		"Create and validate client spec files": "Créer et valider les fichiers de spécification des clients",
		`A client is described by one YAML file. Only name and region are required; other
values default to the infrastructure document. No AWS access is needed.`: `Un client est décrit par un fichier YAML. Seuls le nom et la région sont
obligatoires ; pour le reste, les valeurs par défaut sont celles du document
d'infrastructure. Aucun accès à AWS n'est nécessaire.`,

		// cicdctl spec init
		"Create a spec file for a client": "Créer le fichier de spécification d'un client",
		`Create a spec file with the client's name and region, and all defaults as comments,
and beside it the JSON schema that editors complete and check it with. An existing
spec file is never replaced; the schema is brought up to date. --workspace also
writes .vscode: the extension for YAML, the schema, and tasks for validate, plan
and audit. No AWS access is needed.`: `Créer un fichier de spécification avec le nom et la région du client, et toutes les
valeurs par défaut en commentaires, et à côté le schéma JSON avec lequel les
éditeurs le complètent et le vérifient. Un fichier de spécification existant n'est
jamais remplacé ; le schéma est mis à jour. --workspace écrit aussi .vscode :
l'extension pour YAML, le schéma, et des tâches pour validate, plan et audit. Aucun
accès à AWS n'est nécessaire.`,
		"output file (default: <spec-dir>/<name>.yaml)":                   "fichier à écrire (par défaut : <spec-dir>/<nom>.yaml)",
		"region of the client":                                            "région du client",
		"also write the files of a VS Code workspace; existing ones stay": "écrire aussi les fichiers d'un espace de travail VS Code ; ceux qui existent restent",

		// cicdctl spec schema
		"Print the JSON schema of spec files": "Afficher le schéma JSON des fichiers de spécification",
		`Print the JSON schema (draft 2020-12) that editors use to complete and validate spec
files. Reference it in the first line of the file. No AWS access is needed.`: `Afficher le schéma JSON (draft 2020-12) avec lequel les éditeurs complètent et
valident les fichiers de spécification. Y faire référence dans la première ligne du
fichier. Aucun accès à AWS n'est nécessaire.`,
		"in clients/acme.yaml:": "dans clients/acme.yaml :",

		// cicdctl spec validate
		"Validate spec files": "Valider des fichiers de spécification",
		`Run the same checks as client create: unknown keys, invalid values, names that AWS
rejects, address ranges that would admit other clients, overlapping windows, limits
of network ACLs and load balancers, and services that do not fit on the hosts. Each
problem is reported with its line and column.`: `Faire les mêmes contrôles que client create : clés inconnues, valeurs incorrectes,
noms qu'AWS refuse, plages d'adresses qui laisseraient entrer d'autres clients,
fenêtres qui se chevauchent, limites des ACL réseau et des répartiteurs de charge,
et services qui ne tiennent pas sur les hôtes. Chaque problème est signalé avec sa
ligne et sa colonne.`,
		"No AWS access is needed. The exit code is 2 if a file is invalid.": `Aucun accès à AWS n'est nécessaire. Le code de sortie est 2 si un fichier est
incorrect.`,

		// cicdctl start
		"Start a stopped preview environment or database": "Démarrer un environnement preview ou une base de données à l'arrêt",
		`Undo cicdctl stop: write stopped.preview: false into the client's spec file and
apply the spec. Each service gets the number of tasks in the spec, or else as many as
it had before it was stopped.`: `Annuler cicdctl stop : écrire stopped.preview: false dans le fichier de
spécification du client et appliquer celui-ci. Chaque service reçoit le nombre de
tâches de la spécification ou, à défaut, celui qu'il avait avant l'arrêt.`,
		"--database starts a stopped Aurora cluster and returns while it starts.": `--database démarre un cluster Aurora à l'arrêt et rend la main pendant qu'il
démarre.`,
		"the database instead of an environment":                                "la base de données au lieu d'un environnement",
		"environment: preview":                                                  "environnement : preview",
		"region of the client, for --database; only needed without a spec file": "région du client, pour --database ; nécessaire seulement sans fichier de spécification",

		// cicdctl stop
		"Stop the preview environment or the database": "Arrêter l'environnement preview ou la base de données",
		`Write stopped.preview: true into the client's spec file and apply the spec: all
services of the preview environment are scaled to zero. Neither client create nor
deploy starts them again until cicdctl start; deployments to the environment are
refused. How many tasks each service had is recorded in a tag of the ECS service.`: `Écrire stopped.preview: true dans le fichier de spécification du client et appliquer
celui-ci : tous les services de l'environnement preview sont réduits à zéro. Ni
client create ni deploy ne les redémarrent avant cicdctl start ; les déploiements
vers l'environnement sont refusés. Le nombre de tâches qu'avait chaque service est
noté dans un tag du service ECS.`,
		`The load balancer answers requests for the environment with 503. Hosts that are no
longer needed are removed down to hosts.min.`: `Le répartiteur de charge répond 503 aux requêtes vers l'environnement. Les hôtes qui
ne servent plus sont supprimés, jusqu'à hosts.min.`,
		`--database stops the Aurora cluster instead, for example for the night, and returns
while it stops. Nobody can connect to it, and its alarms report that it is silent.
RDS starts a stopped cluster by itself after seven days. The spec file is not
changed: the tag cicdctl:stopped on the cluster records the time. client create
leaves a stopped cluster alone unless it has to change it, and then starts it.`: `--database arrête plutôt le cluster Aurora, par exemple pour la nuit, et rend la
main pendant qu'il s'arrête. Personne ne peut s'y connecter, et ses alarmes
signalent son silence. RDS redémarre de lui-même un cluster arrêté au bout de sept
jours. Le fichier de spécification ne change pas : le tag cicdctl:stopped du cluster
note l'heure. client create laisse un cluster arrêté tel quel, sauf s'il doit le
modifier : il le démarre alors.`,

		// cicdctl version
		"Print the version": "Afficher la version",
		"Print the versions of cicdctl and Go. No configuration is read.": "Afficher les versions de cicdctl et de Go. Aucune configuration n'est lue.",

		// cicdctl vpn
		"Connect a client's sites and users": "Relier les sites et les utilisateurs d'un client",
		`A client's sites (vpn.ipsec.sites in its spec) reach its subnets through AWS
Site-to-Site VPN connections with two IPsec tunnels each, and its users
(vpn.openvpn.users) through an AWS Client VPN endpoint with OpenVPN. client create
makes both; these commands are for what is left: the device at the site, and the
users' certificates.`: `Les sites d'un client (vpn.ipsec.sites dans sa spécification) atteignent ses
sous-réseaux par des connexions AWS Site-to-Site VPN, de deux tunnels IPsec chacune,
et ses utilisateurs (vpn.openvpn.users) par un point de terminaison AWS Client VPN,
avec OpenVPN. client create crée les deux ; ces commandes servent à ce qui reste :
l'équipement du site et les certificats des utilisateurs.`,

		// cicdctl vpn config
		"Print the configuration of a site's VPN device":                     "Afficher la configuration de l'équipement VPN d'un site",
		"Print what the device at a site is to be set to, for both tunnels:": "Afficher les réglages de l'équipement d'un site, pour les deux tunnels :",
		`  --format strongswan   all files of a Linux gateway with strongSwan (swanctl)
  --format generic      a table for any device`: `  --format strongswan   tous les fichiers d'une passerelle strongSwan sous Linux
  --format generic      un tableau, pour tout équipement`,
		`Pre-shared keys are included only with --show-secrets. They are read from AWS at that
moment and kept nowhere else. With --dir, the files are written below a directory
that stands for the root of the gateway, the keys in their own file with mode 0600.`: `Les clés pré-partagées n'y figurent qu'avec --show-secrets. Elles sont lues sur AWS
à ce moment et ne sont gardées nulle part ailleurs. Avec --dir, les fichiers sont
écrits sous un répertoire qui représente la racine de la passerelle, les clés dans
leur propre fichier en mode 0600.`,
		"write the files below this directory instead of printing them": "écrire les fichiers sous ce répertoire au lieu de les afficher",
		"strongswan or generic":       "strongswan ou generic",
		"include the pre-shared keys": "inclure les clés pré-partagées",

		// cicdctl vpn rotate
		"Replace the pre-shared keys of a site's tunnels": "Remplacer les clés pré-partagées des tunnels d'un site",
		`Replace the pre-shared key of one tunnel of a site: tunnel 1, or the one that is
down. The tunnel is down until the device at the site has the new key (see cicdctl
vpn config), so change the device, check with cicdctl vpn status that the tunnel is
up again, and then rotate the other one with --tunnel.`: `Remplacer la clé pré-partagée d'un tunnel d'un site : le tunnel 1, ou celui qui est
tombé. Le tunnel est coupé jusqu'à ce que l'équipement du site ait la nouvelle clé
(voir cicdctl vpn config) : modifier l'équipement, vérifier avec cicdctl vpn status
que le tunnel est remonté, puis passer à l'autre avec --tunnel.`,
		`With --wait, do both: wait until the first tunnel is up with its new key before the
second one gets one, then until that is up as well. Change the device meanwhile, from
another terminal; --timeout limits the wait.`: `Avec --wait, faire les deux : attendre que le premier tunnel soit monté avec sa
nouvelle clé avant d'en donner une au second, puis que celui-ci le soit aussi.
Modifier l'équipement entre-temps, depuis un autre terminal ; --timeout limite
l'attente.`,
		"The only tunnel that is up is never touched.":                              "Le seul tunnel monté n'est jamais touché.",
		"the only tunnel that gets a new key: 1 or 2":                               "le seul tunnel qui reçoit une nouvelle clé : 1 ou 2",
		"wait until the tunnel is up with its new key, then go on to the other one": "attendre que le tunnel soit monté avec sa nouvelle clé, puis passer à l'autre",

		// cicdctl vpn status
		"Show a client's tunnels, certificates and sessions": "Afficher les tunnels, les certificats et les sessions d'un client",
		`Show for each site of a client its VPN connection and both tunnels: AWS's address,
whether the tunnel is up, since when, and what AWS says about it. For OpenVPN, show
the endpoint, until when its revocation list is valid, how many users have valid
certificates, and how many sessions are open. Read-only.`: `Afficher pour chaque site d'un client sa connexion VPN et ses deux tunnels :
l'adresse côté AWS, si le tunnel est monté, depuis quand, et ce qu'AWS en dit. Pour
OpenVPN, afficher le point de terminaison, jusqu'à quand sa liste de révocation est
valable, combien d'utilisateurs ont un certificat valable et combien de sessions
sont ouvertes. Lecture seule.`,

		// cicdctl vpn user
		"Manage the certificates of OpenVPN users": "Gérer les certificats des utilisateurs OpenVPN",
		`Each client has a certificate authority of its own, whose key never leaves AWS KMS.
A user's private key is made on this machine and kept in the .ovpn file only.
Which certificates were issued is recorded in the admin bucket.`: `Chaque client a sa propre autorité de certification, dont la clé ne quitte jamais
AWS KMS. La clé privée d'un utilisateur est créée sur cette machine et n'est gardée
que dans le fichier .ovpn. Les certificats émis sont notés dans le bucket
d'administration.`,

		// cicdctl vpn user add
		"Issue a certificate and write the user's .ovpn file": "Émettre un certificat et écrire le fichier .ovpn de l'utilisateur",
		`Issue a certificate for a user in vpn.openvpn.users and write a .ovpn file for
OpenVPN clients, with everything inline. The file is written once, with mode 0600,
and never replaces an existing file. It has the only copy of the private key.`: `Émettre un certificat pour un utilisateur de vpn.openvpn.users et écrire un fichier
.ovpn pour les clients OpenVPN, qui contient tout. Le fichier est écrit une seule
fois, en mode 0600, et ne remplace jamais un fichier existant. Il a la seule copie
de la clé privée.`,
		`The serial number is recorded before the certificate is issued, so that it can be
revoked whatever happens.`: `Le numéro de série est noté avant l'émission du certificat, si bien que celui-ci
peut être révoqué quoi qu'il arrive.`,
		"days for which the certificate is valid: 1 to 825": "nombre de jours de validité du certificat : de 1 à 825",
		"file to write (default: <name>-<person>.ovpn)":     "fichier à écrire (par défaut : <nom>-<utilisateur>.ovpn)",

		// cicdctl vpn user list
		"List users and their certificates": "Lister les utilisateurs et leurs certificats",
		`List all certificates of a client's users, with state and expiry, and the users in
the spec that have none. Read-only.`: `Lister tous les certificats des utilisateurs d'un client, avec leur état et leur
date d'expiration, et les utilisateurs de la spécification qui n'en ont pas. Lecture
seule.`,

		// cicdctl vpn user renew
		"Replace a user's certificate": "Remplacer le certificat d'un utilisateur",
		`Issue a new certificate for a user, write a new .ovpn file, and revoke all earlier
certificates of the user. AWS ends all sessions of the endpoint when it takes the
new revocation list; users can connect again.`: `Émettre un nouveau certificat pour un utilisateur, écrire un nouveau fichier .ovpn
et révoquer tous ses certificats antérieurs. AWS met fin à toutes les sessions du
point de terminaison quand il prend la nouvelle liste de révocation ; les
utilisateurs peuvent se reconnecter.`,

		// cicdctl vpn user revoke
		"Revoke all certificates of a user": "Révoquer tous les certificats d'un utilisateur",
		`Revoke every certificate of a user that has not expired, import the new revocation
list into the endpoint, and end the user's sessions. AWS may take up to 4 hours to
use the list, and then ends all sessions of the endpoint; others can connect again.`: `Révoquer tous les certificats non expirés d'un utilisateur, importer la nouvelle
liste de révocation dans le point de terminaison et mettre fin aux sessions de
l'utilisateur. AWS peut mettre jusqu'à 4 heures à utiliser la liste, et met alors
fin à toutes les sessions du point de terminaison ; les autres peuvent se
reconnecter.`,
		"Running the command again is safe, also after an error.": "On peut relancer la commande sans risque, même après une erreur.",

		// cicdctl vpn user sessions
		"List who is connected": "Lister qui est connecté",
		`List the open sessions of a client's users: since when, with which address, and how
much was transferred. Read-only.`: `Lister les sessions ouvertes des utilisateurs d'un client : depuis quand, avec
quelle adresse, et combien a été transféré. Lecture seule.`,
	}
}
