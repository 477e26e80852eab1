#!/usr/bin/env bash
# Common guess: moto makes a service's state for an account and a region when somebody uses it there; and its server finds
#               out once which services it has.
# Version:      moto 5.2.5, Python 3.11.
# Behaviour:    the first request with an access key that moto does not know yet makes a whole IAM in every partition of AWS
#               (China, GovCloud and the isolated ones too) of every account that there is: it looks for the key's owner by
#               asking each of them. With MOTO_IAM_LOAD_MANAGED_POLICIES each IAM reads all of AWS's managed policies from
#               JSON again. In a test run that took 60 accounts for as many tests, that was two thirds of the server's time.
#               And for every request the server lists the directory of its own package to find out which services there
#               are: a quarter of what was left.
# Output seen:  3 accounts, 1 request each in eu-west-3: IAM of 6 partitions each, 18 times all managed policies
#               10 requests: the package was listed 10 times
# Seen on 2026-12-01 on Debian 12. Needs python3 with venv, and pip. Ends with 0 while it is so, with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check 'moto[server,iam,sts,ec2]==5.2.5' boto3==1.43.0
cat >try.py <<'PY'
import logging
import os
import sys

os.environ |= {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
logging.getLogger("werkzeug").setLevel(logging.ERROR)
import boto3
import moto
from moto.iam import models
from moto.server import ThreadedMotoServer

read, listed = [], []
policies, listdir = models.IAMBackend._init_aws_policies, os.listdir


def counted_policies(self):
    found = policies(self)
    read.append((self.account_id, self.region_name, len(found)))
    return found


def counted_listdir(path="."):
    if path == os.path.dirname(moto.__file__):
        listed.append(path)
    return listdir(path)


models.IAMBackend._init_aws_policies = counted_policies
os.listdir = counted_listdir

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
where = {"endpoint_url": f"http://{host}:{port}", "region_name": "eu-west-3"}
accounts = ["100000000001", "100000000002", "100000000003"]
for account in accounts:
    held = boto3.client("sts", **where).assume_role(RoleArn=f"arn:aws:iam::{account}:role/x", RoleSessionName="test")["Credentials"]
    client = boto3.client("ec2", aws_access_key_id=held["AccessKeyId"], aws_secret_access_key=held["SecretAccessKey"], aws_session_token=held["SessionToken"], **where)
    client.describe_vpcs()
own = [r for r in read if r[0] in accounts]
partitions = {r[1] for r in own}
print(f"{len(accounts)} accounts, 1 request each in eu-west-3: IAM of {len(partitions)} partitions each, {len(own)} times all managed policies")
listed.clear()
for _ in range(10):
    client.describe_vpcs()
print(f"10 requests: the package was listed {len(listed)} times")
server.stop()
if min(r[2] for r in own) < 1000:
    sys.exit("these are not all managed policies")
PY
venv/bin/python try.py | tee got

diff got - <<'WANT'
3 accounts, 1 request each in eu-west-3: IAM of 6 partitions each, 18 times all managed policies
10 requests: the package was listed 10 times
WANT
