# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies of docs/policies allow what the playbooks call, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.golden.imagebuilder.tests import caller_policies

pytestmark = pytest.mark.xdist_group("caller policies")


@pytest.mark.slow
def test_policies_are_as_made_now(tmp_path: Path) -> None:
    made = caller_policies.policies(caller_policies.observed(tmp_path))
    kept = {path.name: path.read_text() for path in caller_policies.POLICIES.glob("*.json")}
    assert kept == {name: caller_policies.text(document) for name, document in made.items()}, "run make pages"
