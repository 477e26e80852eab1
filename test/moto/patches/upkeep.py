"""Roles of services, logs, schedules, trails and tags."""

from moto.core.exceptions import JsonRESTError

from .patch import patch


def linked_roles():
    from moto.iam import models
    from moto.iam.exceptions import EntityAlreadyExists, InvalidInput

    # AWS: each service has a name for its role. moto makes most of them up.
    models.SERVICE_NAME_CONVERSION.update(
        {
            "autoscaling": "AutoScaling",
            "backup": "Backup",
            "ecs": "ECS",
            "elasticloadbalancing": "ElasticLoadBalancing",
            "rds": "RDS",
        }
    )

    # AWS: a second one is refused in other words than a second role of one's own.
    @patch(models.IAMBackend, "create_service_linked_role")
    def _(original):
        def create_service_linked_role(self, *arguments, **named):
            try:
                return original(self, *arguments, **named)
            except EntityAlreadyExists as double:
                raise InvalidInput(
                    "Service role name has been taken in this account, please try a different suffix."
                ) from double

        return create_service_linked_role


def logs():
    from moto.logs.exceptions import ResourceNotFoundException
    from moto.logs.responses import LogsResponse

    # AWS: AssociateKmsKey gives a log group another key. moto lacks it.
    def associate_kms_key(self):
        group = self.logs_backend.groups.get(self._get_param("logGroupName"))
        if group is None:
            raise ResourceNotFoundException()
        group.kms_key_id = self._get_param("kmsKeyId")
        return ""

    LogsResponse.associate_kms_key = associate_kms_key


def schedules():
    from moto.scheduler.exceptions import ValidationException
    from moto.scheduler.models import EventBridgeSchedulerBackend

    # AWS: the name of a group is unique. moto replaces the group and its schedules.
    @patch(EventBridgeSchedulerBackend, "create_schedule_group")
    def _(original):
        def create_schedule_group(self, name, tags):
            if name in self.schedule_groups:
                raise JsonRESTError("ConflictException", f"Schedule group {name} already exists.")
            return original(self, name, tags or [])

        return create_schedule_group

    # AWS: what is asked of an unknown group is refused. moto crashes, or finds nothing.
    @patch(EventBridgeSchedulerBackend, "create_schedule")
    def _(original):
        def create_schedule(self, *args, **kwargs):
            self.get_schedule_group(kwargs["group_name"])
            return original(self, *args, **kwargs)

        return create_schedule

    @patch(EventBridgeSchedulerBackend, "list_schedules")
    def _(original):
        def list_schedules(self, group_names, *args, **kwargs):
            for name in group_names or []:
                self.get_schedule_group(name)
            return original(self, group_names, *args, **kwargs)

        return list_schedules

    # AWS: the default group stays; of another, the tags go too. moto removes the
    # former, crashes over an unknown one, and gives the tags to the next of that name.
    @patch(EventBridgeSchedulerBackend, "delete_schedule_group")
    def _(original):
        def delete_schedule_group(self, name):
            if name == "default":
                raise ValidationException("The default schedule group cannot be deleted.")
            self.tagger.delete_all_tags_for_resource(self.get_schedule_group(name).arn)
            original(self, name)

        return delete_schedule_group


def queues():
    from moto.sqs.models import Queue

    # AWS: attributes that are not named stay as they are. moto drops the policy.
    @patch(Queue, "_set_attributes")
    def _(original):
        def _set_attributes(self, attributes, now=None):
            return original(self, {"Policy": getattr(self, "policy", None), **attributes}, now)

        return _set_attributes


def trails():
    from moto.cloudtrail.models import Trail

    # AWS: a trail says whether somebody has chosen what it records. moto always
    # says no.
    @patch(Trail, "description")
    def _(original):
        def description(self, *args, **kwargs):
            chosen = bool(self.event_selectors or self.advanced_event_selectors)
            return {**original(self, *args, **kwargs), "HasCustomEventSelectors": chosen}

        return description


def tagging():
    from moto.ec2.models import ec2_backends
    from moto.ecr.models import ecr_backends
    from moto.elbv2.models import elbv2_backends
    from moto.iam.models import iam_backends
    from moto.rds.models import rds_backends
    from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend
    from moto.scheduler.models import scheduler_backends

    try:
        from moto.core.resource_tagging import TaggedResource
    except ImportError:  # moto 5.2.1 tells of resources as AWS's answer does
        TaggedResource = None

    def told(arn, values):
        if TaggedResource:
            return TaggedResource(arn, values, resource_type="")
        return {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in values.items()]}

    # AWS: GetResources tells of listeners and their rules, of repositories, groups of
    # subnets, parameters and schedules, and in us-east-1 of what IAM has in no region,
    # users and roles apart; and of VPN gateways. moto leaves all of these out.
    def left_out(self):
        networks = ec2_backends[self.account_id][self.region_name]
        for gateway in list(networks.vpn_gateways.values()):
            arn = f"arn:{self.partition}:ec2:{self.region_name}:{self.account_id}:vpn-gateway/{gateway.id}"
            yield arn, [{"Key": tag["key"], "Value": tag["value"]} for tag in gateway.get_tags()]
        repositories = ecr_backends[self.account_id][self.region_name]
        for repository in list(repositories.repositories.values()):
            yield repository.arn, repositories.tagger.list_tags_for_resource(repository.arn)["tags"]
        databases = rds_backends[self.account_id][self.region_name]
        for groups in (databases.subnet_groups, databases.db_cluster_parameter_groups):
            for group in list(groups.values()):
                yield group.arn, group.tags
        schedules = scheduler_backends[self.account_id][self.region_name]
        for group in list(schedules.schedule_groups.values()):
            yield group.arn, schedules.tagger.list_tags_for_resource(group.arn)["Tags"]
        balancers = elbv2_backends[self.account_id][self.region_name]
        for balancer in list(balancers.load_balancers.values()):
            for listener in list(balancer.listeners.values()):
                for one in (listener, *listener.rules.values()):
                    yield one.arn, balancers.tagging_service.list_tags_for_resource(one.arn)["Tags"]
        if self.region_name == "us-east-1":
            for profile in list(iam_backends[self.account_id][self.partition].instance_profiles.values()):
                yield profile.arn, profile.tags

    @patch(ResourceGroupsTaggingAPIBackend, "_get_resources_generator")
    def _(original):
        def get_resources(self, tag_filters=None, resource_type_filters=None, **named):
            # All at once: the next page is asked for by another request, and what was
            # added in between would break moto's walk over its dictionaries.
            yield from list(original(self, tag_filters, resource_type_filters, **named))
            if resource_type_filters or named.get("resource_arn_list"):  # nobody asks for these
                return
            for arn, tags in left_out(self):
                values = {tag["Key"]: tag["Value"] for tag in tags}
                asked = {one["Key"]: one.get("Values") for one in tag_filters or []}
                if values and all(key in values and (not wanted or values[key] in wanted) for key, wanted in asked.items()):
                    yield told(arn, values)

        return get_resources
