# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says, made of what the modules of this collection returned. Pure: nothing is read, written or asked here.

The result of `report` is the JSON document as it is written, documented under RETURN in plugins/modules/report.py. Its times come from
the data, never from the clock, so that the same data always make the same document.

This plugin util is private to the collection.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import SEVERITIES
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import RUNNING, UNSUCCESSFUL, Pair
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem

FORMAT = "golden.imagebuilder.report"
VERSION = 1
"""Rises when a reader of the JSON document has to change: a member goes away or means something else. New members do not raise it."""

STATES = ("failed", "wrong", "missing", "unknown", "pending", "delivered", "not_asked")
"""What can be said of a delivery, the worst first."""

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Inputs:
    """What a report is made of; see the options of the same names in plugins/modules/report.py."""

    title: str | None = None
    image_result: Record = field(default_factory=dict)
    targets: Sequence[Target] = ()
    outcomes: Sequence[Record] = ()
    findings: Sequence[Record] = ()
    waves: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Evidence:
    """Everything that is known of one account and Region, to be judged."""

    ami: Record | None  # as the account itself shows it
    listed: Record | None  # as Image Builder lists it
    failures: Sequence[Record]
    refusal: str | None  # why the account could not be looked into
    is_delivered: bool  # Image Builder's word
    is_missing: bool
    is_open: bool  # the image is being made, or was not begun

    def state(self) -> str:
        """One of STATES. A failure that Image Builder noted stands, also beside an AMI; else the account's own word is the last."""
        if self.failures:
            return "failed"
        if self.ami is not None:
            return self._state_seen(self.ami)
        if self.refusal:
            return "unknown"
        if self.is_delivered:
            return "delivered"
        if self.is_open:
            return "pending"
        return "missing" if self.is_missing else "unknown"

    def _state_seen(self, ami: Record) -> str:
        if ami.get("image_id") and not ami.get("problems"):
            return "delivered"
        if ami.get("state") in ("failed", "unknown"):
            return str(ami["state"])
        if self.is_open and ami.get("state") in ("missing", "pending"):
            return "pending"
        return "wrong" if ami.get("image_id") else "missing"


def records_problems(path: str, records: Sequence[Any], required: Sequence[str]) -> list[Problem]:
    """What is wrong with a list of results of a module: entries that are no dictionaries, or lack what places them."""
    problems = []
    for index, record in enumerate(records):
        if not isinstance(record, Mapping):
            problems.append(Problem(f"{path}[{index}]", f"a dictionary is needed here, not {record!r}."))
        else:
            problems += [Problem(f"{path}[{index}].{name}", "is required here.") for name in required if not record.get(name)]
    return problems


def report(inputs: Inputs) -> dict[str, Any]:
    """The whole document."""
    image = _image(inputs)
    names = _names(inputs)
    findings = _findings(inputs, names)
    deliveries = _deliveries(inputs, names, findings)
    history = _history(inputs)
    broken = [_diagnosis(failure) for failure in _failures(inputs) if not failure.get("account_id")]
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": inputs.title or (f"Image {image['name']} {image['version']}" if image else "Image delivery"),
        **_times(inputs, history),
        "verdict": _verdict(inputs, deliveries, findings, broken),
        "counts": _counts(deliveries),
        "image": image,
        "history": history,
        "failures": broken,
        "waves": _waves(inputs, deliveries),
        "accounts": _accounts(inputs, names, deliveries),
        "regions": _regions(deliveries),
        "deliveries": deliveries,
        "findings": findings,
    }


# --- the image -------------------------------------------------------------------------------------------------------------------------------


def _described(inputs: Inputs) -> Record:
    return inputs.image_result.get("image") or {}


def _status(inputs: Inputs) -> str:
    return str((_described(inputs).get("state") or {}).get("status") or "")


def _is_planned(inputs: Inputs) -> bool:
    """Whether nothing was begun: nobody made the image, and nobody looked for it."""
    return not inputs.image_result and not inputs.outcomes


def _failures(inputs: Inputs) -> Sequence[Record]:
    return inputs.image_result.get("failures") or []


def _image(inputs: Inputs) -> dict[str, Any] | None:
    """What is told of the image; None where nothing is known of one."""
    image = _described(inputs)
    arn = str(image.get("arn") or "")
    if not arn:
        return None
    _kind, name, *version = arn.split("/")  # .../NAME/VERSION/BUILD
    account_id = arn.split(":")[4]
    amis = [ami for ami in inputs.image_result.get("amis") or [] if ami.get("account_id") == account_id]
    return {
        "arn": arn,
        "name": str(image.get("name") or name),
        "version": str(image.get("version") or "/".join(version)),
        "account_id": account_id,
        "state": _status(inputs) or None,
        "reason": str(inputs.image_result["msg"]) if inputs.image_result.get("failed") and inputs.image_result.get("msg") else None,
        "amis": [{"region": ami.get("region"), "image_id": ami.get("image"), "name": ami.get("name")} for ami in amis],
    }


def moment(text: Any) -> datetime | None:
    """A time out of a result of AWS or of a module, in UTC; None when it is none."""
    try:
        read = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return read.replace(tzinfo=timezone.utc) if read.tzinfo is None else read.astimezone(timezone.utc)


def _end(entry: Record) -> datetime | None:
    begun = moment(entry.get("since"))
    return begun + timedelta(seconds=float(entry.get("seconds") or 0)) if begun else None


def _history(inputs: Inputs) -> list[dict[str, Any]]:
    """The states that the image went through, with the time in each; one in which it rests is none of them."""
    return [
        {"state": str(entry["state"]), "since": _text(moment(entry.get("since"))), "seconds": round(float(entry.get("seconds") or 0))}
        for entry in inputs.image_result.get("history") or []
        if entry.get("state") in RUNNING
    ]


def _text(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z") if when else None


def _times(inputs: Inputs, history: Sequence[Record]) -> dict[str, Any]:
    """When the image was begun and done, and how long that took; null where the data do not tell."""
    begun = moment(history[0]["since"]) if history else None
    ended = _end(history[-1]) if history and _status(inputs) not in RUNNING else None
    return {
        "started": _text(begun or moment(_described(inputs).get("date_created"))),
        "ended": _text(ended),
        "seconds": sum(entry["seconds"] for entry in history) if history else None,
    }


# --- deliveries ------------------------------------------------------------------------------------------------------------------------------


def _pairs(records: Iterable[Record]) -> list[Pair]:
    return [Pair(str(record["account_id"]), str(record["region"])) for record in records if record.get("account_id") and record.get("region")]


def _seen(inputs: Inputs) -> dict[Pair, Record]:
    """By account and Region, the AMI as the account shows it."""
    return {pair: ami for outcome in inputs.outcomes for ami in outcome.get("amis") or [] for pair in _pairs([ami])}


def _asked(inputs: Inputs) -> list[Pair]:
    """Every account and Region that is to have the AMI: in the order of the targets, then what the image and the accounts tell beyond."""
    wanted = [Pair(target.account_id, region) for target in inputs.targets for region in target.regions]
    told = [record for name in ("delivered", "missing", "failures") for record in inputs.image_result.get(name) or []]
    return list(dict.fromkeys([*wanted, *sorted({*_pairs(told), *_seen(inputs)})]))


def _names(inputs: Inputs) -> dict[str, str]:
    """What each account is called, in the order in which they are shown."""
    told = [(str(record["account_id"]), record.get("name")) for record in (*inputs.outcomes, *inputs.findings) if record.get("account_id")]
    own = {target.account_id: target.name for target in inputs.targets}
    found = {**{account_id: str(name) for account_id, name in reversed(told) if name}, **own}
    everybody = dict.fromkeys([*own, *(account_id for account_id, _name in told), *(pair.account_id for pair in _asked(inputs))])
    return {account_id: found.get(account_id, account_id) for account_id in everybody}


def _deliveries(inputs: Inputs, names: Mapping[str, str], findings: Sequence[Record]) -> list[dict[str, Any]]:
    """One entry for each account and Region that is to have the AMI."""
    seen = _seen(inputs)
    delivered, missing = (frozenset(_pairs(inputs.image_result.get(name) or [])) for name in ("delivered", "missing"))
    listed = {pair: ami for ami in inputs.image_result.get("amis") or [] for pair in _pairs([ami])}
    failed, found = _by(_failures(inputs), "account_id"), _by(findings, "account_id")
    refusals = {str(outcome.get("account_id")): str(outcome.get("msg") or "") for outcome in inputs.outcomes if "amis" not in outcome}
    rows = []
    for pair in _asked(inputs):
        evidence = _Evidence(
            ami=seen.get(pair),
            listed=listed.get(pair),
            failures=[failure for failure in failed[pair.account_id] if failure.get("region") in (None, pair.region)],
            refusal=refusals.get(pair.account_id),
            is_delivered=pair in delivered or pair in listed,
            is_missing=pair in missing,
            is_open=_status(inputs) in RUNNING or _is_planned(inputs),
        )
        concerned = [finding["id"] for finding in found[pair.account_id] if finding["region"] in (None, pair.region)]
        rows.append(_delivery(pair, names[pair.account_id], inputs.waves.get(pair.account_id), evidence, concerned))
    return rows


def _by(records: Iterable[Record], key: str) -> defaultdict[str, list[Record]]:
    """Records by what they have under a key."""
    grouped: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        grouped[str(record.get(key))].append(record)
    return grouped


def _delivery(pair: Pair, name: str, wave: str | None, evidence: _Evidence, findings: Sequence[int]) -> dict[str, Any]:
    ami, listed = evidence.ami or {}, evidence.listed or {}
    problems = [evidence.refusal] if evidence.refusal and evidence.ami is None else list(ami.get("problems") or [])
    return {
        "account_id": pair.account_id,
        "name": name,
        "region": pair.region,
        "wave": wave,
        "state": evidence.state(),
        "verified": evidence.ami is not None,
        "image_id": ami.get("image_id") or listed.get("image"),
        "ami_name": ami.get("name") or listed.get("name"),
        "ami_state": ami.get("state"),
        "creation_date": ami.get("creation_date"),
        "encrypted": ami.get("encrypted"),
        "kms_key_id": ami.get("kms_key_id"),
        "expected_kms_key": ami.get("expected_kms_key"),
        "tags": dict(ami.get("tags") or {}),
        "problems": [str(problem) for problem in problems],
        "diagnoses": [_diagnosis(failure) for failure in evidence.failures],
        "findings": list(findings),
    }


def _diagnosis(failure: Record) -> dict[str, str]:
    return {name: str(failure.get(name) or "") for name in ("step", "message", "cause", "remedy")}


def _counts(deliveries: Sequence[Record]) -> dict[str, int]:
    counted = Counter(delivery["state"] for delivery in deliveries)
    return {state: counted[state] for state in STATES if state != "not_asked"}


def worst(states: Iterable[str]) -> str:
    """The worst of some states; `not_asked` when there is none."""
    return min(states, key=STATES.index, default="not_asked")


# --- what they add up to ---------------------------------------------------------------------------------------------------------------------


def _regions(deliveries: Sequence[Record]) -> list[dict[str, Any]]:
    """The Regions, in the order in which the targets name them."""
    return [{"region": region, **_tally(mine)} for region, mine in _by(deliveries, "region").items()]


def _accounts(inputs: Inputs, names: Mapping[str, str], deliveries: Sequence[Record]) -> list[dict[str, Any]]:
    own = _by(deliveries, "account_id")
    return [
        {"account_id": account_id, "name": name, "wave": inputs.waves.get(account_id), **_tally(own[account_id])}
        for account_id, name in names.items()
    ]


def _waves(inputs: Inputs, deliveries: Sequence[Record]) -> list[dict[str, Any]]:
    """The waves in the order in which they are run; empty when there is none."""
    members, own = Counter(inputs.waves.values()), _by(deliveries, "wave")
    return [{"wave": wave, "accounts": members[wave], **_tally(own[wave])} for wave in sorted(members, key=wave_order)]


def wave_order(wave: str) -> tuple[int, int, str]:
    """Numbers in their order, before names in theirs."""
    return (0, int(wave), "") if wave.isdecimal() else (1, 0, wave)


def _tally(deliveries: Sequence[Record]) -> dict[str, Any]:
    states = [delivery["state"] for delivery in deliveries]
    return {"state": worst(states), "delivered": states.count("delivered"), "expected": len(states)}


def _verdict(inputs: Inputs, deliveries: Sequence[Record], findings: Sequence[Record], broken: Sequence[Record]) -> dict[str, Any]:
    """The whole in one sentence, and as a state that programs can ask for."""
    counts = _counts(deliveries)
    delivered, expected = counts["delivered"], len(deliveries)
    numbers = {"delivered": delivered, "expected": expected, "verified": sum(delivery["verified"] for delivery in deliveries)}
    if _is_planned(inputs):
        return {"state": "planned", "sentence": _outlook(findings, expected), **numbers}
    if broken or _status(inputs) in UNSUCCESSFUL:
        state = "failed"
    elif counts["pending"] and counts["pending"] + delivered == expected:
        state = "running"
    else:
        state = "complete" if delivered == expected else "incomplete"
    return {"state": state, "sentence": _sum(delivered, expected), **numbers}


def _sum(delivered: int, expected: int) -> str:
    if not expected:
        return "No delivery was asked for."
    if expected == 1:
        return f"The only delivery is {'' if delivered else 'not '}in place."
    if delivered == expected:
        return f"All {expected:,} deliveries are in place."
    if not delivered:
        return f"None of {expected:,} deliveries is in place."
    return f"{delivered:,} of {expected:,} deliveries {'is' if delivered == 1 else 'are'} in place."


def _outlook(findings: Sequence[Record], expected: int) -> str:
    """What preflight says of deliveries that were not begun."""
    counted = Counter(finding["severity"] for finding in findings)
    goal = f"{expected:,} {'delivery' if expected == 1 else 'deliveries'}"
    if counted["error"]:
        return f"{counted['error']} {'error stands' if counted['error'] == 1 else 'errors stand'} in the way of {goal}."
    if counted["unknown"]:
        return f"No known error stands in the way of {goal}, but not everything could be looked at."
    return f"Nothing stands in the way of {goal}."


# --- preflight -------------------------------------------------------------------------------------------------------------------------------


def _findings(inputs: Inputs, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The findings, the gravest first, then by check and in the order of the accounts. Each has an `id`, its place in the list."""
    order = {account_id: index for index, account_id in enumerate(names)}
    rows = [_finding(finding, names) for finding in inputs.findings]
    rows.sort(key=lambda row: (SEVERITIES.index(row["severity"]), row["check"], order.get(str(row["account_id"]), -1), row["region"] or ""))
    return [{"id": index, **row} for index, row in enumerate(rows, 1)]


def _finding(finding: Record, names: Mapping[str, str]) -> dict[str, Any]:
    account_id = str(finding["account_id"]) if finding.get("account_id") else None
    severity = str(finding.get("severity"))
    texts = {name: str(finding.get(name) or "") for name in ("check", "found", "needed", "remedy_task", "remedy_command")}
    return {
        "severity": severity if severity in SEVERITIES else "unknown",
        "account_id": account_id,
        "name": names.get(account_id or "", finding.get("name")),
        "region": finding.get("region") or None,
        **texts,
    }
