package lang

// frenchSaidKindsTasks translates hosts and tasks.
func frenchSaidKindsTasks() map[string]string {
	return map[string]string{
		"the cluster %s uses it, and cicdctl did not make that cluster: take it out there and run again": "le cluster %s l'utilise, et cicdctl n'a pas créé ce cluster : retirez-le de là, puis relancez",
		"%d to %d {host|hosts}": "de %d à %d {hôte|hôtes}",
		"%d {host runs|hosts run} and %d {has|have} joined the cluster %s: they need a way to ECS, and an agent that starts (look with Session Manager at /var/log/ecs)": "%d {hôte tourne|hôtes tournent} et %d {a|ont} rejoint le cluster %s : il leur faut un chemin vers ECS, et un agent qui démarre (regardez avec Session Manager dans /var/log/ecs)",
		"a capacity provider cannot be given another group; take it out of the cluster, delete it, and run again":                                                        "un fournisseur de capacité ne peut pas recevoir un autre groupe ; retirez-le du cluster, supprimez-le, puis relancez",
		"cluster %s is gone":                             "le cluster %s a disparu",
		"it runs the service %s, which is not cicdctl's": "il exécute le service %s, qui n'est pas à cicdctl",
		"ECR cannot change the key of a repository; delete the repository by hand, run again, and push its images anew":               "ECR ne peut pas changer la clé d'un dépôt ; supprimez le dépôt à la main, relancez, et poussez de nouveau ses images",
		" (quota L-1216C47A of EC2, Running On-Demand Standard instances: ask for more in the Service Quotas console, and run again)": " (quota L-1216C47A d'EC2, Running On-Demand Standard instances : demandez plus dans la console Service Quotas, puis relancez)",
		" (the key of the hosts' volumes must be enabled, and its policy must let Auto Scaling's service-linked role use it)":         " (la clé des volumes des hôtes doit être activée, et sa politique doit laisser le rôle lié au service d'Auto Scaling l'utiliser)",
		"Auto Scaling cannot start hosts: %s": "Auto Scaling ne peut pas démarrer d'hôtes : %s",
	}
}
