# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates and the workflow of playbooks/awx.yml, under ansible-runner as AWX runs them, and the playbook itself.

There is no AWX here. awx_jobs.py does what AWX does around ansible-runner, and awx_api.py is a stand-in for its API.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.golden.imagebuilder.tests.awx_api import AwxApi
from ansible_collections.golden.imagebuilder.tests.awx_jobs import KINDS, PROJECT, Awx, Job, Workflow, data, edges
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import (
    DESTINATIONS,
    EVERYWHERE,
    SOURCE,
    Run,
    bare_environment,
    make_execution_role,
    make_instance_profile,
)
from ansible_collections.golden.imagebuilder.tests.warm_playbooks import ansible_playbook

MANAGEMENT = "999999999999"
CANARY, OTHERS = DESTINATIONS["payments"], {DESTINATIONS["search"], DESTINATIONS["warehouse"]}
FACTS = {"image_poll_interval": 0.1}


def make_organization(emulator: Any, management: str, folder: Path) -> Awx:
    """The accounts below Workloads, one of them a canary, and an AWX with the example project, as the source sees it."""
    make_instance_profile(emulator)
    make_execution_role(emulator, yaml.safe_load((PROJECT / "group_vars/image_builder_source.yml").read_text())["image_execution_role"])
    client = emulator.client(management, "organizations", "us-east-1")
    root = client.list_roots()["Roots"][0]["Id"]
    unit = client.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
    for account_id in (SOURCE, *DESTINATIONS.values()):
        client.move_account(AccountId=account_id, SourceParentId=root, DestinationParentId=unit)
    client.tag_resource(ResourceId=CANARY, Tags=[{"Key": "stage", "Value": "canary"}])
    project = folder / "project"
    shutil.copytree(PROJECT, project)
    awx = Awx(folder, emulator.environment(SOURCE), project, extra_variables=FACTS)
    awx.update_inventory(emulator.environment(management))
    return awx


@pytest.fixture
def emulator() -> Iterator[Any]:
    with EmulatorServer(accounts=[SOURCE, *DESTINATIONS.values()]) as emulator:
        yield emulator


@pytest.fixture
def awx(emulator: Any, tmp_path: Path) -> Awx:
    """The source is the management account of the organization, so it may enter the others."""
    return make_organization(emulator, SOURCE, tmp_path)


def delivered(emulator: Any) -> dict[tuple[str, str], int]:
    """By destination and Region, how many AMIs it has."""
    counts = {}
    for account_id, region in EVERYWHERE:
        counts[account_id, region] = len(emulator.client(account_id, "ec2", region).describe_images(Owners=["self"])["Images"])
    return {pair: count for pair, count in counts.items() if count}


def unsliced(awx: Awx, emulator: Any, tmp_path: Path) -> Run:
    """The playbook distribute, in one run for the whole inventory."""
    inventory = awx.write_inventory(awx.project / "hosts", awx.inventory)
    words = ["golden.imagebuilder.distribute", "-i", str(inventory), "-e", "image_poll_interval=0.1"]
    return ansible_playbook(words, {**bare_environment(tmp_path / "ansible"), **emulator.environment(SOURCE)}, tmp_path)


def hosts(awx: Awx, *account_ids: str) -> list[str]:
    """The hosts of accounts. A value that is never to be evaluated is exported with a mark around it."""
    ids = {name: known["image_builder_account_id"] for name, known in awx.inventory["_meta"]["hostvars"].items()}
    return [name for name, told in ids.items() if (told["__ansible_unsafe"] if isinstance(told, dict) else told) in account_ids]


def lines(jobs: Sequence[Job], name: str) -> list[str]:
    """What the events of a job template's jobs have printed."""
    return [line for job in jobs if job.name == name for event in job.events for line in str(event["stdout"]).splitlines()]


@pytest.mark.slow
def test_the_workflow_in_slices_leaves_nothing_to_do_for_a_run_in_one_piece(awx: Awx, emulator: Any, tmp_path: Path) -> None:
    before_approval: dict[tuple[str, str], int] = {}

    def approve() -> bool:
        before_approval.update(delivered(emulator))
        return True

    workflow = Workflow(awx, approve)
    assert set(workflow.run().values()) == {"successful"}, awx.jobs[-1].output
    assert list(workflow.ended) == [node["identifier"] for node in data()["awx_workflow_nodes"]]
    assert {account_id for account_id, _region in before_approval} == {CANARY}
    assert delivered(emulator) == dict.fromkeys(EVERYWHERE, 1)

    slices = [sorted(job.hosts & set(hosts(awx, *DESTINATIONS.values()))) for job in awx.jobs if job.name == "Access of the destinations"]
    assert sorted(slices) == [[name] for name in sorted(hosts(awx, *DESTINATIONS.values()))]
    told = workflow.artifacts["image_builder_report"]
    assert (told["verdict"]["state"], told["verdict"]["delivered"], told["verdict"]["expected"], told["verdict"]["verified"]) == ("complete", 6, 6, 6)
    progress = [line for line in lines(awx.jobs, "Definition and image") if re.search(r": web/1\.0\.0/1 [A-Z_]+ .*copies \d of 3 ", line)]
    assert progress, lines(awx.jobs, "Definition and image")

    emulator.reset_calls()
    run = unsliced(awx, emulator, tmp_path)
    assert run.status == 0, run.output
    assert all("Write the report" in task for task in run.changes_by_task()), run.output
    assert emulator.writes() == []


@pytest.mark.slow
def test_a_job_works_without_what_others_have_handed_over(awx: Awx, emulator: Any, tmp_path: Path) -> None:
    run = unsliced(awx, emulator, tmp_path)
    assert run.status == 0, run.output
    assert delivered(emulator) == dict.fromkeys(EVERYWHERE, 1)
    emulator.reset_calls()
    verify = awx.launch("Verify", slices=2, image_builder_hosts="image_builder_wave_2")
    assert [job.status for job in verify] == ["successful"] * 2, [job.output for job in verify]
    (report,) = awx.launch("Report")
    assert report.status == "successful", report.output
    assert report.artifacts["image_builder_report"]["verdict"]["sentence"] == "All 6 deliveries are in place."
    (retire,) = awx.launch("Retire")
    assert retire.status == "successful", retire.output
    (leaving,) = awx.launch("Decommission", image_builder_leaving_hosts=", ".join(hosts(awx, *OTHERS)))
    assert leaving.status == "successful", leaving.output
    changed = {event["event_data"]["host"] for event in leaving.events if event["event_data"].get("res", {}).get("changed")}
    assert changed == set(hosts(awx, SOURCE, *OTHERS))
    assert emulator.writes() == []


def test_what_keeps_the_image_from_its_accounts_ends_in_a_report_that_fails(tmp_path: Path) -> None:
    with EmulatorServer(accounts=[MANAGEMENT, SOURCE, *DESTINATIONS.values()]) as emulator:  # whose roles let only the management account in
        workflow = Workflow(make_organization(emulator, MANAGEMENT, tmp_path), slices=1)
        assert workflow.run() == {"access-source": "successful", "access-destinations": "failed", "preflight": "failed", "report": "failed"}
        assert {finding["check"] for finding in workflow.artifacts["image_builder_findings"]} == {"account_not_entered"}
        assert workflow.artifacts["image_builder_report"]["verdict"]["sentence"] == "3 errors stand in the way of 6 deliveries."
        assert "imagebuilder" not in {call.service for call in emulator.writes()}


def set_up(api: AwxApi, folder: Path, **variables: str) -> Run:
    """Run the playbook awx, with the modules of awx.awx, against the stand-in."""
    words = ["golden.imagebuilder.awx", *(word for name, value in variables.items() for word in ("-e", f"{name}={value}"))]
    secrets = {"AWS_ACCESS_KEY_ID": "EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
    organization = {f"ORGANIZATION_{name}": value for name, value in secrets.items()}
    controller = {"CONTROLLER_HOST": api.url, "CONTROLLER_OAUTH_TOKEN": "token"}
    return ansible_playbook(words, {**bare_environment(folder / "ansible"), **secrets, **organization, **controller}, folder)


def test_awx_is_set_up_once(tmp_path: Path) -> None:
    with AwxApi() as api:
        first = set_up(api, tmp_path)
        assert first.status == 0, first.output
        assert "secret" not in first.output
        wanted = data()
        templates = api.all("job_templates")
        assert [(made["name"], made["playbook"]) for made in templates] == [(one["name"], one["playbook"]) for one in wanted["awx_job_templates"]]
        assert [made["name"] for made in templates if made["job_slice_count"] == 3] == ["Access of the destinations", "Verify"]
        nodes = {node["id"]: node["identifier"] for node in api.all("workflow_job_template_nodes")}
        made_edges = {(nodes[one], kind, nodes[to]) for one in nodes for kind in KINDS for to in api.related(one, kind)}
        assert made_edges == set(edges({node["identifier"]: node for node in wanted["awx_workflow_nodes"]}))
        assert [approval["name"] for approval in api.all("workflow_approval_templates")] == ["Deliver to all other accounts"]
        assert [schedule["enabled"] for schedule in api.all("schedules")] == [False]

        api.writes.clear()
        second = set_up(api, tmp_path)
        assert second.status == 0, second.output
        assert api.writes == []
        assert not any(second.changes_by_task().values()), second.output
