# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the service, with the codes of its model and the sentences AWS uses."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class ImageBuilderError(ServiceException):
    """An error of the service. moto looks the code up in the model of the service that the class's module names, so it must not be moto's own."""


def invalid_value(parameter: str, why: str) -> ImageBuilderError:
    """Return the error for a value that breaks a rule; `parameter` is its path as in 'distributions[0].region'."""
    return ImageBuilderError("InvalidParameterValueException", f"The value supplied for parameter '{parameter}' is not valid. {why}")


def invalid_version(why: str) -> ImageBuilderError:
    """Return the error for a version that fits the pattern and is none all the same."""
    return ImageBuilderError("InvalidVersionNumberException", f"The value supplied for parameter 'semanticVersion' is not valid. {why}")


def invalid_combination(why: str) -> ImageBuilderError:
    """Return the error for values that do not go together."""
    return ImageBuilderError("InvalidParameterCombinationException", why)


def invalid_request(why: str) -> ImageBuilderError:
    """Return the error for a request that makes no sense now."""
    return ImageBuilderError("InvalidRequestException", why)


def already_exists(kind: str, arn: str) -> ImageBuilderError:
    """Return the error for a name, or a name and version, that is taken."""
    return ImageBuilderError("ResourceAlreadyExistsException", f"The following resource '{kind}' already exists: '{arn}'.")


def not_found(arn: str) -> ImageBuilderError:
    """Return the error for a resource that is not there."""
    return ImageBuilderError("ResourceNotFoundException", f"The resource with ARN '{arn}' does not exist.")


def access_denied(why: str) -> ImageBuilderError:
    """Return the error for a caller whose policies do not allow the operation."""
    return ImageBuilderError("AccessDeniedException", why)


def has_dependents(arn: str) -> ImageBuilderError:
    """Return the error for deleting what others use."""
    return ImageBuilderError(
        "ResourceDependencyException", f"Resource dependency error: The resource ARN '{arn}' has other resources depended on it."
    )


def would_have_succeeded() -> ImageBuilderError:
    """Return the "error" that is the success of a dry run."""
    return ImageBuilderError("DryRunOperationException", "Request would have succeeded")
