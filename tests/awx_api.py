# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the API of AWX, as far as the modules of awx.awx use it to set something up. It stores what it gets, and judges none of it.

What is proved with it: that the modules take the options, find what they name, and change nothing the second time. What AWX itself refuses is not.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Record = dict[str, Any]
Answer = tuple[int, Any]

ROOT = "/api/v2/"
TEMPLATES = {
    "projects": "project",
    "inventory_sources": "inventory_source",
    "job_templates": "job_template",
    "workflow_job_templates": "workflow_job_template",
    "workflow_approval_templates": "workflow_approval",
}
"""What a node of a workflow can run, with what the API calls it."""
ENCRYPTED = {"password", "security_token"}
_PATH = re.compile(r"/api/v2/(?P<kind>\w+)/(?:(?P<id>\d+)/(?:(?P<under>\w+)/)?)?")


class AwxApi:
    """The API on 127.0.0.1, with an organization and the types of credentials that every AWX has."""

    def __init__(self) -> None:
        self.objects: dict[int, Record] = {}
        self.associations: dict[tuple[int, str], list[int]] = {}
        self.writes: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        for kind, name in (("organizations", "Default"), ("credential_types", "Amazon Web Services")):
            self._create(kind, {"name": name})

    def __enter__(self) -> AwxApi:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def all(self, kind: str) -> list[Record]:
        """All objects of a kind."""
        return [found for found in self.objects.values() if found["url"].startswith(f"{ROOT}{kind}/")]

    def related(self, number: int, association: str) -> list[int]:
        """The ids of what is associated with an object."""
        return self.associations.get((number, association), [])

    def answer(self, method: str, target: str, body: Mapping[str, Any]) -> Answer:
        """The status and the document with which a request is answered."""
        parts = urlsplit(target)
        found = _PATH.fullmatch(parts.path)
        if not found:
            return 404, {"detail": f"No such path: {target}"}
        with self._lock:
            if method != "GET":
                self.writes.append((method, parts.path))
            if not found["id"]:
                return self._collection(method, found["kind"], dict(parse_qsl(parts.query)), body)
            stored = self.objects.get(int(found["id"]))
            if stored is None:
                return 404, {"detail": "Not found."}
            return self._under(method, stored, found["under"], body) if found["under"] else self._object(method, stored, body)

    def _collection(self, method: str, kind: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Answer:
        if method == "POST":
            return 201, self._create(kind, body)
        if kind == "unified_job_templates":
            listed = [{**one, "type": type_} for plural, type_ in TEMPLATES.items() for one in self.all(plural)]
        else:
            listed = self.all(kind)
        return 200, _page([one for one in listed if all(str(one.get(name)) == value for name, value in query.items())])

    def _create(self, kind: str, body: Mapping[str, Any]) -> Record:
        number = len(self.objects) + 1
        url = f"{ROOT}{kind}/{number}/"
        made = {**body, "id": number, "url": url, "type": TEMPLATES.get(kind, kind[:-1]), "summary_fields": {}, "scm_revision": ""}
        made["related"] = {"survey_spec": f"{url}survey_spec/"}
        self.objects[number] = made
        self._hide(made)
        return made

    @staticmethod
    def _hide(stored: Record) -> None:
        """A secret is never told again."""
        if "inputs" in stored:
            stored["inputs"] = {name: "$encrypted$" if name in ENCRYPTED else value for name, value in stored["inputs"].items()}

    def _object(self, method: str, stored: Record, body: Mapping[str, Any]) -> Answer:
        if method == "PATCH":
            stored.update({name: value for name, value in body.items() if name in stored})  # a field that the object does not have is dropped
            self._hide(stored)
        return 200, stored

    def _under(self, method: str, stored: Record, under: str, body: Mapping[str, Any]) -> Answer:
        """What belongs to an object: its survey, its approval, or what is associated with it."""
        if under == "survey_spec":
            if method == "POST":
                stored["survey_spec"] = dict(body)
            return 200, stored.get("survey_spec", {})
        if under == "create_approval_template":
            made = self._create("workflow_approval_templates", {name: body[name] for name in ("name", "description", "timeout") if name in body})
            stored["unified_job_template"], stored["related"]["unified_job_template"] = made["id"], made["url"]
            return 201, made
        associated = self.associations.setdefault((stored["id"], under), [])
        if method == "GET":
            return 200, _page([self.objects[number] for number in associated])
        (associated.remove if body.get("disassociate") else associated.append)(int(body["id"]))
        return 204, None


def _page(found: list[Record]) -> Record:
    return {"count": len(found), "next": None, "previous": None, "results": found}


def _handler(api: AwxApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, document = api.answer(self.command, self.path, json.loads(body or b"{}"))
            told = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET: Callable[[Any], None] = _answer  # noqa: N815 - the name of the base class
        do_POST: Callable[[Any], None] = _answer  # noqa: N815 - the name of the base class
        do_PATCH: Callable[[Any], None] = _answer  # noqa: N815 - the name of the base class

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler
