# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operation is, and what all that change something have in common: a client token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .exceptions import ImageBuilderError

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

Request = Mapping[str, Any]
Answer = dict[str, Any]
Operation = Callable[["ImageBuilderBackend", Request], Answer]


def once(operation: str, act: Operation) -> Operation:
    """Make an operation honour its client token: the same token and body answer the same again, another body is refused."""

    def answer(backend: ImageBuilderBackend, request: Request) -> Answer:
        place = (operation, request["clientToken"])
        given, answered = backend.answers.get(place, (request, None))
        if given != request:
            raise ImageBuilderError(
                "IdempotentParameterMismatchException", "The client token was already used by an earlier request with different parameters."
            )
        if answered is None:
            answered = {**act(backend, request), "clientToken": request["clientToken"]}
            backend.answers[place] = (request, answered)
        return answered

    return answer
