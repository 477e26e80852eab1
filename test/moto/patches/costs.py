"""What moto does again and again, done once. None of it is wrong, and all of it together was
most of the time that tests on moto took."""

import functools

from .patch import patch


def accounts():
    from moto.iam import models

    known = {}

    # moto looks for the owner of an access key in every account for every request, and a test
    # run makes an account per test. It looks in every partition of each, and so makes an IAM,
    # with all policies that AWS manages, for China, GovCloud and the others too.
    @patch(models, "get_account_id_from")
    def _(original):
        def get_account_id_from(access_key):
            account = known.get(access_key)
            if account is None:
                account = owner(access_key)
                # The default account is also the answer for an unknown key,
                # which a later AssumeRole may give to another account.
                if account != models.DEFAULT_ACCOUNT_ID:
                    known[access_key] = account
            return account

        def owner(access_key):
            for account, partitions in list(models.iam_backends.items()):
                if any(access_key in iam.access_keys for iam in list(partitions.values())):
                    return account
            return models.DEFAULT_ACCOUNT_ID

        return get_account_id_from


def requests():
    from moto import backends
    from moto.core import responses

    # The folders that moto consists of, for every request.
    @patch(backends, "list_of_moto_modules")
    def _(original):
        return functools.cache(lambda: tuple(original()))

    # The methods of the class that answers, which are found by reflection.
    @patch(responses, "method_names_from_class")
    def _(original):
        return functools.cache(original)


def keys():
    from moto.kms import models

    # An RSA key for every key of KMS, of which those that encrypt make no use.
    @patch(models, "generate_private_key")
    def _(original):
        unused = functools.cache(original)

        def generate_private_key(key_spec):
            return unused(key_spec) if key_spec == "SYMMETRIC_DEFAULT" else original(key_spec)

        return generate_private_key
