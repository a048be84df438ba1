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
import copy
import functools
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
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
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import partition_of, shared_session
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

if TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Client = Any
"""A botocore client."""

_SESSION_NAME = "golden.imagebuilder"  # how CloudTrail of the entered account names us
_CONNECTIONS = 64  # more than threads that share one client, so that none waits for a connection


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
    """What clients have beyond botocore's own: a copy for each account, which costs nothing as all but the credentials is shared."""

    credentials: Any = None

    def acting_with(self, credentials: Any) -> Client:
        """This client for an account."""
        other = object.__new__(type(self))
        vars(other).update(vars(self), credentials=credentials)
        return other


def _acting_as_client(operation: Callable[..., Any]) -> Callable[..., Any]:
    """A method of a client that signs with the credentials of the very object that it is called on.

    A call that botocore makes on its own during another one, as to find the Region of a bucket, is made with the client of nobody and is that
    other one's account's.
    """

    @functools.wraps(operation)
    def call(client: _SharedClient, *arguments: Any, **parameters: Any) -> Any:
        token = _acting.set(client.credentials or _acting.get())
        try:
            return operation(client, *arguments, **parameters)
        finally:
            _acting.reset(token)

    return call


def _share(**event: Any) -> None:
    """botocore's event before it makes the class of a client. Among its members are the operations, which paginators and waiters call too."""
    event["base_classes"].insert(0, _SharedClient)
    members = event["class_attributes"]
    operations = {name: member for name, member in members.items() if not name.startswith("_") and callable(member)}
    members.update({name: _acting_as_client(operation) for name, operation in operations.items()})


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

    def can_renew(self, target: Target | None) -> bool:
        """Whether newer credentials may be found where those for a target come from, while the task runs: not so in its options and environment."""
        profile = target.profile if target else None
        with self._lock:
            self._session(profile)
            return getattr(self._credentials[profile, None, None], "method", None) not in ("explicit", "env")

    def current_target(self, region: str) -> Target:
        """The account of the task's credentials as a target, for a module that is not told which account it works in."""
        account_id = str(self.client(None, "sts", self._region or region).get_caller_identity()["Account"])
        with self._lock:
            self._callers.setdefault(None, account_id)
        return Target(account_id, account_id, (region,))

    def within(self, account: Target | None) -> Sessions:
        """Sessions whose own credentials are those of an account: from there the roles of other accounts are assumed, as by those who work there."""
        if account is None:
            return self
        inner = copy.copy(self)
        with self._lock:
            self._session(None)
            self._session(account.profile)
            of_profiles = {way: credentials for way, credentials in self._credentials.items() if way[0] is not None}
            inner._credentials = {**of_profiles, _way_in(None): self._credentials_of(account)}
        inner._callers, inner._asking = {}, {}
        return inner

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
            session.register_component("data_loader", shared_session().get_component("data_loader"))
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
        # Where pages are described is searched for in hundreds of folders: here by one thread, else by all that are the first to ask for a page.
        client.can_paginate(next(iter(client.meta.method_to_api_mapping)))
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
