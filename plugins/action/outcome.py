# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give a host its own part of what a fleet module did; documented in plugins/modules/outcome.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.plugins.action import ActionBase


def combined(outcomes: Sequence[Mapping[str, Any]], account_id: str | None, region: str | None) -> dict[str, Any]:
    """The result of a task from the outcomes of one account (and Region), a failure when there is none; or from those of all accounts."""
    mine = [outcome for outcome in outcomes if account_id in ("", None, outcome.get("account_id")) and region in (None, outcome.get("region"))]
    if account_id and not mine:
        place = f"account {account_id}{f' in {region}' if region else ''}"
        msg = f"There is no outcome for {place}: the task that works on the accounts did not have it among its targets, or did not run."
        return {"changed": False, "failed": True, "msg": msg, "outcomes": []}
    result: dict[str, Any] = {
        "changed": any(outcome.get("changed", False) for outcome in mine),
        "failed": any(outcome.get("failed", False) for outcome in mine),
        "outcomes": [{key: value for key, value in outcome.items() if key != "diff"} for outcome in mine],
        "diff": [outcome["diff"] for outcome in mine if outcome.get("diff")],
    }
    messages = [str(outcome["msg"]) for outcome in mine if outcome.get("msg")]
    return {**result, "msg": "\n".join(messages)} if messages else result


class ActionModule(ActionBase):
    """Runs on the controller and calls nothing, also in check mode: what it tells has happened before."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The outcomes of the account, or of all of them, as the result of this host's task."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        argument_spec = {
            "outcomes": {"type": "list", "elements": "dict", "required": True},
            "account_id": {"type": "str"},
            "region": {"type": "str"},
        }
        _validation, options = self.validate_argument_spec(argument_spec=argument_spec)
        result.update(combined(options["outcomes"], options["account_id"], options["region"]))
        if not self._task.diff or not result.get("diff"):
            result.pop("diff", None)
        return result
