package vpn

import (
	"fmt"
	"net/netip"
	"testing"
)

var twoTunnels = []TunnelState{{Number: 1, Outside: netip.MustParseAddr("203.0.113.1")}, {Number: 2, Outside: netip.MustParseAddr("203.0.113.2")}}

func TestKeysAreReadFromTheSecretOfAConnection(t *testing.T) {
	for name, text := range map[string]string{
		"by outside address":                `{"203.0.113.2": "second.key_2", "203.0.113.1": "first.key_1"}`,
		"with the outside address":          `[{"ip": "203.0.113.2", "psk": "second.key_2"}, {"ip": "203.0.113.1", "psk": "first.key_1"}]`,
		"by number":                         `{"Tunnel2PreSharedKey": "second.key_2", "Tunnel1PreSharedKey": "first.key_1"}`,
		"by number, within an object":       `{"vpn": {"tunnel_1": {"psk": "first.key_1"}, "tunnel_2": {"psk": "second.key_2"}}}`,
		"in a list":                         `{"psks": ["first.key_1", "second.key_2"]}`,
		"the address counts, not the order": `{"tunnel1": {"outside": "203.0.113.2", "psk": "second.key_2"}, "tunnel2": {"outside": "203.0.113.1", "psk": "first.key_1"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := keysOfSecret(text, twoTunnels)
			if err != nil || keys != [2]string{"first.key_1", "second.key_2"} {
				t.Errorf("%v %v", keys, err)
			}
		})
	}
}

func TestSecretsOfAnUnknownFormAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":            `first.key_1`,
		"one key":            `{"tunnel1": "first.key_1"}`,
		"two for one tunnel": `{"tunnel1": {"psk": "first.key_1", "old": "other.key_1"}, "tunnel2": "second.key_2"}`,
		"not said for which": `{"a": "first.key_1", "b": "second.key_2"}`,
		"shorter than AWS's": `{"tunnel1": "first", "tunnel2": "second"}`,
		"nothing":            `{}`,
	} {
		t.Run(name, func(t *testing.T) {
			if keys, err := keysOfSecret(text, twoTunnels); err == nil {
				t.Errorf("read as %v", keys)
			}
		})
	}
}

func TestKeysAreReadFromTheConfigurationUnlessTheyAreElsewhere(t *testing.T) {
	document := func(first, second string) string {
		tunnel := `<ipsec_tunnel><vpn_gateway><tunnel_outside_address><ip_address>%s</ip_address></tunnel_outside_address></vpn_gateway><ike><pre_shared_key>%s</pre_shared_key></ike></ipsec_tunnel>`
		return `<?xml version="1.0" encoding="UTF-8"?><vpn_connection id="vpn-1">` + fmt.Sprintf(tunnel+tunnel, "203.0.113.2", second, "203.0.113.1", first) + `</vpn_connection>`
	}
	keys, err := keysOfConfiguration(document("first.key_1", "second.key_2"), twoTunnels)
	if err != nil || keys != [2]string{"first.key_1", "second.key_2"} {
		t.Errorf("%v %v", keys, err)
	}
	for name, text := range map[string]string{"redacted": document("REDACTED", "REDACTED"), "one is empty": document("first.key_1", ""), "no document": "", "no XML": "first.key_1 <"} {
		if keys, err := keysOfConfiguration(text, twoTunnels); err == nil {
			t.Errorf("%s: read as %v", name, keys)
		}
	}
}

func FuzzKeysOfSecret(f *testing.F) {
	f.Add(`{"203.0.113.2": "second.key_2", "tunnel1": ["first.key_1", {"a": null}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := keysOfSecret(text, twoTunnels)
		if err == nil && (!keyPattern.MatchString(keys[0]) || !keyPattern.MatchString(keys[1])) {
			t.Errorf("%q: %q", text, keys)
		}
	})
}
