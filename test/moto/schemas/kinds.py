"""Which CloudFormation resource a request makes, and how its members are called there.

Members keep their names, with a capital letter; a kind names what differs.
"""

import json


def tag_list(tags):
    """Tags as a list of Key and Value, however the service takes them."""
    if isinstance(tags, dict):
        return [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"Key": tag.get("Key", tag.get("TagKey")), "Value": tag.get("Value", tag.get("TagValue"))} for tag in tags]


def group_tags(tags):
    return [{name: tag[name] for name in ("Key", "Value", "PropagateAtLaunch")} for tag in tags]


def first(values):
    return values[0]


def backup_plan(plan):
    rules = [{"TargetBackupVault" if name == "TargetBackupVaultName" else name: value for name, value in rule.items()} for rule in plan["Rules"]]
    return {"BackupPlanName": plan["BackupPlanName"], "BackupPlanRule": rules}


def encryption(configuration):
    rules = []
    for rule in configuration["Rules"]:
        rule = dict(rule)
        rule["ServerSideEncryptionByDefault"] = rule.pop("ApplyServerSideEncryptionByDefault")
        rules.append(rule)
    return {"ServerSideEncryptionConfiguration": rules}


def lifecycle(configuration):
    rules = []
    for rule in configuration["Rules"]:
        told = {"Status": rule["Status"], "Id": rule["ID"]}
        expiration, noncurrent = rule.get("Expiration", {}), rule.get("NoncurrentVersionExpiration")
        narrowed = rule.get("Filter", {})
        both = narrowed.get("And", {})
        told["Prefix"] = narrowed.get("Prefix", both.get("Prefix", ""))
        tags = both.get("Tags", [narrowed["Tag"]] if "Tag" in narrowed else [])
        parts = {
            "TagFilters": tags,
            "ExpirationInDays": expiration.get("Days"),
            "ExpiredObjectDeleteMarker": expiration.get("ExpiredObjectDeleteMarker"),
            "NoncurrentVersionExpiration": noncurrent,
            "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
            "Transitions": [{"StorageClass": one["StorageClass"], "TransitionInDays": one["Days"]} for one in rule.get("Transitions", [])],
        }
        rules.append({**told, **{name: part for name, part in parts.items() if part}})
    return {"Rules": rules}


def vpn_options(options):
    """Spreads the options of a VPN connection."""
    tunnels = []
    for tunnel in options.get("TunnelOptions", []):
        told = dict(tunnel)
        if "LogOptions" in told:
            told["LogOptions"] = {"CloudwatchLogOptions": told["LogOptions"]["CloudWatchLogOptions"]}
        tunnels.append(told)
    others = {name: value for name, value in options.items() if name != "TunnelOptions"}
    return {**others, "VpnTunnelOptionsSpecifications": tunnels} if tunnels else others


def attributes(*names):
    """Spreads a queue's or a topic's attributes, numbers and switches as such."""

    def spread(given):
        plain = {"true": True, "false": False}
        return {name: plain.get(given[name], int(given[name]) if given[name].isdigit() else given[name]) for name in names if name in given}

    return spread


SPREAD = "…"  # the value takes the place of its member
DROP = None

# operation: (type, {member: property, (property, conversion) or DROP}, properties that no member says)
KINDS = {
    "acm:RequestCertificate": ("CertificateManager::Certificate", {"IdempotencyToken": DROP, "Options": DROP}, {}),
    "autoscaling:CreateAutoScalingGroup": (
        "AutoScaling::AutoScalingGroup",
        {"VPCZoneIdentifier": ("VPCZoneIdentifier", lambda text: text.split(",")), "Tags": ("Tags", group_tags)},
        {},
    ),
    "backup:CreateBackupPlan": ("Backup::BackupPlan", {"CreatorRequestId": DROP, "BackupPlan": ("BackupPlan", backup_plan)}, {}),
    "backup:CreateBackupSelection": ("Backup::BackupSelection", {"CreatorRequestId": DROP}, {}),
    "backup:CreateBackupVault": ("Backup::BackupVault", {"CreatorRequestId": DROP}, {}),
    "cloudtrail:CreateTrail": (
        "CloudTrail::Trail",
        {"Name": "TrailName", "KmsKeyId": "KMSKeyId", "TagsList": ("Tags", tag_list)},
        {"IsLogging": True},
    ),
    "ec2:AllocateAddress": ("EC2::EIP", {}, {}),
    "ec2:AssociateRouteTable": ("EC2::SubnetRouteTableAssociation", {}, {}),
    "ec2:AttachInternetGateway": ("EC2::VPCGatewayAttachment", {}, {}),
    "ec2:AttachVpnGateway": ("EC2::VPCGatewayAttachment", {}, {}),
    "ec2:CreateCustomerGateway": ("EC2::CustomerGateway", {}, {}),
    "ec2:CreateFlowLogs": ("EC2::FlowLog", {"ResourceIds": ("ResourceId", first), "ClientToken": DROP}, {}),
    "ec2:CreateInternetGateway": ("EC2::InternetGateway", {}, {}),
    "ec2:CreateLaunchTemplate": ("EC2::LaunchTemplate", {"ClientToken": DROP}, {}),
    "ec2:CreateNatGateway": ("EC2::NatGateway", {"ClientToken": DROP}, {}),
    "ec2:CreateNetworkAcl": ("EC2::NetworkAcl", {"ClientToken": DROP}, {}),
    "ec2:CreateNetworkAclEntry": ("EC2::NetworkAclEntry", {"Protocol": ("Protocol", int), "IcmpTypeCode": "Icmp"}, {}),
    "ec2:CreateRoute": ("EC2::Route", {}, {}),
    "ec2:CreateRouteTable": ("EC2::RouteTable", {"ClientToken": DROP}, {}),
    "ec2:CreateSecurityGroup": ("EC2::SecurityGroup", {"Description": "GroupDescription"}, {}),
    "ec2:CreateSubnet": ("EC2::Subnet", {}, {}),
    "ec2:CreateVpc": ("EC2::VPC", {}, {}),
    "ec2:CreateVpnConnection": ("EC2::VPNConnection", {"Options": (SPREAD, vpn_options)}, {}),
    "ec2:CreateVpnConnectionRoute": ("EC2::VPNConnectionRoute", {}, {}),
    "ec2:CreateVpnGateway": ("EC2::VPNGateway", {}, {}),
    "ec2:CreateVpcEndpoint": ("EC2::VPCEndpoint", {"ClientToken": DROP, "PolicyDocument": ("PolicyDocument", json.loads)}, {}),
    "ec2:EnableVgwRoutePropagation": (
        "EC2::VPNGatewayRoutePropagation",
        {"GatewayId": "VpnGatewayId", "RouteTableId": ("RouteTableIds", lambda table: [table])},
        {},
    ),
    "ec2:ImportKeyPair": ("EC2::KeyPair", {"PublicKeyMaterial": ("PublicKeyMaterial", str)}, {}),
    "ecr:CreateRepository": ("ECR::Repository", {}, {}),
    "ecs:CreateCapacityProvider": ("ECS::CapacityProvider", {}, {}),
    "ecs:CreateCluster": ("ECS::Cluster", {"settings": "ClusterSettings"}, {}),
    "ecs:CreateService": ("ECS::Service", {"placementStrategy": "PlacementStrategies", "clientToken": DROP}, {}),
    "ecs:RegisterTaskDefinition": ("ECS::TaskDefinition", {}, {}),
    "elasticloadbalancing:CreateListener": ("ElasticLoadBalancingV2::Listener", {"Tags": DROP}, {}),
    "elasticloadbalancing:CreateLoadBalancer": ("ElasticLoadBalancingV2::LoadBalancer", {}, {}),
    "elasticloadbalancing:CreateRule": ("ElasticLoadBalancingV2::ListenerRule", {"Tags": DROP}, {}),
    "elasticloadbalancing:CreateTargetGroup": ("ElasticLoadBalancingV2::TargetGroup", {}, {}),
    "iam:CreateInstanceProfile": ("IAM::InstanceProfile", {"Tags": DROP}, {"Roles": ["role"]}),
    "iam:CreateOpenIDConnectProvider": ("IAM::OIDCProvider", {"ClientIDList": "ClientIdList"}, {}),
    "iam:CreateRole": ("IAM::Role", {"AssumeRolePolicyDocument": ("AssumeRolePolicyDocument", json.loads)}, {}),
    "iam:PutRolePolicy": ("IAM::RolePolicy", {"PolicyDocument": ("PolicyDocument", json.loads)}, {}),
    "kms:CreateAlias": ("KMS::Alias", {}, {}),
    "kms:CreateKey": ("KMS::Key", {"Policy": ("KeyPolicy", json.loads)}, {}),
    "logs:CreateLogGroup": ("Logs::LogGroup", {}, {}),
    "logs:PutMetricFilter": ("Logs::MetricFilter", {}, {}),
    "logs:PutRetentionPolicy": ("Logs::LogGroup", {}, {}),
    "monitoring:PutDashboard": ("CloudWatch::Dashboard", {}, {}),
    "monitoring:PutMetricAlarm": ("CloudWatch::Alarm", {}, {}),
    "rds:CreateDBCluster": (
        "RDS::DBCluster",
        {"MasterUserSecretKmsKeyId": ("MasterUserSecret", lambda key: {"KmsKeyId": key})},
        {},
    ),
    "rds:CreateDBClusterParameterGroup": ("RDS::DBClusterParameterGroup", {"DBParameterGroupFamily": "Family"}, {"Parameters": {"rds.force_ssl": "1"}}),
    "rds:CreateDBInstance": ("RDS::DBInstance", {}, {}),
    "rds:CreateDBSubnetGroup": ("RDS::DBSubnetGroup", {}, {}),
    "rds:CreateEventSubscription": ("RDS::EventSubscription", {}, {}),
    "rds:RestoreDBClusterToPointInTime": ("RDS::DBCluster", {}, {}),
    "s3:CreateBucket": ("S3::Bucket", {"Bucket": "BucketName", "CreateBucketConfiguration": DROP}, {}),
    "s3:PutBucketEncryption": ("S3::Bucket", {"Bucket": "BucketName", "ServerSideEncryptionConfiguration": ("BucketEncryption", encryption)}, {}),
    "s3:PutBucketLifecycleConfiguration": (
        "S3::Bucket",
        {"Bucket": "BucketName", "LifecycleConfiguration": ("LifecycleConfiguration", lifecycle), "TransitionDefaultMinimumObjectSize": DROP},
        {},
    ),
    "events:PutRule": ("Events::Rule", {"EventPattern": ("EventPattern", json.loads)}, {}),
    "s3:PutBucketPolicy": ("S3::BucketPolicy", {"Policy": ("PolicyDocument", json.loads)}, {}),
    "s3:PutBucketVersioning": ("S3::Bucket", {"Bucket": "BucketName"}, {}),
    "s3:PutPublicAccessBlock": ("S3::Bucket", {"Bucket": "BucketName"}, {}),
    "scheduler:CreateSchedule": ("Scheduler::Schedule", {"ClientToken": DROP, "ActionAfterCompletion": DROP}, {}),
    "scheduler:CreateScheduleGroup": ("Scheduler::ScheduleGroup", {"ClientToken": DROP}, {}),
    "secretsmanager:CreateSecret": ("SecretsManager::Secret", {"ClientRequestToken": DROP}, {}),
    "sns:CreateTopic": ("SNS::Topic", {"Name": "TopicName", "Attributes": (SPREAD, attributes("KmsMasterKeyId"))}, {}),
    "sns:Subscribe": ("SNS::Subscription", {"ReturnSubscriptionArn": DROP}, {}),
    "sqs:CreateQueue": (
        "SQS::Queue",
        {"Attributes": (SPREAD, attributes("SqsManagedSseEnabled", "MessageRetentionPeriod", "KmsMasterKeyId"))},
        {},
    ),
}

# Requests that make something which is no resource of its own, and why that is enough.
NOT_HELD = {
    r"ec2:AuthorizeSecurityGroup(In|E)gress": "the rules of a group are held against the document by the tests of internal/rules",
    r"ec2:(CreateTags|CreateLaunchTemplateVersion|DisableVgwRoutePropagation|Modify\w+|Replace\w+)": "changes what was made with the same members",
    r"(ecr:PutLifecyclePolicy|sns:SetTopicAttributes|iam:AddRoleToInstanceProfile|cloudtrail:PutEventSelectors|s3:PutBucketLogging)": "a setting whose values the API model knows",
    r"s3:(PutObject|PutBucketTagging)|ecr:PutImage|secretsmanager:PutSecretValue|s3:CopyObject": "data",
    r"rds:(StartExportTask|AddTagsToResource|Modify\w+)|ecs:(TagResource|PutClusterCapacityProviders|UpdateService|PutAccountSetting\w*)": "no resource, or the change of one",
    r"elasticloadbalancing:(AddListenerCertificates|AddTags|Modify\w+|Set\w+)": "the change of a resource",
    r"kms:(EnableKeyRotation|TagResource|PutKeyPolicy)|backup:Update\w+|cloudtrail:(StartLogging|StartTrail|UpdateTrail)|autoscaling:(Update|Put|Enable|CreateOrUpdate)\w+": "a switch",
    r"route53:\w+": "the zone belongs to the tests, and its records to ACM",
    r"events:(PutTargets|TagResource)": "part of the rule that was made",
    r"ec2:EnableEbsEncryptionByDefault": "a switch of the account",
    r"iam:CreateServiceLinkedRole": "AWS gives such a role its whole content",
}
