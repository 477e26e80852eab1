#!/usr/bin/env bash
# Common guess: a server of SFTP with CanChangeTime true keeps the times that clients set, or else answers that it does
#               not: a client that is told "success" has set them.
# Version:      mysecureshell 2.0-2+b2 (Debian 12).
# Behaviour:    it depends on the version of the protocol. With version 3, OpenSSH's, times are set. From version 4 on,
#               which MySecureShell offers as well and which clients such as lftp take when it is offered, SETSTAT with a
#               time is answered with success and nothing is done. A test with OpenSSH's sftp does not show it.
#               "SftpProtocol 3" in sftp_config makes all clients take 3.
# Output seen:  version 3: success, the time is set
#               version 4: success, the time is not set
#               version 5: success, the time is not set
#               version 5 asked, SftpProtocol 3: version 3: success, the time is set
# Seen on 2026-11-30 on Debian 12 with Python 3.11. Needs apt, user namespaces and a directory /etc/ssh. Ends with 0 while
# it is so, with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq mysecureshell=2.0-2+b2 2>/dev/null
echo "c877db677b9d97343eb959c976b07425d3697864b6acd4ecf55a233d4504bc63  $(echo mysecureshell_*.deb)" | sha256sum --check --quiet
dpkg-deb -x mysecureshell_*.deb root
mkdir home

config() { # config [LINE]: what MySecureShell reads, from a place that is compiled in
	printf '<Default>\nHome %s/home\nStayAtHome true\nVirtualChroot true\nCanChangeTime true\nLogFile %s/log\n%s\n</Default>\n' "$work" "$work" "${1:-}"
}
config >any
config "SftpProtocol 3" >three

cat >try.py <<'PY'
import os
import struct
import subprocess
import sys

FILE, WHEN = "home/f", 1580702706  # 2020-02-03
SUCCESS = 0


def text(data):
    return struct.pack(">I", len(data)) + data


def try_version(asked, server):
    """Speaks as much SFTP as it takes to set a time (draft-ietf-secsh-filexfer-02 and -05)."""
    open(FILE, "w").close()
    process = subprocess.Popen([server, "-c", "/usr/lib/openssh/sftp-server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(packet):
        process.stdin.write(text(packet))
        process.stdin.flush()
        return process.stdout.read(struct.unpack(">I", process.stdout.read(4))[0])

    version = struct.unpack(">I", ask(b"\x01" + struct.pack(">I", asked))[1:5])[0]
    if version == 3:
        attributes = struct.pack(">III", 0x08, WHEN, WHEN)  # ACMODTIME
    else:
        attributes = struct.pack(">IBQ", 0x20, 1, WHEN)  # MODIFYTIME of a regular file
    status = struct.unpack(">I", ask(b"\x09" + struct.pack(">I", 1) + text(b"/f") + attributes)[5:9])[0]
    process.stdin.close()
    process.wait()
    is_set = "is" if os.stat(FILE).st_mtime == WHEN else "is not"
    return f"version {version}: {'success' if status == SUCCESS else status}, the time {is_set} set"


server = os.path.abspath("root/usr/bin/mysecureshell")
if sys.argv[1] == "any":
    for asked in (3, 4, 5):
        print(try_version(asked, server))
else:
    print(f"version 5 asked, SftpProtocol 3: {try_version(5, server)}")
PY

export SSH_CONNECTION="127.0.0.1 1 127.0.0.1 22" SSH_CLIENT="127.0.0.1 1 22"
for rules in any three; do
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --user --map-root-user --mount sh -euc 'mount -t tmpfs none /etc/ssh; cp "$1" /etc/ssh/sftp_config; exec python3 try.py "$1"' try "$rules"
done | tee got

diff got - <<'WANT'
version 3: success, the time is set
version 4: success, the time is not set
version 5: success, the time is not set
version 5 asked, SftpProtocol 3: version 3: success, the time is set
WANT
