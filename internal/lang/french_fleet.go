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
		`You own these files and can edit them. If files exist and differ, the command asks
before replacing them. Without a terminal it writes nothing unless --yes is given.
Comments and README are in the language of the run. No AWS access is needed.`: `Ces fichiers sont à vous et modifiables. Si des fichiers existent et diffèrent, la
commande demande avant de les remplacer. Sans terminal, elle n'écrit rien sans --yes.
Les commentaires et le README sont dans la langue de l'exécution. Aucun accès à AWS
n'est nécessaire.`,
	}
}
