"""The findings of the page: what is wrong, who says so, what was sent, what came back, how to see it again."""

from __future__ import annotations

from contracts.exchange import HeaderLines
from contracts.report.bodies import readable
from contracts.report.digest import Digest, ToldExchange, ToldFinding
from contracts.report.markup import Markup, tag
from contracts.report.plain import counted
from specs.pointers import Json

_CAME = "What came back"
# Of the first few, the telling exchange is there to see at once.
_UNFOLDED_MAX = 3


def findings_section(told: Digest) -> Markup | None:
    """Every finding, in the verdict's order."""
    if not told.findings:
        return None
    return tag(
        "section",
        tag("h2", "Findings ", tag("span", f"{len(told.findings):,}", class_="count")),
        *(_finding(each) for each in told.findings),
        id="findings",
    )


def _finding(each: ToldFinding) -> Markup:
    level = tag("span", each.level, class_=f"chip {each.level}")
    where = tag("code", each.place, class_="pointer") if each.place else None
    return tag(
        "article",
        tag("p", level, " ", tag("code", each.rule), " ", where, class_="about"),
        tag("h3", each.message),
        tag("p", f"Source: {each.source}", class_="hint") if each.source else None,
        *_story(each),
        *(
            _exchange(exchange, unfolded=index == 0 and each.number <= _UNFOLDED_MAX)
            for index, exchange in enumerate(each.exchanges)
        ),
        tag("p", f"and {counted(each.left_out, 'more exchange')}", class_="hint") if each.left_out else None,
        class_=f"finding {each.level}",
        id=f"finding-{each.number}",
    )


def _story(each: ToldFinding) -> list[Markup]:
    """What happened, and the command that plays it again."""
    if not each.story:
        return []
    lines = tag("ol", *(tag("li", line) for line in each.story), class_="story")
    return [lines, tag("p", "See it again:", class_="hint"), tag("pre", each.replay, class_="copy")]


def _exchange(each: ToldExchange, *, unfolded: bool) -> Markup:
    status = tag("b", "no answer") if each.response is None else tag("b", str(each.response.status))
    summary = tag(
        "summary",
        tag("code", f"{each.request.method} {each.request.url}"),
        " → ",
        status,
        " ",
        tag("span", _when(each), class_="hint"),
    )
    return tag(
        "details",
        summary,
        tag("p", f"The case: {each.words}", class_="hint") if each.words else None,
        tag("div", _message("What was sent", each.request.headers, each.request.body), _response(each), class_="sides"),
        tag("p", "See it again:", class_="hint"),
        tag("pre", each.reproduce, class_="copy"),
        class_="exchange",
        open=unfolded,
    )


def _when(each: ToldExchange) -> str:
    seconds = each.answered_seconds - each.sent_seconds
    took = f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
    return f"in {took}, {each.sent_seconds:.2f} s into the run, {each.caller}"


def _response(each: ToldExchange) -> Markup:
    if each.response is None:
        return tag("div", tag("h4", _CAME), tag("p", f"nothing: {each.trouble or 'no answer'}"), class_="message")
    return _message(_CAME, each.response.headers, each.response.body)


def _message(title: str, headers: HeaderLines, body: Json) -> Markup:
    listed = "\n".join(f"{name}: {value}" for name, value in headers)
    lines = counted(len(headers), "header")
    return tag(
        "div",
        tag("h4", title),
        tag("details", tag("summary", lines), tag("pre", listed), class_="headers") if headers else None,
        tag("pre", readable(body)) if body is not None else tag("p", "no body", class_="hint"),
        class_="message",
    )
