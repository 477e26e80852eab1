package rules

import "testing"

func TestDeployRolesAreKnownByName(t *testing.T) {
	t.Parallel()
	for role, want := range map[string]bool{DeployRoleName("ACME", "shop"): true, "acme-shop": false, "acme-deploy": false, "acme--deploy": false, "globex-shop-deploy": false, "deploy": false, "": false} {
		if got := IsDeployRole("ACME", role); got != want {
			t.Errorf("%q: %v, want %v", role, got, want)
		}
	}
}
