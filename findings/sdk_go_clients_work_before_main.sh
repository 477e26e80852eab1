#!/usr/bin/env bash
# Common guess: to import a client of the AWS SDK for Go costs a program some size and nothing else: what a client needs is
#               made when it is made, or at its first call.
# Version:      AWS SDK for Go v2, core 1.47.7, service/ssm 1.79.3 and 1.81.4.
# Behaviour:    since the clients are schema-based (ssm: October 2026), each has a package "schemas" of variables for all
#               of its operations, which are built before main, whether the program calls the service or not. A program
#               that imports twenty clients and prints its version does that twenty times; the time is that of the
#               allocations and of the garbage collection that they lead to, and whoever imports a client cannot put it
#               off. GODEBUG=inittrace=1 shows it.
# Output seen:  ssm 1.79.3: before main, at most 200 kB are allocated for ssm
#               ssm 1.81.4: before main, more than 1000 kB are allocated for ssm, most of them for its schemas
# Seen on 2026-11-30 with Go 1.26 on linux/amd64. Ends with 0 while it is so, with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export AWS_EC2_METADATA_DISABLED=true GOFLAGS=-mod=mod

try() { # try VERSION: what is allocated before the main of a program that imports the client
	mkdir "$1"
	cd "$1"
	cat >go.mod <<-MOD
		module beforemain

		go 1.24

		require (
			github.com/aws/aws-sdk-go-v2 v1.47.7
			github.com/aws/aws-sdk-go-v2/service/ssm v$1
		)
	MOD
	cat >main.go <<-'GO'
		package main

		import "github.com/aws/aws-sdk-go-v2/service/ssm"

		var keep = ssm.New // linked, and never called

		func main() {}
	GO
	go mod tidy >/dev/null 2>&1
	go build -o program .
	GODEBUG=inittrace=1 ./program 2>&1 | awk -v version="$1" '
		/^init github.com\/aws\/aws-sdk-go-v2\/service\/ssm/ {
			for (i = 1; i <= NF; i++) if ($i == "bytes,") { all += $(i - 1); if ($2 ~ /\/schemas$/) schemas += $(i - 1) }
		}
		END {
			printf "ssm %s: before main, ", version
			if (all <= 200000) print "at most 200 kB are allocated for ssm"
			else if (all > 1000000) printf("more than 1000 kB are allocated for ssm%s\n", (schemas > all / 2) ? ", most of them for its schemas" : "")
			else print "between 200 and 1000 kB are allocated for ssm"
		}'
	cd ..
}

{
	try 1.79.3
	try 1.81.4
} | tee got

diff got - <<'WANT'
ssm 1.79.3: before main, at most 200 kB are allocated for ssm
ssm 1.81.4: before main, more than 1000 kB are allocated for ssm, most of them for its schemas
WANT
