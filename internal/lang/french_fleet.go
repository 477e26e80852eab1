package lang

// frenchHelpFleet is the help on pipelines over many clients.
func frenchHelpFleet() map[string]string {
	return map[string]string{
		"Run cicdctl for many clients in GitLab pipelines": "Exécuter cicdctl pour de nombreux clients dans des pipelines GitLab",
		`An estate is a Git repository with the spec files of many clients. Its GitLab
pipelines plan what a merge request changes, apply what is merged, and audit
everything at night.`: `Un parc est un dépôt Git avec les spécifications de nombreux clients. Ses pipelines
GitLab planifient ce que change une merge request, appliquent ce qui est fusionné, et
auditent tout la nuit.`,
		"Generate the initial files of the clients' repository": "Générer les premiers fichiers du dépôt des clients",
		`Generate the initial files of the Git repository that holds the spec files of all
clients:`: `Générer les premiers fichiers du dépôt Git où se trouvent les spécifications de tous
les clients :`,
		`  clients/            the spec files, with a README
  cicdctl.yaml        the configuration
  .gitlab-ci.yml      the pipeline, which runs cicdctl fleet pipeline
  .gitlab/fleet.yml   image, runners and AWS roles of its jobs
  README.md           how the team works with it, and what to set in GitLab once
  .gitignore`: `  clients/            les spécifications, avec un README
  cicdctl.yaml        la configuration
  .gitlab-ci.yml      le pipeline, qui exécute cicdctl fleet pipeline
  .gitlab/fleet.yml   image, runners et rôles AWS de ses tâches
  README.md           comment l'équipe s'en sert, et quoi régler une fois dans GitLab
  .gitignore`,
		`You own these files and can edit them. If .gitlab-ci.yml exists and differs, the
command asks before replacing it; without a terminal it writes nothing unless --yes
is given. Any other file that exists stays as it is. Comments and README are in the
language of the run. No AWS access is needed.`: `Ces fichiers sont à vous et modifiables. Si .gitlab-ci.yml existe et diffère, la
commande demande avant de le remplacer ; sans terminal, elle n'écrit rien sans --yes.
Tout autre fichier qui existe reste tel quel. Les commentaires et le README sont dans
la langue de l'exécution. Aucun accès à AWS n'est nécessaire.`,
		"Write the child pipeline for what has changed": "Écrire le pipeline enfant de ce qui a changé",
		`Write the GitLab child pipeline for what has happened in the clients'
repository. GitLab's variables say what that is; flags replace them, to try it
on a desk:`: `Écrire le pipeline enfant GitLab de ce qui s'est passé dans le dépôt des clients.
Les variables de GitLab disent ce que c'est ; des options les remplacent, pour
essayer sur son poste :`,
		`  merge-request   a plan for each client whose file differs from the target branch,
                  written as a comment on the merge request
  push            client create for each of them; what takes something away is not
                  done until somebody starts the manual job who names it
  schedule        an audit of each account and each of its regions, the report on
                  them, and restore drills: each client once in 28 nights`: `  merge-request   un plan pour chaque client dont le fichier diffère de la branche
                  cible, écrit en commentaire de la merge request
  push            client create pour chacun d'eux ; ce qui enlève quelque chose n'est
                  fait que quand quelqu'un lance la tâche manuelle et le nomme
  schedule        un audit de chaque compte et de chacune de ses régions, leur
                  rapport, et des exercices de restauration : chaque client une fois
                  en 28 nuits`,
		`Clients are compared, not files. One that no file describes any more, or that is
in another region or account now, is never destroyed: a job shows what would be
lost, and is red until nothing is left of it.`: `Ce sont les clients qui sont comparés, pas les fichiers. Un client qu'aucun fichier
ne décrit plus, ou qui est dans une autre région ou un autre compte, n'est jamais
détruit : une tâche montre ce qui serait perdu, et est rouge jusqu'à ce qu'il n'en
reste rien.`,
		`More jobs than --max-jobs are split over several pipelines. Beside them, for a
schedule, fleet-shards.json says which audits fleet report has to find. All
files in the spec directory have to be readable. No AWS access is needed.`: `S'il y a plus de tâches que --max-jobs, elles sont réparties sur plusieurs
pipelines. À côté, pour schedule, fleet-shards.json dit quels audits fleet report
doit trouver. Tous les fichiers du dossier des spécifications doivent être
lisibles. Aucun accès à AWS n'est nécessaire.`,
		"what has happened: merge-request, push, schedule (default: from GitLab)":      "ce qui s'est passé : merge-request, push, schedule (par défaut : d'après GitLab)",
		"commit to compare the clients' files with (default: from GitLab)":             "commit avec lequel comparer les fichiers des clients (par défaut : d'après GitLab)",
		"take every client for changed":                                                "considérer chaque client comme changé",
		"evening of the night of the drills, such as 2026-11-30 (default: this night)": "soir de la nuit des exercices, par exemple 2026-11-30 (par défaut : cette nuit)",
		"directory of the files; - writes the pipeline to standard output":             "répertoire des fichiers ; - écrit le pipeline sur la sortie standard",
		"most jobs of one pipeline":                                                    "nombre maximal de tâches d'un pipeline",
		"Refuse to apply a file that is not the newest":                                "Refuser d'appliquer un fichier qui n'est pas le plus récent",
		`Compare a client's file and cicdctl.yaml in the current commit with those on the
default branch of the repository, and refuse (exit code 4) if one is another by
now. Jobs that apply a file begin with it: one that has waited, or that somebody
starts again, would otherwise take back what was merged since.`: `Comparer le fichier d'un client et cicdctl.yaml dans le commit courant avec ceux de
la branche par défaut du dépôt, et refuser (code de sortie 4) si l'un d'eux en est
un autre désormais. Les tâches qui appliquent un fichier commencent par là : une
tâche qui a attendu, ou que quelqu'un relance, annulerait sinon ce qui a été
fusionné depuis.`,
		"Needs Git. No AWS access is needed.":            "Demande Git. Aucun accès à AWS n'est nécessaire.",
		"branch that is applied (default: from GitLab)":  "branche appliquée (par défaut : d'après GitLab)",
		"repository (default: from GitLab, or origin)":   "dépôt (par défaut : d'après GitLab, ou origin)",
		"Write a plan as a comment on the merge request": "Écrire un plan en commentaire de la merge request",
		`Write what client plan --output markdown has written as a comment on the merge
request of the job. There is one comment for each client, and another one for
what is lost with it (--gone). The next run replaces them.`: `Écrire ce que client plan --output markdown a écrit en commentaire de la merge
request de la tâche. Il y a un commentaire par client, et un autre pour ce
qui est perdu avec lui (--gone). La prochaine exécution les remplace.`,
		`GitLab's own token of a job (CI_JOB_TOKEN) cannot write comments. The variable
FLEET_TOKEN has to be a project access token with the role Reporter and the
scope api. Without it nothing is written, and the plan is in the log and in the
artifacts.`: `Le jeton que GitLab donne à une tâche (CI_JOB_TOKEN) ne peut pas écrire de
commentaires. La variable FLEET_TOKEN doit être un jeton d'accès du projet avec le
rôle Reporter et la portée api. Sans lui, rien n'est écrit, et le plan est dans le
journal et les artefacts.`,
		`A comment has at most 1,000,000 characters; the rest of a longer plan is left
out, and the comment says so. No AWS access is needed.`: `Un commentaire a au plus 1 000 000 caractères ; le reste d'un plan plus long est
omis, et le commentaire le dit. Aucun accès à AWS n'est nécessaire.`,
		"file with the plan in Markdown":                                            "fichier contenant le plan en Markdown",
		"exit code of the command that wrote the file":                              "code de sortie de la commande qui a écrit le fichier",
		"the plan is of what would be lost with a client that has no file any more": "le plan est celui de ce qui serait perdu avec un client sans fichier",
		"only show what would be deleted":                                           "seulement montrer ce qui serait supprimé",
		`With --plan, only shows what would be lost and kept. Exit codes then: 0 nothing is
left, 3 something would be deleted, 4 it would be refused.`: `Avec --plan, montre seulement ce qui serait perdu et gardé. Codes de sortie : 0 il ne
reste rien, 3 quelque chose serait supprimé, 4 ce serait refusé.`,
	}
}

// frenchFleet translates what is said about pipelines over many clients.
func frenchFleet() map[string]string {
	return map[string]string{
		"add --plan": "ajoutez --plan",
		"--output markdown is for what would be removed": "--output markdown est pour ce qui serait supprimé",
		"client: %w":  "client : %w",
		"region: %w":  "region : %w",
		"account: %w": "account : %w",
		"%s describes %s, and is not called after it: rename it to %s": "%s décrit %s et ne porte pas son nom : renommez-le en %s",
		"%s is outside of the Git repository %s":                       "%s est hors du dépôt Git %s",
		"give a directory of the repository with --spec-dir":           "donnez un répertoire du dépôt avec --spec-dir",
		"git is not there: changes are found with it":                  "git n'est pas là : c'est lui qui trouve les changements",
		"install Git; in a pipeline, choose an image that has it":      "installez Git ; dans un pipeline, choisissez une image qui le contient",
		"git %s: %w: %s":                "git %s : %w : %s",
		"this is no Git repository: %w": "ce n'est pas un dépôt Git : %w",
		"run it in the repository of the clients; cicdctl fleet init begins one": "lancez-la dans le dépôt des clients ; cicdctl fleet init en commence un",
		"--base %q is no revision":                                     "--base %q n'est pas une révision",
		"give a commit, a branch or a tag":                             "donnez un commit, une branche ou un tag",
		"%s is not in this clone: what has changed since is not known": "%s n'est pas dans ce clone : ce qui a changé depuis n'est pas connu",
		"set GIT_DEPTH: \"0\" for the job, or fetch it: git fetch origin REVISION; after a forced push give --base, or --all for all clients": "donnez GIT_DEPTH: \"0\" à la tâche, ou récupérez-le : git fetch origin RÉVISION ; après un envoi forcé, donnez --base, ou --all pour tous les clients",
		"git cat-file wrote what is not understood: %q":                                               "git cat-file a écrit ce qui n'est pas compris : %q",
		"%s is a symbolic link: nobody is told when what it names changes; put the file itself there": "%s est un lien symbolique : personne n'apprend que ce qu'il nomme a changé ; mettez-y le fichier lui-même",
		"%s is a submodule: what has changed in it is not known":                                      "%s est un sous-module : ce qui y a changé n'est pas connu",
		"put the clients' files themselves into the repository":                                       "mettez les fichiers des clients eux-mêmes dans le dépôt",
		"give the clients' directory: spec_dir of the configuration, or --spec-dir":                   "donnez le répertoire des clients : spec_dir de la configuration, ou --spec-dir",
		"%s is not in the current commit":                                                             "%s n'est pas dans le commit courant",
		"give the name of a client that has a file":                                                   "donnez le nom d'un client qui a un fichier",
		"there is no branch %s":                                                                       "il n'y a pas de branche %s",
		"git diff wrote what is not understood: %q":                                                   "git diff a écrit ce qui n'est pas compris : %q",
		"%s is not merged":                        "%s n'est pas fusionné",
		"end the merge first":                     "terminez d'abord la fusion",
		"%s is not read: spec files end in .yaml": "%s n'est pas lu : les spécifications finissent en .yaml",
		"rename it to %s":                         "renommez-le en %s",
		"--date %q is no day":                     "--date %q n'est pas un jour",
		"give a day such as 2026-11-30":           "donnez un jour comme 2026-11-30",
		"--event is missing":                      "--event manque",
		"give --event merge-request, push or schedule, as nothing of GitLab says it":                          "donnez --event merge-request, push ou schedule : rien de GitLab ne le dit",
		"CI_PIPELINE_SOURCE is %q, which does not say what the pipeline is for":                               "CI_PIPELINE_SOURCE est %q, ce qui ne dit pas à quoi sert le pipeline",
		"give --event and --base, for example with the variable FLEET_FLAGS of the pipeline":                  "donnez --event et --base, par exemple avec la variable FLEET_FLAGS du pipeline",
		"only the default branch %s is applied and audited, and this is %s":                                   "seule la branche par défaut %s est appliquée et auditée, et ceci est %s",
		"merge it first; a merge request plans what it changes, and a schedule belongs to the default branch": "fusionnez-la d'abord ; une merge request planifie ce qu'elle change, et une planification appartient à la branche par défaut",
		"%s is not set: what has changed is not known":                                                        "%s n'est pas définie : ce qui a changé n'est pas connu",
		"give the commit to compare with: --base REVISION":                                                    "donnez le commit avec lequel comparer : --base RÉVISION",
		"%s names no commit in a pipeline that no push has started":                                           "%s ne nomme aucun commit dans un pipeline qu'aucun envoi n'a lancé",
		"give --base REVISION, or --all for all clients":                                                      "donnez --base RÉVISION, ou --all pour tous les clients",
		"No file describes $CLIENT any more. Restore the file, or run by hand: cicdctl client destroy $CLIENT --region $REGION${ACCOUNT:+ --account $ACCOUNT}. Then start this job again.": "Aucun fichier ne décrit plus $CLIENT. Rétablissez le fichier, ou lancez à la main : cicdctl client destroy $CLIENT --region $REGION${ACCOUNT:+ --account $ACCOUNT}. Puis relancez cette tâche.",
		"If something is to be removed: start the job remove $CLIENT, with its names in the variable REMOVE.":                                                                              "Si quelque chose doit être enlevé : lancez la tâche remove $CLIENT, avec ses noms dans la variable REMOVE.",
		"No client has changed.": "Aucun client n'a changé.",
		"Written by cicdctl fleet pipeline for one pipeline; change .gitlab/fleet.yml instead.": "Écrit par cicdctl fleet pipeline pour un seul pipeline ; changez plutôt .gitlab/fleet.yml.",
		"--max-jobs %d is less than %d":                                                    "--max-jobs %d est inférieur à %d",
		"%d {pipeline|pipelines} would be needed, more than %d":                            "il faudrait %d {pipeline|pipelines}, plus que %d",
		"give --max-jobs, as many as the instance allows in a pipeline; now it is %d":      "donnez --max-jobs, autant que l'instance en permet dans un pipeline ; c'est %d maintenant",
		"the pipeline has %d {file|files}":                                                 "le pipeline a %d {fichier|fichiers}",
		"give a directory with --out":                                                      "donnez un répertoire avec --out",
		"choose another place with --out":                                                  "choisissez un autre endroit avec --out",
		"%s has changed, which may concern every client: --all counts them all as changed": "%s a changé, ce qui peut concerner chaque client : --all les considère tous comme changés",
		"%d {client|clients}: %d {audit|audits}, %d restore {drill|drills}":                "%d {client|clients} : %d {audit|audits}, %d {exercice|exercices} de restauration",
		"%d {client|clients}: %d changed, %d gone":                                         "%d {client|clients} : %d {changé|changés}, %d {disparu|disparus}",
		"%s in %s: no file describes it there any more":                                    "%s dans %s : aucun fichier ne l'y décrit plus",
		"--event %q is not one of %s":                                                      "--event %q n'est pas l'un de %s",
		"%s: account: %w":                                                                  "%s : account : %w",
		"%s: account: missing; the configuration has accounts, and a pipeline needs to know which one the client is in": "%s : account : manquant ; la configuration a des comptes, et un pipeline doit savoir dans lequel est le client",
		"%s: region: account %s has no clients in %s":                                                                   "%s : region : le compte %s n'a pas de clients dans %s",
		"--branch is missing":                            "--branch manque",
		"give the branch that is applied: --branch main": "donnez la branche qui est appliquée : --branch main",
		"the branch %s could not be fetched: whether %s is still the file to apply is not known":           "la branche %s n'a pas pu être récupérée : on ne sait pas si %s est encore le fichier à appliquer",
		"look whether the job may read the repository":                                                     "regardez si la tâche peut lire le dépôt",
		"start a new pipeline that applies all clients, with the variable FLEET_FLAGS: --event push --all": "lancez un nouveau pipeline qui applique tous les clients, avec la variable FLEET_FLAGS : --event push --all",
		"%s is another one on %s by now":                                                                   "%s est désormais un autre sur %s",
		"the pipeline of the newer commit applies it":                                                      "le pipeline du commit plus récent l'applique",
		"%s is the one on %s": "%s est celui de %s",
		"give the file that client plan --output markdown has written":                                        "donnez le fichier que client plan --output markdown a écrit",
		"no comment: this is not the pipeline of a merge request":                                             "pas de commentaire : ce n'est pas le pipeline d'une merge request",
		"no comment: the variable FLEET_TOKEN is not set; the plan is in this log and in the job's artifacts": "pas de commentaire : la variable FLEET_TOKEN n'est pas définie ; le plan est dans ce journal et dans les artefacts de la tâche",
		"CI_API_V4_URL or CI_PROJECT_ID is not set":                                                           "CI_API_V4_URL ou CI_PROJECT_ID n'est pas définie",
		"run it in a job of GitLab":                                                                           "lancez-la dans une tâche de GitLab",
		"the comment on %s is updated":                                                                        "le commentaire sur %s est mis à jour",
		"a comment on %s is written":                                                                          "un commentaire sur %s est écrit",
		"**No file describes %s there any more. Nothing is destroyed by that, and this would be lost.** Restore the file; or run `cicdctl client destroy %s` by hand, and then this job again: it is red until nothing is left.": "**Aucun fichier ne décrit plus %s à cet endroit. Rien n'en est détruit, et voici ce qui serait perdu.** Rétablissez le fichier ; ou lancez `cicdctl client destroy %s` à la main, puis cette tâche de nouveau : elle est rouge jusqu'à ce qu'il n'en reste rien.",
		"No file describes %s there any more, and nothing of it is left.": "Aucun fichier ne décrit plus %s à cet endroit, et il n'en reste rien.",
		"**This would be refused.**":                                      "**Ce serait refusé.**",
		"**%s: there is no plan, the command has failed.**":               "**%s : il n'y a pas de plan, la commande a échoué.**",
		"Log":                                 "Journal",
		"The rest is in the job's artifacts.": "Le reste est dans les artefacts de la tâche.",
		"write a comment on the merge request: %w":                                                        "écrire un commentaire sur la merge request : %w",
		"write a comment on the merge request: GitLab answers %s":                                         "écrire un commentaire sur la merge request : GitLab répond %s",
		"GitLab does not take FLEET_TOKEN for comments: %s":                                               "GitLab n'accepte pas FLEET_TOKEN pour les commentaires : %s",
		"make a project access token with the role Reporter and the scope api, and set FLEET_TOKEN to it": "créez un jeton d'accès du projet avec le rôle Reporter et la portée api, et mettez-le dans FLEET_TOKEN",
	}
}
