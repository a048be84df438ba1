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


def no_rules(_request: Mapping[str, Any], _context: Context) -> Iterable[Finding]:
    """Rules, or cautions, of a kind that has none."""
    return ()


@dataclass(frozen=True)
class Resource:
    """One kind of resource.

    `api_name` is the noun in the operation names; `options` the module's own options. Lists are compared without regard to order, except
    those whose shape is in `ordered_lists`. `defaults` (shape name -> member -> value) is what the service assumes for members that are not
    set, so that setting them or not is no difference. `equal` compares members by meaning instead of by text. `notes` are members that
    describe a version without being content: they are sent when a version is made and never lead to one. `cautions` find what AWS takes and
    what then does something else than one would think; they become warnings, where `rules` refuse. `pointer` names a member whose
    value is the address of another member's content.
    """

    api_name: str
    options: Mapping[str, Mapping[str, Any]]
    versioned: bool = False
    builds: bool = False
    ordered_lists: frozenset[str] = frozenset()
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    equal: Mapping[str, Callable[[Any, Any], bool]] = field(default_factory=dict)
    notes: frozenset[str] = frozenset()
    pointer: tuple[str, str] | None = None
    rules: Rules = no_rules
    cautions: Rules = no_rules
    used_by: tuple[Reference, ...] = ()
    list_requests: tuple[Mapping[str, Any], ...] = ({},)

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
        return f"{self.key}s"

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
        """Shape of the Create request."""
        return schema.input_shape(f"Create{self.api_name}")

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
        return f"List{self.api_name}s"

    def content_members(self) -> list[str]:
        """Members that make up the resource: all of the Create request but identity, tags and the request's own settings."""
        own = {"name", "semanticVersion", "tags", "clientToken", "dryRun", *self.notes}
        return [name for name in self.create_shape.members if name not in own]


def folded(name: str) -> str:
    """A name as it stands in ARNs: names that differ only in case, spaces or underscores are the same to Image Builder."""
    return name.lower().replace(" ", "-").replace("_", "-")


def arn(resource: Resource, identity: tuple[str, str, str], name: str, version: str = "") -> str:
    """The ARN of a resource; `identity` is partition, Region and account, `version` may hold an x or a build number."""
    partition, region, account_id = identity
    base = f"arn:{partition}:imagebuilder:{region}:{account_id}:{resource.arn_type}/{folded(name)}"
    return f"{base}/{version}" if version else base
