# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failed image lacks, without a call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.references import LAUNCH_TEMPLATES, PARAMETERS, PERMISSIONS
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.repair import Need, completed, image_ids, needed, obstacle
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Pair

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
WEST, EUROPE = "us-west-2", "eu-west-1"
TEMPLATE = "lt-0123456789abcdef0"
EVERYWHERE = frozenset({Pair(SOURCE, WEST), *(Pair(account, region) for account in (PAYMENTS, SEARCH) for region in (WEST, EUROPE))})


def arn(build: int) -> str:
    return f"arn:aws:imagebuilder:{WEST}:{SOURCE}:image/web/1.0.0/{build}"


def ami_id(pair: Pair, build: int = 1) -> str:
    return f"ami-{pair.account_id}-{pair.region}-{build}"


def image(pairs: Iterable[Pair], build: int = 1, status: str = "FAILED", stage: str = "DISTRIBUTING", **more: Any) -> dict[str, Any]:
    """An image that is in these places, with a parameter and a launch template for payments in each Region."""
    amis = [{"accountId": pair.account_id, "region": pair.region, "image": ami_id(pair, build)} for pair in sorted(pairs)]
    distributions = [
        {
            "region": region,
            "amiDistributionConfiguration": {"targetAccountIds": [PAYMENTS, SEARCH]},
            "ssmParameterConfigurations": [{"amiAccountId": PAYMENTS, "parameterName": "/web", "dataType": "aws:ec2:image"}],
            "launchTemplateConfigurations": [{"accountId": PAYMENTS, "launchTemplateId": TEMPLATE}],
            **more,
        }
        for region in (WEST, EUROPE)
    ]
    state = {"status": status, **({"failureContext": {"imageStatus": stage}} if status == "FAILED" else {})}
    return {"arn": arn(build), "state": state, "outputResources": {"amis": amis}, "distributionConfiguration": {"distributions": distributions}}


def failed_at(one: dict[str, Any], *failures: tuple[str, str, str]) -> dict[str, Any]:
    """The image with these failures: step, account and Region."""
    listed = [{"imageConfigurationStep": step, "targetAccountId": account, "region": region} for step, account, region in failures]
    one["state"]["failureContext"] |= {"imageStatus": "INTEGRATING", "distributionFailure": {"regionFailures": listed}}
    return one


def told(need: Need) -> set[tuple[str, str, str]]:
    return {(one.step, one.account_id, one.region) for one in need.references}


def test_copies_are_those_that_are_not_there() -> None:
    missing = {Pair(SEARCH, EUROPE)}
    assert needed(image(EVERYWHERE - missing), EVERYWHERE).copies == missing


def test_where_copies_failed_nothing_was_told_of_those_that_are_there() -> None:
    need = needed(image(EVERYWHERE - {Pair(PAYMENTS, EUROPE)}), EVERYWHERE)
    assert told(need) == {(PARAMETERS, PAYMENTS, WEST), (LAUNCH_TEMPLATES, PAYMENTS, WEST)}
    by_step = {one.step: one for one in need.references}
    assert by_step[PARAMETERS].image_id == by_step[LAUNCH_TEMPLATES].image_id == ami_id(Pair(PAYMENTS, WEST))
    assert by_step[LAUNCH_TEMPLATES].also_right == (ami_id(Pair(SOURCE, WEST)),), "which Image Builder itself would have written"


def test_where_telling_failed_it_is_only_that() -> None:
    need = needed(failed_at(image(EVERYWHERE), (PARAMETERS, PAYMENTS, EUROPE)), EVERYWHERE)
    assert (need.copies, told(need)) == (frozenset(), {(PARAMETERS, PAYMENTS, EUROPE)})


def test_a_failure_without_an_account_is_the_sources() -> None:
    failed = failed_at(image(EVERYWHERE, ssmParameterConfigurations=[{"parameterName": "/own"}]), (PARAMETERS, SOURCE, WEST))
    del failed["state"]["failureContext"]["distributionFailure"]["regionFailures"][0]["targetAccountId"]
    (one,) = needed(failed, EVERYWHERE).references
    assert (one.account_id, one.name, one.image_id) == (SOURCE, "/own", ami_id(Pair(SOURCE, WEST)))


@pytest.mark.parametrize("count", [0, 256])
def test_a_list_that_cannot_be_relied_on_means_everything(count: int) -> None:
    failed = failed_at(image(EVERYWHERE), *[(PARAMETERS, PAYMENTS, EUROPE)] * count)
    assert len(told(needed(failed, EVERYWHERE))) == 4


def test_permissions_are_set_where_copies_failed() -> None:
    ami = {"targetAccountIds": [PAYMENTS, SEARCH], "launchPermission": {"userIds": ["999999999999"]}}
    need = needed(image(EVERYWHERE - {Pair(SEARCH, EUROPE)}, amiDistributionConfiguration=ami), EVERYWHERE)
    permissions = {(one.account_id, one.region): one for one in need.references if one.step == PERMISSIONS}
    assert set(permissions) == {(PAYMENTS, WEST), (PAYMENTS, EUROPE), (SEARCH, WEST)}
    assert permissions[SEARCH, WEST].settings == {"userIds": ["999999999999"]}


class TestRepairs:
    """Images that mend another one."""

    MISSING = frozenset({Pair(PAYMENTS, WEST), Pair(PAYMENTS, EUROPE)})

    def test_one_that_is_available_has_told_of_its_own_copies(self) -> None:
        need = needed(image(EVERYWHERE - self.MISSING), EVERYWHERE, [image(self.MISSING, 2, "AVAILABLE")])
        assert (need.copies, told(need)) == (frozenset(), set())

    def test_one_that_failed_after_its_copies_has_not(self) -> None:
        need = needed(image(EVERYWHERE - self.MISSING), EVERYWHERE, [failed_at(image(self.MISSING, 2), (PARAMETERS, PAYMENTS, WEST))])
        assert need.copies == frozenset()
        assert {one.image_id for one in need.references} == {ami_id(Pair(PAYMENTS, region), 2) for region in (WEST, EUROPE)}

    def test_their_amis_complete_it(self) -> None:
        whole = completed(image(EVERYWHERE - self.MISSING), [image({Pair(PAYMENTS, WEST)}, 3), image(self.MISSING, 2)])
        assert image_ids(whole) == {
            **{pair: ami_id(pair) for pair in EVERYWHERE - self.MISSING},
            Pair(PAYMENTS, WEST): ami_id(Pair(PAYMENTS, WEST), 3),
            Pair(PAYMENTS, EUROPE): ami_id(Pair(PAYMENTS, EUROPE), 2),
        }


class TestObstacles:
    COPIES = Need(frozenset({Pair(PAYMENTS, WEST)}), ())

    def test_none(self) -> None:
        assert obstacle(self.COPIES, "role", "ami-1") is None
        assert obstacle(Need(frozenset(), ()), None, None, has_operation=False) is None, "what is only told needs nothing"

    @pytest.mark.parametrize(
        ("arguments", "word"),
        [((None, "ami-1", True), "execution_role"), (("role", None, True), "no AMI"), (("role", "ami-1", False), "botocore")],
    )
    def test_of_copies(self, arguments: tuple[Any, Any, bool], word: str) -> None:
        assert word in str(obstacle(self.COPIES, *arguments))

    def test_what_only_image_builder_does(self) -> None:
        exports = image(EVERYWHERE - {Pair(SEARCH, EUROPE)}, s3ExportConfiguration={"roleName": "vmimport"})
        assert "an export to S3 in us-west-2" in str(obstacle(needed(exports, EVERYWHERE), "role", "ami-1"))
        only_a_parameter = failed_at(image(EVERYWHERE, s3ExportConfiguration={"roleName": "vmimport"}), (PARAMETERS, PAYMENTS, WEST))
        assert obstacle(needed(only_a_parameter, EVERYWHERE), "role", "ami-1") is None, "the export itself has not failed"
