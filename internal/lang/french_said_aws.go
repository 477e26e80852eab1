package lang

// frenchSaidAws translates calls of AWS.
func frenchSaidAws() map[string]string {
	return map[string]string{
		"ask AWS who is calling: %w":     "demander à AWS qui appelle : %w",
		"read the AWS configuration: %w": "lire la configuration d'AWS : %w",
		"write %s: %w: %w":               "écrire %s : %w : %w",
		"AWS did not answer properly; run the same command again: it goes on where it stopped":                                                                                             "AWS n'a pas répondu correctement ; relancez la même commande : elle reprend où elle s'est arrêtée",
		"AWS does not accept these credentials: check AWS_PROFILE, AWS_ACCESS_KEY_ID and the machine's clock":                                                                              "AWS n'accepte pas ces identifiants : vérifiez AWS_PROFILE, AWS_ACCESS_KEY_ID et l'horloge de la machine",
		"AWS has not opened this to the account, which is usual for new ones: open a case with AWS Support, or wait for the mail that says it is verified, and run the same command again": "AWS n'a pas ouvert ceci au compte, ce qui est courant pour un compte récent : ouvrez un dossier auprès du support AWS, ou attendez le courriel qui annonce la vérification, puis relancez la même commande",
		"AWS is throttling this account; run the same command again in a few minutes":                                                                                                      "AWS limite le débit de ce compte ; relancez la même commande dans quelques minutes",
		"an AWS quota is used up: cicdctl doctor shows which; ask for more in the Service Quotas console":                                                                                  "un quota d'AWS est épuisé : cicdctl doctor montre lequel ; demandez plus dans la console Service Quotas",
		"no usable AWS credentials: set AWS_PROFILE, run aws sso login, or try --sandbox, which needs none":                                                                                "pas d'identifiants AWS utilisables : définissez AWS_PROFILE, lancez aws sso login, ou essayez --sandbox, qui n'en demande pas",
		"your AWS session has expired: run aws sso login, or renew the token, and run the same command again":                                                                              "votre session AWS a expiré : lancez aws sso login, ou renouvelez le jeton, puis relancez la même commande",
		"your credentials lack a permission; take another profile with AWS_PROFILE":                                                                                                        "il manque une autorisation à vos identifiants ; prenez un autre profil avec AWS_PROFILE",
		"your credentials lack the IAM action %s; ask for it, or take another profile with AWS_PROFILE":                                                                                    "il manque à vos identifiants l'action IAM %s ; demandez-la, ou prenez un autre profil avec AWS_PROFILE",
		"no AWS credentials were found":                                                    "aucun identifiant AWS n'a été trouvé",
		"lease %s: %w":                                                                     "verrou %s : %w",
		"the lease was lost: another run may have taken over":                              "le verrou est perdu : une autre exécution l'a peut-être repris",
		"whose account the bucket must be in: %w":                                          "dans quel compte doit être le bucket : %w",
		"read a recording, after %d {line|lines}: %w":                                      "lire un enregistrement, après %d {ligne|lignes} : %w",
		"record %s: %w":                                                                    "enregistrer %s : %w",
		"key %s is %s for %s; it must be %s for %s":                                        "la clé %s est %s pour %s ; elle doit être %s pour %s",
		"public part of key %s: %w":                                                        "partie publique de la clé %s : %w",
		"public part of key %s: not what KMS says it is, %s":                               "partie publique de la clé %s : elle n'est pas ce que dit KMS, %s",
		"sign with a key of KMS: RSASSA-PSS is not in use, only PKCS #1 v1.5":              "signer avec une clé de KMS : RSASSA-PSS ne sert pas ici, seulement PKCS #1 v1.5",
		"sign with a key of KMS: a digest of %d {byte|bytes}, which SHA-256 does not give": "signer avec une clé de KMS : une empreinte de %d {octet|octets}, que SHA-256 ne donne pas",
		"sign with a key of KMS: a digest of %s, but only SHA-256 is in use":               "signer avec une clé de KMS : une empreinte de %s, alors que seul SHA-256 sert ici",
		"sign with a key of KMS: nobody says what the digest is of":                        "signer avec une clé de KMS : rien ne dit de quoi est l'empreinte",
		"sign with key %s: %w":                                                             "signer avec la clé %s : %w",
		"sign with key %s: what KMS answered is not a signature of that key: %w":           "signer avec la clé %s : ce que KMS a répondu n'est pas une signature de cette clé : %w",
	}
}
