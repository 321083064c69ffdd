"""From a method and a path to an operation: exactly the documented ones, with parameters decoded."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.routes import Routes
from properties.promised import OPERATIONS, VENDORS, lasting_fake, pack

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FROB")
every_vendor = pytest.mark.parametrize("vendor", VENDORS)


def routes(vendor: str) -> Routes:
    """The routes of a vendor's contract."""
    return lasting_fake(vendor).vendors[vendor].routes


@pytest.mark.parametrize(("vendor", "name"), OPERATIONS)
@given(value=st.text(min_size=1, max_size=30))
def test_operation_is_found_at_its_path(vendor: str, name: str, value: str) -> None:
    """Whatever a parameter holds, once percent-encoded, it arrives as it was."""
    operation = pack(vendor).operations[name]
    head, brace, rest = operation.path.partition("{")
    path = head + (quote(value, safe="") + rest.partition("}")[2] if brace else "")
    found = routes(vendor).find(operation.method, path)

    assert found.endpoint is not None
    assert found.endpoint.operation.id == name
    assert found.parameters == ({rest.partition("}")[0]: value} if brace else {})


@pytest.mark.parametrize(("vendor", "name"), OPERATIONS)
def test_other_method_finds_none_but_tells_which_there_are(vendor: str, name: str) -> None:
    """The methods of the path, in order, for the header Allow."""
    path = pack(vendor).operations[name].path
    exist = {each.method for each in pack(vendor).operations.values() if each.path == path}
    for method in METHODS:
        found = routes(vendor).find(method, path.replace("{", "").replace("}", ""))
        assert (found.endpoint is not None) == (method in exist)
        assert method in exist or found.allow.split(", ") == sorted(exist)


@every_vendor
def test_neighbours_of_a_path_are_nothing(vendor: str) -> None:
    """A slash more, a letter more, a level more, another case: no operation, and no methods."""
    for operation in pack(vendor).operations.values():
        path = operation.path.replace("{", "").replace("}", "")
        template = "{" in operation.path
        for near in (
            path + "/",
            "/" + path,
            path.upper(),
            path + "/x/y",
            path[:-1] if not template else "/x",
            "",
            "/",
            "*",
        ):
            others = {each.path for each in pack(vendor).operations.values()}
            if near not in others:
                assert routes(vendor).find(operation.method, near).endpoint is None, near
        if not template and f"{path}/{{" not in "".join(sorted(pack(vendor).openapi["paths"])):
            assert routes(vendor).find(operation.method, path + "x").endpoint is None


@every_vendor
def test_parameter_is_one_segment(vendor: str) -> None:
    """It is not empty and holds no slash, unless the slash was encoded."""
    for operation in pack(vendor).operations.values():
        if "{" in operation.path:
            head, _, rest = operation.path.partition("{")
            tail = rest.partition("}")[2]
            for none in (head + tail, head + "a/b" + tail):
                assert routes(vendor).find(operation.method, none).endpoint is None
            found = routes(vendor).find(operation.method, head + "a%2Fb" + tail)
            assert list(found.parameters.values()) == ["a/b"]


def test_parameter_may_have_any_name_and_stand_anywhere() -> None:
    """Names that no programming language would take, several in one path, text on both sides."""
    submit = next(iter(lasting_fake(VENDORS[0]).vendors[VENDORS[0]].endpoints.values()))
    placed = submit._replace(operation=submit.operation._replace(path="/a/{job-id}/b.{2nd}", method="GET"))
    found = Routes([placed]).find("GET", "/a/x%20y/b.z")

    assert found.endpoint is placed
    assert found.parameters == {"job-id": "x y", "2nd": "z"}
    assert Routes([placed]).find("GET", "/a/x/bcz").endpoint is None
