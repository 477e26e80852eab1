package lang

// frenchAccounts translates what is said of AWS accounts of the configuration.
func frenchAccounts() map[string]string {
	return map[string]string{
		"client %[1]s is in %[2]s (%[3]s) already, and would be made a second time: put its account back into its spec, or call this client by another name; if it is to move, %[4]s comes first (its data does not move along)": "le client %[1]s existe déjà (%[2]s, %[3]s) et serait créé une seconde fois : remettre son compte dans sa spécification, ou donner un autre nom à ce client ; s'il doit déménager, %[4]s vient d'abord (ses données ne suivent pas)",
		"it is not known whether %s has a client %s already: %s": "on ne sait pas si le client existe déjà (%s, %s) : %s",
		"the credentials' account":                               "compte des identifiants",
		"cicdctl: %s could not be looked at: %s":                 "cicdctl: %s n'a pas pu être consulté : %s",
		"not known":                                              "inconnu",
		"--account %q is no AWS account: it has 12 digits, or a name under accounts in the configuration":                              "--account %q n'est pas un compte AWS : il a 12 chiffres, ou un nom sous accounts dans la configuration",
		"--read-only and --trust exclude each other":                                                                                   "--read-only et --trust s'excluent",
		"who may assume %s is not said":                                                                                                "qui peut endosser %s n'est pas dit",
		"add --principal with the ARN of the role or user whose credentials cicdctl runs with; cicdctl doctor shows it":                "ajoutez --principal avec l'ARN du rôle ou de l'utilisateur dont cicdctl a les identifiants ; cicdctl doctor le montre",
		"this is the trust policy of %s; it also needs the policies that cicdctl iam-policy prints, and %s needs sts:AssumeRole on it": "voici la politique de confiance de %s ; il lui faut aussi les politiques qu'imprime cicdctl iam-policy, et %s a besoin de sts:AssumeRole sur lui",
		"the whole account": "tout le compte",
		"no account of the configuration allows region %q":                    "aucun compte de la configuration n'autorise la région %q",
		"add it to the regions of one of %s":                                  "ajoutez-la aux régions de l'un de %s",
		"the credentials are of account %s, which the configuration calls %s": "les identifiants sont du compte %s, que la configuration appelle %s",
		"write account: %s into the specs that have none":                     "écrivez account: %s dans les spécifications qui n'en ont pas",
		"assume %s, the role of account %s: %s":                               "endosser %s, le rôle du compte %s : %s",
		"which is not configured":                                             "qui n'est pas configuré",
		"which is configured":                                                 "qui est configuré",
		"see that accounts.%s.role exists and trusts the credentials, with the external ID that accounts.%s.external_id gives (%s); AWS answers all of this alike. cicdctl iam-policy --trust %s prints the trust policy that the role needs; the credentials need sts:AssumeRole on it": "vérifiez que accounts.%s.role existe et fait confiance aux identifiants, avec l'external ID que donne accounts.%s.external_id (%s) ; AWS répond à tout cela de la même façon. cicdctl iam-policy --trust %s imprime la politique de confiance qu'il faut au rôle ; les identifiants ont besoin de sts:AssumeRole sur lui",
		"account %s": "compte %s",
		"account %q is not in accounts of the configuration":                                                                                  "le compte %q n'est pas dans accounts de la configuration",
		"add it to accounts in the configuration, which has none":                                                                             "ajoutez-le à accounts dans la configuration, qui n'en a aucun",
		"it has %s: name one of them, or add it there":                                                                                        "elle a %s : nommez-en un, ou ajoutez-le",
		"%s says no account, which is that of the credentials, and --account says %s":                                                         "%s ne donne pas de compte, donc celui des identifiants, et --account dit %s",
		"leave --account out; a client that is not created yet may get account: %s in its file":                                               "omettez --account ; un client pas encore créé peut recevoir account: %s dans son fichier",
		"%s says account %s, --account says %s":                                                                                               "%s dit compte %s, --account dit %s",
		"leave --account out; to move a client, create it under another name":                                                                 "omettez --account ; pour déplacer un client, créez-le sous un autre nom",
		"region %q is not one of account %s: accounts.%s.regions has %s":                                                                      "la région %q n'est pas au compte %s : accounts.%s.regions a %s",
		"choose one of them, or add the region to the account in the configuration":                                                           "choisissez-en une, ou ajoutez la région au compte dans la configuration",
		"%q is not one of the regions of account %s: choose one of %s, or add it to accounts.%s.regions in the configuration":                 "%q n'est pas une région du compte %s : choisissez parmi %s, ou ajoutez-la à accounts.%s.regions dans la configuration",
		"say where %s is with --region and --account; %s is then not read":                                                                    "dites où est %s avec --region et --account ; %s n'est alors pas lu",
		"%s is in %s, which accounts.%s.regions does not have":                                                                                "%s est dans %s, que accounts.%s.regions n'a pas",
		"accounts.%s.regions does not have %s":                                                                                                "accounts.%s.regions n'a pas %s",
		"add %s to the regions of the account in the configuration":                                                                           "ajoutez %s aux régions du compte dans la configuration",
		"nothing of %s is where %s says, but it is in %s":                                                                                     "rien de %s n'est là où le dit %s, mais il est dans %s",
		"put its region and its account back into the file, and run the same command again":                                                   "remettez sa région et son compte dans le fichier, et relancez la même commande",
		"leave --account out, or say with --region as well where %s is; %s is then not read":                                                  "enlevez --account, ou dites aussi avec --region où est %s ; %s n'est alors pas lu",
		"cicdctl client destroy %s --region %s, without an account in its spec,":                                                              "cicdctl client destroy %s --region %s, sans compte dans sa spécification,",
		"cicdctl client destroy %s --region %s --account %s":                                                                                  "cicdctl client destroy %s --region %s --account %s",
		"say where %s is with --account":                                                                                                      "dites où est %s avec --account",
		"%s is in several places: %s":                                                                                                         "%s est à plusieurs endroits : %s",
		"say which is meant with --account and --region":                                                                                      "précisez avec --account et --region",
		"account %s must be %s, as accounts.%s.role of the configuration says, and it is %s that answers":                                     "le compte %s doit être %s, comme le dit accounts.%s.role de la configuration, et c'est %s qui répond",
		"look at where AWS_ENDPOINT_URL and the profile of the credentials lead; nothing was done in that account":                            "voyez où mènent AWS_ENDPOINT_URL et le profil des identifiants ; rien n'a été fait dans ce compte",
		"%q is not the name of an account: 1 to %d lower-case letters, digits and single hyphens, starting with a letter, such as production": "%q n'est pas un nom de compte : 1 à %d minuscules, chiffres et tirets simples, commençant par une lettre, par exemple production",
		"%s: must be YAML or JSON, names with an account each: %w":                                                                            "%s : doit être du YAML ou du JSON, des noms avec chacun un compte : %w",
		"accounts: must be names with an account each, not %v":                                                                                "accounts : doit être des noms avec chacun un compte, et non %v",
		"accounts.%s.role: %s is in the account of %s; an account has one name: remove one of them":                                           "accounts.%s.role : %s est dans le compte de %s ; un compte a un seul nom : supprimez l'un des deux",
		"accounts: %s": "accounts : %s",
		"must have at least a role, such as arn:aws:iam::123456789012:role/cicdctl": "doit avoir au moins un rôle, comme arn:aws:iam::123456789012:role/cicdctl",
		"unknown key %q%s (known: %s)": "clé inconnue %q%s (connues : %s)",
		"must be text, not %v":         "doit être un texte, et non %v",
		"missing; give the ARN of the role in that account, such as arn:aws:iam::123456789012:role/cicdctl": "manquant ; donnez l'ARN du rôle dans ce compte, par exemple arn:aws:iam::123456789012:role/cicdctl",
		"%q is not the ARN of an IAM role, such as arn:aws:iam::123456789012:role/cicdctl":                  "%q n'est pas l'ARN d'un rôle IAM, par exemple arn:aws:iam::123456789012:role/cicdctl",
		"it is not what AWS takes: 2 to 1,224 letters, digits and _+=,.@:/-, as in the role's trust policy": "ce n'est pas ce qu'AWS accepte : 2 à 1224 lettres, chiffres et _+=,.@:/-, comme dans la politique de confiance du rôle",
		"%s: empty, so that no client could be there; name a region, or leave the key out for all of %s":    "%s : vide, aucun client ne pourrait y être ; nommez une région, ou omettez la clé pour toutes celles de %s",
		"%s: %s is there twice; remove one": "%s : %s y est deux fois ; supprimez-en une",
		"%s: empty; name a network such as 10.21.0.0/16, or leave the key out for those of all accounts": "%s : vide ; nommez un réseau comme 10.21.0.0/16, ou omettez la clé pour ceux de tous les comptes",
		"%s: %q is not a network such as 10.21.0.0/16":                                                   "%s : %q n'est pas un réseau comme 10.21.0.0/16",
	}
}

// frenchHelpAccounts is the help on accounts of the configuration.
func frenchHelpAccounts() map[string]string {
	return map[string]string{
		"print the trust policy of this account's role, by its name": "imprimer la politique de confiance du rôle de ce compte, par son nom",
		"ARN of who may assume the role, with --trust; repeatable":   "ARN de qui peut endosser le rôle, avec --trust ; répétable",
		`With accounts in the configuration, covers all of them; --account narrows to one. An
account that fails does not hide the results of others; the exit code is then 1.`: `Avec des comptes dans la configuration, les couvre tous ; --account se limite à un.
Un compte en échec ne cache pas les résultats des autres ; le code est alors 1.`,
		`With --trust, prints the trust policy of the role in an account of the configuration:
--principal may assume it, with the external ID that the configuration has. The role
needs the other policies as well.`: `Avec --trust, imprime la politique de confiance du rôle d'un compte de la
configuration : --principal peut l'endosser, avec l'external ID que donne la
configuration. Il faut aussi les autres politiques au rôle.`,
		"target AWS account: its ID or name (default: from the spec or the credentials)": "compte AWS cible : numéro ou nom (par défaut : celui du client ou des identifiants)",
		"account of the configuration (default: that of the client's spec, or all)":      "compte de la configuration (par défaut : celui du client, ou tous)",
	}
}
