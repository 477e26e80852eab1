package lang

// frenchComments are the comments of the files that an app's repository starts with: whole blocks of
// lines, without what makes them comments.
func frenchComments() map[string]string {
	return map[string]string{
		`The pipeline of @app@, for @client@. Written by: cicdctl pipeline render @client@ @app@
Write it again when the services, the branch or the account change. What is yours goes into
files of their own: https://docs.gitlab.com/ci/yaml/#include

A push to @branch@ builds an image of each service, tries it, and deploys it to preview;
prod is a click in the same pipeline. A merge request builds and tries, and reaches nothing.

There is no key of AWS in this project, and none belongs here. A job shows a token of
GitLab's and takes the role of the app's pipeline with it, for an hour. AWS gives that role
to pipelines of the branch @branch@ in @project@ and to nobody else. One thing looks the same
to AWS: the merge request of a fork whose branch is also called @branch@, once a member runs its
pipeline in this project. Read what it changes first, as GitLab warns.

What people set once in GitLab:
  Settings > Repository > Protected branches    @branch@: who may push to it, may deploy
  Settings > CI/CD > Protected environments     prod: who may start its jobs
  Settings > CI/CD > Variables                  CICDCTL_IMAGE, where the default below is not yours
  Runners                                       the jobs that build need Docker in Docker (privileged)@arm@`: `Le pipeline de @app@, pour @client@. Écrit par : cicdctl pipeline render @client@ @app@
L'écrire de nouveau quand les services, la branche ou le compte changent. Ce qui est à vous va
dans des fichiers à part : https://docs.gitlab.com/ci/yaml/#include

Un envoi (push) sur @branch@ construit une image de chaque service, l'essaie et la déploie en
preview ; prod est un clic dans le même pipeline. Une merge request construit et essaie, et
n'atteint rien.

Il n'y a pas de clé AWS dans ce projet, et aucune n'y a sa place. Une tâche présente un jeton de
GitLab et endosse avec lui le rôle du pipeline de l'application, pour une heure. AWS ne donne ce
rôle qu'aux pipelines de la branche @branch@ de @project@. Une seule chose est pareille pour
AWS : la merge request d'un fork dont la branche s'appelle aussi @branch@, une fois qu'un membre
lance son pipeline dans ce projet. Lire d'abord ce qu'elle change, comme GitLab en avertit.

À régler une fois dans GitLab :
  Settings > Repository > Protected branches    @branch@ : qui peut y pousser peut déployer
  Settings > CI/CD > Protected environments     prod : qui peut lancer ses tâches
  Settings > CI/CD > Variables                  CICDCTL_IMAGE, si la valeur plus bas ne convient pas
  Runners                                       Docker in Docker (privileged) pour les tâches qui construisent@arm@`,
		"what CloudTrail shows": "ce que montre CloudTrail",
		"An image with cicdctl in it (Dockerfile in cicdctl's repository). Better a version than latest.": "Une image qui contient cicdctl (Dockerfile du dépôt de cicdctl). Plutôt une version que latest.",
		"Jobs that take the role. The SDKs of AWS read the token from its file.":                          "Tâches qui endossent le rôle. Les SDK d'AWS lisent le jeton dans son fichier.",
		"Jobs that need a Docker daemon: one of their own, which ends with them.":                         "Tâches qui ont besoin d'un démon Docker : le leur, qui se termine avec elles.",
		"Both, logged in to the registry of the account.":                                                 "Les deux, connectées au registre du compte.",
		"Jobs that deploy. One at a time in each environment; the others wait.":                           "Tâches qui déploient. Une à la fois par environnement ; les autres attendent.",
		"cicdctl waits for 30 at most":                                                                    "cicdctl attend 30 minutes au plus",
		"What a deploy must know of the client. Operators have the whole spec.":                           "Ce qu'un déploiement doit savoir du client. Les opérateurs ont la spécification entière.",
		`Tags are never moved: a job that runs again finds its image there. ECR scans images of
one platform only, which is why there is no provenance beside it.`: `Les tags ne sont jamais déplacés : une tâche relancée y trouve son image. ECR n'analyse que les
images d'une seule plate-forme : c'est pourquoi il n'y a pas de provenance à côté.`,
		"As confined as on ECS, then what the load balancer asks.": "Aussi confiné que sur ECS, puis la question du répartiteur de charge.",
		`The web server of the apache runtime. It stands alone: nothing of Debian's
/etc/apache2 is read.`: `Le serveur web de l'environnement apache. Il se suffit : rien du /etc/apache2 de
Debian n'est lu.`,
		`The load balancer keeps connections for 60 s without a request; a server that
closes them earlier makes it answer 502 now and then.`: `Le répartiteur de charge garde 60 s les connexions sans requête ; un serveur qui
les ferme plus tôt lui fait parfois répondre 502.`,
		"One process of 64 threads fits in the 512 MiB of the task twice.": "Un processus de 64 threads tient deux fois dans les 512 Mio de la tâche.",
		`The load balancer ends TLS and says so. Only it can reach this port, so that it
is believed.`: `Le répartiteur de charge termine TLS et le dit. Lui seul peut atteindre ce port,
on le croit donc.`,
		"Apache itself would send /docs to http://host/docs/, whatever the visitor came by.": "Apache enverrait de lui-même /docs vers http://host/docs/, quel que soit le chemin du visiteur.",
		"What deployments drag along: .git, .env, .htaccess. /.well-known/ stays.":           "Ce que traînent les déploiements : .git, .env, .htaccess. /.well-known/ reste.",
		`serve DAEMON [ARGUMENT...]: runs a file server, copies what people upload to
the environment's folder of the app's bucket, and once more when it is stopped.

What lies there is never changed by a deletion here. Copies in this container
are removed after a day, so that the disk does not fill up.
  HIDDEN      the names that this server gives to uploads until they are complete,
              the number of their process last; none by default
  UNFINISHED  a file that lists uploads that broke off, from the folder on`: `serve DÉMON [ARGUMENT...] : lance un serveur de fichiers, copie ce qui y est déposé
dans le dossier de l'environnement du bucket de l'application, et encore une fois à l'arrêt.

Une suppression ici ne change jamais ce qui s'y trouve. Les copies de ce conteneur sont
supprimées au bout d'un jour, pour que le disque ne se remplisse pas.
  HIDDEN      les noms que ce serveur donne aux dépôts en cours, avec à la fin le
              numéro de leur processus ; aucun par défaut
  UNFINISHED  un fichier qui liste les dépôts interrompus, à partir du dossier`,
		"\"acme-shop-123456789012-eu-west-3-an\": ECS does not tell containers their region.": "\"acme-shop-123456789012-eu-west-3-an\" : ECS ne dit pas aux conteneurs leur région.",
		"remnants removes what uploads left behind whose process was killed.":                 "remnants supprime ce qu'ont laissé les dépôts dont le processus a été tué.",
		"unfinished lists the uploads that broke off.":                                        "unfinished liste les dépôts interrompus.",
		"written lists the files that somebody is writing at the moment.":                     "written liste les fichiers en cours d'écriture.",
		`unchanged AGE lists the files that have not changed for that long, such as "30s" or
"24h". The time that people see (mtime) is theirs to set, and can be years ago from the
first moment on: it is the time of the change itself (ctime) that counts.`: `unchanged ÂGE liste les fichiers qui n'ont pas changé depuis ce temps, comme "30s" ou
"24h". L'heure que voient les utilisateurs (mtime) est la leur, et peut dater de plusieurs
années dès le début : c'est l'heure du changement lui-même (ctime) qui compte.`,
		`The objects' encryption is the bucket's, so their ETag is no MD5 to compare with;
S3 compares each body with the MD5 that is sent along.`: `Le chiffrement des objets est celui du bucket : leur ETag n'est pas un MD5 à comparer ;
S3 compare chaque corps avec le MD5 envoyé en même temps.`,
		`s3 COMMAND AGE [OPTION...] copies or moves the complete files that have not changed for
that long.`: `s3 COMMANDE ÂGE [OPTION...] copie ou déplace les fichiers complets qui n'ont pas changé
depuis ce temps.`,
		`upkeep makes everything readable again, as people can take that away, and removes what
nobody will complete.`: `upkeep rend tout de nouveau lisible, car les utilisateurs peuvent l'empêcher, et supprime
ce que personne ne terminera.`,
		"of a container that was killed": "d'un conteneur qui a été tué",
		"A server whose uploads go nowhere must not go on: when copying ends, so does it.": "Un serveur dont les dépôts ne vont nulle part doit s'arrêter : quand la copie cesse, lui aussi.",
		"Uploads that are under way when the server is stopped break off.":                 "Les dépôts en cours à l'arrêt du serveur sont interrompus.",
		"it was a signal that ended the wait":                                              "c'est un signal qui a mis fin à l'attente",
		"ECS waits for 30 s before it kills.":                                              "ECS attend 30 s avant de tuer.",
		`users FOLDER SHELL: makes the people of the secret users of a file server:
FOLDER/passwd, and FOLDER/keys/NAME with the keys of those who have some.

The secret is the environment variable FILE_USERS, or the file that
FILE_USERS_FILE names:
  [{"name": "alice", "password_hash": "$y$...", "keys": ["ssh-ed25519 AAAA..."]}]
All get the uid that this runs with and the environment's folder as their home.`: `users DOSSIER SHELL : crée les utilisateurs du secret d'un serveur de fichiers :
DOSSIER/passwd, et DOSSIER/keys/NOM avec les clés de ceux qui en ont.

Le secret est la variable d'environnement FILE_USERS, ou le fichier que nomme
FILE_USERS_FILE :
  [{"name": "alice", "password_hash": "$y$...", "keys": ["ssh-ed25519 AAAA..."]}]
Tous ont l'uid avec lequel ceci tourne, et le dossier de l'environnement pour répertoire.`,
		`Nothing of the secret goes to the log: people are told by their place in it.
"@" and "files" cannot be names: the first is no letter, the second is taken.`: `Rien du secret ne va au journal : les utilisateurs y sont désignés par leur rang.
"@" et "files" ne peuvent pas être des noms : l'un n'est pas une lettre, l'autre est pris.`,
		`MySecureShell finds a person by the uid, and so always the first one: the home
must be the same. In its log all are "files"; sshd's has the name.`: `MySecureShell trouve un utilisateur par son uid, donc toujours le premier : le répertoire
doit être le même. Dans son journal, tous sont "files" ; celui de sshd a le nom.`,
		"People come from a secret at every start, and the root filesystem is read-only.": "Les utilisateurs viennent d'un secret à chaque démarrage ; la racine est en lecture seule.",
		`log FILE UNFINISHED SERVER: prints the log that MySecureShell writes to FILE, a pipe, and
keeps the list UNFINISHED of uploads that broke off, for serve. SERVER is the process
that must not go on without it.

SFTP has the name of a file from the first byte on, and people's programs go on where
they were when they are back. Only this log tells half a file from a whole one.`: `log FICHIER UNFINISHED SERVEUR : affiche le journal que MySecureShell écrit dans FICHIER, un
tube, et tient pour serve la liste UNFINISHED des dépôts interrompus. SERVEUR est le processus
qui ne doit pas continuer sans lui.

SFTP donne son nom au fichier dès le premier octet, et les programmes des utilisateurs reprennent
où ils en étaient. Seul ce journal distingue un fichier à moitié envoyé d'un fichier entier.`,
		"without NAME prints the list as it is without it.":    "without NOM affiche la liste telle qu'elle est sans lui.",
		"it wants its log to be root's, and says so each time": "il veut que son journal soit à root, et le dit à chaque fois",
		`MySecureShell reads this file at each login, from the place that is compiled in.
${APP_ENV} is not known to it: the entrypoint gives people their home.`: `MySecureShell lit ce fichier à chaque connexion, à l'endroit fixé à la compilation.
Il ne connaît pas ${APP_ENV} : c'est le point d'entrée qui donne leur répertoire aux utilisateurs.`,
		"A chroot that is only virtual is as good as the links in it.": "Un chroot qui n'est que virtuel vaut ce que valent les liens qu'il contient.",
		`Times are people's to set, or their programs send everything again; what goes to S3
is not chosen by them. From version 4 of the protocol on, MySecureShell takes times
and forgets them, without a word.`: `L'heure des fichiers est celle des utilisateurs, sinon leurs programmes renvoient tout ; ils ne
choisissent pas pour autant ce qui va dans S3. À partir de la version 4 du protocole,
MySecureShell accepte les heures et les oublie, sans le dire.`,
		"Names go through a list, line by line, when they are copied.":         "Les noms passent par une liste, ligne par ligne, au moment de la copie.",
		"The SSH server of the mysecureshell runtime: files and nothing else.": "Le serveur SSH de l'environnement mysecureshell : des fichiers, et rien d'autre.",
		`People are users of this container only, made by the entrypoint. All have the
uid that the server runs with, so that it needs no root.`: `Les utilisateurs n'existent que dans ce conteneur, créés par le point d'entrée. Tous ont
l'uid du serveur, qui peut donc se passer de root.`,
		`Docker mounts /run for everybody to write, which the server would not trust. There
is nobody else here, and people never get to /run.`: `Docker monte /run ouvert en écriture à tous, ce dont le serveur se méfierait. Il n'y a
personne d'autre ici, et les utilisateurs n'arrivent jamais dans /run.`,
		"Their shell is MySecureShell, which knows the subsystem and refuses the rest.": "Leur shell est MySecureShell, qui connaît le sous-système et refuse le reste.",
		"Idle connections through a load balancer are cut after 350 s.":                 "Les connexions inactives par un répartiteur de charge sont coupées au bout de 350 s.",
		`Makes people and host key from secrets, then serves SFTP.
  FILE_USERS, FILE_USERS_FILE  see users
  HOST_KEY, HOST_KEY_FILE      the private key of the host (ssh-keygen -t ed25519 -N '' -f host_key)`: `Crée les utilisateurs et la clé d'hôte à partir de secrets, puis sert SFTP.
  FILE_USERS, FILE_USERS_FILE  voir users
  HOST_KEY, HOST_KEY_FILE      la clé privée de l'hôte (ssh-keygen -t ed25519 -N '' -f host_key)`,
		`One made here would be another after each deployment, and people would get
used to the warning.`: `Une clé créée ici serait autre après chaque déploiement, et les utilisateurs
s'habitueraient à l'avertissement.`,
		"MySecureShell logs to a file by its name. This one is a pipe, which never fills up.": "MySecureShell journalise dans un fichier par son nom. Celui-ci est un tube, qui ne se remplit pas.",
		`A sample of what the platform expects of a NodeJS service: the port 3000, an
answer to /healthz, and a stop that loses no request.`: `Un exemple de ce que la plate-forme attend d'un service NodeJS : le port 3000, une
réponse à /healthz, et un arrêt qui ne perd aucune requête.`,
		"ECS sends SIGKILL 30 s after SIGTERM.":            "ECS envoie SIGKILL 30 s après SIGTERM.",
		"or it is kept for the next request":               "sinon elle est gardée pour la requête suivante",
		"The server looks up the name that it runs under.": "Le serveur cherche le nom sous lequel il tourne.",
		`The FTP server of the proftpd runtime. It needs no root: people all have the uid
that it runs with, and are locked in by mod_vroot instead of chroot(2).`: `Le serveur FTP de l'environnement proftpd. Il n'a pas besoin de root : tous les utilisateurs
ont l'uid avec lequel il tourne, et sont enfermés par mod_vroot au lieu de chroot(2).`,
		`Data connections come in through the listeners that the load balancer has, and
are announced at its address. They may come through another zone of it than the
control connection. Active mode is refused: the server would connect to whatever
address it is told.`: `Les connexions de données entrent par les écouteurs du répartiteur de charge, et sont
annoncées à son adresse. Elles peuvent passer par une autre zone que la connexion de
contrôle. Le mode actif est refusé : le serveur se connecterait à n'importe quelle
adresse qu'on lui donne.`,
		"As many people as ports: the data of a fifth would go to a port where nobody listens.": "Autant d'utilisateurs que de ports : les données d'un cinquième iraient à un port sans écoute.",
		`The control connection is silent during a transfer, and the load balancer forgets
silent ones after 350 seconds: the kernel speaks up every minute.`: `La connexion de contrôle se tait pendant un transfert, et le répartiteur de charge oublie
les silencieuses au bout de 350 secondes : le noyau se manifeste chaque minute.`,
		"People are those of the secret; there is no anonymous one, and no root.":               "Les utilisateurs sont ceux du secret ; il n'y a ni anonyme, ni root.",
		"mod_vroot keeps paths in; a link in a folder would lead out, and nobody can make one.": "mod_vroot garde les chemins dedans ; un lien dans un dossier en sortirait, et nul ne peut en créer.",
		`Names go through a list, line by line; those of uploads under way (HiddenStores) are not
people's to use.`: `Les noms passent par une liste, ligne par ligne ; ceux des dépôts en cours (HiddenStores) ne
sont pas aux utilisateurs.`,
		`An upload has its name when it is complete: one that breaks off leaves what was there
before. Until then its name has the number of its session, so that it is in nobody's
way: a server that waits for a connection that is dead keeps the name for minutes.`: `Un dépôt a son nom quand il est complet : interrompu, il laisse ce qui était là avant. D'ici
là, son nom a le numéro de sa session, si bien qu'il ne gêne personne : un serveur qui attend
une connexion morte garde le nom pendant des minutes.`,
		`Aborted uploads are deleted as long as they are hidden. DeleteAbortedStores is not set:
"on" would also delete a file that an upload was being added to.

Uploads are taken up again with APPE, or with REST and STOR (mod_restart), both in the
file that is there.`: `Les dépôts interrompus sont supprimés tant qu'ils sont cachés. DeleteAbortedStores n'est pas
défini : "on" supprimerait aussi un fichier auquel un dépôt s'ajoutait.

Les dépôts reprennent avec APPE, ou avec REST et STOR (mod_restart), dans les deux cas
dans le fichier qui est là.`,
		`Times are people's to set, or their programs send everything again; what goes to S3 is
not chosen by them. FEAT promises rights together with times (MFF). They mean nothing
here, where all have one uid. The top folder is everybody's and stays as it is.`: `L'heure des fichiers est celle des utilisateurs, sinon leurs programmes renvoient tout ; ils ne
choisissent pas pour autant ce qui va dans S3. FEAT promet les droits avec les heures (MFF). Ils
ne veulent rien dire ici, où tous ont le même uid. Le dossier du haut est à tous et reste tel quel.`,
		`Makes people and certificate from secrets, then serves FTP.
  FILE_USERS, FILE_USERS_FILE  see users
  MASQUERADE_ADDRESS           the load balancer's DNS name or address, which data connections go to
  RESOLVE_WITHIN               how long DNS may take to know it, in seconds; 120 by default
  PASSIVE_PORTS                its ports for them, first-last
  CERTIFICATE, CERTIFICATE_KEY PEM, the chain behind the certificate; without, FTP is in the clear`: `Crée les utilisateurs et le certificat à partir de secrets, puis sert FTP.
  FILE_USERS, FILE_USERS_FILE  voir users
  MASQUERADE_ADDRESS           nom DNS ou adresse du répartiteur, où vont les connexions de données
  RESOLVE_WITHIN               temps laissé au DNS pour le connaître, en secondes ; 120 par défaut
  PASSIVE_PORTS                ses ports pour elles, premier-dernier
  CERTIFICATE, CERTIFICATE_KEY en PEM, la chaîne derrière le certificat ; sinon FTP est en clair`,
		`A load balancer that was just made takes a minute to get its name. One that never
gets it must not leave a server that looks well and sends all data to nowhere: the
task ends, and ECS shows the reason and tries again.`: `Un répartiteur tout juste créé met une minute à recevoir son nom. S'il ne le reçoit jamais, il
ne doit pas rester un serveur qui a l'air sain et envoie toutes les données nulle part : la
tâche se termine, ECS en donne la raison et réessaie.`,
		"it has a directive of its own":               "il a une directive à lui",
		"As HiddenStores in proftpd.conf names them.": "Comme HiddenStores les nomme dans proftpd.conf.",
	}
}
