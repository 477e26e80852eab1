#!/usr/bin/env bash
# Common guess: a test on an emulator that restores an Aurora cluster to a point in time shows what the restored
#               cluster lacks until it is set: deletion protection, for one, which AWS leaves off unless the call asks
#               for it ("By default, deletion protection isn't enabled", RestoreDBClusterToPointInTime).
# Version:      moto 5.2.5 (boto3 1.43.0).
# Behaviour:    moto makes the new cluster of all that it knows of the source and then of what the call says. A program
#               that forgets to ask for protection passes a test there, and leaves restored databases unprotected on AWS.
# Output seen:  source protected, nothing asked: protected True
#               source unprotected, nothing asked: protected False
# Seen on 2026-11-30 with Python 3.11. Ends with 0 while it is so, with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check 'moto[rds]==5.2.5' boto3==1.43.0

cat >try.py <<'PY'
import boto3
from moto import mock_aws

with mock_aws():  # nothing leaves this process
    rds = boto3.client("rds", region_name="eu-west-3", aws_access_key_id="nobody", aws_secret_access_key="nothing")
    for name, protected in (("protected", True), ("unprotected", False)):
        rds.create_db_cluster(
            DBClusterIdentifier=name, Engine="aurora-postgresql", MasterUsername="root", MasterUserPassword="not-a-secret", DeletionProtection=protected
        )
        copy = rds.restore_db_cluster_to_point_in_time(
            DBClusterIdentifier=name + "-copy", SourceDBClusterIdentifier=name, UseLatestRestorableTime=True
        )["DBCluster"]
        print(f"source {name}, nothing asked: protected {copy['DeletionProtection']}")
PY
venv/bin/python try.py | tee got

diff got - <<'WANT'
source protected, nothing asked: protected True
source unprotected, nothing asked: protected False
WANT
