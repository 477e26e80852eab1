package vpn

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// readKeys are the pre-shared keys of the connection's tunnels, in their order. They are
// in the configuration that AWS gives for the device, or else in the secret.
func (c *Connection) readKeys(ctx context.Context) ([2]string, error) {
	keys, err := keysOfConfiguration(string(c.keys), c.Tunnels)
	if err == nil {
		return keys, nil
	}
	if c.secret == "" {
		return keys, cloud.Guardf("AWS does not tell the keys of VPN connection %s, and names no secret that holds them: %v", c.ID, err)
	}
	out, err := c.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &c.secret})
	if err != nil {
		return keys, lang.Errorf("read the keys of VPN connection %s: %w", c.ID, err)
	}
	if keys, err = keysOfSecret(aws.ToString(out.SecretString), c.Tunnels); err != nil {
		return keys, cloud.Guardf("the keys of VPN connection %s are in %s, in a form that cicdctl does not know (%v): read them there", c.ID, c.secret, err)
	}
	return keys, nil
}

var errNoKeys = lang.New("it holds no key for each tunnel")

// keysOfConfiguration reads the XML that DescribeVpnConnections has for the device. While
// Secrets Manager keeps the keys it has another text in their place, or none.
func keysOfConfiguration(text string, tunnels []TunnelState) (keys [2]string, err error) {
	var doc struct {
		Tunnels []struct {
			Outside string `xml:"vpn_gateway>tunnel_outside_address>ip_address"`
			Key     string `xml:"ike>pre_shared_key"`
		} `xml:"ipsec_tunnel"`
	}
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		return keys, errNoKeys // not the parser's words: they may quote the text
	}
	for i, t := range tunnels {
		for _, told := range doc.Tunnels {
			if told.Outside == t.Outside.String() && told.Key != redacted && keyPattern.MatchString(told.Key) {
				keys[i] = told.Key
			}
		}
	}
	if keys[0] == "" || keys[1] == "" {
		return [2]string{}, errNoKeys
	}
	return keys, nil
}

// redacted stands in place of a key that Secrets Manager keeps.
const redacted = "REDACTED"

// keysOfSecret reads the secret that AWS makes of a connection. Its form is not
// documented, so a value is taken for a tunnel's key only where its name, or the only
// address beside it, is the outside address, or else where its name has the tunnel's number.
func keysOfSecret(text string, tunnels []TunnelState) (keys [2]string, err error) {
	var doc any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return keys, lang.New("it is not JSON")
	}
	found := keysIn(doc, "", "")
	for _, match := range []func(foundKey, int) bool{
		func(f foundKey, i int) bool {
			return f.beside == tunnels[i].Outside.String() || strings.Contains(f.path, "/"+tunnels[i].Outside.String())
		},
		func(f foundKey, i int) bool {
			m := tunnelNumber.FindStringSubmatch(f.path)
			return len(m) == 2 && m[1] == strconv.Itoa(i+1)
		},
	} {
		for i := range keys {
			its := slices.DeleteFunc(slices.Clone(found), func(f foundKey) bool { return !match(f, i) })
			if len(its) == 1 {
				keys[i] = its[0].key
			}
		}
		if keys[0] != "" && keys[1] != "" {
			return keys, nil
		}
	}
	return [2]string{}, errNoKeys
}

// tunnelNumber is the number in names such as tunnel1, Tunnel_2_PreSharedKey and psk2.
var tunnelNumber = lazyregexp.New(`(?i)(?:tunnel|psk|key)[^0-9a-z]*([12])(?:[^0-9]|$)`)

// foundKey is a value that can be a key.
type foundKey struct {
	path, key string // path is made of the names that lead to it
	beside    string // the only address in the same object; empty when there are others
}

// keysIn looks for keys in a JSON value.
func keysIn(value any, path, beside string) []foundKey {
	var out []foundKey
	switch v := value.(type) {
	case string:
		if _, err := netip.ParseAddr(v); err != nil && keyPattern.MatchString(v) {
			out = append(out, foundKey{path, v, beside})
		}
	case []any:
		for i, inner := range v {
			out = append(out, keysIn(inner, path+"/tunnel"+strconv.Itoa(i+1), "")...)
		}
	case map[string]any:
		var addresses []string
		for _, inner := range v {
			if text, ok := inner.(string); ok {
				if _, err := netip.ParseAddr(text); err == nil {
					addresses = append(addresses, text)
				}
			}
		}
		only := ""
		if len(addresses) == 1 {
			only = addresses[0]
		}
		for name, inner := range v {
			out = append(out, keysIn(inner, path+"/"+name, only)...)
		}
	}
	return out
}
