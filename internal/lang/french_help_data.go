package lang

// frenchHelpData is the help on the whole, on the account, apps, audits and backups.
func frenchHelpData() map[string]string {
	return map[string]string{
		// cicdctl
		"Manage the AWS resources of clients": "Gérer les ressources AWS des clients",
		`cicdctl manages the AWS resources of each client: three private subnets, a network
ACL, security groups, keys and roles, buckets, ECS services behind a load balancer,
and an Aurora database. The same command creates, updates and repairs them.`: `cicdctl gère les ressources AWS de chaque client : trois sous-réseaux privés, une
ACL réseau, des groupes de sécurité, des clés et des rôles, des buckets, des
services ECS derrière un répartiteur de charge et une base de données Aurora. La
même commande les crée, les met à jour et les répare.`,
		`There is no state file: resources are identified by their tags, and cicdctl changes
only resources with its own tags. Changes are made only after the plan was shown and
confirmed. The account comes from the standard AWS environment (AWS_PROFILE, SSO, …).
With --sandbox, commands use a simulated AWS account and never contact AWS.`: `Il n'y a pas de fichier d'état : les ressources sont reconnues à leurs tags, et
cicdctl ne modifie que celles qui portent les siens. Rien n'est modifié avant que le
plan soit affiché et confirmé. Le compte est celui de l'environnement AWS habituel
(AWS_PROFILE, SSO…). Avec --sandbox, les commandes utilisent un compte AWS simulé et
ne contactent jamais AWS.`,
		"try without AWS": "essayer sans AWS",
		"configuration file (default: ./cicdctl.yaml, then ~/.config/cicdctl/config.yaml)":    "fichier de configuration (par défaut : ./cicdctl.yaml, puis ~/.config/cicdctl/config.yaml)",
		"show every line of a long plan, and of its progress":                                 "afficher toutes les lignes d'un long plan et de son exécution",
		"output language: en or fr (default: from the environment)":                           "langue d'affichage : en ou fr (par défaut : celle de l'environnement)",
		"disable colours; same as setting NO_COLOR":                                           "désactiver les couleurs, comme avec NO_COLOR",
		"do not send what is longer than the terminal through a pager":                        "ne pas passer par un pager ce qui dépasse la hauteur du terminal",
		"output format: text or json":                                                         "format de sortie : text ou json",
		"append AWS requests and responses to this file, with secrets and identifiers masked": "ajouter à ce fichier les requêtes et réponses d'AWS, secrets et identifiants masqués",
		"use a simulated AWS account instead of AWS":                                          "utiliser un compte AWS simulé au lieu d'AWS",
		"file with the state of the sandbox; implies --sandbox":                               "fichier de l'état du bac à sable ; implique --sandbox",
		"directory of the clients' spec files":                                                "répertoire des fichiers de spécification des clients",
		"stop after this duration, for example 45m (default: no limit)":                       "arrêter après cette durée, par exemple 45m (par défaut : sans limite)",
		"show all events, including retries":                                                  "afficher tous les événements, y compris les nouvelles tentatives",

		// cicdctl account
		"Manage what the clients of all regions share": "Gérer ce que partagent les clients de toutes les régions",

		// cicdctl account tidy
		"Remove what the configuration no longer asks for in the account": "Supprimer du compte ce que la configuration ne demande plus",
		`With trail_alarms: false in the configuration, or with a trail of the
organization, the alarms on the account's own trail are no longer needed, but
CloudWatch still bills each. The command removes the alarms, their topic with its
subscriptions, and the role that wrote the trail to CloudWatch Logs. It shows the
plan and asks you to type the account's number. The events in CloudWatch Logs stay
until they expire; the trail in S3 is not touched.`: `Avec trail_alarms: false dans la configuration, ou avec le journal CloudTrail d'une
organisation, les alarmes sur le journal propre au compte ne servent plus, mais
CloudWatch continue de les facturer. La commande supprime ces alarmes, leur rubrique
SNS avec ses abonnements, et le rôle qui écrivait le journal dans CloudWatch Logs.
Elle affiche le plan et demande de saisir le numéro du compte. Les événements
restent dans CloudWatch Logs jusqu'à leur expiration ; le journal dans S3 reste
intact.`,
		"number of the account, skips the prompt": "numéro du compte, évite la question",

		// cicdctl app
		"Generate repository files and manage file-transfer users": "Générer les fichiers des dépôts et gérer les utilisateurs SFTP et FTP",
		`Generate the initial files of an app's Git repository, and manage the users of its
SFTP and FTP services.`: `Générer les premiers fichiers du dépôt Git d'une application, et gérer les
utilisateurs de ses services SFTP et FTP.`,

		// cicdctl app init
		"Generate the initial files of an app's repository":      "Générer les premiers fichiers du dépôt d'une application",
		"Generate the initial files of an app's Git repository:": "Générer les premiers fichiers du dépôt Git d'une application :",
		`  Dockerfile          image for the service's runtime; with several services, one
                      directory per service
  .gitlab-ci.yml      the pipeline (see cicdctl pipeline render)
  compose.yaml        runs the services locally with the same restrictions as on ECS
  .devcontainer/      development container for VS Code, with Docker inside
  .vscode/            recommended extensions, tasks to run it, plan and audit`: `  Dockerfile          image de l'environnement d'exécution du service ; s'il y a
                      plusieurs services, un répertoire par service
  .gitlab-ci.yml      le pipeline (voir cicdctl pipeline render)
  compose.yaml        lance les services en local, avec les restrictions d'ECS
  .devcontainer/      conteneur de développement pour VS Code, avec Docker dedans
  .vscode/            extensions conseillées ; tâches pour lancer, planifier, auditer`,
		`You own these files and can edit them. If files exist and differ, the command asks
before replacing them. Without a terminal it writes nothing unless --yes is given.`: `Ces fichiers sont à vous, et modifiables. S'il en existe qui diffèrent, la commande
demande avant de les remplacer. Sans terminal, elle n'écrit rien, sauf avec --yes.`,
		"repository directory": "répertoire du dépôt",
		"region of the client; only needed without a spec file": "région du client ; nécessaire seulement sans fichier de spécification",
		"spec file (default: <spec-dir>/<name>.yaml)":           "fichier de spécification (par défaut : <spec-dir>/<nom>.yaml)",
		"replace files that differ without asking":              "remplacer sans demander les fichiers qui diffèrent",

		// cicdctl app users
		"Manage the users of SFTP and FTP services": "Gérer les utilisateurs des services SFTP et FTP",
		`Manage the users of SFTP (mysecureshell) and FTP (proftpd) services. The users of
each service and environment are stored in one AWS Secrets Manager secret, encrypted
with the client's KMS key. Containers load it at startup. cicdctl writes the secret
but never reads its value.`: `Gérer les utilisateurs des services SFTP (mysecureshell) et FTP (proftpd). Ceux de
chaque service et de chaque environnement sont gardés dans un secret d'AWS Secrets
Manager, chiffré avec la clé KMS du client. Les conteneurs le chargent au démarrage.
cicdctl écrit le secret mais n'en lit jamais la valeur.`,

		// cicdctl app users list
		"List user secrets and host key fingerprints": "Lister les secrets des utilisateurs et les empreintes des clés d'hôte",
		`List the SFTP and FTP services with, for each environment, whether users are set,
when they were last changed, and the name of the secret. For SFTP, also show the
fingerprint of the host key, which users can verify on first connection; the host
key is created once and does not change.`: `Lister les services SFTP et FTP et indiquer, pour chaque environnement, si des
utilisateurs sont définis, leur dernière modification et le nom du secret. Pour
SFTP, afficher aussi l'empreinte de la clé d'hôte, que les utilisateurs peuvent
vérifier à leur première connexion ; cette clé est créée une fois et ne change pas.`,
		"Read-only. User names are not shown, because cicdctl does not read the secrets.": `Lecture seule. Les noms d'utilisateur ne sont pas affichés, car cicdctl ne lit pas
les secrets.`,
		"region of the client; required only without a spec file": "région du client ; nécessaire seulement sans fichier de spécification",

		// cicdctl app users set
		"Replace the service's user list": "Remplacer la liste d'utilisateurs d'un service",
		`Replace the complete user list of a service in one environment. Keep the file in a
password store: cicdctl cannot read the list back.`: `Remplacer toute la liste d'utilisateurs d'un service dans un environnement. Garder
le fichier dans un gestionnaire de mots de passe : cicdctl ne peut pas relire la
liste.`,
		"The file is JSON; - reads standard input and requires --yes:": "Le fichier est en JSON ; - lit l'entrée standard et exige --yes :",
		`Names start with a lowercase letter, followed by lowercase letters, digits or _ . -
Keys are lines of .pub files (SFTP only); create password hashes with mkpasswd. All
users of an environment share its folder and have access to nothing else.`: `Un nom commence par une lettre minuscule, suivie de minuscules, de chiffres ou de _
. - Les clés sont des lignes de fichiers .pub (SFTP seulement) ; mkpasswd crée les
condensés de mots de passe. Tous les utilisateurs d'un environnement partagent son
dossier et n'ont accès à rien d'autre.`,
		`A list that replaces another needs --remove APP/SERVICE in scripts, or the name typed
at the prompt: who is not in the new list cannot log in any more.`: `Une liste qui en remplace une autre exige --remove APP/SERVICE dans un script, ou le
nom saisi à l'invite : qui n'est pas dans la nouvelle liste ne peut plus se
connecter.`,
		"Running containers keep the previous list until you run cicdctl deploy restart.": "Les conteneurs en marche gardent l'ancienne liste jusqu'à cicdctl deploy restart.",
		"environment: preview or prod":                                   "environnement : preview ou prod",
		"JSON file with the users; - for standard input":                 "fichier JSON des utilisateurs ; - pour l'entrée standard",
		"agree to the removal of this, for example shop/api; repeatable": "accepter cette suppression, par exemple shop/api ; répétable",
		"skip the confirmation prompt":                                   "ne pas demander de confirmation",

		// cicdctl audit
		"Check clients for rule violations, drift, isolation and orphaned resources": "Contrôler règles, dérive, isolation et ressources orphelines",
		"Check the named clients, or all clients, against the state of AWS:":         "Contrôler les clients nommés, ou tous, d'après l'état d'AWS :",
		`  - rules: the infrastructure document, and CIS and AWS Foundational Security Best
    Practices controls under their official IDs (--list-rules);
  - drift: the same differences as client plan;
  - isolation: whether a client can reach another client's addresses, computed from
    the actual network ACLs, security groups and routes;
  - orphans: resources that carry cicdctl's tags but are not in use, and their cost.`: `  - règles : le document d'infrastructure, et les contrôles du CIS et d'AWS
    Foundational Security Best Practices sous leurs identifiants officiels
    (--list-rules) ;
  - dérive : les mêmes différences que client plan ;
  - isolation : si un client peut atteindre les adresses d'un autre, calculé d'après
    les ACL réseau, les groupes de sécurité et les routes réels ;
  - orphelines : les ressources qui portent les tags de cicdctl sans servir, et leur
    coût.`,
		`Read-only. Requires the policy printed by cicdctl iam-policy --read-only and an entry
in auditors in the configuration. Anything that cannot be read is reported as not
audited, never as passed. To accept a finding temporarily, add an exception with a
reason and an end date to the client's spec:`: `Lecture seule. Exige la politique qu'affiche cicdctl iam-policy --read-only et une
entrée sous auditors dans la configuration. Ce qui ne peut pas être lu est signalé
comme non audité, jamais comme conforme. Pour accepter un constat pour un temps,
ajouter à la spécification du client une exception avec une raison et une date de
fin :`,
		`In addition to text and json, --output accepts sarif (code scanning) and junit (test
reports).`: `En plus de text et json, --output accepte sarif (analyse de code) et junit (rapports
de test).`,
		`Exit codes: 0 no findings, 3 findings of severity --fail-on or higher, 1 something
could not be audited.`: `Codes de sortie : 0 aucun constat, 3 constats de gravité --fail-on ou plus, 1
quelque chose n'a pas pu être audité.`,
		"minimum severity for exit code 3: high, medium, low, or none": "gravité minimale pour le code de sortie 3 : high, medium, low ou none",
		"print the rules and exit":                                     "afficher les règles et terminer",
		"audit only this region (default: all four)":                   "auditer cette région seulement (par défaut : les quatre)",

		// cicdctl backup
		"List, create, restore and test database backups": "Lister, créer, restaurer et éprouver les sauvegardes de bases",
		`List the backups of a client's database, restore from them, and measure how long a
restore takes.`: `Lister les sauvegardes de la base de données d'un client, les restaurer et mesurer
la durée d'une restauration.`,

		// cicdctl backup archive
		"Read a monthly archive: bring it out of S3 Glacier and print queries": "Lire une archive mensuelle : sortie de S3 Glacier et requêtes",
		`Show where the archive of a month is stored and print queries that read its tables
with DuckDB and Amazon Athena, with the types that RDS's export writes.`: `Indiquer où se trouve l'archive d'un mois et afficher des requêtes qui lisent ses
tables avec DuckDB et Amazon Athena, avec les types qu'écrit l'export de RDS.`,
		`Archives are in S3 Glacier from the first midnight (UTC) on. The command shows what
it costs to bring the files out, asks for confirmation, and requests them. S3 takes
minutes to hours, depending on --tier; run the same command again to see whether they
are readable, or use --wait. Ctrl-C and --timeout end only the waiting. After --days,
S3 removes the readable copies; the archive stays in S3 Glacier.`: `Les archives sont dans S3 Glacier dès le premier minuit (UTC). La commande indique
ce qu'il en coûte de sortir les fichiers, demande confirmation et les réclame. S3
met de quelques minutes à quelques heures, selon --tier ; relancer la même commande
pour savoir s'ils sont lisibles, ou utiliser --wait. Ctrl-C et --timeout ne mettent
fin qu'à l'attente. Au bout de --days jours, S3 retire les copies lisibles ;
l'archive reste dans S3 Glacier.`,
		"An archive is Parquet, for analysis; it cannot be restored as a database.": `Une archive est en Parquet, pour l'analyse ; elle ne peut pas être restaurée en base
de données.`,
		"days for which the files stay readable":                 "nombre de jours pendant lesquels les fichiers restent lisibles",
		"month of the archive, for example 2026-11":              "mois de l'archive, par exemple 2026-11",
		"region to search if there is no spec file":              "région où chercher sans fichier de spécification",
		"show only this table, for example shop.public.orders":   "afficher cette table seulement, par exemple shop.public.orders",
		"retrieval from S3 Glacier: bulk, standard or expedited": "sortie de S3 Glacier : bulk, standard ou expedited",
		"wait until the files are readable":                      "attendre que les fichiers soient lisibles",

		// cicdctl backup discard
		"Delete a restored copy of a client's database": "Supprimer une copie restaurée de la base d'un client",
		`Delete a restored database cluster with its instances and log groups. The command
shows the plan and asks you to type the cluster's name. backup list shows the
restored copies.`: `Supprimer un cluster de base de données restauré, avec ses instances et ses groupes
de journaux. La commande affiche le plan et demande de saisir le nom du cluster.
backup list affiche les copies restaurées.`,
		`A final snapshot is taken first. With --purge-data, no snapshot is taken and existing
snapshots of the copy are deleted. The client's own database is never deleted. If the
copy does not exist, the command succeeds.`: `Un instantané final est d'abord pris. Avec --purge-data, aucun n'est pris et ceux de
la copie sont supprimés. La base de données du client elle-même n'est jamais
supprimée. Si la copie n'existe pas, la commande réussit.`,
		"name of the copy, skips the prompt":                              "nom de la copie, évite la question",
		"take no final snapshot and delete existing ones":                 "ne pas prendre d'instantané final et supprimer ceux qui existent",
		"region of the client (default: from its spec file, or detected)": "région du client (par défaut : celle de son fichier, sinon cherchée)",

		// cicdctl backup drill
		"Test a database restore and measure RPO and RTO": "Éprouver une restauration et mesurer le RPO et le RTO",
		`Restore the latest restorable time, or with --from another backup, into a temporary
cluster with one instance, wait until it is available, then delete it. Measures:`: `Restaurer le dernier instant restaurable, ou avec --from une autre sauvegarde, dans
un cluster temporaire d'une instance, attendre qu'il soit disponible, puis le
supprimer. Sont mesurés :`,
		`  RPO  age of the restored data
  RTO  time until the restored database can be used`: `  RPO  âge des données restaurées
  RTO  temps écoulé jusqu'à ce que la base restaurée soit utilisable`,
		`The running database is not modified except for a tag with the result, which client
show displays; a drill with --from sets no tag. The results of all drills are kept in
the admin bucket.`: `La base de données en service n'est pas modifiée, sauf un tag avec le résultat, que
client show affiche ; un exercice avec --from n'en pose pas. Les résultats de tous
les exercices sont conservés dans le bucket d'administration.`,
		`The temporary cluster is deleted even after a failure, a timeout or Ctrl-C. If the
process was killed, the next drill deletes it, or any client create run six or more
hours later.`: `Le cluster temporaire est supprimé même après un échec, un délai dépassé ou Ctrl-C.
Si le processus a été tué, l'exercice suivant le supprime, ou tout client create
lancé six heures plus tard ou plus.`,
		"backup to restore, as shown by backup list": "sauvegarde à restaurer, telle que backup list la nomme",

		// cicdctl backup list
		"List database backups and missing ones": "Lister les sauvegardes de la base et celles qui manquent",
		`List all backups of a client's database: the point-in-time restore window, automated
backups kept after a destroy, monthly restorable copies, snapshots, and S3 Glacier
archives (for analysis only). The last column is what backup restore --from takes.
Also list restored copies that still exist, and backups that the spec requires but
are missing.`: `Lister toutes les sauvegardes de la base de données d'un client : la période de
restauration à un instant, les sauvegardes automatiques gardées après une
suppression, les copies mensuelles restaurables, les instantanés et les archives
dans S3 Glacier (pour analyse seulement). La dernière colonne est ce qu'attend
backup restore --from. Sont aussi listées les copies restaurées qui existent encore,
et les sauvegardes que la spécification demande et qui manquent.`,
		`Read-only. The exit code is 0 even if backups are missing. Backups that AWS denies
access to are shown as "not known". Also works for destroyed clients, whose final
snapshot and archives are kept.`: `Lecture seule. Le code de sortie est 0 même s'il manque des sauvegardes. Celles dont
AWS refuse l'accès sont données comme inconnues. Fonctionne aussi pour les clients
supprimés, dont l'instantané final et les archives sont conservés.`,

		// cicdctl backup restore
		"Restore a client's database from a backup, as a new cluster": "Restaurer une sauvegarde d'une base, dans un nouveau cluster",
		`Restore a client's database to a point in time, or from a backup, as a new cluster,
with the number of instances from the spec in different zones, the client's network,
security groups, KMS key, parameters and logs, and a new secret. The plan is shown
and confirmed first.`: `Restaurer la base de données d'un client à un instant donné, ou depuis une
sauvegarde, dans un nouveau cluster, avec le nombre d'instances de la spécification
dans des zones différentes, le réseau du client, ses groupes de sécurité, sa clé
KMS, ses paramètres et ses journaux, et un nouveau secret. Le plan est d'abord
affiché et confirmé.`,
		`--from SOURCE restores a snapshot (such as the final one that client destroy leaves),
a monthly copy, or automated backups kept after the database was deleted; backup list
shows the word for each. --to-time chooses a moment of kept automated backups
(default: the latest).`: `--from SOURCE restaure un instantané (comme celui que laisse client destroy), une
copie mensuelle, ou des sauvegardes automatiques gardées après la suppression de la
base ; backup list donne le nom de chacun. --to-time choisit un instant dans des
sauvegardes automatiques gardées (par défaut : le dernier).`,
		`If the client's own database exists, the result is a copy beside it. If it does not,
as after client destroy, the database itself is restored under its own name, and
everything else that the client lacks is created as client create does.`: `Si la base de données du client existe, le résultat est une copie à côté d'elle.
Sinon, comme après client destroy, c'est la base elle-même qui est restaurée sous
son nom, et tout ce qui manque encore au client est créé comme par client create.`,
		`--region REGION restores in another region than the client's spec names, once the
client is destroyed there; the spec file is updated. A backup of another region is
named with it: eu-west-3/acme-final-20261124101500. The snapshot is copied and
re-encrypted with the client's key of the target region. Automated backups can be
restored only in their own region.`: `--region REGION restaure dans une autre région que celle de la spécification, une
fois le client supprimé dans celle-ci ; le fichier de spécification est mis à jour.
Une sauvegarde d'une autre région se nomme avec elle :
eu-west-3/acme-final-20261124101500. L'instantané est copié et rechiffré avec la clé
du client dans la région cible. Les sauvegardes automatiques ne peuvent être
restaurées que dans leur région.`,
		`A running database is not modified and the apps keep using it. The output shows the
endpoint of the copy and how to switch to it. From then on, client create manages the
copy like the original, client destroy removes it, and backup discard deletes only
the copy.`: `Une base de données en service n'est pas modifiée, et les applications continuent
avec elle. La sortie donne l'adresse de la copie et la façon d'y passer. Dès lors,
client create gère la copie comme l'originale, client destroy la supprime, et backup
discard ne supprime qu'elle.`,
		`If a restore was interrupted, run the same command again to complete it. Drift in the
client's network is not repaired; use client create for that.`: `Si une restauration a été interrompue, relancer la même commande pour la terminer.
La dérive du réseau du client n'est pas réparée ; client create s'en charge.`,
		"show the restorable period":                                                   "afficher la période restaurable",
		"name of the copy (default: <name>-<time>)":                                    "nom de la copie (par défaut : <nom>-<heure>)",
		"restore to the latest restorable time, usually a few minutes ago":             "restaurer au dernier instant restaurable, en général il y a quelques minutes",
		"region to restore in (default: from the client's spec file)":                  "région où restaurer (par défaut : celle de la spécification du client)",
		"point in time, for example 2026-11-24T10:15:00Z or 2026-11-24T11:15:00+01:00": "instant, par exemple 2026-11-24T10:15:00Z ou 2026-11-24T11:15:00+01:00",

		// cicdctl backup run
		"Archive a client's database now": "Archiver maintenant la base de données d'un client",
		`Export the client's database to its archive bucket, as the monthly schedule does, and
wait until it is complete. Restorable backups need no command: Aurora creates them
continuously.`: `Exporter la base de données du client vers son bucket d'archives, comme le fait la
planification mensuelle, et attendre la fin. Les sauvegardes restaurables ne
demandent aucune commande : Aurora les crée en continu.`,
		`If an archive is in progress, the command waits for it; if one is less than an hour
old, no new one is created. It is therefore safe to run the command again after an
interruption. Ctrl-C and --timeout end only the waiting; the export continues.`: `Si une archive est en cours, la commande attend sa fin ; si la dernière a moins
d'une heure, aucune autre n'est créée. On peut donc relancer la commande sans risque
après une interruption. Ctrl-C et --timeout ne mettent fin qu'à l'attente ; l'export
continue.`,
		"Tables that RDS skipped are listed. The exit code is 1 if the export failed.": `Les tables que RDS a laissées de côté sont listées. Le code de sortie est 1 si
l'export a échoué.`,
		"create a new archive even if the last one is less than an hour old": "créer une nouvelle archive même si la dernière a moins d'une heure",

		// cicdctl backup-policy
		"Show and change the database backup policy": "Afficher et modifier la politique de sauvegarde des bases",
		`A client's database can have three kinds of backup: continuous backup (point-in-time
restore), a restorable monthly copy, and a monthly archive for analysis only. The
spec file defines which ones a client has.`: `La base de données d'un client peut avoir trois sortes de sauvegarde : la sauvegarde
continue (restauration à un instant), une copie mensuelle restaurable, et une
archive mensuelle pour analyse seulement. Le fichier de spécification dit lesquelles
a un client.`,

		// cicdctl backup-policy set
		"Change the database backup policy of a client": "Modifier la politique de sauvegarde de la base d'un client",
		`Update the given values in the client's spec file and apply the spec, as client
create does. Other values and all comments in the file are preserved. The plan is
shown first, and the file is written after confirmation. Values that are already set
cause no change. --remove is that of client create.`: `Écrire les valeurs données dans le fichier de spécification du client et appliquer
celui-ci, comme le fait client create. Les autres valeurs et tous les commentaires
du fichier sont conservés. Le plan est d'abord affiché, et le fichier écrit après
confirmation. Des valeurs déjà en place ne changent rien. --remove est celui de
client create.`,
		`The window is in UTC, lasts at least 30 minutes, and must not overlap the maintenance
window in winter or summer time. Archives are for analysis: a database can be
restored only from the continuous backup and the restorable monthly copies.`: `La fenêtre est en UTC, dure au moins 30 minutes et ne doit pas chevaucher la fenêtre
de maintenance, ni en hiver ni en été. Les archives servent à l'analyse : une base
de données ne se restaure que depuis la sauvegarde continue et les copies mensuelles
restaurables.`,
		"archive for analysis in S3 Glacier: monthly or none": "archive pour analyse dans S3 Glacier : monthly ou none",
		"retention of archives in months: 1-120":              "conservation des archives en mois : 1-120",
		"restorable monthly copies, kept 366 days: on or off": "copies mensuelles restaurables, conservées 366 jours : on ou off",
		"retention of the continuous backup in days: 1-35":    "conservation de la sauvegarde continue en jours : 1-35",
		"daily backup window in UTC, for example 22:30-23:00": "fenêtre de sauvegarde quotidienne en UTC, par exemple 22:30-23:00",

		// cicdctl backup-policy show
		"Show the database backup policy of a client": "Afficher la politique de sauvegarde de la base d'un client",
		`Show the backups defined in the client's spec file: location, retention, whether a
database can be restored from them, and the maximum data loss (RPO). Disabled backups
are shown too.`: `Afficher les sauvegardes définies dans le fichier de spécification du client :
emplacement, durée de conservation, si une base peut en être restaurée, et la perte
maximale de données (RPO). Les sauvegardes désactivées sont affichées aussi.`,
		`If AWS is reachable, the result of the last restore drill is included. Read-only;
works without AWS.`: `Si AWS est joignable, le résultat du dernier exercice de restauration est inclus.
Lecture seule ; fonctionne sans AWS.`,
	}
}
