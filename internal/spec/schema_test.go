package spec

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"gitlab.com/cicd/cicdctl/configs"
	"gitlab.com/cicd/cicdctl/examples"
)

var update = flag.Bool("update", false, "rewrite golden files")

const schemaFile = "../../configs/client.schema.json"

// generate makes the schema from the struct tags. It runs in tests only, so that
// the program carries the result and not the generator.
func generate(t *testing.T) []byte {
	r := jsonschema.Reflector{
		FieldNameTag: "yaml", Anonymous: true, DoNotReference: true, RequiredFromJSONSchemaTags: true,
		Mapper: func(typ reflect.Type) *jsonschema.Schema {
			switch typ {
			case reflect.TypeFor[netip.Prefix](), reflect.TypeFor[netip.Addr]():
				return &jsonschema.Schema{Type: "string"}
			case reflect.TypeFor[Date]():
				return &jsonschema.Schema{Type: "string", Pattern: `^\d{4}-\d{2}-\d{2}$`}
			case reflect.TypeFor[PortRange]():
				return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "string", Pattern: `^\d{1,5}(-\d{1,5})?$`}, {Type: "integer", Minimum: "1", Maximum: "65535"}}}
			}
			return nil
		},
	}
	s := r.Reflect(&Spec{})
	s.Title = "A client of cicdctl"
	bilingual(t, s)
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// bilingual adds the French to what editors show when the pointer is on a key.
func bilingual(t *testing.T, s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if s.Description != "" {
		if french[s.Description] == "" {
			t.Errorf("%q has no French in schema_french_test.go", s.Description)
		}
		s.Description += "\n\n" + french[s.Description]
	}
	bilingual(t, s.Items)
	bilingual(t, s.AdditionalProperties)
	if s.Properties == nil {
		return
	}
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		bilingual(t, p.Value)
	}
}

func TestSchemaIsThatOfTheStructs(t *testing.T) {
	want := generate(t)
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(configs.ClientSchema, want) {
		t.Error("configs/client.schema.json is out of date; run make golden")
	}
}

func TestSchemaJudgesAsTheParserDoes(t *testing.T) {
	doc, err := validator.UnmarshalJSON(bytes.NewReader(generate(t)))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	if err := c.AddResource("client.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("client.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"the example":        string(examples.ACME),
		"a new file":         string(New("ACME", "eu-west-3", "")),
		"a port as a number": "client: A\nregion: eu-west-3\nnetwork: {allow: [{name: x, cidr: 198.51.100.7, ports: 9100}]}\n",
		"an unknown key":     "client: ACME\nregion: eu-west-3\nnetwrok: {}\n",
		"a bad enum":         "client: ACME\nregion: eu-west-3\nnetwork: {nat: three}\n",
		"no region":          "client: ACME\n",
	} {
		var v any
		if err := yamlToAny(text, &v); err != nil {
			t.Fatal(name, err)
		}
		_, parseErr := Parse("x.yaml", []byte(text))
		if schemaErr := schema.Validate(v); (schemaErr == nil) != (parseErr == nil) {
			t.Errorf("%s: schema says %v, parser says %v", name, schemaErr, parseErr)
		}
		if bad := strings.HasPrefix(name, "an ") || strings.HasPrefix(name, "a bad") || strings.HasPrefix(name, "no "); bad != (parseErr != nil) {
			t.Errorf("%s: parser says %v", name, parseErr)
		}
	}
}
