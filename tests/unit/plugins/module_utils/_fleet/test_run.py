# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many accounts at a time, one outcome each."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ProfileNotFound

TARGETS = [Target(f"{number:012d}", f"account-{number}") for number in range(40)]


def done(target: Target) -> run.Outcome:
    return run.Outcome(target.account_id, target.name, changed=True)


def denied(operation: str, code: str = "AccessDenied", message: str = "User x is not authorized") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def test_one_outcome_each_in_order() -> None:
    assert [outcome.account_id for outcome in run.run(TARGETS, done)] == [target.account_id for target in TARGETS]
    assert run.run([], done) == []


def test_a_failure_stays_one() -> None:
    def function(target: Target) -> run.Outcome:
        if target.name == "account-7":
            raise denied("CreateRole")
        return done(target)

    outcomes = run.run(TARGETS, function, concurrency=4)
    (failed,) = [outcome for outcome in outcomes if outcome.failed]
    assert failed is outcomes[7]
    assert (failed.account_id, failed.error_code) == ("000000000007", "AccessDenied")
    assert failed.msg.startswith(
        "account-7 (account 000000000007): CreateRole failed with AccessDenied: User x is not authorized. The credentials lack"
    )
    assert sum(outcome.changed for outcome in outcomes) == len(TARGETS) - 1


def test_an_unexpected_error_is_a_failure_with_its_origin() -> None:
    def function(target: Target) -> run.Outcome:
        raise KeyError(target.name)

    (outcome,) = run.run(TARGETS[:1], function)
    assert outcome.failed
    assert "KeyError: 'account-0'" in outcome.msg
    assert "Traceback" in outcome.to_result()["exception"]


def test_never_more_at_work_than_wanted() -> None:
    at_work, most, lock = 0, 0, threading.Lock()
    full = threading.Barrier(3, timeout=5)

    def function(target: Target) -> run.Outcome:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        full.wait()
        with lock:
            at_work -= 1
        return done(target)

    assert not any(outcome.failed for outcome in run.run(TARGETS[:9], function, concurrency=3))
    assert most == 3


def test_regional_work_names_the_region() -> None:
    def function(target: Target) -> run.Outcome:
        raise FleetError("UnusableKey", "the key is disabled.")

    source = Target("111111111111", "factory", regions=("us-west-2", "eu-west-1"))
    outcomes = run.run(run.by_region(source, source.regions), function, regional=True)
    assert [outcome.region for outcome in outcomes] == ["us-west-2", "eu-west-1"]
    assert outcomes[1].msg == "factory (account 111111111111, eu-west-1): the key is disabled."
    assert outcomes[1].error_code == "UnusableKey"


def test_result_leaves_out_what_has_no_value() -> None:
    outcome = run.Outcome("1" * 12, "a", changed=True, result={"role_arn": "x"})
    assert outcome.to_result() == {"account_id": "1" * 12, "name": "a", "changed": True, "failed": False, "role_arn": "x"}


@pytest.mark.parametrize("code", sorted(run.REMEDIES))
def test_every_known_code_says_what_to_do(code: str) -> None:
    found, explanation = run.explain(denied("PutKeyPolicy", code, "said AWS."))
    assert found == code
    assert explanation == f"PutKeyPolicy failed with {code}: said AWS. {run.REMEDIES[code]}"


def test_explains_what_botocore_finds_itself() -> None:
    assert run.explain(NoCredentialsError()) == ("NoCredentialsError", f"Unable to locate credentials {run.REMEDIES['NoCredentialsError']}")
    assert "(no-such) could not be found" in run.explain(ProfileNotFound(profile="no-such"))[1]
    assert run.explain(EndpointConnectionError(endpoint_url="https://x"))[0] == "EndpointConnectionError"


def test_explains_a_role_that_cannot_be_assumed() -> None:
    assert "trust policy" in run.explain(denied("AssumeRole"))[1]


def test_an_unknown_code_is_told_as_it_is() -> None:
    assert run.explain(denied("CreateKey", "Strange", "")) == ("Strange", "CreateKey failed with Strange.")
