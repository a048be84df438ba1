# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server that all competitors talk to: `python -m benchmarks.server`. Every answer takes the same time, so the clients are measured.

Besides the protocols of AWS (query for IAM and STS, JSON for KMS) it answers at /benchmark: GET tells the state and the calls since the last
POST, and POST forgets the calls or, with ?everything=1, the state too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from aiohttp import web

from .state import Caller, RefusedError, State

_CREDENTIAL = re.compile(r"Credential=\w{4}(?P<account_id>\d{12})\w*/\d{8}/(?P<region>[a-z0-9-]+)/")
_READING = ("Assume", "Describe", "Get", "List")


class Server:
    """State, counters and the time that an answer takes."""

    def __init__(self, answer_seconds: float) -> None:
        self.answer_seconds = answer_seconds
        self.state = State()
        self.calls: Counter[str] = Counter()

    async def aws(self, request: web.Request) -> web.Response:
        """Answer a call of AWS's API, not before its time."""
        due = asyncio.get_running_loop().time() + self.answer_seconds
        text = await request.text()
        target = request.headers.get("X-Amz-Target")
        response = self._json(request, target.rpartition(".")[2], json.loads(text or "{}")) if target else self._query(request, dict(parse_qsl(text)))
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        return response

    def _call(self, request: web.Request, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        signed = _CREDENTIAL.search(request.headers.get("Authorization", ""))
        if signed is None:
            raise RefusedError("IncompleteSignature", "the call is not signed with credentials of the benchmark")
        self.calls[operation] += 1
        return self.state.call(operation, Caller(signed["account_id"], signed["region"]), parameters)

    def _json(self, request: web.Request, operation: str, parameters: Mapping[str, Any]) -> web.Response:
        try:
            body, status = self._call(request, operation, parameters), 200
        except RefusedError as error:
            body, status = {"__type": error.code, "message": error.message}, 400
        return web.Response(text=json.dumps(body), status=status, content_type="application/x-amz-json-1.1")

    def _query(self, request: web.Request, parameters: dict[str, str]) -> web.Response:
        operation = parameters.get("Action", "")
        try:
            result = xml(self._call(request, operation, parameters))
            body, status = f"<{operation}Response><{operation}Result>{result}</{operation}Result>{_METADATA}</{operation}Response>", 200
        except RefusedError as error:
            detail = xml({"Error": {"Type": "Sender", "Code": error.code, "Message": error.message}})
            body, status = f"<ErrorResponse>{detail}<RequestId>1</RequestId></ErrorResponse>", 404 if error.code == "NoSuchEntity" else 400
        return web.Response(text=body, status=status, content_type="text/xml")

    async def show(self, _request: web.Request) -> web.Response:
        """The state, and what was called."""
        writes = sum(count for operation, count in self.calls.items() if not operation.startswith(_READING))
        return web.json_response({"state": self.state.shown(), "calls": dict(self.calls), "writes": writes})

    async def forget(self, request: web.Request) -> web.Response:
        """Begin to count anew."""
        self.calls.clear()
        if "everything" in request.query:
            self.state = State()
        return web.json_response({})


_METADATA = "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"


def xml(value: Any) -> str:
    """A value as the query protocol writes it: structures by name, lists of <member>."""
    if isinstance(value, Mapping):
        return "".join(f"<{name}>{xml(member)}</{name}>" for name, member in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{xml(member)}</member>" for member in value)
    return escape(str(value))


async def serve(answer_seconds: float) -> None:
    """Serve on a free port of 127.0.0.1 until the process is ended, after printing the address."""
    server = Server(answer_seconds)
    application = web.Application(client_max_size=4 * 1024 * 1024)
    application.add_routes([web.get("/benchmark", server.show), web.post("/benchmark", server.forget), web.post("/{path:.*}", server.aws)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Run the server."""
    parser = argparse.ArgumentParser(description="Just enough of AWS for the benchmark.")
    parser.add_argument("--answer-ms", type=float, default=30)
    asyncio.run(serve(parser.parse_args().answer_ms / 1000))


if __name__ == "__main__":
    main()
