# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine has to know about one kind of resource. Private to this collection.

Names of operations and members follow the API's own convention and are derived; what a description states is only what is particular to its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.names import folded

Path = tuple["str | int", ...]
"""Where in a request: member names as the API spells them, indices and map keys."""

Finding = tuple[Path, str]
"""A broken rule: where in the request, and what to do about it."""

Rules = Callable[[Mapping[str, Any], "Context"], Iterable[Finding]]


@dataclass(frozen=True)
class Context:
    """What rules may know beside the request.

    Before the first call the account is unknown (None) and the request holds only what the task gives; later the account is known and the
    request is all that will be written (`complete`). A rule over several options is judged only when `complete`.
    """

    region: str | None = None
    account_id: str | None = None
    complete: bool = False


@dataclass(frozen=True)
class Reference:
    """Where the users of a resource are found: what to list, and what to get of each entry when the listing does not tell enough."""

    kind: str
    list_operation: str
    get_operation: str | None = None


def itself(resource_arn: str, _account_id: str) -> str:
    """The ARN as it is: for things that are listed by the ARN of what they belong to."""
    return resource_arn


@dataclass(frozen=True)
class Related:
    """Things that come from a resource and do not keep it from being deleted: what lists them, and the member that is told whose they are.

    `address` makes the value of that member out of the resource's ARN and the own account.
    """

    list_operation: str
    parameter: str
    address: Callable[[str, str], str] = itself


def no_rules(_request: Mapping[str, Any], _context: Context) -> Iterable[Finding]:
    """Rules, or cautions, of a kind that has none."""
    return ()


def as_answered(description: Mapping[str, Any]) -> Mapping[str, Any]:
    """A description of a kind whose Get operation answers in the words of its Create operation."""
    return description


@dataclass(frozen=True)
class Resource:
    """One kind of resource.

    `api_name` is the noun in the operation names; `options` the module's own options. Lists are compared without regard to order, except
    those whose shape is in `ordered_lists`. `defaults` (shape name -> member -> value) is what the service assumes for members that are not
    set, so that setting them or not is no difference. `equal` compares members by meaning instead of by text. `notes` are members that
    describe a version without being content: they are sent when a version is made and never lead to one. `cautions` find what AWS takes and
    what then does something else than one would think; they become warnings, where `rules` refuse. `pointer` names a member whose
    value is the address of another member's content. `documents` are members whose text may be given as `file://` and the path of a file, as
    the AWS CLI takes it. `references` (member -> kind as in ARNs) are members that may name another resource though their shape does not say
    so. `qualifier` names the member whose value, in lower case, stands between kind and name in ARNs, as a workflow's type does.
    `create_operation` chooses the operation that makes what a request describes; `other_creators` are those it may choose beside the usual one,
    whose members are options too. `answered` makes of a description as Get answers it one in the words of the request, where these differ.
    `fixed` are members that stay as they were created. `related` are things that info modules can tell along, by the name that they have in
    results.
    """

    api_name: str
    options: Mapping[str, dict[str, Any]]
    versioned: bool = False
    builds: bool = False
    ordered_lists: frozenset[str] = frozenset()
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    equal: Mapping[str, Callable[[Any, Any], bool]] = field(default_factory=dict)
    notes: frozenset[str] = frozenset()
    pointer: tuple[str, str] | None = None
    documents: frozenset[str] = frozenset()
    references: Mapping[str, str] = field(default_factory=dict)
    qualifier: str | None = None
    rules: Rules = no_rules
    cautions: Rules = no_rules
    used_by: tuple[Reference, ...] = ()
    related: Mapping[str, Related] = field(default_factory=dict)
    has_policy: bool = False
    create_operation: Callable[[Mapping[str, Any]], str] | None = None
    other_creators: tuple[str, ...] = ()
    answered: Callable[[Mapping[str, Any]], Mapping[str, Any]] = as_answered
    fixed: frozenset[str] = frozenset()

    @property
    def member(self) -> str:
        """The member that carries the resource in an answer: `imageRecipe`."""
        return self.api_name[0].lower() + self.api_name[1:]

    @property
    def key(self) -> str:
        """The resource's name in results: `image_recipe`."""
        return schema.snake_name(self.member)

    @property
    def plural(self) -> str:
        """The name of several of them in results: `image_recipes`."""
        return _plural(self.key)

    @property
    def title(self) -> str:
        """The kind in a sentence: `image recipe`."""
        return self.key.replace("_", " ")

    @property
    def arn_type(self) -> str:
        """The kind in an ARN: `image-recipe`."""
        return self.key.replace("_", "-")

    @property
    def arn_parameter(self) -> str:
        """The member by which Get, Update and Delete are told the resource."""
        return str(schema.input_shape(f"Get{self.api_name}").required_members[0])

    @property
    def create_shape(self) -> schema.Shape:
        """Shape of the Create request, with the members of the other operations that make such a resource."""
        shape = schema.input_shape(f"Create{self.api_name}")
        return JoinedShape(shape, tuple(map(schema.input_shape, self.other_creators))) if self.other_creators else shape

    @property
    def update_shape(self) -> schema.Shape | None:
        """Shape of the Update request; None for what cannot be changed."""
        return None if self.versioned else schema.input_shape(f"Update{self.api_name}")

    @property
    def answer_shape(self) -> schema.Shape:
        """Shape of the resource in the Get answer."""
        return schema.output_shape(f"Get{self.api_name}").members[self.member]

    @property
    def list_operation(self) -> str:
        """The operation that lists the kind."""
        return f"List{_plural(self.api_name)}"

    @property
    def policy_parameter(self) -> str:
        """The member by which GetPolicy and PutPolicy are told the resource."""
        return str(schema.input_shape(f"Get{self.api_name}Policy").required_members[0])

    @property
    def includes(self) -> list[str]:
        """What info modules can tell along with a resource."""
        return [*(["users"] if self.used_by else []), *(["policy"] if self.has_policy else []), *self.related]

    def creates_with(self, request: Mapping[str, Any]) -> str:
        """The operation that makes what a request describes."""
        return self.create_operation(request) if self.create_operation else f"Create{self.api_name}"

    def content_members(self) -> list[str]:
        """Members that make up the resource: all of the Create request but identity, tags and the request's own settings."""
        own = {"name", "semanticVersion", "tags", "clientToken", "dryRun", *self.notes}
        return [name for name in self.create_shape.members if name not in own]


class JoinedShape:
    """A structure with the members of several, as botocore's StructureShape shows itself. What is required is what the first one requires."""

    type_name = "structure"

    def __init__(self, first: schema.Shape, others: tuple[schema.Shape, ...]) -> None:
        self.name = first.name
        self.metadata = first.metadata
        self.required_members = first.required_members
        self.members = {name: member for shape in (*others, first) for name, member in shape.members.items()}


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def arn(resource: Resource, identity: tuple[str, str, str], name: str, version: str = "", qualifier: str = "") -> str:
    """The ARN of a resource; `identity` is partition, Region and account, `version` may hold an x or a build number.

    `qualifier` is the value of the member that the resource names as such, if it does.
    """
    partition, region, account_id = identity
    path = "/".join(filter(None, (resource.arn_type, qualifier.lower(), folded(name))))
    base = f"arn:{partition}:imagebuilder:{region}:{account_id}:{path}"
    return f"{base}/{version}" if version else base
