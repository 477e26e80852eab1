"""Site-to-site VPNs: connections, their tunnels and their keys."""

import datetime
import ipaddress
import json
import re
import secrets

from moto.ec2.exceptions import EC2ClientError, InvalidVpnConnectionIdError

from .patch import patch
from .vpns import live

# What AWS takes of a tunnel, and what it keeps for itself (EC2 API reference,
# VpnTunnelOptionsSpecification).
ALGORITHMS = {
    "IKEVersions": ("ikev1", "ikev2"),
    "Phase1EncryptionAlgorithms": ("AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"),
    "Phase2EncryptionAlgorithms": ("AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"),
    "Phase1IntegrityAlgorithms": ("SHA1", "SHA2-256", "SHA2-384", "SHA2-512"),
    "Phase2IntegrityAlgorithms": ("SHA1", "SHA2-256", "SHA2-384", "SHA2-512"),
    "Phase1DHGroupNumbers": (2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24),
    "Phase2DHGroupNumbers": (2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24),
}
CHOICES = {"DPDTimeoutAction": ("clear", "none", "restart"), "StartupAction": ("add", "start")}
BOUNDS = {
    "Phase1LifetimeSeconds": (900, 28800),
    "Phase2LifetimeSeconds": (900, 3600),
    "RekeyFuzzPercentage": (0, 100),
    "ReplayWindowSize": (64, 2048),
    "DPDTimeoutSeconds": (30, 2**31),
}
RESERVED = {f"169.254.{third}.0/30" for third in range(6)} | {"169.254.169.252/30"}
INSIDE = ipaddress.ip_network("169.254.0.0/16")
KEY = re.compile(r"[A-Za-z1-9._][A-Za-z0-9._]{7,63}")

# What a describe calls otherwise than a request.
TOLD = {"IKEVersions": "IkeVersions", "DPDTimeoutAction": "DpdTimeoutAction", "DPDTimeoutSeconds": "DpdTimeoutSeconds"}

STORAGES = ("Standard", "SecretsManager")


def vpn_connections():
    from moto.core.responses import ActionResult
    from moto.ec2.models.vpn_connections import VPNConnection, VPNConnectionBackend
    from moto.ec2.responses import EC2Response
    from moto.ec2.responses.vpn_connections import VPNConnections

    # AWS: a connection has two tunnels, with what was asked for and else what AWS chooses;
    # options that nobody named are not told (grucloud, documentation of VpnConnection). What
    # cannot be is refused. moto forgets all options, and knows no tunnels.
    @patch(VPNConnections, "create_vpn_connection")
    def _(original):
        def create_vpn_connection(self):
            backend, options = self.ec2_backend, self._get_param("Options") or {}
            storage = self._get_param("PreSharedKeyStorage") or STORAGES[0]
            tunnels = list(options.get("TunnelOptions") or [])
            if len(tunnels) > 2:
                raise invalid("tunnelOptions", len(tunnels))
            if storage not in STORAGES:
                raise invalid("preSharedKeyStorage", storage)
            gateway = self._get_param("VpnGatewayId")
            if gateway:
                backend.get_vpn_gateway(gateway)
            taken = inside_ranges(backend, gateway)
            for tunnel in tunnels:
                check(backend, tunnel, taken)
                taken.append(tunnel.get("TunnelInsideCidr"))
            result = original(self)
            made = result.result["VpnConnection"]
            made.category, made.gateway_association_state = "VPN", "associated"
            made.storage, made.keys, made.routes, made.vgw_telemetry = storage, {}, [], []
            made.options = {
                "StaticRoutesOnly": bool(options.get("StaticRoutesOnly")),
                "EnableAcceleration": bool(options.get("EnableAcceleration")),
                "LocalIpv4NetworkCidr": options.get("LocalIpv4NetworkCidr") or "0.0.0.0/0",
                "RemoteIpv4NetworkCidr": options.get("RemoteIpv4NetworkCidr") or "0.0.0.0/0",
                "OutsideIpAddressType": options.get("OutsideIpAddressType") or "PublicIpv4",
                "TunnelInsideIpVersion": options.get("TunnelInsideIpVersion") or "ipv4",
                "TunnelOptions": [],
            }
            for tunnel in (tunnels + [{}, {}])[:2]:
                tunnel = {"TunnelInsideCidr": free_range(taken), **tunnel}
                taken.append(tunnel["TunnelInsideCidr"])
                backend.tunnels_made = number = backend.__dict__.get("tunnels_made", 0) + 1
                outside = f"198.19.{number // 256}.{number % 256}"  # a range for tests (RFC 2544)
                # The order in which AWS tells tunnels is none (terraform-provider-aws issue 396).
                made.options["TunnelOptions"].insert(0, {"OutsideIpAddress": outside})
                made.vgw_telemetry.append(
                    {
                        "OutsideIpAddress": outside,
                        "Status": "DOWN",
                        "StatusMessage": "IPSEC IS DOWN",
                        "LastStatusChange": datetime.datetime.now(datetime.timezone.utc),
                        "AcceptedRouteCount": 0,
                    }
                )
                made.keys[outside] = "".join(secrets.choice("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ123456789._") for _ in range(32))
                put(made, outside, tunnel)
            keep_keys(made)
            return result

        return create_vpn_connection

    # AWS: changes what is named of one tunnel, which is named by its outside address, and
    # where the keys are (EC2 API reference, ModifyVpnTunnelOptions). moto has no such operation.
    def modify_vpn_tunnel_options(self):
        connection = get(self)
        outside, options = self._get_param("VpnTunnelOutsideIpAddress"), self._get_param("TunnelOptions") or {}
        storage = self._get_param("PreSharedKeyStorage") or connection.storage
        if outside not in connection.keys:
            raise invalid("vpnTunnelOutsideIpAddress", outside)
        if storage not in STORAGES:
            raise invalid("preSharedKeyStorage", storage)
        check(self.ec2_backend, options, inside_ranges(self.ec2_backend, connection.vpn_gateway_id, but=outside))
        connection.storage = storage
        put(connection, outside, options)
        keep_keys(connection)
        return ActionResult({"VpnConnection": connection})

    # AWS: moves a connection to another customer gateway (EC2 API reference,
    # ModifyVpnConnection). moto has no such operation; to another gateway of AWS's nobody
    # moves here.
    def modify_vpn_connection(self):
        connection, customer = get(self), self._get_param("CustomerGatewayId")
        if not customer or self._get_param("VpnGatewayId") or self._get_param("TransitGatewayId"):
            raise NotImplementedError("ModifyVpnConnection is served for CustomerGatewayId alone")
        self.ec2_backend.get_customer_gateway(customer)
        connection.customer_gateway_id = customer
        return ActionResult({"VpnConnection": connection})

    EC2Response.modify_vpn_tunnel_options = modify_vpn_tunnel_options
    EC2Response.modify_vpn_connection = modify_vpn_connection

    # AWS: one that is deleted is not found, except by a describe, which tells of it for a
    # while (terraform-provider-aws, internal/service/ec2/find.go), and the secret of its keys
    # goes with it. moto deletes it again.
    @patch(VPNConnectionBackend, "delete_vpn_connection")
    def _(original):
        def delete_vpn_connection(self, vpn_connection_id):
            gone = original(self, found(self, vpn_connection_id).id)
            secret_store(gone).pop(secret_name(gone))
            return gone

        return delete_vpn_connection

    # AWS: the filters of DescribeVpnConnections (EC2 API reference). moto fails on these.
    @patch(VPNConnection, "get_filter_value")
    def _(original):
        def get_filter_value(self, filter_name, method_name=None):
            if filter_name == "vpn-connection-id":
                return self.id
            if filter_name == "option.static-routes-only":
                return str(self.options["StaticRoutesOnly"]).lower()
            if filter_name == "route.destination-cidr-block":
                return [route["DestinationCidrBlock"] for route in self.routes]
            return original(self, filter_name, method_name)

        return get_filter_value

    # AWS: the configuration for the site's device has the connection's own addresses and keys,
    # and one weak algorithm each whatever the options are; it is told while the connection is
    # there (EC2 API reference, VpnConnection; terraform-provider-aws issue 15806). moto's has
    # the same addresses and key for all.
    VPNConnection.customer_gateway_configuration = property(configuration)


def vpn_static_routes():
    from moto.core.responses import EmptyResult
    from moto.ec2.responses import EC2Response

    # AWS: static routes of a connection that has no others (EC2 API reference,
    # CreateVpnConnectionRoute, and "Error codes"). One that is deleted is told for a while
    # (terraform-provider-aws, internal/service/ec2/find.go); that one can be asked for twice
    # is an assumption, the same as the sandbox's. moto has none.
    def create_vpn_connection_route(self):
        connection, to = get(self), self._get_param("DestinationCidrBlock")
        try:
            ipaddress.IPv4Network(to)
        except ValueError:
            raise invalid("destinationCidrBlock", to) from None
        if not connection.options["StaticRoutesOnly"]:
            raise EC2ClientError("InvalidVpnConnection.InvalidType", f"The vpnConnection '{connection.id}' does not support static routes")
        others = [route for route in connection.routes if route["DestinationCidrBlock"] != to]
        connection.routes = [*others, {"DestinationCidrBlock": to, "Source": "Static", "State": "available"}]
        return EmptyResult()

    def delete_vpn_connection_route(self):
        connection, to = get(self), self._get_param("DestinationCidrBlock")
        for route in connection.routes:
            if route["DestinationCidrBlock"] == to and route["State"] != "deleted":
                route["State"] = "deleted"
                return EmptyResult()
        raise EC2ClientError("InvalidRoute.NotFound", f"The specified route {to} does not exist")

    EC2Response.create_vpn_connection_route = create_vpn_connection_route
    EC2Response.delete_vpn_connection_route = delete_vpn_connection_route


def get(response):
    """The connection that a request names."""
    return found(response.ec2_backend, response._get_param("VpnConnectionId"))


def found(backend, connection_id):
    connection = backend.vpn_connections.get(connection_id)
    if connection is None or connection.state == "deleted":
        raise InvalidVpnConnectionIdError(connection_id)
    return connection


def invalid(name, value):
    return EC2ClientError("InvalidParameterValue", f"Value ({value}) for parameter {name} is invalid.")


def inside_ranges(backend, gateway_id, but=None):
    """The inside ranges of the tunnels at a gateway, but for one with an outside address."""
    connections = [one for one in live(backend.vpn_connections) if one.vpn_gateway_id == gateway_id]
    return [t["TunnelInsideCidr"] for one in connections for t in one.options["TunnelOptions"] if t["OutsideIpAddress"] != but]


def free_range(taken):
    """An inside range of AWS's choice."""
    return next(str(one) for one in INSIDE.subnets(new_prefix=30) if str(one) not in RESERVED and str(one) not in taken)


def check(backend, options, taken):
    """Refuses options of a tunnel as AWS does."""
    for name, values in ALGORITHMS.items():
        for one in options.get(name) or []:
            if one.get("Value") not in values:
                raise invalid(name, one.get("Value"))
    for name, values in CHOICES.items():
        if options.get(name) not in (None, *values):
            raise invalid(name, options[name])
    # The margin is at most half of the lifetime of phase 2.
    half = (options.get("Phase2LifetimeSeconds") or 3600) // 2
    for name, (least, most) in {**BOUNDS, "RekeyMarginTimeSeconds": (60, half)}.items():
        if options.get(name) is not None and not least <= options[name] <= most:
            raise invalid(name, options[name])
    inside = options.get("TunnelInsideCidr")
    if inside is not None:
        try:
            fits = ipaddress.ip_network(inside).prefixlen == 30 and ipaddress.ip_network(inside).subnet_of(INSIDE)
        except (ValueError, TypeError):
            fits = False
        if not fits or inside in RESERVED or inside in taken:
            raise invalid("TunnelInsideCidr", inside)
    if options.get("PreSharedKey") is not None and not KEY.fullmatch(options["PreSharedKey"]):
        raise EC2ClientError("InvalidParameterValue", "Value for parameter preSharedKey is invalid.")
    logs = (options.get("LogOptions") or {}).get("CloudWatchLogOptions") or {}
    if logs.get("LogEnabled"):
        from moto.logs.models import logs_backends

        group = (logs.get("LogGroupArn") or "").partition(":log-group:")[2].removesuffix(":*")
        if group not in logs_backends[backend.account_id][backend.region_name].groups:
            raise invalid("logGroupArn", logs.get("LogGroupArn"))
        if logs.get("LogOutputFormat") not in (None, "json", "text"):
            raise invalid("logOutputFormat", logs["LogOutputFormat"])


def put(connection, outside, options):
    """Takes over what is named of a tunnel; the rest stays."""
    tunnel = next(one for one in connection.options["TunnelOptions"] if one["OutsideIpAddress"] == outside)
    for name, value in options.items():
        if name == "PreSharedKey":
            connection.keys[outside] = value
        else:
            tunnel[TOLD.get(name, name)] = value


def secret_name(connection):
    return f"s2svpn!{connection.id}"


def secret_store(connection):
    from moto.secretsmanager.models import secretsmanager_backends

    backend = connection.ec2_backend
    return secretsmanager_backends[backend.account_id][backend.region_name].secrets


def keep_keys(connection):
    """Puts the keys where they are to be. AWS: those in Secrets Manager are in a secret of the
    service's own, and REDACTED in the connection (terraform-provider-aws issue 42819, which
    also has the ARN stay when the keys are back). The form of the secret is not documented:
    this one is an assumption, the same as the sandbox's."""
    from moto.secretsmanager.models import secretsmanager_backends

    backend, name = connection.ec2_backend, secret_name(connection)
    hidden = connection.storage == "SecretsManager"
    if hidden:
        keeper = secretsmanager_backends[backend.account_id][backend.region_name]
        secret = keeper.create_managed_secret("s2svpn", name, secret_string=json.dumps(connection.keys))
        connection.pre_shared_key_arn = secret.arn
    else:
        secret_store(connection).pop(name)
    for tunnel in connection.options["TunnelOptions"]:
        tunnel["PreSharedKey"] = "REDACTED" if hidden else connection.keys[tunnel["OutsideIpAddress"]]


def configuration(connection):
    """What the site's device is to be set up with."""
    if connection.state not in ("pending", "available"):
        return None
    peer = connection.ec2_backend.customer_gateways[connection.customer_gateway_id].ip_address
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<vpn_connection id="{connection.id}">'
    text += f"<customer_gateway_id>{connection.customer_gateway_id}</customer_gateway_id><vpn_gateway_id>{connection.vpn_gateway_id or ''}</vpn_gateway_id>"
    text += f"<vpn_connection_type>{connection.type}</vpn_connection_type>"
    for tunnel in connection.options["TunnelOptions"]:
        here, there = list(ipaddress.ip_network(tunnel["TunnelInsideCidr"]).hosts())
        text += "<ipsec_tunnel>"
        for end, outside, inside in (("customer_gateway", peer, there), ("vpn_gateway", tunnel["OutsideIpAddress"], here)):
            text += f"<{end}><tunnel_outside_address><ip_address>{outside}</ip_address></tunnel_outside_address>"
            text += f"<tunnel_inside_address><ip_address>{inside}</ip_address><network_mask>255.255.255.252</network_mask><network_cidr>30</network_cidr></tunnel_inside_address></{end}>"
        text += "<ike><authentication_protocol>sha1</authentication_protocol><encryption_protocol>aes-128-cbc</encryption_protocol>"
        text += f"<lifetime>{tunnel.get('Phase1LifetimeSeconds', 28800)}</lifetime><perfect_forward_secrecy>group2</perfect_forward_secrecy><mode>main</mode>"
        text += f"<pre_shared_key>{tunnel['PreSharedKey']}</pre_shared_key></ike>"
        text += "<ipsec><protocol>esp</protocol><authentication_protocol>hmac-sha1-96</authentication_protocol><encryption_protocol>aes-128-cbc</encryption_protocol>"
        text += f"<lifetime>{tunnel.get('Phase2LifetimeSeconds', 3600)}</lifetime><perfect_forward_secrecy>group2</perfect_forward_secrecy><mode>tunnel</mode></ipsec></ipsec_tunnel>"
    return text + "</vpn_connection>"
