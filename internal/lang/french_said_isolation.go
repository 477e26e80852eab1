package lang

// frenchSaidIsolation translates what can reach what.
func frenchSaidIsolation() map[string]string {
	return map[string]string{
		"read the network of %s: %w": "lire le réseau de %s : %w",
		"%d ordered {pair|pairs} of clients, of which %d can meet; %s combinations of addresses, protocols and ports, decided in %d {class|classes} by %d {rule|rules}": "%d {paire ordonnée|paires ordonnées} de clients, dont %d peuvent se rencontrer ; %s combinaisons d'adresses, de protocoles et de ports, décidées en %d {classe|classes} par %d {règle|règles}",
	}
}
