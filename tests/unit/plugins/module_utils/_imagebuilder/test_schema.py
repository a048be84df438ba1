# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput, Problem, format_problems
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import to_request
from ansible_collections.golden.imagebuilder.tests.newer import needs_member
from hypothesis import given, settings
from hypothesis import strategies as st

DISTRIBUTION = schema.input_shape("CreateDistributionConfiguration")
INFRASTRUCTURE = schema.input_shape("CreateInfrastructureConfiguration")
RECIPE = schema.input_shape("CreateImageRecipe")


def problems_of(shape: Any, value: Any, path: str = "") -> dict[str, str]:
    return {problem.path: problem.message for problem in to_request(shape, value, path, partial=True)[1]}


def entry(**members: Any) -> dict[str, Any]:
    return {"distributions": [{"region": "us-west-2", **members}]}


@pytest.mark.parametrize(
    ("member", "option"),
    [
        ("s3Logs", "s3_logs"),
        ("s3ExportConfiguration", "s3_export_configuration"),
        ("kmsKeyId", "kms_key_id"),
        ("organizationalUnitArns", "organizational_unit_arns"),
        ("supportedOsVersions", "supported_os_versions"),
        ("ssmParameterConfigurations", "ssm_parameter_configurations"),
        ("httpPutResponseHopLimit", "http_put_response_hop_limit"),
        ("targetAccountIds", "target_account_ids"),
    ],
)
def test_options_are_named_as_users_of_ansible_expect(member: str, option: str) -> None:
    assert schema.snake_name(member) == option


def test_both_spellings_give_the_same_request() -> None:
    snake = entry(ami_distribution_configuration={"kms_key_id": "arn", "launch_permission": {"user_ids": ["123456789012"]}})
    camel = entry(amiDistributionConfiguration={"kmsKeyId": "arn", "launchPermission": {"userIds": ["123456789012"]}})
    assert to_request(DISTRIBUTION, snake, partial=True) == to_request(DISTRIBUTION, camel, partial=True) == (camel, [])


def test_a_member_in_both_spellings_is_a_mistake() -> None:
    assert "given twice" in problems_of(RECIPE, {"parent_image": "a", "parentImage": "b"})["parentImage"]


def test_keys_of_maps_are_data() -> None:
    tags = {"CostCenter": "1", "kms_key_id": "2", "cost-center": "3"}
    request, problems = to_request(DISTRIBUTION, {"tags": tags, **entry(ami_distribution_configuration={"ami_tags": tags})}, partial=True)
    assert not problems
    assert request["tags"] == request["distributions"][0]["amiDistributionConfiguration"]["amiTags"] == tags
    assert schema.snake_case(request, DISTRIBUTION)["tags"] == tags


def test_null_is_not_given_and_what_is_required_is_missed() -> None:
    assert to_request(INFRASTRUCTURE, {"description": None}, partial=True) == ({}, [])
    _request, problems = to_request(INFRASTRUCTURE, {"description": "x", "name": None})
    assert [problem.path for problem in problems] == ["name", "instance_profile_name"]


def test_required_members_are_spelled_as_their_neighbours() -> None:
    found = problems_of(DISTRIBUTION, entry(s3_export_configuration={"roleName": "vmimport", "s3Bucket": "b"}))
    assert list(found) == ["distributions[0].s3_export_configuration.diskImageFormat"]
    found = problems_of(DISTRIBUTION, entry(s3_export_configuration={"role_name": "vmimport", "s3_bucket": "b"}))
    assert list(found) == ["distributions[0].s3_export_configuration.disk_image_format"]


def test_empty_is_left_out_where_the_api_takes_nothing_empty() -> None:
    value = entry(ami_distribution_configuration={"ami_tags": {}, "target_account_ids": [], "launch_permission": {"user_groups": []}})
    request, problems = to_request(DISTRIBUTION, value, partial=True)
    assert (request["distributions"][0]["amiDistributionConfiguration"], problems) == ({"launchPermission": {"userGroups": []}}, [])


@pytest.mark.parametrize(
    ("given_number", "words"),
    [
        (123456789012, ["123456789012 is a number", "quotes: '123456789012'"]),
        (12345678901, ["12345678901 is a number", "leading zeros", "This one has 11", "look the id up"]),
        (1234567890123.0, ["is a number", "This one has 13", "look the id up"]),
    ],
)
def test_account_ids_that_yaml_read_as_numbers_are_never_guessed(given_number: float, words: list[str]) -> None:
    found = problems_of(DISTRIBUTION, entry(ami_distribution_configuration={"target_account_ids": ["111111111111", given_number]}))
    message = found["distributions[0].ami_distribution_configuration.target_account_ids[1]"]
    assert all(word in message for word in words)


@pytest.mark.parametrize("account_id", ["12345678901", "1234567890123", "12345678901a", "123456789012\n", ""])
def test_account_ids_have_twelve_digits(account_id: str) -> None:
    found = problems_of(DISTRIBUTION, entry(ami_distribution_configuration={"target_account_ids": [account_id]}))
    assert "exactly 12 digits" in found["distributions[0].ami_distribution_configuration.target_account_ids[0]"]


def test_unknown_options_say_what_was_meant_and_what_there_is() -> None:
    found = problems_of(DISTRIBUTION, entry(ami_distribution_configuration={"launchPermissions": {}, "name_": "x"}))
    message = found["distributions[0].ami_distribution_configuration.launchPermissions"]
    assert "Did you mean launch_permission?" in message
    assert "ami_tags, description, kms_key_id, launch_permission, name, target_account_ids" in message
    assert "botocore" in message
    assert "Did you mean name?" in found["distributions[0].ami_distribution_configuration.name_"]


@pytest.mark.parametrize(
    ("shape", "value", "path", "words"),
    [
        (INFRASTRUCTURE, {"logging": "x"}, "logging", "a dictionary is needed here, not the string 'x'"),
        (INFRASTRUCTURE, {"logging": {"s3_logs": []}}, "logging.s3_logs", "a dictionary is needed here, not a list of 0"),
        (INFRASTRUCTURE, {"instance_types": "m5.large"}, "instance_types", "a list is needed here, not the string 'm5.large'"),
        (INFRASTRUCTURE, {"instance_types": [None]}, "instance_types[0]", "is empty (null)"),
        (INFRASTRUCTURE, {"instance_types": [["x"]]}, "instance_types[0]", "a string is needed here, not a list of 1"),
        (INFRASTRUCTURE, {"resource_tags": ["x"]}, "resource_tags", "a dictionary is needed here"),
        (INFRASTRUCTURE, {"placement": {"tenancy": "Host"}}, "placement.tenancy", "Did you mean host? Allowed are: default, dedicated, host"),
        (
            INFRASTRUCTURE,
            {"instance_metadata_options": {"http_put_response_hop_limit": 65}},
            "instance_metadata_options.http_put_response_hop_limit",
            "65 is out of range: 1 to 64",
        ),
        (
            INFRASTRUCTURE,
            {"instance_metadata_options": {"http_put_response_hop_limit": "two"}},
            "instance_metadata_options.http_put_response_hop_limit",
            "a whole number is needed here, not the string 'two'",
        ),
        (
            INFRASTRUCTURE,
            {"instance_metadata_options": {"http_put_response_hop_limit": True}},
            "instance_metadata_options.http_put_response_hop_limit",
            "a whole number is needed here, not the boolean True",
        ),
        (INFRASTRUCTURE, {"instance_metadata_options": {"http_tokens": "optionally"}}, "instance_metadata_options.http_tokens", "required form"),
        (INFRASTRUCTURE, {"resource_tags": {f"key{n}": "x" for n in range(31)}}, "resource_tags", "has 31 keys, 1 to 30 are allowed"),
        (INFRASTRUCTURE, {"resource_tags": {"aws:x": "1"}}, "resource_tags.aws:x", "reserved for AWS"),
        (INFRASTRUCTURE, {"resource_tags": {"Team#1": "1"}}, "resource_tags.Team#1", "it contains '#', which may not be used"),
        (INFRASTRUCTURE, {"resource_tags": {"Team": "x" * 257}}, "resource_tags.Team", "has 257 characters, at most 256 are allowed"),
        (INFRASTRUCTURE, {"description": ""}, "description", "an empty string has 0 characters, 1 to 1024"),
        (INFRASTRUCTURE, {"name": "a/b"}, "name", "it contains '/', which may not be used here"),
        pytest.param(
            RECIPE, {"ami_watermarks": ["golden"] * 6}, "ami_watermarks", "has 6 entries, 1 to 5 are allowed",
            marks=needs_member("CreateImageRecipeRequest", "amiWatermarks"),
        ),
        (RECIPE, {"block_device_mappings": [{"ebs": {"encrypted": "maybe"}}]}, "block_device_mappings[0].ebs.encrypted", "true or false is needed"),
        (RECIPE, {"block_device_mappings": [{"ebs": {"encrypted": []}}]}, "block_device_mappings[0].ebs.encrypted", "true or false is needed"),
        (DISTRIBUTION, entry(launch_template_configurations=[{"launch_template_id": "lt-0a1bcde2fgh34567"}]),
         "distributions[0].launch_template_configurations[0].launch_template_id", "lt-[a-z0-9-_]{17}"),
        (DISTRIBUTION, entry(s3_export_configuration={"role_name": "r", "s3_bucket": "b", "disk_image_format": "raw"}),
         "distributions[0].s3_export_configuration.disk_image_format", "Did you mean RAW?"),
        (DISTRIBUTION, entry(ami_distribution_configuration={"target_account_ids": ["111111111111"] * 1537}),
         "distributions[0].ami_distribution_configuration.target_account_ids", "has 1537 entries, 1 to 1536 are allowed"),
    ],
)  # fmt: skip
def test_mistakes_say_what_was_given_and_what_is_allowed(shape: Any, value: Any, path: str, words: str) -> None:
    found = problems_of(shape, value)
    assert list(found) == [path]
    assert words in found[path]


def test_all_mistakes_are_found_at_once_and_carry_the_path_that_they_were_given() -> None:
    value = entry(ami_distribution_configuration={"name": "a/b", "target_account_ids": [1, "x"]}, regions="y")
    found = problems_of(DISTRIBUTION, value, "cli_input_json")
    assert [path.removeprefix("cli_input_json.distributions[0].") for path in found] == [
        "ami_distribution_configuration.name",
        "ami_distribution_configuration.target_account_ids[0]",
        "ami_distribution_configuration.target_account_ids[1]",
        "regions",
    ]


def test_scalars_are_taken_as_ansible_takes_them() -> None:
    value = {"block_device_mappings": [{"device_name": 1, "ebs": {"encrypted": "yes", "volume_size": "20", "iops": 3000.0}, "no_device": ""}]}
    request, problems = to_request(RECIPE, value, partial=True)
    assert not problems
    assert request == {"blockDeviceMappings": [{"deviceName": "1", "ebs": {"encrypted": True, "volumeSize": 20, "iops": 3000}, "noDevice": ""}]}


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a <<imagebuilder:buildDate>>", "a {{ imagebuilder:buildDate }}"),
        ("FROM <<<imagebuilder:parentImage>>>", "FROM {{{ imagebuilder:parentImage }}}"),
        ("<<imagebuilder:buildVersion>><<imagebuilder:buildDate>>", "{{ imagebuilder:buildVersion }}{{ imagebuilder:buildDate }}"),
        ("a {{imagebuilder:buildDate}}", "a {{imagebuilder:buildDate}}"),
    ],
)
def test_the_spelling_without_braces_becomes_the_tag(text: str, sent: str) -> None:
    value = entry(ami_distribution_configuration={"name": text, "ami_tags": {"built": text}})
    request, problems = to_request(DISTRIBUTION, value, partial=True)
    assert (request["distributions"][0]["amiDistributionConfiguration"], problems) == ({"name": sent, "amiTags": {"built": sent}}, [])


def test_an_open_end_of_a_pattern_stays_open() -> None:
    arn = "arn:aws:organizations::111111111111:ou/o-abcdefghij/ou-abcd-abcdefgh"
    permission = {"launch_permission": {"organizational_unit_arns": [f"{arn}", f"{arn}/x", f"x{arn}"]}}
    found = problems_of(DISTRIBUTION, entry(ami_distribution_configuration=permission))
    assert [path[-3:] for path in found] == ["[2]"]


def test_answers_come_back_in_snake_case_with_members_that_are_unknown() -> None:
    answer = {"arn": "a", "distributions": [{"region": "r", "newThing": 1}], "ResponseMetadata": {}, "tags": {"aB": "c"}}
    shape = schema.output_shape("GetDistributionConfiguration").members["distributionConfiguration"]
    assert schema.snake_case(answer, shape) == {"arn": "a", "distributions": [{"region": "r", "new_thing": 1}], "tags": {"aB": "c"}}


def test_problems_are_one_a_line() -> None:
    assert format_problems([Problem("a.b", "is x."), Problem("", "all is y.")]) == "a.b: is x.\nall is y."
    assert str(InvalidInput([Problem("a", "b")])) == "a: b"


def valid(shape: Any) -> st.SearchStrategy[Any]:
    """Values that a shape of the four resources takes, in the API's spelling."""
    low, high = shape.metadata.get("min") or 0, shape.metadata.get("max")
    strategies = {
        "structure": lambda: valid_structure(shape),
        "list": lambda: st.lists(valid(shape.member), min_size=low, max_size=2),
        "map": lambda: st.dictionaries(valid(shape.key), valid(shape.value), min_size=low, max_size=2),
        "boolean": st.booleans,
        "integer": lambda: st.integers(low, high or 9),
        "string": lambda: valid_string(shape, low, high),
    }
    return strategies[shape.type_name]()


def valid_structure(shape: Any) -> st.SearchStrategy[Any]:
    members = {name: valid(member) for name, member in shape.members.items()}
    required = {name: strategy for name, strategy in members.items() if name in shape.required_members}
    return st.fixed_dictionaries(required, optional={name: strategy for name, strategy in members.items() if name not in required})


def valid_string(shape: Any, low: int, high: int | None) -> st.SearchStrategy[str]:
    if "enum" in shape.metadata:
        return st.sampled_from(shape.metadata["enum"])
    if "pattern" in shape.metadata:
        text = st.from_regex(shape.metadata["pattern"], fullmatch=True)
        return text.filter(lambda value: low <= len(value) <= (high or 9999) and not value.endswith("\n") and "<<" not in value)
    return st.text(st.characters(codec="ascii", exclude_characters="<"), min_size=low, max_size=9 if high is None else min(high, 9))


@pytest.mark.parametrize("operation", ["CreateDistributionConfiguration", "CreateInfrastructureConfiguration"])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_valid_goes_out_and_comes_back_unchanged(operation: str, data: st.DataObject) -> None:
    shape = schema.input_shape(operation)
    request = data.draw(valid(shape))
    assert to_request(shape, request) == (request, [])
    snake = schema.snake_case(request, shape)
    assert to_request(shape, snake) == (request, [])
    assert schema.snake_case(to_request(shape, snake)[0], shape) == snake


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["region", "distributions", "name", "tags", "x"]), inner, max_size=3),
)


@settings(max_examples=100, deadline=None)
@given(value=junk)
def test_nothing_that_yaml_can_hold_breaks_the_check(value: Any) -> None:
    _request, problems = to_request(DISTRIBUTION, value)
    assert problems
    assert all(problem.message for problem in problems)
