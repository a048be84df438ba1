# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failed images that AWS does not retry, mended against the emulator: copies by DistributeImage, everything else by the write itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.mending import CannotMend, Mended, Mender
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import builds
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image as images
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import Api
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Pair
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session
from ansible_collections.golden.imagebuilder.tests.emulator.server import emulate
from ansible_collections.golden.imagebuilder.tests.newer import needs_member, needs_operation
from ansible_collections.golden.imagebuilder.tests.unit.emulator.imagebuilder.conftest import (
    BUILD_REGION,
    KEY_ACTIONS,
    OTHER_REGION,
    PAYMENTS,
    ROLE,
    SEARCH,
    SOURCE,
    Factory,
    allow,
    policy,
)

# What failed is read from the context of the failure, which botocore learned together with the operation.
pytestmark = [needs_operation("DistributeImage"), needs_member("ImageState", "failureContext")]

PARAMETER = "/imagebuilder/web/latest"
EVERYWHERE = frozenset(
    {Pair(SOURCE, BUILD_REGION), *(Pair(account, region) for account in (PAYMENTS, SEARCH) for region in (BUILD_REGION, OTHER_REGION))}
)
CONNECTION = ("profile", "session_token", "endpoint_url", "aws_ca_bundle", "aws_config")


@pytest.fixture
def factory() -> Iterator[Factory]:
    with emulate(accounts=[SOURCE, PAYMENTS, SEARCH], seconds_per_state=0.001) as emulator:
        factory = Factory(emulator)
        factory.make_all()
        for account in (PAYMENTS, SEARCH):
            allow_parameters(factory, account)
        yield factory


@pytest.fixture
def session(factory: Factory) -> Session:
    del factory
    keys = {"access_key": os.environ["AWS_ACCESS_KEY_ID"], "secret_key": os.environ["AWS_SECRET_ACCESS_KEY"]}
    module: Any = SimpleNamespace(params={**dict.fromkeys(CONNECTION), **keys, "region": BUILD_REGION, "validate_certs": True})
    sessions = Sessions(module)
    return Session(Api(sessions.client(None, "imagebuilder", BUILD_REGION), "in the test"), "aws", BUILD_REGION, SOURCE, sessions=sessions)


def allow_parameters(factory: Factory, account: str) -> None:
    factory.client("iam", account).put_role_policy(RoleName=ROLE, PolicyName="parameters", PolicyDocument=policy(allow("ssm:PutParameter")))


def refuse_parameters(factory: Factory, account: str) -> None:
    factory.client("iam", account).delete_role_policy(RoleName=ROLE, PolicyName="parameters")


def executor(factory: Factory) -> str:
    """An execution role that may do everything."""
    arn = factory.execution_role("executor")
    factory.client("iam").put_role_policy(RoleName="executor", PolicyName="all", PolicyDocument=policy(allow("*")))
    return arn


def distributions(factory: Factory, **more: Any) -> list[dict[str, Any]]:
    """Those of the factory, with a parameter in each destination."""
    parameters = [{"amiAccountId": account, "parameterName": PARAMETER, "dataType": "aws:ec2:image"} for account in (PAYMENTS, SEARCH)]
    return [{**entry, "ssmParameterConfigurations": parameters, **more} for entry in factory.distributions()]


def mend(session: Session, arn: str, role: str | None = None, *targets: Target) -> Mended:
    mender = Mender(session, EVERYWHERE, role, targets)
    started = mender.begin(get(session, arn))
    if started is not None:
        builds.follow(session.api, str(started.image["arn"]), builds.Patience(20, 0.01))
    return mender.finish(get(session, arn))


def get(session: Session, arn: str) -> dict[str, Any]:
    found = builds.get_image(session.api, arn)
    assert found is not None
    return dict(found)


def parameters(factory: Factory) -> dict[Pair, str]:
    answers = {pair: factory.client("ssm", pair.account_id, pair.region).get_parameters(Names=[PARAMETER]) for pair in EVERYWHERE}
    return {pair: one["Value"] for pair, answer in answers.items() for one in answer["Parameters"]}


def image_ids(factory: Factory) -> dict[Pair, list[str]]:
    return {pair: sorted(image["ImageId"] for image in factory.images(pair.account_id, pair.region)) for pair in EVERYWHERE}


def failed_to_copy(factory: Factory, account: str = PAYMENTS) -> str:
    """The ARN of an image whose copies to an account failed; what was in the way is mended."""
    factory.put_key_actions(account, [action for action in KEY_ACTIONS if action != "CreateGrant"])
    image = factory.build(distributions(factory))
    assert image["state"]["status"] == "FAILED"
    factory.put_key_actions(account, KEY_ACTIONS)
    return str(image["arn"])


def failed_to_tell(factory: Factory, **more: Any) -> str:
    """The ARN of an image whose copies are there, and whose parameters in one account are not; what was in the way is mended."""
    refuse_parameters(factory, PAYMENTS)
    image = factory.build(distributions(factory, **more))
    assert image["state"]["failureContext"]["imageStatus"] == "INTEGRATING"
    allow_parameters(factory, PAYMENTS)
    return str(image["arn"])


class TestCopies:
    def test_exactly_what_failed_is_copied_and_all_is_told(self, factory: Factory, session: Session) -> None:
        arn = failed_to_copy(factory)
        before = image_ids(factory)
        assert parameters(factory) == {}, "where copies fail nothing is told of the others"
        mended = mend(session, arn, executor(factory))
        assert mended.is_complete, mended
        assert images.delivered(mended.image) == EVERYWHERE
        after = image_ids(factory)
        assert {pair: len(ids) for pair, ids in after.items()} == dict.fromkeys(EVERYWHERE, 1)
        assert {pair for pair in EVERYWHERE if before[pair] != after[pair]} == {Pair(PAYMENTS, BUILD_REGION), Pair(PAYMENTS, OTHER_REGION)}
        assert parameters(factory) == {pair: ids[0] for pair, ids in after.items() if pair.account_id != SOURCE}
        builds_of_recipe = [one for one in factory.client().list_image_build_versions()["imageSummaryList"] if "golden/1.0.0" in one["arn"]]
        assert len(builds_of_recipe) == 1, "nothing was built again"

    def test_the_configuration_for_it_is_gone_again(self, factory: Factory, session: Session) -> None:
        arn = failed_to_copy(factory)
        before = factory.client().list_distribution_configurations()["distributionConfigurationSummaryList"]
        mend(session, arn, executor(factory))
        assert factory.client().list_distribution_configurations()["distributionConfigurationSummaryList"] == before

    def test_is_remembered(self, factory: Factory, session: Session) -> None:
        arn = failed_to_copy(factory)
        assert Mender(session, EVERYWHERE).look(get(session, arn)) is None, "nothing has mended it"
        mended = mend(session, arn, executor(factory))
        factory.emulator.reset_calls()
        seen = Mender(session, EVERYWHERE).look(get(session, arn))
        assert seen is not None
        assert (seen.is_complete, seen.changed) == (True, False)
        assert images.ami_results(seen.image) == images.ami_results(mended.image)
        assert factory.emulator.writes() == []

    def test_what_fails_again_is_retried_and_not_copied_twice(self, factory: Factory, session: Session) -> None:
        arn = failed_to_copy(factory)
        factory.put_key_actions(PAYMENTS, ["DescribeKey"])
        role = executor(factory)
        mended = mend(session, arn, role)
        assert not mended.is_complete
        assert mended.missing == {Pair(PAYMENTS, BUILD_REGION), Pair(PAYMENTS, OTHER_REGION)}
        assert {(one.account_id, one.region) for one in mended.failures} == mended.missing
        factory.put_key_actions(PAYMENTS, KEY_ACTIONS)
        factory.emulator.reset_calls()
        again = mend(session, arn, role)
        assert again.is_complete, again
        written = [call.operation for call in factory.emulator.calls() if call.write and call.service == "imagebuilder"]
        assert written == ["RetryImage", "DeleteDistributionConfiguration", "TagResource"]
        assert {len(ids) for ids in image_ids(factory).values()} == {1}

    def test_needs_an_execution_role(self, factory: Factory, session: Session) -> None:
        arn = failed_to_copy(factory)
        factory.emulator.reset_calls()
        with pytest.raises(CannotMend, match="execution_role"):
            mend(session, arn)
        assert factory.emulator.writes() == []

    def test_a_run_that_was_cut_off_is_gone_on_with(self, factory: Factory, session: Session) -> None:
        arn, role = failed_to_copy(factory), executor(factory)
        begun = Mender(session, EVERYWHERE, role).begin(get(session, arn))
        assert begun is not None
        again = Mender(session, EVERYWHERE, role).begin(get(session, arn))
        assert again is None or again.image["arn"] == begun.image["arn"]
        assert mend(session, arn, role).is_complete
        assert {len(ids) for ids in image_ids(factory).values()} == {1}


class TestTelling:
    def test_a_parameter_is_written_and_nothing_is_copied(self, factory: Factory, session: Session) -> None:
        arn = failed_to_tell(factory)
        before = image_ids(factory)
        factory.emulator.reset_calls()
        mended = mend(session, arn)
        assert mended.is_complete, mended
        assert image_ids(factory) == before
        assert parameters(factory) == {pair: ids[0] for pair, ids in before.items() if pair.account_id != SOURCE}
        written = [(call.account, call.operation) for call in factory.emulator.calls() if call.write]
        assert sorted(written) == [(SOURCE, "TagResource"), (PAYMENTS, "PutParameter"), (PAYMENTS, "PutParameter")]

    def test_without_a_way_in_image_builders_role_is_taken_which_reads_nothing(self, factory: Factory, session: Session) -> None:
        arn = failed_to_tell(factory)
        factory.emulator.reset_calls()
        mend(session, arn)
        assert {call.operation for call in factory.emulator.calls() if call.account == PAYMENTS} == {"PutParameter"}

    def test_by_a_way_in_it_is_looked_at_before_and_after(self, factory: Factory, session: Session) -> None:
        arn = failed_to_tell(factory)
        factory.emulator.reset_calls()
        mend(session, arn, None, Target(PAYMENTS, "payments", assume_role_arn="OrganizationAccountAccessRole"))
        assert {call.operation for call in factory.emulator.calls() if call.account == PAYMENTS} == {"GetParameters", "PutParameter"}

    def test_what_somebody_else_uses_is_left_alone_and_told(self, factory: Factory, session: Session) -> None:
        arn = failed_to_tell(factory)
        factory.client("ssm", PAYMENTS, BUILD_REGION).put_parameter(Name=PARAMETER, Value="swordfish", Type="String")
        mended = mend(session, arn, None, Target(PAYMENTS, "payments", assume_role_arn="OrganizationAccountAccessRole"))
        (one,) = mended.failures
        assert (one.account_id, one.region, one.step) == (PAYMENTS, BUILD_REGION, "PUT_SSM_PARAMETERS")
        assert PARAMETER in one.message
        assert "swordfish" not in str(mended)
        assert parameters(factory)[Pair(PAYMENTS, OTHER_REGION)].startswith("ami-"), "the other Region has its parameter all the same"
        assert Mender(session, EVERYWHERE).look(get(session, arn)) is None

    def test_a_launch_template_gets_the_accounts_own_ami(self, factory: Factory, session: Session) -> None:
        ec2 = factory.client("ec2", PAYMENTS, BUILD_REGION)
        made = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"InstanceType": "t3.medium"})
        template = made["LaunchTemplate"]["LaunchTemplateId"]
        entry = {**distributions(factory)[0], "launchTemplateConfigurations": [{"launchTemplateId": template, "accountId": PAYMENTS}]}
        image = factory.build([entry, distributions(factory)[1]])
        assert image["state"]["failureContext"]["distributionFailure"]["regionFailures"][0]["imageConfigurationStep"] == "UPDATE_LAUNCH_TEMPLATES"
        mended = mend(session, image["arn"])
        assert mended.is_complete, mended
        (version,) = ec2.describe_launch_template_versions(LaunchTemplateId=template, Versions=["$Default"])["LaunchTemplateVersions"]
        own = factory.images(PAYMENTS, BUILD_REGION)[0]["ImageId"]
        assert (version["VersionNumber"], version["LaunchTemplateData"]) == (2, {"InstanceType": "t3.medium", "ImageId": own})

    def test_what_only_image_builder_does_cannot_be_mended(self, factory: Factory, session: Session) -> None:
        licence = [f"arn:aws:license-manager:{BUILD_REGION}:{SOURCE}:license-configuration:lic-{'0' * 32}"]
        factory.put_key_actions(PAYMENTS, ["DescribeKey"])
        first, second = distributions(factory)
        arn = factory.build([{**first, "licenseConfigurationArns": licence}, second])["arn"]
        with pytest.raises(CannotMend, match=f"licence configurations in {BUILD_REGION}"):
            mend(session, arn, executor(factory))
