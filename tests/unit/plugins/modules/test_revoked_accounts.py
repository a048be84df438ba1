# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts that leave lose the keys of the source, and nobody else does."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("nobody_else_writes")

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
WEST = "us-west-2"


@pytest.fixture
def run(run_module: Any) -> Any:
    def run(**options: Any) -> Any:
        return run_module("source_keys", regions=[WEST], **options)

    return run


def policy(emulator: Any) -> str:
    kms = emulator.client(SOURCE, "kms", WEST)
    key = kms.describe_key(KeyId="alias/golden-imagebuilder")["KeyMetadata"]["KeyId"]
    return str(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])


def test_only_the_account_that_leaves_loses_the_key(emulator: Any, run: Any) -> None:
    run(destination_account_ids=[PAYMENTS, SEARCH])
    emulator.reset_calls()
    predicted = run(check_mode=True, revoked_account_ids=[PAYMENTS])
    assert emulator.writes() == []
    result = run(revoked_account_ids=[PAYMENTS])
    assert predicted["diff"] == result["diff"] != []
    assert [account in policy(emulator) for account in (SOURCE, PAYMENTS, SEARCH)] == [True, False, True]
    assert not run(revoked_account_ids=[PAYMENTS])["changed"]


def test_the_last_one_leaves(emulator: Any, run: Any) -> None:
    run(destination_account_ids=[PAYMENTS])
    assert run(revoked_account_ids=[PAYMENTS, SEARCH])["changed"]
    assert "GoldenImageBuilderDestinations" not in policy(emulator)
    assert "GoldenImageBuilderOwner" in policy(emulator)


def test_an_account_cannot_come_and_leave_at_once(emulator: Any, run: Any) -> None:
    result = run(destination_account_ids=[PAYMENTS], revoked_account_ids=[PAYMENTS, 3])
    assert {error["path"] for error in result["errors"]} == {"revoked_account_ids[0]", "revoked_account_ids[1]"}
    assert emulator.calls() == []
