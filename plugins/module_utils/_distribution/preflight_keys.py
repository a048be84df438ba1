# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether each key that the run names is there, of a kind and in a state that encrypts images, and open to everybody who needs it. Pure.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import preflight_access, preflight_images, preflight_membership
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import NOTHING_TO_RUN, Finding, Subject
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_access import Refusal
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_accounts import entrance, is_open
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import Facts, Key, Unknown
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_roles import without_statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_run import KeyUse
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.remedies import Remedy, Template, policy_text
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema

_KEPT_KEY = "kept_key"


def keys(facts: Facts) -> Iterator[Finding]:
    """Every key of the run, once for each place in which it is named."""
    if not is_open(facts, facts.run.source.account_id):
        return
    for use in _distinct(facts):
        if use.region in facts.usable_regions(facts.run.source.account_id):
            yield from _key(facts, use)


def _distinct(facts: Facts) -> list[KeyUse]:
    """The uses of keys; one that several entries of a Region name in the same way is named for the first."""
    return list({(use.region, use.written, use.is_of_recipe): use for use in reversed(list(facts.run.key_uses()))}.values())[::-1]


def _about(facts: Facts, use: KeyUse) -> Subject:
    return Subject(facts.run.source.account_id, facts.run.source.name, use.region, use.path)


def _key(facts: Facts, use: KeyUse) -> Iterator[Finding]:
    about = _about(facts, use)
    if not use.is_of_recipe and _region_of(use.written) not in ("", use.region):
        needed = f"A copy in {use.region} can only be encrypted with a key of {use.region}."
        yield about.error("key_region", f"{use.written} is a key of {_region_of(use.written)}.", needed, _another_key(facts, use))
        return
    key = facts.key(use.region, use.written)
    if isinstance(key, Unknown):
        needed = "Allow kms:DescribeKey on it, in IAM and in the key's policy."
        yield about.unknown("key_unknown", f"{use.written} could not be seen: {key.reason}", needed)
    elif key is None:
        yield about.error("key_missing", f"There is no key {use.written}.", "A key of this Region is needed.", _made(facts, use))
    else:
        yield from _form(facts, use, key)
        yield from _kind(facts, use, key)


def _region_of(written: str) -> str:
    return written.split(":")[3] if written.startswith("arn:") else ""


def _form(facts: Facts, use: KeyUse, key: Key) -> Iterator[Finding]:
    """A key of a distribution is looked up by each account that copies, in which a bare id or alias means nothing, or something else."""
    is_far = not use.is_of_recipe and set(use.account_ids) != {facts.run.source.account_id}
    if is_far and not use.written.startswith("arn:") and not key.is_of_aws:
        found = f"{use.written!r} is looked up in each target account, which does not have it."
        yield _about(facts, use).error("key_form", found, f"It has to be an ARN: {key.arn}.", _exchanged(facts, use, key.arn))


def _kind(facts: Facts, use: KeyUse, key: Key) -> Iterator[Finding]:
    """What the key is and how it is; its policy matters once that is right."""
    metadata, about = key.metadata, _about(facts, use)
    if key.is_of_aws and facts.run.leaves(use):
        found = f"{use.written} is a key of AWS, which no other account can ever use."
        yield about.error("key_managed_by_aws", found, "A customer managed key is needed.", _another_key(facts, use))
    elif not key.is_symmetric:
        found = f"{use.written} is of kind {metadata.get('KeySpec')} for {metadata.get('KeyUsage')}."
        yield about.error("key_kind", found, "EBS encrypts with symmetric encryption keys only.", _another_key(facts, use))
    elif metadata.get("KeyState", "Enabled") != "Enabled":
        yield _state(facts, use, key)
    elif not key.is_of_aws:
        yield from _policy(facts, use, key)


def _state(facts: Facts, use: KeyUse, key: Key) -> Finding:
    state = key.metadata["KeyState"]
    way, named = entrance(facts, facts.run.source.account_id, use.region), ["--key-id", key.arn]
    enable = ["kms", "enable-key", *named]
    if state == "Disabled":
        task = way.task(f"Enable the key of {use.region}", "amazon.aws.kms_key", {"key_id": key.arn, "enabled": True, "state": "present"})
        remedy = Remedy(task, way.command(enable))
        return _about(facts, use).error("key_disabled", f"{key.arn} is disabled.", "It has to be enabled.", remedy)
    if state == "PendingDeletion":
        options = {"key_id": key.arn, "enabled": True, "state": "present"}
        task = way.task(f"Keep and enable the key of {use.region}", "amazon.aws.kms_key", options)
        remedy = Remedy(task, way.command(["kms", "cancel-key-deletion", *named], enable))
        found = f"{key.arn} will be deleted on {key.metadata.get('DeletionDate', 'a day that is set')}."
        needed = "Its deletion has to be cancelled, and the key enabled."
        return _about(facts, use).error("key_pending_deletion", found, needed, remedy)
    needed = "It has to be enabled; another state passes or is mended where the key material comes from."
    return _about(facts, use).error("key_state", f"{key.arn} is in state {state}.", needed)


# --- policies --------------------------------------------------------------------------------------------------------------------------------


def _policy(facts: Facts, use: KeyUse, key: Key) -> Iterator[Finding]:
    """The key's policy lets in every account that uses the key; each that it does not let in has a finding of its own."""
    if isinstance(key.policy, Unknown):
        needed = "Allow kms:GetKeyPolicy, or see in the account of the key that the policy lets the destinations use it and make grants."
        yield _about(facts, use).unknown("key_policy_unknown", f"The policy of {key.arn} could not be read: {key.policy.reason}", needed)
        return
    refusals = [
        refusal
        for account_id in use.account_ids
        for region in (facts.run.regions_of(account_id) if use.is_of_recipe else [use.region])
        for refusal in preflight_access.key_refusals(facts, account_id, region, key)
    ]
    remedy = _mended(facts, use, key, refusals)
    for account_id in use.account_ids:
        yield from _refused(facts, use, key, [refusal for refusal in refusals if refusal.account_id == account_id], remedy)


def _refused(facts: Facts, use: KeyUse, key: Key, refusals: list[Refusal], remedy: Remedy) -> Iterator[Finding]:
    """What the policy refuses to one account, by what it is that refuses."""
    for cause in dict.fromkeys(refusal.cause for refusal in refusals):
        by_cause = [refusal for refusal in refusals if refusal.cause == cause]
        account_id = by_cause[0].account_id
        about = Subject(account_id, facts.name_of(account_id), use.region, use.path)
        advice = preflight_membership.advice(preflight_access.account_of(facts, account_id))
        actions = ", ".join(dict.fromkeys(refusal.need.action for refusal in by_cause))
        found = f"The policy of {key.arn} does not let account {account_id} do {actions}: {by_cause[0].decision.reason}"
        if cause == "missing":
            yield about.error("key_policy", found, f"It has to allow them to account {account_id}.", remedy)
        elif cause == "forbidden":
            yield about.error("key_denied", found, "A denial outweighs whatever allows.", remedy)
        else:
            yield about.unknown("key_policy_unknown", found, f"It could not be judged whether account {account_id} may use the key.{advice}")


def _mended(facts: Facts, use: KeyUse, key: Key, refusals: list[Refusal]) -> Remedy:
    """The key's policy with all that is missing beside what is in it, without the statements that deny.

    It is one for all accounts: a policy is written as a whole, and one after the other would take back what the one before it has done.
    """
    run = facts.run
    missing = {refusal.account_id for refusal in refusals if refusal.cause == "missing"}
    denials = {str(refusal.decision.statement) for refusal in refusals if refusal.cause == "forbidden"}
    others = sorted(missing - {run.source.account_id})
    owner = [statements.key_owner(run.partition, run.source.account_id)] if run.source.account_id in missing else []
    document = without_statements(_document(key), denials) if denials else _document(key)
    document = policy.merged(document, [*owner, *statements.key_destinations(run.partition, others)])
    written = _policy_written(facts, use, key, document)
    if owner or denials:
        return written
    options = {"regions": [use.region], "keys": {use.region: key.arn}, "destination_account_ids": others}
    name = f"Let {', '.join(others)} use the key of {use.region}"
    return replace(written, task=entrance(facts, run.source.account_id, use.region).own_task(name, "source_keys", options))


def _document(key: Key) -> dict[str, Any]:
    return policy.parsed(key.policy.document or {}) if isinstance(key.policy, Policy) else {}


def _policy_written(facts: Facts, use: KeyUse, key: Key, document: Mapping[str, Any]) -> Remedy:
    way = entrance(facts, facts.run.source.account_id, use.region)
    call = ["kms", "put-key-policy", "--key-id", key.arn, "--policy-name", "default", "--policy", policy_text(document)]
    options = {"key_id": key.arn, "policy": policy_text(document), "state": "present"}
    return Remedy(way.task(f"Write the policy of the key of {use.region}", "amazon.aws.kms_key", options), way.command(call))


# --- another key -----------------------------------------------------------------------------------------------------------------------------


def _made(facts: Facts, use: KeyUse) -> Remedy:
    """A key under the alias that is named; where an ARN names a key that is not there, another one takes its place."""
    _before, is_alias, alias = use.written.partition("alias/")
    if not is_alias:
        return _another_key(facts, use)
    return Remedy(_keep_task(facts, use, f"alias/{alias}"))


def _another_key(facts: Facts, use: KeyUse) -> Remedy:
    """Another key in its place: the one that the user keeps for the Region, or one that is made."""
    known = facts.run.source_keys.get(use.region)
    if known and known != use.written:
        return _exchanged(facts, use, known)
    keep = {**_keep_task(facts, use, None), "register": _KEPT_KEY}
    exchange = _exchanged(facts, use, Template(f"{{{{ {_KEPT_KEY}.source_keys['{use.region}'].key_arn }}}}")).task
    return Remedy({"name": f"Give {use.path} a key that is kept", "block": [keep, exchange]} if exchange else None)


def _keep_task(facts: Facts, use: KeyUse, alias: str | None) -> dict[str, Any]:
    """The module source_keys, which finds the key by its alias or makes it."""
    others = [account_id for account_id in use.account_ids if account_id != facts.run.source.account_id]
    options = {"regions": [use.region], "destination_account_ids": others, **({"alias": alias} if alias else {})}
    way = entrance(facts, facts.run.source.account_id, use.region)
    return dict(way.own_task(f"Keep a key in {use.region}", "source_keys", options))


def _exchanged(facts: Facts, use: KeyUse, key: str) -> Remedy:
    """The distribution configuration, or the recipe, with another key. Where they are an input, that has to be changed, and nothing can be run."""
    if use.is_of_recipe:
        return preflight_images.with_another_key(facts, use, key)
    configuration = facts.run.distribution_configuration
    if configuration is None:
        return NOTHING_TO_RUN
    way, distributions = entrance(facts, facts.run.source.account_id), facts.run.with_key(use, key)
    shape = schema.input_shape("UpdateDistributionConfiguration").members["distributions"]
    options = {"name": configuration["name"], "distributions": schema.snake_case(distributions, shape)}
    task = way.own_task(f"Give {use.path} another key", "distribution_configuration", {**options, "purge_tags": False})
    if isinstance(key, Template):
        return Remedy(task)
    call = ["imagebuilder", "update-distribution-configuration", "--distribution-configuration-arn", configuration["arn"]]
    kept = ["--description", configuration["description"]] if configuration.get("description") else []
    return Remedy(task, way.command([*call, *kept, "--distributions", policy_text(distributions)]))


# --- no key ----------------------------------------------------------------------------------------------------------------------------------


def copies_without_key(facts: Facts) -> Iterator[Finding]:
    """Encrypted images that go to other accounts without a key being named: their copies fall back to the default key of EBS there.

    "Encryption and copying" of the EC2 user guide; what becomes of such a copy depends on settings of each account that nobody here keeps.
    """
    source = facts.run.source
    if not any(use.is_of_recipe for use in facts.run.key_uses()):
        return
    for index, entry in enumerate(facts.run.distributions):
        ami = entry.get("amiDistributionConfiguration") or {}
        others = [account_id for account_id in ami.get("targetAccountIds") or () if account_id != source.account_id]
        if others and not ami.get("kmsKeyId"):
            path = schema.format_path(("distributions", index, "amiDistributionConfiguration", "kmsKeyId"))
            use = KeyUse(entry["region"], "", path, tuple(others))
            found = f"The image is encrypted, and no key is named for its copies. {_defaults(facts, others, entry['region'])}"
            needed = "Name a key that the source keeps for this Region."
            yield _about(facts, use).warning("key_not_named", found, needed, _another_key(facts, use))


def _defaults(facts: Facts, account_ids: list[str], region: str) -> str:
    """The default keys of the accounts, as far as they could be seen."""
    keys = {account_id: facts.in_region(account_id, region).default_key for account_id in account_ids}
    shown = "; ".join(f"{facts.name_of(each)}: {'not known' if isinstance(key, Unknown) else key}" for each, key in keys.items())
    return f"They get the default key of EBS of each account ({shown})."
