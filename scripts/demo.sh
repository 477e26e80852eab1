#!/bin/sh
# Shows a client's life in the account inside the program: nothing leaves this
# machine, and nothing of the account is left behind.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/bin:$PATH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
export CICDCTL_SANDBOX_FILE="$work/account.json"
mkdir "$work/clients"
cp examples/acme.yaml "$work/clients/acme.yaml"

# run WANT COMMAND...: prints the command and runs it; WANT is the exit code that
# belongs to the story.
run() {
	want=$1
	shift
	printf '\n\033[1m$ %s\033[0m\n' "$*"
	code=0
	"$@" || code=$?
	if [ "$code" != "$want" ]; then
		echo "demo: exit code $code, expected $want" >&2
		exit 1
	fi
}

cd "$work"
run 3 cicdctl client plan ACME --sandbox
run 0 cicdctl client create ACME --sandbox --yes
run 0 cicdctl client show ACME --sandbox
run 0 cicdctl sandbox push ACME shop/web v1 --sandbox
run 0 cicdctl deploy ACME shop/web --env preview --image v1 --sandbox --yes
run 0 cicdctl sandbox push ACME shop/web v2 --sandbox --fails 'out of memory' --log 'cannot reach the database'
run 1 cicdctl deploy ACME shop/web --env preview --image v2 --sandbox --yes
run 0 cicdctl deploy status ACME shop/web --sandbox
run 0 cicdctl client plan ACME --sandbox
run 0 cicdctl client destroy ACME --sandbox --confirm ACME
run 0 cicdctl client list --sandbox
