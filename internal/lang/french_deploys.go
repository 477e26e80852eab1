package lang

// frenchDeploys translates what is said of deployments.
func frenchDeploys() map[string]string {
	return map[string]string{
		"Deploy %s to %s of %s in %s":    "Déploiement de %s en %s de %s dans %s",
		"Roll back %s in %s of %s in %s": "Retour arrière de %s en %s de %s dans %s",
		"now":                            "maintenant",
		"then":                           "ensuite",
		"scan":                           "analyse",
		"none":                           "aucune",
		"%d critical finding accepted":   "%d vulnérabilité critique acceptée",
		"%d critical findings accepted":  "%d vulnérabilités critiques acceptées",
		"nothing":                        "rien",
		"%d of %d {task runs|tasks run}, %d {has|have} failed": "%d {tâche tourne|tâches tournent} sur %d, %d {a échoué|ont échoué}",
		"%d of %d {task runs|tasks run}":                       "%d {tâche tourne|tâches tournent} sur %d",
		"%s in %s runs %s":                                     "%s en %s exécute %s",
		"%s in %s runs %s already: no change":                  "%s en %s exécute déjà %s : aucun changement",
		"task %s stopped: %s":                                  "tâche %s arrêtée : %s",
		"never started":                                        "jamais démarré",
		"exit code %d":                                         "code de sortie %d",
		"the last lines of its log:":                           "les dernières lignes de son journal :",
		"AWS refused to show the %s":                           "AWS a refusé de donner : %s",
		"service":                                              "service",
		"environment":                                          "environnement",
		"image":                                                "image",
		"revision":                                             "révision",
		"tasks":                                                "tâches",
		"since (UTC)":                                          "depuis (UTC)",
		"registered (UTC)":                                     "enregistrée (UTC)",
		"ran last (UTC)":                                       "dernière exécution (UTC)",
		"by":                                                   "par",
		"Nothing was deployed yet.":                            "Rien n'a encore été déployé.",
		"not ours":                                             "pas à nous",
		"not deployed":                                         "pas déployé",
		"deploying":                                            "en cours",
		"running":                                              "en service",
		"tasks missing":                                        "tâches manquantes",
		"scaled to 0":                                          "réduit à 0",
		"rolled back":                                          "annulée",
		"ran":                                                  "a tourné",
		"never ran":                                            "n'a jamais tourné",

		// cmd
		"the image %s is being scanned for vulnerabilities: waiting for it":       "l'image %s est en cours d'analyse de vulnérabilités : attente de la fin",
		"this deployment is already in progress: waiting for it":                  "ce déploiement est déjà en cours : attente de la fin",
		"the number of tasks follows their load from now on with: %s":             "le nombre de tâches suit leur charge désormais avec : %s",
		"session in %s of task %s of %s in %s; what is typed and shown is logged": "session dans %s de la tâche %s de %s en %s ; ce qui est tapé et affiché est journalisé",
		"exec of %s/%s in %s: operators can open a shell in its containers, whose root file system can then be written (ECS.5); sessions are logged to %s; it takes effect with the next deployment: %s": "exec de %s/%s en %s : les opérateurs peuvent ouvrir un shell dans ses conteneurs, dont le système de fichiers racine devient inscriptible (ECS.5) ; les sessions sont journalisées dans %s ; effectif au prochain déploiement : %s",

		"no longer waiting: ECS continues the deployment; check it with: %s": "fin de l'attente : ECS poursuit le déploiement ; suivre avec : %s",
		"  roll back with: %s": "  revenir en arrière avec : %s",
		"no longer waiting: it is not known whether the deployment started; check it with: %s": "fin de l'attente : on ne sait pas si le déploiement a commencé ; vérifier avec : %s",
		"pushed %s to %s": "image %s envoyée dans %s",
		"already rolled back; to go further back: %s": "le retour arrière est déjà fait ; pour remonter plus loin : %s",

		// scale, stop, start
		"switched off": "coupé",
		"all tasks of %s stop, and deployments to it are refused, until: %s": "toutes les tâches de %s s'arrêtent et les déploiements y sont refusés, jusqu'à : %s",

		"the database of %s stops: nobody can connect to it, and RDS starts it by itself after seven days": "la base de données de %s s'arrête : personne ne peut s'y connecter, et RDS la redémarre d'elle-même au bout de sept jours",
		"The database of %s is %s; RDS starts it by itself on %s.":                                         "La base de données de %s est dans l'état %s ; RDS la redémarre d'elle-même le %s.",
		"The database of %s is %s.": "La base de données de %s est dans l'état %s.",

		// logs
		"%s in %s wrote no such lines in the last %s": "%s en %s n'a écrit aucune ligne de ce genre depuis %s",

		// people
		"Restart %s in %s of %s in %s":    "Redémarrage de %s en %s de %s dans %s",
		"Users of %s in %s of %s: %s":     "Utilisateurs de %s en %s de %s : %s",
		"They replace the current users.": "Ils remplacent les utilisateurs actuels.",
		"%d {user|users} set in %s":       "%d {utilisateur défini|utilisateurs définis} dans %s",
		"No SFTP or FTP services.":        "Aucun service SFTP ou FTP.",
		"users":                           "utilisateurs",
		"host key":                        "clé d'hôte",
		"none yet":                        "pas encore",
		"set":                             "définis",
		"waits for its deletion":          "en attente de suppression",

		"set the users of %s/%s (%s): %s": "définir les utilisateurs de %s/%s (%s) : %s",

		// the files of apps
		"Replace %s?":                     "Remplacer %s ?",
		"replaced %s":                     "%s remplacé",
		"%s is as it should be":           "%s est déjà comme il faut",
		"kept %s, which is there already": "conservé : %s, qui existe déjà",
		"log groups keep their events as the account's retention policy says (%s), not the %d {day|days} of cicdctl": "les groupes de journaux gardent leurs événements selon la politique de rétention du compte (%s), et non les %d {jour|jours} de cicdctl",
		"%s %s was not made by cicdctl and serves: it is used as it is, and never changed":                           "%s %s n'a pas été créé par cicdctl et convient : il est utilisé tel quel, jamais modifié",
	}
}
