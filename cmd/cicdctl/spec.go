package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/configs"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

func newSpec(a *app) *cobra.Command {
	return group("spec", "Start and check the files that describe clients",
		`One YAML file describes one client. Only its name and region are required; all
else has a default from the infrastructure document. These commands need no AWS.`,
		`  cicdctl spec init ACME --region eu-west-3
  cicdctl spec validate clients/acme.yaml`,
		newSpecInit(a), newSpecValidate(a), newSpecSchema(a))
}

type initOptions struct{ name, region, file string }

func newSpecInit(a *app) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init NAME --region REGION",
		Short: "Write a client's first spec file",
		Long: `Writes a file with the client's name and region, and every default as a comment.
It never replaces a file that exists, and needs no AWS.`,
		Example: `  cicdctl spec init ACME --region eu-west-3
  cicdctl spec init ACME --region eu-west-3 --file acme.yaml`,
		Args: named("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			o.name = args[0]
			return runSpecInit(a, o)
		},
	}
	regionFlag(cmd, &o.region, "region of the client")
	cmd.Flags().StringVar(&o.file, "file", "", "where to write (<spec-dir>/<name>.yaml)")
	return cmd
}

func runSpecInit(a *app, o initOptions) error {
	if err := checkClient(o.name); err != nil {
		return err
	}
	if o.region == "" {
		return usagef("add --region: one of "+regionsText(), "the region of %s is missing", o.name)
	}
	if err := checkRegion(o.region); err != nil {
		return err
	}
	checks, err := a.opsConfig().Checks()
	if err != nil {
		return err
	}
	if _, err := spec.Default(o.name, o.region, checks); err != nil {
		return err
	}
	if o.file == "" {
		o.file = a.specFile(o.name)
	}
	if err := writeNew(o.file, spec.New(o.name, o.region)); err != nil {
		if errors.Is(err, errWritten) {
			return refuse("edit that file, or choose another with --file", "%s exists already, nothing was written", o.file)
		}
		return unwritable(err)
	}
	if a.print.Format == report.JSON {
		return a.print.Document(report.SpecFile{File: o.file, Client: o.name, Region: o.region, OK: true})
	}
	return a.print.Line("wrote %s", o.file)
}

func newSpecValidate(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE…",
		Short: "Check spec files",
		Long: `Checks files as client create does: unknown keys, bad values, names that AWS would
refuse, ranges that would let other clients in, windows that overlap, limits of
network ACLs and load balancers, services that the hosts have no room for. Every
problem is told with its line and column.

It needs no AWS. The exit code is 2 when a file is not valid.`,
		Example: `  cicdctl spec validate clients/*.yaml
  cicdctl spec validate acme.yaml --output json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return named("FILE")(cmd, args)
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(_ *cobra.Command, files []string) error { return runSpecValidate(a, files) },
	}
}

func runSpecValidate(a *app, files []string) error {
	checks, err := a.opsConfig().Checks()
	if err != nil {
		return err
	}
	var results []report.SpecFile
	for _, file := range files {
		r := report.SpecFile{File: file}
		s, err := spec.Load(file, checks)
		var invalid *spec.InvalidError
		switch {
		case err == nil:
			r.Client, r.Region, r.OK, r.Warnings = s.Client, s.Region, true, rules.PlacesNotes(s)
		case errors.As(err, &invalid):
			for _, p := range invalid.Problems {
				r.Problems = append(r.Problems, report.Problem{Line: p.Line, Column: p.Column, Path: strings.TrimPrefix(strings.TrimPrefix(p.Path, "$"), "."), Message: p.Message})
			}
			r.Text = invalid.Error()
		default:
			r.Problems, r.Text = []report.Problem{{Message: err.Error()}}, err.Error()
		}
		results = append(results, r)
	}
	if err := a.print.SpecFiles(results); err != nil {
		return err
	}
	if slices.ContainsFunc(results, func(r report.SpecFile) bool { return !r.OK }) {
		return exitOnly(exitUsage)
	}
	return nil
}

func newSpecSchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of spec files",
		Long: `Prints the JSON schema (draft 2020-12) with which editors complete and check spec
files: name it in the file's first line. It needs no AWS.`,
		Example: `  cicdctl spec schema > clients/client.schema.json
  # in clients/acme.yaml:
  # yaml-language-server: $schema=./client.schema.json`,
		Args: named(),
		RunE: func(*cobra.Command, []string) error { return a.print.Raw(configs.ClientSchema) },
	}
}
