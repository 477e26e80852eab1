#!/usr/bin/env bash
# Common guess: boto3 and the AWS CLI check parameters against the API model before they send: a call that came
#               through with parameter validation on keeps the model's lengths, ranges, patterns and enumerations.
# Version:      botocore 1.44.8.
# Behaviour:    of all constraints in the model only the lower ones are checked. A length or a number below its
#               minimum is refused on this side; one above its maximum, a text against its pattern and a value that is
#               not in its enumeration are sent, although the same model, loaded in the same process, names all of
#               them. A test that runs on an emulator with validation on therefore says nothing of upper limits: for
#               these the model has to be read and judged by oneself.
# Output seen:  CreateAlias AliasName: model {'min': 1, 'max': 256, 'pattern': '^[a-zA-Z0-9:/_-]+$'}
#               empty: refused
#               of 1006 characters: sent
#               with a blank: sent
#               EnableKeyRotation RotationPeriodInDays: model {'min': 90, 'max': 2560}
#               1 day: refused
#               5000 days: sent
#               CreateKey KeyUsage, which is no KeyUsageType: sent
# Seen on 2026-11-30 with Python 3.11. Ends with 0 while it is so, with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check botocore==1.44.8

cat >try.py <<'PY'
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ParamValidationError

kms = botocore.session.get_session().create_client(
    "kms", region_name="eu-west-3", aws_access_key_id="nobody", aws_secret_access_key="nothing")
sent = []


class Body:
    def stream(self, *args, **kwargs):
        yield b"{}"


def answer(request, **kwargs):
    """Stands for AWS: nothing leaves this process."""
    sent.append(request)
    return AWSResponse(request.url, 200, {"content-type": "application/x-amz-json-1.1"}, Body())


kms.meta.events.register("before-send.kms.*", answer)


def model(operation, member):
    shape = kms.meta.service_model.operation_model(operation).input_shape.members[member]
    print(f"{operation} {member}: model {shape.metadata}")


def tell(what, call, **parameters):
    sent.clear()
    try:
        call(**parameters)
    except ParamValidationError:
        pass
    print(f"{what}: {'sent' if sent else 'refused'}")


model("CreateAlias", "AliasName")
tell("empty", kms.create_alias, AliasName="", TargetKeyId="k")
tell("of 1006 characters", kms.create_alias, AliasName="alias/" + 1000 * "a", TargetKeyId="k")
tell("with a blank", kms.create_alias, AliasName="alias/a b", TargetKeyId="k")
model("EnableKeyRotation", "RotationPeriodInDays")
tell("1 day", kms.enable_key_rotation, KeyId="k", RotationPeriodInDays=1)
tell("5000 days", kms.enable_key_rotation, KeyId="k", RotationPeriodInDays=5000)
tell("CreateKey KeyUsage, which is no KeyUsageType", kms.create_key, KeyUsage="NEVER")
PY
venv/bin/python try.py | tee got

diff got - <<'WANT'
CreateAlias AliasName: model {'min': 1, 'max': 256, 'pattern': '^[a-zA-Z0-9:/_-]+$'}
empty: refused
of 1006 characters: sent
with a blank: sent
EnableKeyRotation RotationPeriodInDays: model {'min': 90, 'max': 2560}
1 day: refused
5000 days: sent
CreateKey KeyUsage, which is no KeyUsageType: sent
WANT
