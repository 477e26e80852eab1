"""What moto gets wrong for the operations in use, put right from the inside.

Each patch says what AWS does. The product is never bent to moto: a difference
that a test would stumble over is mended here, or the test names it.
"""

# The versions of moto that the patches fit: the one that requirements.txt pins, and the
# other that `make test` tries them on. launch.py refuses the rest.
TESTED = ("5.2.1", "5.2.5")


def apply():
    """Mends moto. To be called once, before the first request."""
    # Not before the version was looked at: they may not even load on another one.
    from . import backups, balancers, containers, costs, databases, hosts, network, rollouts, storage, tunnels, upkeep, vpns

    costs.accounts()
    costs.requests()
    costs.keys()
    storage.s3()
    network.key_pairs()
    network.offers()
    network.client_vpns()
    network.nat_gateways()
    network.network_acls()
    network.subnets()
    network.vpc_endpoints()
    vpns.customer_gateways()
    vpns.vpn_gateways()
    vpns.vpn_routes()
    tunnels.vpn_connections()
    tunnels.vpn_static_routes()
    network.security_groups()
    network.launch_templates()
    balancers.load_balancers()
    containers.ecs_clusters()
    containers.ecs_capacity_providers()
    containers.ecs_task_definitions()
    containers.ecs_services()
    hosts.ecs_settings()
    hosts.ecs_hosts()
    hosts.host_interfaces()
    rollouts.ecs_rollouts()
    containers.auto_scaling()
    storage.kms()
    databases.rds()
    databases.rds_exports()
    databases.rds_restores()
    databases.rds_support()
    containers.ecr()
    upkeep.linked_roles()
    upkeep.logs()
    upkeep.schedules()
    upkeep.queues()
    storage.secrets()
    backups.backups()
    upkeep.trails()
    balancers.certificates()
    balancers.listener_certificates()
    balancers.hosted_zones()
    upkeep.tagging()
