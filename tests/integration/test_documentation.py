# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every play and every task of README, roles' READMEs and documentation runs as it stands, in the order of the job, in one run."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.golden.imagebuilder.tests import readme
from ansible_collections.golden.imagebuilder.tests.organization import COLLECTION, Organization

JOB = ("source_keys", "destination_roles", "definition", "preflight", "image", "waves", "verify", "references", "report")
"""The roles, each of which needs what the ones before it have left."""


def place(block: readme.Block) -> int:
    """When the block's turn is: roles as in the job, then pages that are of no role."""
    role = block.page.parent.name
    return JOB.index(role) if role in JOB else len(JOB)


def test_plays_and_tasks_run(organization: Organization) -> None:
    for block in readme.blocks("json"):
        if block.caption and "Statement" not in block.text:
            (organization.folder / block.caption).write_text(block.text)
    example = readme.blocks("yaml", COLLECTION / "README.md")
    assert any("create-distribution-configuration.json" in block.text for block in example)
    distribution = (
        '{"name": "cli", "distributions": [{"region": "us-west-2", "amiDistributionConfiguration": {"name": "cli {{ imagebuilder:buildDate }}"}}]}'
    )
    (organization.folder / "create-distribution-configuration.json").write_text(distribution)

    plays = list(readme.documents("plays"))
    tasks = [(block, [{"hosts": "image-factory", "gather_facts": False, "tasks": document}]) for block, document in readme.documents("tasks")]
    ordered = sorted([*plays, *tasks], key=lambda each: place(each[0]))
    assert {block.page.parent.name for block, _document in plays} >= set(JOB), "each role shows how it is used"
    path: Path = organization.folder / "documentation.yml"
    path.write_text(yaml.safe_dump([play for _block, document in ordered for play in document], sort_keys=False))

    run = organization.playbook(playbook=str(path))

    assert run.status == 0, run.output
    assert set(run.recap) == {"image-factory", *organization.destinations}
    assert (organization.folder / "image-report.html").is_file()
