package lang

// frenchSaidKindsTasks translates hosts and tasks.
var frenchSaidKindsTasks = map[string]string{
	"the cluster %s uses it, and cicdctl did not make that cluster: take it out there and run again": "le cluster %s l'utilise, et cicdctl n'a pas créé ce cluster : retirez-le de là, puis relancez",
	"%d to %d {host|hosts}": "de %d à %d {hôte|hôtes}",
	"%d {host runs|hosts run} and %d {has|have} joined the cluster %s: they need a way to ECS, and an agent that starts (look with Session Manager at /var/log/ecs)": "%d {hôte tourne|hôtes tournent} et %d {a|ont} rejoint le cluster %s : il leur faut un chemin vers ECS, et un agent qui démarre (regardez avec Session Manager dans /var/log/ecs)",
}
