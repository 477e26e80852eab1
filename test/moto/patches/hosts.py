"""Account settings of ECS, and hosts that join their clusters."""

import base64
import re

from moto.core.responses import ActionResult

from .patch import patch

CLUSTER = re.compile(r"ECS_CLUSTER=[\"']?([\w-]+)")


def ecs_settings():
    from moto.ecs.models import AccountSetting, EC2ContainerServiceBackend
    from moto.ecs.responses import EC2ContainerServiceResponse

    # AWS: there is a default for all principals, which moto does not know.
    def put_account_setting_default(self):
        setting = self.ecs_backend.put_account_setting(self._get_param("name"), self._get_param("value"))
        setting.principal_arn = f"arn:aws:iam::{self.current_account}:root"
        return ActionResult({"setting": setting})

    EC2ContainerServiceResponse.put_account_setting_default = put_account_setting_default

    # AWS: the settings in effect are told when that is asked for, those of the root
    # user where nobody has set others.
    @patch(EC2ContainerServiceBackend, "list_account_settings")
    def _(original):
        def list_account_settings(self, name=None, value=None):
            found = original(self, name, value)
            if not found and name and value in (None, "disabled"):
                found = [AccountSetting(name, "disabled")]
            for setting in found:
                setting.principal_arn = f"arn:aws:iam::{self.account_id}:root"
            return found

        return list_account_settings


def ecs_hosts():
    from moto.ecs.models import EC2ContainerServiceBackend

    # AWS: the agent on an instance joins the cluster that its user data names, as soon
    # as it reaches ECS; it says goodbye when the instance ends. moto runs no agents.
    def agents(backend, cluster):
        from moto.ec2.models import ec2_backends

        ec2 = ec2_backends[backend.account_id][backend.region_name]
        joined = backend.container_instances.setdefault(cluster.name, {})
        running = {one.id: one for r in ec2.reservations.values() for one in r.instances if one.state == "running"}
        for key, host in list(joined.items()):
            if host.ec2_instance_id not in running:
                del joined[key]
        known = {host.ec2_instance_id for host in joined.values()}
        for one in running.values():
            if one.id not in known and named_cluster(one) == cluster.name and way_out(ec2, one):
                backend.register_container_instance(cluster.name, one.id)
        cluster.registered_container_instances_count = len(joined)

    def named_cluster(instance):
        script = instance.user_data or b""
        script = script if isinstance(script, bytes) else str(script).encode()
        try:
            script = base64.b64decode(script, validate=True)
        except ValueError:
            pass
        found = CLUSTER.search(script.decode(errors="replace"))
        return found and found.group(1)

    def way_out(ec2, instance):
        tables = [t for t in ec2.route_tables.values() if t.vpc_id == instance.vpc_id]
        own = [t for t in tables if any(a.get("SubnetId") == instance.subnet_id for a in t.associations)]
        return any(route.destination_cidr_block == "0.0.0.0/0" for t in own or tables for route in t.routes)

    @patch(EC2ContainerServiceBackend, "describe_clusters")
    def _(original):
        def describe_clusters(self, *arguments, **named):
            for cluster in self.clusters.values():
                agents(self, cluster)
            return original(self, *arguments, **named)

        return describe_clusters

    @patch(EC2ContainerServiceBackend, "list_container_instances")
    def _(original):
        def list_container_instances(self, cluster_str, *arguments, **named):
            agents(self, self._get_cluster(cluster_str))
            return original(self, cluster_str, *arguments, **named)

        return list_container_instances


def host_interfaces():
    from moto.ec2.models.instances import Instance

    # AWS: the first interface of an instance goes with it, unless something else was
    # said (RunInstances, "DeleteOnTermination"). moto keeps those of groups for good.
    @patch(Instance, "terminate")
    def _(original):
        def terminate(self):
            for interface in self.nics.values():
                interface.delete_on_termination = True
            return original(self)

        return terminate
