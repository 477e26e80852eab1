#!/usr/bin/env bash
# Common guess: KMS Sign with MessageType DIGEST signs the digest that it is given, on an emulator as on AWS: a
#               certificate signed through crypto.Signer, whose digest was made by the caller, can be tested there.
# Version:      moto 5.2.5 (boto3 1.43.0, cryptography 48.0.0).
# Behaviour:    moto takes MessageType DIGEST and hashes the digest once more. Its own Verify does the same, so that
#               a test of Sign and Verify alone passes; but what is signed so does not verify under the public key that
#               GetPublicKey tells, anywhere else: X.509 certificates, revocation lists and JWTs made through it are
#               invalid. MessageType RAW is right.
# Output seen:  Verify of moto itself, DIGEST: True
#               with the public key, of the digest: invalid
#               with the public key, of the digest's digest: valid
#               RAW, with the public key, of the message: valid
# Seen on 2026-11-30 with Python 3.11. Ends with 0 while it is so, with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check 'moto[kms]==5.2.5' boto3==1.43.0 cryptography==48.0.0

cat >try.py <<'PY'
import hashlib

import boto3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, utils
from moto import mock_aws

message = b"what a certificate says"
digest = hashlib.sha256(message).digest()
algorithm = "RSASSA_PKCS1_V1_5_SHA_256"

with mock_aws():  # nothing leaves this process
    kms = boto3.client("kms", region_name="eu-west-3", aws_access_key_id="nobody", aws_secret_access_key="nothing")
    key = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    public = serialization.load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    of_digest = kms.sign(KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm=algorithm)["Signature"]
    of_raw = kms.sign(KeyId=key, Message=message, MessageType="RAW", SigningAlgorithm=algorithm)["Signature"]
    own = kms.verify(KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm=algorithm, Signature=of_digest)


def tell(what, signature, signed):
    """Says whether a signature is of a digest, which is not hashed again here."""
    try:
        public.verify(signature, signed, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
        print(f"{what}: valid")
    except InvalidSignature:
        print(f"{what}: invalid")


print("Verify of moto itself, DIGEST:", own["SignatureValid"])
tell("with the public key, of the digest", of_digest, digest)
tell("with the public key, of the digest's digest", of_digest, hashlib.sha256(digest).digest())
tell("RAW, with the public key, of the message", of_raw, digest)
PY
venv/bin/python try.py | tee got

diff got - <<'WANT'
Verify of moto itself, DIGEST: True
with the public key, of the digest: invalid
with the public key, of the digest's digest: valid
RAW, with the public key, of the message: valid
WANT
