package lang

// frenchHelpClients is the help on clients, deployments, keys and pipelines.
func frenchHelpClients() map[string]string {
	return map[string]string{
		// cicdctl client
		"Create, inspect and destroy clients": "Créer, examiner et supprimer des clients",
		"A client is a set of AWS resources in one region, described by one YAML file.": `Un client est un ensemble de ressources AWS dans une région, décrit par un fichier
YAML.`,

		// cicdctl client create
		"Create, update or repair a client": "Créer, mettre à jour ou réparer un client",
		`Apply a client's spec file: create missing resources, update resources that differ,
and delete those removed from the file. Running it again resumes an interrupted run,
repairs manual changes, and does nothing if there is no difference.`: `Appliquer le fichier de spécification d'un client : créer les ressources manquantes,
mettre à jour celles qui diffèrent et supprimer celles retirées du fichier. Relancer
la commande reprend une exécution interrompue, répare les modifications manuelles,
et ne fait rien s'il n'y a pas de différence.`,
		`Without a spec file, the defaults of the infrastructure document apply, and a file is
written to the spec directory. Keep it in version control.`: `Sans fichier de spécification, les valeurs par défaut du document d'infrastructure
s'appliquent, et un fichier est écrit dans le répertoire des spécifications. Le
garder sous gestion de versions.`,
		`The command never touches another client, and changes only resources with cicdctl's
tags.`: `La commande ne touche jamais un autre client, et ne modifie que les ressources qui
portent les tags de cicdctl.`,
		`What is removed from the file is deleted with what runs in it or is held by it: a
service's tasks, images, logs and deployments, a domain's certificate, a load
balancer's name and ports, a database instance, a site's tunnels, all VPN users'
access. A new name is a removal too. The first lines of the plan list it, and each
has to be agreed to by its name: typed at the prompt, or with --remove. --yes does
not cover it (exit code 4). Databases, buckets with objects and secrets with values
are kept.`: `Ce qui est retiré du fichier est supprimé avec ce qui y tourne ou ce qu'il
contient : les tâches, images, journaux et déploiements d'un service, le certificat
d'un domaine, le nom et les ports d'un répartiteur de charge, une instance de base
de données, les tunnels d'un site, l'accès de tous les utilisateurs du VPN. Un
changement de nom est aussi une suppression. Les premières lignes du plan en font la
liste, et chacune doit être acceptée par son nom : saisi à l'invite, ou avec
--remove. --yes n'y suffit pas (code de sortie 4). Les bases de données, les buckets
qui contiennent des objets et les secrets qui ont une valeur sont conservés.`,
		`A change that restarts database instances goes one by one, readers first; a failover
then cuts connections for up to a minute before the last one. With --in-window, AWS
changes the class of instances in the client's maintenance window instead. A stopped
database is started if something of it has to be changed.`: `Une modification qui redémarre des instances de base de données les prend l'une
après l'autre, les lecteurs d'abord ; avant la dernière, une bascule coupe les
connexions jusqu'à une minute. Avec --in-window, AWS change plutôt la classe des
instances pendant la fenêtre de maintenance du client. Une base de données arrêtée
est démarrée si quelque chose doit y changer.`,
		"restart no database now: change the class of instances in the maintenance window": "ne redémarrer aucune base maintenant : changer la classe dans la fenêtre de maintenance",

		// cicdctl client destroy
		"Destroy a client but keep its data": "Supprimer un client en gardant ses données",
		`Delete the AWS resources of a client. The plan's first lines say what is lost and
what is kept. The command asks you to type the client's name, which agrees to all of
it. With --region, no spec file is needed; the spec file is kept.`: `Supprimer les ressources AWS d'un client. Les premières lignes du plan disent ce qui
est perdu et ce qui est conservé. La commande demande de saisir le nom du client, ce
qui vaut accord pour le tout. Avec --region, aucun fichier de spécification n'est
nécessaire ; s'il y en a un, il est conservé.`,
		`Data is kept: a final database snapshot, buckets that contain objects, and the KMS
keys that encrypt them. Archives and monthly copies are kept until the expiry date
shown. With --purge-data, all of it is permanently deleted. If the client does not
exist, the command succeeds.`: `Les données sont conservées : un instantané final de la base, les buckets qui
contiennent des objets, et les clés KMS qui les chiffrent. Les archives et les
copies mensuelles sont conservées jusqu'à la date d'expiration affichée. Avec
--purge-data, tout est supprimé définitivement. Si le client n'existe pas, la
commande réussit.`,
		"Only resources with the client's tags are deleted, never those that clients share.": `Seules les ressources qui portent les tags du client sont supprimées, jamais celles
que les clients partagent.`,
		"name of the client, skips the prompt":       "nom du client, évite la question",
		"also delete data: buckets, snapshots, keys": "supprimer aussi les données : buckets, instantanés, clés",

		// cicdctl client import
		"Give a resource its lost tags back": "Rendre à une ressource les tags qu'elle a perdus",
		`Write cicdctl's tags on a resource that has lost them, so that it is the client's, or
the region's, again. Without its tags a resource belongs to nobody: client create is
refused rather than make a second one, and prints this command.`: `Écrire les tags de cicdctl sur une ressource qui les a perdus, pour qu'elle soit de
nouveau au client, ou à la région. Sans ses tags, une ressource n'est à personne :
client create refuse alors d'en créer une seconde, et affiche cette commande.`,
		`Only the tags are written. The next client plan shows what else differs. A resource
that carries the tags of another client is refused.`: `Seuls les tags sont écrits. Le client plan suivant montre ce qui diffère encore. Une
ressource qui porte les tags d'un autre client est refusée.`,

		// cicdctl client list
		"List the clients on AWS and in the spec directory": "Lister les clients sur AWS et dans le répertoire des spécifications",
		`List the clients that have subnets in one of the four regions, and those that have a
spec file but have not been created. Read-only.`: `Lister les clients qui ont des sous-réseaux dans l'une des quatre régions, et ceux
qui ont un fichier de spécification mais n'ont pas été créés. Lecture seule.`,
		"list only this region": "lister cette région seulement",

		// cicdctl client plan
		"Show the changes that client create would make": "Afficher les changements que ferait client create",
		`Compare the client's resources on AWS with its spec file and show each difference:
missing resources, manual changes, and conflicts. The first lines say what is lost
with what create would remove; in JSON, "removals" has the flags that agree to it.`: `Comparer les ressources du client sur AWS avec son fichier de spécification et
afficher chaque différence : ressources manquantes, modifications manuelles et
conflits. Les premières lignes disent ce qui serait perdu avec ce que create
supprimerait ; en JSON, « removals » contient les options qui l'acceptent.`,
		`A plan that is longer than a screen counts what is created, unless it is billed by
the hour or reached from the internet; --full shows every line.`: `Un plan plus long qu'un écran compte ce qui est créé, sauf ce qui est facturé à
l'heure ou joignable depuis Internet ; --full affiche toutes les lignes.`,
		"Read-only. Exit codes: 0 no changes, 3 changes pending, 4 create would refuse.": `Lecture seule. Codes de sortie : 0 aucun changement, 3 changements en attente, 4
create refuserait.`,
		"for a comment on a merge request": "en commentaire de merge request",
		"without a spec file":              "sans fichier de spécification",

		// cicdctl client show
		"Show a client's resources, endpoints and next steps": "Afficher les ressources, adresses et étapes suivantes d'un client",
		`Show a client as it exists on AWS: network address ranges, endpoints, resources and
next steps.`: `Afficher un client tel qu'il existe sur AWS : plages d'adresses, points d'accès,
ressources et étapes suivantes.`,
		`Read-only, and with few calls: client plan tells what differs from the spec file,
region show what the clients of a region share. A client without a spec file is
searched for in the given region, or in all four.`: `Lecture seule, et avec peu d'appels : client plan dit ce qui diffère de la
spécification, region show ce que partagent les clients d'une région. Un client sans
fichier de spécification est cherché dans la région donnée, ou dans les quatre.`,

		// cicdctl completion
		"Print a shell completion script": "Afficher un script de complétion pour le shell",
		`Print a completion script for bash, zsh, fish or powershell. It completes commands,
flags, regions and client names. No configuration is read.`: `Afficher un script de complétion pour bash, zsh, fish ou powershell. Il complète les
commandes, les options, les régions et les noms de clients. Aucune configuration
n'est lue.`,

		// cicdctl deploy
		"Deploy an image to a service; rolls back on failure": "Déployer une image vers un service ; retour arrière en cas d'échec",
		`Deploy an image from the service's own ECR repository. The command registers a new
task definition revision in which only the image digest differs, updates the ECS
service, reports ECS events, and waits until all tasks run. If they fail, ECS rolls
back to the previous revision and the command exits with code 1, showing why the
tasks stopped and the last lines of their logs.`: `Déployer une image du dépôt ECR du service. La commande enregistre une nouvelle
révision de la définition de tâche, où seul le digest de l'image diffère, met à jour
le service ECS, rapporte les événements d'ECS et attend que toutes les tâches
tournent. Si elles échouent, ECS revient à la révision précédente, et la commande se
termine avec le code 1 en affichant pourquoi les tâches se sont arrêtées et les
dernières lignes de leurs journaux.`,
		`REF is a tag, REPOSITORY:TAG or REPOSITORY@sha256:DIGEST. Images of other clients or
services are refused, as are images without a scan or with critical findings; the
command waits for a running scan. --accept-findings deploys the image anyway and
records the reason in a tag of the revision. prod accepts only images that ran in
preview, unless --skip-preview is given.`: `REF est un TAG, DÉPÔT:TAG ou DÉPÔT@sha256:DIGEST. Les images d'autres clients ou
services sont refusées, de même que celles qui n'ont pas d'analyse de vulnérabilités
ou en ont de critiques ; la commande attend la fin d'une analyse en cours.
--accept-findings déploie tout de même l'image et inscrit la raison dans un tag de
la révision. prod n'accepte que des images qui ont tourné en preview, sauf avec
--skip-preview.`,
		`The first deployment sets the task count (2 for web servers, 1 for file transfer).
Later deployments keep it unless it exceeds the limit of the runtime. A
deployment is refused while another one is in progress; one that has been stuck for
half an hour can be replaced.`: `Le premier déploiement fixe le nombre de tâches (2 pour les serveurs web, 1 pour le
transfert de fichiers). Les suivants le gardent, sauf s'il dépasse la limite de
l'environnement d'exécution. Un déploiement est refusé tant qu'un autre est en
cours ; un déploiement bloqué depuis une demi-heure peut être remplacé.`,
		`After an interruption, run the same command again: it resumes without registering a
second revision. Ctrl-C and --timeout end only the waiting; ECS continues.`: `Après une interruption, relancer la même commande : elle reprend sans enregistrer
une seconde révision. Ctrl-C et --timeout ne mettent fin qu'à l'attente ; ECS
continue.`,
		"reason to deploy an image that has critical findings or no scan": "raison de déployer une image sans analyse ou avec des vulnérabilités critiques",
		"image: TAG, REPOSITORY:TAG or REPOSITORY@sha256:DIGEST":          "image : TAG, DÉPÔT:TAG ou DÉPÔT@sha256:DIGEST",
		"allow an image in prod that never ran in preview":                "accepter en prod une image qui n'a jamais tourné en preview",

		// cicdctl deploy list
		"List the deployments of a service": "Lister les déploiements d'un service",
		`List the task definition revisions that deployments registered, newest first: image,
time, user and result. Revisions that ran can be rolled back to. Read-only.`: `Lister les révisions de la définition de tâche que les déploiements ont
enregistrées, de la plus récente à la plus ancienne : image, heure, utilisateur et
résultat. On peut revenir à celles qui ont tourné. Lecture seule.`,
		"maximum number of deployments to list": "nombre maximal de déploiements à lister",

		// cicdctl deploy restart
		"Restart tasks so that they reload secrets": "Redémarrer les tâches pour qu'elles rechargent leurs secrets",
		`Replace the tasks of a service with new tasks of the same revision, and wait until
all run. New tasks reload their secrets, for example after cicdctl app users set.
Web servers stay available during the restart. FTP services stop the old task first,
which aborts transfers in progress.`: `Remplacer les tâches d'un service par de nouvelles tâches de la même révision, et
attendre que toutes tournent. Les nouvelles tâches rechargent leurs secrets, par
exemple après cicdctl app users set. Les serveurs web restent disponibles pendant le
redémarrage. Les services FTP arrêtent d'abord l'ancienne tâche, ce qui interrompt
les transferts en cours.`,

		// cicdctl deploy rollback
		"Roll back a service to an earlier revision": "Revenir à une révision antérieure d'un service",
		`Deploy an earlier task definition revision unchanged: the last one that ran with a
different image, or the one given by --to. Only revisions that ran are accepted, and
only if their image still exists in the repository. Scan findings are not checked,
because the image has already run.`: `Déployer telle quelle une révision antérieure de la définition de tâche : la
dernière qui a tourné avec une autre image, ou celle que donne --to. Ne sont
acceptées que les révisions qui ont tourné, et dont l'image existe encore dans le
dépôt. Les vulnérabilités ne sont pas vérifiées, car l'image a déjà tourné.`,
		`A deployment in progress is cancelled. Running the command again changes nothing; to
go further back, use --to.`: `Un déploiement en cours est annulé. Relancer la commande ne change rien ; pour
remonter plus loin, utiliser --to.`,
		"revision number or name, or tag or digest of its image": "numéro ou nom de révision, ou tag ou digest de son image",

		// cicdctl deploy status
		"Show the running image and tasks of services": "Afficher l'image et les tâches en service",
		`Show for each service, or the given one, what runs in preview and prod: image,
revision, number of tasks, and whether a deployment is in progress or has failed.
Problems are shown with the latest ECS event.`: `Afficher pour chaque service, ou pour celui qui est donné, ce qui tourne en preview
et en prod : image, révision, nombre de tâches, et si un déploiement est en cours ou
a échoué. Les problèmes sont affichés avec le dernier événement d'ECS.`,
		"Read-only. The exit code is 0 even if there are problems.": "Lecture seule. Le code de sortie est 0 même s'il y a des problèmes.",

		// cicdctl doctor
		"Check credentials, quotas and address space": "Vérifier les identifiants, les quotas et l'espace d'adresses",
		`Check whether the account and region have room for another client with default
settings: credentials, availability zones, free network slots, and service quotas,
those of VPNs too where a client of the region has VPNs in its spec.
Also show who can read private keys (admins) and who can audit without reading them
(auditors).`: `Vérifier si le compte et la région ont de la place pour un client de plus avec les
valeurs par défaut : identifiants, zones de disponibilité, places libres du réseau
et quotas de service, y compris ceux des VPN si un client de la région en a dans sa
spécification. Afficher aussi qui peut lire les clés privées (admins) et qui peut
auditer sans les lire (auditors).`,
		"Read-only. Exit codes: 4 a quota is too low, 5 no free slot.": "Lecture seule. Codes de sortie : 4 un quota est trop bas, 5 aucune place libre.",
		"region to look at (admin_region of the configuration)":        "région à examiner (par défaut : admin_region de la configuration)",

		// cicdctl exec
		"Open a shell in a running task of a service": "Ouvrir un shell dans une tâche en marche d'un service",
		`Open a shell (/bin/sh), or run a command, in a container of a running task with ECS
Exec. AWS's Session Manager plugin carries the session and has to be installed. Of
several tasks, the one that runs longest is taken; --task chooses another by its ID
or the beginning of it.`: `Ouvrir un shell (/bin/sh), ou lancer une commande, dans un conteneur d'une tâche en
marche, avec ECS Exec. L'extension Session Manager d'AWS transporte la session et
doit être installée. S'il y a plusieurs tâches, celle qui tourne depuis le plus
longtemps est choisie ; --task en choisit une autre par son identifiant ou le début
de celui-ci.`,
		"exec is off unless the spec of the service says otherwise, for each environment:": "exec est désactivé sauf si la spécification du service l'active, par environnement :",
		`Then client create, and deploy the same image again: only new tasks have it. AWS
supports no read-only root file system with ECS Exec, so the containers can then
write to theirs, which cicdctl audit reports (ECS.5) together with the shell itself.
Sessions are encrypted with the client's KMS key, and what is typed and shown is
logged to /cicdctl/<client>/exec. CloudTrail records who opened them.`: `Ensuite, lancer client create et redéployer la même image : seules les nouvelles
tâches en disposent. AWS n'accepte pas ECS Exec avec un système de fichiers racine
en lecture seule : les conteneurs peuvent alors écrire dans le leur, ce que cicdctl
audit signale (ECS.5), comme le shell lui-même. Les sessions sont chiffrées avec la
clé KMS du client, et ce qui est tapé et affiché est journalisé dans
/cicdctl/<client>/exec. CloudTrail enregistre qui les a ouvertes.`,
		"container (default: the one with the service's name)":                        "conteneur (par défaut : celui qui porte le nom du service)",
		"task, by its ID or the beginning of it (default: the one that runs longest)": "tâche, par son identifiant ou le début de celui-ci (par défaut : la plus ancienne)",

		// cicdctl iam-policy
		"Print the IAM policies that operators need": "Afficher les politiques IAM dont les opérateurs ont besoin",
		`Print the IAM policies for users of cicdctl, generated from the API operations that
it calls. No AWS access is needed.`: `Afficher les politiques IAM des utilisateurs de cicdctl, générées d'après les
opérations d'API qu'il appelle. Aucun accès à AWS n'est nécessaire.`,
		`Without --read-only, prints several policies that together allow everything, because
IAM limits a policy to 6,144 characters. Attach all of them. Where IAM supports it,
changes are restricted to cicdctl's tags or names and to the four regions. Anyone who
can create roles can grant any permission: treat operators as administrators, or set
a permissions boundary.`: `Sans --read-only, affiche plusieurs politiques qui ensemble permettent tout, car IAM
limite une politique à 6 144 caractères. Les attacher toutes. Là où IAM le permet,
les modifications sont limitées aux tags ou aux noms de cicdctl et aux quatre
régions. Qui peut créer des rôles peut accorder n'importe quelle permission :
traiter les opérateurs comme des administrateurs, ou fixer une limite de permissions
(permissions boundary).`,
		`With --read-only, prints one policy for plan, show, list, doctor, backup list and
audit. The admin bucket and its KMS key additionally restrict access to the admins
and auditors in the configuration: add the reader's role or user to auditors and
have an admin run client create once, for any client. Auditors can see that private
keys exist and how they are stored, but cannot change them, and KMS does not decrypt
private keys for them, regardless of their IAM permissions.`: `Avec --read-only, affiche une seule politique pour plan, show, list, doctor, backup
list et audit. Le bucket d'administration et sa clé KMS limitent en plus l'accès aux
admins et aux auditors de la configuration : ajouter à auditors le rôle ou
l'utilisateur du lecteur, et faire lancer client create par un administrateur, pour
un client quelconque. Les auditeurs voient que les clés privées existent et comment
elles sont gardées, mais ne peuvent pas y toucher, et KMS ne déchiffre pas de clé
privée pour eux, quelles que soient leurs permissions IAM.`,
		"one file per policy, with instructions":      "un fichier par politique, expliqué",
		"write one file per policy to this directory": "écrire un fichier par politique dans ce répertoire",
		"print the read-only policy":                  "afficher la politique en lecture seule",

		// cicdctl key
		"Show and rotate the SSH key pair of a client": "Afficher et renouveler la paire de clés SSH d'un client",
		`Each client has one RSA key pair, with which its hosts are started. client create
makes it and keeps the private key in the admin bucket, where only the admins of the
configuration can read it; EC2 has the public key alone.`: `Chaque client a une paire de clés RSA, avec laquelle ses hôtes sont démarrés. client
create la crée et garde la clé privée dans le bucket d'administration, où seuls les
admins de la configuration peuvent la lire ; EC2 n'a que la clé publique.`,

		// cicdctl key rotate
		"Replace a client's SSH key pair, on all hosts": "Remplacer la paire de clés SSH d'un client, sur tous les hôtes",
		`Make a new SSH key pair for a client and start its hosts with it. The escrow keeps
the old key as an earlier version. EC2 gets a second key pair, because the key of a
pair cannot be changed, the launch template names it, and the hosts are replaced as
in the weekly renewal: each once another one is there and has taken over its tasks.
The old key is removed from the escrow once no instance is left that was started with
it; instances that somebody has started with it by hand are named and left alone.`: `Créer une nouvelle paire de clés SSH pour un client et démarrer ses hôtes avec elle.
Le séquestre garde l'ancienne clé comme version antérieure. EC2 reçoit une seconde
paire de clés, car la clé d'une paire ne peut pas changer, le modèle de lancement la
nomme, et les hôtes sont remplacés comme au renouvellement hebdomadaire : chacun une
fois qu'un autre est là et a repris ses tâches. L'ancienne clé est retirée du
séquestre quand il ne reste aucune instance démarrée avec elle ; les instances que
quelqu'un a démarrées à la main avec elle sont nommées et laissées telles quelles.`,
		`With --in-window, the hosts are left to the weekly renewal in the maintenance window.
Run the command again afterwards to remove the old key.`: `Avec --in-window, le remplacement des hôtes est laissé au renouvellement
hebdomadaire, dans la fenêtre de maintenance. Relancer la commande ensuite pour
supprimer l'ancienne clé.`,
		`Run the same command again after an interruption: it goes on where it was. Ctrl-C and
--timeout end only the waiting for hosts; AWS goes on replacing them.`: `Après une interruption, relancer la même commande : elle reprend où elle en était.
Ctrl-C et --timeout ne mettent fin qu'à l'attente des hôtes ; AWS continue de les
remplacer.`,
		"leave the hosts to the weekly renewal in the maintenance window": "laisser les hôtes au renouvellement hebdomadaire, dans la fenêtre de maintenance",

		// cicdctl key show
		"Show a client's key, where it is kept and who can read it": "Afficher la clé d'un client, où elle est gardée et qui peut la lire",
		`Show a client's SSH key: the public key, its fingerprint, where the private key is
kept, who can read it, and which key pair each host was started with. Keys that were
replaced are listed as long as they are in escrow.`: `Afficher la clé SSH d'un client : la clé publique, son empreinte, où la clé privée
est gardée, qui peut la lire, et avec quelle paire de clés chaque hôte a été
démarré. Les clés remplacées sont listées tant qu'elles sont sous séquestre.`,
		`The private key is read only with --show-secrets, which prints it, or --out, which
writes it into a new file with mode 0600. Only admins can do that: AWS refuses
others. --old FINGERPRINT takes an earlier key, for hosts that still have it.`: `La clé privée n'est lue qu'avec --show-secrets, qui l'affiche, ou --out, qui l'écrit
dans un nouveau fichier en mode 0600. Seuls les administrateurs le peuvent : AWS
refuse les autres. --old EMPREINTE prend une clé antérieure, pour les hôtes qui
l'ont encore.`,
		"fingerprint of an earlier key, whose private key is meant": "empreinte d'une clé antérieure, dont la clé privée est demandée",
		"write the private key into this new file (mode 0600)":      "écrire la clé privée dans ce nouveau fichier (mode 0600)",
		"print the private key":                                     "afficher la clé privée",

		// cicdctl logs
		"Show what the containers of a service log": "Afficher ce que journalisent les conteneurs d'un service",
		`Show the log lines of a service's tasks from CloudWatch Logs, oldest first, each with
its time (UTC) and the first characters of the task's ID. With --output json, each
line is one JSON object.`: `Afficher les lignes de journal des tâches d'un service dans CloudWatch Logs, les
plus anciennes d'abord, chacune avec son heure (UTC) et les premiers caractères de
l'identifiant de la tâche. Avec --output json, chaque ligne est un objet JSON.`,
		`--follow continues with new lines until Ctrl-C or --timeout, and then exits with 0.
To keep the lines of several tasks in order, new lines are shown a few seconds late.
Lines that reach CloudWatch Logs more than 30 seconds late appear only without
--follow.`: `--follow continue avec les nouvelles lignes jusqu'à Ctrl-C ou --timeout, puis se
termine avec le code 0. Pour garder dans l'ordre les lignes de plusieurs tâches, les
nouvelles sont affichées avec quelques secondes de retard. Les lignes qui arrivent
dans CloudWatch Logs avec plus de 30 secondes de retard n'apparaissent que sans
--follow.`,
		`--grep takes a regular expression (RE2). cicdctl shows what the application logs;
keeping secrets out of it is up to the application.`: `--grep prend une expression rationnelle (RE2). cicdctl affiche ce que l'application
journalise ; c'est à elle de n'y mettre aucun secret.`,
		"continue with new lines until interrupted":          "continuer avec les nouvelles lignes jusqu'à interruption",
		"show only lines that match this regular expression": "n'afficher que les lignes qui correspondent à cette expression rationnelle",
		"how far back to begin, for example 30m or 24h":      "remonter d'autant, par exemple 30m ou 24h",

		// cicdctl maintenance
		"Show and change a client's weekly maintenance window": "Afficher et modifier la fenêtre de maintenance d'un client",
		`In the weekly maintenance window, Aurora applies patches and the ECS hosts are
replaced with the latest AMI. The window is in the client's local time.`: `Pendant la fenêtre de maintenance hebdomadaire, Aurora applique ses correctifs et
les hôtes ECS sont remplacés avec la dernière AMI. La fenêtre est à l'heure locale
du client.`,

		// cicdctl maintenance set
		"Change a client's weekly maintenance window": "Modifier la fenêtre de maintenance hebdomadaire d'un client",
		`Update the window in the client's spec file and apply the spec, as client create
does. Other values and all comments in the file are preserved. The plan is shown
first, and the file is written after confirmation. --remove is that of client create.`: `Écrire la fenêtre dans le fichier de spécification du client et appliquer celui-ci,
comme le fait client create. Les autres valeurs et tous les commentaires du fichier
sont conservés. Le plan est d'abord affiché, et le fichier écrit après confirmation.
--remove est celui de client create.`,
		`The format is ddd:HH:MM-ddd:HH:MM in local time, at least 30 minutes and less than 24
hours. The window must not overlap the backup window, which is in UTC, in winter or
summer time. Without --timezone, the time zone is kept.`: `Le format est ddd:HH:MM-ddd:HH:MM à l'heure locale (jours en anglais : mon, tue…),
d'une durée d'au moins 30 minutes et de moins de 24 heures. La fenêtre ne doit pas
chevaucher celle de sauvegarde, qui est en UTC, ni en hiver ni en été. Sans
--timezone, le fuseau horaire est conservé.`,
		"IANA time zone of the window, for example Europe/Paris": "fuseau horaire IANA de la fenêtre, par exemple Europe/Paris",

		// cicdctl maintenance show
		"Show a client's weekly maintenance window": "Afficher la fenêtre de maintenance hebdomadaire d'un client",
		`Show the window from the client's spec file in local time and UTC, for winter and
summer, with the next occurrence and what happens in it. No AWS access is needed.`: `Afficher la fenêtre du fichier de spécification du client à l'heure locale et en
UTC, en hiver et en été, avec la prochaine occurrence et ce qui s'y passe. Aucun
accès à AWS n'est nécessaire.`,

		// cicdctl pipeline
		"Generate GitLab pipelines for apps": "Générer les pipelines GitLab des applications",
		`An app's GitLab pipeline builds, tests and deploys its services without AWS access
keys: client create makes an IAM role for each app, which only pipelines of the
repository and branch in the spec can assume (OIDC).`: `Le pipeline GitLab d'une application construit, teste et déploie ses services sans
clé d'accès AWS : client create crée un rôle IAM par application, que seuls peuvent
endosser les pipelines du dépôt et de la branche indiqués dans la spécification
(OIDC).`,

		// cicdctl pipeline render
		"Print an app's GitLab pipeline": "Afficher le pipeline GitLab d'une application",
		`Print the .gitlab-ci.yml of an app, with the stages build, test, stage and deploy for
each service. stage deploys to preview automatically; deploy is a manual job that
deploys to prod, and can be restricted with a protected environment. Merge request
pipelines only build and test.`: `Afficher le .gitlab-ci.yml d'une application, avec les étapes build, test, stage et
deploy de chaque service. stage déploie en preview automatiquement ; deploy est une
tâche manuelle qui déploie en prod, et qu'un environnement protégé peut restreindre.
Les pipelines de merge request ne font que construire et tester.`,
		"The account ID is read from AWS unless --account is given.": "L'identifiant du compte est lu sur AWS, sauf avec --account.",
	}
}
