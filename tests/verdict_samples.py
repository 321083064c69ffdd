"""Verdicts made by hand, about an invented vendor: one broken in every way, one clean, for the tests of reports."""

from dataclasses import replace

from contracts.exchange import KEY, NOBODY, OTHER, Exchange, HeaderLines, Purpose
from contracts.finding import ConstraintRow, Finding, LawRow, Outcome, Verdict

KEY_VALUE = "sk-live-0a1b2c3d4e5f"
OTHER_VALUE = "sk-live-99887766554433"
BAD_VALUE = "sk-revoked-7777"
BASE = "http://127.0.0.1:9000/gateway"
SENT_HEADERS: HeaderLines = (
    ("Host", "127.0.0.1:9000"),
    ("Accept", "*/*"),
    ("User-Agent", "understudy"),
    ("Authorization", f"Bearer {KEY_VALUE}"),
    ("Content-Type", "application/json"),
)
JSON_HEADERS: HeaderLines = (("content-type", "application/json"), ("x-request-id", "r-1"))
PAGE = "Acme, video jobs"


def row(pointer: str, rule: str, limit: str, accepts: Outcome, rejects: Outcome) -> ConstraintRow:
    """A constraint of jobs."""
    return ConstraintRow(
        id=f"createVideo:{pointer or '/'}:{rule}",
        operation="createVideo",
        pointer=pointer,
        rule=rule,
        limit=limit,
        condition="",
        source=PAGE,
        standing="documented",
        accepts=accepts,
        rejects=rejects,
    )


def law(rule: str, title: str, outcome: Outcome, checked: int, note: str = "") -> LawRow:
    """A law of level error."""
    return LawRow(rule=rule, level="error", title=title, outcome=outcome, checked=checked, note=note)


CONSTRAINTS = (
    row("", "type", "object", "ok", "ok"),
    row("/prompt", "required", "true", "ok", "ok"),
    row("/prompt", "maxLength", "2500", "ok", "fails"),
    row("/mode", "enum", "std, pro", "fails", "ok"),
    replace(
        row("/multi_prompt", "sum-equals", "/duration", "ok", "ok"),
        condition="when multi_shot is true",
        standing="decided",
    ),
    replace(
        row("/image", "image-bytes", "10485760", "untested", "ok"),
        note="a picture of ten megabytes is not sent unless asked for",
    ),
    replace(
        row("/external_id", "unique-in-account", "true", "untested", "untested"),
        note="no second account was given (--other-key)",
    ),
    replace(
        row("{id}", "format", "uuid", "ok", "fails"),
        id="getVideo:{id}:format",
        operation="getVideo",
        source="Acme, reading a job",
        standing="elsewhere",
    ),
)
LAWS = (
    law("status.accepted", "what is valid is accepted", "fails", 41),
    law("status.refused", "what breaks one constraint is refused", "fails", 57),
    law("lifecycle.order", "a task never goes back", "fails", 12),
    law("lifecycle.result", "a result comes with completion, not before", "ok", 12),
    law("account.hidden", "another account's task is invisible", "untested", 0, CONSTRAINTS[6].note),
    replace(law("robustness.answer", "every request is answered", "fails", 230), level="warning"),
)
POLL = Exchange(
    number=7,
    operation="getVideo",
    method="GET",
    base=BASE,
    path="/v1/videos/7f0a",
    request_headers=SENT_HEADERS[:4],
    sent_seconds=1.5,
    answered_seconds=1.512,
    status=200,
    headers=JSON_HEADERS,
    body=b'{"id": "7f0a", "status": "processing", "progress": 60}',
    purpose=Purpose(expects="accepted", words="how the task is getting on", law="lifecycle.order"),
)
EXCHANGES = (
    Exchange(
        number=3,
        operation="createVideo",
        method="POST",
        base=BASE,
        path="/v1/videos",
        request_headers=SENT_HEADERS,
        request_body=b'{"prompt": "' + b"x" * 2501 + b'", "mode": "std"}',
        sent_seconds=0.25,
        answered_seconds=0.375,
        status=202,
        headers=(*JSON_HEADERS, ("set-cookie", "session=abcdef0123456789")),
        body=b'{"id": "7f0a", "status": "pending"}',
        purpose=Purpose(
            expects="refused", words="prompt of 2501 characters", constraint="createVideo:/prompt:maxLength"
        ),
    ),
    Exchange(
        number=4,
        operation="createVideo",
        method="POST",
        base=BASE,
        path="/v1/videos",
        query=f"api_key={KEY_VALUE}",
        request_headers=SENT_HEADERS,
        request_body='{"prompt": "it\'s a \\"cat\\"\\n猫 🐈", "mode": "pro"}'.encode(),
        sent_seconds=0.5,
        answered_seconds=0.625,
        status=400,
        headers=(("content-type", "text/html; charset=utf-8"),),
        body=f"<html><script>alert('{KEY_VALUE}')</script>\x1b[31m caf\xe9".encode("latin-1"),
        purpose=Purpose(expects="accepted", words="mode of 'pro'", constraint="createVideo:/mode:enum"),
    ),
    replace(POLL, number=6, sent_seconds=1.0, answered_seconds=1.01, body=b'{"id": "7f0a", "status": "completed"}'),
    POLL,
    replace(POLL, number=8, account=OTHER, request_headers=(("Authorization", f"Bearer {OTHER_VALUE}"),)),
    replace(POLL, number=9, account=NOBODY, request_headers=(("Authorization", f"Bearer {BAD_VALUE}"),)),
    Exchange(
        number=12,
        operation="getVideo",
        method="GET",
        base=BASE,
        path="/v1/videos/%00",
        request_headers=SENT_HEADERS[:4],
        sent_seconds=3.0,
        answered_seconds=13.0,
        trouble="no answer within 10 seconds",
        account=KEY,
        purpose=Purpose(expects="refused", words="an id that is no UUID", constraint="getVideo:{id}:format"),
    ),
)
FINDINGS = (
    Finding(
        rule="status.refused",
        level="error",
        operation="createVideo",
        pointer="/prompt",
        message="A prompt of 2501 characters is accepted with 202; the limit is 2500.",
        source=f"{PAGE} (documented)",
        constraint="createVideo:/prompt:maxLength",
        exchanges=(3,),
    ),
    Finding(
        rule="status.accepted",
        level="error",
        operation="createVideo",
        pointer="/mode",
        message="mode 'pro' is refused with 400; it is one of the documented words.",
        source=f"{PAGE} (documented)",
        constraint="createVideo:/mode:enum",
        exchanges=(4,),
    ),
    Finding(
        rule="lifecycle.order",
        level="error",
        operation="getVideo",
        pointer="/status",
        message="The task goes back from completed to processing.",
        source="Acme, reading a job (elsewhere)",
        exchanges=(7, 6, 3),
    ),
    Finding(
        rule="robustness.answer",
        level="warning",
        operation="getVideo",
        pointer=None,
        message="An id that is no UUID gets no answer.",
        constraint="getVideo:{id}:format",
        exchanges=(12,),
    ),
)
BROKEN = Verdict(
    vendor="acme",
    title="Acme Video",
    target=BASE,
    seed=7,
    constraints=CONSTRAINTS,
    laws=LAWS,
    findings=FINDINGS,
    exchanges=EXCHANGES,
    submissions=2,
    seconds=14.25,
    began_at="2026-05-04T12:30:00Z",
)
KEPT = replace(
    BROKEN,
    constraints=tuple(replace(each, accepts="ok", rejects="ok", note="") for each in CONSTRAINTS),
    laws=tuple(replace(each, outcome="ok", checked=each.checked or 3, note="") for each in LAWS),
    findings=(),
    exchanges=EXCHANGES[:3],
    replay='understudy verify gateway acme --url http://127.0.0.1:9000/gateway --key "$UNDERSTUDY_KEY" --seed 7',
)
SAMPLES = {"broken": BROKEN, "kept": KEPT}
