# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles as they are to be, made from what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy, roles, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.roles import DISTRIBUTION, LIFECYCLE, Role, RoleKind, RoleSettings
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError

SOURCE, OTHER, PAYMENTS = "111111111111", "999999999999", "222222222222"
KEYS = {account: [f"arn:aws:kms:{region}:{account}:key/1" for region in ("us-west-2", "eu-west-1")] for account in (SOURCE, OTHER)}
EVERYTHING: dict[str, Any] = {"launch_templates": True, "ssm_parameter_names": ["/imagebuilder/web"], "fast_launch": True, "lifecycle_role": True}
SETTINGS = {source: RoleSettings({source: KEYS[source]}, **EVERYTHING) for source in (SOURCE, OTHER)}

every_kind = pytest.mark.parametrize("kind", [DISTRIBUTION, LIFECYCLE], ids=lambda kind: kind.name)


def wanted(current: Role | None, settings: RoleSettings, kind: RoleKind = DISTRIBUTION, partition: str = "aws") -> Role:
    return roles.wanted_role(current, settings, PAYMENTS, partition, kind)


def same(one: Role | None, other: Role | None) -> bool:
    return roles.described(one) == roles.described(other)


@every_kind
def test_twice_is_once(kind: RoleKind) -> None:
    once = wanted(None, SETTINGS[SOURCE], kind)
    assert same(wanted(once, SETTINGS[SOURCE], kind), once)


@every_kind
def test_the_order_of_sources_does_not_matter(kind: RoleKind) -> None:
    one = wanted(wanted(None, SETTINGS[SOURCE], kind), SETTINGS[OTHER], kind)
    other = wanted(wanted(None, SETTINGS[OTHER], kind), SETTINGS[SOURCE], kind)
    both = wanted(None, RoleSettings(KEYS, **EVERYTHING), kind)
    assert same(one, other)
    assert same(one, both)


@every_kind
def test_adding_and_taking_out_a_source_leaves_the_other(kind: RoleKind) -> None:
    before = wanted(None, SETTINGS[OTHER], kind)
    after = roles.role_without_sources(wanted(before, SETTINGS[SOURCE], kind), SETTINGS[SOURCE], "aws", kind)
    assert same(before, after)


@every_kind
def test_a_role_of_ours_without_any_source_goes(kind: RoleKind) -> None:
    assert roles.role_without_sources(wanted(None, SETTINGS[SOURCE], kind), SETTINGS[SOURCE], "aws", kind) is None


@every_kind
def test_a_role_of_others_does_not_go(kind: RoleKind) -> None:
    theirs = replace(wanted(None, SETTINGS[SOURCE], kind), tags={})
    with pytest.raises(FleetError, match=kind.name) as raised:
        roles.role_without_sources(theirs, SETTINGS[SOURCE], "aws", kind)
    assert raised.value.code == "RoleNotOurs"


@every_kind
@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_every_arn_is_of_the_partition(kind: RoleKind, partition: str) -> None:
    settings = RoleSettings({SOURCE: []}, **EVERYTHING, permissions_boundary="Boundary")
    text = str(wanted(None, settings, kind, partition))
    assert text.count("arn:") == text.count(f"arn:{partition}:")
    assert f"arn:{partition}:iam::{PAYMENTS}:policy/Boundary" in text


def test_settings_that_are_not_given_leave_alone_what_is_there() -> None:
    theirs = replace(wanted(None, SETTINGS[SOURCE]), description="theirs", permissions_boundary="arn:aws:iam::aws:policy/X", tags={"Team": "a"})
    kept = wanted(theirs, RoleSettings({SOURCE: []}))
    assert (kept.description, kept.permissions_boundary, kept.tags) == ("theirs", "arn:aws:iam::aws:policy/X", {"Team": "a"})
    assert same(kept, theirs)


def test_tags_by_which_aws_knows_a_role_are_nobodys_to_purge() -> None:
    of_a_stack = replace(wanted(None, SETTINGS[SOURCE]), tags={"aws:cloudformation:stack-name": "images", "Team": "a"})
    kept = wanted(of_a_stack, replace(SETTINGS[SOURCE], tags={"Team": "b"}))
    assert kept.tags == {"aws:cloudformation:stack-name": "images", "Team": "b"}
    assert wanted(of_a_stack, replace(SETTINGS[SOURCE], tags={})).tags == {"aws:cloudformation:stack-name": "images"}


def test_an_empty_boundary_takes_it_away() -> None:
    bounded = wanted(None, RoleSettings({SOURCE: []}, permissions_boundary="arn:aws:iam::aws:policy/X"))
    assert wanted(bounded, RoleSettings({SOURCE: []}, permissions_boundary="")).permissions_boundary is None


def test_purge_takes_out_what_is_not_asked_for_of_these_sources() -> None:
    both = wanted(None, RoleSettings(KEYS, **EVERYTHING))
    purged = wanted(both, RoleSettings({SOURCE: KEYS[SOURCE][:1]}, purge=True))
    sids = [statement["Sid"] for document in purged.inline.values() for statement in policy.statements_of(document)]
    ours = [sid for sid in sids if statements.is_of_source(sid, SOURCE)]
    assert sorted(ours) == [f"GoldenImageBuilderKms{SOURCE}", f"GoldenImageBuilderKmsGrants{SOURCE}"]
    assert len(sids) - len(ours) == len([sid for sid in sids if statements.is_of_source(sid, OTHER)]) > 8


def test_revoking_leaves_other_keys_sources_and_statements() -> None:
    theirs = {"Sid": "Theirs", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEYS[SOURCE][0]}
    both = wanted(None, RoleSettings(KEYS))
    kms = both.inline["GoldenImageBuilderKms"]
    both = replace(both, inline={"GoldenImageBuilderKms": {**kms, "Statement": [*kms["Statement"], theirs]}})
    settings = RoleSettings({SOURCE: []}, revoked_key_arns=[KEYS[SOURCE][0], KEYS[OTHER][0]], present=False)
    revoked = roles.changed_role(both, settings, PAYMENTS, "aws", DISTRIBUTION)
    assert revoked is not None
    assert same(replace(revoked, inline={}), replace(both, inline={}))
    left = {one["Sid"]: one["Resource"] for one in policy.statements_of(revoked.inline["GoldenImageBuilderKms"])}
    assert left[f"GoldenImageBuilderKms{SOURCE}"] == left[f"GoldenImageBuilderKmsGrants{SOURCE}"] == KEYS[SOURCE][1:]
    assert left[f"GoldenImageBuilderKms{OTHER}"] == sorted(KEYS[OTHER])
    assert left["Theirs"] == KEYS[SOURCE][0]


def test_only_what_the_settings_may_change_is_read() -> None:
    def read(**settings: Any) -> list[str] | None:
        keys = settings.pop("keys", [])
        return roles.policies_to_read(RoleSettings({SOURCE: keys}, **settings), PAYMENTS, "aws", DISTRIBUTION)

    assert read() == []
    assert read(keys=KEYS[SOURCE]) == read(revoked_key_arns=KEYS[SOURCE], present=False) == ["GoldenImageBuilderKms"]
    assert read(fast_launch=True) == ["GoldenImageBuilderFastLaunch"]
    assert read(purge=True) == list(roles.POLICY_NAMES)
    assert read(inspect=True) is None
    assert read(present=False) is None


def test_everything_of_two_sources_in_eight_regions_has_room() -> None:
    regions = [f"region-of-the-world-{number}" for number in range(8)]
    keys = {source: [f"arn:aws:kms:{region}:{source}:key/{'0' * 36}" for region in regions] for source in (SOURCE, OTHER)}
    role = wanted(None, RoleSettings(keys, **EVERYTHING))
    assert sum(len(policy.encoded(document)) for document in role.inline.values()) < roles.INLINE_LIMIT


def test_a_condition_that_somebody_added_to_the_lifecycle_trust_stays() -> None:
    role = wanted(None, SETTINGS[SOURCE], LIFECYCLE)
    (ours,) = policy.statements_of(role.trust)
    narrowed = {**ours, "Condition": {**ours["Condition"], "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    kept = wanted(replace(role, trust={**role.trust, "Statement": [narrowed]}), SETTINGS[SOURCE], LIFECYCLE)
    assert policy.statements_of(kept.trust) == [narrowed]
