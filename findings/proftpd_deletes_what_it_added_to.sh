#!/usr/bin/env bash
# Common guess: with HiddenStores, "DeleteAbortedStores on" says what is the default anyway: an upload that breaks off
#               leaves what was there before. And REST STREAM in FEAT says that uploads can be taken up with REST.
# Version:      proftpd-core 1.3.8+dfsg-4+deb12u5 (Debian 12).
# Behaviour:    not set, DeleteAbortedStores removes the hidden file of an upload that breaks off, and nothing else. Set to
#               "on" it also removes files that are not hidden, and an upload that is added to a file (APPE) never is: when
#               it breaks off, the whole file is removed, with what it had before. FEAT tells REST STREAM in both cases,
#               while STOR after REST is refused for HiddenStores; programs that go by FEAT, such as FileZilla, then cannot
#               take up an upload, and APPE would have worked.
# Output seen:  not set: STOR breaks off, the file has "old"
#               not set: APPE breaks off, the file has "old and half"
#               not set: FEAT has REST STREAM, REST and STOR: 501
#               on: STOR breaks off, the file has "old"
#               on: APPE breaks off, the file is gone
#               on: FEAT has REST STREAM, REST and STOR: 501
# Seen on 2026-11-30 on Debian 12 with Python 3.11. Needs apt, iproute2, procps and user namespaces. Ends with 0 while it is so, with 1 when it
# has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -qq proftpd-core=1.3.8+dfsg-4+deb12u5 libhashkit2=1.1.4-1 libmemcached11=1.1.4-1 libmemcachedutil2=1.1.4-1 \
	libhiredis0.14=0.14.1-3 libpcre2-posix3=10.42-1+deb12u2 2>/dev/null
echo "cfa3cd679102b1037313fba3ae111856182364c9361c3986f8ea7828de102ece  $(echo proftpd-core_*.deb)" | sha256sum --check --quiet
for package in *.deb; do
	dpkg-deb -x "$package" debian
done
LD_LIBRARY_PATH=$(realpath debian/usr/lib/x86_64-linux-gnu)
export LD_LIBRARY_PATH
mkdir home
# shellcheck disable=SC2016 # a hash
echo 'alice:$1$x$kCw8ui3ja7esI2X5jr68X0:0:0::'"$work/home:/bin/sh" >passwd # password: x
chmod 600 passwd

cat >try.py <<'PY'
import ftplib
import os
import re
import socket
import struct
import subprocess
import sys
import time

setting, port = sys.argv[1], 2121
with open("conf", "w") as f:
    f.write(f"""ServerType standalone
DefaultAddress 127.0.0.1
Port {port}
User root
Group root
PidFile {os.getcwd()}/pid
ScoreboardFile {os.getcwd()}/scoreboard
DelayEngine off
WtmpLog off
UseReverseDNS off
AuthOrder mod_auth_file.c
AuthUserFile {os.getcwd()}/passwd
RequireValidShell off
RootLogin on
AllowOverwrite on
AllowStoreRestart on
HiddenStores on
{setting}
""")
os.makedirs("run", exist_ok=True)
server = subprocess.Popen(["debian/usr/sbin/proftpd", "-n", "-q", "-c", os.getcwd() + "/conf"], stderr=subprocess.DEVNULL)
name = "on" if setting else "not set"


def connect():
    for _ in range(100):
        try:
            ftp = ftplib.FTP()
            ftp.connect("127.0.0.1", port, timeout=10)
            break
        except OSError:
            time.sleep(0.05)
    ftp.login("alice", "x")
    ftp.cwd(os.getcwd() + "/home")
    return ftp


def gone(sock):
    """Ends a connection as a network does that is gone."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def waited(what):
    for _ in range(200):
        if what():
            return True
        time.sleep(0.05)
    return False


try:
    for command in ("STOR", "APPE"):
        with open("home/f", "w") as f:
            f.write("old")
        ftp = connect()
        data = ftp.transfercmd(f"{command} f")
        data.sendall(b" and half")
        waited(lambda: sum(os.path.getsize("home/" + n) for n in os.listdir("home")) == len("old and half"))
        gone(data)
        gone(ftp.sock)
        waited(lambda: subprocess.run(["pgrep", "-P", str(server.pid)], stdout=subprocess.DEVNULL).returncode != 0)
        there = os.path.exists("home/f")
        print(f"{name}: {command} breaks off, the file " + (f'has "{open("home/f").read()}"' if there else "is gone"))
    with open("home/f", "w") as f:
        f.write("old")
    ftp = connect()
    features = ftp.sendcmd("FEAT")
    try:
        ftp.transfercmd("STOR f", rest=3)
        answer = "150"
    except ftplib.Error as e:
        answer = re.match(r"\d+", str(e)).group()
    print(f"{name}: FEAT has {'REST STREAM' if 'REST STREAM' in features else 'no REST'}, REST and STOR: {answer}")
finally:
    server.terminate()
    server.wait()
PY

for setting in "" "DeleteAbortedStores on"; do
	unshare --user --map-root-user --net sh -euc 'ip link set lo up; exec python3 try.py "$1"' try "$setting"
done | tee got

diff got - <<'WANT'
not set: STOR breaks off, the file has "old"
not set: APPE breaks off, the file has "old and half"
not set: FEAT has REST STREAM, REST and STOR: 501
on: STOR breaks off, the file has "old"
on: APPE breaks off, the file is gone
on: FEAT has REST STREAM, REST and STOR: 501
WANT
