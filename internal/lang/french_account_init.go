package lang

// frenchAccountInit translates the beginning and the end of an account.
func frenchAccountInit() map[string]string {
	return map[string]string{
		"the command names account %s, --account says %s":                                                      "la commande nomme le compte %s, --account dit %s",
		"account %s is prepared: no change.":                                                                   "le compte %s est prêt : rien à changer.",
		"account %s is prepared for its clients: %s":                                                           "le compte %s est prêt pour ses clients : %s",
		"nothing is left to remove in account %s":                                                              "plus rien à supprimer dans le compte %s",
		"what the clients of account %s shared is removed: %s":                                                 "ce que partageaient les clients du compte %s est supprimé : %s",
		"KMS deletes the keys on %s; until then this takes them back, and prepares the account again: %s":      "KMS supprime les clés le %s ; d'ici là, cette commande les reprend et prépare à nouveau le compte : %s",
		"to keep the key of the role %s by itself: %s":                                                         "pour ne garder que la clé du rôle %s : %s",
		"another run is at work in account %s: it has put %s into the admin bucket; run again once it is done": "une autre exécution travaille dans le compte %s : elle a mis %s dans le bucket d'administration ; relancez quand elle aura fini",
		"list the private keys in %s: %w":                                                                      "lister les clés privées de %s : %w",
		"list the leases in %s: %w":                                                                            "lister les baux de %s : %w",
		"wait for the lease %s: %w":                                                                            "attendre le bail %s : %w",
		"%s was not made by cicdctl: it stays":                                                                 "%s n'a pas été créé par cicdctl : il reste",
		"%s is the organization's: it stays":                                                                   "%s est à l'organisation : il reste",
		"the roles of AWS's services stay, which are AWS's own and cost nothing: %s":                           "les rôles des services d'AWS restent, ils sont à AWS et ne coûtent rien : %s",
		"account %s still holds what its keys, its buckets and its trail are for:%s":                           "le compte %s contient encore ce à quoi servent ses clés, ses buckets et son journal :%s",
		"%s %s until %s": "%s %s jusqu'au %s",
		"%s %s for good": "%s %s pour de bon",
		"%d {resource|resources} of the account in %s: write admin_region: %[2]s, and run account destroy":                          "%d {ressource|ressources} du compte dans %s : écrivez admin_region: %[2]s, puis lancez account destroy",
		"%d {resource|resources} that clients share in %s: cicdctl region destroy %[2]s":                                            "%d {ressource partagée|ressources partagées} par les clients dans %s : cicdctl region destroy %[2]s",
		"kept of %s: %s; it goes with cicdctl region destroy %[1]s --purge-data":                                                    "gardé de %s : %s ; cicdctl region destroy %[1]s --purge-data le supprime",
		"client %s in %s, with %d {resource|resources}: cicdctl client destroy %[1]s --region %[2]s":                                "client %s dans %s, avec %d {ressource|ressources} : cicdctl client destroy %[1]s --region %[2]s",
		"kept of client %s in %s: %s; it goes with cicdctl client destroy %[1]s --region %[2]s --purge-data":                        "gardé du client %s dans %s : %s ; cicdctl client destroy %[1]s --region %[2]s --purge-data le supprime",
		"left: roles that are not cicdctl's trust it (%s)":                                                                          "laissé : des rôles qui ne sont pas à cicdctl s'y fient (%s)",
		"left: others have added audiences to it (%s)":                                                                              "laissé : d'autres y ont ajouté des audiences (%s)",
		"another run is at work in the account: it has the lease %s; run again once it is done":                                     "une autre exécution travaille dans le compte : elle a le bail %s ; relancez quand elle aura fini",
		"%s holds %s, which came after the plan was made: another run is at work in the account; nothing of the bucket was deleted": "%s contient %s, arrivé après l'établissement du plan : une autre exécution travaille dans le compte ; rien du bucket n'a été supprimé",
		"Object Lock retains %s until %s":                                                                                           "Object Lock retient %s jusqu'au %s",
		"%s is under a legal hold of Object Lock, until somebody lifts it":                                                          "%s est sous séquestre juridique (legal hold) d'Object Lock, jusqu'à ce que quelqu'un le lève",
		"the private keys of %s, for ever: whatever they still open cannot be opened any more":                                      "les clés privées de %s, pour toujours : ce qu'elles ouvrent encore ne pourra plus être ouvert",
		"the trail of who did what in the account, for ever: all of s3://%s":                                                        "le journal de qui a fait quoi dans le compte, pour toujours : tout s3://%s",
	}
}

// frenchHelpAccountInit translates the help of account, account init and account destroy.
func frenchHelpAccountInit() map[string]string {
	return map[string]string{
		`The clients of all regions share the bucket of private keys, the trail with its
bucket and its alarms, two KMS keys, GitLab's identity provider and the roles of
AWS's services. account init makes them, or the first client create. No command
about a client or a region removes them: account destroy does.`: `Les clients de toutes les régions partagent le bucket des clés privées, le journal
CloudTrail (trail) avec son bucket et ses alarmes, deux clés KMS, le fournisseur
d'identité de GitLab et les rôles des services d'AWS. account init les crée, ou le
premier client create. Aucune commande sur un client ou une région ne les supprime :
c'est account destroy qui le fait.`,

		// cicdctl account init
		"Prepare an account for its first client": "Préparer un compte pour son premier client",
		`Make what the clients of all regions share: the bucket of private keys and leases,
the trail with its bucket, log group and alarms, their KMS keys, GitLab's identity
provider, the roles of AWS's services and the bucket of access logs. The first client
create makes the same if it is missing. What a region needs is not made.`: `Créer ce que partagent les clients de toutes les régions : le bucket des clés privées
et des baux, le journal CloudTrail avec son bucket, son groupe de journaux et ses
alarmes, leurs clés KMS, le fournisseur d'identité de GitLab, les rôles des services
d'AWS et le bucket des journaux d'accès. Le premier client create crée la même chose
si elle manque. Ce qu'il faut à une région n'est pas créé.`,
		`The command shows the plan and asks. Run again, it changes nothing, or repairs what
differs. Within 30 days of account destroy it takes the KMS keys back.`: `La commande affiche le plan et demande. Relancée, elle ne change rien, ou répare ce
qui diffère. Dans les 30 jours après account destroy, elle reprend les clés KMS.`,

		"NAME is an account of the configuration (default: that of the credentials).": "NAME est un compte de la configuration (par défaut : celui des identifiants).",

		// cicdctl account destroy
		"Remove what is left of cicdctl in an account without clients": "Supprimer ce qui reste de cicdctl dans un compte sans clients",
		`Remove what region destroy leaves: the trail, its log group, alarms, topic and
role, GitLab's identity provider, and with --purge-data also the buckets of private
keys, of the trail and of access logs, and the two KMS keys. It shows the plan and
asks you to type the account's number.`: `Supprimer ce que region destroy laisse : le journal CloudTrail, son groupe de
journaux, ses alarmes, sa rubrique et son rôle, le fournisseur d'identité de GitLab,
et avec --purge-data aussi les buckets des clés privées, du journal et des journaux
d'accès, et les deux clés KMS. La commande affiche le plan et demande de saisir le
numéro du compte.`,
		`It is refused, with a list, while any of the four regions holds a client, what
clients share, or anything kept: archives, snapshots, backups, keys. Objects that
S3 Object Lock retains stop it before anything is removed. The roles of AWS's
services stay, and so does an identity provider that others made or use.`: `Elle est refusée, avec une liste, tant qu'une des quatre régions contient un client,
ce que des clients partagent, ou quoi que ce soit de gardé : archives, instantanés,
sauvegardes, clés. Des objets que retient S3 Object Lock l'arrêtent avant toute
suppression. Les rôles des services d'AWS restent, de même qu'un fournisseur
d'identité que d'autres ont créé ou utilisent.`,
		`--purge-data loses for ever the private keys of clients that are gone, and the trail
of who did what. KMS deletes the keys after 30 days; account init takes them back
until then. An interrupted command can be repeated.`: `--purge-data perd pour toujours les clés privées des clients qui ne sont plus là, et
le journal de qui a fait quoi. KMS supprime les clés après 30 jours ; d'ici là,
account init les reprend. Une commande interrompue peut être relancée.`,
		"also delete the buckets, with what is in them, and the keys": "supprimer aussi les buckets, avec leur contenu, et les clés",
	}
}
