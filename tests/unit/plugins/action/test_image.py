# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of the module image, where there is no image to wait for; how it waits is in the integration tests."""

from __future__ import annotations

import json

from ansible_collections.golden.imagebuilder.tests.unit.plugins.action.conftest import Play

MISTAKES = {
    "golden.imagebuilder.image": {"region": "us-west-2", "image_recipe": "web/1.0", "infrastructure_configuration": "web", "wait_timeout": -1}
}


def test_what_the_module_says_is_the_result_of_the_task(play: Play) -> None:
    """With all that a task can say of itself: in earnest, in check mode, in the background."""
    played = play([MISTAKES, {**MISTAKES, "check_mode": True}, {**MISTAKES, "async": 30, "poll": 1}])
    for result in played.results:
        assert result["failed"], result
        assert {error["path"] for error in result["errors"]} == {"image_recipe", "wait_timeout"}


def test_what_goes_from_look_to_look_is_not_shown(play: Play) -> None:
    (result,) = play([MISTAKES]).results
    assert "following" not in json.dumps(result)


def test_a_look_cannot_be_begun_by_hand(play: Play) -> None:
    """The action begins anew, whatever a task says."""
    (result,) = play([{"golden.imagebuilder.image": {**MISTAKES["golden.imagebuilder.image"], "following": {"arn": "x"}}}]).results
    assert {error["path"] for error in result["errors"]} == {"image_recipe", "wait_timeout"}
