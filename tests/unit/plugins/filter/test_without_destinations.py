# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter for distribution configurations without some destinations; how they are reduced is in the tests of the reduction."""

from __future__ import annotations

import yaml
from ansible_collections.golden.imagebuilder.plugins.filter.without_destinations import DOCUMENTATION, FilterModule, without_destinations

AMI = {"name": "web", "target_account_ids": ["222222222222", "333333333333"]}
CONFIGURATION = {"name": "web", "arn": "arn:web", "distributions": [{"region": "us-west-2", "ami_distribution_configuration": AMI}]}


def test_takes_all_that_is_documented() -> None:
    options = set(yaml.safe_load(DOCUMENTATION)["options"]) - {"_input"}
    given = {"account_ids": ["222222222222"], "regions": [], "source_regions": ["us-west-2"]}
    assert set(given) == options
    (reduced,) = FilterModule().filters()["without_destinations"]([CONFIGURATION], **given)
    assert reduced["distributions"][0]["ami_distribution_configuration"]["target_account_ids"] == ["333333333333"]
    assert reduced["outputs"] == [{"configuration": "web", "account_id": "222222222222", "region": "us-west-2", "kind": "AMI", "name": "web"}]


def test_nothing_leaves() -> None:
    assert without_destinations([CONFIGURATION]) == []
