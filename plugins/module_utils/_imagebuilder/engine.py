# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find, compare, create, update, make a new version, tag or delete: the same way for every kind of resource. Private to this collection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible.module_utils.common import warnings
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import (
    FleetError,
    Sessions,
    account_argument_spec,
    parse_account,
    partition_of,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import compare, inputs, schema, versions
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import (
    ALREADY_EXISTS,
    IN_USE,
    Api,
    ImageBuilderError,
    errors,
    fail,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description, Plan, Wish
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.inputs import Inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Reference, Resource, arn, folded
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import InvalidInput, Problem

ATTEMPTS = 5
"""How often a version that somebody else took in the meantime is looked at anew."""


class Refused(Exception):  # noqa: N818 - not a fault of a program, an answer to the user
    """What is wanted cannot be; carries the whole explanation and, where there is one, the diff."""

    def __init__(self, message: str, diff: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.diff = diff


@dataclass(frozen=True)
class Session:
    """One account and Region, and whether anything may be written there."""

    api: Api
    partition: str
    region: str
    account_id: str
    check_mode: bool = False
    read_object: Callable[[str], str] | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        """The parts of ARNs that are the same for everything here."""
        return self.partition, self.region, self.account_id


def run(resource: Resource) -> None:
    """A module that makes a resource be there or not be there."""
    spec = {
        **account_argument_spec(),
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "name": {"type": "str"},
        **resource.options,
        "cli_input_json": {"type": "json"},
        "tags": {"type": "dict"},
        "purge_tags": {"type": "bool", "default": True},
    }
    module = AnsibleAWSModule(argument_spec=spec, supports_check_mode=True)
    answer(module, lambda: _run(module, resource))


def run_info(resource: Resource) -> None:
    """A module that tells about resources of a kind."""
    spec: dict[str, dict[str, Any]] = {**account_argument_spec(), "name": {"type": "str"}, "arn": {"type": "str"}}
    if resource.versioned:
        spec["semantic_version"] = {"type": "str"}
        spec["owner"] = {"type": "str", "choices": ["Self", "Shared", "Amazon", "ThirdParty", "AWSMarketplace"], "default": "Self"}
    module = AnsibleAWSModule(
        argument_spec=spec,
        supports_check_mode=True,
        mutually_exclusive=[("arn", name) for name in ("name", "semantic_version") if name in spec],
        required_by={"semantic_version": ("name",)} if resource.versioned else {},
    )
    answer(module, lambda: _run_info(module, resource))


def _run_info(module: AnsibleAWSModule, resource: Resource) -> dict[str, Any]:
    check_info(resource, module.params)
    return {"changed": False, resource.plural: find_all(resource, open_session(module), module.params)}


def answer(module: AnsibleAWSModule, act: Callable[[], dict[str, Any]]) -> None:
    """Run, and end the module with the result or with the one kind of failure that it met."""
    module.require_botocore_at_least("1.40.0")
    try:
        result = act()
    except InvalidInput as error:
        problems = [{"path": problem.path, "message": problem.message} for problem in error.problems]
        module.fail_json(msg=schema.format_problems(error.problems), errors=problems)
    except Refused as error:
        module.fail_json(msg=str(error), **({"diff": error.diff} if error.diff else {}))
    except ImageBuilderError as error:
        fail(module, error)
    except FleetError as error:
        module.fail_json(msg=str(error), error_code=error.code)
    else:
        module.exit_json(**result)


def open_session(module: AnsibleAWSModule) -> Session:
    """Connect with the module's options. The account is asked for where the way into it does not say it, as ARNs are made of it."""
    account, problems = parse_account(module.params["account"])
    if problems:
        raise InvalidInput(problems)
    region = module.region
    if not region:
        raise Refused("No Region is known: give the option region, or set AWS_REGION.")
    sessions = Sessions(module)
    with errors("find out whose credentials these are"):
        account_id = sessions.account_id(account)
        api = Api(sessions.client(account, "imagebuilder", region), f"in account {account_id}, Region {region}")

    def read_object(uri: str) -> str:
        return _read_s3(sessions.client(account, "s3", region), uri)

    return Session(api, partition_of(region), region, account_id, module.check_mode, read_object)


def warn(message: str) -> None:
    """Warn the user. AnsibleAWSModule.warn of amazon.aws 10 would hand the warning on once more, in a way that ansible-core has deprecated."""
    warnings.warn(message)


def _read_s3(client: Any, uri: str) -> str:
    bucket, _slash, key = uri.removeprefix("s3://").partition("/")
    with errors(f"read {uri}, with which the component is to be compared"):
        body: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    return body.decode()


def _run(module: AnsibleAWSModule, resource: Resource) -> dict[str, Any]:
    is_absent = module.params["state"] == "absent"
    wanted = inputs.read(resource, module.params, Context(region=module.region), only_identity=is_absent)
    session = open_session(module)
    result = ensure_absent(resource, session, wanted) if is_absent else ensure_present(resource, session, wanted, module.params["purge_tags"])
    return result if module._diff else {name: value for name, value in result.items() if name != "diff"}


# Present


def ensure_present(resource: Resource, session: Session, wanted: Inputs, purge_tags: bool) -> dict[str, Any]:
    """Make a resource be as wanted and return the module's result.

    Raises InvalidInput, Refused or ImageBuilderError. When somebody else creates the same at the same time, what they made is compared anew.
    """
    wish = _wish(resource, session, wanted, purge_tags)
    taken: list[versions.Version] = []
    for attempt in range(1, ATTEMPTS + 1):
        change = _plan(resource, session, wanted, wish, taken)
        if not change.changed or session.check_mode:
            return _result(resource, change, change.after)
        try:
            return _result(resource, change, _get(resource, session, _write(resource, session, wanted, change)))
        except ImageBuilderError as error:
            if error.code != ALREADY_EXISTS or attempt == ATTEMPTS:
                raise
            if resource.versioned:
                taken.append(versions.parse(change.after["version"]))
    raise AssertionError("the last attempt returns or raises")


def _wish(resource: Resource, session: Session, wanted: Inputs, purge_tags: bool) -> Wish:
    """What is wanted, with what a pointer points to in the place of the pointer, so that it can be compared."""
    members = {name: value for name, value in wanted.request.items() if name != "tags"}
    if resource.pointer and resource.pointer[0] in members and session.read_object:
        pointer, member = resource.pointer
        members[member] = session.read_object(members.pop(pointer))
    return Wish(members, wanted.given | frozenset(members), wanted.tags, purge_tags)


def _plan(resource: Resource, session: Session, wanted: Inputs, wish: Wish, taken: list[versions.Version]) -> Plan:
    before = _find(resource, session, _wanted_arn(resource, session, wanted))
    change = compare.plan(resource, before, wish)
    if before is None or change.differing:
        change = _identified(resource, session, wanted, change, taken)
        _judge(resource, session, wanted, change)
    return change


def _find(resource: Resource, session: Session, resource_arn: str) -> Description | None:
    answer = session.api.find(f"Get{resource.api_name}", **{resource.arn_parameter: resource_arn})
    return answer[resource.member] if answer else None


def _wanted_arn(resource: Resource, session: Session, wanted: Inputs) -> str:
    """The ARN to look for. With an x in the version, AWS answers the newest that matches (documentation of GetImageRecipe)."""
    return arn(resource, session.identity, wanted.name, str(wanted.version) if wanted.version else "")


def _identified(resource: Resource, session: Session, wanted: Inputs, change: Plan, taken: list[versions.Version]) -> Plan:
    """The plan with the name, version and ARN that its result will have."""
    if change.before is not None and not resource.versioned:
        return change
    identity = {"name": wanted.name, "arn": _wanted_arn(resource, session, wanted)}
    if wanted.version:
        version = _next_version(resource, session, wanted.version, change, taken)
        build = "/1" if resource.builds else ""
        identity |= {"version": str(version), "arn": arn(resource, session.identity, wanted.name, f"{version}{build}")}
    kept = {name: value for name, value in change.after.items() if name in (*resource.content_members(), *resource.notes, "tags")}
    return replace(change, after={**kept, **identity})


def _next_version(resource: Resource, session: Session, wanted: versions.Version, change: Plan, taken: list[versions.Version]) -> versions.Version:
    """The version to create. Raises Refused where one version is wanted and is there with other content."""
    if wanted.is_wildcard:
        found = [versions.parse(change.before["version"])] if change.before else []
        return versions.next_free(wanted, [*found, *taken])
    if change.before is None:
        return wanted
    row = versions.siblings(wanted)
    newest = _find(resource, session, arn(resource, session.identity, change.before["name"], str(row)))
    free = versions.next_free(row, [wanted, *([versions.parse(newest["version"])] if newest else [])])
    raise Refused(
        f"The {resource.title} {change.before['name']} {wanted} is there with other content {session.api.where}, and a version never changes. "
        f"The next free version is {free}: give semantic_version {free}, or {row} to count on by itself. The difference:\n"
        + compare.described_differences(resource, change),
        _diff(resource, change),
    )


def _judge(resource: Resource, session: Session, wanted: Inputs, change: Plan) -> None:
    """Check all that is about to be written, now that the account is known and what the task leaves out is filled in.

    Warns of what will surprise. Raises InvalidInput.
    """
    complete = {name: value for name, value in change.after.items() if name in resource.create_shape.members}
    lacking = schema.missing_members(resource.create_shape, {**complete, "semanticVersion": ""})
    where = f"no {resource.title} {wanted.name}{f' {wanted.version}' if wanted.version else ''} exists {session.api.where}"
    problems = [Problem(schema.snake_name(name), f"is required, as {where} that could be updated.") for name in lacking]
    context = Context(session.region, session.account_id, complete=True)
    problems += wanted.problems(resource.rules(complete, context))
    if problems:
        raise InvalidInput(problems)
    for caution in wanted.problems(resource.cautions(complete, context)):
        warn(f"{caution.path}: {caution.message}")


def _write(resource: Resource, session: Session, wanted: Inputs, change: Plan) -> str:
    """Do what the plan says; returns the ARN of the result."""
    if change.before is None or (change.differing and resource.versioned):
        request = _create_request(resource, wanted, change)
        answer = session.api.call(f"Create{resource.api_name}", **request)
        return str(answer[resource.arn_parameter])
    resource_arn = str(change.before["arn"])
    if change.differing and resource.update_shape is not None:
        shape = resource.update_shape
        members = {name: change.after[name] for name in shape.members if name in change.after}
        members = {name: value for name, value in members.items() if not _is_empty(value) or name in shape.required_members}
        session.api.call(f"Update{resource.api_name}", **{**members, resource.arn_parameter: resource_arn})
    write_tags(session, resource_arn, change)
    return resource_arn


def write_tags(session: Session, resource_arn: str, change: Plan) -> None:
    """Take away and set the tags that a plan differs in."""
    if change.tags_to_unset:
        session.api.call("UntagResource", resourceArn=resource_arn, tagKeys=list(change.tags_to_unset))
    if change.tags_to_set:
        session.api.call("TagResource", resourceArn=resource_arn, tags=dict(change.tags_to_set))


def _is_empty(value: Any) -> bool:
    """Whether a value is one that requests do not carry."""
    return value is None or value in ({}, [], "")


def _create_request(resource: Resource, wanted: Inputs, change: Plan) -> dict[str, Any]:
    """The request of a Create operation. Tags that are AWS's own, which it gives and does not take, are left out."""
    members = {name: value for name, value in change.after.items() if name in resource.create_shape.members and not _is_empty(value)}
    if resource.pointer and resource.pointer[0] in wanted.request:
        pointer, member = resource.pointer
        members.pop(member, None)
        members[pointer] = wanted.request[pointer]
    if resource.versioned:
        members["semanticVersion"] = change.after["version"]
    members["tags"] = {key: value for key, value in change.after["tags"].items() if not key.startswith("aws:")}
    return members if members["tags"] else {name: value for name, value in members.items() if name != "tags"}


def _get(resource: Resource, session: Session, resource_arn: str) -> Description:
    answer: Description = session.api.call(f"Get{resource.api_name}", **{resource.arn_parameter: resource_arn})[resource.member]
    return answer


def _result(resource: Resource, change: Plan, after: Description) -> dict[str, Any]:
    """The module's result; the diff is the plan's in every mode."""
    return {"changed": change.changed, resource.key: compare.result(resource, after), "diff": _diff(resource, change)}


def _diff(resource: Resource, change: Plan) -> dict[str, Any]:
    return {"before": compare.shown(resource, change.before), "after": compare.shown(resource, change.after if change.changed else change.before)}


# Absent


def ensure_absent(resource: Resource, session: Session, wanted: Inputs) -> dict[str, Any]:
    """Delete a resource: the given version, all versions that match one with x, or all there are. Returns the module's result.

    Raises Refused, naming the users of what is in use, after everything that could be deleted is.
    """
    arns = _existing_arns(resource, session, wanted)
    deleted = list(arns)
    refusals: list[str] = []
    for resource_arn in [] if session.check_mode else arns:
        try:
            session.api.find(f"Delete{resource.api_name}", **{resource.arn_parameter: resource_arn})
        except ImageBuilderError as error:
            if error.code != IN_USE:
                raise
            deleted.remove(resource_arn)
            refusals.append(in_use(resource, session, resource_arn, error))
    if refusals:
        also = f"\nDeleted: {', '.join(deleted)}." if deleted else ""
        raise Refused("\n".join(refusals) + also)
    diff = {"before": {"arns": arns} if arns else {}, "after": {}}
    return {"changed": bool(arns), resource.key: None, "deleted": arns, "diff": diff}


def _existing_arns(resource: Resource, session: Session, wanted: Inputs) -> list[str]:
    """ARNs of what is to be deleted, newest first."""
    if not resource.versioned:
        found_one = _find(resource, session, _wanted_arn(resource, session, wanted))
        return [str(found_one["arn"])] if found_one else []
    found = sorted(_versions(resource, session, wanted.name, wanted.version), key=lambda pair: pair[0].order, reverse=True)
    if not resource.builds:
        return [version_arn for _version, version_arn in found]
    return [build for _version, version_arn in found for build in _builds(resource, session, version_arn)]


def _versions(resource: Resource, session: Session, name: str, wanted: versions.Version | None) -> list[tuple[versions.Version, str]]:
    """Own versions of a name and their ARNs. The name is compared in ARNs, as spellings that fold to the same are the same to AWS."""
    prefix = f"{arn(resource, session.identity, name)}/"
    if wanted and not wanted.is_wildcard:
        return [(wanted, f"{prefix}{wanted}")] if _find(resource, session, f"{prefix}{wanted}") else []
    entries = {str(entry["arn"]) for request in resource.list_requests for entry in session.api.pages(resource.list_operation, **request)}
    own = [(versions.parse(entry.removeprefix(prefix).split("/")[0]), entry) for entry in entries if entry.startswith(prefix)]
    return [(version, entry) for version, entry in own if wanted is None or wanted.matches(version)]


def _builds(resource: Resource, session: Session, version_arn: str) -> list[str]:
    builds = session.api.pages(f"List{resource.api_name}BuildVersions", **{f"{resource.member}VersionArn": version_arn})
    return sorted((str(build["arn"]) for build in builds), key=lambda build: int(build.rpartition("/")[2]), reverse=True)


def in_use(resource: Resource, session: Session, resource_arn: str, error: ImageBuilderError) -> str:
    """Why a resource cannot be deleted. The users are looked up; where that is not allowed, AWS's own words have to do."""
    users: list[str] = []
    for reference in resource.used_by:
        try:
            users += [f"{reference.kind} {user}" for user in _users(session, reference, resource_arn)]
        except ImageBuilderError:
            continue
    named = f" It is used by: {', '.join(users)}. Delete or change these first." if users else f" {error.explanation()}"
    return f"The {resource.title} {resource_arn} is in use {session.api.where}, so it cannot be deleted.{named}"


def _users(session: Session, reference: Reference, resource_arn: str) -> list[str]:
    users = []
    for entry in session.api.pages(reference.list_operation):
        about: Any = entry
        if reference.get_operation:
            parameter = str(schema.input_shape(reference.get_operation).required_members[0])
            about = session.api.find(reference.get_operation, **{parameter: entry["arn"]})
        if any(refers_to(text, resource_arn) for text in _strings({**about, "arn": ""} if about else {})):
            users.append(str(entry["arn"]))
    return users


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def refers_to(text: str, resource_arn: str) -> bool:
    """Whether a reference means a resource: the same ARN, its version without the build, or a version with x that matches it."""
    if text == resource_arn:
        return True
    parts, theirs = resource_arn.split("/"), text.split("/")
    if len(theirs) < 3 or parts[:2] != theirs[:2] or len(theirs) > len(parts):
        return False
    try:
        matches = versions.parse(theirs[2]).matches(versions.parse(parts[2]))
    except ValueError:
        return False
    return matches and theirs[3:] == parts[3 : len(theirs)]


# Info


def find_all(resource: Resource, session: Session, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The resources that an info module's options mean, each as its module returns it.

    Raises ImageBuilderError. What does not exist is not an error.
    """
    descriptions = [_find(resource, session, wanted) for wanted in _wanted_arns(resource, session, params)]
    return [compare.result(resource, description) for description in descriptions if description]


def check_info(resource: Resource, params: Mapping[str, Any]) -> None:
    """Check the options of an info module before the first call.

    Raises InvalidInput with all that is wrong.
    """
    shapes = {"name": resource.create_shape.members["name"], "arn": schema.input_shape(f"Get{resource.api_name}").members[resource.arn_parameter]}
    problems = [problem for name, shape in shapes.items() if params.get(name) for problem in schema.to_request(shape, params[name], name)[1]]
    try:
        versions.parse(params.get("semantic_version") or "x.x.x")
    except ValueError as error:
        problems.append(Problem("semantic_version", str(error)))
    if problems:
        raise InvalidInput(problems)


def _wanted_arns(resource: Resource, session: Session, params: Mapping[str, Any]) -> list[str]:
    if params.get("arn"):
        return [params["arn"]]
    name, owner, version = params.get("name"), params.get("owner", "Self"), params.get("semantic_version")
    if name and owner == "Self" and (version or not resource.versioned):
        return [arn(resource, session.identity, name, version or "")]
    asked: dict[str, Any] = {"owner": owner} if resource.versioned else {}
    if name and owner != "Self":  # the catalogue of AWS is long; names in it are spelled in one way
        asked["filters"] = [{"name": "name", "values": [name]}]
    arns = [str(entry["arn"]) for request in resource.list_requests for entry in session.api.pages(resource.list_operation, **request, **asked)]
    named = [entry for entry in arns if not name or entry.split("/")[1] == folded(name)]
    return [entry for entry in named if not version or versions.parse(version).matches(versions.parse(entry.split("/")[2]))]
