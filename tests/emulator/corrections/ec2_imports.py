# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's VM imports."""

from __future__ import annotations

import secrets
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses import EC2Response

from .. import identities, import_tasks
from ..import_tasks import ImportTask
from . import replaces

ROLE = "vmimport"


@replaces(EC2Response, "import_image")
def import_image(_original: None, self: Any) -> ActionResult:
    """Begin a VM import task, when there is the service role for it. moto has no such operation."""
    self.error_on_dryrun()
    role = self._get_param("RoleName") or ROLE
    if identities.find_role(self.current_account, role, self.partition) is None:
        raise EC2ClientError("InvalidParameter", f"The service role {role} provided does not exist or does not have sufficient permissions")
    containers = self._get_param("DiskContainers") or []
    if not containers:
        raise EC2ClientError("MissingParameter", "The request must contain the parameter DiskContainers")
    task = ImportTask(
        f"import-ami-{secrets.token_hex(9)[:17]}",
        self.current_account,
        self.region,
        self.partition,
        containers,
        self._get_param("Description") or "",
        self._get_param("Platform"),
        self._parse_tag_specification().get("import-image-task", {}),
    )
    import_tasks.add(task)
    return ActionResult(task.describe())


@replaces(EC2Response, "describe_import_image_tasks")
def describe_import_image_tasks(_original: None, self: Any) -> ActionResult:
    """The tasks, all or by id. moto has no such operation."""
    self.error_on_dryrun()
    wanted = self._get_param("ImportTaskIds") or []
    tasks = {task.task_id: task for task in import_tasks.find_all(self.current_account, self.region)}
    if missing := [task_id for task_id in wanted if task_id not in tasks]:
        raise EC2ClientError("InvalidConversionTaskId.Malformed", f"The import task '{missing[0]}' does not exist")
    return ActionResult({"ImportImageTasks": [tasks[task_id].describe() for task_id in wanted or tasks]})
