# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every resource module does, each behaviour tested once for all of them, run whole against the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema

from .specimens import ACCOUNT, REGION, SPECIMENS, Specimen
from .test_completeness import documented

Result = dict[str, Any]
RunModule = Callable[..., Result]

MODULES = Path(__file__).parents[4] / "plugins/modules"
NO_CONTENT = {"name", "semantic_version", "tags"}
"""Options that name a resource, or are about it."""
OF_EVERY_MODULE = {"account", "state", "cli_input_json", "purge_tags", "keep", "policy"}
"""Options that mean the same in each module and have tests of their own below, or in test_resources.py."""

every_specimen = pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda specimen: specimen.id)
KINDS = [specimen for specimen in SPECIMENS if not specimen.variant]
every_kind = pytest.mark.parametrize("specimen", KINDS, ids=lambda specimen: specimen.id)
every_versioned_kind = pytest.mark.parametrize(
    "specimen", [specimen for specimen in KINDS if specimen.resource.versioned], ids=lambda specimen: specimen.id
)


def options(having: Callable[[Specimen, str], bool]) -> Any:
    """One case for each option of each specimen that has a quality."""
    cases = [(specimen, option) for specimen in SPECIMENS for option in {**specimen.complete, **specimen.changes} if having(specimen, option)]
    return pytest.mark.parametrize(("specimen", "option"), cases, ids=[f"{specimen.id}-{option}" for specimen, option in cases])


def notes(specimen: Specimen) -> set[str]:
    """Options that go with a version and never lead to one."""
    return {schema.snake_name(name) for name in specimen.resource.notes}


def can_change(specimen: Specimen, option: str) -> bool:
    return option in specimen.changes


def can_be_emptied(specimen: Specimen, option: str) -> bool:
    members = specimen.resource.create_shape.members
    required = {schema.snake_name(name) for name in specimen.resource.create_shape.required_members}
    is_switch = {schema.snake_name(name): member.type_name == "boolean" for name, member in members.items()}.get(option, False)
    first = next(other for other in SPECIMENS if other.kind == specimen.kind)
    is_done = specimen is not first and option in first.complete
    return (
        not is_done
        and option in specimen.complete
        and option not in NO_CONTENT | notes(specimen) | required | specimen.kept | set(specimen.identity)
        and not is_switch
    )


@pytest.fixture
def module(specimen: Specimen, emulator: Any, run_module: RunModule) -> RunModule:
    """The module of the specimen's kind, where all is there that the specimen presupposes; a run in check mode that writes is a failure."""
    for surroundings in specimen.surroundings:
        surroundings(emulator)

    def run(check_mode: bool = False, **options: Any) -> Result:
        emulator.reset_calls()
        result = run_module(specimen.kind, check_mode=check_mode, **options)
        assert not (check_mode and emulator.writes())
        return result

    return run


def done(result: Result) -> Result:
    assert not result["failed"], result["msg"]
    return result


def prediction(result: Result, kind: str) -> tuple[Any, ...]:
    """What check mode has to say as the real run does; it cannot know dates, and states."""
    return (result["changed"], result["diff"], result[kind]["arn"], result[kind]["tags"])


def shown_changes(result: Result) -> set[str]:
    """What a diff shows as changed, beside what a new version changes anyway."""
    before, after = result["diff"]["before"], result["diff"]["after"]
    names = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    return names - {"arn", "version", "change_description", "image_os_version_override"}


def as_returned(value: Any) -> Any:
    """A value as the module gives it back: Image Builder's tags in its own spelling."""
    return json.loads(json.dumps(value).replace("<<imagebuilder:buildDate>>", "{{ imagebuilder:buildDate }}"))


class TestTable:
    """The table itself is complete."""

    def test_every_resource_module_has_a_specimen(self) -> None:
        with_twin = {path.stem for path in MODULES.glob("*.py") if (MODULES / f"{path.stem}_info.py").is_file()}
        assert {specimen.kind for specimen in SPECIMENS} == with_twin - {"image"}, "an image is built, not written: test_image.py"

    @every_kind
    def test_every_option_of_a_module_has_a_case(self, specimen: Specimen) -> None:
        same_kind = [other for other in SPECIMENS if other.kind == specimen.kind]
        changed = {option for other in same_kind for option in other.changes}
        given = {option for other in same_kind for option in other.complete}
        documentation = documented(specimen.resource).keys() - OF_EVERY_MODULE
        unchanging = NO_CONTENT | notes(specimen) | {option for other in same_kind for option in (*other.identity, *other.fixed)}
        assert documentation - given - changed == set()
        assert documentation - unchanging - changed == set()


class TestPresent:
    @every_specimen
    def test_check_mode_predicts_and_the_run_makes_what_is_given(self, specimen: Specimen, module: RunModule, emulator: Any) -> None:
        predicted = done(module(check_mode=True, **specimen.complete))
        made = done(module(**specimen.complete))
        assert made["changed"] is True
        assert prediction(predicted, specimen.kind) == prediction(made, specimen.kind)
        assert predicted["diff"]["before"] == {}
        foretold = {name: value for name, value in predicted[specimen.kind].items() if name not in specimen.stored}
        assert {name: made[specimen.kind].get(name) for name in foretold} == foretold
        returned = {name: made[specimen.kind].get(name) for name in specimen.complete if name not in {"semantic_version", *specimen.stored}}
        assert returned == as_returned({name: specimen.complete[name] for name in returned})

    @every_specimen
    def test_again_changes_nothing(self, specimen: Specimen, module: RunModule, emulator: Any) -> None:
        made = done(module(**specimen.complete))
        for given in (specimen.complete, {**specimen.complete, "tags": None}, specimen.short):
            again = done(module(**given))
            assert (again["changed"], again[specimen.kind]) == (False, made[specimen.kind])
            assert again["diff"]["before"] == again["diff"]["after"]
            assert specimen.stored or again["diff"]["after"] == made["diff"]["after"]
            assert not emulator.writes()

    @every_versioned_kind
    def test_notes_lead_to_no_version(self, specimen: Specimen, module: RunModule, emulator: Any) -> None:
        made = done(module(**specimen.complete))
        for note in notes(specimen) & {*specimen.complete}:
            again = done(module(**{**specimen.complete, note: "another"}))
            assert (again["changed"], again[specimen.kind]) == (False, made[specimen.kind])

    @options(can_change)
    def test_an_option_changed_alone(self, specimen: Specimen, option: str, module: RunModule, emulator: Any) -> None:
        before = done(module(**specimen.complete))[specimen.kind]
        change = specimen.change(option)
        wanted = {**specimen.short, option: change.value, **change.beside}
        if specimen.resource.versioned:
            refuses_in_a_fixed_version(module, {**wanted, "semantic_version": before["version"]}, option, specimen, emulator)
        predicted = done(module(check_mode=True, **wanted))
        changed = done(module(**wanted))
        assert changed["changed"] is True
        assert prediction(predicted, specimen.kind) == prediction(changed, specimen.kind)
        assert shown_changes(changed) == (change.shown or {option, *change.beside})
        assert changed[specimen.kind].get("version") == ("1.0.1" if specimen.resource.versioned else before.get("version"))
        assert changed[specimen.kind]["tags"] == before["tags"], "tags stay, also on a new version"
        assert done(module(**wanted))["changed"] is False
        assert not emulator.writes()

    @options(can_be_emptied)
    def test_an_option_that_is_emptied(self, specimen: Specimen, option: str, module: RunModule) -> None:
        done(module(**specimen.complete))
        wanted = {**specimen.short, option: type(specimen.complete[option])()}
        emptied = done(module(**wanted))
        assert emptied["changed"] is True
        assert shown_changes(emptied) == {option}
        nothing = specimen.when_empty.get(option)
        assert (emptied[specimen.kind].get(option) or None) == nothing
        assert done(module(**wanted))["changed"] is False

    @every_kind
    def test_tags_are_merged_and_purged(self, specimen: Specimen, module: RunModule, emulator: Any) -> None:
        arn = done(module(**specimen.complete))[specimen.kind]["arn"]
        steps: list[tuple[dict[str, str], bool, dict[str, str], bool]] = [
            ({"a": "1"}, False, {"team": "platform", "a": "1"}, True),
            ({"a": "1"}, False, {"team": "platform", "a": "1"}, False),
            ({"a": "2"}, True, {"a": "2"}, True),
            ({}, False, {"a": "2"}, False),
            ({}, True, {}, True),
            ({}, True, {}, False),
        ]
        for tags, purge, after, changed in steps:
            predicted = done(module(check_mode=True, **specimen.short, tags=tags, purge_tags=purge))
            result = done(module(**specimen.short, tags=tags, purge_tags=purge))
            assert (result["changed"], result[specimen.kind]["tags"], result[specimen.kind]["arn"]) == (changed, after, arn)
            assert prediction(predicted, specimen.kind) == prediction(result, specimen.kind)
            assert shown_changes(result) == ({"tags"} if changed else set())
            assert emulator.client(ACCOUNT, "imagebuilder", REGION).list_tags_for_resource(resourceArn=arn)["tags"] == after


def refuses_in_a_fixed_version(run: RunModule, wanted: Mapping[str, Any], option: str, specimen: Specimen, emulator: Any) -> None:
    """Other content under a version that is there is an error, which shows the difference and the next free version."""
    refused = run(**wanted)
    assert refused["failed"]
    assert f"{specimen.resource.title} {specimen.complete['name']} 1.0.0 is there with other content" in refused["msg"]
    assert "The next free version is 1.0.1: give semantic_version 1.0.1, or 1.0.x" in refused["msg"]
    shown = specimen.change(option).shown or {option}
    assert all(f"\n{name}:" in refused["msg"] for name in shown)
    assert shown_changes(refused) == (specimen.change(option).shown or {option, *specimen.change(option).beside})
    assert not emulator.writes()


class TestAbsent:
    @every_kind
    def test_deletes_once(self, specimen: Specimen, module: RunModule, emulator: Any) -> None:
        arn = done(module(**specimen.complete))[specimen.kind]["arn"]
        wanted = {**specimen.short, "semantic_version": None, "state": "absent"}
        predicted = done(module(check_mode=True, **wanted))
        deleted = done(module(**wanted))
        assert (deleted["changed"], deleted["deleted"], deleted[specimen.kind]) == (True, [arn], None)
        assert {name: predicted[name] for name in ("changed", "deleted", "diff")} == {name: deleted[name] for name in ("changed", "deleted", "diff")}
        for check_mode in (True, False):
            again = done(module(check_mode=check_mode, **wanted))
            assert (again["changed"], again["deleted"]) == (False, [])
            assert not emulator.writes()


class TestNames:
    """A resource is named by its name, its ARN, and by name and version in one."""

    @every_kind
    def test_by_arn(self, specimen: Specimen, module: RunModule) -> None:
        made = done(module(**specimen.complete))[specimen.kind]
        rest = {name: None for name in specimen.identity if name != "name"}
        named = done(module(**{**specimen.short, **rest, "name": made["arn"]}))
        assert (named["changed"], named[specimen.kind]) == (False, made)
        other = made["arn"].replace(ACCOUNT, "222222222222")
        refused = module(**{**specimen.short, **rest, "name": other})
        assert refused["failed"]
        assert "222222222222" in refused["msg"]
        elsewhere = module(**{**specimen.short, **rest, "name": made["arn"].replace(REGION, "eu-west-1")})
        assert elsewhere["failed"]
        assert "eu-west-1" in elsewhere["msg"]
        assert done(module(name=made["arn"], state="absent"))["deleted"] == [made["arn"]]

    @every_versioned_kind
    def test_by_name_and_version(self, specimen: Specimen, module: RunModule) -> None:
        name = specimen.complete["name"]
        made = done(module(**{**specimen.complete, "name": f"{name}/1.0.x", "semantic_version": None}))[specimen.kind]
        assert (made["name"], made["version"]) == (name, "1.0.0")
        again = done(module(**{**specimen.complete, "name": f"{name}/1.0.0", "semantic_version": "1.0.0"}))
        assert (again["changed"], again[specimen.kind]) == (False, made)
        refused = module(**{**specimen.complete, "name": f"{name}/1.0.0", "semantic_version": "1.1.0"})
        assert "semantic_version" in [error["path"] for error in refused["errors"]] or "name" in [error["path"] for error in refused["errors"]]

    @every_kind
    def test_a_name_in_another_spelling(self, specimen: Specimen, module: RunModule) -> None:
        made = done(module(**specimen.complete))[specimen.kind]
        respelled = specimen.complete["name"].upper().replace(" ", "_")
        again = done(module(**{**specimen.complete, "name": respelled}))
        assert (again["changed"], again[specimen.kind]) == (False, made)


class TestInfo:
    @every_kind
    def test_tells_what_the_module_returns(self, specimen: Specimen, module: RunModule, run_module: RunModule) -> None:
        info, plural = f"{specimen.kind}_info", specimen.resource.plural
        before = [each["arn"] for each in run_module(info)[plural]]
        assert done(run_module(info, name="nothing-there"))[plural] == []
        made = done(module(**specimen.complete))[specimen.kind]
        other = done(module(**{**specimen.complete, "name": "another one"}))[specimen.kind]
        assert done(run_module(info, name=specimen.complete["name"].upper()))[plural] == [made]
        assert done(run_module(info, arn=other["arn"]))[plural] == [other]
        found = done(run_module(info))
        assert sorted(each["arn"] for each in found[plural]) == sorted([*before, made["arn"], other["arn"]])
        assert found["changed"] is False

    @every_kind
    def test_by_filter(self, specimen: Specimen, module: RunModule, run_module: RunModule) -> None:
        made = done(module(**specimen.complete))[specimen.kind]
        done(module(**{**specimen.complete, "name": "another one"}))
        for value in (specimen.complete["name"], [specimen.complete["name"]]):
            assert done(run_module(f"{specimen.kind}_info", filters={"name": value}))[specimen.resource.plural] == [made]


class TestMistakes:
    """All that can be known before a call is said before a call."""

    @every_kind
    def test_several_at_once(self, specimen: Specimen, module: RunModule, emulator: Any) -> None:
        result = module(**{**specimen.complete, "name": "bad@name", "tags": {"aws:x": "1"}})
        assert result["failed"]
        assert [error["path"] for error in result["errors"]] == ["name", "tags.aws:x"]
        assert result["msg"].startswith("name: 'bad@name' is not valid")
        assert all(f"{error['path']}: {error['message']}" in result["msg"] for error in result["errors"])
        assert not emulator.calls()

    @every_kind
    def test_an_option_that_is_none(self, specimen: Specimen, module: RunModule, emulator: Any) -> None:
        assert "ami_colour" in module(**specimen.complete, ami_colour="gold")["msg"]
        assert module(**specimen.complete, cli_input_json={"ami_colour": "gold"})["errors"][0]["path"] == "cli_input_json.ami_colour"
        assert not emulator.calls()

    @every_kind
    def test_what_is_missing(self, specimen: Specimen, module: RunModule, emulator: Any) -> None:
        result = module(**specimen.short)
        assert {error["path"] for error in result["errors"]} == set(specimen.missing)
        assert all(f"{error['path']}: {error['message']}" in result["msg"] for error in result["errors"])
        assert not emulator.writes()

    @every_versioned_kind
    def test_a_version_is_missing(self, specimen: Specimen, module: RunModule, emulator: Any) -> None:
        result = module(**{**specimen.complete, "semantic_version": None})
        assert [error["path"] for error in result["errors"]] == ["semantic_version"]
        assert not emulator.calls()


@every_versioned_kind
class TestVersions:
    def test_count_up_with_the_content(self, specimen: Specimen, module: RunModule) -> None:
        numbers = [done(module(**{**specimen.complete, "description": text}))[specimen.kind]["version"] for text in ("a", "b", "b", "a")]
        assert numbers == ["1.0.0", "1.0.1", "1.0.1", "1.0.2"]
        assert done(module(**{**specimen.complete, "semantic_version": "1.0.0", "description": "a"}))["changed"] is False
        assert done(module(**{**specimen.complete, "semantic_version": "2.0.0"}))[specimen.kind]["version"] == "2.0.0"
        assert done(module(**{**specimen.complete, "semantic_version": "x.x.x", "description": "d"}))[specimen.kind]["version"] == "3.0.0"

    def test_are_deleted_newest_first(self, specimen: Specimen, module: RunModule) -> None:
        made = {
            version: done(module(**{**specimen.complete, "semantic_version": version}))[specimen.kind]["arn"]
            for version in ("1.0.0", "1.0.1", "1.1.0", "2.0.0")
        }
        for given, versions in (("1.1.0", ["1.1.0"]), ("1.1.0", []), ("1.x.x", ["1.0.1", "1.0.0"]), (None, ["2.0.0"])):
            deleted = done(module(**{**specimen.short, "semantic_version": given, "state": "absent"}))
            assert deleted["deleted"] == [made[version] for version in versions]
            assert deleted["changed"] is bool(versions)

    def test_are_found(self, specimen: Specimen, module: RunModule, run_module: RunModule) -> None:
        name = specimen.complete["name"]
        for version in ("1.0.0", "1.0.1", "2.0.0"):
            done(module(**{**specimen.complete, "semantic_version": version}))

        def found(**given: Any) -> list[str]:
            return sorted(each["version"] for each in done(run_module(f"{specimen.kind}_info", **given))[specimen.resource.plural])

        assert found(name=name) == ["1.0.0", "1.0.1", "2.0.0"]
        assert (found(name=name, semantic_version="1.x.x"), found(name=name, semantic_version="1.0.0")) == (["1.0.1"], ["1.0.0"])
        assert "semantic_version" in run_module(f"{specimen.kind}_info", name=name, semantic_version="1.0")["msg"]
