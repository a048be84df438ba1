# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which AMIs go, whatever there is: never one of the newest, never one in use, and never a snapshot or parameter that anything else needs."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import retirement
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.retirement import Known, Request, Stock, Use, Verdict
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 7, 1, tzinfo=timezone.utc)
SOURCE, ACCOUNT = "111111111111", "222222222222"
STATES = ["available", "available", "available", "disabled", "failed", "pending"]

versions = st.tuples(st.sampled_from(["web", "database"]), st.integers(0, 2), st.integers(0, 11), st.integers(1, 11))


def image_of(number: int, identity: tuple[str, int, int, int], state: str, days: int, snapshots: list[int]) -> dict[str, Any]:
    """An image as DescribeImages lists it."""
    name, major, minor, build = identity
    arn = f"arn:aws:imagebuilder:us-west-2:{SOURCE}:image/{name}/{major}.{minor}.0/{build}"
    return {
        "ImageId": f"ami-{number:017x}",
        "Name": f"{name} {number}",
        "State": state,
        "CreationDate": (NOW - timedelta(days=days)).isoformat(),
        "Tags": [{"Key": "Ec2ImageBuilderArn", "Value": arn}],
        "BlockDeviceMappings": [{"DeviceName": "/dev/sda", "Ebs": {"SnapshotId": f"snap-{one}"}} for one in snapshots],
    }


images = st.lists(
    st.tuples(versions, st.sampled_from(STATES), st.integers(0, 400), st.lists(st.integers(0, 9), max_size=2, unique=True)), max_size=12
).map(lambda drawn: [image_of(number, *one) for number, one in enumerate(drawn)])
uses = st.lists(st.tuples(st.integers(0, 11), st.sampled_from(["instance", "parameter"]), st.sampled_from(["/old/1", "/other"])), max_size=4).map(
    lambda drawn: [Use(f"ami-{number:017x}", kind, name, ACCOUNT, kind == "parameter") for number, kind, name in drawn]
)
requests = st.builds(
    Request,
    state=st.sampled_from(retirement.STATES),
    keep=st.integers(1, 4),
    source_account_ids=st.just([SOURCE]),
    older_than_days=st.sampled_from([0, 100]),
    parameter_names=st.sampled_from([[], ["/old/*"]]),
)


def judged(listed: list[dict[str, Any]], request: Request, known: Known = Known()) -> list[Verdict]:  # noqa: B008
    amis = retirement.amis_of(listed, request)
    return retirement.verdicts(Stock(listed, amis, retirement.standing(amis, request, NOW)), known, request, NOW)


def identity(image: dict[str, Any]) -> tuple[str, tuple[int, ...]]:
    """Name, and version with build, told from the tag in a way of its own."""
    _prefix, name, version, build = image["Tags"][0]["Value"].split("/")
    return name, (*map(int, version.split(".")), int(build))


@given(images, uses, requests)
def test_the_newest_stay(listed: list[dict[str, Any]], used: list[Use], request: Request) -> None:
    """The newest builds that can be launched, as many as are to be kept; where there are fewer, some that are disabled make up for it."""
    gone = {verdict.ami.id for verdict in judged(listed, request, Known(used)) if verdict.action != retirement.KEPT}
    available, whole, left = (
        {identity(image) for image in chosen}
        for chosen in (
            [image for image in listed if image["State"] == "available"],
            [image for image in listed if image["State"] in ("available", "disabled")],
            [image for image in listed if image["ImageId"] not in gone],
        )
    )
    for name in ("web", "database"):
        newest = sorted((build for build in available if build[0] == name), reverse=True)[: request.keep]
        assert gone.isdisjoint({image["ImageId"] for image in listed if identity(image) in newest})
        assert sum(build[0] == name for build in left) >= min(request.keep, sum(build[0] == name for build in whole))


@given(images, uses, requests)
def test_what_is_in_use_stays(listed: list[dict[str, Any]], used: list[Use], request: Request) -> None:
    gone = {verdict.ami.id: verdict for verdict in judged(listed, request, Known(used)) if verdict.action in ("disabled", "deregistered")}
    for use in used:
        if use.image_id in gone:
            assert (use.kind, use.name, request.parameter_names) == ("parameter", "/old/1", ["/old/*"])
            assert request.state == "disabled" or use.name in gone[use.image_id].parameters


@given(images, requests)
def test_what_is_unknown_is_in_use(listed: list[dict[str, Any]], request: Request) -> None:
    verdicts = judged(listed, request, Known(unknown=["DescribeInstances failed"]))
    assert {verdict.action for verdict in verdicts} <= {retirement.KEPT, "deprecated"}


@given(images, uses, requests)
def test_snapshots_go_that_no_image_needs(listed: list[dict[str, Any]], used: list[Use], request: Request) -> None:
    verdicts = judged(listed, request, Known(used))
    deregistered = {verdict.ami.id for verdict in verdicts if verdict.action == "deregistered"}
    needed = {one for image in listed if image["ImageId"] not in deregistered for one in retirement.snapshot_ids(image)}
    behind = {one for image in listed if image["ImageId"] in deregistered for one in retirement.snapshot_ids(image)}
    assert {snapshot for verdict in verdicts for snapshot in verdict.snapshots} == behind - needed


@given(images, uses, requests)
def test_a_second_run_does_nothing(listed: list[dict[str, Any]], used: list[Use], request: Request) -> None:
    """What is left after the first run, in the state that it then has, stays as it is."""
    actions = {verdict.ami.id: verdict.action for verdict in judged(listed, request, Known(used))}
    assert set(actions) == {image["ImageId"] for image in listed}
    left = []
    for image in listed:
        action = actions[image["ImageId"]]
        changes: dict[str, Any] = {"disabled": {"State": "disabled"}, "deprecated": {"DeprecationTime": NOW.isoformat()}}.get(action, {})
        left += [] if action == "deregistered" else [{**image, **changes}]
    assert {verdict.action for verdict in judged(left, request, Known(used))} <= {retirement.KEPT}


@given(images, uses, requests)
def test_whatever_stays_says_why(listed: list[dict[str, Any]], used: list[Use], request: Request) -> None:
    for verdict in judged(listed, request, Known(used)):
        assert bool(verdict.reasons) == (verdict.action == retirement.KEPT)


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [("web 1", "web *", True), ("Web 1", "web *", False), ("web [1]", "web [?]", True), ("web 1", "web [1]", False), ("web", "web?", False)],
)
def test_patterns_are_those_of_filters(name: str, pattern: str, fits: bool) -> None:
    assert retirement.matches(name, pattern) is fits


def test_many_users_are_told_by_a_few_names() -> None:
    listed = [image_of(number, ("web", 1, number, 1), "available", 9, []) for number in range(2)]
    used = [Use("ami-00000000000000000", "instance", f"i-{number}", ACCOUNT) for number in range(5)]
    request = Request(state="deregistered", keep=1, source_account_ids=[SOURCE])
    assert judged(listed, request, Known(used))[1].reasons == ["is used by instance i-0, i-1, i-2 and 2 more"]


def test_a_tag_that_is_no_build_is_nobodys() -> None:
    listed = [image_of(0, ("web", 1, 0, 1), "available", 9, [])]
    for value in ("", "x", f"arn:aws:imagebuilder:us-west-2:{SOURCE}:image/web/1.0.0", "web/1.0.0/1"):
        listed[0]["Tags"][0]["Value"] = value
        assert retirement.amis_of(listed, Request(state="disabled", keep=1, source_account_ids=[SOURCE])) == []


def test_builds_of_which_nothing_is_left() -> None:
    results = [
        {"image_build_version_arn": build, "action": action} for build, action in (("a", "deregistered"), ("a", "kept"), ("b", "deregistered"))
    ]
    assert retirement.builds_gone([*results, {"image_build_version_arn": "", "action": "deregistered"}]) == ["b"]
