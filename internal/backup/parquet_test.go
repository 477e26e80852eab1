package backup

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/test/python"
)

var exported = []ArchivedColumn{
	{"id", "bigint unsigned", "fixed_len_byte_array(9) (DECIMAL(20,0))"},
	{"small", "int unsigned", "int64"},
	{"price", "decimal(10,2)", "int64 (DECIMAL(10,2))"},
	{"exact", "numeric", "binary (UTF8)"},
	{"day", "date", "binary (UTF8)"},
	{"placed", "timestamp with time zone", "binary (UTF8)"},
	{"changed", "timestamp without time zone", "binary (UTF8)"},
	{"shipped", "datetime", "int64 (TIMESTAMP_MICROS)"},
	{"paid", "boolean", "boolean"},
	{"rate", "double precision", "double"},
	{"raw", "bytea", "binary"},
	{`o"dd`, "text", "binary (UTF8)"},
	{"later", "integer", "int32"},
}

func TestTypesOfAnArchive(t *testing.T) {
	t.Parallel()
	want := []string{"decimal(20,0)", "bigint", "decimal(10,2)", "string", "string", "string", "string", "timestamp", "boolean", "double", "binary", "string", "int"}
	for i, c := range exported {
		if got := c.stored(); got != want[i] {
			t.Errorf("%s (%s) is stored as %s, want %s", c.Original, c.Exported, got, want[i])
		}
	}
	if got := (ArchivedColumn{Original: "bigint unsigned", Exported: "int64"}).stored(); got != "decimal(20,0)" {
		t.Errorf("a large unsigned number is %s", got)
	}
	ddl := athena(athenaName("ACME", "2026-11", "shop.public.orders"), "s3://b/a/shop/public.orders/", exported)
	for _, part := range []string{
		"CREATE EXTERNAL TABLE IF NOT EXISTS `acme_2026_11_public_orders` (", "  `id` decimal(20,0),", "'read_restored_glacier_objects' = 'true'", "LOCATION 's3://b/a/shop/public.orders/'",
		`CAST("day" AS DATE) AS "day",`, `"placed", -- time with its zone, as text`, `"o""dd",`,
	} {
		if !strings.Contains(ddl, part) {
			t.Errorf("%s\nhas no %s", ddl, part)
		}
	}
}

// fixture writes two files of a table as RDS does: the second one has a column that came
// later, and the first one has not. The number is larger than any signed one.
const fixture = `
import duckdb, os, sys
root = sys.argv[1]
for i, last in ((1, ""), (2, ", 7::INTEGER AS later")):
    folder = os.path.join(root, "shop", "public.orders", str(i))
    os.makedirs(folder)
    duckdb.sql(f"""COPY (SELECT 18446744073709551615::DECIMAL(20,0) AS id, 4294967295::BIGINT AS small, 12.34::DECIMAL(10,2) AS price,
      '12345678901234567890.123456789012' AS exact, '2026-11-30' AS day, '2026-11-30 10:15:00.5+00' AS placed, '2026-11-30 10:15:00' AS changed,
      TIMESTAMP '2026-11-30 10:15:00' AS shipped, true AS paid, 0.5::DOUBLE AS rate, '\\x01'::BLOB AS raw, 'é' AS "o""dd"{last})
      TO '{folder}/part-00000-{i}.gz.parquet' (FORMAT parquet, COMPRESSION gzip)""")
read = duckdb.sql(sys.argv[2])
print([str(t) for t in read.types])
print(duckdb.sql("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read ORDER BY later NULLS FIRST").fetchall())
`

func TestTheQueryOfDuckDBReadsAnArchive(t *testing.T) {
	t.Parallel()
	interpreter, err := python.Install("duckdb", "test/duckdb/requirements.txt")
	python.Need(t, "DuckDB", err)
	dir := t.TempDir()
	query := duckDB(filepath.Join(dir, "shop", "public.orders")+"/", "eu-west-3", exported)
	query = strings.TrimSuffix(query, ";")
	script := filepath.Join(dir, "read.py")
	if err := os.WriteFile(script, []byte(fixture), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), interpreter, script, dir, "SET TimeZone = 'UTC'; "+query)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	out, err := cmd.CombinedOutput() // of this test alone
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, query)
	}
	got := string(out)
	for _, part := range []string{
		"['DECIMAL(20,0)', 'BIGINT', 'DECIMAL(10,2)', 'VARCHAR', 'DATE', 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMP', 'TIMESTAMP', 'BOOLEAN', 'DOUBLE', 'BLOB', 'VARCHAR', 'INTEGER']",
		"'18446744073709551615', '4294967295', '12.34', '12345678901234567890.123456789012', '2026-11-30', '2026-11-30 10:15:00.5+00', '2026-11-30 10:15:00', '2026-11-30 10:15:00', 'true', '0.5'",
		"'é', None)", "'é', '7')",
	} {
		if !strings.Contains(got, part) {
			t.Errorf("it reads %s\nwithout %s", got, part)
		}
	}
}
