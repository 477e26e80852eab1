"""What takes its time on AWS and is ready at once in moto. Only on request: launch.py --hold."""

import time


def held(owner, name, pending, ready, seconds):
    """Has an attribute of new objects say pending, instead of ready, for some seconds."""
    was = owner.__dict__.get(name)

    def get(self):
        until = self.__dict__.setdefault("_held_until", time.monotonic() + seconds)
        value = was.fget(self) if was else self.__dict__["_held_" + name]
        return pending if value == ready and time.monotonic() < until else value

    def put(self, value):
        self.__dict__.setdefault("_held_until", time.monotonic() + seconds)
        if was:
            was.fset(self, value)
        else:
            self.__dict__["_held_" + name] = value

    setattr(owner, name, property(get, put))


def db_cluster(seconds):
    from moto.rds.models import DBCluster

    held(DBCluster, "status", "creating", "available", seconds)


def db_instance(seconds):
    from moto.rds.models import DBInstance

    held(DBInstance, "status", "creating", "available", seconds)


def nat_gateway(seconds):
    from moto.ec2.models.nat_gateways import NatGateway

    held(NatGateway, "state", "pending", "available", seconds)


def load_balancer(seconds):
    from moto.elbv2.models import FakeLoadBalancer

    held(FakeLoadBalancer, "state", "provisioning", "active", seconds)


# By the operation that makes what is held.
HOLDS = {
    "CreateDBCluster": db_cluster,
    "CreateDBInstance": db_instance,
    "CreateNatGateway": nat_gateway,
    "CreateLoadBalancer": load_balancer,
}


def of(text):
    """An operation and its seconds: CreateDBCluster=30."""
    operation, _, seconds = text.partition("=")
    if operation not in HOLDS:
        raise ValueError(f"{operation} is none of {', '.join(HOLDS)}")
    return operation, float(seconds)
