package recording

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// Masked is a value of the SDK as plain maps, lists and scalars, as JSON has them,
// without what is not set. Whatever identifies somebody or opens something is replaced
// by a word for what it was: "vpc-ID", "ACCOUNT", "SECRET". Text that is JSON itself,
// as policies are, becomes what it says.
func Masked(value any) any {
	masked, _ := tree("", reflect.ValueOf(value))
	return masked
}

// secretFields are members whose values open something, whatever service they are of.
var secretFields = lazyregexp.New(`(?i)(secret(string|binary|accesskey)|password|passphrase|privatekey|keymaterial|preshared|sessiontoken|externalid|authorizationtoken|userdata|customergatewayconfiguration|^body$|^plaintext$|signature)`)

// tokenFields are members whose values are made up anew each time.
var tokenFields = lazyregexp.New(`(?i)(token|marker|creatorrequestid|callerreference|reservationid|requestid|hostid|etag|versionid|versionidmarker)$`)

// tree turns a value into plain data; false when nothing is set.
func tree(field string, v reflect.Value) (any, bool) {
	if !v.IsValid() {
		return nil, false
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, false
		}
		if v.Elem().Kind() == reflect.Struct || v.Elem().Kind() == reflect.Pointer {
			return tree(field, v.Elem())
		}
		return scalar(field, v.Elem()), true // a pointer to a zero is set
	case reflect.Interface:
		if v.IsNil() {
			return nil, false
		}
		if _, stream := reflect.TypeAssert[io.Reader](v); stream {
			return "STREAM", true
		}
		return tree(field, v.Elem())
	case reflect.Struct:
		if at, is := reflect.TypeAssert[time.Time](v); is {
			return "TIME", !at.IsZero()
		}
		return members(v), true
	case reflect.Map:
		return entries(field, v)
	case reflect.Slice, reflect.Array:
		return items(field, v)
	default:
		return scalar(field, v), !v.IsZero()
	}
}

// members are the exported fields of a structure that are set.
func members(v reflect.Value) map[string]any {
	out := map[string]any{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		if f.Name == "Message" && strings.HasSuffix(v.Type().Name(), "LogEvent") {
			out[f.Name] = "LINE" // what an app logs may be anything
			continue
		}
		if value, set := tree(f.Name, v.Field(i)); set {
			out[f.Name] = value
		}
	}
	return out
}

func entries(field string, v reflect.Value) (any, bool) {
	if v.IsNil() {
		return nil, false
	}
	out := map[string]any{}
	for it := v.MapRange(); it.Next(); {
		key := text("", fmt.Sprint(it.Key().Interface()))
		under := key
		if secretFields.MatchString(field) {
			under = field // a map of secrets
		}
		if value, set := tree(under, it.Value()); set {
			out[key] = value
		}
	}
	return out, true
}

func items(field string, v reflect.Value) (any, bool) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return nil, false
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return "BYTES", true
	}
	out := make([]any, 0, v.Len())
	for i := range v.Len() {
		value, _ := tree(field, v.Index(i))
		out = append(out, value)
	}
	return out, true
}

func scalar(field string, v reflect.Value) any {
	switch v.Kind() {
	case reflect.String:
		return texts(field, v.String())
	case reflect.Bool:
		return v.Bool()
	case reflect.Float32, reflect.Float64:
		return v.Float()
	default:
		if v.CanInt() {
			return float64(v.Int())
		}
		if v.CanUint() {
			return float64(v.Uint())
		}
		return "VALUE"
	}
}

// texts masks a text, or what it says where it is JSON.
func texts(field, s string) any {
	plain := s
	if strings.HasPrefix(s, "%7B") { // IAM's way to tell policies
		if unescaped, err := url.QueryUnescape(s); err == nil {
			plain = unescaped
		}
	}
	if trimmed := strings.TrimSpace(plain); strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		var inner any
		if !secretFields.MatchString(field) && json.Unmarshal([]byte(trimmed), &inner) == nil {
			said, _ := tree(field, reflect.ValueOf(inner))
			return said
		}
	}
	return text(field, s)
}

// patterns are what identifies, in the order in which it is looked for.
var patterns = []struct {
	what *lazyregexp.Regexp
	as   string
}{
	{lazyregexp.New(`-----BEGIN [^-]+-----[\s\S]*`), "SECRET"},
	{lazyregexp.New(`\b(AKIA|ASIA|AROA|AIDA|AIPA|ANPA|AGPA)[A-Z0-9]{12,}`), "KEYID"},
	{lazyregexp.New(`(assumed-role|federated-user)/[\w+=,.@-]+/[\w+=,.@-]+`), "$1/CALLER"},
	{lazyregexp.New(`:user/[\w+=,.@/-]+`), ":user/CALLER"},
	{lazyregexp.New(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`), "EMAIL"},
	{lazyregexp.New(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?`), "TIME"},
	{lazyregexp.New(`\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b`), "UUID"},
	{lazyregexp.New(`(\b|_)\d{12}(\b|_)`), "${1}ACCOUNT${2}"}, // CloudTrail's log streams are called 123456789012_CloudTrail_eu-west-3
	{lazyregexp.New(`\b([a-z]+(?:-[a-z]+)*)-[0-9a-f]{8,17}\b`), "$1-ID"},
	{lazyregexp.New(`\b[0-9a-f]{16,}\b`), "HEX"},
	{lazyregexp.New(`\b([0-9a-f]{2}:){7,}[0-9a-f]{2}\b`), "FINGERPRINT"},
	{lazyregexp.New(`\bZ[A-Z0-9]{9,31}\b`), "ZONE"},
	{lazyregexp.New(`\b\d{6,}\b`), "NUMBER"},
	// Names that AWS makes unique end in letters and digits of chance: a secret's ARN, a DNS name.
	{lazyregexp.New(`(:secret:[^"\s]*)-[A-Za-z0-9]{6}\b`), "$1-RANDOM"},
	{lazyregexp.New(`\.cluster-(ro-)?[a-z0-9]{10,16}\.`), ".cluster-${1}RANDOM."},
	{lazyregexp.New(`\b[A-Za-z0-9+/]{40,}={0,2}`), "OPAQUE"},
}

var address = lazyregexp.New(`\b\d{1,3}(\.\d{1,3}){3}\b(/\d{1,2})?`)

// text masks a text that says nothing but itself.
func text(field, s string) string {
	switch {
	case s == "":
		return s
	case secretFields.MatchString(field):
		return "SECRET"
	case tokenFields.MatchString(field):
		return "TOKEN"
	}
	for _, p := range patterns {
		s = p.what.ReplaceAllString(s, p.as)
	}
	return address.ReplaceAllStringFunc(s, func(found string) string {
		host, bits, _ := strings.Cut(found, "/")
		ip, err := netip.ParseAddr(host)
		if err != nil || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsLoopback() {
			return found
		}
		if bits != "" {
			return "ADDRESS/" + bits
		}
		return "ADDRESS"
	})
}
