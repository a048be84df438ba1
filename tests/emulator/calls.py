# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way into the emulator: one call at a time, each recorded with whether it wrote.

A test of check mode asks for no writes, a test of idempotence for none in the second run.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from functools import cache
from socket import SHUT_RDWR
from threading import Lock, RLock
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import botocore.session
from botocore.exceptions import ConnectionClosedError, UnknownServiceError
from moto.core.botocore_stubber import BotocoreStubber

from . import accounts, faults, propagation, settings
from .corrections import replaces
from .disturbances import CUT, Moment, Trouble, disturber
from .imagebuilder.progress import advance_everywhere

_READ = re.compile(r"(Get|List|Describe|Lookup|Simulate|AssumeRole|Decode|Head|BatchGet|Search).*")
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_FIRST_ATTEMPT = re.compile(r"(attempt=1\b.*)?")
StartResponse = Callable[..., Any]
Answer = tuple[str, list[tuple[str, str]], bytes]
"""Status line, headers and body."""
_answering = RLock()


class ConnectionCutError(ConnectionError):
    """The connection ends here, as a test wants it."""


@contextmanager
def turn(call: Call | None) -> Iterator[None]:
    """Wait until no other request is being answered, and bring everything to where it should be by now, whoever asks.

    AWS's calls do not see each other half done. moto's do, where they run in several threads: they go through dictionaries that others add to,
    and what is not there twice is looked up first and added later. Nothing waits for anything in here, so threads would not be faster.
    """
    with _answering:
        advance_everywhere()
        with propagation.watched(call.account, call.service) if call else nullcontext():
            yield


@dataclass(frozen=True)
class Call:
    """One API call. `error` is the error code of the answer, None when it succeeded."""

    account: str
    region: str
    service: str
    operation: str
    write: bool
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the call for JSON, without `error` when there was none."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class Recorder:
    """The calls since the last reset, in the order of their answers."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = Lock()

    def add(self, call: Call) -> None:
        """Record a call."""
        with self._lock:
            self._calls.append(call)

    def calls(self) -> list[Call]:
        """Return the calls recorded."""
        with self._lock:
            return list(self._calls)

    def reset(self) -> None:
        """Forget the calls."""
        with self._lock:
            self._calls.clear()


recorder = Recorder()


def describe(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Call | None:
    """Say what a signed request asks for; None when it is no signed API request.

    :param headers: names in lower case.
    """
    credential = _CREDENTIAL.search(headers.get("authorization", ""))
    if not credential:
        return None
    key_id, region, service = credential.groups()
    form = _form(query, headers, body)
    operation = headers.get("x-amz-target", "").rpartition(".")[2] or form.get("Action") or _rest_operation(service, method, path)
    # S3 has the bucket in the host's name, so the path alone may name another operation than the one that is asked for.
    is_read = bool(_READ.fullmatch(operation)) or (service == "s3" and method in ("GET", "HEAD"))
    write = not is_read and not _is_dry_run(form, body)
    return Call(accounts.account_of(key_id), region, service, operation, write)


def trouble_of(call: Call, query: str, headers: Mapping[str, str], body: bytes) -> Trouble | None:
    """Say what befalls a request that is described already; None when it is to be answered as always."""
    credential = _CREDENTIAL.search(headers.get("authorization", ""))
    key_id = credential[1] if credential else ""
    caller = accounts.caller_of(key_id).arn if credential else ""
    return disturber.trouble(call, caller, _form(query, headers, body), body, key_id)


def _form(query: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    text = body.decode(errors="replace") if "x-www-form-urlencoded" in headers.get("content-type", "") else ""
    return {name: values[0] for name, values in {**parse_qs(query), **parse_qs(text)}.items()}


def _is_dry_run(form: Mapping[str, str], body: bytes) -> bool:
    """Whether the request only asks if it would succeed: EC2's DryRun, Image Builder's dryRun."""
    if form.get("DryRun", "").lower() == "true":
        return True
    try:
        content = json.loads(body) if body[:1] == b"{" else {}
    except ValueError:
        return False
    return content.get("dryRun") is True


def _rest_operation(service: str, method: str, path: str) -> str:
    """Find the operation of a REST service by method and path; `METHOD /path` when botocore has none."""
    for verb, pattern, operation in _routes(service):
        if verb == method and pattern.fullmatch(path):
            return operation
    return f"{method} {path}"


@cache
def _routes(service: str) -> list[tuple[str, re.Pattern[str], str]]:
    """Return method, path pattern and name of a service's operations, those with the longest fixed text first."""
    try:
        model = botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        return []
    operations = [model.operation_model(name) for name in model.operation_names]
    paths = [(operation.http["method"], operation.http["requestUri"].partition("?")[0], operation.name) for operation in operations]
    ordered = sorted(paths, key=lambda one: (one[1].count("{"), -len(one[1])))
    return [(method, _path_pattern(path), name) for method, path, name in ordered]


def _path_pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", path)
    kinds = (".+" if part.endswith("+}") else "[^/]+(?:/.*)?" if part.startswith("{") and part == parts[-2] else "[^/]+" for part in parts)
    return re.compile("".join(kind if part.startswith("{") else re.escape(part) for part, kind in zip(parts, kinds, strict=True)))


def error_code(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """Return the error code of an answer; None when it is a success."""
    if status < 400:
        return None
    named = headers.get("x-amzn-errortype", "").partition(":")[0]
    text = body.decode(errors="replace")
    found = re.search(r"<Code>([^<]+)</Code>", text) or re.search(r'"(?:__type|[cC]ode)"\s*:\s*"(?:[^"#]*#)?([^"]+)"', text)
    return named or (found[1] if found else str(status))


class RecordingMiddleware:
    """Records what passes through a WSGI application, and answers what moto fails on in a way that clients do not retry."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request on."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        query = environ.get("QUERY_STRING", "")
        call = describe(environ["REQUEST_METHOD"], environ["PATH_INFO"], query, headers, body)
        trouble = trouble_of(call, query, headers, body) if call else None
        answer: Answer = "", [], b""
        if trouble is None or trouble.moment is not Moment.BEFORE:
            answer = self._answer(environ, call)
        if trouble and trouble.code != CUT:
            answer = _error(environ.get("CONTENT_TYPE", ""), call, trouble.status, trouble.code, trouble.message)
        if call:
            _mention_repetition(call, headers, is_expected=settings.current.disturbances.any())
            _record(call, trouble.code if trouble else _error_code(answer))
        if trouble and trouble.code == CUT:
            return _cut(environ, start_response, answer, trouble.moment)
        start_response(*answer[:2])
        return [answer[2]]

    def _answer(self, environ: dict[str, Any], call: Call | None) -> Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        try:
            with turn(call):
                chunks = self._application(environ, lambda status, headers, _info=None: started.append((status, list(headers))))
                answer = b"".join(chunks)
        except NotImplementedError as error:
            return _failure(environ, call, "NotImplemented", f"The emulator cannot do this: {error}")
        except Exception as error:
            faults.note(error)
            return _failure(environ, call, "InternalFailure", f"The emulator failed: {error!r}")
        return started[-1][0], started[-1][1], answer


def _cut(environ: Mapping[str, Any], start_response: StartResponse, answer: Answer, moment: Moment) -> Iterator[bytes]:
    """Send what the client gets of the answer, and end the connection."""
    status, headers, body = answer
    if moment is Moment.AMID:
        start_response(status, headers)
        yield _torn(body)
    environ["werkzeug.socket"].shutdown(SHUT_RDWR)
    raise ConnectionCutError


def _torn(body: bytes) -> bytes:
    """Return what arrives of a body when the connection ends in its middle. Its length, which is in the headers, tells."""
    return body[: len(body) // 2]


def _mention_repetition(call: Call, headers: Mapping[str, str], is_expected: bool) -> None:
    """Say on stderr that a client asks again: the answer to its first attempt got lost, and a write may have been done already."""
    attempt = headers.get("amz-sdk-request", "")
    if not is_expected and not _FIRST_ATTEMPT.fullmatch(attempt):
        print(f"{call.operation} of account {call.account} in {call.region} is asked again ({attempt})", file=sys.stderr)


def _failure(environ: Mapping[str, Any], call: Call | None, code: str, message: str) -> Answer:
    """Answer what the emulator cannot do, with a status that clients do not ask again after, as they do after 500, 502, 503 and 504."""
    return _error(environ.get("CONTENT_TYPE", ""), call, "501 Not Implemented", code, message)


def _error(content_type: str, call: Call | None, status: str, code: str, message: str) -> Answer:
    """Answer with an error in the form of the request's protocol."""
    if "x-www-form-urlencoded" in content_type:
        answer_type = "text/xml"
        error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        is_ec2 = call is not None and call.service == "ec2"  # it has a protocol of its own, the others speak "query"
        body = (f"<Response><Errors>{error}</Errors></Response>" if is_ec2 else f"<ErrorResponse>{error}</ErrorResponse>").encode()
    else:
        answer_type = "application/json"
        body = json.dumps({"__type": code, "message": message}).encode()
    return status, [("Content-Type", answer_type), ("X-Amzn-ErrorType", code), ("Content-Length", str(len(body)))], body


def _error_code(answer: Answer) -> str | None:
    status, headers, body = answer
    return error_code(int(status.split()[0]), {name.lower(): value for name, value in headers}, body)


def _record(call: Call, error: str | None) -> None:
    recorder.add(Call(call.account, call.region, call.service, call.operation, call.write, error))


@replaces(BotocoreStubber, "process_request")
def process_request(original: Callable[..., Any], self: Any, request: Any) -> Any:
    """Do in process what the middleware does in the server; a connection that is cut is what botocore makes of one."""
    host_and_path, _mark, query = request.url.partition("://")[2].partition("?")
    headers = {name.lower(): _bytes(value).decode() for name, value in request.headers.items()}
    body = _bytes(request.body)
    call = describe(request.method, "/" + host_and_path.partition("/")[2], query, headers, body)
    trouble = trouble_of(call, query, headers, body) if call else None
    answer = None
    if trouble is None or trouble.moment is not Moment.BEFORE:
        with turn(call):
            answer = original(self, request)
    if call and trouble:
        _record(call, trouble.code)
        if trouble.code == CUT:
            return _cut_in_process(request.url, answer, trouble.moment)
        status, error_headers, content = _error(headers.get("content-type", ""), call, trouble.status, trouble.code, trouble.message)
        return int(status.split()[0]), dict(error_headers), content
    if call and answer is not None:
        number, answer_headers, content = answer
        _record(call, _error_code((str(number), [(str(name), str(value)) for name, value in dict(answer_headers).items()], _bytes(content))))
    return answer


def _cut_in_process(url: str, answer: Any, moment: Moment) -> Any:
    if answer is None or moment is not Moment.AMID:
        raise ConnectionClosedError(endpoint_url=url)
    status, headers, body = answer
    return status, {**headers, "Content-Length": str(len(_bytes(body)))}, _torn(_bytes(body))


def _bytes(value: Any) -> bytes:
    """Return text or bytes as bytes; a file that is sent counts as nothing."""
    return value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else b""
