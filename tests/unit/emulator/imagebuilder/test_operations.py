# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator has the whole service."""

from __future__ import annotations

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.operations import GROUPS, OPERATIONS
from botocore.session import Session

MODEL = Session().get_service_model("imagebuilder")


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_every_operation_of_the_service_has_an_implementation(name: str) -> None:
    assert callable(OPERATIONS.get(name)), f"the emulator has no {name}"


def test_no_operation_is_unknown_to_the_service_and_none_is_there_twice() -> None:
    assert set(OPERATIONS) <= set(MODEL.operation_names)
    assert sum(len(group.OPERATIONS) for group in GROUPS) == len(OPERATIONS)
