"""Networks, and what hosts are made from."""

import fnmatch
import json
import re

from moto.ec2.exceptions import EC2ClientError, InvalidNetworkAclIdError

from .patch import patch


def key_pairs():
    from moto.ec2.responses.key_pairs import KeyPairs

    # AWS: a key pair is deleted by name or by id. moto knows the name only, and
    # says yes to an id.
    @patch(KeyPairs, "delete_key_pair")
    def _(original):
        def delete_key_pair(self):
            wanted = self._get_param("KeyPairId")
            for one in list(self.ec2_backend.key_pairs.values()):
                if wanted and one.id == wanted:
                    self.ec2_backend.delete_key_pair(one.key_name)
            return original(self)

        return delete_key_pair


def offers():
    from moto.core.responses import PaginatedResult
    from moto.rds.responses import RDSResponse
    from moto.servicequotas.models import ServiceQuotasBackend
    from moto.servicequotas.exceptions import NoSuchResource

    # AWS: an account has a value of every quota here, and tells it. moto knows some of
    # VPC's defaults, and none that an account has.
    defaults = {
        ("ec2", "L-0263D0A3"): 5,
        ("ec2", "L-1216C47A"): 64,
        ("ec2", "L-8EA77D34"): 5,
        ("vpc", "L-FE5A380F"): 5,
        ("vpc", "L-83CA0A9D"): 5,
        ("vpc", "L-F678F1CE"): 5,
        ("vpc", "L-A4707A72"): 5,
        ("vpc", "L-E79EC296"): 2500,
        ("rds", "L-952B80B8"): 40,
        ("rds", "L-7B6409FD"): 40,
        ("rds", "L-48C6BF61"): 50,
        ("elasticloadbalancing", "L-53DA6B97"): 50,
        ("elasticloadbalancing", "L-69A177A2"): 50,
        ("elasticloadbalancing", "L-B22855CB"): 3000,
    }

    @patch(ServiceQuotasBackend, "get_service_quota")
    def _(_original):
        def get_service_quota(self, service_code, quota_code):
            value = defaults.get((service_code, quota_code))
            if value is None:
                raise NoSuchResource
            return {"ServiceCode": service_code, "QuotaCode": quota_code, "QuotaName": quota_code, "Value": float(value), "Adjustable": True, "GlobalQuota": False}

        return get_service_quota

    # AWS: a class is offered for some versions, in zones of the region that is asked. moto
    # looks at no class, knows no Aurora MySQL, and always tells the zones of us-east-1.
    versions = {
        "aurora-postgresql": ["14.20", "15.15", "16.11", "17.7"],
        "aurora-mysql": ["5.7.mysql_aurora.2.12.5", "8.0.mysql_aurora.3.10.3"],
    }
    sold = re.compile(r"^db\.(serverless|(t3|t4g)\.(medium|large)|(r5|r6g|r6i|r7g|r7i)\.\d*x?large)$")

    @patch(RDSResponse, "describe_orderable_db_instance_options")
    def _(_original):
        def describe_orderable_db_instance_options(self):
            engine, name = self.params.get("Engine"), self.params.get("DBInstanceClass") or ""
            options = [
                {
                    "Engine": engine,
                    "EngineVersion": version,
                    "DBInstanceClass": name,
                    "Vpc": True,
                    "AvailabilityZones": [{"Name": self.region + letter} for letter in "abc"],
                }
                for version in versions.get(engine, [])
                if sold.match(name)
            ]
            return PaginatedResult({"OrderableDBInstanceOptions": options})

        return describe_orderable_db_instance_options


def client_vpns():
    from moto.core.responses import ActionResult
    from moto.ec2.responses import EC2Response

    # AWS: a region without endpoints of Client VPN has an empty list of them. moto knows
    # nothing of Client VPN, so that nothing else of it is tested over HTTP.
    def describe_client_vpn_endpoints(_self):
        return ActionResult({"ClientVpnEndpoints": []})

    EC2Response.describe_client_vpn_endpoints = describe_client_vpn_endpoints


def nat_gateways():
    from moto.ec2.models.nat_gateways import NatGatewayBackend
    from moto.ec2.responses.nat_gateways import NatGateways

    # AWS: the same ClientToken gives the gateway of the first call; the same
    # token with other parameters is refused. ConnectivityType is public unless
    # said otherwise. moto ignores the token and leaves the type empty.
    @patch(NatGateways, "create_nat_gateway")
    def _(original):
        def create_nat_gateway(self):
            backend = self.ec2_backend
            tokens = backend.__dict__.setdefault("nat_gateway_tokens", {})
            token = self._get_param("ClientToken")
            asked = [self._get_param(name) for name in ("SubnetId", "AllocationId", "ConnectivityType")]
            if token in tokens:
                before, result = tokens[token]
                if before != asked:
                    raise EC2ClientError(
                        "IdempotentParameterMismatch",
                        f"The client token '{token}' was used with other parameters.",
                    )
                return result
            result = original(self)
            gateway = result.result["NatGateway"]
            gateway.connectivity_type = gateway.connectivity_type or "public"
            if token:
                tokens[token] = (asked, result)
            return result

        return create_nat_gateway

    # AWS: deleting a gateway frees its address and removes its network
    # interface. moto keeps both, so the address reads as still associated.
    @patch(NatGatewayBackend, "delete_nat_gateway")
    def _(original):
        def delete_nat_gateway(self, nat_gateway_id):
            gateway = self.nat_gateways.get(nat_gateway_id)
            if gateway is None:
                raise not_found(nat_gateway_id)
            for address in gateway.address_set:
                allocation = address.get("allocationId")
                if allocation in self.addresses_in_use(gateway):
                    self.disassociate_address(association_id=address["associationId"])
            self.enis.pop(gateway._eni.id, None)
            return original(self, nat_gateway_id)

        return delete_nat_gateway

    def addresses_in_use(self, gateway):
        return {one.allocation_id for one in self.describe_addresses() if one.eni is gateway._eni}

    NatGatewayBackend.addresses_in_use = addresses_in_use

    # AWS: the filters tag:KEY and tag-key narrow the answer, and an unknown id
    # is NatGatewayNotFound. moto ignores the former and leaves the latter out.
    @patch(NatGatewayBackend, "describe_nat_gateways")
    def _(original):
        def describe_nat_gateways(self, filters, nat_gateway_ids):
            for wanted in nat_gateway_ids or []:
                if wanted not in self.nat_gateways:
                    raise not_found(wanted)
            found = original(self, filters, nat_gateway_ids)
            for name, patterns in (filters or {}).items():
                if name.startswith("tag"):
                    found = [one for one in found if matches(one.get_filter_value(name), patterns)]
            return found

        return describe_nat_gateways

    def not_found(wanted):
        return EC2ClientError("NatGatewayNotFound", f"The Nat Gateway {wanted} was not found")

    def matches(values, patterns):
        values = values if isinstance(values, list) else [values]
        return any(v is not None and fnmatch.fnmatchcase(v, p) for v in values for p in patterns)


def network_acls():
    from moto.ec2.models.network_acls import NetworkAclBackend
    from moto.ec2.responses.network_acls import NetworkACLs

    # AWS: every ACL ends with an entry 32767 a direction that denies the rest.
    # moto gives them to the default ACL only.
    @patch(NetworkAclBackend, "create_network_acl")
    def _(original):
        def create_network_acl(self, vpc_id, tags=None, default=False):
            acl = original(self, vpc_id, tags=tags, default=default)
            if not default:
                for egress in (True, False):
                    self.create_network_acl_entry(
                        network_acl_id=acl.id,
                        rule_number=32767,
                        protocol="-1",
                        rule_action="deny",
                        egress=egress,
                        cidr_block="0.0.0.0/0",
                        icmp_code=None,
                        icmp_type=None,
                        port_range_from=None,
                        port_range_to=None,
                        ipv6_cidr_block=None,
                    )
            return acl

        return create_network_acl

    # AWS: an unknown entry is InvalidNetworkAclEntry.NotFound. moto crashes.
    @patch(NetworkAclBackend, "delete_network_acl_entry")
    def _(original):
        def delete_network_acl_entry(self, network_acl_id, rule_number, egress):
            try:
                return original(self, network_acl_id, rule_number, egress)
            except StopIteration:
                raise EC2ClientError(
                    "InvalidNetworkAclEntry.NotFound",
                    f"The network acl entry identified by {rule_number} does not exist",
                ) from None

        return delete_network_acl_entry

    # AWS: an unknown ACL is InvalidNetworkAclID.NotFound. moto names a route table.
    @patch(NetworkAclBackend, "describe_network_acls")
    def _(original):
        def describe_network_acls(self, network_acl_ids=None, filters=None):
            for wanted in network_acl_ids or []:
                if wanted not in self.network_acls:
                    raise InvalidNetworkAclIdError(wanted)
            return original(self, network_acl_ids, filters)

        return describe_network_acls

    # AWS: an entry keeps its ICMP type and code. moto reads them under another
    # name than the request has and loses them.
    for name in ("create_network_acl_entry", "replace_network_acl_entry"):

        @patch(NetworkACLs, name)
        def _(original):
            def keep_icmp(self):
                result = original(self)
                icmp = self._get_param("IcmpTypeCode") or {}
                where = (self._get_param("RuleNumber"), self._get_param("Egress"))
                for entry in self.ec2_backend.get_network_acl(self._get_param("NetworkAclId")).network_acl_entries:
                    if icmp and (entry.rule_number, entry.egress) == where:
                        entry.icmp_type, entry.icmp_code = icmp.get("Type"), icmp.get("Code")
                return result

            return keep_icmp


def subnets():
    from moto.ec2.models.subnets import SubnetBackend

    # AWS: a subnet that is deleted leaves its ACL and its route table, which can
    # then be deleted. moto keeps both associations.
    @patch(SubnetBackend, "delete_subnet")
    def _(original):
        def delete_subnet(self, subnet_id):
            subnet = original(self, subnet_id)
            for acl in self.network_acls.values():
                for key in [k for k, one in acl._associations.items() if one.subnet_id == subnet_id]:
                    del acl._associations[key]
            for table in self.route_tables.values():
                for key in [k for k, target in table._associations.items() if target == subnet_id]:
                    del table._associations[key]
            return subnet

        return delete_subnet


def vpc_endpoints():
    from moto.ec2.models.route_tables import RouteBackend
    from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
    from moto.ec2.responses.vpcs import VPCs

    # AWS: the route to S3 comes and goes with the table's place in the endpoint,
    # and a table that is deleted leaves its endpoints. moto makes the routes of
    # CreateVpcEndpoint only, and fails to delete an endpoint that lacks one.
    @patch(VPCBackend, "modify_vpc_endpoint")
    def _(original):
        def modify_vpc_endpoint(self, vpc_id, **named):
            endpoint = self.describe_vpc_endpoints(vpc_end_point_ids=[vpc_id])[0]
            prefixes = endpoint.destination_prefix_list_id
            for table in named.get("add_route_tables") or []:
                if table in endpoint.route_table_ids:
                    raise EC2ClientError(
                        "RouteAlreadyExists",
                        f"route table {table} already has a route with destination-prefix-list-id {prefixes}",
                    )
                self.create_route(table, None, gateway_id=vpc_id, destination_prefix_list_id=prefixes)
            for table in named.get("remove_route_tables") or []:
                self.delete_route(table, prefixes)
            return original(self, vpc_id=vpc_id, **named)

        return modify_vpc_endpoint

    @patch(RouteBackend, "delete_route_table")
    def _(original):
        def delete_route_table(self, route_table_id):
            original(self, route_table_id)
            for endpoint in self.vpc_end_points.values():
                if route_table_id in endpoint.route_table_ids:
                    endpoint.route_table_ids.remove(route_table_id)

        return delete_route_table

    # AWS: ResetPolicy gives the endpoint the policy of one made without any, which
    # allows everything. moto ignores it.
    @patch(VPCs, "modify_vpc_endpoint")
    def _(original):
        def modify_vpc_endpoint(self):
            result = original(self)
            if self._get_param("ResetPolicy"):
                endpoint = self.ec2_backend.vpc_end_points[self._get_param("VpcEndpointId")]
                endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
            return result

        return modify_vpc_endpoint


def security_groups():
    from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule

    # AWS: a group that a rule of another group names cannot be deleted. moto
    # deletes it and then refuses to revoke that rule.
    @patch(SecurityGroupBackend, "delete_security_group")
    def _(original):
        def delete_security_group(self, name=None, group_id=None):
            for groups in list(self.groups.values()):
                for other in list(groups.values()):
                    rules = list(other.ingress_rules) + list(other.egress_rules)
                    if other.id != group_id and any(one.source_group.get("GroupId") == group_id for one in rules if one.source_group):
                        raise EC2ClientError("DependencyViolation", f"resource {group_id} has a dependent object")
            return original(self, name, group_id)

        return delete_security_group

    # AWS: the description is no part of what a rule is: a rule is revoked, and
    # refused as a double, whatever its description. moto compares that of group
    # rules.
    @patch(SecurityGroupRule, "__eq__")
    def _(original):
        def same(self, other):
            mine, theirs = self.source_group, other.source_group
            self.source_group, other.source_group = bare(mine), bare(theirs)
            try:
                return original(self, other)
            finally:
                self.source_group, other.source_group = mine, theirs

        return same

    def bare(group):
        return {k: v for k, v in group.items() if k != "Description"} if group else group


def launch_templates():
    from moto.core.types import Base64EncodedString
    from moto.ec2.models.launch_templates import LaunchTemplate
    from moto.ec2.responses.launch_templates import LaunchTemplates
    from moto.ec2.utils import parse_user_data

    # AWS: the template's own tags are apart from the tags of what it launches.
    # moto lists them among LaunchTemplateData.TagSpecifications as well.
    @patch(LaunchTemplate, "create_version")
    def _(original):
        def create_version(self, data, description):
            specifications = data.pop("TagSpecifications", [])
            kept = [one for one in specifications if one.get("ResourceType") != "launch-template"]
            if kept:
                data["TagSpecifications"] = kept
            # Later versions keep user data as plain text, on which moto's own
            # launch of instances fails.
            if data.get("UserData") and not isinstance(data["UserData"], Base64EncodedString):
                data["UserData"] = parse_user_data(data["UserData"])
            return original(self, data, description)

        return create_version

    # AWS: CreateTags and DeleteTags change what the describe shows. moto shows
    # the tags that the template was made with.
    LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, _: None)

    # AWS: without MaxResults a describe lists everything. moto stops at 15 and
    # gives no token to go on with.
    @patch(LaunchTemplates, "_get_int_param")
    def _(original):
        def get_int_param(self, name, default=None):
            return original(self, name, 10_000 if (name, default) == ("MaxResults", 15) else default)

        return get_int_param
