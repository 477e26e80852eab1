package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"gitlab.com/cicd/cicdctl/configs"
	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/dossier"
	"gitlab.com/cicd/cicdctl/internal/fleet"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/users"
	"gitlab.com/cicd/cicdctl/internal/vpn"
)

// results are what commands write as JSON, by their words; several where a flag decides.
var results = map[string][]any{
	"error":              {report.Fault{}},
	"account destroy":    {report.Outcome{}},
	"account init":       {report.Outcome{}},
	"account tidy":       {report.Outcome{}},
	"app init":           {deploy.AppFiles{}},
	"app users list":     {users.PeopleList{}},
	"app users set":      {users.PeopleDone{}},
	"audit":              {audit.Audit{}, audit.RuleList{}},
	"backup archive":     {backup.ReadArchived{}},
	"backup discard":     {report.Outcome{}},
	"backup drill":       {backup.Drilled{}},
	"backup list":        {backup.Backups{}},
	"backup restore":     {backup.Restored{}},
	"backup run":         {backup.Archived{}},
	"backup-policy set":  {report.Outcome{}},
	"backup-policy show": {backup.BackupPolicy{}},
	"client create":      {report.Outcome{}},
	"client destroy":     {report.Outcome{}, report.PricedPlan{}},
	"client import":      {report.Outcome{}},
	"client list":        {client.Clients{}},
	"client plan":        {report.PricedPlan{}},
	"client report":      {dossier.Written{}, dossier.Dossier{}},
	"client show":        {client.Client{}},
	"deploy":             {deploy.Deployment{}},
	"deploy list":        {deploy.DeployList{}},
	"deploy restart":     {deploy.Deployment{}},
	"deploy rollback":    {deploy.Deployment{}},
	"deploy status":      {deploy.RunningList{}},
	"doctor":             {account.Diagnosis{}, account.Diagnoses{}},
	"fleet check":        {fleet.Checked{}},
	"fleet comment":      {fleet.Commented{}},
	"fleet init":         {fleet.Estate{}},
	"fleet pipeline":     {fleet.Generated{}},
	"fleet report":       {fleet.Reported{}, fleet.Report{}},
	"iam-policy":         {account.Policies{}},
	"key rotate":         {client.KeyRotation{}},
	"key show":           {client.Key{}},
	"logs":               {deploy.LogEvent{}},
	"maintenance set":    {report.Outcome{}},
	"maintenance show":   {client.Maintenance{}},
	"pipeline render":    {deploy.Pipeline{}},
	"region destroy":     {report.Outcome{}},
	"region report":      {dossier.Written{}, dossier.Index{}},
	"region show":        {report.Region{}},
	"report":             {dossier.Written{}, dossier.Index{}},
	"sandbox estate":     {account.Simulated{}},
	"sandbox issue":      {account.Simulated{}},
	"sandbox push":       {deploy.Pushed{}},
	"sandbox quota":      {account.Simulated{}},
	"sandbox zone":       {account.Simulated{}},
	"scale":              {report.Outcome{}},
	"schema":             {schemaList{}},
	"spec init":          {client.SpecFile{}},
	"spec validate":      {[]client.SpecFile{}},
	"start":              {report.Outcome{}, client.DatabaseSwitch{}},
	"stop":               {report.Outcome{}, client.DatabaseSwitch{}},
	"version":            {versionResult{}},
	"vpn config":         {vpn.ConfigFiles{}},
	"vpn rotate":         {vpn.Rotation{}},
	"vpn status":         {vpn.Status{}},
	"vpn user add":       {vpn.Given{}},
	"vpn user list":      {vpn.People{}},
	"vpn user renew":     {vpn.Given{}},
	"vpn user revoke":    {vpn.Revocation{}},
	"vpn user sessions":  {vpn.SessionList{}},
}

// TestSchemasAreThoseOfTheResults makes the schemas from the types. Like that of specs they are made
// by a test, so that the program carries them and not what makes them.
func TestSchemasAreThoseOfTheResults(t *testing.T) {
	r := jsonschema.Reflector{Anonymous: true, Mapper: func(typ reflect.Type) *jsonschema.Schema {
		switch typ {
		case reflect.TypeFor[provision.ScopeRef](), reflect.TypeFor[netip.Prefix](), reflect.TypeFor[netip.Addr](), reflect.TypeFor[price.Amount]():
			return &jsonschema.Schema{Type: "string"}
		}
		return nil
	}}
	for name, values := range results {
		schema := r.Reflect(values[0])
		for _, other := range values[1:] {
			if schema.AnyOf == nil {
				schema = &jsonschema.Schema{Version: schema.Version, Definitions: schema.Definitions, AnyOf: []*jsonschema.Schema{{Ref: schema.Ref}}}
			}
			more := r.Reflect(other)
			maps.Copy(schema.Definitions, more.Definitions)
			schema.AnyOf = append(schema.AnyOf, &jsonschema.Schema{Ref: more.Ref})
		}
		schema.Title = "What cicdctl " + name + " writes with --output json"
		want, err := json.MarshalIndent(schema, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, '\n')
		if *update {
			file := filepath.Join("..", "..", "configs", "results", strings.ReplaceAll(name, " ", "_")+".schema.json")
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := configs.Result(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("the schema of %s is out of date, run make golden: %v", name, err)
		}
	}
	for _, name := range configs.Results() {
		if results[name] == nil {
			t.Errorf("configs/results has a schema of %s, which nothing writes", name)
		}
	}
}

// compiled are the schemas that the program prints.
func compiled(t *testing.T) map[string]*validator.Schema {
	t.Helper()
	out := map[string]*validator.Schema{}
	for _, name := range configs.Results() {
		text, err := configs.Result(name)
		if err != nil {
			t.Fatal(err)
		}
		document, err := validator.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		c := validator.NewCompiler()
		at := "schema:" + strings.ReplaceAll(name, " ", "_")
		if err := c.AddResource(at, document); err != nil {
			t.Fatal(err)
		}
		if out[name], err = c.Compile(at); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// validate holds what a command has written against its schema, or that of errors.
func validate(t *testing.T, schemas map[string]*validator.Schema, words []string, value any) {
	t.Helper()
	name := "error"
	if object, _ := value.(map[string]any); object["error"] == nil {
		for i := range min(len(words), 3) {
			if known := strings.Join(words[:i+1], " "); schemas[known] != nil && results[known] != nil {
				name = known
			}
		}
		if name == "schema" && len(words) > 1 || name == "spec" {
			return // a schema itself
		}
	}
	if strings.Join(words[:min(2, len(words))], " ") == "spec schema" {
		return
	}
	if err := schemas[name].Validate(value); err != nil {
		t.Errorf("%s writes what the schema of %s does not allow: %v", strings.Join(words, " "), name, err)
	}
}
