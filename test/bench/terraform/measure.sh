#!/bin/sh
# Measures Terraform on moto: calls and wall time of an apply in an empty account, of a plan without
# a change, and of a destroy, for the default client's stack (main.tf, platform.tf).
#
# usage: measure.sh [MILLISECONDS]     added to each answer of moto (default: 40)
#
#   TF_PLUGIN_DIR  a directory with the AWS provider, for machines that do not reach
#                  Terraform's registry (terraform init -plugin-dir)
#
# Exit status: 0 done, or skipped because there is no terraform; 1 anything else.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
latency=${1:-40}
if ! command -v terraform >/dev/null 2>&1; then
	echo "measure.sh: terraform is not installed here: its figures are left out" >&2
	exit 0
fi
work=$(mktemp -d)
python=$(sh "$here/../../python/ensure.sh" moto "$here/../../moto/requirements.txt")
mkfifo "$work/stdin"
"$python" "$here/../../moto/launch.py" --until-stdin-closes --latency-ms "$latency" <"$work/stdin" >"$work/stdout" 2>"$work/moto.log" &
moto=$!
exec 3>"$work/stdin" # moto ends when this is closed
trap 'exec 3>&-; wait "$moto" || true; rm -rf "$work"' EXIT
until grep -q 'listening on' "$work/stdout"; do
	kill -0 "$moto" || exit 1
	sleep 0.2
done
url=$(sed -n 's/^listening on //p' "$work/stdout")

cp "$here"/*.tf "$work"
cd "$work"
export AWS_ENDPOINT_URL="$url" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_EC2_METADATA_DISABLED=true
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_CLI_CONFIG_FILE=/dev/null HOME="$work"
terraform init -no-color ${TF_PLUGIN_DIR:+-plugin-dir="$TF_PLUGIN_DIR"} >init.log 2>&1 || { cat init.log >&2; exit 1; }
terraform version | sed 's/^+ provider //' | head -n 3

calls() { "$python" -c 'import json, sys, urllib.request as u; print(sum(json.load(u.urlopen(sys.argv[1] + "/cicdctl/calls")).values()))' "$url"; }

# measure NAME STATUS ARGUMENT...: a command of Terraform that has to end with a status.
measure() {
	name=$1 want=$2
	shift 2
	before=$(calls)
	begun=$(date +%s)
	status=0
	terraform "$@" -no-color >"$work/out.log" 2>&1 || status=$?
	if [ "$status" -ne "$want" ]; then
		cat "$work/out.log" "$work/moto.log" >&2
		exit 1
	fi
	echo "| $name | $(($(calls) - before)) | $(($(date +%s) - begun)) s |"
}

echo "| Terraform, $latency ms added | calls | wall |"
echo "|---|---|---|"
measure "apply (empty account)" 0 apply -auto-approve
measure "plan without a change" 0 plan -detailed-exitcode
measure "destroy" 0 destroy -auto-approve
