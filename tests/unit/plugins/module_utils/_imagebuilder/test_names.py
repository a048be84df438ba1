# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import names, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.names import Kind, Name
from ansible_collections.golden.imagebuilder.tests.newer import needs_open_version
from hypothesis import given, settings
from hypothesis import strategies as st

IDENTITY = ("aws", "us-west-2", "111111111111")
HERE = "arn:aws:imagebuilder:us-west-2:111111111111"


def kind(shape: str) -> Kind:
    found = names.kind_of(schema.service_model().shape_for(shape).metadata["pattern"])
    assert found is not None
    return found


KINDS = {
    shape: kind(shape)
    for shape in (
        "ComponentVersionArnOrBuildVersionArn",
        "ContainerRecipeArn",
        "DistributionConfigurationArn",
        "ImagePipelineArn",
        "ImageRecipeArn",
        "ImageVersionArnOrBuildVersionArn",
        "InfrastructureConfigurationArn",
        "LifecyclePolicyArn",
        "WorkflowVersionArnOrBuildVersionArn",
    )
}
COMPONENT, IMAGE_RECIPE, INFRASTRUCTURE, WORKFLOW, IMAGE = (
    KINDS[shape]
    for shape in (
        "ComponentVersionArnOrBuildVersionArn",
        "ImageRecipeArn",
        "InfrastructureConfigurationArn",
        "WorkflowVersionArnOrBuildVersionArn",
        "ImageVersionArnOrBuildVersionArn",
    )
)


def test_the_patterns_of_the_model_tell_the_kinds() -> None:
    service = schema.service_model()
    patterns = [service.shape_for(name).metadata.get("pattern", "") for name in service.shape_names]
    found = {found.name for found in map(names.kind_of, patterns) if found}
    # Each that has a Get operation which is told an ARN, and no other.
    assert found == {
        "component",
        "container-recipe",
        "distribution-configuration",
        "image",
        "image-pipeline",
        "image-recipe",
        "infrastructure-configuration",
        "lifecycle-policy",
        "workflow",
    }
    # What takes everything wants no kind.
    assert names.kind_of(service.shape_for("ImageBuilderArn").metadata["pattern"]) is None
    assert {shape for shape, kind in KINDS.items() if not kind.versioned} == {
        "DistributionConfigurationArn",
        "ImagePipelineArn",
        "InfrastructureConfigurationArn",
        "LifecyclePolicyArn",
    }
    assert (WORKFLOW.qualifiers, COMPONENT.qualifiers) == (("build", "test", "distribution"), ())


@pytest.mark.parametrize(
    ("kind", "text", "path"),
    [
        (INFRASTRUCTURE, "web", "infrastructure-configuration/web"),
        (INFRASTRUCTURE, "My Web_App", "infrastructure-configuration/my-web-app"),
        (IMAGE_RECIPE, "web", "image-recipe/web/x.x.x"),
        (IMAGE_RECIPE, "web/1.0.x", "image-recipe/web/1.0.x"),
        (COMPONENT, "harden/1.0.0/2", "component/harden/1.0.0/2"),
        (WORKFLOW, "build/gate", "workflow/build/gate/x.x.x"),
        (WORKFLOW, "test/build/1.0.0", "workflow/test/build/1.0.0"),
    ],
)
def test_short_forms_become_arns_of_the_own_account(kind: Kind, text: str, path: str) -> None:
    assert names.problem(kind, text) == ""
    assert names.arn(kind, names.parse(kind, text), IDENTITY) == f"{HERE}:{path}"


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        ("aws:update-linux", "arn:aws:imagebuilder:us-west-2:aws:component/update-linux/x.x.x"),
        ("222222222222:harden/1.0.x", "arn:aws:imagebuilder:us-west-2:222222222222:component/harden/1.0.x"),
        ("third-party:scan/1.0.0", "arn:aws:imagebuilder:us-west-2:third-party:component/scan/1.0.0"),
        ("aws-marketplace:scan/1.0.0", "arn:aws:imagebuilder:us-west-2:aws-marketplace:component/scan/1.0.0"),
        # An ARN keeps its place.
        ("arn:aws-cn:imagebuilder:cn-north-1:aws:component/a/1.0.0", "arn:aws-cn:imagebuilder:cn-north-1:aws:component/a/1.0.0"),
    ],
)
def test_the_owner_may_be_another(text: str, arn: str) -> None:
    assert names.arn(COMPONENT, names.parse(COMPONENT, text), IDENTITY) == arn


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (IMAGE_RECIPE, "web/1.0", ["names no image recipe", "'1.0' is not a version", "Write NAME or NAME/1.0.x or NAME/1.0.0;", "OWNER:"]),
        (IMAGE_RECIPE, "web/1.x.0", ["everything right of the first x"]),
        (IMAGE_RECIPE, "web/1.0.0/2", ["names no image recipe", "NAME/1.0.x"]),
        (IMAGE_RECIPE, "third-party:web/1.0.0", ["names no image recipe"]),
        (IMAGE_RECIPE, "web.1", ["'web.1' is not a name"]),
        (IMAGE_RECIPE, "web//1.0.0", ["is not a name"]),
        (IMAGE_RECIPE, "web/1.0.0/two", ["is not a name"]),
        (IMAGE_RECIPE, "12345:web", ["'12345:web' is neither an ARN of Image Builder nor a name"]),
        (INFRASTRUCTURE, "web/1.0.0", ["names no infrastructure configuration. Write NAME; in front"]),
        (COMPONENT, "harden/1.0.x/2", ["NAME/1.0.0/1"]),
        (WORKFLOW, "gate/1.0.0", ["names no workflow. Write build/NAME or build/NAME/1.0.x", "build is one of build, test, distribution"]),
        (IMAGE_RECIPE, f"{HERE}:component/web/1.0.0", ["is the ARN of a component, and an image recipe is needed (it must match ^arn"]),
        (IMAGE_RECIPE, f"{HERE}:image-recipe/web", ["is not the ARN of an image recipe as it is needed here"]),
        (IMAGE_RECIPE, "arn:aws:s3:::bucket", ["neither an ARN of Image Builder"]),
    ],
)
def test_what_names_nothing_tells_how_it_is_written(kind: Kind, text: str, words: list[str]) -> None:
    message = names.problem(kind, text)
    assert [word for word in words if word not in message] == []
    assert repr(text)[1:-1] in message


def test_a_place_that_wants_a_build_takes_a_name_that_can_be_looked_up() -> None:
    build = kind("ImageBuildVersionArn")
    assert [names.problem(build, text) for text in ("web", "web/1.0.x", "web/1.0.0", "web/1.0.0/1")] == [""] * 4
    assert not build.takes(f"{HERE}:image/web/x.x.x")


# A place that wants an exact version, as an older botocore has it for recipes, takes what was looked up and not what was written.
NAMED = [
    pytest.param(kind, id=shape, marks=[needs_open_version(shape, kind.name)] if shape in ("ContainerRecipeArn", "ImageRecipeArn") else [])
    for shape, kind in KINDS.items()
]
numbers = st.integers(0, 9999).map(str)
fixed_versions = st.tuples(numbers, numbers, numbers).map(".".join)
open_versions = st.sampled_from(["x.x.x", "1.x.x", "10.0.x"])


@st.composite
def short_names(draw: st.DrawFn, kind: Kind) -> Name:
    """What a short form can say of a kind."""
    version = draw(st.just("") | fixed_versions | open_versions) if kind.versioned else ""
    name = Name(
        name=draw(st.from_regex(r"[-_A-Za-z0-9][-_A-Za-z0-9 ]{0,20}", fullmatch=True)),
        version=version,
        build=draw(st.just("") | numbers) if version and "x" not in version else "",
        qualifier=draw(st.sampled_from(kind.qualifiers)) if kind.qualifiers else "",
        owner=draw(st.sampled_from(["", "222222222222", "aws"])),
    )
    return name if names.arn(kind, name, IDENTITY) and kind.takes(names.arn(kind, name, IDENTITY)) else replace(name, build="")


def written(name: Name) -> str:
    """A name as a short form."""
    path = "/".join(filter(None, (name.qualifier, name.name, name.version, name.build)))
    return f"{name.owner}:{path}" if name.owner else path


@pytest.mark.parametrize("kind", NAMED)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_what_is_written_is_what_is_read_and_the_place_takes_its_arn(kind: Kind, data: st.DataObject) -> None:
    name = data.draw(short_names(kind))
    text = written(name)
    assert names.parse(kind, text) == name
    assert names.problem(kind, text) == ""
    arn = names.arn(kind, name, IDENTITY)
    assert kind.takes(arn)
    # The ARN says the same as the short form, with the name folded and everything told.
    again = names.parse(kind, arn)
    assert names.arn(kind, again, ("aws-cn", "cn-north-1", "333333333333")) == arn
    assert (again.name, again.owner, again.place) == (names.folded(name.name), name.owner or IDENTITY[2], IDENTITY[:2])


@pytest.mark.parametrize("kind", NAMED)
@settings(max_examples=50, deadline=None)
@given(text=st.text(st.sampled_from("ab1.x/:_ "), max_size=20))
def test_a_text_is_either_refused_or_becomes_an_arn_that_the_place_takes(kind: Kind, text: str) -> None:
    if not names.problem(kind, text):
        assert kind.takes(names.arn(kind, names.parse(kind, text), IDENTITY))
