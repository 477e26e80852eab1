"""What requests name has to be there: told by an earlier answer, or made by an earlier
request. moto lets a task definition name a log group that nobody has made; the real
task then fails to start.

Held are the identifiers that AWS gives (vpc-…), ARNs of the account, principals in
policies, and the names of KINDS. What reads or removes may name what is not there.
"""

import json
import re
from functools import cache
from html import unescape

# What removes something. A name that is removed is there no more.
REMOVES = re.compile(r"(Batch)?(Delete|Deregister|Remove|Revoke|Disassociate|Detach|Stop|Terminate|Release|Cancel|Schedule\w*Deletion|Unsubscribe|Untag)")

IDENTIFIER = re.compile(
    r"\b(?:acl|aclassoc|cgw|dopt|eigw|eipalloc|eipassoc|eni|fl|i|igw|key|lt|nat|rtb|rtbassoc|sg|sgr|subnet|tgw|vgw|vol|vpc|vpce|vpn)"
    r"-[0-9a-f]{8,17}\b"
)

# Each kind: who makes it ("operation member", a regular expression; a member's elements
# are all alike), who names it besides, and which part of a text is the name. A text
# that does not match is no name of that kind.
KINDS = {
    "bucket": (r"s3:CreateBucket Bucket", r"s3:\w+ Bucket|\w+:\w+ S3BucketName", r"(.+)"),
    "role": (r"iam:CreateRole RoleName", r"iam:\w+ RoleName", r"(.+)"),
    "instance profile": (
        r"iam:CreateInstanceProfile InstanceProfileName",
        r"iam:\w+ InstanceProfileName|ec2:\w+ (.+\.)?IamInstanceProfile\.Name",
        r"(.+)",
    ),
    "key pair": (r"ec2:(Create|Import)KeyPair KeyName", r"ec2:\w+ (.+\.)?KeyName", r"(.+)"),
    "log group": (
        r"logs:CreateLogGroup logGroupName",
        r"logs:\w+ logGroupName|ec2:CreateFlowLogs LogGroupName|ecs:\w+ .+\.options\.awslogs-group",
        r"(.+)",
    ),
    "group of hosts": (
        r"autoscaling:CreateAutoScalingGroup AutoScalingGroupName",
        r"autoscaling:\w+ AutoScalingGroupName|ecs:\w+ autoScalingGroupProvider\.autoScalingGroupArn",
        r"(?:arn:.+:autoScalingGroupName/)?(.+)",
    ),
    "capacity provider": (
        r"ecs:CreateCapacityProvider name",
        r"ecs:\w+ (capacityProviders\[\]|(.+\.)?capacityProvider)",
        r"(?!FARGATE)(?:arn:.+:capacity-provider/)?(.+)",
    ),
    "cluster": (r"ecs:CreateCluster clusterName", r"ecs:\w+ cluster", r"(?:arn:.+:cluster/)?(.+)"),
    "service": (r"ecs:CreateService serviceName", r"ecs:\w+ service", r"(?:arn:.+:service/.+/)?(.+)"),
    "task definition": (
        r"ecs:RegisterTaskDefinition family",
        r"ecs:\w+ taskDefinition",
        r"(?:arn:.+:task-definition/)?([^:]+)(?::\d+)?",
    ),
    "repository": (
        r"ecr:CreateRepository repositoryName",
        r"ecr:\w+ repositoryName|ecs:RegisterTaskDefinition containerDefinitions\[\]\.image",
        r"(?:\d{12}\.dkr\.ecr\.[^/]+/)([^:@]+)(?:[:@].+)?|([^.:@]+)",
    ),
    "database subnet group": (r"rds:CreateDBSubnetGroup DBSubnetGroupName", r"rds:\w+ DBSubnetGroupName", r"(.+)"),
    "cluster parameter group": (
        r"rds:CreateDBClusterParameterGroup DBClusterParameterGroupName",
        r"rds:\w+ DBClusterParameterGroupName",
        r"(?!default\.)(.+)",
    ),
    "database cluster": (
        r"rds:(CreateDBCluster|RestoreDBCluster\w+) DBClusterIdentifier",
        r"rds:\w+ (Source)?DBClusterIdentifier",
        r"(?:arn:.+:cluster:)?(.+)",
    ),
    "database instance": (r"rds:CreateDBInstance DBInstanceIdentifier", r"rds:\w+ DBInstanceIdentifier", r"(.+)"),
    "vault": (
        r"backup:CreateBackupVault BackupVaultName",
        r"backup:\w+ (.+\.)?(Target)?BackupVaultName",
        r"(.+)",
    ),
    "trail": (r"cloudtrail:CreateTrail Name", r"cloudtrail:\w+ (Trail)?Name", r"(?:arn:.+:trail/)?(.+)"),
    "group of schedules": (r"scheduler:CreateScheduleGroup Name", r"scheduler:\w+Schedule GroupName", r"(?!default$)(.+)"),
    "alias": (r"kms:CreateAlias AliasName", r"kms:\w+ (AliasName|KeyId)|\w+:\w+ (.+\.)?K[Mm][Ss]\w*", r"(alias/(?!aws/).+)"),
}
KINDS = {kind: tuple(re.compile(text) for text in texts) for kind, texts in KINDS.items()}

# What is in the whole account, whichever region the request for it goes to.
GLOBAL = ("bucket", "role", "instance profile")

# ARNs that no answer tells, of what these requests make.
ARNS = {
    "autoscaling:CreateAutoScalingGroup": "arn:aws:autoscaling:{region}:{account}:{AutoScalingGroupName}",
    "logs:CreateLogGroup": "arn:aws:logs:{region}:{account}:log-group:{logGroupName}",
    "monitoring:PutMetricAlarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{AlarmName}",
    "s3:CreateBucket": "arn:aws:s3:::{Bucket}",
    "sqs:CreateQueue": "arn:aws:sqs:{region}:{account}:{QueueName}",
}


class Known:
    """What is there in one account, as far as its requests and answers tell."""

    def __init__(self):
        self.told = set()  # identifiers and ARNs
        self.made = set()  # (kind, region, name)

    def missing(self, request):
        """The (member, problem) of each thing that a request names and that is not there."""
        if not request.writes or REMOVES.match(request.operation):
            return []
        found = []
        own = re.compile(rf"arn:aws[\w-]*:(?:(?!iam|sts)[\w-]+:[\w-]*|iam:|sts:):{request.account}:[^\s\"',;<>]+")
        for member, text in leaves(request.input):
            policy = document(text)
            if policy is not None and "Statement" in policy:
                named = set(own.findall(" ".join(principals(policy))))
            elif re.search(r"Policy(Document|Text)?$", member):
                continue  # no JSON, which the service says itself
            else:
                named = set(IDENTIFIER.findall(text)) | set(own.findall(text)) | set(re.findall(r"arn:aws:s3:::[\w.-]+", text))
            found.extend((member, f"names {name}, which no answer has told before") for name in sorted(named) if not self.has(name))
            for thing, makes in things(request, member, text):
                if not makes and thing not in self.made:
                    found.append((member, f"names the {thing[0]} {thing[2]}, which no request has made before"))
        return found

    def has(self, name):
        if re.search(r"[*?]|\$\{", name) or re.fullmatch(r"arn:aws[\w-]*:iam::\d+:root", name):
            return True
        return name in self.told or name.removesuffix(":*") in self.told

    def learn(self, request, status, answer):
        """Learns what a request has made and what its answer tells."""
        if status >= 300:
            return
        for _, text in values(answer):
            if text.startswith("arn:") or IDENTIFIER.fullmatch(text):
                self.told.add(text)
                # A session is its role's.
                self.told.add(re.sub(r":sts::(\d+):assumed-role/([^/]+)/.+", r":iam::\1:role/\2", text))
        if not request.writes or request.input is None:
            return
        operation = f"{request.service}:{request.operation}"
        if operation in ARNS:
            self.told.add(ARNS[operation].format(account=request.account, region=request.region, **request.input))
        for member, text in leaves(request.input):
            for thing, makes in things(request, member, text):
                if makes:
                    self.made.add(thing)
                elif REMOVES.match(request.operation) and removes(operation, thing[0]):
                    self.made.discard(thing)


def things(request, member, text):
    """The things, (kind, region, name), that a text names, and whether the request makes them."""
    for kind, makes in kinds_at(f"{request.service}:{request.operation} {member}"):
        match = KINDS[kind][2].fullmatch(text)
        if match:
            name = next(group for group in match.groups() if group)
            yield (kind, "" if kind in GLOBAL else request.region, name), makes


@cache
def kinds_at(place):
    """The kinds that are named at a place, and whether they are made there."""
    made = [kind for kind, (makes, _, _) in KINDS.items() if makes.fullmatch(place)]
    named = [kind for kind, (_, names, _) in KINDS.items() if names.fullmatch(place) and kind not in made]
    return [(kind, True) for kind in made] + [(kind, False) for kind in named]


def removes(operation, kind):
    """Whether an operation removes a thing of a kind, and not something of it: what is
    made by CreateRole is removed by DeleteRole, and not by DeleteRolePolicy."""
    maker = KINDS[kind][0].pattern.partition(" ")[0].partition(":")[2]
    name = operation.partition(":")[2].removeprefix("Delete")
    return maker.endswith(name) or f"{name}|" in maker


def leaves(value, where=""):
    """Every text in a value with the member that it stands in, a[].b."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{where}.{name}" if where else name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{where}[]")
    elif isinstance(value, str):
        yield where, value


def document(text):
    """The object that a text holds as JSON, or nothing."""
    if not text.startswith("{"):
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def principals(policy):
    """The principals of a policy, which AWS looks up when it takes the policy."""
    statements = policy["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        for place in ("Principal", "NotPrincipal"):
            for _, text in leaves({"": statement.get(place, "")}):
                yield text


def values(answer):
    """The (name, text) of each value that an answer in JSON or XML holds. What a batch
    could not find is told as a failure, and is not there."""
    text = answer.decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        value = document(text.lstrip()) or {}
        yield from leaves({name: inner for name, inner in value.items() if name.lower() != "failures"})
    else:
        yield from ((name, unescape(inner)) for name, inner in re.findall(r"<([\w:]+)[^<>]*>([^<>]+)</", text))
