#!/usr/bin/env bash
# Common guess: gitlab-ci-local, which runs child pipelines, honours strategy: depend as it does stages and needs: where a job
#               of the child fails, the trigger job fails, what comes after it does not run, and the exit code says so. What
#               is given with --variable, which stands above all in a pipeline, is known in the child as well.
# Version:      gitlab-ci-local 4.61.1 (npm).
# Behaviour:    the failed job is printed in the middle of the log, and then the trigger job passes with and without strategy:
#               depend, jobs of later stages run, and the exit code is 0. Variables of the trigger job reach the child, those
#               of --variable do not. (It does warn that downstream pipelines are experimental.) GitLab marks such a trigger
#               job as failed (CI/CD YAML syntax reference, "trigger:strategy"). So a rehearsal that goes by the exit code is
#               green whatever the child does; its log has to be read.
# Output seen:  without a strategy: the child's job FAIL, the trigger job PASS, the job after it PASS, exit code 0
#               strategy: depend: the child's job FAIL, the trigger job PASS, the job after it PASS, exit code 0
#               in the child: [of the trigger job] []
# Seen on 2026-12-01 on Debian 12 with Node.js 20. Needs node, npm, git and rsync. Ends with 0 while it is so, with 1 when it has
# changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts --no-fund --no-audit --prefix tool gitlab-ci-local@4.61.1 >/dev/null

export GIT_CONFIG_GLOBAL=/dev/null HOME=$work/home
mkdir home
seen=
for strategy in "" "    strategy: depend"; do
	rm -rf project
	git init --quiet --initial-branch main project
	cat >project/.gitlab-ci.yml <<-YAML
		stages: [write, run, later]
		write:
		  stage: write
		  script: cp child child.yml
		  artifacts: {paths: [child.yml]}
		start:
		  stage: run
		  variables: {FIRST: of the trigger job}
		  trigger:
		    include: [{artifact: child.yml, job: write}]
		$strategy
		after:
		  stage: later
		  script: echo done
	YAML
	# shellcheck disable=SC2016 # the job's variables
	echo 'fails: {script: ["echo \"in the child: [$FIRST] [$SECOND]\"", "exit 1"]}' >project/child
	git -C project add .
	git -C project -c user.name=a -c user.email=a@example.org commit --quiet --message a
	git -C project remote add origin https://gitlab.example.org/a/b.git
	code=0
	(cd project && ../tool/node_modules/.bin/gitlab-ci-local --force-shell-executor --no-color --home "$work/home" --variable SECOND=given) >log 2>&1 || code=$?
	how() { grep -Eo "^ *(PASS|FAIL) +$1 *\$" log | grep -Eo 'PASS|FAIL' | sort -u; }
	name=${strategy#    }
	seen+="${name:-without a strategy}: the child's job $(how fails), the trigger job $(how start), the job after it $(how after), exit code $code"$'\n'
done
seen+=$(grep -Eo 'in the child: \[.*\]$' log | grep -v FIRST | head -n 1)
echo "$seen"
expected="without a strategy: the child's job FAIL, the trigger job PASS, the job after it PASS, exit code 0
strategy: depend: the child's job FAIL, the trigger job PASS, the job after it PASS, exit code 0
in the child: [of the trigger job] []"
if [ "$seen" != "$expected" ]; then
	echo "this has changed; expected:" >&2
	echo "$expected" >&2
	exit 1
fi
