#!/usr/bin/env bash
# Common guess: "keyingtries = 0" in swanctl.conf has strongSwan try until the tunnel is up ("retry forever" in its
#               reference), so that a site whose peer has another pre-shared key comes back by itself once the keys are
#               the same; if not that, then when the configuration is loaded again, for "start_action = start".
# Version:      strongSwan 5.9.8-5+deb12u6 (Debian 12), charon-systemd and swanctl.
# Behaviour:    keyingtries counts answers that do not come, nothing else. A peer that answers AUTHENTICATION_FAILED is not
#               asked a second time, however long both run. That the keys are right afterwards changes nothing, nor does
#               swanctl --load-all, which loads them and ends with success: a connection that has not changed is not started
#               anew. It takes swanctl --initiate.
# Output seen:  no answer: tried again
#               another key: refused, and 0 tries in 10 s after that
#               the same key, --load-all (ends with 0): 0 tries in 10 s
#               --initiate: up
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
	timeout -k 5 180 unshare --user --map-root-user --mount --net --pid --fork --mount-proc bash "$script" inside "$work"
	exit
fi

# In namespaces of its own, where the packages are installed on top of this machine.
work=$2
mount -t overlay overlay -o "lowerdir=$work/debian/usr:/usr" /usr
mount -t tmpfs tmpfs /run
cd "$work"
ip link set lo up
ip netns add peer
ip link add eth0 type veth peer name eth0 netns peer
ip address add 198.51.100.1/30 dev eth0
ip address add 10.0.0.1/32 dev lo
ip link set eth0 up
ip -n peer link set lo up
ip -n peer address add 198.51.100.2/30 dev eth0
ip -n peer address add 10.0.0.2/32 dev lo
ip -n peer link set eth0 up

charon() { # charon END COMMAND...: starts strongSwan at an end
	mkdir "$1"
	cat >"$1/strongswan.conf" <<-CONF
		charon-systemd {
			load = random nonce openssl pem pubkey hmac kdf aes sha1 sha2 drbg vici kernel-libipsec kernel-netlink socket-default
			retransmit_timeout = 1
			retransmit_tries = 1
			plugins {
				vici {
					socket = unix://$work/$1/vici
				}
			}
			filelog {
				file {
					path = $work/$1/log
					flush_line = yes
				}
			}
			journal {
				default = -1
			}
		}
	CONF
	STRONGSWAN_CONF=$work/$1/strongswan.conf "${@:2}" charon-systemd &
	wait_for test -S "$1/vici"
}

wait_for() { # wait_for COMMAND...: until it succeeds, for 30 s
	for _ in $(seq 300); do
		if "$@" >/dev/null; then
			return
		fi
		sleep 0.1
	done
	echo "after 30 s still not so: $*"
	cat site/log
	exit 1
}

tries() { grep -c 'generating IKE_SA_INIT request' site/log || true; }

load() { # load END OWN OTHER ACTION KEY: writes an end's configuration and loads it
	cat >"$1/swanctl.conf" <<-CONF
		connections {
			c {
				version = 2
				keyingtries = 0
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
					c {
						local_ts = 10.0.0.${2##*.}/32
						remote_ts = 10.0.0.${3##*.}/32
						start_action = $4
					}
				}
			}
		}
		secrets {
			ike-c {
				secret = $5
			}
		}
	CONF
	swanctl --load-all --noprompt --file "$work/$1/swanctl.conf" --uri "unix://$work/$1/vici" >"$1/loaded" 2>&1
}

charon site
load site 198.51.100.1 198.51.100.2 start one
wait_for grep -q 'peer not responding, trying again' site/log
echo 'no answer: tried again'

charon peer ip netns exec peer
load peer 198.51.100.2 198.51.100.1 none two
wait_for grep -q 'received AUTHENTICATION_FAILED' site/log
before=$(tries)
sleep 10
refused=$(($(tries) - before))
echo "another key: refused, and $refused tries in 10 s after that"

load site 198.51.100.1 198.51.100.2 start two
code=$?
sleep 10
loaded=$(($(tries) - before))
echo "the same key, --load-all (ends with $code): $loaded tries in 10 s"

swanctl --initiate --child c --timeout 20 --uri "unix://$work/site/vici" >/dev/null
wait_for grep -q 'IKE_SA c\[[0-9]*\] established' site/log
echo '--initiate: up'
if [ "$refused" != 0 ] || [ "$loaded" != 0 ]; then
	echo 'strongSwan has changed'
	exit 1
fi
