#!/usr/bin/env bash
# Common guess: "swanctl --load-conns --file new.conf" adds the connections of that file to those that are loaded, as a
#               gateway gets another site without touching the first; and if it took any away, their tunnels would go down
#               with them and somebody would see it.
# Version:      strongSwan 5.9.8-5+deb12u6 (Debian 12), charon-systemd and swanctl.
# Behaviour:    The file is taken for the whole configuration: every connection that it does not name is unloaded, and
#               swanctl ends with success. Tunnels of these stay up and carry on, so that nobody sees it, until they are set
#               up anew (a restart at the other end, a lost line): then the gateway knows no such connection and refuses the
#               other end until it is loaded again. What is to be added goes into a file that the main one includes (conf.d/*.conf).
# Output seen:  loaded: first; first is up
#               --load-conns --file of the second (ends with 0) loads: second; first is still up
#               set up anew from the other end: refused with NO_PROPOSAL_CHOSEN
#               with both in the file: first second; first is up again
# Seen on 2026-12-01 on Debian 12. Needs apt, iproute2, /dev/net/tun, user namespaces and overlay mounts in them (Linux 5.11).
# Ends with 0 while it is so, with 1 when it has changed.
set -euo pipefail
if [ "${1:-}" != inside ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	v=5.9.8-5+deb12u6
	(
		cd "$work"
		apt-get download -qq charon-systemd=$v strongswan-swanctl=$v strongswan-libcharon=$v libstrongswan=$v \
			libstrongswan-standard-plugins=$v libstrongswan-extra-plugins=$v libcharon-extra-plugins=$v 2>/dev/null
		sha256sum --check --quiet <<-SUMS
			349de4d4f4778f0b1d41c432e6b076de5cc8ebac7ce1065e567e769282d6e5d1  charon-systemd_${v}_amd64.deb
			524db25a85641e5c92dfb0e96eecbc5d8b7d600dfe7c8ff7fc498e4bf7c720fc  strongswan-libcharon_${v}_amd64.deb
		SUMS
		for package in *.deb; do
			dpkg-deb -x "$package" debian
		done
	)
	script=$(realpath "$0")
	timeout -k 5 120 unshare --user --map-root-user --mount --net --pid --fork --mount-proc bash "$script" inside "$work"
	exit
fi

# In namespaces of its own, where the packages are installed on top of this machine.
work=$2
mount -t overlay overlay -o "lowerdir=$work/debian/usr:/usr" /usr
mount -t tmpfs tmpfs /run
cd "$work"
ip link set lo up
ip netns add site
ip link add eth0 type veth peer name eth0 netns site
ip address add 198.51.100.1/30 dev eth0
ip address add 10.0.0.1/32 dev lo
ip link set eth0 up
ip -n site link set lo up
ip -n site address add 198.51.100.2/30 dev eth0
ip -n site address add 10.0.0.2/32 dev lo
ip -n site link set eth0 up

start() { # start END COMMAND...: starts strongSwan at an end
	mkdir "$1"
	cat >"$1/strongswan.conf" <<-CONF
		charon-systemd {
			load = random nonce openssl pem pubkey hmac kdf aes sha1 sha2 drbg vici kernel-libipsec kernel-netlink socket-default
			plugins {
				vici {
					socket = unix://$work/$1/vici
				}
			}
			filelog {
				file {
					path = $work/$1/log
				}
			}
			journal {
				default = -1
			}
		}
	CONF
	STRONGSWAN_CONF=$work/$1/strongswan.conf "${@:2}" charon-systemd &
	for _ in $(seq 300); do
		[ ! -S "$1/vici" ] || return 0
		sleep 0.1
	done
	cat "$1/log"
	exit 1
}

connection() { # connection NAME OWN OTHER: one, with what it protects
	cat <<-CONF
		$1 {
			version = 2
			encap = yes
			local_addrs = $2
			remote_addrs = $3
			local {
				auth = psk
				id = $2
			}
			remote {
				auth = psk
				id = $3
			}
			children {
				$1 {
					local_ts = 10.0.0.${2##*.}/32
					remote_ts = 10.0.0.${3##*.}/32
				}
			}
		}
	CONF
}

write() { # write FILE CONNECTION...: a configuration
	{
		printf 'connections {\n%s\n}\n' "$(printf '%s\n' "${@:2}")"
		printf 'secrets {\nike {\nsecret = one\n}\n}\n'
	} >"$1"
}

at() { swanctl "${@:2}" --uri "unix://$work/$1/vici"; } # at END COMMAND...

loaded() { at gateway --list-conns | sed -n 's/^\([a-z]*\): IKE.*/\1/p' | sort | paste -sd' '; }

up() { at gateway --list-sas | grep -q '^first: .*ESTABLISHED'; }

start gateway env
start site ip netns exec site
write site.conf "$(connection first 198.51.100.2 198.51.100.1)"
write first.conf "$(connection first 198.51.100.1 198.51.100.2)"
write second.conf "$(connection second 198.51.100.1 203.0.113.7)"
write both.conf "$(connection first 198.51.100.1 198.51.100.2)" "$(connection second 198.51.100.1 203.0.113.7)"

at site --load-all --noprompt --file "$work/site.conf" >/dev/null 2>&1
at gateway --load-all --noprompt --file "$work/first.conf" >/dev/null 2>&1
at site --initiate --child first --timeout 20 >/dev/null
up
begun=$(loaded)
echo "loaded: $begun; first is up"

at gateway --load-conns --file "$work/second.conf" >/dev/null
code=$?
left=$(loaded)
up
echo "--load-conns --file of the second (ends with $code) loads: $left; first is still up"

at site --terminate --ike first --timeout 20 >/dev/null
refused=$(at site --initiate --child first --timeout 20 2>&1 | grep -o 'received NO_PROPOSAL_CHOSEN' | head -1 || true)
echo "set up anew from the other end: refused with ${refused#received }"

at gateway --load-conns --file "$work/both.conf" >/dev/null
both=$(loaded)
at site --initiate --child first --timeout 20 >/dev/null
up
echo "with both in the file: $both; first is up again"
if [ "$begun, $left, $both, $refused" != 'first, second, first second, received NO_PROPOSAL_CHOSEN' ]; then
	echo 'strongSwan has changed'
	exit 1
fi
