package backup

import (
	"fmt"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// The queries read what RDS's export writes (Aurora user guide, "Exporting DB cluster data to
// Amazon S3": file naming convention, and data conversion). A table is a folder
// DATABASE/SCHEMA.TABLE/ with numbered folders of Parquet files. The file
// export_tables_info_… tells the type that a column had and the one that it was given.

// ArchivedTable is a table of an archive.
type ArchivedTable struct {
	Name    string           `json:"name"`    // "shop.public.orders"
	Place   string           `json:"place"`   // s3://…/
	Columns []ArchivedColumn `json:"columns"` // empty while the archive is in S3 Glacier
	DuckDB  string           `json:"duckdb"`
	Athena  string           `json:"athena,omitempty"` // empty without columns: Athena wants to be told them
	Left    string           `json:"left_out,omitempty"`
}

// ArchivedColumn is a column in the words of the file of RDS.
type ArchivedColumn struct {
	Name     string `json:"columnName"`
	Original string `json:"originalType"`
	Exported string `json:"expectedExportedType"`
}

var decimalType = lazyregexp.New(`decimal\((\d+), ?(\d+)\)`)

// stored is the type in the Parquet file, in Athena's words. What is neither a number nor
// a truth value is text; PostgreSQL's exact numbers and times are, too.
func (c ArchivedColumn) stored() string {
	exported, original := strings.ToLower(c.Exported), strings.ToLower(c.Original)
	decimal := decimalType.FindStringSubmatch(exported)
	switch {
	case decimal != nil:
		return "decimal(" + decimal[1] + "," + decimal[2] + ")"
	case original == "bigint unsigned": // one byte more than Parquet's largest signed number
		return "decimal(20,0)"
	case strings.Contains(exported, "timestamp"):
		return "timestamp"
	case strings.HasPrefix(exported, "int64"):
		return "bigint"
	case strings.HasPrefix(exported, "int"):
		return "int"
	case strings.HasPrefix(exported, "double"):
		return "double"
	case strings.HasPrefix(exported, "float"):
		return "float"
	case strings.HasPrefix(exported, "boolean"):
		return "boolean"
	case strings.HasPrefix(exported, "binary"), exported == "byte_array":
		if !strings.Contains(exported, "utf8") && !strings.Contains(exported, "string") {
			return "binary"
		}
	}
	return "string"
}

// meant is the type that a column of text had, in SQL's words, where a cast brings it back
// without loss; and what to know where it does not.
func (c ArchivedColumn) meant() (cast, note string) {
	if c.stored() != "string" {
		return "", ""
	}
	switch t := strings.ToLower(c.Original); {
	case t == "date":
		return "DATE", ""
	case t == "timestamp with time zone", t == "timestamptz":
		return "TIMESTAMP WITH TIME ZONE", ""
	case t == "timestamp", t == "datetime", t == "timestamp without time zone":
		return "TIMESTAMP", ""
	case strings.HasPrefix(t, "numeric"), strings.HasPrefix(t, "decimal"):
		return "", lang.Sprintf("exact text, may be NaN; to count with it: %s", "CAST("+quoted(c.Name)+" AS DECIMAL(38, 9))")
	default:
		return "", ""
	}
}

// quoted is an identifier of SQL; DDL of Athena has backticks instead.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func backticked(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// selected are the columns of a SELECT, one a line.
func selected(columns []ArchivedColumn, withZone bool) string {
	if len(columns) == 0 {
		return "  *"
	}
	lines := make([]string, len(columns))
	for i, c := range columns {
		cast, note := c.meant()
		if cast == "TIMESTAMP WITH TIME ZONE" && !withZone {
			cast, note = "", lang.Say("time with its zone, as text")
		}
		line := quoted(c.Name)
		if cast != "" {
			line = fmt.Sprintf("CAST(%s AS %s) AS %s", line, cast, line)
		}
		if i < len(columns)-1 {
			line += ","
		}
		if note != "" {
			line += " -- " + note
		}
		lines[i] = "  " + line
	}
	return strings.Join(lines, "\n")
}

// duckDB is a query of DuckDB. Files in which a column is missing, because it came
// later, give NULL for it: columns are matched by name.
func duckDB(place, region string, columns []ArchivedColumn) string {
	prelude := ""
	if strings.HasPrefix(place, "s3://") {
		prelude = fmt.Sprintf("INSTALL httpfs; LOAD httpfs; INSTALL aws; LOAD aws;\nCREATE OR REPLACE SECRET archive (TYPE s3, PROVIDER credential_chain, REGION %s);\n", literal(region))
	}
	return fmt.Sprintf("%sSELECT\n%s\nFROM read_parquet(%s, union_by_name = true)\nLIMIT 10;", prelude, selected(columns, true), literal(place+"*/*.parquet"))
}

// athena is the table for Athena and a query. Athena passes over what was in S3 Glacier,
// restored or not, unless the table says otherwise (Athena user guide, "Query restored
// Amazon S3 Glacier objects"), and matches the columns of Parquet by their names.
func athena(table, place string, columns []ArchivedColumn) string {
	if len(columns) == 0 {
		return ""
	}
	defined := make([]string, len(columns))
	for i, c := range columns {
		defined[i] = "  " + backticked(c.Name) + " " + c.stored()
	}
	return fmt.Sprintf("CREATE EXTERNAL TABLE IF NOT EXISTS %s (\n%s\n)\nSTORED AS PARQUET\nLOCATION %s\nTBLPROPERTIES ('read_restored_glacier_objects' = 'true');\n\nSELECT\n%s\nFROM %s\nLIMIT 10;",
		backticked(table), strings.Join(defined, ",\n"), literal(place), selected(columns, false), quoted(table))
}

var notInNames = lazyregexp.New(`[^a-z0-9]+`)

// athenaName is a table's name in Athena, with its month: "acme_2026_11_public_orders".
func athenaName(client, month, table string) string {
	_, short, _ := strings.Cut(table, ".")
	return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(client+"_"+month+"_"+short), "_"), "_")
}
