package kms

import (
	"testing"

	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

func TestOnlyPlainWordsOfAKeyAreTaken(t *testing.T) {
	t.Parallel()
	const policy = `{"Version":"2012-10-17","Statement":[]}`
	for why, c := range map[string]struct {
		told                    kit.Properties
		state, policy, rotation bool
	}{
		"a key in use that is never renewed": {kit.Properties{"Enabled": []byte("true"), "KeyPolicy": []byte(policy), "EnableKeyRotation": []byte("false")}, true, true, true},
		"a key that is renewed some day":     {kit.Properties{"Enabled": []byte("true"), "KeyPolicy": []byte(policy), "EnableKeyRotation": []byte("true")}, true, true, false},
		"a key that is not in use":           {kit.Properties{"Enabled": []byte("false")}, false, false, false},
		"a policy that is a text":            {kit.Properties{"KeyPolicy": []byte(`"{}"`)}, false, false, false},
		"nulls":                              {kit.Properties{"Enabled": []byte("null"), "KeyPolicy": []byte("null"), "EnableKeyRotation": []byte("null")}, false, false, false},
		"nothing":                            {nil, false, false, false},
	} {
		k := &Key{}
		if state, policy, rotation := k.take(c.told); state != c.state || policy != c.policy || rotation != c.rotation {
			t.Errorf("%s: took the state %v, the policy %v, the rotation %v", why, state, policy, rotation)
		}
	}
}
