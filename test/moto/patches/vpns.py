"""Site-to-site VPNs: the gateways of both ends, and the routes to them."""

from moto.ec2.exceptions import EC2ClientError, InvalidCustomerGatewayIdError, InvalidVpnGatewayAttachmentError, InvalidVpnGatewayIdError

from .patch import patch


def customer_gateways():
    from moto.core.responses import ActionResult
    from moto.ec2.models.customer_gateways import CustomerGateway, CustomerGatewayBackend
    from moto.ec2.responses.customer_gateways import CustomerGateways
    from moto.ec2.utils import generic_filter

    # AWS: a gateway of the same type, address, ASN and device name is answered with the one
    # that is there, whoever made it and whatever its tags; the ASN is 65000 unless said
    # otherwise (EC2 API reference, CreateCustomerGateway). moto forgets the name of the
    # device, and always makes another one.
    @patch(CustomerGateways, "create_customer_gateway")
    def _(original):
        def create_customer_gateway(self):
            device, asn = self._get_param("DeviceName"), str(self._get_param("BgpAsn") or 65000)
            asked = (self._get_param("Type"), self._get_param("IpAddress") or self._get_param("PublicIp"), asn, device)
            for one in self.ec2_backend.customer_gateways.values():
                if one.state != "deleted" and (one.type, one.ip_address, one.bgp_asn, one.device_name) == asked:
                    return ActionResult({"CustomerGateway": one})
            result = original(self)
            made = result.result["CustomerGateway"]
            made.device_name, made.bgp_asn = device, asn
            return result

        return create_customer_gateway

    # AWS: one that is deleted is not found, except by a describe, which tells of it for a while
    # (terraform-provider-aws, internal/service/ec2/find.go).
    @patch(CustomerGatewayBackend, "get_customer_gateway")
    def _(original):
        def get_customer_gateway(self, customer_gateway_id):
            found = original(self, customer_gateway_id)
            if found.state == "deleted":
                raise InvalidCustomerGatewayIdError(customer_gateway_id)
            return found

        return get_customer_gateway

    # AWS: a gateway with a connection cannot be deleted (terraform-aws-vpn-gateway issue 69).
    # moto deletes it.
    @patch(CustomerGatewayBackend, "delete_customer_gateway")
    def _(original):
        def delete_customer_gateway(self, customer_gateway_id):
            if any(one.customer_gateway_id == customer_gateway_id for one in live(self.vpn_connections)):
                raise EC2ClientError("IncorrectState", "The customer gateway is in use.")
            return original(self, customer_gateway_id)

        return delete_customer_gateway

    # AWS: an unknown id is an error, and all documented filters narrow the answer (EC2 API
    # reference, DescribeCustomerGateways). moto leaves the former out, and knows four filters.
    @patch(CustomerGatewayBackend, "describe_customer_gateways")
    def _(_original):
        def describe_customer_gateways(self, filters=None, customer_gateway_ids=None):
            for wanted in customer_gateway_ids or []:
                if wanted not in self.customer_gateways:
                    raise InvalidCustomerGatewayIdError(wanted)
            found = [one for one in self.customer_gateways.values() if not customer_gateway_ids or one.id in customer_gateway_ids]
            return generic_filter(filters, found)

        return describe_customer_gateways

    CustomerGateway.customer_gateway_id = property(lambda self: self.id)


def vpn_gateways():
    from moto.ec2.models.vpn_gateway import VpnGatewayBackend

    # AWS: the ASN of AWS's end is 64512 unless said otherwise (EC2 API reference,
    # CreateVpnGateway). moto tells none.
    @patch(VpnGatewayBackend, "create_vpn_gateway")
    def _(original):
        def create_vpn_gateway(self, gateway_type="ipsec.1", amazon_side_asn=None, **named):
            return original(self, gateway_type, amazon_side_asn or 64512, **named)

        return create_vpn_gateway

    # AWS: one that is deleted is not found, except by a describe, to which an unknown id is an
    # error (terraform-provider-aws, internal/service/ec2/find.go). moto finds the former, and
    # leaves the latter out.
    @patch(VpnGatewayBackend, "get_vpn_gateway")
    def _(original):
        def get_vpn_gateway(self, vpn_gateway_id):
            found = original(self, vpn_gateway_id)
            if found.state == "deleted":
                raise InvalidVpnGatewayIdError(vpn_gateway_id)
            return found

        return get_vpn_gateway

    @patch(VpnGatewayBackend, "describe_vpn_gateways")
    def _(original):
        def describe_vpn_gateways(self, filters=None, vpn_gw_ids=None):
            for wanted in vpn_gw_ids or []:
                if wanted not in self.vpn_gateways:
                    raise InvalidVpnGatewayIdError(wanted)
            return original(self, filters, vpn_gw_ids)

        return describe_vpn_gateways

    # AWS: a gateway is at one VPC at a time, and a VPC has one gateway (EC2 API reference,
    # "Error codes"). moto moves the gateway, and takes any number.
    @patch(VpnGatewayBackend, "attach_vpn_gateway")
    def _(original):
        def attach_vpn_gateway(self, vpn_gateway_id, vpc_id):
            place = attachment(self.get_vpn_gateway(vpn_gateway_id))
            if place is not None and place.vpc_id == vpc_id:
                return place
            if place is not None:
                raise EC2ClientError("VpnGatewayAttachmentLimitExceeded", f"The vpnGateway '{vpn_gateway_id}' is attached to {place.vpc_id}")
            if any(attachment(one, vpc_id) for one in live(self.vpn_gateways)):
                raise EC2ClientError("InvalidVpcState", f"The vpc '{vpc_id}' has a virtual private gateway attached already")
            return original(self, vpn_gateway_id, vpc_id)

        return attach_vpn_gateway

    # AWS: what is detached cannot be detached (moto says so of a VPC that never was the
    # gateway's).
    @patch(VpnGatewayBackend, "detach_vpn_gateway")
    def _(original):
        def detach_vpn_gateway(self, vpn_gateway_id, vpc_id):
            if attachment(self.get_vpn_gateway(vpn_gateway_id), vpc_id) is None:
                raise InvalidVpnGatewayAttachmentError(vpn_gateway_id, vpc_id)
            return original(self, vpn_gateway_id, vpc_id)

        return detach_vpn_gateway

    # AWS: a gateway that is attached, or has connections, cannot be deleted (EC2 API
    # reference, DeleteVpnGateway; terraform-provider-aws pull request 5831). moto deletes it.
    @patch(VpnGatewayBackend, "delete_vpn_gateway")
    def _(original):
        def delete_vpn_gateway(self, vpn_gateway_id):
            used = any(one.vpn_gateway_id == vpn_gateway_id for one in live(self.vpn_connections))
            if used or attachment(self.get_vpn_gateway(vpn_gateway_id)):
                raise EC2ClientError("IncorrectState", "The VPN gateway is in use.")
            return original(self, vpn_gateway_id)

        return delete_vpn_gateway


def vpn_routes():
    from moto.core.responses import EmptyResult
    from moto.ec2.models.route_tables import Route, RouteBackend, RouteTable
    from moto.ec2.models.vpn_gateway import VpnGateway
    from moto.ec2.responses import EC2Response

    # AWS: a table leads to the gateway of its own VPC only, and a route to one that was
    # detached afterwards is a blackhole (EC2 API reference, Route). moto takes any, and
    # tells each route as active.
    def of_the_vpc(backend, table_id, gateway_id):
        table = backend.get_route_table(table_id)
        if attachment(backend.get_vpn_gateway(gateway_id), table.vpc_id) is None:
            raise EC2ClientError("InvalidParameterValue", f"route table {table_id} and network gateway {gateway_id} belong to different networks")
        return table

    for name in ("create_route", "replace_route"):

        @patch(RouteBackend, name)
        def _(original):
            def led(self, route_table_id, *args, gateway_id=None, **named):
                if (gateway_id or "").startswith("vgw-"):
                    of_the_vpc(self, route_table_id, gateway_id)
                return original(self, route_table_id, *args, gateway_id=gateway_id, **named)

            return led

    def state(self):
        leads_nowhere = isinstance(self.gateway, VpnGateway) and attachment(self.gateway, self.route_table.vpc_id) is None
        return "blackhole" if leads_nowhere else "active"

    Route.state = property(state)

    # AWS: a table names the gateways that propagate into it. Their routes come when a tunnel
    # is up (Site-to-Site VPN user guide, "Enable route propagation"), which none is here.
    # moto has no propagation.
    def propagating(self):
        return [{"GatewayId": one} for one in self.__dict__.setdefault("propagating_ids", [])]

    RouteTable.propagating_vgws = property(propagating)

    def enable(self):
        gateway = self._get_param("GatewayId")
        table = of_the_vpc(self.ec2_backend, self._get_param("RouteTableId"), gateway)
        if {"GatewayId": gateway} not in table.propagating_vgws:
            table.propagating_ids.append(gateway)
        return EmptyResult()

    def disable(self):
        gateway = self._get_param("GatewayId")
        table = self.ec2_backend.get_route_table(self._get_param("RouteTableId"))
        if {"GatewayId": gateway} not in table.propagating_vgws:
            raise EC2ClientError("InvalidParameterValue", f"the specified gateway {gateway} is not enabled for route table {table.id}")
        table.propagating_ids.remove(gateway)
        return EmptyResult()

    EC2Response.enable_vgw_route_propagation = enable
    EC2Response.disable_vgw_route_propagation = disable


def live(things):
    return [one for one in things.values() if one.state != "deleted"]


def attachment(gateway, vpc_id=None):
    """Where a gateway is attached, or its attachment to a VPC; nothing when there is none."""
    if gateway.state == "deleted":
        return None
    return next((one for one in gateway.vpc_attachments if one.state == "attached" and vpc_id in (None, one.vpc_id)), None)
