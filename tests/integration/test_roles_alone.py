# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each role alone, in the playbooks of other people, with nothing but its documented variables.

The factors are where it runs, how the role is called, who says what it works on, and what Ansible does around it. A way combines several of them, and
every role is used in every way, so that each role meets each value of each factor.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.golden.imagebuilder.tests.organization import (
    BUILD_REGION,
    DESTINATIONS,
    DISTRIBUTION_ROLE,
    INSTANCE_PROFILE,
    REGIONS,
    SOURCE,
    Organization,
    Run,
    make_execution_role,
)
from ansible_collections.golden.imagebuilder.tests.warm_playbooks import ansible_playbook

from .conftest import running_organization

pytestmark = pytest.mark.xdist_group("roles alone")

LEAVER = "555555555555"
WAY_IN = "OrganizationAccountAccessRole"
EXECUTION_ROLE = "ImageBuilderExecution"
PAYMENTS, SEARCH = DESTINATIONS["payments"], DESTINATIONS["search"]
NEVER = {"name": "Not what was asked for", "ansible.builtin.fail": {"msg": "This task has no tag and no host of the limit."}}


def host(name: str, account_id: str) -> dict[str, Any]:
    """The variables of an account's host."""
    return {
        "inventory_hostname": name,
        "image_builder_account_id": account_id,
        "image_builder_regions": list(REGIONS),
        "image_builder_assume_role_arn": WAY_IN,
    }


def target(name: str, account_id: str) -> dict[str, Any]:
    """The account as fleet modules take it."""
    return {"name": name, "account_id": account_id, "regions": list(REGIONS), "assume_role_arn": WAY_IN}


SOURCE_ACCOUNT = {"name": "image-factory", "account_id": SOURCE, "regions": list(REGIONS)}
HOSTS = [host("payments", PAYMENTS), host("search", SEARCH)]
TARGETS = [target("payments", PAYMENTS), target("search", SEARCH)]


class Playbook(yaml.SafeDumper):
    """Writes what is no template for Ansible, but looks like one, such as names of Image Builder, as a text that is never evaluated."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("!unsafe" if "{{ imagebuilder:" in text else "tag:yaml.org,2002:str", text)


Playbook.add_representer(str, _text)


@dataclass
class World:
    """An organization to which an image has been delivered, in two waves, and what that run knows."""

    organization: Organization
    folder: Path
    keys: dict[str, Any] = field(default_factory=dict)
    definition: dict[str, Any] = field(default_factory=dict)
    image: dict[str, Any] = field(default_factory=dict)

    def client(self, account_id: str, service: str, region: str = BUILD_REGION) -> Any:
        return self.organization.emulator.client(account_id, service, region)

    def play(self, plays: Sequence[Mapping[str, Any]], *words: str, account_id: str = SOURCE) -> Run:
        """Run plays from a file of their own, with no more inventory than the words name, and an account's credentials."""
        (self.folder / "playbook.yml").write_text(yaml.dump(list(plays), Dumper=Playbook, sort_keys=False))
        environment = {**self.organization.environment(), **self.organization.emulator.environment(account_id)}
        return ansible_playbook(["playbook.yml", *words], environment, self.folder)

    def deliver(self) -> None:
        """Have an image in two waves, and remember what the roles left."""
        make_execution_role(self.organization.emulator, EXECUTION_ROLE)
        self.organization.add_host_variables("image-factory", image_execution_role=EXECUTION_ROLE)
        self.organization.add_host_variables("search", image_builder_wave=2)
        names = ("source_keys_by_region", "definition_result", "image_result")
        kept = {
            "content": f"{{{{ dict({list(names)} | zip([{', '.join(names)}])) | to_json }}}}",
            "dest": str(self.folder / "known.json"),
            "mode": "0600",
        }
        keep = {"hosts": "image_builder_source", "gather_facts": False, "tasks": [{"ansible.builtin.copy": kept}]}
        playbook = self.folder / "deliver.yml"
        playbook.write_text(yaml.safe_dump([{"import_playbook": "golden.imagebuilder.distribute"}, keep]))
        run = self.organization.playbook(playbook=str(playbook))
        assert run.status == 0, run.output
        known = json.loads((self.folder / "known.json").read_text())
        self.keys, self.definition, self.image = (known[name] for name in names)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("roles")
    with running_organization(folder, {"leaver": LEAVER}) as organization:
        organization.inventories.pop()  # an account of the organization, that is no destination here
        world = World(organization, folder)
        world.deliver()
        yield world


# --- roles: what they are told, and how one sees that they have done it ------------------------------------------------------------------------


@dataclass(frozen=True)
class Role:
    """A role: which variables it gets and what shows that it did its work; `mark` is a name that nothing else has.

    `account` are the variables that say which account the host is, for hosts that do not say so; `others` say who the other accounts are.
    """

    name: str
    hosts: str
    variables: Callable[[World, str], dict[str, Any]]
    done: Callable[[World, str], bool]
    account: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)
    told: Sequence[str] = ()
    before: Callable[[World, str], list[dict[str, Any]]] = lambda _world, _mark: []  # plays that make what the role works on
    wrong: Mapping[str, Any] = field(default_factory=dict)  # by which it fails, where it does not matter whose credentials there are


def has_key(world: World, mark: str) -> bool:
    described = [world.client(SOURCE, "kms", region).describe_key(KeyId=f"alias/{mark}")["KeyMetadata"] for region in REGIONS]
    policies = [
        world.client(SOURCE, "kms", key["Arn"].split(":")[3]).get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"] for key in described
    ]
    return all(PAYMENTS in policy for policy in policies)


def role_may_write(world: World, mark: str) -> bool:
    iam = world.client(PAYMENTS, "iam")
    names = iam.list_role_policies(RoleName=DISTRIBUTION_ROLE)["PolicyNames"]
    policies = [iam.get_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName=name)["PolicyDocument"] for name in names]
    return f"/{mark}/" in json.dumps(policies)


def is_defined(world: World, mark: str) -> bool:
    client = world.client(SOURCE, "imagebuilder")
    arn = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:distribution-configuration/{mark}"
    distributions = client.get_distribution_configuration(distributionConfigurationArn=arn)["distributionConfiguration"]["distributions"]
    return PAYMENTS in json.dumps(distributions) and mark in [one["name"] for one in client.list_image_recipes()["imageRecipeSummaryList"]]


def is_built(world: World, mark: str) -> bool:
    return mark in [build["tags"].get("case") for build in world.organization.image_builds() if build["state"]["status"] == "AVAILABLE"]


def has_parameter(world: World, mark: str) -> bool:
    value = world.client(PAYMENTS, "ssm").get_parameter(Name=f"/imagebuilder/{mark}")["Parameter"]["Value"]
    return value in [image["ImageId"] for image in world.organization.images(PAYMENTS, BUILD_REGION)]


def make_amis(world: World, mark: str) -> list[dict[str, Any]]:
    """Two AMIs of an account's own, made one after the other."""
    for number in (1, 2):
        world.client(PAYMENTS, "ec2").register_image(Name=f"{mark}-{number}", Architecture="x86_64", RootDeviceName="/dev/xvda")
    return []


def is_one_deprecated(world: World, mark: str) -> bool:
    images = [image for image in world.organization.images(PAYMENTS, BUILD_REGION) if image["Name"].startswith(f"{mark}-")]
    return sorted("DeprecationTime" in image for image in images) == [False, True]


def has_left(world: World, mark: str) -> bool:
    key = world.client(SOURCE, "kms").describe_key(KeyId=f"alias/{mark}")["KeyMetadata"]["KeyId"]
    policy = world.client(SOURCE, "kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    return LEAVER not in policy and PAYMENTS in policy


def let_in(_world: World, mark: str) -> list[dict[str, Any]]:
    """What is there before somebody leaves: a key that he may use, as another may."""
    options = {"alias": mark, "account": SOURCE_ACCOUNT, "regions": list(REGIONS), "destination_account_ids": [PAYMENTS, LEAVER]}
    return [{"hosts": "localhost", "gather_facts": False, "tags": ["always"], "tasks": [{"golden.imagebuilder.source_keys": options}]}]


ROLES = [
    Role(
        name="source_keys",
        hosts="image-factory",
        variables=lambda _world, mark: {"source_keys_alias": mark},
        account={"source_keys_account": SOURCE_ACCOUNT, "source_keys_regions": list(REGIONS)},
        others={"source_keys_destinations": HOSTS},
        told=["source_keys_by_region | length == 2"],
        done=has_key,
    ),
    Role(
        name="destination_roles",
        hosts="payments:search",
        variables=lambda world, mark: {
            "destination_roles_ssm_parameter_prefixes": [f"/{mark}/"],
            "destination_roles_key_arns": [key["key_arn"] for key in world.keys.values()],
        },
        others={"destination_roles_targets": TARGETS, "destination_roles_source_account_ids": [SOURCE], "destination_roles_account_id": ""},
        done=role_may_write,
    ),
    Role(
        name="definition",
        hosts="image-factory",
        variables=lambda world, mark: {
            "definition_name": mark,
            "definition_keys_by_region": world.keys,
            "definition_image_recipe": {"parent_image": "aws:amazon-linux-2023-x86/x.x.x"},
            "definition_components": [{"component": "aws:update-linux"}],
            "definition_infrastructure_configuration": {"instance_profile_name": INSTANCE_PROFILE},
        },
        account={
            "definition_account": SOURCE_ACCOUNT,
            "definition_region": BUILD_REGION,
            "definition_source_account_id": SOURCE,
            "definition_source_regions": list(REGIONS),
        },
        others={"definition_destinations": HOSTS},
        told=["definition_result.deliveries | length == 1"],
        done=is_defined,
    ),
    Role(
        name="preflight",
        hosts="image-factory:payments",
        variables=lambda world, _mark: {
            "preflight_image_recipe": world.definition["image_recipe_arn"],
            "preflight_infrastructure_configuration": world.definition["infrastructure_configuration_arn"],
            "preflight_distributions": world.definition["distributions"],
            "preflight_source_keys": world.keys,
        },
        account={"preflight_account": SOURCE_ACCOUNT, "preflight_region": BUILD_REGION},
        others={"preflight_targets": [*TARGETS, target("warehouse", DESTINATIONS["warehouse"])], "preflight_account_id": ""},
        told=["preflight_result.findings | selectattr('severity', 'equalto', 'error') | length == 0"],
        done=lambda world, _mark: any(call.operation == "GetRole" and call.account == PAYMENTS for call in world.organization.emulator.calls()),
    ),
    Role(
        name="image",
        hosts="image-factory",
        variables=lambda world, mark: {
            "image_recipe_arn": world.definition["image_recipe_arn"],
            "image_infrastructure_configuration_arn": world.definition["infrastructure_configuration_arn"],
            "image_distribution_configuration_arn": world.definition["distribution_configuration_arn"],
            "image_poll_interval": 0.1,
            "image_force": True,
            "image_tags": {"case": mark},
        },
        account={"image_account": SOURCE_ACCOUNT, "image_region": BUILD_REGION},
        others={"image_targets": TARGETS},
        told=["image_result.amis | map(attribute='account_id') | unique | length >= 2"],
        done=is_built,
    ),
    Role(
        name="waves",
        hosts="image-factory",
        variables=lambda world, _mark: {
            "waves_deliveries": world.definition["deliveries"],
            "waves_image_result": world.image,
            "waves_execution_role": EXECUTION_ROLE,
            "waves_poll_interval": 0.1,
        },
        account={"waves_account": SOURCE_ACCOUNT, "waves_region": BUILD_REGION},
        others={"waves_destinations": HOSTS},
        told=["not waves_result.failed | default(false)", f"'{SEARCH}' in waves_result.amis | map(attribute='account_id')"],
        done=lambda world, _mark: bool(world.organization.images(SEARCH, BUILD_REGION)),
    ),
    Role(
        name="verify",
        hosts="payments",
        variables=lambda world, _mark: {"verify_image_result": world.image, "verify_keys_by_region": world.keys},
        others={"verify_targets": TARGETS[:1], "verify_account_id": ""},
        told=["verify_host_result.outcomes | length == 1", "verify_result.amis | map(attribute='encrypted') | unique == [true]"],
        done=lambda world, _mark: any(
            call.operation == "DescribeImages" and call.account == PAYMENTS for call in world.organization.emulator.calls()
        ),
    ),
    Role(
        name="references",
        hosts="payments",
        variables=lambda world, mark: {"references_image_result": world.image, "references_ssm_parameter_name": f"/imagebuilder/{mark}"},
        others={"references_targets": TARGETS[:1], "references_account_id": ""},
        done=has_parameter,
    ),
    Role(
        name="report",
        hosts="image-factory",
        variables=lambda world, mark: {"report_image_result": world.image, "report_html_path": f"{mark}.html", "report_json_path": f"{mark}.json"},
        others={"report_targets": TARGETS},
        done=lambda world, mark: PAYMENTS in (world.folder / f"{mark}.html").read_text() and (world.folder / f"{mark}.json").is_file(),
        wrong={"report_html_path": "/dev/null/report.html"},
    ),
    Role(
        name="retire",
        hosts="image-factory",
        variables=lambda _world, mark: {
            "retire_ami_names": [f"{mark}-*"],
            "retire_state": "deprecated",
            "retire_keep": 1,
            "retire_launched_within_days": 0,
            "retire_confirmed": True,
        },
        account={"retire_account": SOURCE_ACCOUNT, "retire_source_account_ids": [SOURCE]},
        others={"retire_targets": TARGETS},
        told=["retire_result.outcomes | selectattr('failed') | length == 0"],
        before=make_amis,
        wrong={"retire_keep": 0},
        done=is_one_deprecated,
    ),
    Role(
        name="decommission",
        hosts="image-factory",
        variables=lambda _world, mark: {
            "decommission_hosts": ["leaver"],
            "decommission_destinations": [*HOSTS, host("leaver", LEAVER)],
            "decommission_alias": mark,
            "decommission_confirmed": True,
        },
        account={
            "decommission_account": SOURCE_ACCOUNT,
            "decommission_source_account_id": SOURCE,
            "decommission_source_regions": list(REGIONS),
        },
        told=["decommission_result.outcomes | selectattr('failed') | length == 0"],
        before=let_in,
        done=has_left,
    ),
    Role(
        name="export",
        hosts="image-factory",
        variables=lambda world, mark: {"export_directory": mark, "export_key_arns": [key["key_arn"] for key in world.keys.values()]},
        others={"export_source_account_ids": [SOURCE], "export_hosts": []},
        done=lambda world, mark: SOURCE in (world.folder / mark / "destination-roles.template.json").read_text(),
        wrong={"export_directory": "/dev/null/export"},
    ),
]


# --- ways to use them ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """A way of use: the plays, and the words of the command line after them.

    `says` tells from where a role knows the accounts: from its own variables, from variables of the play, or from the inventory.
    """

    name: str
    says: str
    play: Callable[[str, Mapping[str, Any], list[dict[str, Any]]], dict[str, Any]]
    words: Sequence[str] = ()
    connection: str | None = None

    def variables(self, role: Role, world: World, mark: str) -> dict[str, Any]:
        """The variables of the role."""
        own = {"nobody": {**role.account, **role.others}, "play": dict(role.others), "inventory": {}}[self.says]
        return {**own, **role.variables(world, mark)}

    def inventory(self) -> list[str]:
        """Which inventory is on the command line."""
        return ["-i", "accounts.yml"] if self.says == "inventory" else []


def in_roles(name: str, variables: Mapping[str, Any], after: list[dict[str, Any]]) -> dict[str, Any]:
    """`roles:` with parameters, under localhost, of which nothing is known."""
    return {"hosts": "localhost", "roles": [{"role": name, "vars": dict(variables)}], "post_tasks": after}


def imported_with_play_variables(name: str, variables: Mapping[str, Any], after: list[dict[str, Any]]) -> dict[str, Any]:
    """`import_role` in a free play of localhost, whose variables say which account it is; `--tags` asks for the role alone."""
    task = {"ansible.builtin.import_role": {"name": name}, "tags": ["wanted"]}
    is_source = {"image_builder_account_id": SOURCE, "image_builder_regions": list(REGIONS)}
    tasks = [NEVER, task, *({**one, "tags": ["wanted"]} for one in after)]
    return {"hosts": "localhost", "strategy": "free", "vars": {**is_source, **variables}, "tasks": tasks}


def in_series(name: str, variables: Mapping[str, Any], after: list[dict[str, Any]]) -> dict[str, Any]:
    """`roles:` for one account after the other, with the connection of the play."""
    return {"serial": 1, "connection": "local", "vars": dict(variables), "roles": [name], "post_tasks": after}


def freely_delegated(name: str, variables: Mapping[str, Any], after: list[dict[str, Any]]) -> dict[str, Any]:
    """`import_role` in a free play, each task delegated, as the hosts of the accounts have no connection."""
    return {
        "strategy": "free",
        "vars": dict(variables),
        "tasks": [{"ansible.builtin.import_role": {"name": name}, "delegate_to": "localhost"}, *after],
    }


def included_and_delegated(name: str, variables: Mapping[str, Any], after: list[dict[str, Any]]) -> dict[str, Any]:
    """`include_role`, delegated and with a tag that its tasks get; the limit leaves an account out."""
    apply = {"delegate_to": "localhost", "tags": ["wanted"]}
    include = {"ansible.builtin.include_role": {"name": name, "apply": apply}, "vars": dict(variables), "tags": ["wanted"]}
    return {"tasks": [NEVER, include, *({**one, "tags": ["wanted"]} for one in after)]}


WAYS = [
    Way("roles under localhost", "nobody", in_roles),
    Way("import_role under localhost", "play", imported_with_play_variables, ["--tags", "wanted"]),
    Way("roles under accounts in series", "inventory", in_series),
    Way("import_role under accounts, free and delegated", "inventory", freely_delegated),
    Way(
        "include_role under accounts, limited",
        "inventory",
        included_and_delegated,
        ["--limit", "localhost,image-factory,payments", "--tags", "wanted"],
    ),
]
CASES = [(role, way) for role in ROLES for way in WAYS]


@pytest.fixture
def mark(request: pytest.FixtureRequest) -> str:
    """A name of this case alone."""
    names: list[str] = getattr(request.config, "_roles_alone", [])
    request.config._roles_alone = names  # type: ignore[attr-defined]
    names.append(request.node.name)
    return f"case-{len(names)}"


def write_inventory(folder: Path) -> None:
    """The accounts as an inventory has them, without any connection."""
    groups = {
        "image_builder_source": {"hosts": {"image-factory": {"image_builder_account_id": SOURCE}}},
        "image_builder_destinations": {
            "vars": {"image_builder_assume_role_arn": WAY_IN},
            "hosts": {name: {"image_builder_account_id": DESTINATIONS[name]} for name in ("payments", "search")},
        },
    }
    inventory = {"all": {"children": groups, "vars": {"image_builder_regions": list(REGIONS)}}}
    (folder / "accounts.yml").write_text(yaml.safe_dump(inventory))


def counters(run: Run, name: str) -> int:
    return sum(host[name] for host in run.recap.values())


@pytest.mark.parametrize(("role", "way"), CASES, ids=[f"{role.name}: {way.name}" for role, way in CASES])
def test_role(world: World, mark: str, role: Role, way: Way) -> None:
    write_inventory(world.folder)
    world.organization.emulator.reset_calls()
    after = [{"name": "See what it left", "ansible.builtin.assert": {"that": list(role.told), "quiet": True}}] if role.told else []
    play = way.play(f"golden.imagebuilder.{role.name}", way.variables(role, world, mark), after)
    run = world.play([*role.before(world, mark), {"hosts": role.hosts, "gather_facts": False, **play}], *way.inventory(), *way.words)
    assert run.status == 0, run.output
    assert role.done(world, mark), run.output
    assert [line for line in run.warnings if "DEPRECATION" in line] == [], run.output


@pytest.mark.parametrize("role", ROLES, ids=[role.name for role in ROLES])
def test_a_failure_in_a_block_is_rescued(world: World, mark: str, role: Role) -> None:
    write_inventory(world.folder)
    variables = {**role.variables(world, mark), **role.wrong}
    include = {"ansible.builtin.include_role": {"name": f"golden.imagebuilder.{role.name}"}, "vars": variables}
    block = {"block": [include, NEVER], "rescue": [{"ansible.builtin.debug": {"msg": "Rescued"}}]}
    play = {"hosts": role.hosts, "gather_facts": False, "connection": "local", "tasks": [block]}
    run = world.play([play], "-i", "accounts.yml", account_id=LEAVER)
    assert run.status == 0, run.output
    assert counters(run, "failed") == 0, run.output
    assert run.output.count('"msg": "Rescued"') == len(run.recap), run.output
    assert str(NEVER["name"]) not in run.output
