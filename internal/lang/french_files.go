package lang

// frenchFiles translates what is composed into the files of apps.
func frenchFiles() map[string]string {
	return map[string]string{
		"#                                                 and an ARM processor, as the client's hosts have":                             "#                                                 et un processeur ARM, comme les hôtes du client",
		"# %s/%s: %s on port %d. docker build %s\n":                                                                                      "# %s/%s : %s sur le port %d. docker build %s\n",
		"# The services of %s, as confined as on ECS: docker compose up --build\n":                                                       "# Les services de %s, aussi confinés que sur ECS : docker compose up --build\n",
		"# Without BUCKET, nothing is kept in S3. Secrets and more of the environment go into .env,\n# which belongs into .gitignore.\n": "# Sans BUCKET, rien n'est gardé dans S3. Les secrets et le reste de l'environnement vont dans .env,\n# qui a sa place dans .gitignore.\n",
		"FILE_USERS and HOST_KEY": "FILE_USERS et HOST_KEY",
	}
}
