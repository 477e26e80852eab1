"""Load balancers, their certificates and the DNS of those."""

import re
import time

from .patch import patch


def load_balancers():
    from moto.elbv2.exceptions import ELBClientError, InvalidConditionValueError, PriorityInUseError
    from moto.elbv2.models import ELBv2Backend

    # AWS: an application load balancer tells all of its attributes from the
    # start. moto knows four.
    born = {
        "access_logs.s3.enabled": "false",
        "client_keep_alive.seconds": "3600",
        "connection_logs.s3.bucket": "",
        "connection_logs.s3.enabled": "false",
        "connection_logs.s3.prefix": "",
        "idle_timeout.timeout_seconds": "60",
        "load_balancing.cross_zone.enabled": "true",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.preserve_host_header.enabled": "false",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
        "routing.http.xff_client_port.enabled": "false",
        "routing.http.xff_header_processing.mode": "append",
        "routing.http2.enabled": "true",
        "waf.fail_open.enabled": "false",
        "zonal_shift.config.enabled": "false",
    }

    @patch(ELBv2Backend, "create_load_balancer")
    def _(original):
        def create_load_balancer(self, *args, **kwargs):
            balancer = original(self, *args, **kwargs)
            if balancer.type == "application":
                balancer.attrs.update(born)
            return balancer

        return create_load_balancer

    # AWS: a target group of a network load balancer tells from the start whether addresses
    # of clients are kept: not for TCP and TLS to addresses. moto tells nothing of it.
    @patch(ELBv2Backend, "create_target_group")
    def _(original):
        def create_target_group(self, *args, **kwargs):
            group = original(self, *args, **kwargs)
            if group.protocol in ("TCP", "TLS", "UDP", "TCP_UDP"):
                lost = group.target_type == "ip" and group.protocol in ("TCP", "TLS")
                group.attributes.setdefault("preserve_client_ip.enabled", "false" if lost else "true")
            return group

        return create_target_group

    # AWS: a protected load balancer is not deleted. moto deletes it.
    @patch(ELBv2Backend, "delete_load_balancer")
    def _(original):
        def delete_load_balancer(self, arn):
            balancer = self.load_balancers.get(arn)
            if balancer and balancer.attrs["deletion_protection.enabled"] == "true":
                raise ELBClientError(
                    "OperationNotPermitted",
                    f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
                )
            return original(self, arn)

        return delete_load_balancer

    # AWS: a host is given by values or by regular expressions; of a value, there is a dot
    # and only letters after the last one. moto knows no expressions, and checks nothing.
    @patch(ELBv2Backend, "_validate_host_header_condition")
    def _(original):
        def validate(self, condition):
            config = condition.get("HostHeaderConfig") or {}
            expressions = config.get("RegexValues") or condition.get("RegexValues")
            values = config.get("Values") or condition.get("Values")
            if bool(expressions) == bool(values):
                raise InvalidConditionValueError("A condition must specify either values or regular expressions")
            for value in values or []:
                if not re.search(r"\.[A-Za-z]+$", value):
                    raise InvalidConditionValueError(f"The host-header value '{value}' must end with a dot and letters")
            if any(len(one) > 128 for one in expressions or []):
                raise InvalidConditionValueError("The 'host-header' value is too long; the limit is '128'")
            if values:
                original(self, condition)

        return validate

    # AWS: rules may change places in one call; what counts is the order after
    # it. moto compares with the order before it.
    @patch(ELBv2Backend, "set_rule_priorities")
    def _(original):
        def set_rule_priorities(self, rule_priorities):
            arns = [one["RuleArn"] for one in rule_priorities]
            named = self.describe_rules(listener_arn=None, rule_arns=arns)
            before = {one.arn: one.priority for one in named}
            wanted = {str(one["Priority"]) for one in rule_priorities}
            for one in named:
                others = self.describe_rules(listener_arn=one.listener_arn, rule_arns=None)
                if any(str(o.priority) in wanted for o in others if o.arn not in before):
                    raise PriorityInUseError()
            # Out of each other's way first, so that the original finds them free.
            for one in named:
                one.priority = f"moving {one.priority}"
            try:
                return original(self, rule_priorities)
            except ELBClientError:
                for one in named:
                    one.priority = before[one.arn]
                raise

        return set_rule_priorities


def certificates():
    from moto.acm.exceptions import AWSValidationException
    from moto.acm.models import AWSCertificateManagerBackend, CertBundle
    from moto.acm.responses import AWSCertificateManagerResponse
    from moto.core.exceptions import AWSError
    from moto.elbv2.models import elbv2_backends

    class InUse(AWSError):
        TYPE = "ResourceInUseException"

    def users(arn):
        """The load balancers whose listeners have the certificate."""
        _, _, _, region, account, _ = arn.split(":", 5)
        return [
            balancer.arn
            for balancer in elbv2_backends[account][region].load_balancers.values()
            if any(arn in listener.certificates for listener in balancer.listeners.values())
        ]

    # AWS: a certificate is in use while a listener has it, by the load balancer.
    # moto names the listeners that it was made for, for ever. AWS: what was not
    # issued has neither dates nor an issuer, and what was is valid for 198 days.
    # moto always has them, for a year. AWS: the domains stand in their order.
    @patch(CertBundle, "describe")
    def _(original):
        def describe(self):
            result = original(self)
            told = result["Certificate"]
            told["InUseBy"] = users(self.arn)
            told["RenewalEligibility"] = "ELIGIBLE" if told["InUseBy"] else "INELIGIBLE"
            told["KeyAlgorithm"] = getattr(self, "asked_key", None) or told["KeyAlgorithm"]
            names = getattr(self, "asked_names", None)
            if names:
                told["SubjectAlternativeNames"] = names
                told["DomainValidationOptions"].sort(key=lambda option: names.index(option["DomainName"]))
                told["NotAfter"] = told["NotBefore"] + 198 * 24 * 3600 - 1
            if self.status == "PENDING_VALIDATION":
                for key in ("IssuedAt", "NotBefore", "NotAfter", "Serial"):
                    told.pop(key, None)
            return result

        return describe

    # AWS: for an hour a token stands for one certificate, whatever else is asked for, and
    # even when that was deleted. moto asks for the same tags, and stumbles over a deleted one.
    @patch(AWSCertificateManagerResponse, "request_certificate")
    def _(original):
        def request_certificate(self):
            backend, token, domain = self.acm_backend, self._get_param("IdempotencyToken"), self._get_param("DomainName")
            if token is not None and not re.fullmatch(r"\w{1,32}", token):
                raise AWSValidationException(f"Value '{token}' at 'idempotencyToken' failed to satisfy constraint")
            if len(domain) > 64:
                raise AWSValidationException("The first domain name can be no longer than 64 characters.")
            names = list(dict.fromkeys([domain, *(self._get_param("SubjectAlternativeNames") or [])]))
            used = backend.__dict__.setdefault("used_tokens", {})
            answer, at = used.get(token, (None, 0))
            if token and time.time() - at < 3600:
                return answer
            backend._idempotency_tokens.pop(token, None)
            before = set(backend._certificates)
            answer = original(self)
            for arn in backend._certificates.keys() - before:
                used[token] = answer, time.time()
                made = backend._certificates[arn]
                made.asked_names = names
                made.asked_key = self._get_param("KeyAlgorithm")
            return answer

        return request_certificate

    # AWS: a list tells of RSA keys up to 2048 bits unless it is asked for others.
    # moto tells of all.
    @patch(AWSCertificateManagerBackend, "list_certificates")
    def _(original):
        def list_certificates(self, statuses, includes):
            if not (includes or {}).get("keyTypes"):
                includes = {**(includes or {}), "keyTypes": ["RSA_1024", "RSA_2048"]}
            return original(self, statuses, includes)

        return list_certificates

    # AWS: a certificate that a listener has is not deleted. moto deletes it.
    @patch(AWSCertificateManagerBackend, "delete_certificate")
    def _(original):
        def delete_certificate(self, arn):
            if arn in self._certificates and users(arn):
                raise InUse(f"Certificate {arn} in account {self.account_id} is in use.")
            return original(self, arn)

        return delete_certificate


def listener_certificates():
    from moto.acm.models import acm_backends
    from moto.elbv2.exceptions import ELBClientError
    from moto.elbv2.models import ELBv2Backend
    from moto.elbv2.responses import ELBV2Response
    from moto.elbv2.ssl_policies import SSL_POLICIES

    # AWS: the description of a listener has its default certificate only. moto's
    # has all, the default one first.
    def default_only(arns):
        return [{"CertificateArn": arn} for arn in arns[:1]] or None

    for operation in ("CreateListener", "DescribeListeners", "ModifyListener"):
        ELBV2Response.RESPONSE_KEY_PATH_TO_TRANSFORMER[f"{operation}Output.Listeners.Listener.Certificates"] = default_only

    def usable(backend, certificates):
        """Refuses certificates that are not there, or that were not issued."""
        for arn in (one["CertificateArn"] for one in certificates):
            if not backend._certificate_exists(arn):
                raise ELBClientError("CertificateNotFound", f"Certificate '{arn}' not found")
            ours = acm_backends[backend.account_id][backend.region_name]._certificates.get(arn)
            if ours and ours.status != "ISSUED":
                message = "must have a fully-qualified domain name, a supported signature, and a supported key size."
                raise ELBClientError("UnsupportedCertificate", f"The certificate '{arn}' {message}")

    # AWS: HTTPS needs exactly one certificate, which ACM has issued, and a policy
    # that there is; HTTP may have neither. moto takes anything.
    @patch(ELBV2Response, "create_listener")
    def _(original):
        def create_listener(self):
            protocol, policy = self._get_param("Protocol"), self._get_param("SslPolicy")
            certificates = self._get_param("Certificates", [])
            if protocol == "HTTPS":
                if len(certificates) != 1:
                    raise ELBClientError("ValidationError", "A certificate must be specified for HTTPS listeners")
                if policy and policy not in SSL_POLICIES:
                    raise ELBClientError("SSLPolicyNotFound", f"SSL policy '{policy}' not found")
                usable(self.elbv2_backend, certificates)
            elif policy:
                raise ELBClientError("ValidationError", f"An SSL policy cannot be specified for {protocol} listeners")
            return original(self)

        return create_listener

    @patch(ELBv2Backend, "create_listener")
    def _(original):
        def create_listener(self, *args, **kwargs):
            listener = original(self, *args, **kwargs)
            if listener.protocol not in ("HTTPS", "TLS"):
                listener.ssl_policy = None
            return listener

        return create_listener

    # AWS: another default certificate leaves the others alone, and without TLS
    # there are none. moto drops the others in the one case, keeps all in the other.
    @patch(ELBv2Backend, "modify_listener")
    def _(original):
        def modify_listener(self, arn, port=None, protocol=None, ssl_policy=None, certificates=None, actions=None):
            others = self.describe_listeners(load_balancer_arn=None, listener_arns=[arn])[0].certificates[1:]
            usable(self, certificates or [])
            listener = original(self, arn, port, protocol, ssl_policy, certificates, actions)
            if listener.protocol == "HTTPS":
                listener.certificates = listener.certificates[:1] + others
                listener.ssl_policy = listener.ssl_policy or "ELBSecurityPolicy-2016-08"
            else:
                listener.certificates, listener.certificate, listener.ssl_policy = [], None, None
            return listener

        return modify_listener

    # AWS: one that is there already is not added again, and the default one can't
    # be removed. moto adds it, and removes all that have the ARN.
    @patch(ELBv2Backend, "add_listener_certificates")
    def _(original):
        def add_listener_certificates(self, arn, certificates):
            usable(self, certificates)
            others = self.describe_listeners(load_balancer_arn=None, listener_arns=[arn])[0].certificates[1:]
            return original(self, arn, [one for one in certificates if one["CertificateArn"] not in others])

        return add_listener_certificates

    @patch(ELBv2Backend, "remove_listener_certificates")
    def _(_original):
        def remove_listener_certificates(self, arn, certificates):
            listener = self.describe_listeners(load_balancer_arn=None, listener_arns=[arn])[0]
            default, others = listener.certificates[:1], listener.certificates[1:]
            for gone in (one["CertificateArn"] for one in certificates):
                if gone in others:
                    others.remove(gone)
                elif gone in default:
                    raise ELBClientError("OperationNotPermitted", "Default certificate cannot be removed")
                else:
                    raise ELBClientError("CertificateNotFound", f"Certificate '{gone}' not found")
            listener.certificates = default + others

        return remove_listener_certificates


def hosted_zones():
    from moto.route53.exceptions import InvalidInput, NoSuchHostedZone, Route53ClientError
    from moto.route53.models import Route53Backend

    # AWS: tags of at most ten zones, all of which exist. moto takes anything.
    @patch(Route53Backend, "list_tags_for_resources")
    def _(original):
        def list_tags_for_resources(self, resource_type, resource_ids):
            if len(resource_ids) > 10:
                raise InvalidInput("Value at 'resourceIds' failed to satisfy constraint: Member must have length less than or equal to 10")
            for one in resource_ids:
                if resource_type == "hostedzone" and one not in self.zones:
                    raise NoSuchHostedZone(one)
            return original(self, resource_type, resource_ids)

        return list_tags_for_resources

    def kept(record):
        """A record as AWS keeps it: lower case, a dot at its end, and "*" as a number."""
        values = record.get("ResourceRecords") or []
        name = record["Name"].lower().rstrip(".").replace("*", r"\052") + "."
        return {**record, "Name": name, "ResourceRecords": [one["Value"] for one in values]}

    def same(have, want):
        alias = want.get("AliasTarget") or None
        return sorted(have.records or []) == sorted(want["ResourceRecords"]) and (
            alias == (have.alias_target or None) if alias else str(have.ttl) == str(want.get("TTL", ""))
        )

    # AWS: a batch is carried out whole or not at all. CREATE wants a record that is
    # not there, DELETE one that is, with all it has, and all stand within the zone.
    # moto looks at the changes that were made before instead of at the records.
    @patch(Route53Backend, "change_resource_record_sets")
    def _(_original):
        def change_resource_record_sets(self, zoneid, change_list):
            zone = self.get_hosted_zone(zoneid)
            before, problems = list(zone.rrsets), []
            for change in change_list:
                action, record = change["Action"], kept(change["ResourceRecordSet"])
                what = f"resource record set [name='{record['Name']}', type='{record['Type']}']"
                have = next((r for r in zone.rrsets if (r.name, r.type) == (record["Name"], record["Type"])), None)
                if not ("." + record["Name"]).endswith("." + zone.name):
                    problems.append(f"RRSet with DNS name {record['Name']} is not permitted in zone {zone.name}")
                elif action == "CREATE" and have:
                    problems.append(f"Tried to create {what} but it already exists")
                elif action == "DELETE" and not have:
                    problems.append(f"Tried to delete {what} but it was not found")
                elif action == "DELETE" and not same(have, record):
                    problems.append(f"Tried to delete {what} but the values provided do not match the current values")
                elif action == "DELETE":
                    zone.delete_rrset(record)
                else:
                    zone.upsert_rrset(record)
            if problems:
                zone.rrsets = before
                raise Route53ClientError("InvalidChangeBatch", f"[{', '.join(problems)}]")

        return change_resource_record_sets

    # AWS: a list starts at any name, "*" among them. moto refuses its backslash.
    @patch(Route53Backend, "list_resource_record_sets")
    def _(_original):
        def list_resource_record_sets(self, zone_id, start_type, start_name, max_items):
            found = list(self.get_hosted_zone(zone_id).get_record_sets(start_type, start_name))
            more = found[max_items] if len(found) > max_items else None
            return found[:max_items], more and more.name, more and more.type, more is not None

        return list_resource_record_sets
