# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a target account to its credentials and clients. Private to this collection.

A module gets one `Sessions`; everything that talks to AWS for a fleet asks it for clients. What is expensive is shared: the service models
(one loader for all), and one client for each service and Region, which signs each call for the account whose call it is. Making a client for
every account would take longer than all of its calls, and hold a connection and half a mebibyte for each.
"""

from __future__ import annotations

import contextlib
import functools
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

try:
    import botocore.config
    import botocore.credentials
    import botocore.exceptions
    import botocore.session
    from botocore.credentials import Credentials
except ImportError:  # AnsibleAWSModule says so
    Credentials = object  # type: ignore[assignment,misc]

from ansible_collections.amazon.aws.plugins.module_utils.botocore import get_aws_connection_info
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.answers import demand_whole_answers
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import Problem, service_model, to_request

if TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Client = Any
"""A botocore client."""

_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(?P<account_id>[0-9]{12}):role/[\w+=,.@/-]+", re.ASCII)
_SESSION_NAME = "golden.imagebuilder"  # how CloudTrail of the entered account names us
_CONNECTIONS = 64  # more than threads that share one client, so that none waits for a connection


@dataclass(frozen=True)
class Target:
    """An account and the way into it; without profile and role, the credentials of the task are the way."""

    account_id: str
    name: str
    regions: tuple[str, ...] = ()
    profile: str | None = None
    assume_role_arn: str | None = None
    external_id: str | None = None
    launch_templates: Mapping[str, str] | None = None  # Region -> id of a template of the account that is to get new images


# --- what the user wrote ---------------------------------------------------------------------------------------------------------------------


@functools.cache
def _shared_session() -> Any:
    """A session without credentials, whose loader of models (service descriptions, endpoints) serves all others too."""
    return botocore.session.Session()


@functools.cache
def known_regions() -> frozenset[str]:
    """All Regions of all partitions that the installed botocore knows.

    botocore tells them by service and reads its whole model for that. STS is in every Region, and its model is small.
    """
    session = _shared_session()
    return frozenset(region for partition in session.get_available_partitions() for region in session.get_available_regions("sts", partition))


def partition_of(region: str) -> str:
    """The partition (aws, aws-cn, aws-us-gov, ...) that a Region is in, from botocore's endpoints; no call is made.

    Regions are checked beforehand, so one that botocore does not know can only be an emulator's; it counts as `aws`.
    """
    try:
        return str(_shared_session().get_partition_for_region(region))
    except botocore.exceptions.UnknownRegionError:
        return "aws"


def account_id_problems(value: Any, path: str) -> list[Problem]:
    """What is wrong with an account id: it must be a string of 12 digits; a number is explained, never turned into a string."""
    if isinstance(value, str) and _ACCOUNT_ID.fullmatch(value):
        return []
    return list(to_request(service_model().shape_for("AccountId"), value, path)[1])


def account_ids_problems(values: Sequence[Any], path: str) -> list[Problem]:
    """What is wrong with a list of account ids."""
    return [problem for index, value in enumerate(values) for problem in account_id_problems(value, f"{path}[{index}]")]


def regions_problems(regions: Any, path: str) -> list[Problem]:
    """What is wrong with a list of Regions: each must exist and be named once."""
    if not isinstance(regions, (list, tuple)):
        return [Problem(path, f"a list of Regions is needed here, not {regions!r}.")]
    problems = []
    for index, region in enumerate(regions):
        here = f"{path}[{index}]"
        if region not in known_regions():
            problems.append(Problem(here, f"{region!r} is not an AWS Region (a Region that is new needs a newer botocore)."))
        elif region in regions[:index]:
            problems.append(Problem(here, f"{region} is named twice; name every Region once."))
    return problems


def parse_targets(raw: Sequence[Any], path: str = "targets") -> tuple[list[Target], list[Problem]]:
    """The targets that a user described, and everything that is wrong with the descriptions.

    The targets are usable only when there is no problem. Each problem names the entry and, where it has one, the name of the account, which
    for entries out of an inventory is the host.
    """
    targets, problems = [], []
    first_of: dict[str, str] = {}
    for index, entry in enumerate(raw):
        here = f"{path}[{index}]"
        target, found = parse_target(entry, here)
        problems += found
        if target is None:
            continue
        if target.account_id in first_of:
            problems.append(Problem(f"{here}.account_id", f"{target.name}: account {target.account_id} is already {first_of[target.account_id]}."))
        first_of.setdefault(target.account_id, f"{here} ({target.name})")
        targets.append(target)
    return targets, problems


def account_argument_spec() -> dict[str, Any]:
    """Option of the modules that work in one account; what is in it `parse_account` judges."""
    return {"account": {"type": "dict"}}


def parse_account(entry: Mapping[str, Any] | None) -> tuple[Target | None, list[Problem]]:
    """The account of a module's option `account`; None when it is not given, which means that of the task's credentials."""
    return (None, []) if entry is None else parse_target(entry, "account")


def parse_target(entry: Any, path: str) -> tuple[Target | None, list[Problem]]:
    """One target; None when anything is wrong with it."""
    if not isinstance(entry, Mapping):
        return None, [Problem(path, f"a dictionary with account_id is needed here, not {entry!r}.")]
    options = [field.name for field in fields(Target)]
    given = {str(key): value for key, value in entry.items() if value is not None}
    problems = [Problem(f"{path}.{key}", f"is not an option here. Valid are: {', '.join(options)}.") for key in given if key not in options]
    problems += _account_problems(given, path)
    problems += regions_problems(given.get("regions", []), f"{path}.regions")
    problems += _way_in_problems(given, path)
    problems += _launch_template_problems(given, f"{path}.launch_templates")
    if problems:
        name = given.get("name")
        return None, [Problem(problem.path, f"{name}: {problem.message}" if name else problem.message) for problem in problems]
    given["name"] = str(given.get("name") or given["account_id"])
    given["regions"] = tuple(given.get("regions", ()))
    return Target(**given), []


def _account_problems(given: Mapping[str, Any], path: str) -> list[Problem]:
    if "account_id" in given:
        return account_id_problems(given["account_id"], f"{path}.account_id")
    return [Problem(f"{path}.account_id", "is required here; a host of an inventory gives it as image_builder_account_id.")]


def _launch_template_problems(given: Mapping[str, Any], path: str) -> list[Problem]:
    """What is wrong with the launch templates of an account: ids by Region, each one a Region to which images are delivered."""
    templates = given.get("launch_templates", {})
    if not isinstance(templates, Mapping):
        return [Problem(path, f"a dictionary of Regions and ids of launch templates is needed here, not {templates!r}.")]
    known = given["regions"] if isinstance(given.get("regions"), (list, tuple)) and given["regions"] else known_regions()
    problems = [Problem(f"{path}.{region}", f"{region!r} is not a Region of the account.") for region in templates if region not in known]
    shape = service_model().shape_for("LaunchTemplateId")
    return problems + [problem for region, template in templates.items() for problem in to_request(shape, template, f"{path}.{region}")[1]]


def _way_in_problems(given: Mapping[str, Any], path: str) -> list[Problem]:
    """What is wrong with profile, role and external id."""
    problems = [
        Problem(f"{path}.{key}", f"a string is needed here, not {given[key]!r}.")
        for key in ("profile", "assume_role_arn", "external_id")
        if key in given and not (isinstance(given[key], str) and given[key])
    ]
    role = given.get("assume_role_arn")
    if "external_id" in given and role is None:
        problems.append(Problem(f"{path}.external_id", "has a meaning only together with assume_role_arn."))
    if not isinstance(role, str) or not role or _ROLE_NAME.fullmatch(role):
        return problems
    arn = _ROLE_ARN.fullmatch(role)
    if not arn:
        problems.append(Problem(f"{path}.assume_role_arn", f"{role!r} is neither the ARN nor the name of an IAM role."))
    elif arn["account_id"] != given.get("account_id"):
        problems.append(
            Problem(f"{path}.assume_role_arn", f"{role} is a role of account {arn['account_id']}, but account_id is {given.get('account_id')}.")
        )
    return problems


# --- what was written ------------------------------------------------------------------------------------------------------------------------

_READING = ("Assume", "Describe", "Get", "List", "Simulate")  # how the names of operations begin that change nothing
_writes: ContextVar[list[str] | None] = ContextVar("writes", default=None)


@contextlib.contextmanager
def noted_writes() -> Iterator[list[str]]:
    """The names of the operations by which this thread changes something at AWS while the block runs, each once AWS has answered that it is done."""
    noted: list[str] = []
    token = _writes.set(noted)
    try:
        yield noted
    finally:
        _writes.reset(token)


def _note(http_response: Any, model: Any, **_event: Any) -> None:
    """botocore's event after each call."""
    noted = _writes.get()
    if noted is not None and http_response.status_code < 300 and not model.name.startswith(_READING):
        noted.append(model.name)


# --- credentials and clients -----------------------------------------------------------------------------------------------------------------

_acting: ContextVar[Any] = ContextVar("acting", default=None)
"""The credentials of the call that this thread is making."""


class _ActingCredentials(Credentials):
    """The credentials of a client that many accounts share: at each moment those of the account whose call is made."""

    def __init__(self) -> None:
        super().__init__("", "")

    def get_frozen_credentials(self) -> Any:
        """What botocore signs a call with."""
        credentials = _acting.get()
        if credentials is None:
            raise botocore.exceptions.NoCredentialsError
        return credentials.get_frozen_credentials()


class _CredentialsOfCall:
    """Stands in a botocore session for the search for credentials."""

    def load_credentials(self) -> Any:
        """botocore's question for credentials, when it makes a client."""
        return _ActingCredentials()


class _SharedClient:
    """What clients have beyond botocore's own: a copy for each account, which costs nothing as all but the credentials is shared.

    botocore makes every call of a client, also for a paginator or a waiter, by its method `_make_api_call`. A call that botocore makes on its
    own during another one, as to find the Region of a bucket, is made with the client of nobody and is that other one's account's.
    """

    credentials: Any = None

    def acting_with(self, credentials: Any) -> Client:
        """This client for an account."""
        other = object.__new__(type(self))
        vars(other).update(vars(self), credentials=credentials)
        return other

    def _make_api_call(self, operation_name: str, api_params: Any) -> Any:
        token = _acting.set(self.credentials or _acting.get())
        try:
            return super()._make_api_call(operation_name, api_params)  # type: ignore[misc]
        finally:
            _acting.reset(token)


def _share(**event: Any) -> None:
    """botocore's event before it makes the class of a client."""
    event["base_classes"].insert(0, _SharedClient)


class Sessions:
    """Credentials and clients for targets, made when first asked for and shared by all threads.

    All connection options of the module hold for every account: endpoint_url, validate_certs, aws_ca_bundle, aws_config, and region as the
    one used where a target has none. Credentials of an assumed role refresh themselves for as long as the process lives.
    """

    def __init__(self, module: AnsibleAWSModule) -> None:
        region, endpoint_url, connection = get_aws_connection_info(module)
        self._region: str | None = region
        self._base_profile: str | None = connection.pop("profile_name", None)
        self._verify = connection.pop("verify", None)
        self._config = _configuration(connection.pop("aws_config", None))
        self._keys = (connection.get("aws_access_key_id"), connection.get("aws_secret_access_key"), connection.get("aws_session_token"))
        self._endpoint_url = endpoint_url
        # Making clients is work of the processor alone, so one lock for all costs no time and keeps every model loaded once.
        self._lock = threading.RLock()
        self._sessions: dict[str | None, Any] = {}  # profile -> session
        self._credentials: dict[tuple[str | None, ...], Any] = {}  # way in -> credentials
        self._clients: dict[tuple[str | None, str, str], Client] = {}  # profile, service, Region -> client of nobody
        self._callers: dict[str | None, str] = {}  # profile -> account
        self._asking: dict[str | None, threading.Lock] = {}

    def client(self, target: Target | None, service: str, region: str | None = None) -> Client:
        """The client of a service in an account and Region; without a target, with the credentials of the task."""
        region = region or self.region(target)
        profile = target.profile if target else None
        key = (profile, service, region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._create_client(self._session(profile), service, region)
            return self._clients[key].acting_with(self._credentials_of(target))

    def account_id(self, target: Target | None) -> str:
        """The account whose credentials these are; for a target it is verified to be the target's.

        A role's ARN already says its account, so only credentials as they are and profiles are asked, once each.
        Raises FleetError when the credentials belong to another account.
        """
        if target is not None and target.assume_role_arn:
            return target.account_id
        profile = target.profile if target else None
        with self._lock:
            asking = self._asking.setdefault(profile, threading.Lock())
        with asking:
            if profile not in self._callers:
                self._callers[profile] = str(self.client(target, "sts").get_caller_identity()["Account"])
        found = self._callers[profile]
        if target is not None and found != target.account_id:
            source = f"profile {profile}" if profile else "the task"
            raise FleetError(
                "WrongAccount",
                f"The credentials of {source} are those of account {found}, not of {target.account_id}. Give the way into {target.account_id}: "
                f"a profile, or a role to assume as assume_role_arn (in an inventory image_builder_profile, image_builder_assume_role_arn).",
            )
        return found

    def current_target(self, region: str) -> Target:
        """The account of the task's credentials as a target, for a module that is not told which account it works in."""
        account_id = str(self.client(None, "sts", self._region or region).get_caller_identity()["Account"])
        with self._lock:
            self._callers.setdefault(None, account_id)
        return Target(account_id, account_id, (region,))

    def region(self, target: Target | None) -> str:
        """The Region for what is not bound to one (IAM, STS): the target's first, else the task's. Raises FleetError when there is none."""
        region = target.regions[0] if target and target.regions else self._region
        if not region:
            raise FleetError("NoRegion", "No Region is given. Set region for the task, AWS_REGION, or regions of the account.")
        return region

    def partition(self, target: Target | None) -> str:
        """The partition of the account, from its Region."""
        return partition_of(self.region(target))

    def _session(self, profile: str | None) -> Any:
        """A botocore session with the configuration of a profile, or with that of the task, sharing the models with all others."""
        if profile not in self._sessions:
            session = botocore.session.Session(profile=profile or self._base_profile)
            session.set_config_variable("sts_regional_endpoints", "regional")
            session.register_component("data_loader", _shared_session().get_component("data_loader"))
            session.register("creating-client-class", _share)
            self._credentials[profile, None, None] = self._own_credentials(session, profile)
            session.register_component("credential_provider", _CredentialsOfCall())
            self._sessions[profile] = session
        return self._sessions[profile]

    def _own_credentials(self, session: Any, profile: str | None) -> Any:
        """The credentials of a profile, or of the task: the given ones, or those that botocore finds; None when there are none."""
        if profile is None and self._keys[0] and self._keys[1]:
            return Credentials(*self._keys)
        return session.get_component("credential_provider").load_credentials()

    def _credentials_of(self, target: Target | None) -> Any:
        """The credentials for a target, which all targets with the same way in share."""
        key = _way_in(target)
        if target is not None and key not in self._credentials:
            self._credentials[key] = self._assumed_credentials(target)
        return self._credentials[key]

    def _assumed_credentials(self, target: Target) -> Any:
        """Credentials of the target's role; it is assumed when they are first used, and again shortly before they expire."""
        entrance = Target(target.account_id, target.name, profile=target.profile)
        source = self._credentials_of(entrance)
        if source is None:
            raise botocore.exceptions.NoCredentialsError
        extra = {"RoleSessionName": _SESSION_NAME}
        if target.external_id:
            extra["ExternalId"] = target.external_id
        # STS answers for every account in every Region, and a token of a regional endpoint is valid in all; the Region of the task keeps it to
        # one client for the whole fleet.
        region = self._region or self.region(target)
        fetcher = botocore.credentials.AssumeRoleCredentialFetcher(
            client_creator=lambda *_arguments, **_keys: self.client(entrance, "sts", region),
            source_credentials=source,
            role_arn=role_arn(target, partition_of(region)),
            extra_args=extra,
        )
        return botocore.credentials.DeferredRefreshableCredentials(method="assume-role", refresh_using=fetcher.fetch_credentials)

    def _create_client(self, session: Any, service: str, region: str) -> Client:
        client = session.create_client(service, region_name=region, endpoint_url=self._endpoint_url, verify=self._verify, config=self._config)
        client.meta.events.register("after-call", _note)
        demand_whole_answers(client)
        return client


def role_arn(target: Target, partition: str) -> str:
    """The ARN of the role to assume; a bare name such as `OrganizationAccountAccessRole` is a role of the target's account."""
    role = str(target.assume_role_arn)
    return role if role.startswith("arn:") else f"arn:{partition}:iam::{target.account_id}:role/{role}"


def _way_in(target: Target | None) -> tuple[str | None, ...]:
    """What the credentials of a target depend on: targets with the same way in share them."""
    if target is None:
        return (None, None, None)
    if target.assume_role_arn and not target.assume_role_arn.startswith("arn:"):
        return (target.profile, f"{target.account_id}/{target.assume_role_arn}", target.external_id)
    return (target.profile, target.assume_role_arn, target.external_id)


def _configuration(user: Any) -> Any:
    """botocore's configuration for all clients; what the user set with aws_config wins.

    Throttling is normal when hundreds of accounts change at once, so calls are repeated more often than botocore's default.
    """
    ours = botocore.config.Config(
        user_agent_extra="golden.imagebuilder", retries={"mode": "standard", "total_max_attempts": 10}, max_pool_connections=_CONNECTIONS
    )
    return ours.merge(user) if user else ours
