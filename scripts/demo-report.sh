#!/bin/sh
# Writes the dossier of a sample client, in French and English, into a folder: HTML, and
# PDF where Chromium is installed. The client is made in an account inside the program:
# nothing leaves this machine, and nothing of the account is left behind.
set -eu
out=${1:?usage: scripts/demo-report.sh FOLDER}
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")/.."
PATH=${BIN:-$PWD/bin}:$PATH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
export CICDCTL_SANDBOX_FILE="$work/account.json"
mkdir "$work/clients"
cp examples/acme.yaml "$work/clients/acme.yaml"
cat >>"$work/clients/acme.yaml" <<'END'

vpn:
  ipsec:
    sites:
      - {name: office, peer: 198.51.100.20, routes: [192.168.20.0/24], ports: ["443", "5432"]}
  openvpn: {users: [alice, bob]}
END
cd "$work"

# quietly COMMAND...: runs it, and shows what it says only if it fails.
quietly() {
	"$@" >said 2>&1 || {
		cat said >&2
		exit 1
	}
}
quietly cicdctl client create ACME --sandbox --yes
quietly cicdctl sandbox push ACME shop/web v1 --sandbox
quietly cicdctl deploy ACME shop/web --env preview --image v1 --sandbox --yes
quietly cicdctl deploy ACME shop/web --env prod --image v1 --sandbox --yes
quietly cicdctl backup drill ACME --sandbox --yes

# printed HTML PDF: prints it as a browser does on "print", without its own header and footer.
printed() {
	sandbox=
	[ "$(id -u)" != 0 ] || sandbox=--no-sandbox # Chromium's own does not work for root
	quietly chromium --headless $sandbox --disable-gpu --user-data-dir="$work/chromium" \
		--host-resolver-rules='MAP * ~NOTFOUND' --no-pdf-header-footer --print-to-pdf="$2" "file://$1"
}
for lang in fr en; do
	mkdir -p "$out/$lang"
	quietly cicdctl client report ACME --lang "$lang" --out "$out/$lang" --sandbox
	echo "$out/$lang/acme-dossier.html"
	if command -v chromium >/dev/null 2>&1; then
		printed "$out/$lang/acme-dossier.html" "$out/$lang/acme-dossier.pdf"
		echo "$out/$lang/acme-dossier.pdf"
	fi
done
